"""A catalogue compiled for ranking: models × file types × contexts as arrays, from the same code as single answers.

`Cells.build` walks every different layout once (many models share one) and keeps what no rig changes: weights, cache,
buffers, running sums over layers, the work of a token. It costs seconds for a whole catalogue and is for callers that
ask more than once; cells_rank evaluates the result for a rig. No rig is known here and no verdict given.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from knowledge.catalog import Model, ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.copied import copied_buffer
from knowledge.estimator.file_types import DEFAULT_TYPE, IK_TYPES
from knowledge.estimator.graph_blocks import Held
from knowledge.estimator.kv_cache import cache_coefficients, check_types, kv_cache
from knowledge.estimator.layer_costs import copied_back
from knowledge.estimator.model import count_params
from knowledge.estimator.request import ContextParams
from knowledge.estimator.speed_loads import load_of
from knowledge.estimator.speed_terms import Load
from knowledge.estimator.weights import Weights, weights

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STANDARD_QUANTS = tuple(name for name in DEFAULT_TYPE if name not in IK_TYPES)
"""llama.cpp's own file types."""
STANDARD_CONTEXTS = (2048, 4096, 8192, 16384, 32768, 65536)

LOAD_FIELDS = tuple(field.name for field in fields(Load))


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The compiled table. L layouts, Q file types, C contexts; `layout` says which of the L each of the M models has.

    Bytes by layout and file type (L, Q): `whole_weights` with every layer on one accelerator, `output` the part
    outside the layers, `cpu_output` the same where nothing leaves the host, `token_embd_host` (with what the host
    copies back); `copied` are the weights that a device copies in which computes what lies on the host, by role. By
    layout and context (L, C): `compute_device`, `compute_host`. Running sums over the layers of all layouts laid
    end to end, each n_layer + 1 long and starting at `offset`: `dense`, `experts` (Q, sum), `state` (C, sum; cache
    and recurrent state).
    `loads` is the work of one decoded token at depth 0, every field (L, Q). `n_ctx_limit` (M): longest context that may
    be asked for. `context` holds the settings common to all cells (its n_ctx is not used).
    """

    models: tuple[Model, ...]
    quants: tuple[str, ...]
    contexts: tuple[int, ...]
    context: ContextParams
    shapes: tuple[ModelShape, ...]
    layout: Ints
    n_ctx_limit: Ints
    n_layer: Ints
    offset: Ints
    whole_weights: Ints
    output: Ints
    cpu_output: Ints
    token_embd_host: Ints
    copied: Sequence[Sequence[Mapping[str, int]]]
    dense: Ints
    experts: Ints
    state: Ints
    compute_device: Ints
    compute_host: Ints
    loads: Load

    @classmethod
    def build(
        cls,
        models: Iterable[Model],
        quants: Sequence[str] = STANDARD_QUANTS,
        contexts: Sequence[int] = STANDARD_CONTEXTS,
        *,
        context: ContextParams | None = None,
    ) -> Cells:
        """Compile `models` (those without a shape are left out) for `quants` and `contexts` (tokens).

        Raises UnknownName for a quant nobody knows and BadInput for a cache type llama.cpp has not.
        """
        shared = context or ContextParams()
        known = [(model, model.shape) for model in models if model.shape is not None]
        shapes, layout = _layouts([shape for _, shape in known])
        n_layer = np.array([shape.n_layer for shape in shapes], dtype=np.int64)
        by_weight = _Weighed(shapes, tuple(quants))
        return cls(
            models=tuple(model for model, _ in known),
            quants=tuple(quants),
            contexts=tuple(contexts),
            context=shared,
            shapes=shapes,
            layout=layout,
            n_ctx_limit=np.array([_longest(shape, shared) for _, shape in known], dtype=np.int64),
            n_layer=n_layer,
            offset=np.concatenate([[0], np.cumsum(n_layer + 1)[:-1]]).astype(np.int64) if shapes else n_layer,
            **by_weight.arrays(),
            copied=by_weight.copied,
            **_by_context(shapes, [replace(shared, n_ctx=n_ctx) for n_ctx in contexts]),
            loads=by_weight.loads(),
        )

    def at_contexts(self, contexts: Sequence[int]) -> Cells:
        """The same models and file types at other contexts."""
        each = [replace(self.context, n_ctx=n_ctx) for n_ctx in contexts]
        tables = _by_context(self.shapes, each)
        return replace(
            self,
            contexts=tuple(contexts),
            state=tables["state"],
            compute_device=tables["compute_device"],
            compute_host=tables["compute_host"],
        )

    @property
    def n_cells(self) -> int:
        """Models × file types × contexts."""
        return len(self.models) * len(self.quants) * len(self.contexts)

    @cached_property
    def experts_whole(self) -> Ints:
        """All routed experts' bytes, (L, Q)."""
        return self.experts[:, self.offset + self.n_layer].T

    @cached_property
    def state_whole(self) -> Ints:
        """Cache and recurrent state of all layers, (L, C)."""
        return self.state[:, self.offset + self.n_layer].T

    @cached_property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Whether the model may be asked with the context, (M, C)."""
        return np.asarray(np.array(self.contexts, dtype=np.int64)[None, :] <= self.n_ctx_limit[:, None])

    def compute_lent(self, held: Held, layout: Ints, quant: Ints, context: Ints) -> Ints:
        """Compute buffers of a device that computes layers on the host, or their experts, for cells by their indices.

        Each is a graph walked at its very point, so only those that are asked for are worked out, and kept.
        """
        table = self._lent[held]
        unknown = np.unique(np.stack([layout, quant, context])[:, table[layout, quant, context] < 0], axis=1)
        each = [replace(self.context, n_ctx=n_ctx) for n_ctx in self.contexts]
        for at in zip(*(row.tolist() for row in unknown), strict=True):
            table[at] = copied_buffer(self.shapes[at[0]], self.copied[at[0]][at[1]], each[at[2]], held)
        return table[layout, quant, context]

    @cached_property
    def _lent(self) -> dict[Held, Ints]:
        """What `compute_lent` has worked out, (L, Q, C); -1 where nobody asked yet."""
        size = (len(self.shapes), len(self.quants), len(self.contexts))
        return {"host": np.full(size, -1, dtype=np.int64), "experts": np.full(size, -1, dtype=np.int64)}

    @cached_property
    def compute_pipelined(self) -> tuple[Ints, Ints]:
        """Compute buffers of the first and of a further device that hold a model between them, each (L, C).

        Graphs of their own, replayed when first asked.
        """
        each = [replace(self.context, n_ctx=n_ctx) for n_ctx in self.contexts]
        both = [[compute_buffer(s, at, n_devices=2).per_device_bytes for at in each] for s in self.shapes]
        front = [[buffer[0] for buffer in row] for row in both]
        return _table(front, len(each)), _table([[buffer[1] for buffer in row] for row in both], len(each))

    @cached_property
    def compute_cpu(self) -> Ints:
        """Compute buffer where the CPU is the only device, (L, C): a graph of its own, replayed when first asked."""
        each = [replace(self.context, n_ctx=n_ctx) for n_ctx in self.contexts]
        rows = [[compute_buffer(s, at, all_layers_on_device=False).host_bytes for at in each] for s in self.shapes]
        return _table(rows, len(each))


def _table(rows: Sequence[Sequence[int]], n_columns: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), n_columns)


def _sums(n_rows: int) -> list[array[int]]:
    """Rows of running sums while they grow: as lists of numbers they took 10 MiB that a process never gave back."""
    return [array("q") for _ in range(n_rows)]


def _rows(sums: Sequence[array[int]]) -> Ints:
    return np.array([np.frombuffer(row, dtype=np.int64) for row in sums], dtype=np.int64)


def _longest(shape: ModelShape, context: ContextParams) -> int:
    """The longest context that may be asked for; 0 where the engine refuses the cache types for this model."""
    try:
        check_types(shape, context)
    except BadInput:
        return 0
    return max(shape.n_ctx_train, shape.n_ctx_rope)


def _layouts(shapes: Sequence[ModelShape]) -> tuple[tuple[ModelShape, ...], Ints]:
    """One shape for each different layout, and which one each given shape has.

    Two shapes of one layout differ only in the context they were trained for, and nothing sized depends on that: some
    architectures' tensors and caches do, which the counts in the key tell apart.
    """
    number: dict[ModelShape, int] = {}
    by_key: dict[object, int] = {}
    first: list[ModelShape] = []
    for shape in shapes:
        if shape in number:
            continue
        key = (replace(shape, n_ctx_train=0, n_ctx_rope=0), count_params(shape), cache_coefficients(shape))
        if key not in by_key:
            by_key[key] = len(first)
            first.append(shape)
        number[shape] = by_key[key]
    return tuple(first), np.array([number[shape] for shape in shapes], dtype=np.int64)


class _Weighed:
    """Weights and loads of every layout in every file type; they are summed here and not kept one by one."""

    def __init__(self, shapes: Sequence[ModelShape], quants: tuple[str, ...]) -> None:
        self.size = (len(shapes), len(quants))
        self.scalars: list[tuple[int, ...]] = []
        self.copied: list[list[Mapping[str, int]]] = [[] for _ in shapes]
        self.dense, self.experts = _sums(len(quants)), _sums(len(quants))
        self.work: list[tuple[float, ...]] = []
        for shape, copied in zip(shapes, self.copied, strict=True):
            for index, quant in enumerate(quants):
                w = weights.__wrapped__(shape, quant)
                copied.append(w.largest)
                self._add(shape, index, w)

    def _add(self, shape: ModelShape, index: int, w: Weights) -> None:
        in_layers = sum(w.per_layer_bytes)
        dense = (full - exp for full, exp in zip(w.per_layer_bytes, w.per_layer_expert_bytes, strict=True))
        self.dense[index].extend(accumulate(dense, initial=0))
        self.experts[index].extend(accumulate(w.per_layer_expert_bytes, initial=0))
        self.scalars.append(
            (
                w.device_bytes,
                w.device_bytes - in_layers,
                w.total_file_bytes - w.mtp_bytes - in_layers,
                w.host_bytes + copied_back(shape, w),
            )
        )
        load = load_of(shape, w)
        self.work.append(tuple(getattr(load, name) for name in LOAD_FIELDS))

    def arrays(self) -> dict[str, Ints]:
        """The fields of `Cells` that depend on layout and file type."""
        columns = np.array(self.scalars, dtype=np.int64).reshape(*self.size, 4)
        names = ("whole_weights", "output", "cpu_output", "token_embd_host")
        out = {name: np.ascontiguousarray(columns[:, :, at]) for at, name in enumerate(names)}
        out["dense"], out["experts"] = _rows(self.dense), _rows(self.experts)
        return out

    def loads(self) -> Load:
        """The work of one token, every field an array over layouts and file types."""
        columns = np.array(self.work, dtype=np.float64).reshape(*self.size, len(LOAD_FIELDS))
        return Load(**{name: np.ascontiguousarray(columns[:, :, at]) for at, name in enumerate(LOAD_FIELDS)})


def _by_context(shapes: Sequence[ModelShape], each: Sequence[ContextParams]) -> dict[str, Ints]:
    """The fields of `Cells` that depend on layout and context."""
    state = _sums(len(each))
    device: list[list[int]] = []
    host: list[list[int]] = []
    for shape in shapes:
        buffers = [compute_buffer(shape, at) for at in each]
        device.append([buffer.device_bytes for buffer in buffers])
        host.append([buffer.host_bytes for buffer in buffers])
        for running, at in zip(state, each, strict=True):
            running.extend(accumulate(kv_cache(shape, at).per_layer_bytes, initial=0))
    return {
        "state": _rows(state),
        "compute_device": _table(device, len(each)),
        "compute_host": _table(host, len(each)),
    }
