"""Text as the matchers see it: one normal form, cut into atoms, and squashed so that spacing does not matter.

`normalise` folds width, case and invisible marks. `Atoms` cuts the result at every change between letters, digits and
signs ("4060ti" is `4060`, `ti`) and joins the atoms into a key in which "GPT OSS", "gpt-oss" and "gptoss" are the same
string. It knows no names and decides nothing.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.errors import BadInput

MAX_READ_CHARS = 16_384
"""A question is read this far; what follows is not looked at, and the answer says so."""

MAX_TEXT_CHARS = 25_000_000
MAX_NAME_CHARS = 400

# Single character classes only: linear by construction, and several times quicker than RE2 through its binding.
_INVISIBLE = re.compile("[\ud800-\udfff\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_HYPHEN = re.compile("[\u2010-\u2012\u2212\ufe63]")
_SPACES = re.compile("[ \t]{2,}|\t")
_ATOM = re.compile(r"[0-9]+(?:\.[0-9]+)*|[a-z]+|[^\W\d_a-z]+|\+")
_BETWEEN_NUMBERS = re.compile("(?<=[0-9])\0(?=[0-9])")


def clean(text: str) -> str:
    """`text` as valid Unicode: halves of surrogate pairs (bytes that were no text) replaced, a leading BOM dropped."""
    return text.encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")


def normalise(text: str) -> str:
    """`text` in NFKC and lower case: no invisible or direction marks, one kind of hyphen, one space between words."""
    low = text.lower() if text.isascii() else _folded(text)
    if not low.isprintable():
        low = _CONTROL.sub(" ", low)
    return _SPACES.sub(" ", low) if "  " in low or "\t" in low else low


def _folded(text: str) -> str:
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    return _HYPHEN.sub("-", folded)


def bounded(text: str) -> tuple[str, bool]:
    """The part of `text` that is read, and whether anything was left off; raises BadInput where nothing is there."""
    if not text.strip():
        raise BadInput("The text is empty.", subject="text", hint="Ask about a model, a device or an error.")
    if len(text) > MAX_TEXT_CHARS:
        raise BadInput("The text is too long.", subject="text", hint=f"At most {MAX_TEXT_CHARS:,} characters.")
    return text[:MAX_READ_CHARS], len(text) > MAX_READ_CHARS


class Atoms:
    """The atoms of a normalised text and their squashed key.

    `key` is all atoms joined, with `_` between two numbers ("3 8" must not become 38). `starts` and `ends` map offsets
    in `key` to atom numbers; `spans[i]` is where atom i stands in the text.
    """

    __slots__ = ("ends", "key", "spans", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        parts: list[str] = []
        length = 0
        was_number = False
        for number, match in enumerate(_ATOM.finditer(text)):
            word = match.group()
            is_number = word[0].isdigit()
            if is_number and was_number:
                parts.append("_")
                length += 1
            was_number = is_number
            parts.append(word)
            self.words.append(word)
            self.spans.append(match.span())
            self.starts[length] = number
            length += len(word)
            self.ends[length] = number
        self.key = "".join(parts)

    def gap(self, number: int) -> str:
        """The text between atom `number` and the next one."""
        return self.text[self.spans[number][1] : self.spans[number + 1][0]]


def squash(text: str) -> str:
    """The key of an already normalised `text`: what `Atoms(text).key` would be."""
    return _BETWEEN_NUMBERS.sub("_", "\0".join(_ATOM.findall(text))).replace("\0", "")


def atoms_of(text: str) -> list[str]:
    """The atoms of an already normalised `text`: what `Atoms(text).words` would be."""
    return _ATOM.findall(text)


def same_name_keys(key: str) -> tuple[str, ...]:
    """`key` and the ways people flatten its version numbers: `qwen3.6_27b` is also `qwen3_6_27b` and `qwen36_27b`."""
    if "." not in key:
        return (key,)
    keys = [key]
    spaced = _VERSION.sub(r"\1_\2", key)
    if spaced != key:
        keys += [spaced, _VERSION.sub(r"\1\2", key)]
    return tuple(keys)


_VERSION = re.compile(r"(?<![0-9.])([0-9])\.([0-9])(?![0-9.])")
