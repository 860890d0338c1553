"""The entry format: what is read, and that every kind of mistake is refused with its place."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Fix
from knowledge.errors import ContentError
from knowledge.search.entries import error_from_markdown, term_from_markdown
from tests.knowledge.search.conftest import CONTENT

TERM = (CONTENT / "glossary" / "kv-cache.md").read_text(encoding="utf-8")
ERROR = (CONTENT / "errors" / "cuda_oom_ggml.md").read_text(encoding="utf-8")


def test_a_term_is_read_with_all_its_parts() -> None:
    term = term_from_markdown(TERM, "kv-cache")
    assert (term.id, term.term, term.category) == ("kv-cache", "KV cache", "Context & attention")
    assert "kvcache" in term.aliases
    assert term.definition.startswith("The KV cache is")
    assert "{{ kv_gib(" in term.practical
    assert term.reviewed.startswith("2026-")
    assert not term.workflow.startswith("#")


def test_the_mark_of_a_second_reading_is_kept() -> None:
    twice = re.sub(r"^reviewed: .*$", "reviewed: {date: 2026-11-23, by: author and second reader}", TERM, flags=re.M)
    assert term_from_markdown(twice, "kv-cache").reviewed == "2026-11-23 by author and second reader"


def test_an_error_is_read_with_all_its_parts() -> None:
    error = error_from_markdown(ERROR, "cuda_oom_ggml")
    assert error.rank == 1
    assert error.signatures[2].versions == "llama.cpp before 2023-11"
    assert error.signatures[2].weight == 0.8
    assert error.fixes[0] == Fix(
        text="See who holds the memory and close it; a second model server is the usual one", command="nvidia-smi"
    )
    assert error.fixes[1].command == "llama-server -m model.gguf -c 8192"
    assert error.example.startswith("load_tensors:")
    assert error.notes == ""


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("id: kv-cache", "id: kv-cash", "id", "is called"),
        ("term: KV cache", "term: 12", "term", "must be text"),
        ("category: Context & attention", "category: Context", "category", "Did you mean 'Context & attention'?"),
        ("aliases: [key-value cache,", "aliases: [kvcache,", "aliases", "twice"),
        ("aliases:", "alias:", "alias", "Did you mean 'aliases'?"),
        ("  - https://github.com/ggml-org/llama.cpp/blob/master/src/", "  - llama.cpp/", "sources", "https://"),
        ("date: 2026-11-23", "date: yesterday", "reviewed", "YYYY-MM-DD"),
        ("## Deeper dive", "## Deep dive", "## Deep dive", "Did you mean '## Deeper dive'?"),
        ("## Practical example", "### Practical example", "### Practical example", "no such section"),
        ("## Workflow example\n", "## Workflow example\nIt runs at 62 tok/s.\n", "## Workflow example", "by hand"),
        ('8192, "f16")', "8192)", "## Practical example", "kv_gib(model, n_ctx, type)"),
        ("---\n\nThe KV", "--\n\nThe KV", "front matter", "YAML"),
    ],
)
def test_a_broken_term_is_refused_with_its_place(old: str, new: str, place: str, says: str) -> None:
    assert old in TERM
    with pytest.raises(ContentError) as caught:
        term_from_markdown(TERM.replace(old, new, 1), "kv-cache")
    assert caught.value.subject == f"kv-cache.md: {place}"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("rank: 1", "rank: 9", "rank", "from 1 to 5"),
        ("confirmed: maintainer", "confirmed: maybe", "confirmed", "maintainer"),
        ("'cudaMalloc failed: out of memory'", "'cuda(?=Malloc)'", "signatures[0]", "RE2 cannot compile"),
        ("'cudaMalloc failed: out of memory'", "'(CUDA)*'", "signatures[0]", "matches an empty text"),
        ("'cudaMalloc failed: out of memory'", "'[a-z]\\d+'", "signatures[0]", "plain characters"),
        ("weight: 0.8", "weight: 8", "signatures[2]", "at most 1"),
        ("weight: 0.8", "wait: 0.8", "signatures[2]", "no field 'wait'"),
        ("## Example\n", "## Example\nThe log:\n", "## Example", "fenced block"),
        ("\n2. Ask for", "\n4. Ask for", "## Fixes", "numbered"),
        ("\n1. See who", "\nSee who", "## Fixes", "ordered list"),
        ("## Cause", "## Causes", "## Causes", "Did you mean '## Cause'?"),
        ("## Example", "Hello\n\n## Example", "body", "before the first heading"),
    ],
)
def test_a_broken_error_is_refused_with_its_place(old: str, new: str, place: str, says: str) -> None:
    assert old in ERROR
    with pytest.raises(ContentError) as caught:
        error_from_markdown(ERROR.replace(old, new, 1), "cuda_oom_ggml")
    assert caught.value.subject == f"cuda_oom_ggml.md: {place}"
    assert says in str(caught.value)


@given(st.text(max_size=400), st.integers(0, len(TERM) - 1), st.integers(0, 300))
def test_whatever_is_written_only_content_errors_come_out(text: str, at: int, length: int) -> None:
    for broken in (text, TERM[:at] + text + TERM[at + length :]):
        with contextlib.suppress(ContentError):
            assert term_from_markdown(broken, "kv-cache").id == "kv-cache"


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(ContentError, match="at most"):
        term_from_markdown(TERM + "x" * 20_000, "kv-cache")
