"""Asks the estimator about a release on a rig, and puts the answer in few words. It computes nothing itself.

Every figure about memory, fit or speed that a digest shows is read here from a FitAnswer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from digest.issue import Badge, Tone
from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import FitTier, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import ContextParams, DeviceAsk, FitAnswer, FitRequest
from knowledge.units import GIB, gib_text, tok_s_text

N_CTX: Final = 8192
RAM_GIB: Final = 32.0
QUANT: Final = "Q4_K_M"
BETTER: Final = ("Q8_0", "Q6_K", "Q5_K_M")
SMALLER: Final = ("IQ4_XS", "Q3_K_M")
COARSE: Final = ("IQ3_XXS", "Q2_K", "IQ2_XXS")
"""File types above and below the usual one. The coarse ones lose enough that nobody should call it comfortable."""

FLUID_TOK_S: Final = 15.0
"""A better file is only advised while it still writes faster than one reads."""

BEARABLE_TOK_S: Final = 8.0
"""Below this, a whole model in a coarse file is the better bargain than a good file with half of it in RAM."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What one model does on one rig with the file chosen for it. `answer` is None where the facts are missing."""

    model: Model
    rig: Rig
    quant: str = QUANT
    answer: FitAnswer | None = None

    @property
    def tier(self) -> FitTier | None:
        """The verdict; a coarse file is a trade-off even where it fits with ease."""
        if self.answer is None:
            return None
        return "trade-offs" if self.quant in COARSE and self.answer.fit_tier == "comfortable" else self.answer.fit_tier

    @property
    def badge(self) -> Badge:
        """The verdict in a colour."""
        return Badge(text=WORDS[self.tier], tone=TONES[self.tier])

    @property
    def decode_tok_s(self) -> float:
        """Decoding speed, 0 where unknown."""
        return self.answer.decode_tok_s.mid if self.answer and self.answer.decode_tok_s else 0.0

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
        speed = self.answer.decode_tok_s if self.answer else None
        return f"{tok_s_text(speed.mid)} tok/s" if speed else ""

    @property
    def memory_text(self) -> str:
        """What it takes, accelerator and host together."""
        if self.answer is None:
            return ""
        return gib_text(self.answer.memory.total_bytes + self.answer.memory.host_total_bytes)


@dataclass(slots=True)
class Fits:
    """All fits an issue needs, each asked once."""

    answers: Answers
    _asked: dict[tuple[str, str], Fit] = field(default_factory=dict)

    def rig(self, name: str, short: str = "", ram_gib: float | None = RAM_GIB) -> Rig:
        """Return the rig a name means. Raises UnknownName or Ambiguous as the answers do."""
        devices = self.answers.device_asks(self.answers.hardware_asks(name))
        if any(ask.device.unified_memory for ask in devices):
            ram_gib = None
        return Rig(name=name, short=short or name, devices=devices, ram_gib=ram_gib)

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
        return max(fits, key=lambda fit: (order[fit.tier], fit.model.params_total or 0), default=None)

    def longest_context(self, fit: Fit) -> int | None:
        """Return the longest context in tokens that keeps the fit's verdict, None where that is not known."""
        if fit.answer is None:
            return None
        return self.answers.estimate(fit.answer.request).max_n_ctx

    def usual(self, model: Model, rig: Rig) -> Fit:
        """Return what the model does on the rig with the usual file, whatever else would be chosen."""
        request = self._request(model, rig)
        fit = Fit(model=model, rig=rig)
        try:
            return fit if request is None else replace(fit, answer=self.answers.estimate(request, detailed=False))
        except KnowledgeError:
            return fit

    def _ask(self, model: Model, rig: Rig) -> Fit:
        fit, request = Fit(model=model, rig=rig), self._request(model, rig)
        try:
            return fit if request is None else self._with_file(fit, request)
        except KnowledgeError:
            return fit

    def _request(self, model: Model, rig: Rig) -> FitRequest | None:
        """Return the question with the usual file; None for a model whose shape is not known."""
        if model.shape is None:
            return None
        request = self.answers.request(
            model=model.id,
            hardware=[_ask_again(ask) for ask in rig.devices],
            quant=QUANT,
            ram_gib=rig.ram_gib,
            context=ContextParams(n_ctx=min(N_CTX, model.shape.n_ctx_train)),
        )
        return replace(request, devices=rig.devices)

    def _with_file(self, fit: Fit, request: FitRequest) -> Fit:
        """Choose the file an editor would: the best that is comfortable, else a bearable usual one, else what runs."""

        def tried(quant: str) -> Fit:
            answer = self.answers.estimate(replace(request, quant=quant), detailed=False)
            return replace(fit, quant=quant, answer=answer)

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
        whole = [found for found in coarse if found.answer and found.answer.fit_tier == "comfortable"]
        running = [found for found in (usual, *smaller, *coarse) if found.tier == "trade-offs"]
        return next(iter(whole or running), usual)


def _ask_again(ask: DeviceAsk) -> HardwareAsk:
    """The same device asked for by id, with the memory it was asked with."""
    memory_gib = None if ask.memory_bytes is None else ask.memory_bytes / GIB
    return HardwareAsk(name=ask.device.id, count=ask.count, memory_gib=memory_gib)
