"""How well free questions are met: what `ask` would show first, against what the asker would have wanted.

The questions are our own, written as strangers type them before anything was tuned on them (own/README.md tells which
sets were looked at since). Every row names all that would do: a kind of answer, or a page, term, error or tool by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge.answers import Answers
from knowledge.asking import Asked
from knowledge.half_asked import names_no_model

QUESTIONS = Path(__file__).parent / "own" / "asked.tsv"


def evaluate_asked(answers: Answers) -> Mapping[str, Any]:
    """The share of each set's questions that are met, in English and in other languages."""
    met: dict[str, list[bool]] = {}
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        part, language, wanted, text = line.split("\t")
        right = bool(shown(answers.ask(text)) & set(wanted.split("|")))
        met.setdefault(f"{part}_{'en' if language == 'en' else 'others'}", []).append(right)
    return {f"{name}_right": sum(rights) / len(rights) for name, rights in met.items()}


def shown(asked: Asked) -> set[str]:
    """What is shown first, by all the names a row may call it: as the bot and the command line choose."""
    others = asked.fits or asked.needs or asked.terms or asked.errors or asked.tools
    if asked.pages and (asked.page_first or not others):
        return {f"page:{asked.pages[0].id}"}
    if asked.errors or asked.route == "diagnose":
        return {f"error:{asked.errors[0][0].id}"} if asked.errors else {"open"}
    if asked.needs:
        return {"needs", "compare"} if len(asked.needs) > 1 else {"needs"}
    if asked.fits:
        if names_no_model(asked.question):
            return {"best"}
        return {"fit", "compare"} if len(asked.fits) > 1 else {"fit"}
    if asked.tools:
        return {f"tool:{asked.tools[0].id}"}
    return {f"term:{asked.terms[0].id}"} if asked.terms else {"open" if asked.open_text else "other"}
