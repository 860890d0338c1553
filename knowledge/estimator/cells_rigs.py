"""Compiled cells on thousands of rigs at once: which models run, and how well, for everyone who is to be told.

Tiers only, by the rules of cells_rank: rigs that leave a model the same memory share one placement, devices share one
speed. Figures for a rig are asked of `rank_cells` once it is known that they are wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.errors import KnowledgeError
from knowledge.estimator.budget import Budget, budget_of
from knowledge.estimator.cells import Cells, Ints
from knowledge.estimator.cells_plan import Chosen, plan_on_one
from knowledge.estimator.cells_rank import (
    COMFORTABLE,
    NOT_ASKED,
    TRADE_OFFS,
    Machine,
    Mask,
    Tiers,
    machine_of,
    need_bytes,
    rank_cells,
    whole_tok_s,
)
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES
from knowledge.estimator.request import DeviceAsk
from knowledge.estimator.thresholds import CHAT_SLOW_TOK_S

AskedRig = tuple[Sequence[DeviceAsk], int | None]
"""Devices of a machine and its RAM in bytes, where it was said."""

UNLIMITED = int(np.iinfo(np.int64).max)
_ROWS_AT_ONCE = 256


@dataclass(slots=True)
class _Sorted:
    """Rigs with one accelerator as columns: place in the answer, free bytes, RAM for the host part and for both, speed.

    `slow` holds for each different device which layouts and file types it decodes slower than reading.
    """

    place: list[int] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    host: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)
    speed: list[int] = field(default_factory=list)
    slow: list[Mask] = field(default_factory=list)

    def add(self, place: int, budget: Budget, speed: int) -> None:
        """Add a rig."""
        self.place.append(place)
        self.free.append(budget.free_bytes[0])
        self.host.append(budget.host_bytes)
        self.shared.append(UNLIMITED if budget.shared_bytes is None else budget.shared_bytes)
        self.speed.append(speed)


def rank_rigs(cells: Cells, rigs: Sequence[AskedRig]) -> Tiers:
    """Tiers of all cells on all rigs: rigs × models × file types × contexts, codes of cells_rank.

    A rig no answer can be given for (memory unknown, too many devices) has NOT_ASKED throughout. Rigs with several
    accelerators or none take a `rank_cells` each, with OPEN where that leaves cells open.
    """
    size = (len(rigs), len(cells.models), len(cells.quants), len(cells.contexts))
    out = np.full(size, NOT_ASKED, dtype=np.int8)
    if cells.n_cells == 0:
        return out
    single = _Sorted()
    machines: dict[object, tuple[Machine, int]] = {}
    for place, (devices, ram_bytes) in enumerate(rigs):
        key = tuple((id(ask.device), ask.count, ask.memory_bytes) for ask in devices)
        found = machines.get(key) or _looked_up(cells, devices, ram_bytes, single)
        if found is None or (ram_bytes is not None and ram_bytes <= 0):
            continue
        machines[key] = found
        machine, speed = found
        if machine.budget.on_cpu or len(machine.budget.free_bytes) > 1:
            out[place] = rank_cells(cells, devices, ram_bytes).tier
            continue
        budget = budget_of(devices, ram_bytes, machine.backend)
        if budget is not None:
            single.add(place, budget, speed)
    if single.place:
        _rank_single(cells, single, out)
    return out


def _looked_up(
    cells: Cells, devices: Sequence[DeviceAsk], ram_bytes: int | None, single: _Sorted
) -> tuple[Machine, int] | None:
    try:
        machine = machine_of(cells, devices, ram_bytes)
    except KnowledgeError:
        return None
    single.slow.append(whole_tok_s(cells, machine) < CHAT_SLOW_TOK_S)
    return machine, len(single.slow) - 1


def _rank_single(cells: Cells, rigs: _Sorted, out: Tiers) -> None:
    """Fill in the rigs with one accelerator, those with the same free memory together."""
    place, host, shared, speed = (np.array(each) for each in (rigs.place, rigs.host, rigs.shared, rigs.speed))
    frees, row_of = np.unique(np.array(rigs.free, dtype=np.int64), return_inverse=True)
    slow = np.stack(rigs.slow)
    most_host = np.full(len(frees), -1, dtype=np.int64)
    np.maximum.at(most_host, row_of, host)
    for first in range(0, len(frees), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        fits, on_host, on_both = _placed(cells, frees[rows] - ENGINE_MARGIN_BYTES, most_host[rows])
        for row in range(len(fits)):
            these = np.nonzero(row_of == first + row)[0]
            within = on_both[row][None] <= shared[these, None, None, None]
            runs = within & (on_host[row][None] <= host[these, None, None, None])
            easily = within & fits[row][None]
            tier = np.where(runs | easily, TRADE_OFFS, 0).astype(np.int8)
            tier[easily & ~slow[speed[these]][:, :, :, None]] = COMFORTABLE
            laid = tier[:, cells.layout]
            out[place[these]] = np.where(cells.allowed[None, :, None, :], laid, np.int8(NOT_ASKED))


def _placed(cells: Cells, targets: Ints, most_host: Ints) -> tuple[Mask, Ints, Ints]:
    """For each memory target and cell: whether it fits whole, bytes on the host, bytes on both (UNLIMITED: not placed).

    Only cells are placed that some rig of the target has the RAM for.
    """
    on_device, beside = need_bytes(cells)
    need = on_device + beside
    fits = on_device[None] <= targets[:, None, None, None]
    on_host = np.full(fits.shape, UNLIMITED, dtype=np.int64)
    on_both = np.where(fits, need[None], UNLIMITED)
    least = (need - (cells.compute_host + cells.compute_device)[:, None, :])[None]
    room = (np.maximum(targets, 0) + most_host)[:, None, None, None]
    row, layout, quant, context = np.nonzero(~fits & (least <= room) & (most_host >= 0)[:, None, None, None])
    if len(row):
        plan = plan_on_one(Chosen.of(cells, layout, quant, context), targets[row])
        on_host[row, layout, quant, context] = plan.host_bytes
        on_both[row, layout, quant, context] = plan.device_bytes + plan.host_bytes
    return fits, on_host, on_both
