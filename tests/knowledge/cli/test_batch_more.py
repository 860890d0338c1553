"""`batch`, further: what is loaded beside a model, engines, costs, guides, and lines no one should send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers
from knowledge.cli.batch import run_batch
from tests.knowledge.cli.test_batch import ask, json_values


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
