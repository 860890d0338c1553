"""Finds the names of glossary terms in a question, however they are written: spacing, hyphens, plurals, typing errors.

A name is compared without separators (`KV-cache`, `kv cache`, `kvcache` are one key). It says where names stand; which
of them the question is about is decided elsewhere (define.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from knowledge.search.text import stem

MAX_NAME_WORDS: Final = 6
MIN_SHORTENED_WORDS: Final = 3
GENERAL_NOUNS: Final = frozenset(
    {"attention", "model", "decoding", "sampling", "cache", "mode", "embedding", "prompting", "generation", "limit"}
)
KIND_NOUNS: Final = frozenset({"llm", "library", "grammar", "token"})
"""After a single word these say only what kind of thing it is: "MLC (LLM)", "EOS (token)"."""
MIN_TYPO_CHARS: Final = 5
LONG_TYPO_CHARS: Final = 9
MAX_TYPO_CHARS: Final = 20
_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’`´](?=\w)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question as it is compared, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NameHit:
    """A name of one or more terms standing at words `first` to `last`; `typed` is 1 where it was written correctly."""

    ids: tuple[str, ...]
    first: int
    last: int
    text: str
    typed: float


def split(text: str) -> list[Word]:
    """Cut `text` into the words that names are built of."""
    lowered = _APOSTROPHE.sub("\u2019", text.lower())
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(lowered)]


def key_of(name: str) -> str:
    """Give the key of a name: its words without separators, the last one without a plural s."""
    return _singular("".join(word.key for word in split(name)))


def _singular(key: str) -> str:
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "us", "is", "ps")) else key


class NameTable:
    """All names of all terms, by key, with a table of near misses."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        self._ids: dict[str, list[str]] = {}
        self._words: set[str] = set()
        self._stemmed: dict[str, list[str]] = {}
        for name, id_ in names:
            key = key_of(name)
            if not key:
                continue
            _append(self._ids, key, id_)
            _append(self._stemmed, "".join(stem(word.key) for word in split(name)), id_)
            self._words.update(word.key for word in split(name))
            if len(key) >= MIN_TYPO_CHARS:
                self._words.add(key)
        self._add_shortened(names)
        self._near: dict[str, list[str]] = {}
        for word in self._words:
            if MIN_TYPO_CHARS <= len(word) <= MAX_TYPO_CHARS and word.isalpha():
                for shorter in _deletions(word, 2 if len(word) >= LONG_TYPO_CHARS else 1):
                    _append(self._near, shorter, word)

    def _add_shortened(self, names: Sequence[tuple[str, str]]) -> None:
        """Let long names be said without their last, general word: "sliding window (attention)"."""
        for name, id_ in names:
            plain = split(name)
            ends = (
                GENERAL_NOUNS if len(plain) >= MIN_SHORTENED_WORDS else KIND_NOUNS if len(plain) == 2 else frozenset()
            )
            if ends and plain[-1].key in ends:
                key = "".join(word.key for word in plain[:-1])
                if key not in self._ids:
                    self._ids[key] = [id_]

    def find(self, text: str) -> tuple[list[Word], list[NameHit]]:
        """Give the words of `text` and the longest names in it that do not overlap, in order."""
        plain = split(text)
        hits = self._longest(text, plain, 1.0)
        taken = {n for hit in hits for n in range(hit.first, hit.last + 1)}
        mended = [word if n in taken else self._mend(word) for n, word in enumerate(plain)]
        if mended != plain:
            again = self._longest(text, mended, 0.9)
            changed = {n for n, word in enumerate(plain) if mended[n] != word}
            better = [h for h in again if changed & set(range(h.first, h.last + 1))]
            span = {n for hit in better for n in range(hit.first, hit.last + 1)}
            hits = sorted(
                [*better, *(h for h in hits if not span & set(range(h.first, h.last + 1)))], key=lambda h: h.first
            )
        return plain, hits

    def _longest(self, text: str, plain: list[Word], typed: float) -> list[NameHit]:
        hits: list[NameHit] = []
        stems = [stem(word.key) for word in plain]
        at = 0
        while at < len(plain):
            for last in range(min(at + MAX_NAME_WORDS, len(plain)) - 1, at - 1, -1):
                ids = self._lookup(plain[at : last + 1], stems[at : last + 1])
                if ids:
                    if last > at and text[max(plain[at].start - 1, 0) : plain[at].start] == "-":
                        ids = [
                            *ids,
                            *(id_ for id_ in self._lookup(plain[at : at + 1], stems[at : at + 1]) if id_ not in ids),
                        ]
                    hits.append(NameHit(tuple(ids), at, last, text[plain[at].start : plain[last].end], typed))
                    at = last
                    break
            at += 1
        return hits

    def _lookup(self, part: list[Word], stems: list[str]) -> list[str]:
        key = "".join(word.key for word in part)
        ids = self._ids.get(key) or self._ids.get(_singular(key))
        if ids or len(key) < 6:
            return ids or []
        return self._stemmed.get("".join(stems), [])

    def _mend(self, word: Word) -> Word:
        """Give the name's word that `word` was probably meant to be, or `word` itself."""
        key = word.key
        if (
            not MIN_TYPO_CHARS <= len(key) <= MAX_TYPO_CHARS
            or key in self._words
            or _singular(key) in self._words
            or not key.isalpha()
        ):
            return word
        edits = 2 if len(key) >= LONG_TYPO_CHARS else 1
        near = {near for short in _deletions(key, edits) for near in self._near.get(short, ())}
        good = [
            (distance, other)
            for other in near
            if (distance := OSA.distance(key, other)) <= edits and other[0] == key[0]
        ]
        return Word(min(good)[1], word.start, word.end) if good else word


def _append(table: dict[str, list[str]], key: str, value: str) -> None:
    values = table.setdefault(key, [])
    if value not in values:
        values.append(value)


def _deletions(word: str, edits: int) -> set[str]:
    """Give `word` and all texts that deleting up to `edits` of its letters leaves."""
    found = {word}
    layer = {word}
    for _ in range(edits):
        layer = {w[:n] + w[n + 1 :] for w in layer for n in range(len(w))}
        found |= layer
    return found
