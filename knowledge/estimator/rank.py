"""Which models run best on a rig: the whole catalogue through the same estimate, best first, fine-tunes folded.

The order is by what can be known without a benchmark of each model: usable size, recency, how widely it is used, what
the quant costs, and whether it runs fluidly. It measures no quality and says so wherever it is shown. `rank` asks
single answers and stops early: for one question. `RankTable` compiles the catalogue first (`Cells`) and answers many.
A model published in one file type of its own (gpt-oss) is ranked in that one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.catalog import FitTier, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.budget import ASSUMED_RAM_BESIDE_BYTES
from knowledge.estimator.cells import STANDARD_CONTEXTS, Cells
from knowledge.estimator.cells_rank import Figure, rank_cells
from knowledge.estimator.compiled import compile_shape
from knowledge.estimator.engines import NOT_IN_LLAMA_CPP
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.fit import estimate
from knowledge.estimator.refusals import check_runtimes
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest
from knowledge.estimator.tensor_types import forget_tensors
from knowledge.estimator.thresholds import CHAT_FLUID_TOK_S
from knowledge.estimator.verdict import ram_assumed
from knowledge.units import GIB

RANK_QUANTS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M")
OWN_QUANT = "MXFP4_MOE"
"""The file type of the models that are published in one of their own."""
LEAST_BITS = 3.0
"""No file type of the list stores a weight in fewer bits than this."""

QUANT_LOSS = {"Q8_0": 0.0, "Q6_K": 0.01, "Q5_K_M": 0.02, "Q4_K_M": 0.05, "IQ4_XS": 0.06, "Q3_K_M": 0.15, OWN_QUANT: 0.0}
"""What a file type costs in the ranking's own score: about the share of quality published perplexities lose."""


_ONE_TASK = re.compile(
    r"(?i)ocr\b|guard\b|safeguard|safety|shield|translat|prover|medgemma|docling|ui-?tars|webworld|agentworld|parsing\b"
    r"|(?:^|[-_. \d])(?:mt|med|medical|sql|maths?|prm|reward|rerank\w*|calibration|grounding|fin|legal|bench|extract"
    r"|gui|pii|tool(?:-calling)?|guidelines|financial)(?=$|[-_. \d])"
)
"""Words in names of models that read pages, judge texts, translate, prove, press buttons: no company for a chat."""


_UNTUNED = re.compile(r"(?i)[-_ ](?:base|pt|pretrain(?:ed)?)$")
"""Names of models that were given no instructions yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One model at its best file type for a rig. `score` only orders; it is no measure of quality."""

    model: Model
    quant: str
    fit_tier: FitTier
    total_bytes: int
    decode_tok_s: float
    score: float


_LEAST_SHARED_BYTES = 16 * GIB
"""What somebody who wants to run models has at least, where a machine was sold with several sizes."""
_BOUGHT_FOR_ITS_MEMORY = frozenset({"gfx1151"})
"""Chips of machines that are nearly always sold with the most they take: Strix Halo."""

Look = Callable[[Model, str], Figure | None]
"""What a model in a file type is on the rig; None where the model cannot be asked at all."""


def rank(
    models: Iterable[Model],
    devices: Sequence[DeviceAsk],
    *,
    ram_bytes: int | None = None,
    n_ctx: int = 8192,
    limit: int = 10,
) -> list[Ranked]:
    """The best `limit` of `models` on a rig, one for each base model, each at its best file type that runs.

    Models are looked at in the order of the best score they could reach, and the search ends when none left can reach
    the list; models larger than all the memory there is are passed over unseen. Raises Unanswerable for chips that no
    engine uses.
    """

    def look(model: Model, quant: str) -> Figure | None:
        context = ContextParams(n_ctx=n_ctx)
        request = FitRequest(model=model, quant=quant, devices=tuple(devices), ram_bytes=ram_bytes, context=context)
        try:
            answer = estimate(request)
        except KnowledgeError:
            return None
        speed = None if answer.decode_tok_s is None else answer.decode_tok_s.mid
        return Figure(answer.fit_tier, answer.memory.total_bytes, answer.memory.host_total_bytes, speed)

    check_runtimes(ask.device for ask in devices)
    room = _room_bytes(devices, ram_bytes)
    return _search(in_order(model for model in models if _may_run(model, n_ctx, room)), look, limit)


@dataclass(frozen=True, slots=True)
class RankTable:
    """A catalogue compiled for ranking on many rigs: `rank` with the same results, in milliseconds.

    `ordered` are the models by the best score they could reach, `position` their places in the cells by id; `own` holds
    those with a file type of their own once more, in that.
    """

    cells: Cells
    own: Cells
    ordered: tuple[Model, ...]
    position: Mapping[str, int]

    @classmethod
    def build(cls, models: Iterable[Model], contexts: Sequence[int] = STANDARD_CONTEXTS) -> RankTable:
        """Compile the models that have a shape; seconds for a whole catalogue."""
        cells = Cells.build(models, RANK_QUANTS, contexts)
        publishes_own = [model for model in cells.models if _quants_of(model) == (OWN_QUANT,)]
        own = Cells.build(publishes_own, (OWN_QUANT,), contexts)
        position = {model.id: index for index, model in enumerate(cells.models)}
        return cls(cells, own, tuple(in_order(cells.models)), position)

    def rank(
        self,
        devices: Sequence[DeviceAsk],
        *,
        ram_bytes: int | None = None,
        n_ctx: int = 8192,
        limit: int = 10,
        kinds: Collection[str] | None = None,
    ) -> list[Ranked]:
        """As `rank` of the table's models, or of those of some `kinds`; a context not compiled is compiled for it.

        Raises what a single answer on the rig would (too many devices, memory unknown).
        """
        cells = self.cells if n_ctx in self.cells.contexts else self.cells.at_contexts((n_ctx,))
        context = cells.contexts.index(n_ctx)
        own = self.own if n_ctx in self.own.contexts else self.own.at_contexts((n_ctx,))
        figures, of_own = rank_cells(cells, devices, ram_bytes), rank_cells(own, devices, ram_bytes)

        def look(model: Model, quant: str) -> Figure:
            if quant == OWN_QUANT:
                return of_own.figure(own.models.index(model), 0, own.contexts.index(n_ctx))
            return figures.figure(self.position[model.id], RANK_QUANTS.index(quant), context)

        room = _room_bytes(devices, ram_bytes)
        wanted = (model for model in self.ordered if kinds is None or serves(model, kinds))
        return _search((model for model in wanted if _may_run(model, n_ctx, room)), look, limit)


def modest(devices: Sequence[DeviceAsk], ram_bytes: int | None) -> tuple[DeviceAsk, ...]:
    """The devices a ranking is made for: a shared memory of which nobody said the size is not taken for the largest.

    What is recommended must not rest on memory that the machine may lack: the least it is sold with counts, from
    16 GiB on. A single answer counts the most, for it says which version the model needs.
    """
    if ram_bytes is not None:
        return tuple(devices)
    return tuple(replace(ask, memory_bytes=_least(ask)) if _size_unsaid(ask) else ask for ask in devices)


def _size_unsaid(ask: DeviceAsk) -> bool:
    device = ask.device
    sold_with_several = device.unified_memory and len(device.memory_options_bytes) > 1
    return sold_with_several and ask.memory_bytes is None and device.gfx not in _BOUGHT_FOR_ITS_MEMORY


def _least(ask: DeviceAsk) -> int:
    options = ask.device.memory_options_bytes
    return min((size for size in options if size >= _LEAST_SHARED_BYTES), default=max(options))


def counted_on(ranked: Sequence[Ranked], devices: Sequence[DeviceAsk]) -> str:
    """The memory a ranking counts on where nobody said how much there is; empty where it needs none."""
    shared = next((ask for ask in devices if _size_unsaid(ask)), None)
    if shared is not None:
        return ram_assumed(_least(shared))
    own = sum(ask.count * (ask.memory_bytes or ask.device.memory_bytes or 0) for ask in devices)
    if any(ask.device.kind != "gpu" for ask in devices) or all(row.total_bytes <= own for row in ranked):
        return ""
    return ram_assumed(ASSUMED_RAM_BESIDE_BYTES)


def serves(model: Model, kinds: Collection[str]) -> bool:
    """Whether a model is of one of these kinds and of use to somebody who only names the use.

    No tool for one task where company is asked for ("chat"), none that only goes on with a text where an answer is
    wanted, and none that only sorts what an embedding found.
    """
    if model.kind not in kinds:
        return False
    if not model.writes_text:
        return "rerank" not in model.id
    return not _UNTUNED.search(model.name) and not ("chat" in kinds and _has_one_task(model.name))


@lru_cache(maxsize=4096)
def _has_one_task(name: str) -> bool:
    return _ONE_TASK.search(name) is not None


def compile_catalogue(models: Collection[Model]) -> RankTable:
    """Compile models for fits of any kind and for ranking, so that none is asked about for the first time."""
    for shape in {model.shape for model in models if model.shape}:
        compile_shape(shape)
    table = RankTable.build(models, (8192,))
    forget_tensors()
    return table


def in_order(models: Iterable[Model]) -> list[Model]:
    """Models by the best score they could reach."""
    return sorted(models, key=lambda model: (-highest_score(model), model.id))


def _search(hopefuls: Iterable[Model], look: Look, limit: int) -> list[Ranked]:
    """The best of models that come in the order of what they could reach, fine-tunes of one base folded."""
    best: dict[str, Ranked] = {}
    for model in hopefuls:
        least = sorted(row.score for row in best.values())[-limit] if len(best) >= limit else -math.inf
        if highest_score(model) <= least:
            break
        found = _best_of(model, look, least)
        key = model.base_id or model.id
        if found is not None and (key not in best or found.score > best[key].score):
            best[key] = found
    return sorted(best.values(), key=lambda row: (-row.score, row.model.id))[:limit]


def _room_bytes(devices: Sequence[DeviceAsk], ram_bytes: int | None) -> int:
    """All the memory that was named: models larger than it are not recommended on RAM that is only assumed."""
    return sum((ask.memory_bytes or ask.device.memory_bytes or 0) * ask.count for ask in devices) + (ram_bytes or 0)


def _may_run(model: Model, n_ctx: int, room_bytes: int) -> bool:
    """Whether it is worth computing: a known shape, the context within its training, and no larger than all memory."""
    if model.shape is None or model.shape.n_ctx_train < n_ctx or model.shape.arch in NOT_IN_LLAMA_CPP:
        return False
    return (model.params_total or 0) * LEAST_BITS / 8 <= room_bytes


def _quants_of(model: Model) -> tuple[str, ...]:
    """The file types a model is looked at in: the one it is published in, if it has one of its own."""
    native = native_quant(model.shape) if model.shape is not None else None
    return RANK_QUANTS if native is None else (native,)


def _best_of(model: Model, look: Look, least: float) -> Ranked | None:
    """The file type a model does best in; those that cannot bring it to the score `least` are not looked at."""
    best: Ranked | None = None
    for quant in _quants_of(model):
        if score(model, quant, CHAT_FLUID_TOK_S) < (best.score if best else least):
            continue
        figure = look(model, quant)
        if figure is None:
            return None
        if figure.fit_tier in {None, "no"} or figure.decode_tok_s is None:
            continue
        tier: FitTier = "comfortable" if figure.fit_tier == "comfortable" else "trade-offs"
        row = Ranked(
            model=model,
            quant=quant,
            fit_tier=tier,
            total_bytes=figure.total_bytes + figure.host_bytes,
            decode_tok_s=figure.decode_tok_s,
            score=score(model, quant, figure.decode_tok_s),
        )
        if best is None or row.score > best.score:
            best = row
        if tier == "comfortable" and figure.decode_tok_s >= CHAT_FLUID_TOK_S:
            break
    return best


def highest_score(model: Model) -> float:
    """The score a model would have without any quant loss or slowness: what the rest of its score is taken from.

    Twice the usable size, a year and ten times the downloads count alike: what many people run is known to work, has
    files of every type and answers to the questions about it.
    """
    total = float(model.params_total or 0) or 1.0
    active = float(model.params_active or total)
    usable = math.log2(max(1e8, math.sqrt(total * active)))
    year = int(model.release_date[:4]) + int(model.release_date[5:7]) / 12 if model.release_date else 2023.0
    return usable + (year - 2023.0) + math.log10(max(10.0, model.downloads))


def score(model: Model, quant: str, decode_tok_s: float) -> float:
    """The ordering score: log of usable parameters, plus recency and use, minus quant loss and slowness."""
    slow = 0.0 if decode_tok_s >= CHAT_FLUID_TOK_S else 3.0 * math.log2(CHAT_FLUID_TOK_S / max(decode_tok_s, 0.01))
    return highest_score(model) - 4 * QUANT_LOSS[quant] - slow
