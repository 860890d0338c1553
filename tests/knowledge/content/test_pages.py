"""What `check` says of guides, quick answers and kits: links, figures, lengths, and questions that do not find them."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.content_loader import check, load_content
from tests.knowledge.content.samples import write_content

PAGE = """\
---
id: enough-memory
title: How much memory is enough?
asks: [how much memory is enough, is this memory enough for me, enough memory for small models]
terms: [vram]
errors: [out_of_memory]
related: []
sources: [https://example.org/memory]
reviewed: {date: 2026-11-23, by: author}
---

The small model needs {{ weights_gib("small-1b", "Q4_K_M") }} for its weights: any card in this catalogue holds it.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a folder with the sound sample and one quick answer."""
    root = write_content(tmp_path / "content")
    (root / "answers").mkdir()
    (root / "answers" / "enough-memory.md").write_text(PAGE, encoding="utf-8")
    return root


def test_a_sound_page_is_loaded_and_has_no_fault(root: Path) -> None:
    assert [page.id for page in load_content(root).pages] == ["enough-memory"]
    assert [problem for problem in check(root) if problem.file.startswith("answers/")] == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("terms: [vram]", "terms: [vrom]", "terms: there is no 'vrom'. Did you mean 'vram'?"),
        ("errors: [out_of_memory]", "errors: [oom]", "errors: there is no 'oom'"),
        ("related: []", "related: [enough-memory]", "related: links to itself"),
        ("related: []", "related: [more-memory]", "related: there is no 'more-memory'"),
        ('"small-1b", "Q4', '"small-9b", "Q4', "a number cannot be computed"),
        ("The small model", "Word " * 130 + "The small model", "words with its figures; at most 120"),
        ("how much memory is enough, is", "the of and, is", "asking 'the of and' finds nothing"),
        ("sources: [https://example.org/memory]", "sources: []", "at least 1 wanted"),
    ],
)
def test_a_fault_of_a_page_is_named(root: Path, old: str, new: str, says: str) -> None:
    assert old in PAGE
    (root / "answers" / "enough-memory.md").write_text(PAGE.replace(old, new, 1), encoding="utf-8")
    found = [str(problem) for problem in check(root) if problem.file == "answers/enough-memory.md"]
    assert any(says in text for text in found), found


def test_a_part_of_a_guide_that_no_card_holds_is_named(root: Path) -> None:
    (root / "guides").mkdir()
    body = "The first part says what this is about. " * 10 + "\n\n## Long\n\n" + "Far too many words. " * 230
    text = PAGE.replace("enough-memory", "long-guide").partition("---\n\n")[0]
    (root / "guides" / "long-guide.md").write_text(f"{text}---\n\n{body}\n", encoding="utf-8")
    found = [str(problem) for problem in check(root) if problem.file == "guides/long-guide.md"]
    assert any("a card holds 4096" in said for said in found), found


def test_a_term_cannot_link_to_a_guide_that_is_not_there(root: Path) -> None:
    file = root / "glossary" / "vram.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("sources:", "guides: [enough-memory]\nsources:", 1), encoding="utf-8")
    found = [str(problem) for problem in check(root)]
    assert any("vram: guides: there is no guide 'enough-memory'" in said for said in found), found


def test_an_id_stands_for_one_page_over_all_folders(root: Path) -> None:
    (root / "guides").mkdir()
    (root / "guides" / "enough-memory.md").write_text(PAGE.replace("The small", "Long. " * 60 + "The small"), "utf-8")
    assert any("stands twice" in str(problem) for problem in check(root))
