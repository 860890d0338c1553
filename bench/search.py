"""How long matching takes in this process: pasted logs to errors, questions to glossary terms, and how it grows.

Every figure is of one core, warm. The tenfold knowledge is made of the shipped entries with other words in them, so
that lists grow as they would. Nothing is asserted here; the test asserts that the figures are there and sane.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from knowledge.catalog import ErrorClass, Signature, Term
from knowledge.content_loader import load_knowledge
from knowledge.search.define import TermIndex
from knowledge.search.diagnose import ErrorIndex

HOSTILE = ("failed to allocate ", "CUDA error ", "a" * 4000, "tensor 'x' ", "((((", "out of memory\n")


def log_of(errors: Sequence[ErrorClass], size: int) -> str:
    """Make a log of `size` characters: start-up lines with a class's example here and there."""
    quiet = (
        "print_info: n_ctx_train      = 40960\nllama_kv_cache: layer  12: dev = CUDA0\nslot update: n_past = 512\n" * 6
    )
    blocks = [quiet + error.example + "\n" for error in errors]
    text = "".join(blocks)
    return (text * (size // len(text) + 1))[:size]


def timed(work: Callable[[str], object], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Milliseconds of one call: the middle, the 99th of a hundred."""
    for text in texts:
        work(text)
    took = []
    for _ in range(rounds):
        for text in texts:
            start = time.perf_counter()
            work(text)
            took.append((time.perf_counter() - start) * 1e3)
    took.sort()
    return {"p50_ms": round(took[len(took) // 2], 3), "p99_ms": round(took[int(len(took) * 0.99)], 3)}


def tenfold_errors(errors: Sequence[ErrorClass], times: int = 10) -> list[ErrorClass]:
    """Make `times` as many classes, each copy with marks of its own in patterns and phrases."""
    return [
        error
        if n == 0
        else replace(
            error,
            id=f"{error.id}_{n}",
            signatures=tuple(Signature(pattern=f"{s.pattern} q{n}x", weight=s.weight) for s in error.signatures),
            cues=tuple(f"{cue} variant{n}q" for cue in error.cues),
        )
        for error in errors
        for n in range(times)
    ]


def tenfold_terms(terms: Sequence[Term], times: int = 10) -> list[Term]:
    """Make `times` as many terms, each copy under names of its own."""
    return [
        term
        if n == 0
        else replace(
            term,
            id=f"{term.id}-{n}",
            term=f"{term.term} q{n}x",
            aliases=tuple(f"{alias} q{n}x" for alias in term.aliases),
        )
        for term in terms
        for n in range(times)
    ]


def measure(rounds: int) -> dict[str, object]:
    """Take all figures."""
    knowledge = load_knowledge()
    errors, terms = list(knowledge.errors.values()), list(knowledge.terms.values())
    start = time.perf_counter()
    error_index, term_index = ErrorIndex.build(errors), TermIndex.build(terms)
    built_s = time.perf_counter() - start
    questions = [f"what is {term.term}" for term in terms[:100]]
    questions += ["min p versus top p", "explain specualtive decoding"]
    logs = [log_of(errors[n::7], 8_000) for n in range(7)]
    large = [log_of(errors, 1_000_000)]
    return {
        "build_s": round(built_s, 3),
        "diagnose_8kb": timed(error_index.diagnose, logs, rounds),
        "diagnose_1mb": timed(error_index.diagnose, large, max(rounds // 10, 3)),
        "diagnose_hostile_1mb": timed(error_index.diagnose, [(unit * 1_000_000)[:1_000_000] for unit in HOSTILE], 1),
        "define": timed(term_index.define, questions, max(rounds // 10, 1)),
        "diagnose_8kb_tenfold": timed(ErrorIndex.build(tenfold_errors(errors)).diagnose, logs, rounds),
        "define_tenfold": timed(TermIndex.build(tenfold_terms(terms)).define, questions, max(rounds // 10, 1)),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    print(json.dumps(measure(parser.parse_args(arguments).rounds), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
