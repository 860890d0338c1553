"""What `ask` makes of a free text: where it is routed, and the answers of fit, glossary, errors and pages put together.

The answers themselves are `Answers`' methods; no index is held here and nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from knowledge import stand_ins
from knowledge.asking import (
    PLAIN_CHARS,
    Asked,
    HardwareAsk,
    alternatives,
    asks_of,
    check_question,
    missing_in,
    on_cpu_alone,
    oom_text,
    suggested,
    use_of,
)
from knowledge.catalog import Knowledge
from knowledge.errors import KnowledgeError
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer
from knowledge.question.route import route
from knowledge.question.types import FitQuestion
from knowledge.search.oom import read_oom
from knowledge.search.pages import SURE, PageIndex
from knowledge.search.types import ErrorHit, TermHit

NAMED_TERM = 0.5
"""A term found with this score is worth showing where a fit question lacks what it would take to answer it."""


class Source(Protocol):
    """What of `Answers` is needed here."""

    knowledge: Knowledge

    @property
    def pages(self) -> PageIndex:
        """Guides, quick answers and kits."""

    def parse(self, text: str) -> FitQuestion:
        """A text as a question."""

    def term_hits(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """Terms a text asks about."""

    def error_hits(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Errors a text shows."""

    def fits_for(self, question: FitQuestion) -> tuple[FitAnswer, ...]:
        """Answers to a parsed question."""

    def best(
        self,
        hardware: Sequence[HardwareAsk],
        *,
        ram_gib: float | None = None,
        use: str = "chat",
        n_ctx: int = 8192,
        limit: int = 10,
    ) -> list[Ranked]:
        """Models that run best on a rig."""


def ask(answers: Source, text: str) -> Asked:
    """Route a free text to fit, definition or diagnosis, and answer it. Raises BadInput where it is empty."""
    text = check_question(text)
    question = on_cpu_alone(answers.parse(text))
    if len(text) <= PLAIN_CHARS and question.model and question.hardware and route(text, question) == "fit":
        return _fit(answers, question)
    asked = _routed(answers, text, question)
    hits = answers.pages.hits(text)
    sure = not asked.fits and any(score >= SURE for _, score in hits)
    return replace(asked, pages=tuple(answers.knowledge.pages[id_] for id_, _ in hits), page_first=sure)


def _routed(answers: Source, text: str, question: FitQuestion) -> Asked:
    knowledge = answers.knowledge
    errors = answers.error_hits(text)
    terms = answers.term_hits(text)
    where = route(text, question, terms=tuple(h.score for h in terms), errors=tuple(h.confidence for h in errors))
    if where == "fit":
        asked = _fit(answers, question)
        named = () if asked.fits else tuple(knowledge.terms[hit.id] for hit in terms if hit.score >= NAMED_TERM)
        return replace(asked, terms=named)
    if where == "define":
        return Asked(route=where, question=question, terms=tuple(knowledge.terms[hit.id] for hit in terms))
    if where == "diagnose":
        found = tuple((knowledge.errors[hit.id], hit.confidence) for hit in errors)
        return replace(_out_of_memory(answers, text, question), route=where, errors=found)
    return Asked(route=where, question=question)


def _out_of_memory(answers: Source, text: str, question: FitQuestion) -> Asked:
    """What the estimator says to a log of memory run out: the same model on the same device, and what would fit."""
    facts = read_oom(text)
    if facts is None:
        return Asked(route="diagnose", question=question)
    told = Asked(route="diagnose", question=question, open_text=oom_text(facts))
    device = next((m.id for m in question.hardware if m.id), None)
    if question.model is None or device is None:
        return told
    try:
        fits = answers.fits_for(replace(question, n_ctx=question.n_ctx or facts.n_ctx))
    except KnowledgeError:
        return told
    return replace(told, fits=fits[:1])


def _fit(answers: Source, question: FitQuestion) -> Asked:
    if question.intent == "which_models" and question.model is None and asks_of(question.hardware):
        return suggested(question, _suggested(answers, question))
    questions, said = _with_stand_ins(answers, question)
    if missing := missing_in(questions[0]):
        return Asked(route="fit", question=question, open_text=missing)
    found: list[FitAnswer] = []
    problems: list[str] = []
    for one in (one for asked in questions for one in alternatives(asked)):
        try:
            found.extend(answers.fits_for(one))
        except KnowledgeError as error:  # still a fit question: what is wrong with it is its answer
            problems.append(str(error))
    fits = tuple(replace(fit, assumptions=(*said, *fit.assumptions)) for fit in found[:4])
    return Asked(route="fit", question=question, fits=fits, open_text="" if fits else " ".join(dict.fromkeys(problems)))


def _with_stand_ins(answers: Source, question: FitQuestion) -> tuple[list[FitQuestion], tuple[str, ...]]:
    """The question for each model that stands for a size nobody named a model of, and what is said of that."""
    size = stand_ins.size_of(question.model_text) if question.model is None and not question.other_models else None
    chosen = stand_ins.stand_ins(answers.knowledge.models, size) if size else ()
    if not size or not chosen or any(choice.field == "model" for choice in question.ambiguous):
        return [question], ()
    return [replace(question, model=model.id) for model in chosen], (stand_ins.said_of(size, chosen),)


def _suggested(answers: Source, question: FitQuestion) -> tuple[FitAnswer, ...]:
    """The answers for the models that run best on the hardware of a question that names none."""
    n_ctx, use, asks = question.n_ctx or 8192, use_of(question.text), asks_of(question.hardware)
    found = answers.best(asks, ram_gib=question.ram_gib, use=use, n_ctx=n_ctx, limit=4)
    ones = (replace(question, model=one.model.id, quant=one.quant, n_ctx=n_ctx, ambiguous=()) for one in found)
    return tuple(fit for one in ones for fit in answers.fits_for(one)[:1])
