"""Everything worked out of a model's shape that answers ask for: forms of its buffers, and walks of its graphs.

`compile_shape` works it out now, so that no question about a model is the first; `pieces_of` gives it as plain data to
be kept (`kept`, `precompiled`). File types, devices and contexts are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.catalog import ModelShape
from knowledge.estimator.buffers import Where, buffer_forms, forms_name, forms_piece, host_form, host_name, host_sizes
from knowledge.estimator.copied import helper_walk, lefts_name, parted_walk, walk_name, walk_of
from knowledge.estimator.graph import all_helper_layers, all_parted_layers
from knowledge.estimator.graph_walk import Walk
from knowledge.estimator.kept import Piece, kept

_F16 = ("f16", "f16")
_CACHES = {False: (_F16,), True: (("q8_0", "q8_0"), ("q4_0", "q4_0"))}
"""Cache types that are asked about most, plain and quantised."""


def compile_shape(shape: ModelShape) -> None:
    """Work out what the usual questions about a shape ask for, unless it is kept."""
    if kept(shape, host_name(True, False)) is not None:
        return
    for where in Where:
        buffer_forms(shape, where=where, flash_attn=True, quantized=False, all_outputs=False)
    for _ in _walks(shape, quantized=False):
        pass
    for where in (Where.DEVICE, Where.HOST_ALONE):
        buffer_forms(shape, where=where, flash_attn=True, quantized=True, all_outputs=False)
    for quantized in (False, True):
        host_sizes(shape, True, quantized)


def pieces_of(shape: ModelShape) -> dict[str, Piece]:
    """What is kept of a shape, by name: with flash attention, for plain and quantised caches."""
    pieces: dict[str, Piece] = {}
    for quantized in (False, True):
        for where in Where:
            forms = buffer_forms(shape, where=where, flash_attn=True, quantized=quantized, all_outputs=False)
            pieces[forms_name(where, True, quantized, False)] = forms_piece(forms)
        pieces |= {name: walk.to_piece() for name, walk in _walks(shape, quantized=quantized)}
        copied, computed = host_sizes(shape, True, quantized)
        pieces[host_name(True, quantized)] = [list(copied), computed]
    return pieces


def _walks(shape: ModelShape, *, quantized: bool) -> Iterator[tuple[str, Walk]]:
    for cell_types in _CACHES[quantized]:
        yield walk_name(True, quantized, "host", cell_types), walk_of(shape, True, quantized, "host", cell_types)
    if not shape.n_expert:
        return
    yield walk_name(True, quantized, "experts", _F16), walk_of(shape, True, quantized, "experts", _F16)
    for lefts in all_parted_layers(shape):
        yield lefts_name("parted", True, quantized, lefts), parted_walk(shape, True, quantized, lefts)
    for lefts in all_helper_layers(shape):
        yield lefts_name("helper", True, quantized, lefts), helper_walk(shape, True, quantized, lefts)


def forget_compiled() -> None:
    """Let go of what was worked out so far: it is kept elsewhere now."""
    for remembered in (buffer_forms, host_sizes, host_form, walk_of, parted_walk, helper_walk):
        remembered.cache_clear()
