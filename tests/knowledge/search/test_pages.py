"""Pages: their form, which questions find them and which do not, and chat templates written out as documented."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Page
from knowledge.errors import ContentError
from knowledge.search.page_entries import FOLDERS, page_from_markdown
from knowledge.search.pages import LEAST, MAX_CHARS, PageIndex
from tests.knowledge.search.conftest import CONTENT

TRUTH = Path(__file__).parents[4] / "shared" / "truth"
ANSWER = (CONTENT / "answers" / "q4-or-q8.md").read_text(encoding="utf-8")
KIT = (CONTENT / "kits" / "kit-chat.md").read_text(encoding="utf-8")


def read_pages() -> tuple[Page, ...]:
    return tuple(
        page_from_markdown(path.read_text(encoding="utf-8"), path.stem, kind)
        for folder, kind in FOLDERS.items()
        for path in sorted((CONTENT / folder).glob("*.md"))
    )


PAGES = read_pages()
INDEX = PageIndex.build(PAGES)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: q4-or-q8", "id: q4-q8", "is called"),
        ('title: "Q4 or Q8?"', "title: 7", "must be text"),
        ("terms: [", "term: [", "Did you mean 'terms'?"),
        ("terms: [q4_k_m, q8_0, quantization, perplexity-loss]", "terms: []", "at least 1"),
        ("sources:\n  - https://", "sources:\n  - http://", "https://"),
        ("Q4_K_M for most people.", "Q4_K_M gives 62 tok/s.", "written by hand"),
        ("Q4_K_M for most people.", "Cards cost $300.", "written by hand"),
        ("Q4_K_M for most people.", "See [this](https://example.org).", "holds an address"),
        ("Q4_K_M for most people.", 'Look: {{ budget_table("gpu", 0, 300) }} there.', "line of its own"),
        ("Q4_K_M for most people.", '{{ budget("gpu") }}', "is none of"),
        ("Q4_K_M for most people.", '{{ fits("qwen3-8b", "Q4_K_M") }}', "must be fits(model, quant, device, count"),
        ("Q4_K_M for most people.", "x" * 1300, "are wanted"),
        ("reviewed: {", "settings: [{model: A, values: b, source: https://c.example}]\nreviewed: {", "a kit says"),
        ("reviewed: {", "shops: [ftp://shop.example]\nreviewed: {", "https://"),
    ],
)
def test_a_wrong_page_is_named(old: str, new: str, says: str) -> None:
    assert old in ANSWER
    with pytest.raises(ContentError, match=re.escape(says)) as caught:
        page_from_markdown(ANSWER.replace(old, new, 1), "q4-or-q8", "answer")
    assert caught.value.subject.startswith("q4-or-q8.md")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("settings:\n", "settings: []\nsettingz:\n", "settingz"),
        ("model: ", "modell: ", "must be a list of"),
        ('source: "https://', 'source: "http://', "https://"),
    ],
)
def test_wrong_settings_of_a_kit_are_named(old: str, new: str, says: str) -> None:
    assert old in KIT
    with pytest.raises(ContentError, match=re.escape(says)):
        page_from_markdown(KIT.replace(old, new, 1), "kit-chat", "kit")


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_with_a_content_error(text: str) -> None:
    for whole in (text, ANSWER.replace("Q4_K_M for most people.", text)):
        with contextlib.suppress(ContentError):
            assert page_from_markdown(whole, "q4-or-q8", "answer").id == "q4-or-q8"


def test_every_phrasing_finds_its_page() -> None:
    for page in PAGES:
        for way in (page.title, *page.asks):
            assert page.id in INDEX.find(way), way


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("how much vram do i need for a 70b model?", "how-much-vram-for-70b"),
        ("should i get q4 or q8", "q4-or-q8"),
        ("mac or pc?", "mac-or-pc"),
        ("best laptop for ai under 2000", "best-laptop-for-local-ai"),
        ("how do i get json out of a model", "kit-json"),
        ("good roleplay prompt", "kit-roleplay"),
        ("used 3090 in 2026 worth it?", "used-3090-worth-it"),
        ("how to train on my own notes", "fine-tune-or-rag"),
        ("is 8gb vram enough", "which-model-for-8gb-vram"),
    ],
)
def test_other_wordings_find_it_too(question: str, page: str) -> None:
    assert INDEX.find(question)[0] == page


@pytest.mark.parametrize(
    "question",
    [
        "how do i bake bread", "my cat is sick", "what is the weather", "good morning", "", "???",
        "will qwen3 32b run on a 4090 at 32k", "Traceback (most recent call last)", "x" * (MAX_CHARS + 1),
    ],
)  # fmt: skip
def test_other_questions_find_none(question: str) -> None:
    assert INDEX.find(question) == ()


@given(st.text(max_size=300))
def test_scores_are_shares(text: str) -> None:
    assert all(0 < score <= 1 + 1e-9 for score in INDEX.scores(text).values())
    assert all(score >= LEAST for _, score in INDEX.hits(text))


def test_a_phrasing_left_out_seldom_leads_to_a_wrong_page() -> None:
    """Out of sample: each phrasing asked of an index that lacks it."""
    right = wrong = total = 0
    for page in PAGES:
        for way in page.asks[:2]:
            others = dataclasses.replace(page, asks=tuple(one for one in page.asks if one != way))
            found = PageIndex.build([others if one.id == page.id else one for one in PAGES]).find(way)
            total += 1
            right += page.id in found
            wrong += bool(found) and page.id not in found
    assert right >= 0.45 * total
    assert wrong <= 0.15 * total


@pytest.mark.truth
def test_fit_questions_of_people_are_hardly_ever_taken_for_pages() -> None:
    file = TRUTH / "fit_questions.jsonl"
    texts = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(INDEX.find(text)) for text in texts) <= 0.05 * len(texts)


TURN = {
    "chatml": r"(<\|im_start\|>(system|user)\n[^<]*<\|im_end\|>\n)+<\|im_start\|>assistant",
    "llama3": r"<\|begin_of_text\|>(<\|start_header_id\|>(system|user)<\|end_header_id\|>\n\n[^<]+<\|eot_id\|>)+"
    r"<\|start_header_id\|>assistant<\|end_header_id\|>\n",
    "gemma": r"<bos>(<start_of_turn>user\n[^<]+<end_of_turn>\n)<start_of_turn>model",
    "mistral": r"<s>\[SYSTEM_PROMPT\][^\[]+\[/SYSTEM_PROMPT\]\[INST\][^\[]+\[/INST\]",
    "harmony": r"(<\|start\|>(system|user)<\|message\|>[^<]+<\|end\|>)+<\|start\|>assistant",
}
"""The grammar of each family's turns, as its maker documents it (the addresses are the kit's sources)."""


@pytest.mark.parametrize("family", TURN)
def test_templates_written_out_follow_their_documented_grammar(family: str) -> None:
    kit = next(page for page in PAGES if page.id == "kit-chat-templates")
    block = re.search(rf"```{family}\n(.*?)\n```", kit.body, re.DOTALL)
    assert block is not None
    assert re.fullmatch(TURN[family], block[1])


def test_json_in_kits_is_json() -> None:
    blocks = [block for page in PAGES for block in re.findall(r"```json\n(.*?)\n```", page.body, re.DOTALL)]
    assert len(blocks) >= 3
    assert all(isinstance(json.loads(block), dict) for block in blocks)
