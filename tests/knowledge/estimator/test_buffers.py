"""Compute buffers: the allocator's replay on small graphs, bounds for any model, arrays equal to single answers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from operator import mul

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ModelShape
from knowledge.content_loader import load_content
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.coefficients import context_bytes, memory_coefficients, stack
from knowledge.estimator.graph import build_graph
from knowledge.estimator.graph_alloc import TERMS, Graph, Replay, plus, term
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.layers import layer_mixers
from knowledge.estimator.request import ContextParams
from knowledge.units import MIB

VALUES = [1] * len(TERMS)


@lru_cache(maxsize=1)
def some_shapes() -> list[ModelShape]:
    """One shape an architecture."""
    found = {model.shape.arch: model.shape for model in load_content().models if model.shape is not None}
    return list(found.values())


def peak(graph: Graph, copies: int = 1) -> int:
    end = Replay(graph, copies).peak(VALUES)
    return sum(a * b for a, b in zip(end, VALUES, strict=True))


def bytes_of(n: int) -> tuple[int, ...]:
    return term("one", n)


def test_sizes_add_by_term() -> None:
    assert plus(term("tokens", 3), term("one", 4), term("tokens", 5)) == plus(term("tokens", 8), term("one", 4))


def test_a_chain_needs_two_results_at_a_time() -> None:
    graph = Graph()
    last = graph.input(bytes_of(1024))
    for _ in range(5):
        last = graph.op(bytes_of(1024), last)
    assert peak(graph) == 2048


def test_results_in_place_need_no_room() -> None:
    graph = Graph()
    last = graph.input(bytes_of(1024))
    for _ in range(5):
        last = graph.op(bytes_of(1024), last, inplace=True)
    assert peak(graph) == 1024


def test_what_is_read_later_is_not_overwritten() -> None:
    graph = Graph()
    first = graph.input(bytes_of(1024))
    second = graph.op(bytes_of(1024), first, inplace=True)
    third = graph.op(bytes_of(1024), second)
    graph.op(bytes_of(1024), second, third, inplace=True)
    assert peak(graph) == 2048
    graph.op(bytes_of(1024), first)
    assert peak(graph) > 2048


def test_free_room_of_the_best_size_is_taken() -> None:
    graph = Graph()
    large, small = graph.input(bytes_of(4096)), graph.input(bytes_of(1024))
    keep = graph.input(bytes_of(128), kept=True)
    graph.sink(large)
    graph.op(bytes_of(4096), small, keep)
    assert peak(graph) == 4096 + 1024 + 128


def test_pipelining_copies_the_inputs() -> None:
    graph = Graph()
    graph.op(bytes_of(512), graph.input(bytes_of(1024)))
    assert peak(graph, copies=4) == 4 * 1024 + 512


@pytest.mark.parametrize("n_devices", [1, 2, 4])
@pytest.mark.parametrize("flash_attn", [True, False])
def test_every_architecture_has_buffers(n_devices: int, flash_attn: bool) -> None:
    for shape in some_shapes():
        size = compute_buffer(shape, ContextParams(flash_attn=flash_attn), n_devices=n_devices)
        assert len(size.per_device_bytes) == n_devices, shape.arch
        assert size.device_bytes == max(size.per_device_bytes), shape.arch
        assert 0 < size.device_bytes < 64 * 1024 * MIB, shape.arch
        assert size.host_bytes >= 0, shape.arch


@given(
    st.sampled_from(some_shapes()),
    st.integers(512, 131072),
    st.integers(0, 65536),
    st.integers(1, 4),
    st.booleans(),
)
def test_more_context_never_needs_less(shape: ModelShape, n_ctx: int, more: int, n_parallel: int, flash: bool) -> None:
    context = ContextParams(n_ctx=n_ctx, n_parallel=n_parallel, flash_attn=flash)
    larger = replace(context, n_ctx=n_ctx + more)
    assert compute_buffer(shape, context).device_bytes <= compute_buffer(shape, larger).device_bytes


@given(st.sampled_from(some_shapes()), st.sampled_from([64, 128, 256]))
def test_smaller_batches_never_need_more(shape: ModelShape, n_ubatch: int) -> None:
    small = compute_buffer(shape, ContextParams(n_ubatch=n_ubatch))
    assert small.device_bytes <= compute_buffer(shape, ContextParams(n_ubatch=512)).device_bytes


def test_no_flash_attention_needs_the_scores() -> None:
    cached = [shape for shape in some_shapes() if kv_cache(shape, ContextParams()).kv_bytes]
    assert len(cached) > 60
    for shape in cached:
        with_it = compute_buffer(shape, ContextParams(n_ctx=65536)).device_bytes
        without = compute_buffer(shape, ContextParams(n_ctx=65536, flash_attn=False)).device_bytes
        assert without >= with_it * 0.99, shape.arch


@pytest.mark.parametrize(("cache", "n_parallel"), [("f16", 1), ("q8_0", 3)])
def test_arrays_give_the_single_answers(cache: str, n_parallel: int) -> None:
    shapes, contexts = some_shapes(), np.array([2048, 8192, 65536])
    base = ContextParams(type_k=cache, type_v=cache, n_parallel=n_parallel)
    many = stack([memory_coefficients(shape, quantized_cache=cache != "f16") for shape in shapes])
    kv, state, buffer = (np.broadcast_to(one, (len(shapes), 3)) for one in context_bytes(many, base, contexts))
    for row, shape in enumerate(shapes):
        for column, n_ctx in enumerate(contexts):
            context = replace(base, n_ctx=int(n_ctx))
            one = kv_cache(shape, context)
            assert round(float(kv[row, column])) == one.kv_bytes, shape.arch
            assert round(float(state[row, column])) == one.recurrent_bytes, shape.arch
            assert int(buffer[row, column]) == compute_buffer(shape, context).device_bytes, shape.arch


@pytest.mark.parametrize("n_ctx", [5120, 12288, 16384, 24576, 40960, 49152, 65536, 98304])
def test_between_the_contexts_a_graph_is_replayed_at_a_quantised_cache_is_placed_right(n_ctx: int) -> None:
    """A cache written out in full for attention outgrows the gap it lay in at some context: there the formula changes.

    The form is compared with a walk of the allocator at that very context.
    """
    context = ContextParams(n_ctx=n_ctx, type_k="q8_0", type_v="q8_0")
    for shape in some_shapes():
        if shape.arch == "deepseek4":
            continue  # a cache of several ratios
        window = min(-(-(shape.n_swa + 512) // 256) * 256, n_ctx) if shape.n_swa else 0
        masks, quantized = (512 * n_ctx, 512 * window), (n_ctx, n_ctx, window, window)
        values = (1, 512, 1, 1, *masks, *quantized, n_ctx, window, 512 * 512)
        exact = Replay(build_graph(shape, flash_attn=True, quantized=True)).peak(values)
        walked = sum(map(mul, exact, values))
        stated = compute_buffer(shape, context).device_bytes
        if shape.arch in {"cohere2moe", "glm-dsa", "qwen3vl"}:  # a form of shorter contexts that is larger still holds
            assert 0.99 * walked <= stated <= 1.3 * walked, shape.arch
        else:
            assert stated == pytest.approx(walked, rel=0.05, abs=16 * MIB), shape.arch


@pytest.mark.parametrize("n_ubatch", [256, 1024, 2048])
def test_a_batch_of_another_size_is_placed_right_with_a_quantised_cache(n_ubatch: int) -> None:
    """What the cache is written out to stays, all else grows with the batch: the formula changes in proportion."""
    context = ContextParams(n_ctx=65536, type_k="q8_0", type_v="q8_0", n_ubatch=n_ubatch)
    plain = [shape for shape in some_shapes() if set(layer_mixers(shape)) == {"f"} and not shape.indexer_head_size]
    for shape in plain:
        if shape.arch in {"deepseek4", "qwen3vl"}:
            continue  # as above
        values = (1, n_ubatch, 1, 1, n_ubatch * 65536, 0, 65536, 65536, 0, 0, 65536, 0, n_ubatch**2)
        exact = Replay(build_graph(shape, flash_attn=True, quantized=True)).peak(values)
        walked = sum(map(mul, exact, values))
        assert compute_buffer(shape, context).device_bytes == pytest.approx(walked, rel=0.05, abs=16 * MIB), shape.arch


@pytest.mark.parametrize(
    ("model_id", "n_ctx", "device_mib", "host_mib"),
    [
        ("all-minilm-l6-v2", 512, 4.5, 4.26),  # heads no device's flash attention takes: the mask stays on the host
        ("granite-embedding-english-r2", 4096, 13.756, 7.01),  # a mask for the window, too
        ("mamba-130m", 4096, 18.348, 6.0),  # a layer's result is added in the residual's place
        ("falcon-mamba-7b", 4096, 97.57, 32.0),
    ],
)
def test_buffers_the_engine_reserves(model_id: str, n_ctx: int, device_mib: float, host_mib: float) -> None:
    shape = next(model.shape for model in load_content().models if model.id == model_id)
    assert shape is not None
    got = compute_buffer(shape, ContextParams(n_ctx=n_ctx))
    assert got.device_bytes / MIB == pytest.approx(device_mib, abs=0.01)
    assert got.host_bytes / MIB == pytest.approx(host_mib, abs=0.03)
