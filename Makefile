# Two commands do it all: `make run` and `make test`. Each sets up what it needs first.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
MONTH  ?= 2026-04

.PHONY: run test check bench eval setup demo docs format clean

run: demo             ## sync the store, answer three questions, render a digest, then run the Procfile's processes
	$(VENV)/bin/honcho start bot digest web

demo: setup           ## the first half of `make run`: everything but the long-running processes
	@$(PY) -m knowledge demo
	@echo "The digest of a real month:"
	@$(PY) -m digest preview --month $(MONTH)

test: setup           ## every test; what is not installed is skipped with a reason (REQUIRE_ALL=1: fails)
	$(PY) -m pytest

check: setup          ## lint, types, import contracts, content
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m knowledge check

bench: setup          ## every figure in bench/, paired with its ceiling or peer
	$(PY) -m bench

eval: setup           ## accuracy against measured rows; fails where a figure got worse than the recorded one
	$(PY) -m knowledge evaluate --truth $${TRUTH:-../shared/truth} --gate tests/accuracy/recorded.json

setup: $(STAMP)       ## virtual environment with the locked dependencies

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@-$(PY) -OO -c 'import bot.serve'  # the bot runs so: its code is compiled once, here, not at its first start
	@-$(PY) -c 'from knowledge import content_loader as c, precompiled; precompiled.make(c.load_content().models)'  # and models
	@touch $(STAMP)

docs: setup           ## commands.md and settings.md from the code
	$(PY) docs/generate.py

format: setup         ## write the house style into the files
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean:                ## remove what make made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
