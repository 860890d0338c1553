"""Names of terms however they are written: other scripts, left-out words, one letter missing."""

from __future__ import annotations

import pytest

from knowledge.catalog import Term
from knowledge.search.define import TermIndex
from knowledge.search.engine_names import ENGINE_NAMES
from knowledge.search.foreign import FOREIGN_NAMES
from knowledge.search.names import NameTable

TABLE = NameTable(
    [
        ("KV cache", "kv-cache"),
        ("kv缓存", "kv-cache"),
        ("量化", "quantization"),
        ("cuantización", "quantization"),
        ("Flash attention", "flash-attention"),
        ("frequency penalty", "frequency-penalty"),
        ("presence penalty", "presence-penalty"),
        ("model file", "weights"),
        ("Modelfile", "modelfile"),
        ("tok", "token"),
        ("tok/s", "tokens-per-second"),
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("什么是量化", ["quantization"]),
        ("kv缓存是什么", ["kv-cache"]),
        ("qué es la cuantizacion", ["quantization"]),
        ("flsh attention?", ["flash-attention"]),
        ("frequency vs presence penalty", ["frequency-penalty", "presence-penalty"]),
        ("frequency of the moon", []),
        ("how to write a Modelfile", ["modelfile"]),
        ("which model file", ["weights"]),
        ("what is tok/s", ["tokens-per-second"]),
        ("what are toks", ["token"]),
    ],
)
def test_names_are_found(text: str, expected: list[str]) -> None:
    assert [id_ for hit in TABLE.find(text)[1] for id_ in hit.ids] == expected


def test_words_of_unspaced_scripts_keep_their_places() -> None:
    words, _ = TABLE.find("那么kv缓存是什么")
    assert [(word.key, word.start, word.end) for word in words] == [
        ("那么", 0, 2),
        ("kv", 2, 4),
        ("缓存", 4, 6),
        ("是什么", 6, 9),
    ]


def test_foreign_names_lead_to_shipped_terms(terms: tuple[Term, ...], term_index: TermIndex) -> None:
    assert set(FOREIGN_NAMES) <= {term.id for term in terms}
    names = [(id_, name) for id_, line in FOREIGN_NAMES.items() for name in line.split("|")]
    wrong = [(id_, name) for id_, name in names if id_ not in {hit.id for hit in term_index.define(name)}]
    assert len(wrong) <= 0.05 * len(names), wrong


def test_what_programs_call_things_leads_to_shipped_terms(terms: tuple[Term, ...], term_index: TermIndex) -> None:
    assert set(ENGINE_NAMES) <= {term.id for term in terms}
    names = [(id_, name) for id_, line in ENGINE_NAMES.items() for name in line.split("|")]
    wrong = [(id_, name) for id_, name in names if {hit.id for hit in term_index.define(f"what is {name}")} != {id_}]
    assert len(wrong) <= 0.02 * len(names), wrong


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what does LLAMA_ARG_N_GPU_LAYERS do", {"gpu-offload"}),
        ("o que é um prompt", {"prompt"}),
        ("cos'è la quantizzazione", {"quantization"}),
        ("投机解码有什么用", {"speculative-decoding"}),
        ("蒸留モデルとは", {"distillation"}),
        ("컨텍스트 길이가 뭔가요", {"context-window"}),
        ("was bedeutet speicherbandbreite", {"memory-bandwidth"}),
        ("flashinfer or flash attention backend in vllm", {"flashinfer", "flash-attention"}),
        ("EP vs TP for deepseek on 8 gpus", {"expert-parallelism", "tensor-parallelism"}),
    ],
)
def test_names_in_the_dress_of_programs_and_languages(term_index: TermIndex, question: str, expected: set[str]) -> None:
    assert {hit.id for hit in term_index.define(question)} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("does ollama cache the prompt", {"prefix-caching"}),
        ("should i quantize my kv cache", {"kv-quant"}),
        ("my server. The model is slow", set()),
        ("quantize a model", set()),
    ],
)
def test_a_verb_and_what_it_is_done_to_are_a_name(terms: tuple[Term, ...], text: str, expected: set[str]) -> None:
    table = NameTable([(name, term.id) for term in terms for name in (term.term, *term.aliases)])
    found = {id_ for hit in table.find(text)[1] for id_ in hit.ids}
    assert expected <= found
    assert expected or not found & {"model-serving", "quant-publisher"}
