"""docs/operations.md, Procfile and the programs say the same."""

from __future__ import annotations

import re
import shlex

import digest.__main__
from bot.__main__ import parser as bot_parser
from knowledge.cli.arguments import build_parser
from knowledge.store.tables.every import metadata
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROCFILE = dict(
    line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines() if line.strip()
)
PARSERS = {"knowledge": build_parser, "digest": digest.__main__.parser, "bot": bot_parser}


def test_the_procfile_has_the_four_processes_and_each_can_start() -> None:
    assert list(PROCFILE) == ["release", "bot", "digest", "web"]
    for command in PROCFILE.values():
        started, (package, *words) = command.split(" -m ", 1)[0], shlex.split(command.split(" -m ", 1)[1])
        assert started == (".venv/bin/python -OO" if package == "bot" else ".venv/bin/python")
        assert PARSERS[package]().parse_args(words) is not None


def test_make_run_starts_those_that_live_on() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"honcho start {' '.join(name for name in PROCFILE if name != 'release')}\n" in makefile


def test_units_and_procfile_start_the_same() -> None:
    """Less what is only for trying out (`--or-…`)."""
    units = {command.split(" -m ", 1)[1] for command in re.findall(r"^ExecStart=(.+)$", PAGE, re.MULTILINE)}
    assert units == {re.sub(r" --or-\w+", "", command).split(" -m ", 1)[1] for command in PROCFILE.values()}


def test_every_setting_and_table_named_exists() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:DIGEST|SMTP|IMAP|RUNLOCALAI|DISCORD|DATABASE)_[A-Z_]+)", PAGE))
    assert len(named) > 10
    assert {name for name in named if f"`{name}`" not in documented} == set()
    rows = re.search(r"### What is in it\n(.*?)\n\n[A-Z#]", PAGE, re.DOTALL)
    assert rows is not None
    tables = {
        name for line in rows[1].splitlines() if "|" in line for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert tables - set(metadata.tables) - {"alembic_version"} == set()


def test_every_command_named_exists() -> None:
    for package, words in re.findall(r"python -m (knowledge|digest|bot) ([a-z-]+)", PAGE):
        commands = next(
            action.choices for action in PARSERS[package]()._actions if hasattr(action, "choices") and action.choices
        )
        assert words in commands, f"{package} {words}"
