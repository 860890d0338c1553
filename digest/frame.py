"""Puts an issue's frame into a reader's language: headings, ratings, month, links and disclosure. Pure.

A phrase of ours is translated where it is the whole text of an element, or a line or a mark of the plain text; what
sections wrote about models and programs stays English, and the frame says so. It knows the phrases, not the places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from typing import Final

from digest.frame_subject import SAID, preheader_in
from digest.languages import ENGLISH, Words, words_in
from digest.render import wrapped

WHY: Final = "You get this once a month because you asked for it. Monthly recap. No spam."
STILL_ENGLISH: Final = "Headings and ratings are in your language; the texts are written in English."
DISCLOSURE: Final = (
    "Disclosure: some links on our site are affiliate links. If you buy through one, we may earn a commission and you "
    "pay the same. No link in this mail is one, and none of them moves a verdict."
)
TITLES: Final = (
    *("Models worth the download", "What they need", "Tools that shipped", "Hardware and drivers"),
    *("Too big for most desks", "Also released", "Talked about", "Errors of the month", "A word explained"),
    *("Corrections", "How to read the figures"),
)
HEADS: Final = ("Model", "File", "Memory", "Speed")
TIERS: Final = (
    *("runs comfortably", "runs with trade-offs", "will not run", "not known"),
    *("comfortable", "with trade-offs", "unknown"),
)
LINKS: Final = ("Unsubscribe", "Preferences", "Read online")
CAPTION: Final = "8k context; the largest size of each release that runs, with the best file for it."
ON_YOUR: Final = "On your %(machine)s"
A_FEW_LINES: Final = "The month in a few lines"
EDITOR: Final = "Editor:"
PHRASES: Final = frozenset(
    {*TITLES, *HEADS, *TIERS, *LINKS, *SAID, WHY, DISCLOSURE, CAPTION, ON_YOUR, A_FEW_LINES, EDITOR, STILL_ENGLISH}
)

_ELEMENT: Final = re.compile(r">([^<>]{2,400})<")
_ITSELF: Final = frozenset({*TITLES, *HEADS, *TIERS, *LINKS, DISCLOSURE, CAPTION, EDITOR})
_MONTH_NAMES: Final = {name: number for number, name in enumerate(words_in(ENGLISH).months, start=1)}
_MONTH: Final = re.compile(rf"({'|'.join(_MONTH_NAMES)}) (20\d\d)")
_ON: Final = re.compile(r"On your ([^<>\n]{2,120})", re.IGNORECASE)
_IN_LINES: Final = re.compile(r"The month in \w{1,12} lines", re.IGNORECASE)
_RATED: Final = re.compile(rf"(.{{1,120}}): ({'|'.join(TIERS[:4])})(\.?)")
_HEADING: Final = re.compile(r"^([^\n]{2,200})\n(-{2,200})$", re.MULTILINE)
_CELL: Final = re.compile(rf"^(    )({'|'.join(HEADS)})(: [^\n]{{0,200}})$", re.MULTILINE)
_NOTE: Final = re.compile(rf"\(({'|'.join(TIERS)})\)")
_MARK: Final = re.compile(rf"(: )({'|'.join(TIERS[:4])})(?=\]|\.$)", re.MULTILINE)
_LINK_LINE: Final = re.compile(rf"^({'|'.join(LINKS)}):  (?=https?://)", re.MULTILINE)
_FIRST: Final = re.compile(r"^(RUNLOCALAI · )monthly digest · ([^\n]{4,40})")
_UPPER: Final = {title.upper(): title for title in (*TITLES, A_FEW_LINES)}


def in_language(html: str, text: str, language: str) -> tuple[str, str]:
    """Return an issue's HTML and text, or a part's, with its frame in a language of ours."""
    words = words_in(language)
    if words.language == ENGLISH:
        return html, text
    return _html(html, words), _text(text, words)


def _html(html: str, words: Words) -> str:
    def said(match: re.Match[str]) -> str:
        inner = match[1]
        new = _phrase(unescape(inner.strip()), words)
        if new is None:
            return match[0]
        head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f'>{head}<span lang="{words.language}">{escape(new, quote=False)}</span>{tail}<'

    start = html.find("<body")  # a title in the head takes no elements
    return html[: max(start, 0)] + _ELEMENT.sub(said, html[max(start, 0) :])


def _phrase(text: str, words: Words) -> str | None:
    """Return a text of ours in another language, None for any other text."""
    if text in _ITSELF:
        return words.say(text)
    if text == WHY:
        return f"{words.say(WHY)} {words.say(STILL_ENGLISH)}"
    if text == "MONTHLY DIGEST":
        return words.say("monthly digest").upper()
    if (preheader := preheader_in(text, words.language)) != text:
        return preheader
    for pattern, form in _FORMS:
        if match := pattern.fullmatch(text):
            return form(match, words)
    return None


def _month_said(match: re.Match[str], words: Words) -> str:
    return words.month(f"{match[2]}-{_MONTH_NAMES[match[1]]:02}")


def _machine_said(match: re.Match[str], words: Words) -> str:
    return words.say(ON_YOUR) % {"machine": match[1]}


def _lines_said(match: re.Match[str], words: Words) -> str:
    del match
    return words.say(A_FEW_LINES)


def _rating_said(match: re.Match[str], words: Words) -> str:
    return f"{match[1]}: {words.say(match[2])}{match[3]}"


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Words], str]], ...]] = (
    (_MONTH, _month_said),
    (_ON, _machine_said),
    (_IN_LINES, _lines_said),
    (_RATED, _rating_said),
)


def _text(text: str, words: Words) -> str:
    def heading(match: re.Match[str]) -> str:
        title = match[1]
        known = _UPPER.get(title) or (A_FEW_LINES if _IN_LINES.fullmatch(title) else "")
        on = _ON.fullmatch(title)
        new = words.say(known) if known else _machine_said(on, words) if on and len(match[2]) == len(title) else ""
        return f"{new.upper()}\n{'-' * len(new)}" if new else match[0]

    text = _FIRST.sub(lambda found: f"{found[1]}{words.say('monthly digest')} · {_first_month(found[2], words)}", text)
    text = _HEADING.sub(heading, text)
    text = _CELL.sub(lambda found: f"{found[1]}{words.say(found[2])}{found[3]}", text)
    text = _NOTE.sub(lambda found: f"({words.say(found[1])})", text)
    text = _MARK.sub(lambda found: f"{found[1]}{words.say(found[2])}", text)
    text = _LINK_LINE.sub(lambda found: f"{words.say(found[1])}:  ", text)
    for old, new in _paragraphs(words.language):
        text = text.replace(old, new)
    return text.replace("* Editor: ", f"* {words.say(EDITOR)} ").replace("\nEditor: ", f"\n{words.say(EDITOR)} ")


def _first_month(named: str, words: Words) -> str:
    match = _MONTH.fullmatch(named)
    return _month_said(match, words) if match else named


@lru_cache(maxsize=16)
def _paragraphs(language: str) -> tuple[tuple[str, str], ...]:
    """The paragraphs of ours as they stand in the text, each with what it becomes."""
    words = words_in(language)
    return (
        (wrapped(WHY), wrapped(f"{words.say(WHY)} {words.say(STILL_ENGLISH)}")),
        (wrapped(DISCLOSURE), wrapped(words.say(DISCLOSURE))),
        (wrapped(CAPTION), wrapped(words.say(CAPTION))),
    )
