"""The batch protocol: every op answers, bad lines are answers too, order and ids are kept."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers
from knowledge.cli import batch
from knowledge.cli.batch import OPS, answer_line, run_batch

CONTRACT = {
    "id": "1",
    "op": "estimate",
    "model": "qwen3-8b",
    "quant": "Q4_K_M",
    "hardware": [{"name": "RTX 3060 12GB", "count": 1}],
    "ram_gib": 32,
    "n_ctx": 8192,
    "type_k": "f16",
    "type_v": "f16",
    "flash_attn": True,
    "n_ubatch": 512,
    "n_parallel": 1,
    "engine": "llama.cpp",
    "backend": "cuda",
    "n_prompt": 512,
}


RIG = {"model": "qwen3-8b", "quant": "Q4_K_M", "n_ctx": 8192, "hardware": [{"name": "RTX 3060 12GB"}]}


def ask(answers: Answers, **line: Any) -> dict[str, Any]:
    return answer_line(answers, json.dumps(line))


def test_the_contract_s_own_example(answers: Answers) -> None:
    got = ask(answers, **CONTRACT)
    assert got["ok"] is True
    assert got["model"]["id"] == "qwen3-8b"
    assert got["hardware"] == [
        {"id": "nvidia-geforce-rtx-3060-12-gb", "name": "GeForce RTX 3060 12 GB", "count": 1},
    ]
    assert got["fit_tier"] == "comfortable"
    parts = ("weights_bytes", "kv_cache_bytes", "recurrent_bytes", "compute_bytes", "overhead_bytes")
    assert got["total_bytes"] == sum(got[name] for name in parts)
    assert got["kv_cache_bytes"] == 36 * 8 * 128 * 2 * 2 * 8192
    speed = got["decode_tok_s"]
    assert 0 < speed["low"] < speed["mid"] < speed["high"]
    assert got["evidence"] in {"M", "M~", "C", "~", "E"}
    assert got["n_gpu_layers"] == 37
    assert got["max_n_ctx"] % 256 == 0


def test_a_shape_instead_of_a_name_and_no_hardware(answers: Answers) -> None:
    shape = {
        "n_layer": 32,
        "n_embd": 4096,
        "n_head": 32,
        "n_head_kv": 8,
        "n_ff": 14336,
        "n_vocab": 128256,
        "n_ctx_train": 131072,
    }
    by_shape = ask(answers, id="2", op="estimate", shape={"arch": "llama", **shape}, quant="Q4_K_M", n_ctx=8192)
    by_name = ask(answers, id="2", op="estimate", model="llama 3.1 8b", quant="Q4_K_M", n_ctx=8192)
    for part in ("weights_bytes", "kv_cache_bytes", "compute_bytes", "total_bytes"):
        assert by_shape[part] == by_name[part]
    assert by_shape["fit_tier"] is None
    assert by_shape["decode_tok_s"] is None


@pytest.mark.parametrize(
    ("line", "code", "subject"),
    [
        ({"op": "estimate", "model": "qwen3-8b", "hardware": ["RTX 3065"]}, "unknown_hardware", "RTX 3065"),
        ({"op": "estimate", "model": "qwen3-8b", "hardware": ["RTX 3060"]}, "ambiguous", "RTX 3060"),
        ({"op": "estimate", "model": "no such model 99x", "hardware": []}, "unknown_model", "no such model 99x"),
        ({"op": "estimate", "model": "qwen3-8b", "quant": "Q9_Z"}, "unknown_quant", "Q9_Z"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": 0}, "bad_input", "n_ctx"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": -5}, "bad_input", "n_ctx"),
        ({"op": "estimate", "model": "qwen3-8b", "hardware": ["RTX 4090"], "n_ctx": 10**7}, "bad_input", "n_ctx"),
        (
            {"op": "estimate", "model": "qwen3-8b", "hardware": [{"name": "RTX 4090", "count": 40}]},
            "bad_input",
            "hardware",
        ),
        ({"op": "estimate", "model": "qwen3-8b", "hardware": ["RTX 4090"], "ram_gib": -1}, "bad_input", "ram_gib"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": 4096, "n_ubatch": 0}, "bad_input", "n_ubatch"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": 4096, "n_parallel": 0}, "bad_input", "n_parallel"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": 4096, "type_k": "q3_9"}, "bad_input", "type_k"),
        ({"op": "estimate", "model": "qwen3-8b", "n_ctx": "many"}, "bad_input", "n_ctx"),
        ({"op": "estimate", "model": 7}, "bad_input", "model"),
        ({"op": "estimate", "model": "qwen3-8b", "hardware": ["RTX 4090"], "engine": "mlx"}, "bad_input", "engine"),
        ({"op": "estimate", "model": "qwen3-8b", "engine": "warp drive"}, "unknown_engine", "warp drive"),
        ({"op": "estimate", **RIG, "measured_tok_s": 0}, "bad_input", "measured_tok_s"),
        ({"op": "estimate", **RIG, "measured_tok_s": -3}, "bad_input", "measured_tok_s"),
        ({"op": "estimate", **RIG, "measured_tok_s": 1e308}, "bad_input", "measured_tok_s"),
        ({"op": "estimate", **RIG, "n_gpu_layers": -2}, "bad_input", "n_gpu_layers"),
        ({"op": "estimate", **RIG, "n_cpu_moe": 5}, "bad_input", "n_cpu_moe"),
        ({"op": "estimate", **RIG, "depth": 10**6}, "bad_input", "depth"),
        ({"op": "estimate", **RIG, "n_prompt": 0}, "bad_input", "n_prompt"),
        ({"op": "estimate", **RIG, "backend": "metal"}, "bad_input", "backend"),
        (
            {"op": "estimate", "model": "qwen3-8b", "hardware": [{"name": "RTX 4090", "count": 0}]},
            "bad_input",
            "hardware",
        ),
        ({"op": "estimate", **RIG, "quant": "awq", "engine": "llama.cpp"}, "bad_input", "quant"),
        ({"op": "resolve", "kind": "colour", "text": "red"}, "bad_input", "kind"),
        ({"op": "define"}, "bad_input", "text"),
        ({"op": "fly"}, "bad_input", "op"),
        ({}, "bad_input", "op"),
    ],
)
def test_bad_input_is_a_named_error(answers: Answers, line: dict[str, Any], code: str, subject: str) -> None:
    got = ask(answers, id="x", **line)
    assert got["ok"] is False
    assert got["id"] == "x"
    assert got["error"]["code"] == code
    assert got["error"]["subject"] == subject
    assert got["error"]["message"]


def test_unknown_hardware_offers_the_nearest_three(answers: Answers) -> None:
    error = ask(answers, op="estimate", model="qwen3-8b", hardware=["RTX 3065"])["error"]
    assert len(error["choices"]) == 3
    assert "Did you mean" in error["hint"]


@pytest.mark.parametrize("line", ["nonsense", "[1, 2]", "null", '"text"', "{", '{"id": NaN}', "[" * 5000])
def test_a_line_that_is_no_object_is_answered(answers: Answers, line: str) -> None:
    assert answer_line(answers, line)["ok"] is False


def test_order_and_ids_are_kept_and_empty_lines_skipped(answers: Answers) -> None:
    lines = ['{"id": 1, "op": "define", "text": "kv cache"}\n', "\n", "junk\n", '{"id": "b", "op": "fly"}\n']
    got = [json.loads(line) for line in run_batch(answers, lines)]
    assert [row["id"] for row in got] == [1, None, "b"]
    assert [row["ok"] for row in got] == [True, False, False]


def test_ask_routes_and_answers(answers: Answers) -> None:
    fit = ask(answers, op="ask", text="will qwen3 8b q4_k_m run on a 4090 at 8k?")
    assert fit["route"] == "fit"
    assert fit["answer"][0]["fit_tier"] == "comfortable"
    define = ask(answers, op="ask", text="what is a kv cache?")
    assert define["route"] == "define"
    assert define["answer"][0]["id"] == "kv-cache"
    log = "llama_model_load: error loading model: cudaMalloc failed: out of memory on device 0"
    diagnose = ask(answers, op="ask", text=log)
    assert diagnose["route"] == "diagnose"
    assert diagnose["answer"][0]["id"] == "cuda_oom_ggml"


def test_an_ambiguous_card_is_answered_for_each_candidate(answers: Answers) -> None:
    got = ask(answers, op="ask", text="will qwen3 14b q4_k_m run on a 3060?")
    ids = {answer["hardware"][0]["id"] for answer in got["answer"]}
    assert ids == {"nvidia-geforce-rtx-3060-12-gb", "nvidia-geforce-rtx-3060-8-gb"}
    assert got["ambiguous"][0]["field"] == "hardware"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**7)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    op=st.sampled_from(sorted(OPS)),
    fields=st.dictionaries(
        st.sampled_from(
            ["model", "hardware", "quant", "n_ctx", "ram_gib", "text", "kind", "engine", "shape", "depth", "n_prompt"]
        ),
        json_values,
        max_size=6,
    ),
)
def test_no_object_can_raise(answers: Answers, op: str, fields: dict[str, Any]) -> None:
    got = ask(answers, id="h", op=op, **fields)
    assert got["id"] == "h"
    assert got["ok"] in {True, False}


def test_an_out_of_memory_log_is_handed_to_the_estimator(answers: Answers) -> None:
    log = """$ llama-server -hf unsloth/Qwen3-32B-GGUF:Q6_K -c 32768 -ngl 99
  Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6, VMM: yes
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 8192.00 MiB on device 0: cudaMalloc failed: out of memory"""
    got = ask(answers, op="ask", text=log)
    assert got["route"] == "diagnose"
    assert got["answer"][0]["id"] == "cuda_oom_ggml"
    assert "8.00 GiB were asked for on NVIDIA GeForce RTX 3090" in got["memory"]
    assert got["fit"]["model"]["id"] == "qwen3-32b"
    assert got["fit"]["quant"] == "Q6_K"
    assert got["fit"]["n_ctx"] == 32768
    assert got["fit"]["fit_tier"] == "trade-offs"  # so many layers fewer on the card, said in its command
    assert "context+quant" in {change["axis"] for change in got["fit"]["changes"]}


@pytest.mark.parametrize("text", ["\ud800", "qwen3 8b \udfff on a 4090"])
def test_lone_surrogates_do_not_end_the_batch(answers: Answers, text: str) -> None:
    lines = [json.dumps({"id": text, "op": "ask", "text": text}), json.dumps({"id": 2, "op": "define", "text": "vram"})]
    got = list(run_batch(answers, lines))
    assert [json.loads(line)["id"] for line in got] == [text, 2]
    assert all(line.encode("utf-8") for line in got)


def test_an_impossible_measurement_is_left_out_and_said(answers: Answers) -> None:
    plain = ask(answers, op="estimate", **RIG)
    got = ask(answers, op="estimate", **RIG, measured_tok_s=4100)
    assert got["decode_tok_s"] == plain["decode_tok_s"]
    assert any("left out" in text for text in got["assumptions"])


def test_minus_one_layers_means_all(answers: Answers) -> None:
    got = ask(answers, op="estimate", **RIG, n_gpu_layers=-1)
    assert (got["n_gpu_layers"], got["fit_tier"]) == (37, "comfortable")


def test_a_k_type_alone_leaves_v_as_it_is(answers: Answers) -> None:
    both = ask(answers, op="estimate", **RIG)["kv_cache_bytes"]
    k_only = ask(answers, op="estimate", **RIG, type_k="q8_0")["kv_cache_bytes"]
    assert k_only == both // 2 + both // 2 * 17 // 32


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("llama 3.3 70b on 64gb ram no gpu", "cpu-dual-channel-ddr4-3200"),
        ("qwen3 32b without a gpu, 64gb ddr5", "cpu-dual-channel-ddr5-5600"),
        ("qwen3 8b cpu only 32gb", "cpu-dual-channel-ddr4-3200"),
    ],
)
def test_no_gpu_means_the_cpu(answers: Answers, text: str, device: str) -> None:
    got = ask(answers, op="ask", text=text)
    assert got["route"] == "fit"
    assert [answer["hardware"][0]["id"] for answer in got["answer"]] == [device]


def test_either_of_an_open_name_and_a_plain_one(answers: Answers) -> None:
    got = ask(answers, op="ask", text="RTX 3060 or 4060 for llama 3.1 8b?")
    ids = [[device["id"] for device in answer["hardware"]] for answer in got["answer"]]
    assert ["nvidia-geforce-rtx-4060"] in ids
    assert ["nvidia-geforce-rtx-3060-12-gb"] in ids
    assert all(len(one) == 1 for one in ids)


@pytest.mark.parametrize(
    ("quant", "engine"),
    [
        ("awq", "vllm"),
        ("fp8", "vllm"),
        ("exl3", "exllamav3"),
        ("bnb 4bit", "transformers"),
        ("Q6_K", "llama.cpp"),
        ("bf16", "llama.cpp"),
    ],
)
def test_a_format_leads_to_the_engine_it_is_made_for(answers: Answers, quant: str, engine: str) -> None:
    rig = {"model": "qwen3-8b", "n_ctx": 8192, "hardware": [{"name": "RTX 4090"}]}
    assert ask(answers, op="estimate", **rig, quant=quant)["engine"] == engine


@pytest.mark.parametrize(
    ("quant", "words"),
    [
        ("bf16", "vllm serve Qwen/Qwen3-8B --max-model-len 8192"),
        ("Q4_K_M", "vllm serve unsloth/Qwen3-8B-GGUF:Q4_K_M --tokenizer Qwen/Qwen3-8B"),
        ("fp8", "--quantization fp8"),
        ("awq", "<a copy of Qwen/Qwen3-8B in awq-int4>"),
    ],
)
def test_vllm_is_told_to_load_what_was_computed(answers: Answers, quant: str, words: str) -> None:
    rig = {"model": "qwen3-8b", "n_ctx": 8192, "hardware": [{"name": "RTX 4090"}]}
    assert words in ask(answers, op="estimate", **rig, quant=quant, engine="vllm", detailed=True)["command"]


def test_tensor_parallel_only_where_heads_divide(answers: Answers) -> None:
    rig = {"model": "qwen3-8b", "n_ctx": 8192, "engine": "vllm", "quant": "bf16"}
    two = ask(answers, op="estimate", **rig, hardware=[{"name": "RTX 4090", "count": 2}], detailed=True)["command"]
    three = ask(answers, op="estimate", **rig, hardware=[{"name": "RTX 4090", "count": 3}], detailed=True)["command"]
    assert "--tensor-parallel-size 2" in two
    assert "tensor-parallel" not in three


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gemma3 27b q6k on dgx spark with 262144 ctx, how fast?", "1 to 131,072"),
        ("can i run qwen3 8b on 2x3090 using mlx?", "MLX does not run on"),
    ],
)
def test_a_fit_question_that_cannot_be_answered_says_why(answers: Answers, text: str, said: str) -> None:
    got = ask(answers, op="ask", text=text)
    assert got["ok"] is True
    assert got["route"] == "fit"
    assert got["answer"] == []
    assert said in got["open"]


# ---- beside the model, engines side by side, costs


def test_alone_in_a_process_the_collector_runs_between_lines(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "COLLECT_EVERY", 2)
    lines = [json.dumps({"id": n, "op": "define", "text": "kv cache"}) for n in range(5)]
    found = batch.run_alone(answers, lines)
    first = next(found)
    assert not gc.isenabled()
    assert [first, *found] == list(batch.run_batch(answers, lines))
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
