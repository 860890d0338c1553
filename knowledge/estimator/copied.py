"""Buffers of a device that computes what lies on the host: weights, and caches, are copied in for it.

The engine copies a weight in for the operation that asks for it and a layer's cache for its attention, wherever the
allocator finds room between the other tensors (ggml-backend.cpp): so the graph is walked at the very point asked about,
and no formula is kept as in `buffers`. What lies on the host is told by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from knowledge.catalog import ModelShape
from knowledge.estimator.buffers import n_outputs_in
from knowledge.estimator.graph import LayerLeft, build_graph, build_helper
from knowledge.estimator.graph_alloc import Graph
from knowledge.estimator.graph_blocks import Held
from knowledge.estimator.graph_walk import Walk
from knowledge.estimator.kept import kept
from knowledge.estimator.kv_cache import cells_of
from knowledge.estimator.quant import cache_type, is_quantized
from knowledge.estimator.request import ContextParams

Lefts = tuple[LayerLeft, ...]
CellTypes = tuple[str, str]


def _found(shape: ModelShape, name: str, build: Callable[[], Graph]) -> Walk:
    piece = kept(shape, name)
    return Walk.of(build()) if piece is None else Walk.from_piece(piece)


def walk_name(flash_attn: bool, quantized: bool, held: Held, cell_types: CellTypes) -> str:
    """What `walk_of` is kept under."""
    return f"walk {flash_attn:d}{quantized:d} {held} {' '.join(cell_types)}"


def lefts_name(what: str, flash_attn: bool, quantized: bool, lefts: Lefts) -> str:
    """What a walk of layers that leave different things on the host is kept under."""
    each = ",".join([f"{layer}{mark}{'+'.join(left)}" for layer, left, mark in lefts])
    return f"{what} {flash_attn:d}{quantized:d} {each}"


@lru_cache(maxsize=4096)
def walk_of(shape: ModelShape, flash_attn: bool, quantized: bool, held: Held, cell_types: CellTypes) -> Walk:
    """The graph of a device that computes what lies on the host, packed."""
    return _found(
        shape,
        walk_name(flash_attn, quantized, held, cell_types),
        lambda: build_graph(shape, flash_attn=flash_attn, quantized=quantized, held=held, cell_types=cell_types),
    )


@lru_cache(maxsize=4096)
def parted_walk(shape: ModelShape, flash_attn: bool, quantized: bool, lefts: Lefts) -> Walk:
    """The graph of a device whose layers leave different things on the host, packed."""
    return _found(
        shape,
        lefts_name("parted", flash_attn, quantized, lefts),
        lambda: build_graph(shape, flash_attn=flash_attn, quantized=quantized, held="experts", lefts=lefts),
    )


@lru_cache(maxsize=4096)
def helper_walk(shape: ModelShape, flash_attn: bool, quantized: bool, lefts: Lefts) -> Walk:
    """The graph of the first of several devices, which computes the others' experts in RAM, packed."""
    return _found(
        shape,
        lefts_name("helper", flash_attn, quantized, lefts),
        lambda: build_helper(shape, flash_attn=flash_attn, quantized=quantized, lefts=lefts),
    )


def helper_buffer(shape: ModelShape, copied: Mapping[str, int], context: ContextParams, lefts: Lefts) -> int:
    """`copied_buffer` of the first of several devices, which has these layers and computes all experts in RAM."""
    walk = helper_walk(shape, context.flash_attn, _writes_out(context), lefts)
    return walk.extent(_values(shape, context), copied)


def copied_buffer(shape: ModelShape, copied: Mapping[str, int], context: ContextParams, held: Held) -> int:
    """Bytes of the buffer of the device that computes layers on the host, or only their experts, with its own.

    `copied` are the host's weights by role; `n_outputs` 0 leaves the head out.
    """
    type_k, type_v = cache_type(context.type_k), cache_type(context.type_v)
    walk = walk_of(
        shape,
        context.flash_attn,
        _writes_out(context),
        held,
        (type_k, type_v) if held == "host" else ("f16", "f16"),
    )
    return walk.extent(_values(shape, context), copied)


def parted_buffer(shape: ModelShape, copied: Mapping[str, int], context: ContextParams, lefts: Lefts) -> int:
    """`copied_buffer` where layers differ in what of them is on the host: the device's only one, with all layers.

    Without `lefts` all layers leave their experts there.
    """
    if not lefts:
        return copied_buffer(shape, copied, context, "experts")
    walk = parted_walk(shape, context.flash_attn, _writes_out(context), lefts)
    return walk.extent(_values(shape, context), copied)


def _writes_out(context: ContextParams) -> bool:
    """Whether a quantised cache is written out in F16 for its attention."""
    return context.flash_attn and (is_quantized(cache_type(context.type_k)) or is_quantized(cache_type(context.type_v)))


def _values(shape: ModelShape, context: ContextParams) -> tuple[int, ...]:
    """Values of the terms for a context."""
    at = cells_of(shape, context)
    tokens, full, window = at.n_ubatch, at.full, at.sliding
    masks = (tokens * at.n_ctx_seq, tokens * at.sliding_seq)
    k = int(context.flash_attn and is_quantized(cache_type(context.type_k)))
    v = int(context.flash_attn and is_quantized(cache_type(context.type_v)))
    dequantized = (k * full, v * full, k * window, v * window)
    return (1, tokens, n_outputs_in(context, at), at.n_seq, *masks, *dequantized, full, window, tokens * tokens)
