"""Compute buffers: what the engine reserves for intermediate results, on each accelerator and on the host.

A model's graph is replayed through ggml's allocator with symbolic sizes (`graph`, `graph_alloc`); what is left is a
few linear forms whose largest is the buffer. `evaluate` is that formula and takes numbers or NumPy arrays. Follows
llama.cpp b11434 on CUDA-like devices; other versions and drivers differ by a few per cent. No constant is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from operator import mul

from knowledge.catalog import ModelShape
from knowledge.estimator.graph import Part, build_graph
from knowledge.estimator.graph_alloc import TERMS, ZERO, Graph, Replay, Size, plus
from knowledge.estimator.graph_blocks import NO_MIXED_BATCH, input_width, n_deepstack
from knowledge.estimator.kept import Piece, kept
from knowledge.estimator.kv_cache import PAD_CELLS, Cells, Number, cells_of, greater
from knowledge.estimator.layers import layer_mixers
from knowledge.estimator.quant import cache_type, is_quantized
from knowledge.estimator.request import ContextParams
from knowledge.estimator.tensors_traits import traits_of

PIPELINE_COPIES = 4
"""Copies of every input the scheduler keeps when several devices work in a pipeline (GGML_SCHED_MAX_COPIES)."""


@dataclass(frozen=True, slots=True)
class ComputeBuffers:
    """Bytes of compute buffers: on each accelerator (the largest of several), of each in order, and on the host."""

    device_bytes: int
    host_bytes: int
    per_device_bytes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A linear form over `graph_alloc.TERMS`, found at a context of `n_ctx`; it holds from there on.

    Where a quantised cache is written out, it is its size against the activations' that decides, so there the context
    counts for a batch of the size the forms were found with. `n_seq` 1 means it holds for a single sequence, 2 for
    several, 0 for any number: recurrent states may fall elsewhere where there are more of them.
    """

    n_ctx: Number
    size: tuple[Number, ...]
    n_seq: Number = 0


class Where(Enum):
    """Which buffer: the only accelerator's, the first or another of several, or the host's where it computes alone.

    `REST` is that of a device whose first layers lie elsewhere: as `FURTHER`, but nothing is worked on in turn. `HEAD`
    is as `FIRST` in the same way.
    """

    DEVICE = "all"
    FIRST = "front"
    FURTHER = "back"
    REST = "rest"
    HEAD = "head"
    HOST_ALONE = "alone"


_GRID = (512, 2048, 8192, 32768, 131072)
"""Contexts a graph is replayed at. Where tensors fall depends on sizes; between two the smaller one's place holds."""

_QUANTIZED_GRID = (*_GRID, 1 << 20)
"""The same for a quantised cache: what it is written out to grows so fast that each change's place is sought."""

_N_UBATCH = 512
_N_SEQ = 4
"""Sequences a recurrent model's graph is replayed with besides one: the server's usual slots."""
_DEQUANTIZED = slice(TERMS.index("full_x_quantized_k"), TERMS.index("window_x_quantized_v") + 1)


def _point(n_outputs: int, n_ctx: int, window: int, n_seq: int, *, quantized: bool) -> tuple[int, ...]:
    """Values of the terms for a micro-batch of the usual size."""
    mark = int(quantized)
    masks = (_N_UBATCH * n_ctx, _N_UBATCH * window)
    return (
        1,
        _N_UBATCH,
        n_outputs,
        n_seq,
        *masks,
        mark * n_ctx,
        mark * n_ctx,
        mark * window,
        mark * window,
        n_ctx,
        window,
        _N_UBATCH * _N_UBATCH,
    )


@lru_cache(maxsize=8)
def _graph(shape: ModelShape, flash_attn: bool, quantized: bool, on_host: bool = False, part: Part = "all") -> Graph:
    """A graph, kept while the buffers it is for are asked for one after the other."""
    return build_graph(shape, flash_attn=flash_attn, quantized=quantized, on_host=on_host, part=part)


@lru_cache(maxsize=16384)
def buffer_forms(
    shape: ModelShape, *, where: Where, flash_attn: bool, quantized: bool, all_outputs: bool
) -> tuple[Form, ...]:
    """Compile a shape to the forms of one of its buffers, for one way of attention and of asking for logits."""
    piece = kept(shape, forms_name(where, flash_attn, quantized, all_outputs))
    if piece is not None:
        return tuple([Form(n_ctx, tuple(size), n_seq) for n_ctx, n_seq, size in piece])
    rest: Part = "all" if n_deepstack(shape) else "back"  # embeddings several wide come to whoever computes layer 0
    parts: dict[Where, Part] = {Where.FIRST: "front", Where.FURTHER: "back", Where.REST: rest, Where.HEAD: "front"}
    part = parts.get(where, "all")
    graph = _graph(shape, flash_attn, quantized, where is Where.HOST_ALONE, part)
    copies = PIPELINE_COPIES if where in {Where.FIRST, Where.FURTHER} else 1
    replay = Replay(graph, copies)

    def forms_of(n_seq: int) -> dict[Size, Number]:
        def size_at(n_ctx: int) -> Size:
            window = min(shape.n_swa + _N_UBATCH, n_ctx) if shape.n_swa else 0
            n_outputs = _N_UBATCH if all_outputs else n_seq
            return replay.peak(_point(n_outputs, n_ctx, window, n_seq, quantized=quantized))

        return _found(size_at, quantized=quantized)

    one = forms_of(1)
    if not set(layer_mixers(shape)) & set("rch"):
        return tuple(Form(n_ctx, size) for size, n_ctx in one.items())
    several = forms_of(_N_SEQ)
    either = {size for size, n_ctx in one.items() if several.get(size) == n_ctx}
    return (
        *(Form(n_ctx, size, 0 if size in either else 1) for size, n_ctx in one.items()),
        *(Form(n_ctx, size, 2) for size, n_ctx in several.items() if size not in either),
    )


def forms_name(where: Where, flash_attn: bool, quantized: bool, all_outputs: bool) -> str:
    """What a buffer's forms are kept under."""
    return f"forms {where.value} {flash_attn:d}{quantized:d}{all_outputs:d}"


def forms_piece(forms: Iterable[Form]) -> Piece:
    """Forms as they are kept."""
    return [[form.n_ctx, form.n_seq, list(form.size)] for form in forms]


def _found(size_at: Callable[[int], Size], *, quantized: bool) -> dict[Size, Number]:
    """The forms of a buffer, and the context from which each holds."""
    forms: dict[Size, Number] = {}
    sizes = [(n_ctx, size_at(n_ctx)) for n_ctx in (_QUANTIZED_GRID if quantized else _GRID)]
    for at, found in enumerate(sizes):
        changes = _changes(size_at, sizes[at - 1], found) if quantized and at else [found]
        for n_ctx, size in changes:
            forms.setdefault(size, n_ctx)
    return forms


def _changes(
    size_at: Callable[[int], Size], below: tuple[int, Size], above: tuple[int, Size]
) -> list[tuple[int, Size]]:
    """Return where between two contexts another form begins to hold, by halving; to the page of cells."""
    if below[1] == above[1]:
        return []
    if above[0] - below[0] <= PAD_CELLS:
        return [above]
    middle = (below[0] + above[0]) // (2 * PAD_CELLS) * PAD_CELLS
    between = (middle, size_at(middle))
    return [*_changes(size_at, below, between), *_changes(size_at, between, above)]


@lru_cache(maxsize=4096)
def host_form(shape: ModelShape, *, flash_attn: bool, quantized: bool, copies: int = 1) -> Size:
    """Size the host's buffer: embeddings for each kind of batch, masks and row numbers, all copied from there."""
    copied, computed = host_sizes(shape, flash_attn, quantized)
    total = [copies * coefficient for coefficient in copied]
    total[TERMS.index("tokens")] += computed
    return tuple(total)


@lru_cache(maxsize=4096)
def host_sizes(shape: ModelShape, flash_attn: bool, quantized: bool) -> tuple[Size, int]:
    """What the host copies to devices, and the bytes a token that it works on itself."""
    piece = kept(shape, host_name(flash_attn, quantized))
    if piece is not None:
        return tuple(piece[0]), piece[1]
    graph = _graph(shape, flash_attn, quantized)
    total = list(plus(ZERO, *[graph.steps[index].size or ZERO for index in graph.inputs], *graph.beside.values()))
    embeddings = 4 * input_width(shape)
    computed = embeddings + (0 if shape.arch in NO_MIXED_BATCH else 4 * shape.n_embd)
    total[TERMS.index("tokens")] += embeddings + 8 - computed
    if traits_of(shape.arch).position_embd and shape.arch not in NO_MIXED_BATCH:
        total[TERMS.index("tokens")] += embeddings + 4 * shape.n_embd + 8  # the branch for mixed batches, here
    return tuple(total), computed


def host_name(flash_attn: bool, quantized: bool) -> str:
    """What `host_sizes` are kept under."""
    return f"host {flash_attn:d}{quantized:d}"


def _largest(forms: Iterable[Form], at: Cells, values: tuple[int, ...]) -> int:
    """`evaluate` for plain numbers, which need no care for what an array may hold."""
    largest = 0
    for form in forms:
        if form.n_seq and (form.n_seq == 1) != (at.n_seq == 1):
            continue
        if form.n_ctx > _GRID[0]:
            reach = at.full * _N_UBATCH // at.n_ubatch if any(form.size[_DEQUANTIZED]) else at.n_ctx_seq
            if reach < form.n_ctx:
                continue
        size = sum(map(mul, form.size, values))
        if size > largest:
            largest = size
    return largest


def _matters(coefficient: Number) -> bool:
    """Whether a coefficient, or any of an array of them, is other than zero."""
    return bool(coefficient) if isinstance(coefficient, int) else bool(coefficient.any())


def evaluate(
    forms: Iterable[Form], at: Cells, n_outputs: Number, quantized_k: Number = 0, quantized_v: Number = 0
) -> Number:
    """Return the largest of the forms that hold, in bytes; everything may be arrays."""
    tokens = at.n_ubatch
    masks = (tokens * at.n_ctx_seq, tokens * at.sliding_seq)
    dequantized = (quantized_k * at.full, quantized_v * at.full, quantized_k * at.sliding, quantized_v * at.sliding)
    values = (1, tokens, n_outputs, at.n_seq, *masks, *dequantized, at.full, at.sliding, tokens * tokens)
    if isinstance(at.full, int):
        return _largest(forms, at, values)
    largest: Number = 0
    for form in forms:
        total: Number = 0
        for coefficient, value in zip(form.size, values, strict=True):
            if _matters(coefficient):
                total = total + coefficient * value
        dequantizes = (sum(form.size[_DEQUANTIZED]) > 0) * 1
        reach = at.full * _N_UBATCH // at.n_ubatch * dequantizes + at.n_ctx_seq * (1 - dequantizes)
        sequences = (form.n_seq == 0) | ((form.n_seq == 1) == (at.n_seq == 1))
        holds = ((reach >= form.n_ctx) | (form.n_ctx <= _GRID[0])) & sequences
        largest = greater(largest, total * holds)
    return largest


def buffer_at(shape: ModelShape, context: ContextParams, where: Where) -> Callable[[Cells], int]:
    """Bytes of one buffer under a context's settings, by the cells of one length or another."""
    quantized_k, quantized_v = is_quantized(cache_type(context.type_k)), is_quantized(cache_type(context.type_v))
    quantized = (quantized_k or quantized_v) and context.flash_attn
    written = (0, 0) if where is Where.HOST_ALONE else (int(quantized_k), int(quantized_v))
    found: dict[bool, tuple[Form, ...]] = {}

    def size(at: Cells) -> int:
        n_outputs = n_outputs_in(context, at)
        all_outputs = 2 * n_outputs > at.n_ubatch
        forms = found.get(all_outputs)
        if forms is None:
            forms = found[all_outputs] = buffer_forms(
                shape, where=where, flash_attn=context.flash_attn, quantized=quantized, all_outputs=all_outputs
            )
        return int(evaluate(forms, at, n_outputs, *written))

    return size


def n_outputs_in(context: ContextParams, at: Cells) -> int:
    """Logits kept: one a sequence where nothing else was said, no more than a micro-batch has tokens."""
    return int(min(at.n_ubatch, at.n_seq if context.n_outputs is None else context.n_outputs))


def _size(shape: ModelShape, context: ContextParams, where: Where) -> int:
    """Bytes of one buffer in a context."""
    return buffer_at(shape, context, where)(cells_of(shape, context))


@lru_cache(maxsize=2048)
def rest_buffer(shape: ModelShape, context: ContextParams) -> int:
    """Bytes of the buffer of a device whose first layers stay on the host; `n_outputs` 0 leaves the head out."""
    return _size(shape, context, Where.REST)


@lru_cache(maxsize=2048)
def front_buffer(shape: ModelShape, context: ContextParams) -> int:
    """Bytes of the buffer of the first of several devices that hold everything but do not work in turn."""
    return _size(shape, context, Where.HEAD)


def pipelined_buffers(shape: ModelShape, context: ContextParams) -> tuple[int, int]:
    """Bytes of the buffers of the first and of each further device of several that hold a model between them."""
    return _size(shape, context, Where.FIRST), _size(shape, context, Where.FURTHER)


@lru_cache(maxsize=1024)
def compute_buffer(
    shape: ModelShape, context: ContextParams, *, n_devices: int = 1, all_layers_on_device: bool = True
) -> ComputeBuffers:
    """Size the compute buffers of a model in a context; with several devices, of each, pipelining copies included."""
    if not all_layers_on_device:
        return ComputeBuffers(0, _size(shape, context, Where.HOST_ALONE))
    at = cells_of(shape, context)
    written_out = is_quantized(cache_type(context.type_k)) or is_quantized(cache_type(context.type_v))
    quantized = written_out and context.flash_attn
    copies = PIPELINE_COPIES if n_devices > 1 else 1
    host = Form(0, host_form(shape, flash_attn=context.flash_attn, quantized=quantized, copies=copies))
    host_bytes = int(evaluate((host,), at, n_outputs_in(context, at)))
    if n_devices == 1:
        alone = _size(shape, context, Where.DEVICE)
        return ComputeBuffers(alone, host_bytes, (alone,))
    first, further = pipelined_buffers(shape, context)
    each = (first, *(n_devices - 1) * (further,))
    return ComputeBuffers(max(each), host_bytes, each)
