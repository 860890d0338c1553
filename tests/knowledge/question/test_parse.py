"""Whole questions, in the words people use, field by field."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import BadInput
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.text import MAX_READ_CHARS

CASES: list[tuple[str, dict[str, Any]]] = [
    (
        "will llama 3.1 8b run on my ryzen 7 8845hs with radeon 780m and 32gb ram",
        {"model": "llama-3.1-8b-instruct", "ram": 32.0, "hw": [("amd-ryzen-7-8845hs", 1, 32.0)]},
    ),
    ("qwen3 4b on iphone 14 pro (A16)?", {"model": "qwen3-4b", "hw": [("apple-iphone-14-pro", 1, None)]}),
    (
        "qwen3 4b on a 780m or an 890m?",
        {"model": "qwen3-4b", "hw": [("amd-ryzen-7-7840hs", 1, None), ("amd-ryzen-ai-9-hx-370", 1, None)]},
    ),
    (
        "can a 3060 12GB run Mistral 7B Q5_K_M at 16k context?",
        {
            "model": "mistral-7b-instruct-v0.3",
            "quant": "Q5_K_M",
            "n_ctx": 16_384,
            "hw": [("nvidia-geforce-rtx-3060-12-gb", 1, 12.0)],
        },
    ),
    (
        "Dual RTX 3090 NVLink + 128GB DDR4, Llama 3.1 405B Q2_K possible?",
        {
            "model": "llama-3.1-405b-instruct",
            "quant": "Q2_K",
            "ram": 128.0,
            "hw": [("nvidia-geforce-rtx-3090", 2, None)],
        },
    ),
    (
        "will this fit in 2 x 24gb gpus: mistral large 123b 2.75bpw",
        {"model": "mistral-large-instruct-2411", "quant": "2.75bpw", "hw": [(None, 2, 24.0)]},
    ),
    (
        "我有两张2080ti 22G，能跑Qwen2.5-72B-Instruct-GPTQ-Int4吗？",
        {"model": "qwen2.5-72b-instruct", "quant": "GPTQ", "hw": [("nvidia-geforce-rtx-2080-ti-22gb-modded", 2, 22.0)]},
    ),
    (
        "Läuft Mixtral 8x7B auf einer RTX 4070 Ti Super mit 16 GB VRAM und 64 GB RAM?",
        {"model": "mixtral-8x7b-instruct-v0.1", "ram": 64.0, "hw": [("nvidia-geforce-rtx-4070-ti-super", 1, 16.0)]},
    ),
    (
        "Потянет ли RTX 3060 12 ГБ модель Qwen3 14B Q4_K_M с контекстом 32k?",
        {"model": "qwen3-14b", "quant": "Q4_K_M", "n_ctx": 32_768, "hw": [("nvidia-geforce-rtx-3060-12-gb", 1, 12.0)]},
    ),
    (
        "¿Puedo correr Llama 3 8B en una GTX 1660 Super de 6GB?",
        {"model": "meta-llama-3-8b-instruct", "hw": [("nvidia-geforce-gtx-1660-super", 1, 6.0)]},
    ),
    (
        "4x48GB DDR5-6000 and a 3090 for llama 3 8b in half precision",
        {
            "model": "meta-llama-3-8b-instruct",
            "quant": "FP16",
            "ram": 192,
            "hw": [("nvidia-geforce-rtx-3090", 1, None)],
        },
    ),
    (
        "5x20G 3080 for goliath 120b",
        {"model": "goliath-120b", "hw": [("nvidia-geforce-rtx-3080", 5, 20.0)]},
    ),
    (
        "8x V100-SXM2-32GB deepseek v3 awq",
        {"model": "deepseek-v3", "quant": "AWQ", "hw": [("nvidia-tesla-v100-sxm2-32-gb", 8, 32.0)]},
    ),
    (
        "./llama-server -m Qwen3-30B-A3B-Q4_K_M.gguf -c 65536 -ngl 99 -ctk q8_0 -ctv q8_0 on RTX 3090",
        {
            "model": "qwen3-30b-a3b",
            "quant": "Q4_K_M",
            "n_ctx": 65_536,
            "engine": "llama.cpp",
            "kv": "q8_0",
            "hw": [("nvidia-geforce-rtx-3090", 1, None)],
        },
    ),
    (
        "ollama run llama3.1:70b on my 4080 super, 64gb ram",
        {
            "model": "llama-3.1-70b-instruct",
            "ram": 64.0,
            "engine": "ollama",
            "hw": [("nvidia-geforce-rtx-4080-super", 1, None)],
        },
    ),
    (
        "qwq 32b q4km on 5080 with 16k ctx q8 kv cache in lm studio",
        {
            "model": "qwq-32b",
            "quant": "Q4_K_M",
            "n_ctx": 16_384,
            "engine": "lm studio",
            "kv": "q8_0",
            "hw": [("nvidia-geforce-rtx-5080", 1, None)],
        },
    ),
    (
        "Mac Studio M3 Ultra 256GB kimi k2 q2?",
        {"model": "kimi-k2-instruct", "quant": "Q2_K", "ram": 256.0, "hw": [("apple-m3-ultra-80c-gpu", 1, 256.0)]},
    ),
    (
        "I have an M1 MacBook Air with 8GB RAM, which models can I run?",
        {"ram": 8.0, "intent": "which_models", "hw": [("apple-m1-8c-gpu", 1, 8.0)]},
    ),
    (
        "My laptop has an RTX 4060 and 16GB RAM. Is Llama 3.1 8B ok?",
        {"model": "llama-3.1-8b-instruct", "ram": 16.0, "hw": [("nvidia-geforce-rtx-4060-laptop", 1, None)]},
    ),
    (
        "Running Goliath 120B on 2x 4090 + 1x 3090 with exllamav2 3.0bpw?",
        {
            "model": "goliath-120b",
            "quant": "3.0bpw",
            "engine": "exllamav2",
            "hw": [("nvidia-geforce-rtx-4090", 2, None), ("nvidia-geforce-rtx-3090", 1, None)],
        },
    ),
    (
        "a pair of 7900xtx for 70b q4",
        {"words": "70B", "quant": "Q4", "hw": [("amd-radeon-rx-7900-xtx", 2, None)]},
    ),
    (
        "Threadripper 3970X with 256GB RAM no GPU, can I run Falcon 180B?",
        {"model": "falcon-180b", "ram": 256.0, "hw": [("cpu-threadripper-3960x-3990x-ddr4-3200", 1, 256.0)]},
    ),
    (
        "I get 41 tok/s with qwen3 30b a3b q4_k_m on my 7900 XTX, is that normal?",
        {"model": "qwen3-30b-a3b", "quant": "Q4_K_M", "measured": 41.0, "hw": [("amd-radeon-rx-7900-xtx", 1, None)]},
    ),
    (
        "what's the best model for 12GB vram and 32GB ram",
        {"ram": 32.0, "intent": "which_models", "hw": [(None, 1, 12.0)]},
    ),
    (
        "How much VRAM for a 34B at 4bit with 32k context?",
        {"words": "34B", "quant": "4-bit", "n_ctx": 32_768, "intent": "requirements", "hw": []},
    ),
    (
        "Ryzen 7 5800X3D + RX 7900 XT 20GB",
        {"hw": [("cpu-ryzen-5000-am4-ddr4-3200", 1, None), ("amd-radeon-rx-7900-xt", 1, 20.0)]},
    ),
    ("is 8GB of VRAM enough for gemma 2 2b", {"model": "gemma-2-2b-it", "hw": [(None, 1, 8.0)]}),
    ("the 27b of qwen 3.6 on a 5090", {"model": "qwen3.6-27b", "hw": [("nvidia-geforce-rtx-5090", 1, None)]}),
    ("百川2-13B 单卡3090能跑吗", {"model": "baichuan2-13b-chat", "hw": [("nvidia-geforce-rtx-3090", 1, None)]}),
    ("Llama 3.1 8B/70B hardware requirements", {"model": "llama-3.1-70b-instruct", "intent": "requirements", "hw": []}),
    ("13GB for 7B instead of 3.9GB?", {"words": "7B", "hw": []}),
    ("has a 100 GB disk and an M.2 slot", {"hw": []}),
    ("my 16GB card", {"hw": [(None, 1, 16.0)]}),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_questions(index: NameIndex, text: str, expected: dict[str, Any]) -> None:
    question = parse(text, index)
    assert question.model == expected.get("model")
    if "words" in expected:
        assert question.model_text == expected["words"]
    assert question.quant == expected.get("quant")
    assert question.n_ctx == expected.get("n_ctx")
    assert [(m.id, m.count, m.memory_gib) for m in question.hardware] == expected["hw"]
    assert question.ram_gib == expected.get("ram")
    assert question.engine == expected.get("engine")
    assert question.type_k == question.type_v == expected.get("kv")
    assert question.measured_tok_s == expected.get("measured")
    if "intent" in expected:
        assert question.intent == expected["intent"]


@pytest.mark.parametrize(
    ("text", "field", "choices"),
    [
        ("llama 3 8b on a 3060", "hardware", {"nvidia-geforce-rtx-3060-12-gb", "nvidia-geforce-rtx-3060-8-gb"}),
        ("phi 4 on an m3 max", "hardware", {"apple-m3-max-40c-gpu", "apple-m3-max-30c-gpu"}),
        ("is the 4060 in my laptop enough", "hardware", {"nvidia-geforce-rtx-4060", "nvidia-geforce-rtx-4060-laptop"}),
        ("my 512gb mac studio", "hardware", {"apple-m3-ultra-80c-gpu", "apple-m5-ultra-80c-gpu"}),
        ("gemma 3 on a 3090", "model", {"gemma-3-4b-it", "gemma-3-27b-it"}),
        ("which qwen3 fits a 3090", "model", {"qwen3-8b", "qwen3-32b"}),
    ],
)
def test_what_could_be_two_things_is_listed(index: NameIndex, text: str, field: str, choices: set[str]) -> None:
    question = parse(text, index)
    offered = {id_ for choice in question.ambiguous if choice.field == field for id_ in choice.choices}
    assert choices <= offered


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("in ollama", "ollama"),
        ("lmstudio", "lm studio"),
        ("using mlx", "mlx"),
        ("with llama.cpp", "llama.cpp"),
        ("ik_llama.cpp", "ik_llama.cpp"),
        ("on vllm", "vllm"),
        ("exllama v2", "exllamav2"),
        ("sglang or vllm", "sglang"),
        ("num_ctx 8192", "ollama"),
        ("level=INFO source=ggml.go layers.offload=29\nllama_kv_cache: CUDA0 KV buffer size = 800 MiB", "ollama"),
        ("llama_model_loader: loaded meta data with 30 key-value pairs", "llama.cpp"),
        ("--override-tensor exps=CPU on a 3090", "llama.cpp"),
        ("70b on 2x 3090 with --max-num-seqs 16", "vllm"),
        ("13b with --gpulayers 30 on a 3060", "koboldcpp"),
        ("-ngl 99", "llama.cpp"),
        ("--gpu-memory-utilization 0.9", "vllm"),
        ("gemma3:12b please", "ollama"),
        ("load_in_4bit=True for a 13b on a t4", "transformers"),
        ("AutoModelForCausalLM.from_pretrained on a 3090", "transformers"),
        ("--kv-cache-dtype fp8 on a 5090", "vllm"),
        ("--split-mode row on two p40", "llama.cpp"),
        ("-fmoe -rtr on an epyc", "ik_llama.cpp"),
        ("lmstudio-community gguf of a 32b", None),
        ("lmstudio-community MLX build of a 32b", "mlx"),
        ("4.0bpw exl3 of a 70b", None),
        ("on a 3090", None),
        ("is a llama an animal", None),
    ],
)
def test_engines(index: NameIndex, text: str, engine: str | None) -> None:
    assert parse(text, index).engine == engine


@pytest.mark.parametrize("text", ["llama 3 8b on a 3060 12gb", "phi 4 on an m3 max 128gb", "gemma 3 12b on a 3090"])
def test_what_is_said_leaves_nothing_open(index: NameIndex, text: str) -> None:
    assert parse(text, index).ambiguous == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Llama-3-8B-Lexi-Uncensored on a 3090", "Llama-3-8B-Lexi-Uncensored"),
        ("Yi-34B-300K on a 3090", "Yi-34B-300K"),
        ("qwen2-14b-chat on a 3090", "qwen2-14b"),
        ("alpaca 30b on a 3090", "alpaca 30b"),
        ("GPT-J 6B on a 3090", "GPT-J 6B"),
        ("Llama-2-7B-48K on a 3090", "Llama-2-7B-48K"),
        ("Frobnicator-9B-chat on a 3090", "Frobnicator-9B-chat"),
    ],
)
def test_a_model_the_catalogue_lacks_stays_its_words(index: NameIndex, text: str, words: str) -> None:
    question = parse(text, index)
    assert question.model is None
    assert question.model_text == words


@pytest.mark.parametrize("text", ["rtx 3065", "RTX 5090 Ti", "rx 7950 xtx"])
def test_a_device_the_catalogue_lacks_stays_its_words(index: NameIndex, text: str) -> None:
    question = parse(f"qwen3 8b on an {text}", index)
    assert [mention.id for mention in question.hardware] == [None]
    assert question.hardware[0].name.lower() == text.lower()


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("run it on my deck, the scout on the deck", None),
        ("any news in the spark project", None),
        ("air conditioning", None),
    ],
)
def test_ordinary_words_are_no_models(index: NameIndex, text: str, model: str | None) -> None:
    question = parse(text, index)
    assert question.model == model
    assert question.model_text is None


def test_a_word_that_is_also_a_device_counts_where_it_is_said_as_one(index: NameIndex) -> None:
    assert parse("gpt-oss 120b on my spark", index).hardware[0].id == "nvidia-gb10"
    assert parse("a spark of hope for gpt-oss 120b on a 3090", index).hardware[0].id == "nvidia-geforce-rtx-3090"


def test_only_the_beginning_of_a_long_text_is_read_and_it_says_so(index: NameIndex) -> None:
    question = parse("x " * MAX_READ_CHARS + "qwen3 8b on a 3090", index)
    assert question.truncated
    assert question.model is None
    assert not parse("qwen3 8b on a 3090", index).truncated


def test_an_empty_question_is_bad_input(index: NameIndex) -> None:
    with pytest.raises(BadInput, match="empty"):
        parse("  \n", index)


@given(text=st.text(min_size=1, max_size=300))
def test_no_text_breaks_reading(index: NameIndex, text: str) -> None:
    if not text.strip():
        return
    question = parse(text, index)
    assert all(mention.count >= 1 for mention in question.hardware)
    assert question.model is None or question.model in index.models
    assert all(mention.id is None or mention.id in index.devices for mention in question.hardware)


@given(
    model=st.sampled_from(["qwen3 8b", "Llama 3.3 70B", "gemma-3-27b", "mixtral 8x7b"]),
    quant=st.sampled_from(["q4_k_m", "Q6_K", "iq3_xxs", "awq"]),
    device=st.sampled_from(["2x3090", "a 4090", "7900xtx", "M4 Max 64GB", "arc b580 12gb"]),
    ctx=st.sampled_from(["8k ctx", "32k context", "ctx 16384"]),
)
def test_the_order_of_the_parts_does_not_matter(
    index: NameIndex, model: str, quant: str, device: str, ctx: str
) -> None:
    first = parse(f"will {model} {quant} run on {device} with {ctx}?", index)
    second = parse(f"{device}, {ctx}: is {model} in {quant} ok?", index)
    assert (first.model, first.quant, first.n_ctx) == (second.model, second.quant, second.n_ctx)
    assert [(m.id, m.count) for m in first.hardware] == [(m.id, m.count) for m in second.hardware]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("lama 3 8b on a 3090", "meta-llama-3-8b-instruct"),
        ("deepsek r1 on a 3090", "deepseek-r1"),
        ("Mistrel 7b on a 3090", "mistral-7b-instruct-v0.3"),
        ("gema 3 27b on a 3090", "gemma-3-27b-it"),
    ],
)
def test_a_misspelt_family_is_understood(index: NameIndex, text: str, model: str) -> None:
    assert parse(text, index).model == model


def test_what_was_put_right_is_reported_as_open(index: NameIndex) -> None:
    question = parse("gema 3 27b on a 3090", index)
    assert [(choice.field, choice.choices) for choice in question.ambiguous] == [("model", ("gemma-3-27b-it",))]


@pytest.mark.parametrize(
    "text", ["with 8gb can it run", "is a core 2 duo ok", "a great 3 month deal", "java 8 on a 3090"]
)
def test_real_words_are_not_put_right(index: NameIndex, text: str) -> None:
    question = parse(text, index)
    assert question.model is None
    assert question.model_text is None


HOSTILE = {
    "digits": "1" * 1_000_000,
    "devices": "3090 " * 200_000,
    "times": "2x" * 500_000,
    "sizes": "1gb " * 250_000,
    "spaces": "3090" + " " * 1_000_000 + "24gb",
    "brackets": "(" * 1_000_000,
    "bidi": "\u202e" * 1_000_000 + "x",
    "everything": "qwen3-8b q4_k_m 64gb 32k 2x3090 kv cache q8_0 " * 22_000,
    "han": "显存" * 500_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_megabyte_of_hostile_text_is_read_in_no_time(index: NameIndex, name: str) -> None:
    begun = time.perf_counter()
    parse(HOSTILE[name], index)
    assert time.perf_counter() - begun < 1.0


def test_a_question_is_read_within_a_millisecond_or_so(index: NameIndex) -> None:
    texts = [text for text, _ in CASES]
    seconds = []
    for _ in range(10):
        for text in texts:
            begun = time.perf_counter()
            parse(text, index)
            seconds.append(time.perf_counter() - begun)
    seconds.sort()
    assert seconds[len(seconds) // 2] < 0.001


@pytest.mark.parametrize(
    ("text", "count", "choices"),
    [
        ("qwen3 32b on 2x 4090 48gb", 2, ("nvidia-geforce-rtx-4090", "nvidia-geforce-rtx-4090-48gb-modded")),
        (
            "qwen3 32b on two 4090s with 48gb vram",
            2,
            ("nvidia-geforce-rtx-4090", "nvidia-geforce-rtx-4090-48gb-modded"),
        ),
        ("2x 2080ti 22gb qwen3 14b", 2, ("nvidia-geforce-rtx-2080-ti", "nvidia-geforce-rtx-2080-ti-22gb-modded")),
        ("2x 4090 48gb each, qwen3 32b", 2, ()),
        ("4090 48gb x2, qwen3 32b", 2, ()),
        ("2x 48gb 4090, qwen3 32b", 2, ()),
        ("5060 ti 16 x2 for qwen3 32b", 2, ()),
        ("p40 24 *2, llama 3.3 70b", 2, ()),
    ],
)
def test_memory_of_several_cards_is_of_each_or_of_all(
    index: NameIndex, text: str, count: int, choices: tuple[str, ...]
) -> None:
    question = parse(text, index)
    assert [mention.count for mention in question.hardware] == [count]
    assert [choice.choices for choice in question.ambiguous] == ([choices] if choices else [])
