"""Questions that name half of what a fit answer takes: a model and no hardware, hardware and no model, or a bare size.

A model alone is told what it takes and what runs it; hardware alone what runs best there; what stands in for something
nobody named is said with the answer. No text is routed here, and the estimates are `Answers`' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Final, Protocol

from knowledge import stand_ins
from knowledge.asking import (
    ANY_GPU,
    PLAIN_CHARS,
    Asked,
    HardwareAsk,
    asks_of,
    known_engine,
    meanings,
    missing_in,
    suggested,
    use_of,
)
from knowledge.catalog import Device, Knowledge, Model
from knowledge.either import alternatives
from knowledge.errors import KnowledgeError
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest
from knowledge.how_many import asks_how_many, told, told_none, with_enough
from knowledge.needs import Needs, Shelves, needs_of, quants_of
from knowledge.question.buying import read_budget
from knowledge.question.cues import asks_for_a_model, compares, wishes_what_is_not_ranked
from knowledge.question.text import normalise
from knowledge.question.types import FitQuestion, HardwareMention
from knowledge.said import joined, said_of, worded
from knowledge.search.pages import PageIndex
from knowledge.search.types import ErrorHit, TermHit
from knowledge.side_by_side import on_common

MOST_SUGGESTED: Final = 5
LOOKED_AT: Final = 4
USED: Final = 5_000
"""A model fetched less often a month is made for something special: it is asked for by name and not suggested."""
MOST_NEEDS: Final = 4
"""So many models' needs stand side by side; an open name rarely means more that people run."""


CPU_ALONE: Final = "cpu-dual-channel-ddr5-5600"
"""The machine of whoever says how much RAM there is and nothing else."""

NEEDS_N_CTX: Final = 8192
"""The context that needs are told for where nobody said one."""


_WANTS_MODELS: Final = frozenset({"which_models", "which_hardware", "compare"})
"""Who asks so expects to hear of models, although none is named."""


class Source(Protocol):
    """What of `Answers` a free text needs."""

    knowledge: Knowledge

    @property
    def pages(self) -> PageIndex:
        """Guides, quick answers and kits."""

    @property
    def shelves(self) -> Shelves:
        """What can be bought."""

    def parse(self, text: str) -> FitQuestion:
        """A text as a question."""

    def term_hits(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """Terms a text asks about."""

    def error_hits(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Errors a text shows."""

    def fits_for(self, question: FitQuestion) -> tuple[FitAnswer, ...]:
        """Answers to a parsed question."""

    def request(
        self, *, model: str, quant: str = "", context: ContextParams | None = None, engine: str = ""
    ) -> FitRequest:
        """Names as a request."""

    def estimate(self, request: FitRequest, *, detailed: bool = True) -> FitAnswer:
        """The answer to a request."""

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


def names_no_model(question: FitQuestion) -> bool:
    """Whether a question names hardware that is known and says nothing of which model."""
    said = question.model or question.model_text or any(choice.field == "model" for choice in question.ambiguous)
    if said:
        return False
    open_one = any(choice.field == "hardware" for choice in question.ambiguous)
    lone_ram = bool(question.ram_gib) and question.intent == "which_models"
    return open_one or lone_ram or bool(asks_of(question.hardware))


def names_no_hardware(question: FitQuestion) -> bool:
    """Whether a question says nothing of what it would run on."""
    said = question.hardware or question.ram_gib or any(choice.field == "hardware" for choice in question.ambiguous)
    return not said


def names_ram_alone(question: FitQuestion) -> bool:
    """Whether all a question says of what it would run on is how much RAM there is."""
    open_one = any(choice.field == "hardware" for choice in question.ambiguous)
    return bool(question.ram_gib) and not question.hardware and not open_one


def best_there(answers: Source, question: FitQuestion) -> Asked:
    """The models that run best on the hardware of a question that names none; a few on each where it names "or"."""
    asked, said = _with_usual_card(answers, question)
    rigs = alternatives(asked)
    found: list[FitAnswer] = []
    for rig in rigs:
        found += _best_on(answers, rig, max(MOST_SUGGESTED // len(rigs), 1))
    wanted = question.intent in _WANTS_MODELS or asks_for_a_model(normalise(question.text[:PLAIN_CHARS]))
    if not wanted and len(rigs) == 1:
        said = (worded("model_stand_in", "no model that I know was named; these run best there"), *said)
    if wishes_what_is_not_ranked(question.text[:PLAIN_CHARS]):
        template = "ranked by size, age, use and speed; how good each is at what you want it for was not measured"
        said = (*said, worded("unranked_stand_in", template))
    return suggested(question, tuple(replace(fit, assumptions=(*said, *fit.assumptions)) for fit in found))


def _best_on(answers: Source, question: FitQuestion, limit: int) -> list[FitAnswer]:
    n_ctx, use = question.n_ctx or 8192, use_of(question.text)
    try:
        asks, most = asks_of(question.hardware), LOOKED_AT * limit
        ranked = answers.best(asks, ram_gib=question.ram_gib, use=use, n_ctx=n_ctx, limit=most)
        used = [row for row in ranked if _is_suggested(row.model)] or ranked
        ones = (
            replace(question, model=row.model.id, quant=row.quant, n_ctx=n_ctx, ambiguous=()) for row in used[:limit]
        )
        return [fit for one in ones for fit in answers.fits_for(one)[:1]]
    except KnowledgeError:  # a device that no engine runs on, or of which too little is known
        return []


def _is_suggested(model: Model) -> bool:
    """Whether a model is for everybody: used by many, and made to answer rather than to be tuned."""
    return model.downloads >= USED and not model.id.endswith(("-base", "-pt"))


def _with_usual_card(answers: Source, question: FitQuestion) -> tuple[FitQuestion, tuple[str, ...]]:
    """The question with a card people have for each of which only the memory is said, and what is said of that."""
    said: list[str] = []
    hardware = []
    if not question.hardware:
        return without_card(question)
    choices = {choice.text: choice.choices for choice in question.ambiguous if choice.field == "hardware"}
    for mention in question.hardware:
        if mention.id is None and mention.name in choices:
            device = _middle(answers, choices[mention.name])
            hardware.append(replace(mention, id=device.id, name=device.name))
            template = "which of them was not said; computed for {device}"
            said.append(worded("device_stand_in", template, device=device.name))
            continue
        alone = mention.id is None and mention.name == ANY_GPU and mention.memory_gib
        rig = answers.shelves.usual_card(mention.memory_gib) if alone and mention.memory_gib else None
        if rig is None:
            hardware.append(mention)
            continue
        hardware.append(replace(mention, id=rig.device.id, name=rig.device.name, memory_gib=None))
        template = "no card was named; computed for {device}, one of those with {size}"
        said.append(worded("card_stand_in", template, device=rig.device.name, size=rig.memory_text))
    return replace(question, hardware=tuple(hardware), ambiguous=()), tuple(dict.fromkeys(said))


def without_card(question: FitQuestion) -> tuple[FitQuestion, tuple[str, ...]]:
    """The question on a processor alone, and what is said of that."""
    cpu = HardwareMention(id=CPU_ALONE, name="CPU")
    said = worded("cpu_stand_in", "no graphics card was named; computed without")
    return replace(question, hardware=(cpu,)), (said,)


def _middle(answers: Source, choices: Sequence[str]) -> Device:
    """Of devices that one name may mean the one in the middle by speed."""
    devices = [answers.knowledge.devices[id_] for id_ in choices]
    devices.sort(key=lambda device: (device.bandwidth_bytes_per_s or 0, device.id))
    return devices[(len(devices) - 1) // 2]


def needs_for(answers: Source, questions: Sequence[FitQuestion], said: tuple[str, ...]) -> Asked:
    """What the models of a question take, each that it compares or could mean; what is missing is said besides."""
    first = questions[0]
    found: list[Needs] = []
    problems: list[str] = []
    for model in _models_of(questions)[: 2 * MOST_NEEDS]:
        try:
            found.append(_needs(answers, model, first))
        except KnowledgeError as error:  # still a fit question: what is wrong with it is its answer
            problems.append(said_of(error.message, error.hint))
    found = found[:MOST_NEEDS]
    if _compares(questions):
        found = list(on_common(found, answers.knowledge.devices, partial(answers.estimate, detailed=False)))
    alones = tuple(replace(one.alone, assumptions=(*said, *one.alone.assumptions)) for one in found)
    open_text = ("" if read_budget(first.text) else missing_in(first)) if found else joined(problems)
    return Asked(route="fit", question=first, fits=alones, needs=tuple(found), open_text=open_text)


def _compares(questions: Sequence[FitQuestion]) -> bool:
    """Whether models are set side by side, rather than offered as what an open name may mean."""
    return bool(questions[0].other_models) or compares(normalise(questions[0].text[:PLAIN_CHARS]))


def _models_of(questions: Sequence[FitQuestion]) -> list[str]:
    """The models of a question: of several that it compares the first meaning of each before any second one."""
    each = [[model for model, _ in meanings(one)] for asked in questions for one in alternatives(asked)]
    in_turn = (model for turn in zip_longest(*each) for model in turn if model is not None)
    found = list(dict.fromkeys(in_turn))
    return found[: len(each)] if len(each) > 1 and questions[0].other_models else found


def _needs(answers: Source, model: str, question: FitQuestion) -> Needs:
    engine, _ = known_engine(question.engine)
    type_k = question.type_k or "f16"
    n_ctx = NEEDS_N_CTX if question.n_ctx is None else question.n_ctx
    context = ContextParams(n_ctx=n_ctx, type_k=type_k, type_v=question.type_v or type_k)
    base = answers.request(model=model, quant=question.quant or "", engine=engine, context=context)
    quants = (base.quant,) if question.quant else quants_of(base.model, base.quant)
    return needs_of(base, quants, answers.shelves, partial(answers.estimate, detailed=False))


def enough_of(answers: Source, question: FitQuestion) -> Asked | None:
    """The answer on as many of a card as hold all of a model, for who asks how many; None for any other question."""
    if len(question.hardware) != 1 or question.hardware[0].count > 1 or not asks_how_many(question.text[:PLAIN_CHARS]):
        return None
    fits: list[FitAnswer] = []
    for one in answers.fits_for(question):
        enough = with_enough(one, partial(answers.estimate, detailed=False))
        answer, count = (one, told_none(one)) if enough is None else (answers.estimate(enough), told(enough))
        fits.append(replace(answer, flags=(count, *answer.flags)))
    return Asked(route="fit", question=question, fits=tuple(fits))


def with_stand_ins(answers: Source, question: FitQuestion) -> tuple[list[FitQuestion], tuple[str, ...]]:
    """The question for each model that stands for a size nobody named a model of, and what is said of that."""
    size = stand_ins.size_of(question.model_text) if question.model is None and not question.other_models else None
    chosen = stand_ins.stand_ins(answers.knowledge.models, size) if size else ()
    if not size or not chosen or any(choice.field == "model" for choice in question.ambiguous):
        return [question], ()
    return [replace(question, model=model.id) for model in chosen], (stand_ins.said_of(size, chosen),)
