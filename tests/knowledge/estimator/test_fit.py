"""The estimate as a whole: verdicts people rely on, properties of any question, advice that keeps its word."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers, HardwareAsk
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.command import command_text
from knowledge.estimator.engines import engine_by_name
from knowledge.estimator.fit import case_of, estimate
from knowledge.estimator.ladders import QUANT_LADDER
from knowledge.estimator.layer_costs import layer_bytes
from knowledge.estimator.looks import quick_tier
from knowledge.estimator.offload import DeviceLoad, split_of
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest
from knowledge.units import GIB

MODELS = (
    "qwen3-8b",
    "llama-3.1-8b-instruct",
    "gemma-3-27b-it",
    "gpt-oss-20b",
    "qwen3-30b-a3b",
    "deepseek-v3",
    "nemotron-3-nano-30b-a3b",
    "qwen3-next-80b-a3b-instruct",
)
RANK = {"no": 0, "trade-offs": 1, "comfortable": 2}


def fit(
    answers: Answers, model: str, on: str, quant: str = "Q4_K_M", n_ctx: int = 8192, ram_gib: float | None = None
) -> FitAnswer:
    return answers.estimate_text(model, on, quant, n_ctx, ram_gib)


@pytest.mark.parametrize(
    ("model", "on", "quant", "n_ctx", "ram_gib", "tier"),
    [
        ("llama 3.1 8b", "RTX 3060 12GB", "Q4_K_M", 8192, None, "comfortable"),
        ("gemma 3 27b", "RTX 4090", "Q4_K_M", 32768, None, "comfortable"),  # a peer says it needs 31.9 GB
        ("llama 3.3 70b", "2x3090", "Q4_K_M", 8192, None, "comfortable"),  # a peer says it will not serve
        ("llama 3.3 70b", "RTX 4090", "Q4_K_M", 8192, None, "no"),
        ("llama 3.3 70b", "RTX 4090", "Q4_K_M", 8192, 64, "trade-offs"),
        ("gpt-oss-120b", "Strix Halo 128GB", "MXFP4", 32768, None, "comfortable"),
        ("gpt-oss-120b", "Strix Halo 64GB", "MXFP4", 32768, None, "no"),
        ("deepseek r1", "RTX 4090", "Q4_K_M", 8192, 128, "no"),
        ("qwen3 30b a3b", "RTX 3060 12GB", "Q4_K_M", 16384, 32, "trade-offs"),
        ("llama 3.1 8b", "M1 8GB", "F16", 8192, None, "no"),
    ],
)
def test_verdicts(
    answers: Answers, model: str, on: str, quant: str, n_ctx: int, ram_gib: float | None, tier: str
) -> None:
    assert fit(answers, model, on, quant, n_ctx, ram_gib).fit_tier == tier


def request(answers: Answers, model: str, quant: str = "Q4_K_M", on: str = "", **context: object) -> FitRequest:
    asks = [HardwareAsk(name=on)] if on else []
    return answers.request(model=model, quant=quant, hardware=asks, context=ContextParams(**context))  # type: ignore[arg-type]


@given(
    model=st.sampled_from(MODELS),
    n_ctx=st.integers(512, 30_000),
    more=st.integers(1, 2_000),
    n_parallel=st.sampled_from([1, 2, 4]),
    kind=st.sampled_from(["f16", "q8_0", "q4_0"]),
)
def test_memory_never_falls_with_context_or_sequences(
    answers: Answers, model: str, n_ctx: int, more: int, n_parallel: int, kind: str
) -> None:
    def total(n_ctx: int, n_parallel: int) -> int:
        made = request(answers, model, n_ctx=n_ctx, type_k=kind, type_v=kind, n_parallel=n_parallel, kv_unified=True)
        memory = estimate(made).memory
        return memory.kv_cache_bytes + memory.recurrent_bytes + memory.weights_bytes

    assert total(n_ctx + more, n_parallel) >= total(n_ctx, n_parallel)
    assert total(n_ctx, n_parallel * 2) >= total(n_ctx, n_parallel)


WHOLE_BLOCKS = [model for model in MODELS if model not in {"gpt-oss-20b", "nemotron-3-nano-30b-a3b"}]
"""The two left out have rows that do not divide into K-quant blocks: small file types fall back to larger ones."""


@given(model=st.sampled_from(WHOLE_BLOCKS), step=st.integers(0, len(QUANT_LADDER) - 2))
def test_smaller_file_types_take_less(answers: Answers, model: str, step: int) -> None:
    larger, smaller = (
        estimate(request(answers, model, quant)).memory.weights_bytes for quant in QUANT_LADDER[step : step + 2]
    )
    assert smaller < larger


@given(
    model=st.sampled_from(MODELS),
    ram=st.sampled_from([None, 16, 32, 64, 128, 768]),
    n_ctx=st.sampled_from([2048, 16384]),
)
def test_split_sums_equal_totals(answers: Answers, model: str, ram: int | None, n_ctx: int) -> None:
    alone = estimate(request(answers, model, n_ctx=n_ctx)).memory
    split = estimate(
        replace(request(answers, model, on="RTX 3060 12GB", n_ctx=n_ctx), ram_bytes=None if ram is None else ram * GIB)
    ).memory
    assert split.weights_bytes + split.host_weights_bytes == alone.weights_bytes + alone.host_weights_bytes
    assert split.kv_cache_bytes + split.host_kv_cache_bytes == alone.kv_cache_bytes
    assert split.recurrent_bytes + split.host_recurrent_bytes == alone.recurrent_bytes


@given(model=st.sampled_from(MODELS), ram=st.sampled_from([8, 24, 48, 96]), more=st.sampled_from([8, 64, 512]))
def test_more_ram_never_makes_it_worse(answers: Answers, model: str, ram: int, more: int) -> None:
    base = request(answers, model, on="RTX 4060 Ti 16GB", n_ctx=4096)
    tiers = [estimate(replace(base, ram_bytes=size * GIB)).fit_tier for size in (ram, ram + more)]
    assert RANK[str(tiers[1])] >= RANK[str(tiers[0])]


def test_aliases_do_not_change_the_answer(answers: Answers) -> None:
    ids = [fit(answers, "qwen3-8b", "nvidia-geforce-rtx-3060-12-gb"), fit(answers, "Qwen3 8B", "rtx 3060 12gb")]
    assert ids[0] == ids[1]


def test_the_longest_context_fits_and_the_next_does_not(answers: Answers) -> None:
    answer = fit(answers, "gemma 3 27b", "RTX 4090", n_ctx=8192)
    assert answer.max_n_ctx is not None
    assert fit(answers, "gemma 3 27b", "RTX 4090", n_ctx=answer.max_n_ctx).fit_tier == "comfortable"
    assert fit(answers, "gemma 3 27b", "RTX 4090", n_ctx=answer.max_n_ctx + 256).fit_tier != "comfortable"
    assert answer.max_n_ctx_at_20_tok_s is not None
    assert answer.max_n_ctx_at_20_tok_s <= answer.max_n_ctx


def test_every_change_offered_keeps_its_word(answers: Answers) -> None:
    answer = fit(answers, "qwen3 14b", "RTX 3060 12GB", "Q4_K_M", 24576)
    assert answer.fit_tier == "trade-offs"
    assert {change.axis for change in answer.changes} >= {"kv", "quant", "context", "gpu"}
    assert [change.cost for change in answer.changes] == sorted(change.cost for change in answer.changes)
    quant = next(change.text.split()[0] for change in answer.changes if change.axis == "quant")
    assert fit(answers, "qwen3 14b", "RTX 3060 12GB", quant, 24576).fit_tier == "comfortable"


def test_a_no_offers_every_axis_and_each_makes_it_a_yes(answers: Answers) -> None:
    asked = replace(request(answers, "qwen3 14b", "Q4_K_M", on="RTX 3060 12GB", n_ctx=24576), ram_bytes=2 * GIB)
    answer = estimate_detailed(asked)
    assert answer.fit_tier == "no"
    assert {change.axis for change in answer.changes} >= {"kv", "quant", "context", "ram", "gpu"}
    quant = next(change.text.split()[0] for change in answer.changes if change.axis == "quant")
    assert estimate(replace(asked, quant=quant)).fit_tier != "no"


def test_ram_nobody_named_is_counted_on_and_said(answers: Answers) -> None:
    asked = request(answers, "qwen3 14b", "Q4_K_M", on="RTX 3060 12GB", n_ctx=24576)
    assumed, named = estimate(asked), estimate(replace(asked, ram_bytes=16 * GIB))
    assert assumed.memory == named.memory
    assert "how much RAM there is was not said: taken as 16 GiB" in assumed.flags
    assert not any("not said" in text for text in (*named.flags, *named.assumptions))
    whole = estimate(replace(asked, context=ContextParams(n_ctx=4096)))
    assert not any("not said" in text for text in (*whole.flags, *whole.assumptions))


def test_quick_tier_is_the_whole_verdict(answers: Answers) -> None:
    for model in MODELS:
        for on in ("RTX 3060 12GB", "RTX 4090", "M4 Max 64GB", "Strix Halo 128GB"):
            made = replace(request(answers, model, on=on, n_ctx=4096), ram_bytes=64 * GIB)
            assert quick_tier(case_of(made)) == estimate(made).fit_tier, (model, on)


def test_a_measurement_moves_the_estimate_towards_it(answers: Answers) -> None:
    base = request(answers, "llama 3.1 8b", on="RTX 3060 12GB")
    before = estimate(base).decode_tok_s
    after = estimate(replace(base, measured_tok_s=41.0)).decode_tok_s
    assert before is not None
    assert after is not None
    assert abs(after.mid - 41) < abs(before.mid - 41)
    assert estimate(replace(base, measured_tok_s=41.0)).evidence == "M~"


def test_decode_falls_with_depth(answers: Answers) -> None:
    base = request(answers, "llama 3.1 8b", on="RTX 4090", n_ctx=65536)
    speeds = [estimate(replace(base, depth=depth)).decode_tok_s for depth in (0, 8192, 32768, 65536)]
    middles = [speed.mid for speed in speeds if speed is not None]
    assert len(middles) == 4
    assert middles == sorted(middles, reverse=True)


def test_a_model_without_a_shape_gets_no_number(answers: Answers) -> None:
    shapeless = next(model for model in answers.knowledge.models.values() if model.shape is None)
    with pytest.raises(Unanswerable, match="not known"):
        estimate(FitRequest(model=shapeless, quant="Q4_K_M"))


def test_a_context_beyond_training_is_refused_with_the_range(answers: Answers) -> None:
    with pytest.raises(BadInput, match="1 to 131,072"):
        fit(answers, "llama 3.1 8b", "RTX 4090", n_ctx=131073)


def test_commands_carry_what_the_answer_assumed(answers: Answers) -> None:
    answer = answers.estimate_text("qwen3 30b a3b", "RTX 3060 12GB", "Q4_K_M", 16384, 32, type_k="q8_0")
    assert answer.n_cpu_moe
    assert len(in_ram(answer.command, 48)) == answer.n_cpu_moe
    assert "-c 16384" in answer.command
    assert "-ctk q8_0 -ctv q8_0" in answer.command


@pytest.mark.parametrize("engine", ["ollama", "lm-studio", "vllm", "exllamav3", "transformers"])
def test_engines_differ_and_say_why(answers: Answers, engine: str) -> None:
    answer = answers.estimate_text("llama 3.1 8b", "RTX 4090", engine=engine)
    assert answer.request.engine == engine
    assert answer.assumptions
    assert answer.command


def test_a_no_shows_what_would_be_needed(answers: Answers) -> None:
    answer = fit(answers, "qwen3 32b", "RTX 3060 12GB", "Q8_0")
    assert answer.fit_tier == "no"
    assert answer.available_bytes is not None
    assert answer.memory.total_bytes > answer.available_bytes
    assert answer.memory.weights_bytes == estimate(request(answers, "qwen3-32b", "Q8_0")).memory.weights_bytes


@pytest.mark.parametrize(
    ("text", "rigs"),
    [
        ("is m4 pro 48gb better than a 4090 for qwen3 32b", [["apple-m4-pro-20c-gpu"], ["nvidia-geforce-rtx-4090"]]),
        ("3090 or 4090 for qwen3 32b q4?", [["nvidia-geforce-rtx-3090"], ["nvidia-geforce-rtx-4090"]]),
        ("qwen3 32b on a 4090 and a 3090", [["nvidia-geforce-rtx-4090", "nvidia-geforce-rtx-3090"]]),
        ("how much vram do i need for llama 3.3 70b", [[]]),
    ],
)
def test_this_or_that_is_answered_for_each(answers: Answers, text: str, rigs: list[list[str]]) -> None:
    asked = answers.ask(text)
    assert [[ask.device.id for ask in answer.request.devices] for answer in asked.fits] == rigs


@pytest.mark.parametrize(("model", "flag"), [("bge-m3", "--embeddings"), ("qwen3-reranker-4b", "--reranking")])
def test_models_that_only_read_are_started_so_and_feel_like_nothing(answers: Answers, model: str, flag: str) -> None:
    asked = answers.request(model=model, hardware=(HardwareAsk(name="RTX 3060 12GB"),), quant="Q8_0")
    answer = answers.estimate(asked)
    assert answer.command.endswith(flag)
    assert (answer.feel, answer.written_tok_s, answer.max_n_ctx_at_20_tok_s) == ("", None, None)
    assert answer.prefill_tok_s is not None
    assert any("512 tokens each" in one for one in answer.assumptions)


def test_a_model_that_writes_by_diffusion_has_memory_and_no_speed(answers: Answers) -> None:
    answer = fit(answers, "llada2.1-mini", "RTX 3060 12GB")
    assert answer.fit_tier == "comfortable"
    assert (answer.decode_tok_s, answer.prefill_tok_s, answer.ttft_s, answer.command) == (None, None, None, "")
    assert "writes by diffusion" in answer.flags[-1]


def test_a_phone_is_given_an_app_and_no_command_line(answers: Answers) -> None:
    answer = fit(answers, "gemma-3n-e4b-it", "iPhone 15 Pro")
    assert answer.command == ""
    assert "PocketPal" in answer.assumptions[-1]


def test_what_no_build_of_the_engine_loads_is_said_and_not_recommended(answers: Answers) -> None:
    answer = fit(answers, "kolibri-1", "RTX 4090", ram_gib=64)
    assert answer.command == ""
    assert any("knows its architecture" in flag for flag in answer.flags)
    ranked = answers.best((HardwareAsk(name="RTX 4090"),), ram_gib=64, limit=300)
    assert "kolibri-1" not in {row.model.id for row in ranked}


ROLES = ("gate", "up", "down")


def test_experts_on_several_cards_are_placed_by_pattern(answers: Answers) -> None:
    answer = answers.estimate_text("qwen3 235b a22b", "2x RTX 3090", "Q4_K_M", 16384, 192)
    assert answer.n_cpu_moe
    assert "--n-cpu-moe" not in answer.command
    patterns = dict(part.rsplit("=", 1) for part in re.findall(r"-ot '([^']*)'", answer.command)[0].split(","))
    assert set(patterns.values()) <= {"CPU", "CUDA1"}
    assert len(in_ram(answer.command, 94)) == answer.n_cpu_moe


def in_ram(command: str, n_layer: int) -> set[int]:
    """The layers of which a command's patterns leave experts in RAM."""
    patterns = dict(part.rsplit("=", 1) for part in re.findall(r"-ot '([^']*)'", command)[0].split(","))
    hosts = [pattern for pattern, place in patterns.items() if place == "CPU"]
    names = [(layer, f"blk.{layer}.ffn_{role}_exps.weight") for layer in range(n_layer) for role in ROLES]
    return {layer for layer, name in names if any(re.search(pattern, name) for pattern in hosts)}


def test_whole_layers_of_one_card_go_by_a_word_where_the_first_are_no_less(answers: Answers) -> None:
    """The word counts layers from the first one on, so dense ones in front count."""
    device = answers.device_asks([HardwareAsk(name="RTX 5090")])[0]
    model = answers.knowledge.models["deepseek-v3"]
    shape = model.shape
    assert shape is not None
    request = FitRequest(model=model, quant="Q8_0", devices=(device,))
    placed = split_of(layer_bytes(shape, "Q8_0", request.context), [32 * GIB], 62, 20)
    whole = replace(placed, loads=(DeviceLoad(62, 18),), n_cpu_moe=17)
    engine = engine_by_name("llama.cpp")
    assert f"--n-cpu-moe {17 + shape.n_layer_dense_lead} " in command_text(request, engine, whole, shape.n_layer)
    parted = replace(whole, loads=(DeviceLoad(62, 18, "up"),))
    assert in_ram(command_text(request, engine, parted, shape.n_layer), 61) == set(range(44, 61))


def test_experts_of_the_first_layers_are_in_ram_where_so_many_were_asked_for(answers: Answers) -> None:
    model = answers.knowledge.models["deepseek-v3"]
    shape = model.shape
    assert shape is not None
    cost = layer_bytes(shape, "Q4_K_M", ContextParams())
    dense = split_of(cost, [900 * GIB], 62, shape.n_layer_dense_lead)
    assert dense.memory.weights_bytes == split_of(cost, [900 * GIB], 62).memory.weights_bytes
    some = split_of(cost, [900 * GIB], 62, 10)
    assert dense.memory.weights_bytes - some.memory.weights_bytes == cost.experts[10]
