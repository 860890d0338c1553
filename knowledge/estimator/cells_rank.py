"""A whole compiled catalogue on one rig: tier, bytes and decode speed of every cell, equal to its single answer.

One accelerator, or the CPU alone, is worked out for every cell by arrays, host offload included. With several
accelerators cells that the engine's default split holds, and those that exceed all memory together, come from arrays;
the few between are `OPEN`: `CellFigures.figure` asks the single answer for one of them, and for cells whose experts are
partly in RAM, which the arrays place without parts of layers. llama.cpp, its own fit, depth 0, no measurement; what to
show of it, and in which order, is `rank`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.catalog import FitTier
from knowledge.estimator.budget import Budget
from knowledge.estimator.cells import LOAD_FIELDS, Cells, Floats, Ints
from knowledge.estimator.cells_plan import Chosen, Plan, plan_on_one
from knowledge.estimator.cells_split import default_split, split_fits, split_tok_s
from knowledge.estimator.fit import Case, answer_case, case_of, estimate
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES
from knowledge.estimator.request import DeviceAsk, FitRequest
from knowledge.estimator.speed import Part, SpeedInputs, decode_s
from knowledge.estimator.speed_terms import Load, Rig
from knowledge.estimator.speeds import host_rig, rigs_of, split_load
from knowledge.estimator.thresholds import CHAT_SLOW_TOK_S

Tiers = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

NO, TRADE_OFFS, COMFORTABLE = 0, 1, 2
NOT_ASKED, OPEN = -1, -2
"""A context the model was not made for, and a cell only the single answer can tell."""

TIER_NAMES: dict[int, FitTier] = {NO: "no", TRADE_OFFS: "trade-offs", COMFORTABLE: "comfortable"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: what its single answer says. `decode_tok_s` None where it does not run or bandwidth is unknown."""

    fit_tier: FitTier | None
    total_bytes: int
    host_bytes: int
    decode_tok_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFigures:
    """Figures of all cells of a rig, models × file types × contexts.

    `tier` holds the codes above; `total_bytes` on the accelerator(s) with the driver's share and `host_bytes` beside
    them, of what will not run the need of the whole model; `decode_tok_s` is NaN where a cell does not run or the
    bandwidth is unknown. Bytes and speed mean nothing where the tier is NOT_ASKED or OPEN. All four are off by up to a
    layer where cells are `parted`: experts partly in RAM, and enough of it or nearly.
    """

    cells: Cells
    devices: tuple[DeviceAsk, ...]
    ram_bytes: int | None
    tier: Tiers
    total_bytes: Ints
    host_bytes: Ints
    decode_tok_s: Floats
    parted: Mask

    def figure(self, model: int, quant: int, context: int) -> Figure:
        """One cell by its indices; an OPEN or parted one is asked of the single answer."""
        at = (model, quant, context)
        code = int(self.tier[at])
        if code == NOT_ASKED:
            return Figure(None, 0, 0, None)
        if code == OPEN or self.parted[at]:
            return self._single(at)
        speed = float(self.decode_tok_s[at])
        known = None if np.isnan(speed) else speed
        return Figure(TIER_NAMES[code], int(self.total_bytes[at]), int(self.host_bytes[at]), known)

    def _single(self, at: tuple[int, int, int]) -> Figure:
        answer = estimate(request_of(self.cells, at, self.devices, self.ram_bytes))
        speed = None if answer.decode_tok_s is None else float(answer.decode_tok_s.mid)
        return Figure(answer.fit_tier, answer.memory.total_bytes, answer.memory.host_total_bytes, speed)


def request_of(
    cells: Cells, at: tuple[int, int, int], devices: Sequence[DeviceAsk], ram_bytes: int | None
) -> FitRequest:
    """The single question a cell stands for."""
    model, quant, context = at
    return FitRequest(
        model=cells.models[model],
        quant=cells.quants[quant],
        devices=tuple(devices),
        ram_bytes=ram_bytes,
        context=replace(cells.context, n_ctx=cells.contexts[context]),
    )


@dataclass(slots=True)
class _Grid:
    """Figures over layouts, file types and contexts, before models are laid over layouts."""

    tier: Tiers
    total_bytes: Ints
    host_bytes: Ints
    decode_tok_s: Floats
    parted: Mask | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A rig looked up: its budget and backend, the speed model's view of each accelerator, and of the host."""

    budget: Budget
    backend: str
    rigs: tuple[Rig, ...]
    host: Rig

    def host_limit_bytes(self) -> int:
        """Bytes the host may take."""
        return self.budget.host_bytes


def rank_cells(cells: Cells, devices: Sequence[DeviceAsk], ram_bytes: int | None = None) -> CellFigures:
    """Figures of all `cells` on a rig. Raises what a single answer would: BadInput, or Unanswerable without memory."""
    size = (len(cells.models), len(cells.quants), len(cells.contexts))
    if cells.n_cells == 0:
        empty = np.zeros(size, dtype=np.int64)
        return _figures(cells, devices, ram_bytes, _Grid(empty.astype(np.int8), empty, empty, empty.astype(float)))
    machine = machine_of(cells, devices, ram_bytes)
    if machine.budget.on_cpu:
        grid = _on_cpu(cells, machine)
    elif len(machine.budget.free_bytes) == 1:
        grid = _on_one(cells, machine)
    else:
        grid = _on_several(cells, machine)
    return _figures(cells, devices, ram_bytes, grid)


def _figures(cells: Cells, devices: Sequence[DeviceAsk], ram_bytes: int | None, grid: _Grid) -> CellFigures:
    at = cells.layout
    tier = grid.tier[at]
    if not cells.allowed.all():
        tier = np.where(cells.allowed[:, None, :], tier, np.int8(NOT_ASKED))
    return CellFigures(
        cells=cells,
        devices=tuple(devices),
        ram_bytes=ram_bytes,
        tier=tier,
        total_bytes=grid.total_bytes[at],
        host_bytes=grid.host_bytes[at],
        decode_tok_s=grid.decode_tok_s[at],
        parted=np.zeros(tier.shape, dtype=np.bool_) if grid.parted is None else grid.parted[at],
    )


def machine_of(cells: Cells, devices: Sequence[DeviceAsk], ram_bytes: int | None) -> Machine:
    """Look a rig up. Raises what a single answer would: BadInput, or Unanswerable where its memory is not known."""
    request = request_of(cells, (0, 0, 0), devices, ram_bytes)
    request = replace(request, context=replace(request.context, n_ctx=1, type_k="f16", type_v="f16"))
    case: Case = case_of(request)
    if case.budget is None:
        answer_case(case)  # raises, naming the device
        raise AssertionError("a device without known memory was answered")
    request = case.request
    rigs = tuple(rigs_of(request, case.engine.id, case.backend, tensor_parallel=False))
    host, _ = host_rig(request, case.engine.id)
    return Machine(case.budget, case.backend, rigs, host)


def need_bytes(cells: Cells) -> tuple[Ints, Ints]:
    """(bytes on one accelerator that holds every layer, bytes on the host beside it), (L, Q, C)."""
    by_context = cells.state_whole + cells.compute_device
    on_device = cells.whole_weights[:, :, None] + by_context[:, None, :]
    return on_device, cells.token_embd_host[:, :, None] + cells.compute_host[:, None, :]


def _tok_s(*parts: tuple[Rig, Load]) -> Floats:
    inputs = SpeedInputs(parts=tuple(Part(rig=rig, load=load) for rig, load in parts), n_hops=2 * (len(parts) - 1))
    return np.asarray(1.0 / decode_s(inputs), dtype=np.float64)


def whole_tok_s(cells: Cells, machine: Machine) -> Floats:
    """Decode speed with everything on the first processor, (L, Q)."""
    if not machine.rigs:
        return np.full(cells.whole_weights.shape, np.nan)
    return _tok_s((machine.rigs[0], cells.loads))


def _on_cpu(cells: Cells, machine: Machine) -> _Grid:
    weight = cells.whole_weights - cells.output + cells.cpu_output
    total = weight[:, :, None] + (cells.state_whole + cells.compute_cpu)[:, None, :]
    speed = np.broadcast_to(whole_tok_s(cells, machine)[:, :, None], total.shape)
    runs = total <= machine.budget.available_bytes
    return _verdict(_Grid(_tiers(runs, runs), total, np.zeros_like(total), speed.copy()))


def _tiers(runs: Mask, easily: Mask) -> Tiers:
    return np.asarray(runs.astype(np.int8) + (runs & easily).astype(np.int8), dtype=np.int8)


def _verdict(grid: _Grid) -> _Grid:
    """What runs but slower than reading is a trade-off; what does not run has no speed."""
    slow = (grid.decode_tok_s < CHAT_SLOW_TOK_S) & (grid.tier == COMFORTABLE)
    grid.tier[slow] = TRADE_OFFS
    grid.decode_tok_s[grid.tier == NO] = np.nan
    return grid


def _on_one(cells: Cells, machine: Machine) -> _Grid:
    budget = machine.budget
    target = budget.free_bytes[0] - ENGINE_MARGIN_BYTES
    on_device, on_host = need_bytes(cells)
    need = on_device + on_host
    fits = on_device <= target
    runs = fits & _within(need, budget.shared_bytes)
    speed = np.broadcast_to(whole_tok_s(cells, machine)[:, :, None], need.shape).copy()
    grid = _Grid(_tiers(runs, runs), on_device + budget.overhead_bytes, on_host, speed)
    host_limit = machine.host_limit_bytes()
    # whatever is not on the device is on the host, so more than both together cannot run
    least = need - cells.compute_host[:, None, :] - cells.compute_device[:, None, :]
    maybe = ~fits & (least - max(target, 0) <= host_limit)
    if maybe.any():
        _offloaded(cells, machine, grid, maybe)
    return _verdict(grid)


def _offloaded(cells: Cells, machine: Machine, grid: _Grid, maybe: Mask) -> None:
    """Fill in the cells whose layers or experts lie partly on the host, where they run at all."""
    budget = machine.budget
    layout, quant, context = np.nonzero(maybe)
    chosen = Chosen.of(cells, layout, quant, context)
    plan = plan_on_one(chosen, budget.free_bytes[0] - ENGINE_MARGIN_BYTES)
    fits = (plan.n_units > chosen.n_layer) & (plan.n_part == 0)
    both = plan.device_bytes + plan.host_bytes
    runs = (fits | (plan.host_bytes <= machine.host_limit_bytes())) & _within(both, budget.shared_bytes)
    slack = _slack_bytes(chosen)
    nearly = (plan.host_bytes - slack <= machine.host_limit_bytes()) & _within(both - slack, budget.shared_bytes)
    grid.parted = np.zeros(maybe.shape, dtype=np.bool_)
    grid.parted[layout, quant, context] = nearly & (chosen.experts(chosen.n_layer) > 0)
    chosen, plan, fits = chosen.subset(runs), plan.subset(runs), fits[runs]
    at = (chosen.layout, chosen.quant, chosen.context)
    grid.tier[at] = np.where(fits, COMFORTABLE, TRADE_OFFS)
    grid.total_bytes[at] = plan.device_bytes + budget.overhead_bytes
    grid.host_bytes[at] = plan.host_bytes
    grid.decode_tok_s[at] = _offloaded_tok_s(chosen, plan, machine)


def _slack_bytes(chosen: Chosen) -> Ints:
    """How far the single answer's bytes may be from the arrays' where experts are partly in RAM: some layers."""
    whole = chosen.by_weight(chosen.cells.whole_weights)
    return np.asarray(chosen.lent("experts", chosen.experts(chosen.n_layer) > 0) + 3 * whole // chosen.n_layer)


def _offloaded_tok_s(chosen: Chosen, plan: Plan, machine: Machine) -> Floats:
    """Decode speed of placed cells: device and host one after another, or either alone."""
    out = np.full(chosen.layout.shape, np.nan)
    if not machine.rigs:
        return out
    n_layer = chosen.n_layer
    begin, whole = plan.front, np.maximum(chosen.experts(n_layer), 1)
    on_device = (chosen.experts(plan.part_from) - chosen.experts(begin)) / whole
    on_host = (chosen.experts(begin) + chosen.experts(n_layer) - chosen.experts(plan.part_from)) / whole
    layers_host = begin / n_layer
    has_device, has_host = plan.n_units > 0, (layers_host > 0) | (on_host > 0)
    for device, host in ((True, True), (True, False), (False, True)):
        these = (has_device == device) & (has_host == host)
        if not these.any():
            continue
        load = _loads_at(chosen, these)
        parts: list[tuple[Rig, Load]] = []
        if device:
            share = 1.0 - layers_host[these]
            parts.append((machine.rigs[0], split_load(load, share, on_device[these], True)))
        if host:
            parts.append((machine.host, split_load(load, layers_host[these], on_host[these], not device)))
        out[these] = _tok_s(*parts)
    return out


def _loads_at(chosen: Chosen, these: Mask) -> Load:
    at = chosen.layout[these] * len(chosen.cells.quants) + chosen.quant[these]
    loads = chosen.cells.loads
    return Load(**{name: getattr(loads, name).ravel()[at] for name in LOAD_FIELDS})


def _on_several(cells: Cells, machine: Machine) -> _Grid:
    """What the default split holds runs; what exceeds all memory does not; the rest stays open."""
    budget = machine.budget
    shares = default_split(cells.n_layer, budget.free_bytes)
    fits, compute = split_fits(cells, shares, budget.free_bytes)
    on_device, on_host = need_bytes(cells)
    unknown = np.full(cells.whole_weights.shape, np.nan)
    by_weight = split_tok_s(cells, shares, machine.rigs) if machine.rigs else unknown
    speed = np.broadcast_to(by_weight[:, :, None], fits.shape).copy()
    split = on_device + (compute - cells.compute_device)[:, None, :]
    runs = fits & _within(split + on_host, budget.shared_bytes)
    least = cells.whole_weights[:, :, None] + cells.state_whole[:, None, :]
    hopeless = ~runs & (least > budget.available_bytes + max(0, machine.host_limit_bytes()))
    tier = np.where(runs, COMFORTABLE, np.where(hopeless, NO, OPEN)).astype(np.int8)
    total = np.where(runs, split, on_device) + budget.overhead_bytes
    return _verdict(_Grid(tier, total, on_host, speed))


def _within(need: Ints, limit_bytes: int | None) -> Mask:
    return np.asarray(need <= np.iinfo(np.int64).max if limit_bytes is None else need <= limit_bytes)
