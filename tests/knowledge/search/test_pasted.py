"""What terminals, pages and chats do to a log does not change what it shows."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ErrorClass
from knowledge.search.diagnose import ErrorIndex
from knowledge.search.oom import read_oom
from knowledge.search.pasted import plain, rejoined

LOG = "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9216.00 MiB on device 0: cudaMalloc failed: out of memory"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("\x1b[1;31merror:\x1b[0m no GPU", "error: no GPU"),
        ("[1;31merror:[0m no GPU", "error: no GPU"),  # the escape sign itself is often lost on the way
        ("\x1b]0;title\x07error", "error"),
        ("can&#x27;t open &quot;a.gguf&quot; &amp; exit", 'can\'t open "a.gguf" & exit'),
        ("can’t open “a.gguf”", 'can\'t open "a.gguf"'),
        ("out\u00a0of\u202fmemory\u200b", "out of memory"),
        ("a\r\nb", "a\nb"),
        ("layers [12/33] and a[0] stay", "layers [12/33] and a[0] stay"),
    ],
)
def test_plain(pasted: str, meant: str) -> None:
    assert plain(pasted) == meant


@given(st.text(max_size=300))
def test_what_is_plain_stays(text: str) -> None:
    once = plain(text)
    assert plain(plain(once)) == plain(once)
    assert len(once) <= len(text)


@given(st.text(alphabet="abc \n", max_size=400))
def test_joining_drops_no_word_characters(text: str) -> None:
    assert "".join(rejoined(text).split()) == "".join(text.split())


def _cut(text: str, width: int = 60) -> str:
    return "\n".join(line[at : at + width] for line in text.split("\n") for at in range(0, len(line), width))


def test_a_window_that_wrapped_lines_is_undone(error_index: ErrorIndex) -> None:
    by_letters, by_words = _cut(LOG, 48), textwrap.fill(LOG, 48)
    assert rejoined(by_letters) == rejoined(by_words) == LOG
    for wrapped in (by_letters, by_words):
        assert error_index.diagnose(wrapped)[0].id == "cuda_oom_ggml"


def test_lines_nobody_wrapped_stay() -> None:
    short = "load_tensors: loading\nload_tensors: offloaded 33/33\nmain: server is listening\n"
    log = f"{'x' * 300}\nload_tensors: offloaded 33/33 layers\n"
    assert rejoined(short) == short
    assert rejoined(log) == log


def _lines(mark: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(mark(line) for line in text.split("\n"))


@pytest.mark.parametrize(
    "surround",
    [
        _lines(lambda line: f"\x1b[31m{line}\x1b[0m"),
        _lines(lambda line: f"ollama-1  | {line}"),
        _lines(lambda line: f"> {line}"),
        _lines(lambda line: f"- {line}"),
        _lines(lambda line: f"##[error]{line}"),
        lambda text: text.replace(": ", ":\x1b[0m "),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: f"Hello, since yesterday I get this:\n```\n{text}\n```\nAny idea?",
        html.escape,
        str.upper,
    ],
    ids=["colour", "compose", "quote", "list", "actions", "colour-words", "nbsp", "crlf", "fence", "html", "capitals"],
)
def test_every_example_is_known_in_every_dress(
    surround: Callable[[str], str], errors: tuple[ErrorClass, ...], error_index: ErrorIndex
) -> None:
    found = {e.id: [hit.id for hit in error_index.diagnose(surround(e.example))][:1] for e in errors}
    wrong = {id_: first for id_, first in found.items() if first != [id_]}
    assert len(wrong) <= 1, wrong


def test_figures_of_memory_are_read_through_colours_and_wrapped_lines() -> None:
    facts = read_oom(LOG)
    assert facts is not None
    assert facts.asked_bytes == 9216 * 1024**2
    coloured = LOG.replace("9216.00", "\x1b[33m9216.00\x1b[0m")
    assert read_oom(coloured) == read_oom(_cut(LOG, 48)) == facts
