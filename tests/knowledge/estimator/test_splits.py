"""Splits the engine would not choose by itself; and that a better machine never gets a worse verdict."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Device, Knowledge, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.budget import Budget
from knowledge.estimator.fill import plan
from knowledge.estimator.fit import case_of
from knowledge.estimator.ladders import QUANT_LADDER
from knowledge.estimator.layer_costs import LayerBytes
from knowledge.estimator.looks import memory_tier
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest
from knowledge.estimator.splits import alternatives, holds_whole, may_hold, packed, planned, said_of
from knowledge.estimator.verdict import memory_tier_of
from knowledge.units import GIB, MIB

RANK = {"no": 0, "trade-offs": 1, "comfortable": 2}


def cost(n_layer: int = 10, dense: int = 100 * MIB, experts: int = 0) -> LayerBytes:
    """Equal layers whose buffers grow by 200 MiB where devices work in turn."""

    def running(size: int) -> tuple[int, ...]:
        return tuple(accumulate([size] * n_layer, initial=0))

    return LayerBytes(
        dense=running(dense),
        experts=running(experts),
        kv_cache=running(MIB),
        recurrent=running(0),
        output=50 * MIB,
        token_embd_host=33 * MIB,
        cpu_output=33 * MIB,
        compute_device=100 * MIB,
        compute_headless=lambda: 90 * MIB,
        compute_rest=lambda head: (100 if head else 90) * MIB,
        compute_lent=lambda head: (120 if head else 110) * MIB,
        compute_experts=lambda head: (120 if head else 110) * MIB,
        compute_parted=lambda _first, _fraction: 120 * MIB,
        compute_helper=lambda _stop, _first: 110 * MIB,
        compute_front=lambda: 90 * MIB,
        compute_pipelined=(300 * MIB, 300 * MIB),
        compute_host=3 * MIB,
        compute_cpu=100 * MIB,
        least_copy=20 * MIB,
        left_out=lambda fraction, _layer: experts // {"attn": 1, "up": 2, "gate": 3, "moe": 1}[fraction],
    )


def budget(*free: int, host: int = 64 * GIB) -> Budget:
    return Budget(
        free_bytes=free, overhead_bytes=0, host_bytes=host, shared_bytes=None, on_cpu=False, asks=()
    )  # fmt: skip


WHOLE = 10 * 101 * MIB + 50 * MIB


def test_a_small_second_card_is_left_out_where_one_card_holds_all() -> None:
    room = WHOLE + 100 * MIB + ENGINE_MARGIN_BYTES
    got = planned(cost(), budget(room, 300 * MIB))
    assert got.fits
    assert got.by_hand
    assert [load.n_layer for load in got.loads] == [11, 0]
    assert got.device_bytes == (WHOLE + 100 * MIB, 0)
    assert said_of(got) == ("split by hand, 1 of 2 devices left out: the engine's own choice leaves too little room",)


def test_the_engines_own_plan_stands_where_it_is_comfortable() -> None:
    got = planned(cost(), budget(WHOLE + 2 * GIB, WHOLE + 2 * GIB))
    assert not got.by_hand
    assert said_of(got) == ()


def test_packing_takes_the_buffers_of_devices_that_work_in_turn() -> None:
    loads = packed(cost(), [606 * MIB + 300 * MIB, 454 * MIB + 300 * MIB])
    assert loads is not None
    assert [load.n_layer for load in loads] == [6, 5]
    assert packed(cost(), [606 * MIB + 300 * MIB - 1, 454 * MIB + 300 * MIB]) is None


@given(
    n_layer=st.integers(1, 40),
    dense=st.integers(1, 10**9),
    experts=st.sampled_from([0, 3 * 10**8]),
    free=st.lists(st.integers(0, 4 * 10**10), min_size=2, max_size=6),
)
def test_alternatives_add_up_and_those_by_filling_hold(n_layer: int, dense: int, experts: int, free: list[int]) -> None:
    c = cost(n_layer, dense, experts)
    for got in alternatives(c, budget(*free), whole_only=False):
        assert got.by_hand
        held = got.memory.weights_bytes + got.memory.host_weights_bytes
        assert held == n_layer * (dense + experts) + 50 * MIB + 33 * MIB
        assert sum(got.device_bytes) == got.memory.total_bytes
        assert len(got.loads) == len(free)
    whole = [got for got in alternatives(c, budget(*free), whole_only=True) if got.fits]
    for got in whole:
        assert all(
            used <= room - ENGINE_MARGIN_BYTES for used, room in zip(got.device_bytes, free, strict=True) if used
        )


@given(free=st.lists(st.integers(0, 3 * 10**9), min_size=2, max_size=5), more=st.integers(0, 3 * 10**9))
def test_what_the_engine_holds_with_its_margin_is_packed_too(free: list[int], more: int) -> None:
    targets = [room - ENGINE_MARGIN_BYTES for room in free]
    own = plan(cost(), free)
    if own.fits and all(used <= room for used, room in zip(own.device_bytes, targets, strict=True)):
        assert packed(cost(), targets) is not None
    if packed(cost(), targets) is not None:
        assert packed(cost(), [targets[0] + more, *targets[1:]]) is not None
        assert packed(cost(), [*targets, more]) is not None


@given(
    n_layer=st.integers(1, 30),
    dense=st.integers(1, 10**9),
    experts=st.sampled_from([0, 3 * 10**8]),
    free=st.lists(st.integers(0, 2 * 10**10), min_size=2, max_size=5),
    host=st.integers(0, 4 * 10**10),
)
def test_bounds_say_what_every_split_would(n_layer: int, dense: int, experts: int, free: list[int], host: int) -> None:
    c, have = cost(n_layer, dense, experts), budget(*free, host=host)
    tried = [plan(c, free), *alternatives(c, have, whole_only=False)]
    reached = {memory_tier_of(have, got.memory, got) for got in tried}
    held = reached != {"no"}
    assert may_hold(c, have, whole_only=False) or not held
    assert may_hold(c, have, whole_only=True) or "comfortable" not in reached
    assert holds_whole(c, [room - ENGINE_MARGIN_BYTES for room in free]) == ("comfortable" in reached)
    assert held or not holds_whole(c, free)


def _requests(knowledge: Knowledge, seed: int) -> Iterator[FitRequest]:
    pick = random.Random(seed)  # noqa: S311 (no secret)
    models: list[Model] = [model for model in knowledge.models.values() if model.shape is not None]
    cards: list[Device] = [
        device
        for device in knowledge.devices.values()
        if device.kind == "gpu" and (device.memory_bytes or 0) >= 4 * GIB
    ]
    while True:
        model, card = pick.choice(models), pick.choice(cards)
        asks = [
            DeviceAsk(
                device=card,
                count=pick.choice([1, 1, 2, 3, 4]),
                memory_bytes=pick.choice([card.memory_bytes, pick.randrange(4 * GIB, 100 * GIB)]),
            )
        ]
        if pick.random() < 0.3:
            asks.append(DeviceAsk(device=pick.choice(cards)))
        kind = pick.choice(["f16", "f16", "q8_0"])
        assert model.shape is not None
        n_ctx = min(pick.choice([2048, 8192, 32768, 131072]), model.shape.n_ctx_train)
        ram = pick.choice([None, 8, 16, 32, 64, 128, 256])
        yield FitRequest(
            model=model,
            quant=pick.choice(QUANT_LADDER),
            devices=tuple(asks),
            ram_bytes=None if ram is None else ram * GIB,
            context=ContextParams(n_ctx=n_ctx, type_k=kind, type_v=kind),
        )


def _better(request: FitRequest, pick: random.Random, cards: list[Device]) -> Iterator[tuple[str, FitRequest]]:
    """Changes that can only help: memory, a card of the same kind or any, RAM, a smaller file, a shorter context."""
    first, rest, context = request.devices[0], request.devices[1:], request.context
    assert first.memory_bytes is not None
    grown = first.memory_bytes + pick.choice([1, 256 * MIB, GIB, 4 * GIB, 16 * GIB])
    yield "memory", replace(request, devices=(replace(first, memory_bytes=grown), *rest))
    yield "a card more", replace(request, devices=(replace(first, count=first.count + 1), *rest))
    yield "any card more", replace(request, devices=(*request.devices, DeviceAsk(device=pick.choice(cards))))
    if request.ram_bytes is not None:
        yield "RAM", replace(request, ram_bytes=request.ram_bytes + pick.choice([GIB, 4 * GIB, 16 * GIB]))
    step = QUANT_LADDER.index(request.quant) + 1
    if step < len(QUANT_LADDER):
        yield "a smaller file", replace(request, quant=QUANT_LADDER[step])
    if context.n_ctx > 2048:
        n_ctx = context.n_ctx - pick.randrange(1, context.n_ctx // 2)
        yield "a shorter context", replace(request, context=replace(context, n_ctx=n_ctx))


def _tier(request: FitRequest) -> int:
    return RANK[str(memory_tier(case_of(request)))]


@pytest.mark.parametrize("seed", range(4))
def test_a_better_machine_or_a_smaller_question_never_gets_a_worse_verdict(seed: int, knowledge: Knowledge) -> None:
    """20,000 comparisons and more in all."""
    pick, worse, n_compared = random.Random(seed), [], 0  # noqa: S311 (no secret)
    cards = [device for device in knowledge.devices.values() if device.kind == "gpu" and device.memory_bytes]
    for request in _requests(knowledge, seed):
        if n_compared >= 5000:
            break
        try:
            tier = _tier(request)
            changed = [(what, other, _tier(other)) for what, other in _better(request, pick, cards)]
        except KnowledgeError:  # a cache type or length this model cannot have
            continue
        n_compared += len(changed)
        worse += [(what, request, other) for what, other, reached in changed if reached < tier]
    assert not worse, worse[:2]


def test_the_command_names_the_devices_that_are_left(knowledge: Knowledge) -> None:
    card = knowledge.devices["nvidia-geforce-rtx-4090"]
    small = next(d for d in knowledge.devices.values() if d.kind == "gpu" and d.memory_bytes == 4 * GIB)
    request = FitRequest(
        model=knowledge.models["voxtral-small-24b-2507"],
        quant="Q6_K",
        devices=(DeviceAsk(device=card, memory_bytes=32 * GIB), DeviceAsk(device=small)),
        context=ContextParams(n_ctx=32768),
    )
    answer = estimate_detailed(request)
    assert answer.fit_tier == "comfortable"
    assert " -dev CUDA0 " in answer.command
    assert "-ts" not in answer.command
    assert any(said.startswith("split by hand, 1 of 2") for said in answer.assumptions)
