"""Asks the estimator about a release on a rig, and puts the answer in few words. It computes nothing itself.

Every figure about memory, fit or speed that a digest shows is read here from a FitAnswer. Which file an editor would
take is chosen by one rule (`pick_file`), asked of compiled cells where a month's models were compiled (`compiled`),
else of single answers: both say the same, and a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from digest.issue import Badge, Tone
from knowledge.answers import Answers
from knowledge.catalog import FitTier, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.budget import ASSUMED_RAM_BESIDE_BYTES, ASSUMED_RAM_BYTES
from knowledge.estimator.cells import Cells
from knowledge.estimator.cells_rank import CellFigures, rank_cells
from knowledge.estimator.request import ContextParams, DeviceAsk, FitAnswer, FitRequest
from knowledge.units import GIB, gib_text, tok_s_text

N_CTX: Final = 8192
RAM_GIB: Final = 32.0
QUANT: Final = "Q4_K_M"
BETTER: Final = ("Q8_0", "Q6_K", "Q5_K_M")
SMALLER: Final = ("IQ4_XS", "Q3_K_M")
COARSE: Final = ("IQ3_XXS", "Q2_K", "IQ2_XXS")
"""File types above and below the usual one. The coarse ones lose enough that nobody should call it comfortable."""

QUANTS: Final = (*BETTER, QUANT, *SMALLER, *COARSE)
"""All that is ever advised."""

FLUID_TOK_S: Final = 15.0
"""A better file is only advised while it still writes faster than one reads."""

BEARABLE_TOK_S: Final = 8.0
"""Below this, a whole model in a coarse file is the better bargain than a good file with half of it in RAM."""

USABLE_TOK_S: Final = 3.0
"""Slower than this a model is shown with its speed, but nobody is told that it runs."""

TONES: Final[dict[FitTier | None, Tone]] = {"comfortable": "good", "trade-offs": "fair", "no": "bad", None: "unknown"}
WORDS: Final[dict[FitTier | None, str]] = {
    "comfortable": "runs comfortably",
    "trade-offs": "runs with trade-offs",
    "no": "will not run",
    None: "not known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A machine the digest speaks of: its short name for a column, its full one for a sentence, and its devices."""

    name: str
    short: str
    devices: tuple[DeviceAsk, ...]
    ram_gib: float | None = None

    @property
    def ram_bytes(self) -> int | None:
        """RAM beside the accelerator in bytes."""
        return None if self.ram_gib is None else round(self.ram_gib * GIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One file type on one rig: the estimator's tier and decoding speed (0 where unknown)."""

    quant: str
    fit_tier: FitTier | None
    decode_tok_s: float

    @property
    def tier(self) -> FitTier | None:
        """The verdict; a coarse file is a trade-off even where it fits with ease."""
        return "trade-offs" if self.quant in COARSE and self.fit_tier == "comfortable" else self.fit_tier


def pick_file(tried: Callable[[str], Tried]) -> Tried:
    """Choose the file an editor would: the best that is comfortable, else a bearable usual one, else what runs."""
    usual = tried(QUANT)
    if usual.tier == "comfortable":
        better = (tried(quant) for quant in BETTER)
        return next(
            (found for found in better if found.tier == "comfortable" and found.decode_tok_s >= FLUID_TOK_S), usual
        )
    smaller = [tried(quant) for quant in SMALLER]
    for found in smaller:
        if found.tier == "comfortable":
            return found
    if usual.tier == "trade-offs" and usual.decode_tok_s >= BEARABLE_TOK_S:
        return usual
    coarse = [tried(quant) for quant in COARSE]
    whole = [found for found in coarse if found.fit_tier == "comfortable"]
    running = [found for found in (usual, *smaller, *coarse) if found.tier == "trade-offs"]
    return next(iter(whole or running), usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What one model does on one rig with the file chosen for it. Without facts `tried` is None and so is `answer`."""

    model: Model
    rig: Rig
    tried: Tried | None = None
    ask: Callable[[], FitAnswer | None] | None = None

    @property
    def quant(self) -> str:
        """The file chosen."""
        return self.tried.quant if self.tried else QUANT

    @property
    def answer(self) -> FitAnswer | None:
        """The estimator's whole answer, computed when first asked for."""
        return self.ask() if self.ask is not None else None

    @property
    def tier(self) -> FitTier | None:
        """The verdict, None where it is not known."""
        return self.tried.tier if self.tried else None

    @property
    def usable(self) -> bool:
        """Whether it runs and nobody would call it too slow; unknown speed is not held against it."""
        return self.tier in {"comfortable", "trade-offs"} and not 0 < self.decode_tok_s < USABLE_TOK_S

    @property
    def badge(self) -> Badge:
        """The verdict in a colour."""
        return Badge(text=WORDS[self.tier], tone=TONES[self.tier])

    @property
    def decode_tok_s(self) -> float:
        """Decoding speed, 0 where unknown."""
        return self.tried.decode_tok_s if self.tried else 0.0

    @property
    def in_ram(self) -> bool:
        """Whether layers or experts lie in host memory beside an accelerator of its own."""
        answer = self.answer
        return bool(
            answer and answer.memory.host_weights_bytes > answer.memory.weights_bytes // 20 and self.rig.ram_gib
        )

    @property
    def speed_text(self) -> str:
        """Decoding speed as read, empty where unknown."""
        return f"{tok_s_text(self.decode_tok_s)} tok/s" if self.decode_tok_s else ""

    @property
    def total_bytes(self) -> int:
        """What it takes, accelerator and host together; 0 where unknown."""
        answer = self.answer
        return answer.memory.total_bytes + answer.memory.host_total_bytes if answer else 0

    @property
    def memory_text(self) -> str:
        """What it takes, accelerator and host together."""
        return gib_text(self.total_bytes) if self.answer else ""


@dataclass(slots=True)
class Fits:
    """All fits an issue needs, each asked once. `cells` are a month's models compiled, `place` where each is."""

    answers: Answers
    cells: Cells | None = None
    place: dict[str, int] = field(default_factory=dict)
    _asked: dict[tuple[str, str], Fit] = field(default_factory=dict)
    _figures: dict[str, CellFigures] = field(default_factory=dict)

    def compiled(self, models: Iterable[Model]) -> Fits:
        """Return fits that look models up in cells compiled of them: the same answers, many rigs at little cost."""
        known = {model.id: model for model in models if model.shape is not None}
        cells = Cells.build(known.values(), QUANTS, (N_CTX,))
        return Fits(self.answers, cells, {model.id: index for index, model in enumerate(cells.models)})

    def afresh(self) -> Fits:
        """Return fits with the same cells and nothing remembered: for rigs asked about once."""
        return Fits(self.answers, self.cells, self.place)

    def rig(self, name: str, short: str = "", ram_gib: float | None = RAM_GIB) -> Rig:
        """Return the rig a name means. Raises UnknownName or Ambiguous as the answers do."""
        devices = self.answers.device_asks(self.answers.hardware_asks(name))
        if any(ask.device.unified_memory for ask in devices):
            ram_gib = None
        return Rig(name=name, short=short or name, devices=devices, ram_gib=ram_gib)

    def own_rig(self, name: str, ram_gib: float | None) -> Rig:
        """Return a reader's machine. RAM nobody named is what every answer counts on: 16 GiB beside a card."""
        if ram_gib is None:
            alone = all(ask.device.kind == "cpu" for ask in self.answers.device_asks(self.answers.hardware_asks(name)))
            ram_gib = (ASSUMED_RAM_BYTES if alone else ASSUMED_RAM_BESIDE_BYTES) / GIB
        return self.rig(name, ram_gib=ram_gib)

    def fit(self, model: Model, rig: Rig) -> Fit:
        """Return what the model does on the rig, with the best file that runs there."""
        key = (model.id, rig.name)
        if key not in self._asked:
            self._asked[key] = self._ask(model, rig)
        return self._asked[key]

    def best_of(self, models: Sequence[Model], rig: Rig) -> Fit | None:
        """Return the largest of a release's models that runs on the rig, comfort first; None without models."""
        fits = [self.fit(model, rig) for model in models]
        order = {"comfortable": 3, "trade-offs": 2, "no": 1, None: 0}
        return max(fits, key=lambda fit: (fit.usable, order[fit.tier], fit.model.params_total or 0), default=None)

    def longest_context(self, fit: Fit) -> int | None:
        """Return the longest context in tokens that keeps the fit's verdict, None where that is not known."""
        answer = fit.answer
        return None if answer is None else self.answers.estimate(answer.request).max_n_ctx

    def usual(self, model: Model, rig: Rig) -> Fit:
        """Return what the model does on the rig with the usual file, whatever else would be chosen."""
        try:
            request = self._request(model, rig)
            return self._fit(model, rig, self._tried(request, QUANT), request) if request else Fit(model=model, rig=rig)
        except KnowledgeError:
            return Fit(model=model, rig=rig)

    def need_bytes(self, model: Model) -> int | None:
        """Return the bytes all its layers take on one accelerator with the usual file, None where not known."""
        if model.shape is None:
            return None
        context = ContextParams(n_ctx=min(N_CTX, model.shape.n_ctx_train))
        try:
            answer = self.answers.estimate(FitRequest(model=model, quant=QUANT, context=context), detailed=False)
        except KnowledgeError:
            return None
        return answer.memory.total_bytes

    def _ask(self, model: Model, rig: Rig) -> Fit:
        try:
            request = self._request(model, rig)
            if request is None:
                return Fit(model=model, rig=rig)
            return self._fit(model, rig, pick_file(self._by_cells(model, rig) or self._by_answers(request)), request)
        except KnowledgeError:
            return Fit(model=model, rig=rig)

    def _by_answers(self, request: FitRequest) -> Callable[[str], Tried]:
        def tried(quant: str) -> Tried:
            return self._tried(request, quant)

        return tried

    def _tried(self, request: FitRequest, quant: str) -> Tried:
        answer = self.answers.estimate(replace(request, quant=quant), detailed=False)
        speed = answer.decode_tok_s.mid if answer.decode_tok_s else 0.0
        return Tried(quant=quant, fit_tier=answer.fit_tier, decode_tok_s=speed)

    def _by_cells(self, model: Model, rig: Rig) -> Callable[[str], Tried] | None:
        """Return what looks a model up in the cells; None where it is not in them or was made for less context."""
        place = self.place.get(model.id)
        if self.cells is None or place is None or model.shape is None or model.shape.n_ctx_train < N_CTX:
            return None
        if rig.name not in self._figures:
            self._figures[rig.name] = rank_cells(self.cells, rig.devices, rig.ram_bytes)
        figures = self._figures[rig.name]

        def tried(quant: str) -> Tried:
            found = figures.figure(place, QUANTS.index(quant), 0)
            return Tried(quant=quant, fit_tier=found.fit_tier, decode_tok_s=found.decode_tok_s or 0.0)

        return tried

    def _fit(self, model: Model, rig: Rig, tried: Tried, request: FitRequest) -> Fit:
        known: list[FitAnswer] = []

        def ask() -> FitAnswer:
            if not known:
                known.append(self.answers.estimate(replace(request, quant=tried.quant), detailed=False))
            return known[0]

        return Fit(model=model, rig=rig, tried=tried, ask=ask)

    def _request(self, model: Model, rig: Rig) -> FitRequest | None:
        """Return the question with the usual file; None for a model whose shape is not known."""
        if model.shape is None:
            return None
        context = ContextParams(n_ctx=min(N_CTX, model.shape.n_ctx_train))
        return FitRequest(model=model, quant=QUANT, devices=rig.devices, ram_bytes=rig.ram_bytes, context=context)
