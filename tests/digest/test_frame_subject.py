"""Subject and preheader in a reader's language: the ones composed, of real months; no other words are touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import compose
from digest.frame import in_language
from digest.frame_subject import preheader_in, subject_in
from digest.issue import Issue
from digest.languages import ENGLISH, LANGUAGES, words_in
from digest.render import render
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.answers import Answers
from knowledge.content_loader import load_knowledge

OTHERS = tuple(language for language in LANGUAGES if language != ENGLISH)


@pytest.fixture(scope="module")
def issues() -> list[Issue]:
    answers, shipped = Answers(load_knowledge()), {item.id: item for item in load_sources(SOURCES_DIR)}
    return [
        compose("2026-04", answers=answers, sources=shipped, rig_name="RTX 3060 12GB"),
        compose("2026-03", answers=answers, sources=shipped),
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_composed_is_said(issues: list[Issue], language: str) -> None:
    """If `compose` words them another way, this fails: then `frame_subject` has to follow."""
    words = words_in(language)
    for issue in issues:
        subject, preheader = subject_in(issue.subject, language), preheader_in(issue.preheader, language)
        month = int(issue.month[5:])
        assert subject != issue.subject
        assert words.months[month - 1] in subject
        assert words.month(issue.month).casefold() in preheader.casefold()
        assert "Local AI" not in subject
        assert " run on a" not in preheader
        assert " run on your" not in preheader
        for name in issue.subject.partition(": ")[2].replace(" and ", ", ").split(", "):
            assert name in subject
        machine = issue.rig_name or "RTX 3060 12GB"
        assert machine in preheader
        html, _ = in_language(render(issue, Settings.from_env({})).html, "", language)
        assert preheader in html
        assert issue.preheader not in html


@pytest.mark.parametrize("language", OTHERS)
def test_counts_and_single_names(language: str) -> None:
    words = words_in(language)
    assert "12" in subject_in("Local AI in May: 12 releases", language)
    assert words.say("%(count)s releases") % {"count": "12"} in subject_in("Local AI in May: 12 releases", language)
    assert words.say("%(count)s release") % {"count": "1"} in subject_in("Local AI in May: 1 release", language)
    assert subject_in("Local AI in May: Otter 3", language).endswith("Otter 3")
    assert "Otter" not in preheader_in("3 of May 2026's models run on an RTX 4090.", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words", ["A month of otters", "Local AI in Brumaire: A", "Local AI in May:", "", "3 of 4 run."]
)
def test_what_a_maintainer_wrote_stays(words: str, language: str) -> None:
    assert subject_in(words, language) == words
    assert preheader_in(words, language) == words


def test_english_readers_get_what_was_approved() -> None:
    assert subject_in("Local AI in May: A and B", ENGLISH) == "Local AI in May: A and B"
    assert subject_in("Local AI in May: A and B", "xx") == "Local AI in May: A and B"


def test_what_fills_a_preheader_up_stays() -> None:
    filler = "\u2007\ufeff\u034f " * 3
    said = preheader_in(f"3 of May 2026's models run on an RTX 4090, A and B among them.{filler}", "de")
    assert said.endswith(filler)
    assert "A und B" in said


@given(st.text(max_size=200), st.sampled_from(list(LANGUAGES)))
def test_any_words(text: str, language: str) -> None:
    assert subject_in(f"Local AI in May: {text}", language)
    assert preheader_in(text, language) == text
