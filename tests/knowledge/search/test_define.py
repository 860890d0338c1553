"""Which terms a question is about, whichever way it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Term
from knowledge.search.define import TermIndex


def term(id_: str, name: str, *aliases: str, category: str = "Memory", cues: tuple[str, ...] = ()) -> Term:
    return Term(
        id=id_,
        term=name,
        category=category,
        aliases=aliases,
        cues=cues,
        related=(),
        errors=(),
        guides=(),
        sources=(),
        reviewed="",
        definition=f"{name} is a thing.",
        deeper="",
        practical="",
        workflow="",
    )


INDEX = TermIndex.build(
    [
        term("kv-cache", "KV cache", "key-value cache", "kv", cues=("why does memory grow with a longer chat",)),
        term("continuous-batching", "Continuous batching", "in-flight batching"),
        term("quantization", "Quantization", "quant", "quants", category="Quantization"),
        term("k-quants", "K-quants", "Q4_K_M", category="Quantization"),
        term("swa", "Sliding window attention", "SWA"),
        term("mmap", "mmap", "--no-mmap"),
        term("top-p", "Top-p", "nucleus sampling", category="Sampling"),
        term("top-k", "Top-k", category="Sampling"),
        term("instruct-model", "Instruct model", "-it", category="Foundations"),
        term("layer", "Layer", "block", category="Model architecture"),
        term("vllm", "vLLM", category="Runtimes & tools"),
        term("llama-cpp", "llama.cpp", "llamacpp", category="Runtimes & tools"),
        term("gemma-family", "Gemma", category="Model families"),
        term("tensor-parallelism", "Tensor parallelism", "TP", category="Inference & serving"),
    ]
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what is a kv cache", {"kv-cache"}),
        ("KV-Cache??", {"kv-cache"}),
        ("kvcache meaning", {"kv-cache"}),
        ("whats kv cahce", {"kv-cache"}),
        ("so continous batching, what is that", {"continuous-batching"}),
        ("explain contiuous batchin pls", {"continuous-batching"}),
        ("Top-K versus Top-P", {"top-p", "top-k"}),
        ("top_p or nucleus sampling?", {"top-p"}),
        ("difference between K-quants and KV cache", {"k-quants", "kv-cache"}),
        ("explain mmap in llama.cpp to me", {"mmap"}),
        ("does vllm do continuous batching", {"continuous-batching"}),
        ("vllm vs llama.cpp", {"vllm", "llama-cpp"}),
        ("does continuous batching work for k-quants", {"continuous-batching"}),
        ("tensor parallelism to improve top-p sampling", {"tensor-parallelism"}),
        ("mmap with llama.cpp vs vllm", {"mmap"}),
        ("what is vllm", {"vllm"}),
        ("are k-quants better than other quants", {"k-quants", "quantization"}),
        ("is q4_k_m a good quant", {"k-quants"}),
        ("sliding window support", {"swa"}),
        ("are mmap and kv cache the same thing", {"mmap", "kv-cache"}),
        ("how are mmap and kv cache related", {"mmap", "kv-cache"}),
        ("when to use top-p over top-k", {"top-p", "top-k"}),
        ("running vllm on my gemma, what is mmap", {"mmap"}),
        ("what is mmap and does it work with vllm", {"mmap"}),
        ("kwantisation explained", {"quantization"}),
        ("what is top-p in gemma", {"top-p"}),
        ("what does -it mean in gemma names", {"instruct-model"}),
        ("is it any good", set()),
        ("what does TP stand for", {"tensor-parallelism"}),
        ("what is a layer", {"layer"}),
        ("i built a block of flats in town and then moved", set()),
        ("why does memory grow when the chat gets longer", {"kv-cache"}),
        ("what is the capital of france", set()),
        ("where shall we eat tonight?", set()),
        ("", set()),
    ],
)
def test_the_terms_asked_about(question: str, expected: set[str]) -> None:
    assert {hit.id for hit in INDEX.define(question)} == expected


@given(st.text(max_size=700))
def test_scores_are_ordered_and_bounded(text: str) -> None:
    hits = INDEX.define(text)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)


@given(
    st.sampled_from(["kv cache", "continuous batching", "tensor parallelism", "sliding window attention"]), st.data()
)
def test_one_typing_error_is_forgiven(name: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from([word for word in name.split() if len(word) >= 6] or ["cache"]))
    at = data.draw(st.integers(1, len(word) - 2))
    broken = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    expected = {hit.id for hit in INDEX.define(f"what is {name}")}
    assert {hit.id for hit in INDEX.define(f"what is {name.replace(word, broken)}")} == expected


def test_the_limit_holds() -> None:
    assert len(INDEX.define("kv cache, mmap, top-p, top-k and layer compared", limit=2)) == 2


def test_shipped_names_find_their_own_terms(terms: tuple[Term, ...], term_index: TermIndex) -> None:
    wrong = {t.id for t in terms if t.id not in {hit.id for hit in term_index.define(f"what is {t.term}")}}
    assert wrong == set()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("mmap", {"mmap"}),
        ("what is mmap?", {"mmap"}),
        ("can someone explain mmap to me pls", {"mmap"}),
        ("so how does mmap work in llms", {"mmap"}),
        ("what's vLLM and should i turn it on", {"vllm"}),
        ("what is it", set()),
        ("how does it work", set()),
        ("top-p vs top-k", {"top-p", "top-k"}),
        ("vLLM or llama.cpp on a 3090", {"vllm", "llama-cpp"}),
        ("mmap vs pizza", set()),
        ("mmap with vllm vs llama.cpp", set()),
        ("vs", set()),
        ("what is \ud800 mmap", set()),
        ("", set()),
    ],
)
def test_nothing_but_names_is_certain(question: str, expected: set[str]) -> None:
    assert {hit.id for hit in INDEX.certain(question)} == expected


def test_a_mark_is_both_things_it_is() -> None:
    index = TermIndex.build([term("llama-bench", "llama-bench"), term("prefill", "Prefill"), term("vram", "VRAM")])
    assert {hit.id for hit in index.define("what does pp4096 mean")} == {"llama-bench", "prefill"}
    assert {hit.id for hit in index.define("pp512")} == {"llama-bench", "prefill"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many tokens is that and what is a token", {"token"}),
        ("why do ppl use kv cache, what is it", {"kv-cache"}),
        ("log says compute buffer = 1200 MiB, what is it", {"compute-buffer"}),
        ("is a 2080 ti turing", {"turing"}),
        ("top n sigma sampler?", {"top-n-sigma"}),
        ("how do I export a picture of my cat", set()),
        ("MAX_KV_LENGTH", set()),
    ],
)
def test_what_stands_beside_a_name_is_none(term_index: TermIndex, question: str, expected: set[str]) -> None:
    assert {hit.id for hit in term_index.define(question)} == expected
