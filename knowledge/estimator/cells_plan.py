"""The engine's placement on one accelerator for many cells at once: `fill.plan` by bisection over running sums.

The steps are those of `fill` for a single device, taken for all cells side by side with the same midpoints, so that
the results are equal also where a sum does not grow evenly. Several devices, budgets and verdicts are not here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from knowledge.estimator.cells import Cells, Ints
from knowledge.estimator.graph_blocks import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Cells picked out of the grid of layouts, file types and contexts, and the parts a placement is worked out from.

    `weights_at` and `state_at` are where a cell's running sums start in the flattened tables.
    """

    cells: Cells
    layout: Ints
    quant: Ints
    context: Ints
    n_layer: Ints
    weights_at: Ints
    state_at: Ints

    @classmethod
    def of(cls, cells: Cells, layout: Ints, quant: Ints, context: Ints) -> Chosen:
        """Look up the cells at these indices."""
        offset = cells.offset[layout]
        return cls(
            cells=cells,
            layout=layout,
            quant=quant,
            context=context,
            n_layer=cells.n_layer[layout],
            weights_at=quant * cells.dense.shape[1] + offset,
            state_at=context * cells.state.shape[1] + offset,
        )

    def subset(self, where: npt.NDArray[np.bool_]) -> Chosen:
        """The cells for which `where` holds."""
        return Chosen.of(self.cells, self.layout[where], self.quant[where], self.context[where])

    def dense(self, layer: Ints) -> Ints:
        """Bytes of the layers before `layer`, experts left out."""
        return np.take(self.cells.dense, self.weights_at + layer)

    def experts(self, layer: Ints) -> Ints:
        """Expert bytes of the layers before `layer`."""
        return np.take(self.cells.experts, self.weights_at + layer)

    def state(self, layer: Ints) -> Ints:
        """Cache and recurrent state of the layers before `layer`."""
        return np.take(self.cells.state, self.state_at + layer)

    def lent(self, held: Held, where: npt.NDArray[np.bool_]) -> Ints:
        """Compute buffers with copies of what lies on the host, for the cells that `where` holds for."""
        out = np.zeros_like(self.n_layer)
        at = (self.layout[where], self.quant[where], self.context[where])
        out[where] = self.cells.compute_lent(held, *at)
        return out

    def by_weight(self, table: Ints) -> Ints:
        """A column of a table over layouts and file types."""
        return table[self.layout, self.quant]

    def by_context(self, table: Ints) -> Ints:
        """A column of a table over layouts and contexts."""
        return table[self.layout, self.context]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """For each cell: units on the device (the output layer counted), how many of them keep experts on the host.

    `front` is the number of layers left on the host, `part_from` the first layer whose experts are; bytes on both.
    """

    n_units: Ints
    n_part: Ints
    front: Ints
    part_from: Ints
    device_bytes: Ints
    host_bytes: Ints

    def subset(self, where: npt.NDArray[np.bool_]) -> Plan:
        """The cells for which `where` holds."""
        return Plan(**{field.name: getattr(self, field.name)[where] for field in fields(self)})


class _Bytes:
    """What the device holds for a number of units and of partial ones: `offload._device_bytes` for a single device."""

    def __init__(self, chosen: Chosen) -> None:
        cells = chosen.cells
        self.chosen = chosen
        self.whole = chosen.by_weight(cells.whole_weights) - chosen.by_weight(cells.output)
        self.experts_whole = chosen.by_weight(cells.experts_whole)
        self.state_whole = chosen.by_context(cells.state_whole)
        self.output = chosen.by_weight(cells.output)
        self.compute = chosen.by_context(cells.compute_device)
        self.experts = chosen.lent("experts", self.experts_whole > 0)
        self.lent = np.zeros_like(self.compute)

    def part_from(self, n_units: Ints, n_part: Ints) -> tuple[Ints, Ints]:
        """(first layer on the device, first layer that keeps its experts on the host)."""
        n_layer = self.chosen.n_layer
        start = n_layer + 1 - n_units
        begin = np.minimum(start, n_layer)
        return begin, np.maximum(begin, np.minimum(n_layer + 1 - n_part, n_layer))

    def __call__(self, n_units: Ints, n_part: Ints) -> Ints:
        """Bytes on the device."""
        begin, part_from = self.part_from(n_units, n_part)
        chosen = self.chosen
        weight = self.whole - self.experts_whole - chosen.dense(begin)
        weight = weight + chosen.experts(part_from) - chosen.experts(begin)
        compute = np.where(n_part == 0, self.compute, self.experts)
        compute = np.where(n_units > chosen.n_layer, compute, self.lent)
        held = weight + self.output + self.state_whole - chosen.state(begin) + compute
        return np.where(n_units > 0, held, 0)


def plan_on_one(chosen: Chosen, target_bytes: int | Ints) -> Plan:
    """Place cells that do not fit whole on a device that may hold `target_bytes`, one figure or one for each cell."""
    held = _Bytes(chosen)
    has_experts = held.experts_whole > 0
    partial = np.where(has_experts, 1, 0)
    every = has_experts & (held(chosen.n_layer + 1, chosen.n_layer) <= target_bytes)
    held.lent = chosen.lent("host", ~every)
    low, high = np.where(every, chosen.n_layer + 1, 0), np.where(every, chosen.n_layer + 1, chosen.n_layer)
    while bool((low < high).any()):
        middle = (low + high + 1) // 2
        fits = held(middle, np.maximum(middle - 1, 0) * partial) <= target_bytes
        low, high = _narrowed(low, high, middle, fits)
    n_units = low
    n_part = np.maximum(n_units - 1, 0) * partial
    low, high = np.zeros_like(n_part), np.where(every, n_part, 0)
    while bool((low < high).any()):
        middle = (low + high + 1) // 2
        low, high = _narrowed(low, high, middle, held(n_units, n_part - middle) <= target_bytes)
    return _plan(held, n_units, n_part - low)


def _narrowed(low: Ints, high: Ints, middle: Ints, fits: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """One step of the bisection; where it has ended nothing moves."""
    open_ = low < high
    return np.where(open_ & fits, middle, low), np.where(open_ & ~fits, middle - 1, high)


def _plan(held: _Bytes, n_units: Ints, n_part: Ints) -> Plan:
    chosen, cells = held.chosen, held.chosen.cells
    front, part_from = held.part_from(n_units, n_part)
    on_host = chosen.dense(front) + chosen.experts(front) + held.experts_whole - chosen.experts(part_from)
    on_host = on_host + chosen.by_weight(cells.token_embd_host) + np.where(n_units > 0, 0, held.output)
    compute = np.where(n_units > 0, chosen.by_context(cells.compute_host), held.compute)
    return Plan(
        n_units=n_units,
        n_part=n_part,
        front=front,
        part_from=part_from,
        device_bytes=held(n_units, n_part),
        host_bytes=on_host + chosen.state(front) + compute,
    )
