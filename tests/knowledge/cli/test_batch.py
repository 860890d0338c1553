"""The batch protocol: every op answers, bad lines are answers too, order and ids are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers
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
    assert got["fit"]["fit_tier"] == "no"
    assert got["fit"]["changes"]


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
        ("awq", "<a awq-int4 copy of Qwen/Qwen3-8B>"),
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


def line(answers: Answers, **data: Any) -> dict[str, Any]:
    return ask(answers, id="1", **data)


def estimate(answers: Answers, **data: Any) -> dict[str, Any]:
    base = {"op": "estimate", "model": "gemma-3-27b-it", "quant": "Q4_K_M", "hardware": [{"name": "RTX 4090"}]}
    return line(answers, **{**base, **data})


def test_a_projector_a_draft_and_adapters(answers: Answers) -> None:
    plain = estimate(answers)
    seen = estimate(answers, mmproj=True)
    assert seen["total_bytes"] == plain["total_bytes"] + seen["projector_bytes"]
    assert seen["projector_bytes"] > 800 * 2**20
    hosted = estimate(answers, vision=True, mmproj_offload=False)
    assert (hosted["projector_bytes"], hosted["total_bytes"]) == (0, plain["total_bytes"])
    assert hosted["host_projector_bytes"] == seen["projector_bytes"]
    drafted = estimate(answers, draft="gemma-3-1b-it", draft_quant="Q4_K_M", draft_max=8, draft_acceptance=0.7)
    assert drafted["speculation"]["draft_max"] == 8
    assert drafted["speculation"]["acceptance"] == {"low": 0.7, "mid": 0.7, "high": 0.7}
    assert drafted["draft_bytes"] > 0
    mtp = estimate(answers, model="qwen3.6-27b", mtp=True)
    assert mtp["speculation"]["decode_tok_s"]["mid"] > mtp["decode_tok_s"]["mid"]


@pytest.mark.parametrize(
    "lora", [16, "16", [16], {"rank": 16}, [{"rank": 16, "targets": ["q", "v"]}], {"bytes": 10**8}]
)
def test_adapters_in_every_form(answers: Answers, lora: object) -> None:
    found = estimate(answers, lora=lora)
    assert found["ok"]
    assert found["lora_bytes"] > 0
    if isinstance(lora, dict) and "bytes" in lora:
        assert found["lora_bytes"] == lora["bytes"]


@pytest.mark.parametrize(
    ("data", "code", "subject"),
    [
        ({"lora": {"rank": "many"}}, "bad_input", "rank"),
        ({"lora": True}, "bad_input", "lora"),
        ({"lora": 0}, "bad_input", "lora"),
        ({"lora": {}}, "bad_input", "lora"),
        ({"mmproj": "yes"}, "bad_input", "mmproj"),
        ({"mmproj": True, "mmproj_type": "q2_k"}, "bad_input", "mmproj"),
        ({"model": "qwen3-8b", "mmproj": True}, "bad_input", "vision"),
        ({"draft": 7}, "bad_input", "draft"),
        ({"draft": "qwen3-0.6b"}, "bad_input", "draft"),
        ({"draft": "gemma-3-1b-it", "draft_max": 1000}, "bad_input", "draft_max"),
        ({"draft": "gemma-3-1b-it", "draft_max": 1.5}, "bad_input", "draft_max"),
        ({"draft": "gemma-3-1b-it", "draft_acceptance": -0.1}, "bad_input", "draft_acceptance"),
        ({"model": "qwen3-8b", "mtp": True}, "bad_input", "mtp"),
        ({"model": "qwen3-8b", "quant": "MXFP4"}, "bad_input", "quant"),
        ({"n_ctx": 10**9}, "bad_input", "n_ctx"),
        ({"n_ctx": 0}, "bad_input", "n_ctx"),
        ({"n_ctx": -5}, "bad_input", "n_ctx"),
        ({"hardware": [{"name": "RTX 4090", "count": 40}]}, "bad_input", "hardware"),
        ({"hardware": [{"name": "RTX 4090", "count": 0}]}, "bad_input", "hardware"),
        ({"ram_gib": -1}, "bad_input", "ram_gib"),
        ({"ram_gib": 1e300}, "bad_input", "ram_gib"),
        ({"hardware": [{"name": "RTX 4090", "memory_gib": -1e300}]}, "bad_input", "memory_gib"),
        ({"n_ubatch": 0}, "bad_input", "n_ubatch"),
        ({"n_batch": 0}, "bad_input", "n_batch"),
        ({"n_parallel": 0}, "bad_input", "n_parallel"),
        ({"n_prompt": 0}, "bad_input", "n_prompt"),
        ({"depth": -1}, "bad_input", "depth"),
        ({"type_k": "q3_k"}, "bad_input", "type_k"),
        ({"engine": "ollama", "type_k": "q5_1", "type_v": "q5_1"}, "bad_input", "type_k"),
        (
            {"shape": {"n_layer": 4, "n_embd": 64, "n_vocab": 99, "n_head": 8, "n_head_kv": 3, "n_ff": 9}},
            "bad_input",
            "n_head_kv",
        ),
        ({"shape": {"n_layer": 0, "n_embd": 64, "n_vocab": 99, "n_head": 8, "n_ff": 9}}, "bad_input", "n_layer"),
    ],
)
def test_bad_input_is_named_with_what_is_valid(
    answers: Answers, data: dict[str, object], code: str, subject: str
) -> None:
    found = estimate(answers, **data)
    assert not found["ok"], found
    assert (found["error"]["code"], found["error"]["subject"]) == (code, subject)
    assert found["error"]["hint"]


def test_a_question_of_a_megabyte_is_answered_or_refused_by_name(answers: Answers) -> None:
    for op in ("ask", "parse", "define", "diagnose"):
        found = line(answers, op=op, text="will it run " * 90_000)
        assert found["ok"] or found["error"]["code"] == "bad_input", op
    found = line(answers, op="resolve", kind="model", text="x" * 2**20)
    assert found["ok"] is False
    assert found["error"]["code"] in {"unknown_model", "bad_input"}
    assert len(json.dumps(found)) < 2000


def test_a_nested_hugging_face_config_is_a_shape(answers: Answers) -> None:
    inner = {
        "model_type": "qwen3_vl_text",
        "num_hidden_layers": 36,
        "hidden_size": 4096,
        "vocab_size": 151936,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 12288,
        "max_position_embeddings": 262144,
    }
    config = {
        "model_type": "qwen3_vl",
        "architectures": ["Qwen3VL"],
        "text_config": inner,
        "vision_config": {"depth": 27},
    }
    nested, flat = (estimate(answers, model=None, shape=shape) for shape in (config, inner))
    assert nested["ok"], nested
    assert nested["weights_bytes"] == flat["weights_bytes"] > 4 * 2**30
    assert nested["kv_cache_bytes"] == flat["kv_cache_bytes"]


def test_resolved_ids_are_not_repeated(answers: Answers) -> None:
    for kind, text in (("hardware", "2x 3090 + 3090"), ("hardware", "4060 ti"), ("model", "qwen3"), ("quant", "q4")):
        found = line(answers, op="resolve", kind=kind, text=text)
        if found["ok"]:
            assert len(found["ids"]) == len(set(found["ids"])), text


def test_engines_side_by_side_say_why(answers: Answers) -> None:
    found = line(answers, op="engines", model="llama 3.1 8b", quant="Q4_K_M", hardware=["RTX 4090"])
    rows = {row["engine"]: row for row in found["engines"]}
    assert next(iter(rows)) == "llama.cpp"
    assert not rows["mlx"]["ok"]
    assert "does not run on" in rows["mlx"]["error"]["message"]
    assert "instead of Q4_K_M" in rows["vllm"]["why"]
    assert "context 32k instead of 8k" in rows["ollama"]["why"]


def test_costs(answers: Answers) -> None:
    found = line(answers, op="cost", model="qwen3.6 27b", hardware=["RTX 4090"], tokens_per_month=2e7)
    assert found["ok"], found
    assert found["months"] > 1
    assert found["prices_checked"]
    assert found["assumptions"]
    wrong = line(answers, op="cost", model="qwen3.6 27b", hardware=["RTX 4090"], kwh_price=-3)
    assert wrong["error"]["subject"] == "kwh_price"
    assert line(answers, op="cost", model="qwen3.6 27b")["error"]["subject"] == "hardware"


ODD_FIELDS = ["lora", "draft", "mtp", "mmproj", "mmproj_type", "draft_max", "draft_acceptance", "draft_quant", "type_k"]
ODD_FIELDS += [
    "currency",
    "rate",
    "tokens_per_month",
    "kwh_price",
    "watts",
    "device_price",
    "inputs_per_output",
    "ram_gib",
]


@given(
    op=st.sampled_from(["estimate", "engines", "cost"]),
    odd=st.dictionaries(st.sampled_from(ODD_FIELDS), json_values, max_size=3),
)
def test_odd_fields_are_named_errors_never_faults(answers: Answers, op: str, odd: dict[str, Any]) -> None:
    got = ask(answers, op=op, model="qwen3-8b", quant="Q4_K_M", hardware=["RTX 3090"], **odd)
    if not got["ok"]:
        assert got["error"]["code"] != "internal", odd
        assert got["error"]["hint"] or got["error"]["choices"], odd


def test_guides_are_given_with_their_figures(answers: Answers) -> None:
    found = ask(answers, id="1", op="guide", text="best-gpu-for-local-ai")
    assert found["ok"]
    assert (found["kind"], found["disclosure"], found["shops"]) == ("guide", "", [])
    assert "| ---" in found["body"]
    assert found["sources"]
    kit = ask(answers, id="2", op="guide", text="kit-json")
    assert {"model", "values", "source"} == set(kit["settings"][0])
    unknown = ask(answers, id="3", op="guide", text="how do I bake bread")
    assert not unknown["ok"]
    assert unknown["error"]["subject"]


def test_ask_names_pages(answers: Answers) -> None:
    found = ask(answers, id="1", op="ask", text="best gpu for local ai")
    assert found["pages"][0] == "best-gpu-for-local-ai"
    assert found["page_first"]
    assert "pages" not in ask(answers, id="2", op="ask", text="will qwen3 8b run on a 3060 12gb?")


@pytest.mark.parametrize(
    ("line", "id_"),
    [
        ('{"id":1,"op":"define","text":NaN}', 1),
        ('{"id":2,"op":"estimate","model":"qwen3-8b","n_ctx":1' + "0" * 400 + "}", 2),
        ('{"id":3,"op":"estimate","shape":{"n_layer":1' + "0" * 400 + "}}", 3),
        ('{"id":4,"op":"estimate","model":"qwen3-8b","hardware":["RTX 3060 12GB"],"n_prompt":9223372036854775808}', 4),
        ('{"id":5,"op":"resolve","kind":"quant","text":"\\ud800"}', 5),
        ('{"id":6,"op":"estimate","model":"qwen3-8b","hardware":"\\ud800"}', 6),
        ('{"id":NaN,"op":"frobnicate"}', None),
        ('{"id":7,"op":"estimate","model":"qwen3-8b","ram_gib":Infinity}', 7),
    ],
)
def test_what_no_number_and_no_text_can_be_is_told_to_its_asker(answers: Answers, line: str, id_: object) -> None:
    (told,) = run_batch(answers, [line])
    got = json.loads(told)
    assert got["id"] == id_
    assert got["ok"] is False
    assert got["error"]["code"] not in {"internal", "content"}
    assert got["error"]["hint"]


def test_a_byte_order_mark_and_raw_control_characters_are_read(answers: Answers) -> None:
    (told,) = run_batch(answers, ['\ufeff{"id":1,"op":"define","text":"what is\ta kv cache"}'])
    assert json.loads(told)["terms"][0]["id"] == "kv-cache"


def test_a_guide_keeps_the_line_s_id_and_names_its_page(answers: Answers) -> None:
    got = ask(answers, id=5, op="guide", text="what is kv cache quantisation, should I quantise the kv cache?")
    assert got["id"] == 5
    assert got["page"] in answers.knowledge.pages


@pytest.mark.parametrize(
    ("engine", "device", "said", "quant"),
    [
        ("mlx", "M4 Max 64GB", "4bit", "mlx-4bit"),
        ("mlx", "M4 Max 64GB", "q8", "mlx-8bit"),
        ("exllamav3", "RTX 3090", "4-bit", "exl3-4bpw"),
        ("vllm", "RTX 3090", "4 bit", "awq-int4"),
        ("transformers", "RTX 3090", "8bit", "bnb-8bit"),
        ("ollama", "RTX 3090", "4bit", "Q4_K_M"),
        ("mlx", "M4 Max 64GB", "bf16", "BF16"),
    ],
)
def test_bits_alone_mean_the_engine_s_own_format(
    answers: Answers, engine: str, device: str, said: str, quant: str
) -> None:
    got = ask(answers, op="estimate", model="qwen3-8b", hardware=[device], engine=engine, quant=said)
    assert got["quant"] == quant


@pytest.mark.parametrize(("engine", "device"), [("mlx", "M4 Max 64GB"), ("exllamav3", "RTX 3090")])
def test_an_engine_refuses_files_of_another(answers: Answers, engine: str, device: str) -> None:
    got = ask(answers, op="estimate", model="qwen3-8b", hardware=[device], engine=engine, quant="Q4_K_M")
    assert got["error"]["subject"] == "quant"
    assert "llama.cpp" in got["error"]["hint"]


def test_vllm_loads_gpt_oss_as_it_is_published(answers: Answers) -> None:
    got = ask(answers, op="estimate", model="gpt-oss-20b", hardware=["RTX 3090"], engine="vllm", detailed=True)
    assert got["quant"] == "mxfp4-hf"
    assert got["fit_tier"] == "comfortable"
    assert got["command"].startswith("vllm serve openai/gpt-oss-20b ")
