"""The use cases: every question the product answers, computed from one immutable Knowledge snapshot.

`Answers` holds the indexes over a snapshot and has one method a question. Bot, digest, command line and evaluation all
call these; none computes anything itself. It performs no I/O and never sees the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from knowledge import free_text, heap
from knowledge.asking import (
    MAX_REMEMBERED,
    SURE_SCORE,
    Asked,
    ChoiceKind,
    HardwareAsk,
    NameKind,
    any_gpu,
    asks_of,
    engine_for,
    engines_own,
    kinds_for,
    known_engine,
    meanings,
    model_of_shape,
    possible_quant,
    several,
    usual_quant,
    which_device,
    without_model,
)
from knowledge.catalog import ErrorClass, Knowledge, Model, Term
from knowledge.errors import Ambiguous, BadInput, Unanswerable, UnknownName
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.engines import default_n_ctx
from knowledge.estimator.fit import estimate
from knowledge.estimator.rank import Ranked, RankTable, compile_catalogue, modest, rank, serves
from knowledge.estimator.request import ContextParams, DeviceAsk, FitAnswer, FitRequest
from knowledge.needs import Shelves
from knowledge.out_of_memory import OutOfMemory, out_of_memory
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.types import FitQuestion, HardwareMention, Resolution
from knowledge.search.define import TermIndex
from knowledge.search.described import forget_meanings
from knowledge.search.diagnose import ErrorIndex
from knowledge.search.pages import PageIndex
from knowledge.search.sounds import sound_of
from knowledge.search.text import forget_words
from knowledge.search.titles import TitleShelf
from knowledge.search.types import ErrorHit, TermHit
from knowledge.units import gib_to_bytes

__all__ = ["Answers", "Asked", "ChoiceKind", "HardwareAsk", "NameKind"]


class Answers:
    """All answers over one snapshot. Building it makes the indexes; every method after that is pure and quick.

    So many of the fit answers given last are remembered: a hundred take a megabyte.
    """

    def __init__(self, knowledge: Knowledge, *, most_remembered: int = MAX_REMEMBERED) -> None:
        self.knowledge = knowledge
        self._most_remembered = most_remembered
        self._remembered: dict[object, FitAnswer] = {}
        self._ranking: RankTable | None = None

    @cached_property
    def names(self) -> NameIndex:
        """Names of models, devices and quants."""
        k = self.knowledge
        return NameIndex.build(k.models, k.devices, k.quants, k.aliases)

    @cached_property
    def term_index(self) -> TermIndex:
        """Glossary terms."""
        return TermIndex.build(self.knowledge.terms.values())

    @cached_property
    def error_index(self) -> ErrorIndex:
        """Error classes."""
        return ErrorIndex.build(self.knowledge.errors.values())

    @cached_property
    def pages(self) -> PageIndex:
        """Guides, quick answers and kits."""
        return PageIndex.build(self.knowledge.pages.values())

    @cached_property
    def shelves(self) -> Shelves:
        """What can be bought."""
        return Shelves.of(self.knowledge)

    def warm(self) -> None:
        """Build every index now, so that the first question does not wait; of words only what they hold is kept."""
        with heap.undisturbed():
            _ = self.names, self.term_index, self.error_index, self.pages, self._term_shelf, self._error_shelf
        for forget in (forget_words, forget_meanings, sound_of.cache_clear):
            forget()

    def prepare(self) -> None:
        """Compile every model for fits and rankings, so that none is asked about for the first time (seconds)."""
        self._ranking = compile_catalogue(self.knowledge.models.values())

    def resolve(self, kind: NameKind, text: str) -> Resolution:
        """Candidates for a name; raises UnknownName with the nearest three where there is none."""
        found = self.names.resolve(kind, text)
        if not found.ids:
            raise UnknownName(kind, text, choices=self.names.nearest(kind, text))
        return found

    def model_named(self, text: str) -> Model:
        """The model a name means; raises UnknownName, or Ambiguous where two could be meant."""
        return self.knowledge.models[self._one("model", text)]

    def _one(self, kind: NameKind, text: str) -> str:
        known: Mapping[str, object] = {"model": self.knowledge.models, "hardware": self.knowledge.devices}.get(kind, {})
        if text in known:
            return text
        found = self.resolve(kind, text)
        if found.score < SURE_SCORE:
            near = (*self.names.nearest(kind, text), *(self._name(kind, id_) for id_ in found.ids))
            raise UnknownName(kind, text, choices=tuple(dict.fromkeys(near))[:3])
        if not found.certain and len(found.ids) > 1:
            names = [self._name(kind, id_) for id_ in found.ids[:4]]
            raise Ambiguous(several(text), subject=text[:80], hint=f"Say which: {', '.join(names)}.", choices=found.ids)
        return found.ids[0]

    def _name(self, kind: NameKind, id_: str) -> str:
        if kind == "model":
            return self.knowledge.models[id_].name
        return self.knowledge.devices[id_].name if kind == "hardware" else id_

    def hardware_asks(self, text: str, count: int = 1) -> tuple[HardwareAsk, ...]:
        """The devices a text names ("2x3090 + 3060 12GB"), or an id as it is.

        Raises Ambiguous where a name could be two devices; what is no device is left for `device_asks` to refuse.
        """
        if text in self.knowledge.devices or self.names.is_own_name(text):
            return (HardwareAsk(name=text, count=count),)
        for choice in self.parse(text).ambiguous:
            if choice.field == "hardware":
                raise which_device(text, choice, self.knowledge.devices)
        mentions = self.names.hardware_list(text)
        asks = (HardwareAsk(name=m.id or m.name, count=m.count * count, memory_gib=m.memory_gib) for m in mentions)
        return tuple(asks) or (HardwareAsk(name=text, count=count),)

    def device_asks(self, hardware: Sequence[HardwareAsk]) -> tuple[DeviceAsk, ...]:
        """Names to devices; memory said in the name itself ("M4 Max 64GB") is taken as each one's memory."""
        asks: list[DeviceAsk] = []
        for item in hardware:
            if (unnamed := any_gpu(item)) is not None:
                asks.append(unnamed)
                continue
            if item.name in self.knowledge.devices:
                mention = HardwareMention(id=item.name, name=item.name)
            else:
                mention = self.names.hardware(item.name)
                if mention.id is None:
                    mention = replace(mention, id=self._one("hardware", item.name))
            memory_gib = item.memory_gib or mention.memory_gib
            device = self.knowledge.devices[str(mention.id)]
            said = gib_to_bytes(memory_gib) if memory_gib else None
            memory_bytes = None if said == device.memory_bytes and not device.unified_memory else said
            asks.append(DeviceAsk(device=device, count=item.count * mention.count, memory_bytes=memory_bytes))
        return tuple(asks)

    def request(
        self,
        *,
        model: str | Mapping[str, object],
        hardware: Sequence[HardwareAsk] = (),
        quant: str = "",
        ram_gib: float | None = None,
        context: ContextParams | None = None,
        engine: str = "",
        backend: str | None = None,
        n_prompt: int = 512,
        depth: int = 0,
        n_gpu_layers: int | None = None,
        n_cpu_moe: int | None = None,
        measured_tok_s: float | None = None,
    ) -> FitRequest:
        """Resolve names into a FitRequest. `model` is a name, an id or a shape given as a mapping."""
        found = self.model_named(model) if isinstance(model, str) else model_of_shape(model)
        file_type = possible_quant(found, self.quant_named(engines_own(quant, engine))) if quant else ""
        rules = engine_for(engine, file_type, self.knowledge.quants)
        asks = self.device_asks(hardware)
        if context is None:
            memory = sum((ask.memory_bytes or ask.device.memory_bytes or 0) * ask.count for ask in asks)
            n_ctx_train = found.shape.n_ctx_train if found.shape else 8192
            context = ContextParams(
                n_ctx=default_n_ctx(rules, memory, n_ctx_train), n_parallel=rules.default_n_parallel
            )
        return FitRequest(
            model=found,
            quant=file_type or usual_quant(found, rules),
            devices=asks,
            ram_bytes=None if ram_gib is None else gib_to_bytes(ram_gib),
            context=context,
            engine=rules.id,
            backend=backend,
            n_prompt=n_prompt,
            depth=depth,
            n_gpu_layers=n_gpu_layers,
            n_cpu_moe=n_cpu_moe,
            measured_tok_s=measured_tok_s,
        )

    def quant_named(self, text: str) -> str:
        """The file type a name means, as the estimator writes it; raises UnknownName with the nearest ones."""
        return self._quant_named(text)

    @cached_property
    def _quant_named(self) -> Callable[[str], str]:
        return lru_cache(maxsize=1024)(self.names.quant)

    def estimate(self, request: FitRequest, *, detailed: bool = True) -> FitAnswer:
        """The answer to a resolved request, remembered; `detailed` adds limits, best quant, command and changes."""
        return self.remembered(estimate_detailed if detailed else estimate, request)

    def estimate_for_card(self, request: FitRequest) -> FitAnswer:
        """The detailed answer as a card shows it, remembered: without its longest context that is still fluid."""
        return self.remembered(_for_card, request)

    def remembered(self, how: Callable[[FitRequest], FitAnswer], request: FitRequest) -> FitAnswer:
        """`how`'s answer to a request, from memory where it was asked before."""
        key = (how, request.model.id, request.model.shape, without_model(request))
        found = self._remembered.get(key)
        if found is None:
            found = how(request)
            if len(self._remembered) >= self._most_remembered:
                self._remembered.pop(next(iter(self._remembered)))
            self._remembered[key] = found
        return found

    def best(
        self,
        hardware: Sequence[HardwareAsk],
        *,
        ram_gib: float | None = None,
        use: str = "chat",
        n_ctx: int = 8192,
        limit: int = 10,
    ) -> list[Ranked]:
        """The models of a use-case that run best on a rig, fine-tunes of one base folded."""
        kinds = kinds_for(use)
        if not hardware:
            raise BadInput("On which hardware?", subject="hardware", hint="Name it, e.g. 'RTX 3060 12GB'.")
        devices = self.device_asks(hardware)
        ram_bytes = None if ram_gib is None else gib_to_bytes(ram_gib)
        devices = modest(devices, ram_bytes)
        if self._ranking is not None and n_ctx > 0:
            return self._ranking.rank(devices, ram_bytes=ram_bytes, n_ctx=n_ctx, limit=limit, kinds=kinds)
        models = (model for model in self.knowledge.models.values() if serves(model, kinds))
        return rank(models, devices, ram_bytes=ram_bytes, n_ctx=n_ctx, limit=limit)

    def estimate_text(
        self,
        model: str,
        hardware: str,
        quant: str = "",
        n_ctx: int | None = None,
        ram_gib: float | None = None,
        engine: str = "",
        type_k: str = "",
        type_v: str = "",
        count: int = 1,
    ) -> FitAnswer:
        """The detailed answer for names as people type them; `hardware` may hold counts and several devices."""
        asks = self.hardware_asks(hardware, count)
        base = self.request(model=model, hardware=asks, quant=quant, ram_gib=ram_gib, engine=engine)
        context = replace(
            base.context,
            n_ctx=base.context.n_ctx if n_ctx is None else n_ctx,
            type_k=type_k or "f16",
            type_v=type_v or type_k or "f16",
        )
        return self.estimate(replace(base, context=context))

    def fits_for(self, question: FitQuestion) -> tuple[FitAnswer, ...]:
        """The answers to a parsed question: one, or one for each thing an open name could mean (four at most)."""
        found: list[FitAnswer] = []
        problem: Unanswerable | None = None
        for model, mentions in meanings(question):
            try:
                found.append(self._fit_one(question, model, mentions))
            except Unanswerable as error:  # one candidate nothing is known of does not silence the others
                problem = error
            if len(found) == 4:
                break
        if not found and problem is not None:
            raise problem
        return tuple(found)

    def _fit_one(self, question: FitQuestion, model: str, mentions: Sequence[HardwareMention]) -> FitAnswer:
        engine, said = known_engine(question.engine)
        base = self.request(
            model=model,
            hardware=asks_of(mentions),
            quant=question.quant or "",
            ram_gib=question.ram_gib,
            engine=engine,
            n_prompt=question.n_prompt or 512,
            measured_tok_s=question.measured_tok_s,
        )
        type_k = question.type_k or "f16"
        context = replace(
            base.context,
            n_ctx=base.context.n_ctx if question.n_ctx is None else question.n_ctx,
            type_k=type_k,
            type_v=question.type_v or type_k,
        )
        answer = self.estimate(replace(base, context=context))
        return replace(answer, assumptions=(*said, *answer.assumptions)) if said else answer

    def define(self, text: str, limit: int = 5) -> tuple[Term, ...]:
        """The glossary terms a text asks about, best first; empty where none is meant."""
        return tuple(self.knowledge.terms[hit.id] for hit in self.term_hits(text, limit))

    def term_hits(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """The same with scores."""
        return self.term_index.define(text, limit)

    def diagnose(self, text: str, limit: int = 3) -> tuple[tuple[ErrorClass, float], ...]:
        """The error classes a pasted text shows with their confidence, best first; empty where none is known."""
        return tuple((self.knowledge.errors[hit.id], hit.confidence) for hit in self.error_hits(text, limit))

    def out_of_memory(self, text: str) -> OutOfMemory | None:
        """What to say to a log of memory that ran out, and what would fit; None where it shows no such thing."""
        return out_of_memory(self, text)

    def error_hits(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """The same with the words that gave each away."""
        return self.error_index.diagnose(text, limit)

    def parse(self, text: str) -> FitQuestion:
        """A free text as a FitQuestion."""
        return parse(text, self.names)

    def ask(self, text: str) -> Asked:
        """Route a free text to fit, definition or diagnosis, and answer it."""
        return free_text.ask(self, text)

    def complete(self, kind: ChoiceKind, typed: str, limit: int = 25) -> tuple[tuple[str, str], ...]:
        """(id, label) pairs for autocomplete, best first."""
        if kind == "term":
            return self._term_shelf.complete(typed, limit)
        if kind == "error":
            return self._error_shelf.complete(typed, limit)
        return self.names.complete(kind, typed, limit)

    @cached_property
    def _term_shelf(self) -> TitleShelf:
        return TitleShelf.of((t.id, t.term, t.aliases) for t in self.knowledge.terms.values())

    @cached_property
    def _error_shelf(self) -> TitleShelf:
        return TitleShelf.of((e.id, e.title, (e.category, *e.tools)) for e in self.knowledge.errors.values())


def _for_card(request: FitRequest) -> FitAnswer:
    return estimate_detailed(request, fluid=False)
