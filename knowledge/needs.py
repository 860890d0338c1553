"""What a model takes where nobody named hardware: its memory by file type, and the cheapest rigs that run it.

Rigs are `guide_rigs`'; an estimate is whatever callable the caller hands in. Nothing is looked up and no name is read
here, and which file type is the usual one is the caller's to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from knowledge.catalog import Knowledge, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer, FitRequest
from knowledge.guide_rigs import Rig, rigs
from knowledge.units import GIB, gib_to_bytes

Estimate = Callable[[FitRequest], FitAnswer]
PlaceKind = Literal["new", "second_hand", "pair", "unified", "with_ram"]

USUAL_QUANTS: Final = ("Q4_K_M", "Q6_K", "Q8_0")
LARGE_QUANTS: Final = ("IQ2_M", "Q3_K_M", "Q4_K_M")
LARGE_PARAMS: Final = 100e9
"""From so many parameters on people ask how few bits they get away with, not how many they can afford."""

RAM_GIB: Final = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
RAM_CARD_GIB: Final = (12, 16)
"""The card beside the RAM: the cheapest sold new of such a size, as people have one already."""

MOST_TRIED: Final = 8
"""Rigs that could hold a model and are estimated before a search gives up: it is one answer among several."""

PAIRED_BYTES: Final = 16 * GIB
"""Nobody builds a machine around two cards smaller than this."""

CUDA_VENDOR: Final = "NVIDIA"
"""Besides the cheapest card the cheapest of this maker is told: some programs run nowhere else."""

_SAME_SIZE_GIB: Final = 0.5


@dataclass(frozen=True, slots=True)
class Shelves:
    """What can be bought, in the order in which it is tried: cards by price, shared-memory machines by memory."""

    new: tuple[Rig, ...]
    second_hand: tuple[Rig, ...]
    pairs: tuple[Rig, ...]
    unified: tuple[Rig, ...]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Shelves:
        """The shelves of a snapshot; of shared-memory machines the fastest of each size of memory."""
        cards = sorted(rigs(knowledge, "gpu"), key=lambda rig: (rig.price_usd or 0, rig.device.id))
        shared: dict[int, Rig] = {}
        for rig in (rig for shelf in ("mac", "mini-pc") for rig in rigs(knowledge, shelf) if not rig.used):
            other = shared.setdefault(rig.memory_bytes, rig)
            if (rig.device.bandwidth_bytes_per_s or 0) > (other.device.bandwidth_bytes_per_s or 0):
                shared[rig.memory_bytes] = rig
        return cls(
            new=tuple(rig for rig in cards if rig.count == 1 and not rig.used),
            second_hand=tuple(rig for rig in cards if rig.count == 1 and rig.used),
            pairs=tuple(rig for rig in cards if rig.count == 2 and rig.memory_bytes >= PAIRED_BYTES),
            unified=tuple(shared[size] for size in sorted(shared)),
        )

    def usual_card(self, memory_gib: float) -> Rig | None:
        """The card that stands for one of which only the memory is said: of those people have, the middle by speed."""
        near = [
            rig
            for rig in (*self.new, *self.second_hand)
            if abs(rig.memory_bytes / GIB - memory_gib) < _SAME_SIZE_GIB and rig.device.segment == "desktop"
        ]
        most = [rig for rig in near if rig.device.vendor == CUDA_VENDOR] or near
        most.sort(key=lambda rig: (rig.device.bandwidth_bytes_per_s or 0, rig.device.id))
        return most[(len(most) - 1) // 2] if most else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A rig that runs the model in its usual file type; `ram_gib` is what the machine needs besides, where it does."""

    kind: PlaceKind
    rig: Rig
    answer: FitAnswer
    ram_gib: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one file type takes, all of it on one accelerator; `words` say what it costs in quality."""

    quant: str
    total_bytes: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a model takes in the context of `alone`, an answer without hardware for the usual file type.

    `needs` go from few bits to many; `places` say where the usual one runs, and are empty where nothing sold holds it.
    `common` is the answer on a card that all of several compared models are told on; None where nothing is compared.
    """

    alone: FitAnswer
    needs: tuple[Need, ...]
    places: tuple[Place, ...]
    common: FitAnswer | None = None

    @property
    def model(self) -> Model:
        """The model asked about."""
        return self.alone.request.model


def quants_of(model: Model, usual: str) -> tuple[str, ...]:
    """The file types worth telling where nobody said one: of a model published in few bits that one alone."""
    offered = LARGE_QUANTS if (model.params_total or 0) >= LARGE_PARAMS else USUAL_QUANTS
    return offered if usual in offered else (usual,)


def needs_of(base: FitRequest, quants: Iterable[str], shelves: Shelves, estimate: Estimate) -> Needs:
    """What the model of `base` takes in its context and engine; `base.quant` is the file type that places are told of.

    Raises the estimator's errors where nothing can be computed for the model.
    """
    bare = replace(base, devices=(), ram_bytes=None)
    alone = estimate(bare)
    answers = [alone if quant == base.quant else estimate(replace(bare, quant=quant)) for quant in quants]
    needs = (
        Need(
            quant=one.request.quant,
            total_bytes=one.memory.total_bytes,
            words=one.quality.words if one.quality else "",
        )
        for one in answers
    )
    return Needs(alone=alone, needs=tuple(needs), places=tuple(_places(alone, shelves, estimate)))


def _places(alone: FitAnswer, shelves: Shelves, estimate: Estimate) -> Iterator[Place]:
    shelf_of: tuple[tuple[PlaceKind, Sequence[Rig]], ...] = (
        ("new", shelves.new),
        ("second_hand", shelves.second_hand),
        ("pair", shelves.pairs),
        ("unified", shelves.unified),
    )
    paid: dict[bool, float] = {False: math.inf, True: math.inf}  # for one card: of any maker, of CUDA's
    for kind, shelf in shelf_of:
        for cuda in (False, True):
            # two cards are of no use to who can buy one for as much
            most = paid[cuda] if kind == "pair" else math.inf
            rigs_left = [rig for rig in shelf if _counts(rig, cuda=cuda) and (rig.price_usd or 0) < most]
            place = _first(alone, rigs_left, kind, estimate)
            if place is None:
                continue
            yield place
            of_cuda = place.rig.device.vendor == CUDA_VENDOR
            if kind in {"new", "second_hand"}:
                for maker in {False, of_cuda}:
                    paid[maker] = min(paid[maker], place.rig.price_usd or math.inf)
            if of_cuda or kind == "unified":
                break
    if (in_ram := _with_ram(alone, shelves, estimate)) is not None:
        yield in_ram


def _counts(rig: Rig, *, cuda: bool) -> bool:
    return rig.device.vendor == CUDA_VENDOR or not cuda


def _first(alone: FitAnswer, shelf: Sequence[Rig], kind: PlaceKind, estimate: Estimate) -> Place | None:
    """The first rig of a shelf that runs it comfortably, else the first that holds it and is slow."""
    spare = None
    holding = [rig for rig in shelf if rig.memory_bytes * rig.count >= alone.memory.total_bytes]
    for rig in holding[:MOST_TRIED]:
        answer = _on(alone.request, rig, None, estimate)
        if answer is None or answer.fit_tier in {None, "no"}:
            continue
        place = Place(kind=kind, rig=rig, answer=answer)
        if answer.fit_tier == "comfortable":
            return place
        if spare is None and not answer.memory.host_kv_cache_bytes:
            spare = place
    return spare


def _with_ram(alone: FitAnswer, shelves: Shelves, estimate: Estimate) -> Place | None:
    """A small card with the least RAM beside it that runs what does not fit on the card."""
    least, most = (size * GIB for size in RAM_CARD_GIB)
    card = next((rig for rig in shelves.new if least <= rig.memory_bytes <= most), None)
    size = alone.memory.total_bytes
    if card is None or size <= card.memory_bytes:
        return None
    for ram_gib in (one for one in RAM_GIB if gib_to_bytes(one) + card.memory_bytes >= size):
        answer = _on(alone.request, card, ram_gib, estimate)
        if answer is not None and answer.fit_tier not in {None, "no"}:
            return Place(kind="with_ram", rig=card, answer=answer, ram_gib=ram_gib)
    return None


def _on(request: FitRequest, rig: Rig, ram_gib: int | None, estimate: Estimate) -> FitAnswer | None:
    """The answer on a rig; None where the engine does not run there."""
    ram_bytes = gib_to_bytes(ram_gib) if ram_gib else None
    try:
        return estimate(replace(request, devices=(rig.ask,), ram_bytes=ram_bytes))
    except KnowledgeError:
        return None
