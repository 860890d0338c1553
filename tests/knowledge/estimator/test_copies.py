"""Buffers of a device that computes what lies on the host: copies find room as the engine's do."""

from __future__ import annotations

from operator import mul

import pytest

from knowledge.catalog import Knowledge
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.copied import copied_buffer
from knowledge.estimator.graph import build_graph
from knowledge.estimator.graph_alloc import TERMS, Graph, Replay, term
from knowledge.estimator.graph_blocks import Held
from knowledge.estimator.graph_walk import Walk
from knowledge.estimator.layer_costs import Fraction, layer_bytes
from knowledge.estimator.request import ContextParams
from knowledge.estimator.weights import weights
from knowledge.units import MIB

from .test_buffers import some_shapes

VALUES = [1] * len(TERMS)


def extent(graph: Graph, **copied: int) -> int:
    return Walk.of(graph).extent(VALUES, copied)


def test_a_copy_comes_before_the_operation_that_reads_it_and_goes_after() -> None:
    graph = Graph()
    source = graph.input(term("one", 1024))
    up = graph.op(term("one", 2048), graph.copy(weight="up"), source)
    graph.op(term("one", 1024), graph.copy(weight="down"), up, source)
    assert extent(graph, up=4096, down=4096) == 1024 + 4096 + 2048 + 1024, "the second lies where the first was"
    assert extent(graph, up=4096, down=4224) == 1024 + 4096 + 2048 + 4224, "too large for the gap it left"


def test_late_inputs_come_with_the_run_of_operations_that_reads_them() -> None:
    graph = Graph()
    source = graph.input(term("one", 1024))
    mask = graph.late_input(term("one", 512))
    first = graph.op(term("one", 1024), graph.copy(weight="q"), source)
    second = graph.op(term("one", 1024), graph.copy(weight="k"), first)
    graph.op(term("one", 1024), second, mask)
    assert graph.arriving() == {5: [1]}, "with the operation that starts the second run"
    assert extent(graph, q=128, k=128) > 0


def test_without_copies_a_walk_is_the_replay() -> None:
    for shape in some_shapes():
        graph = build_graph(shape, flash_attn=True, quantized=False)
        values = (1, 512, 1, 1, 512 * 8192, 512 * 1536, 0, 0, 0, 0, 8192, 1536, 512 * 512)
        replayed = sum(map(mul, Replay(graph).peak(values), values))
        assert Walk.of(graph).extent(values, {}) == pytest.approx(replayed, abs=128 * 64), shape.arch


FROM_THE_ENGINE = (
    # model, file type, context, cache, what lies on the host, the engine's buffer in MiB (b11434)
    ("qwen3-coder-next", "Q8_0", 4096, "f16", "experts", 1118.0),
    ("qwen3-coder-next", "F16", 32768, "f16", "experts", 2106.0),
    ("qwen3.5-397b-a17b", "Q4_K_M", 16384, "f16", "experts", 3428.0),
    ("falcon-11b", "Q3_K_M", 4096, "f16", "host", 163.5),
    ("laguna-xs-2.1", "Q3_K_M", 16384, "f16", "host", 249.0),
    ("riva-translate-4b-instruct-v2", "IQ4_XS", 8192, "f16", "host", 96.1),
    ("cydonia-24b-v4.1", "IQ4_XS", 16384, "f16", "host", 341.0),
    ("step-3.5-flash-base", "Q8_0", 32768, "f16", "host", 1738.0),
    ("mimo-vl-7b-sft-2508", "Q3_K_M", 32768, "q8_0", "host", 276.0),
)


@pytest.mark.parametrize(("model", "quant", "n_ctx", "cache", "held", "stated_mib"), FROM_THE_ENGINE)
def test_the_engine_says_the_same(
    knowledge: Knowledge, model: str, quant: str, n_ctx: int, cache: str, held: Held, stated_mib: float
) -> None:
    shape = knowledge.models[model].shape
    assert shape is not None
    context = ContextParams(n_ctx=n_ctx, type_k=cache, type_v=cache)
    got = copied_buffer(shape, weights(shape, quant).largest, context, held)
    assert got / MIB == pytest.approx(stated_mib, abs=0.2)


PARTED_BY_THE_ENGINE: tuple[tuple[str, str, int, str, int, Fraction, float, float], ...] = (
    # model, file type, context, cache, the first layer that leaves a part of itself in RAM (those behind it their
    # experts), which part is left on the device; MiB on a card alone, and on the first of two, which has half the
    # layers before it (b11434)
    ("qwen3-30b-a3b", "Q4_K_M", 16384, "f16", 20, "up", 245.5, 233.5),
    ("phi-3.5-moe-instruct", "Q5_K_M", 4096, "q8_0", 30, "attn", 405.2, 388.2),
    ("hunyuan-a13b-instruct", "Q6_K", 4096, "q8_0", 14, "moe", 778.1, 778.1),
    ("mistral-small-4-119b-2603", "Q4_K_M", 8192, "f16", 9, "gate", 648.0, 632.0),
)


@pytest.mark.parametrize(
    ("model", "quant", "n_ctx", "cache", "first", "fraction", "alone_mib", "helping_mib"), PARTED_BY_THE_ENGINE
)
def test_the_engine_says_the_same_of_layers_in_part(
    knowledge: Knowledge,
    model: str,
    quant: str,
    n_ctx: int,
    cache: str,
    first: int,
    fraction: Fraction,
    alone_mib: float,
    helping_mib: float,
) -> None:
    shape = knowledge.models[model].shape
    assert shape is not None
    cost = layer_bytes(shape, quant, ContextParams(n_ctx=n_ctx, type_k=cache, type_v=cache), n_devices=2)
    assert cost.compute_parted(first, fraction) / MIB == pytest.approx(alone_mib, abs=0.2)
    assert cost.compute_helper(first // 2, first) / MIB == pytest.approx(helping_mib, abs=0.4)


def test_what_a_device_cannot_multiply_with_is_copied_to_the_host(knowledge: Knowledge) -> None:
    shape = knowledge.models["mistral-small-4-119b-2603"].shape
    assert shape is not None
    cost = layer_bytes(shape, "Q4_K_M", ContextParams(n_ctx=8192))
    assert cost.compute_host / MIB == pytest.approx(896.3, rel=0.02), "the engine's"


@pytest.mark.parametrize("cache", ["f16", "q8_0"])
@pytest.mark.parametrize("quant", ["Q4_K_M", "F16"])
def test_a_buffer_with_copies_holds_the_largest_expert(quant: str, cache: str) -> None:
    """Searches pass over what cannot be held by this bound alone."""
    for shape in (one for one in some_shapes() if one.n_expert):
        cost = layer_bytes(shape, quant, ContextParams(n_ctx=8192, type_k=cache, type_v=cache))
        assert cost.least_copy > 0, shape.arch
        assert min(cost.compute_lent(True), cost.compute_experts(False)) >= cost.least_copy, shape.arch


def test_more_is_needed_than_with_everything_on_the_device() -> None:
    for shape in some_shapes():
        if shape.n_expert:
            continue
        context = ContextParams(n_ctx=4096)
        lent = copied_buffer(shape, weights(shape, "F16").largest, context, "host")
        assert lent >= 0.7 * compute_buffer(shape, context).device_bytes, shape.arch
