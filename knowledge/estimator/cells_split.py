"""Models whole on several accelerators, many at once: llama.cpp's default split by free memory, its bytes and speed.

The steps are those of `offload` (proportional split, pipelined buffers) and of `speeds` (a part for each device, their
times added) for models that need nothing from the host. Where the default split does not hold a model the engine fills
devices one by one; that is left to the single answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.estimator.cells import Cells, Floats, Ints
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES
from knowledge.estimator.speed import HOP_S, Part, SpeedInputs, decode_s
from knowledge.estimator.speed_terms import Load, Numbers, Rig
from knowledge.estimator.speeds import split_load


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one device holds of every layout: units `start` to `stop` (the output layer is the last), all (L)."""

    start: Ints
    stop: Ints
    is_first: npt.NDArray[np.bool_]


def default_split(n_layer: Ints, free_bytes: Sequence[int]) -> list[Share]:
    """Every device's share of every layout: `offload.proportional` for all layer counts at once."""
    n_units = n_layer + 1
    total = sum(free_bytes) or 1
    shares: list[Share] = []
    start = np.zeros_like(n_units)
    cumulated = 0
    for device, free in enumerate(free_bytes):
        cumulated += free
        is_last = device == len(free_bytes) - 1
        stop = n_units if is_last else np.minimum(n_units, -(-cumulated * n_units // total))
        shares.append(Share(start=start, stop=stop, is_first=start == 0))
        start = stop
    return shares


def split_fits(cells: Cells, shares: Sequence[Share], free_bytes: Sequence[int]) -> tuple[npt.NDArray[np.bool_], Ints]:
    """(whether every device holds its share with the engine's margin left (L, Q, C), buffers of all devices (L, C))."""
    fits = np.ones((*cells.whole_weights.shape, len(cells.contexts)), dtype=np.bool_)
    compute = np.zeros_like(cells.compute_device)
    for share, free in zip(shares, free_bytes, strict=True):
        begin = cells.offset + np.minimum(share.start, cells.n_layer)
        end = cells.offset + np.minimum(share.stop, cells.n_layer)
        holds, has_head = share.stop > share.start, share.stop > cells.n_layer
        weight = cells.dense[:, end] - cells.dense[:, begin] + cells.experts[:, end] - cells.experts[:, begin]
        weight = weight.T + np.where((holds & has_head)[:, None], cells.output, 0)
        buffer = np.where(holds[:, None], _pipelined(cells, share), 0)
        rest = (cells.state[:, end] - cells.state[:, begin]).T + buffer
        fits &= weight[:, :, None] + rest[:, None, :] <= free - ENGINE_MARGIN_BYTES
        compute = compute + buffer
    return fits, compute


def _pipelined(cells: Cells, share: Share) -> Ints:
    front, further = cells.compute_pipelined
    return np.where(share.is_first[:, None], front, further)


def split_tok_s(cells: Cells, shares: Sequence[Share], rigs: Sequence[Rig]) -> Floats:
    """Decode speed with the layers split over `rigs`, (L, Q)."""
    n_layer = cells.n_layer[:, None]
    experts_whole = np.maximum(cells.experts_whole, 1)
    seconds = np.zeros(cells.whole_weights.shape)
    n_parts = np.zeros_like(n_layer)
    for share, rig in zip(shares, rigs, strict=True):
        begin, end = np.minimum(share.start, cells.n_layer), np.minimum(share.stop, cells.n_layer)
        layers: Numbers = (end - begin)[:, None] / n_layer
        experts: Numbers = (
            cells.experts[:, cells.offset + end] - cells.experts[:, cells.offset + begin]
        ).T / experts_whole
        head = (share.stop > cells.n_layer)[:, None]
        load = _with_head(split_load(cells.loads, layers, experts, True), head)
        holds = (share.stop > share.start)[:, None]
        seconds = seconds + np.where(holds, decode_s(SpeedInputs(parts=(Part(rig=rig, load=load),))), 0.0)
        n_parts = n_parts + holds
    return np.asarray(1.0 / (seconds + 2 * (n_parts - 1) * HOP_S), dtype=np.float64)


def _with_head(load: Load, has_head: npt.NDArray[np.bool_]) -> Load:
    """The load with the output head only where the device has it."""
    return replace(load, n_vocab=load.n_vocab * has_head)
