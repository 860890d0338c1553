"""User text is inert in Discord, curated Markdown keeps its sense, secrets go, lengths hold."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import (
    HARMLESS,
    SHORT,
    allowed_link,
    code,
    cut,
    fence,
    inert,
    label,
    link,
    markdown,
    plain,
    redact,
    units,
)

ANYTHING = st.text(max_size=400)
HOSTILE = st.lists(
    st.sampled_from(
        [
            "@everyone",
            "<@1>",
            "<@&2>",
            "<#3>",
            "[safe](https://evil.example)",
            "```",
            "`",
            "**",
            "||",
            "\u202e",
            "\u200b",
            "\u2066",
            "https://evil.example/x",
            "# ",
            "-# ",
            "> ",
            "\n",
            "</fit:1>",
            "<t:1>",
            "<a:x:1>",
            "a",
            " ",
            "\\",
            "𝕏",
            "\U000e0041",
            "é\u0301\u0301\u0301",
        ]
    ),
    max_size=30,
).map("".join)
ENDS = re.compile(r"(?<!\\)(?:\\\\)*\]\(https://evil")


@given(ANYTHING | HOSTILE)
def test_inert_leaves_nothing_invisible(text: str) -> None:
    assert not [
        char
        for char in inert(text)
        if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    ]


@given(HOSTILE | ANYTHING, st.integers(10, 300))
def test_code_cannot_be_left(text: str, limit: int) -> None:
    shown = code(text, limit)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert "\n" not in shown
    assert units(shown) <= max(limit, 10) + 2


@given(HOSTILE | ANYTHING)
def test_plain_shows_markdown_and_mentions_literally(text: str) -> None:
    shown = plain(text, 4000)
    assert "@" not in shown
    assert "://" not in shown
    bare = re.sub(r"\\.", "", shown)
    assert not set(bare) & set("`*_~|>[]()<#")


@given(HOSTILE)
def test_markdown_neutralises_mentions_and_foreign_links(text: str) -> None:
    shown = markdown(text, 4000)
    outside = re.sub(r"```.*?```|`[^`\n]+`", "", shown, flags=re.DOTALL)
    assert "<@" not in outside
    assert "<#" not in outside
    assert "@everyone" not in outside
    assert "](https://evil" not in outside


@given(ANYTHING, st.integers(8, 200))
def test_cut_keeps_the_limit(text: str, limit: int) -> None:
    assert units(cut(text, limit)) <= limit


def test_cut_closes_a_code_block() -> None:
    text = "Do this:\n```sh\n" + "echo one two three\n" * 50 + "```"
    assert cut(text, 200).count("```") == 2


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 100, "short"),
        ("One sentence. Another one here.", 26, "One sentence. …"),
        ("aaaa bbbb cccc dddd", 18, "aaaa bbbb…"),
    ],
)
def test_cut_ends_at_sentence_or_word(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


@given(HOSTILE | ANYTHING)
def test_fence_cannot_be_left(text: str) -> None:
    assert fence(text, 1000).count("```") == 2


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("## Heading\n\ntext", "**Heading**\n\ntext"),
        ("one line\nof a paragraph\n\n- a\n- b\n1. c", "one line of a paragraph\n\n- a\n- b\n1. c"),
        ("see [docs](https://github.com/a/b)", "see [docs](https://github.com/a/b)"),
        ("see [docs](https://evil.example/b)", "see docs (evil.example)"),
        ("see https://evil.example/b now", "see `https://evil.example/b` now"),
        ("keep `a <@1> b` as it is", "keep `a <@1> b` as it is"),
        ("```sh\n# comment stays\n```", "```sh\n# comment stays\n```"),
    ],
)
def test_markdown_of_entries(given_text: str, expected: str) -> None:
    assert markdown(given_text, 500) == expected


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://github.com/ggml-org/llama.cpp", True),
        ("https://huggingface.co/Qwen/Qwen3-8B", True),
        ("http://github.com/x", False),
        ("https://github.com.evil.example/x", False),
        ("https://github.com@evil.example/x", False),
        ("https://user@github.com/x", False),
        ("https://github.com:444/x", False),
        ("javascript:alert(1)", False),
    ],
)
def test_links_only_to_known_hosts(url: str, allowed: bool) -> None:
    assert allowed_link(url) is allowed
    assert ("](" in link("name", url)) is allowed


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("token ODAwMDAwMDAwMDAwMDAwMDAx.GfAkE0.abcdefghijklmnopqrstuvwxyz0123456789ab", "GfAkE0"),
        ("HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz", "hf_abc"),
        ("key sk-proj-abcdefghijklmnopqrstuv", "sk-proj"),
        ("ghp_abcdefghijklmnopqrstuvwxyz012345", "ghp_abc"),
        ("Authorization: Bearer abcdefghijklmnopqrstuvwx", "abcdefghij"),
        ("postgresql://bob:hunter22@db.example/x", "hunter22"),
        ("POST https://discord.com/api/v10/webhooks/1100000000000000001/aW50ZXJhY3Rpb24/messages", "aW50ZXJhY3Rpb24"),
    ],
)
def test_redact_takes_secrets_out(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_redact_leaves_ordinary_logs_alone() -> None:
    line = "llama_model_load: loaded /models/Qwen3-8B-Q4_K_M.gguf in 1.25 s, 4.68 GiB (4.91 BPW)"
    assert redact(line) == line


def test_label_is_one_line() -> None:
    assert label(" a\n\u202eb\t c ", 100) == "a b c"


def test_what_is_taken_for_harmless_at_a_glance_is() -> None:
    """No control, no mark that stands on another letter, nothing unseen: looked at one by one, all of it is kept."""
    glanced = [char for char in map(chr, range(0x11000)) if HARMLESS.fullmatch(char)]
    assert len(glanced) > 20_000
    assert {"\u00ad", "\u200b", "\u202e", "\u0301", "\u302a", "\r", "\t"}.isdisjoint(glanced)
    unwanted = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn"}
    assert [char for char in glanced if char != "\n" and unicodedata.category(char) in unwanted] == []


@given(ANYTHING, st.integers(8, 300))
def test_a_short_name_is_shown_the_same_the_second_time(text: str, limit: int) -> None:
    assert plain(text, limit) == plain(text, limit) == plain(f"{text}{' ' * SHORT}", limit)
