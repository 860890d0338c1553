"""Finds the names of glossary terms in a question, however they are written: spacing, hyphens, plurals, typing errors.

A name is compared without separators (`KV-cache`, `kv cache`, `kvcache` are one key). It says where names stand; which
of them the question is about is decided elsewhere (define.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.search.everyday import EVERYDAY_WORDS
from knowledge.search.lexicon import STOP_WORDS
from knowledge.search.near import NearWords, allowed_edits
from knowledge.search.text import UNSPACED, fold, stem

MAX_NAME_WORDS: Final = 6
MIN_SHORTENED_WORDS: Final = 3
GENERAL_NOUNS: Final = frozenset(
    {"attention", "model", "decoding", "sampling", "cache", "mode", "embedding", "prompting", "generation", "limit"}
)
KIND_NOUNS: Final = frozenset({"llm", "library", "grammar", "token"})
"""After a single word these say only what kind of thing it is: "MLC (LLM)", "EOS (token)"."""
MIN_TYPO_CHARS: Final = 4
MAX_TYPO_CHARS: Final = 20
ELLIPTIC_NOUNS: Final = GENERAL_NOUNS | frozenset(
    {"parallelism", "penalty", "cache", "caching", "quantization", "sampling", "token", "tokens", "format", "context"}
)
"""Two-word names may be said without these where two things are compared: "moe vs dense", "tensor or pipeline"."""
MIN_WHOLE_CHARS: Final = 6
MIN_JOINED_CHARS: Final = 9
"""Names of several words are also looked up whole, with a typing error anywhere, from this length on."""
HEAD_CHARS: Final = 3
"""Stems keep so many letters, and a plural s is only taken from longer words."""
NEARLY: Final = 0.9
"""How surely a name with a typing error was meant."""
VERSUS_WORDS: Final = frozenset({"vs", "versus", "or", "and", "against", "oder", "ou", "und"})
MAX_BETWEEN: Final = 2
_DETERMINERS: Final = frozenset({"the", "my", "your", "this", "these", "its", "all"})
"""What may stand between a verb and what it is done to."""
_WORD: Final = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")
_UNSPACED_WORD: Final = re.compile(rf"[{UNSPACED}]")
_STOP: Final = frozenset(STOP_WORDS.split())
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
    lowered = _APOSTROPHE.sub("\u2019", fold(text))
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(lowered)]


def key_of(name: str) -> str:
    """Give the key of a name: its words without separators, the last one without a plural s."""
    return _joined(split(name))


def _joined(plain: Sequence[Word]) -> str:
    """The words as one, the last of them without a plural s."""
    return "".join(word.key for word in plain[:-1]) + _singular(plain[-1].key) if plain else ""


def _singular(key: str) -> str:
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "us", "is", "ps")) else key


class NameTable:
    """All names of all terms, by key, with a table of near misses."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        self._ids: dict[str, list[str]] = {}
        self._words: set[str] = set()
        self._stemmed: dict[str, list[str]] = {}
        self._elliptic: dict[str, list[str]] = {}
        self._pieces: set[str] = set()
        self._spelled: set[tuple[str, int, str]] = set()
        joined: set[str] = set()
        lists: dict[tuple[str, ...], list[str]] = {}
        cut = {name: split(name) for name, _ in names}
        for name, id_ in names:
            plain = cut[name]
            key = _joined(plain)
            if not key:
                continue
            _append(self._ids, key, id_)
            self._spelled.add((key, len(plain), id_))
            _append(self._stemmed, "".join(stem(word.key) for word in plain), id_)
            self._words.update(word.key for word in plain)
            self._pieces.update(word.key for word in plain if len(word.key) > 1 and _UNSPACED_WORD.match(word.key))
            if len(key) >= MIN_TYPO_CHARS:
                self._words.add(key)
            if len(plain) > 1 and MIN_WHOLE_CHARS <= len(key) <= MAX_TYPO_CHARS and key.isascii() and key.isalpha():
                joined.add(key)
            if len(plain) == 2 and plain[1].key in ELLIPTIC_NOUNS:
                _append(self._elliptic, plain[0].key, id_)
        self._longest_piece = max((len(piece) for piece in self._pieces), default=0)
        self._add_shortened(names, cut)
        for table in (self._ids, self._stemmed, self._elliptic):
            _share(table, lists)
        self._heads = frozenset(key[:HEAD_CHARS] for table in (self._ids, self._stemmed) for key in table)
        self._near_names = NearWords(joined)
        self._near = NearWords(
            word for word in self._words if MIN_TYPO_CHARS <= len(word) <= MAX_TYPO_CHARS and word.isalpha()
        )

    def _add_shortened(self, names: Sequence[tuple[str, str]], cut: Mapping[str, list[Word]]) -> None:
        """Let long names be said without their last, general word: "sliding window (attention)"."""
        for name, id_ in names:
            plain = cut[name]
            ends = (
                GENERAL_NOUNS if len(plain) >= MIN_SHORTENED_WORDS else KIND_NOUNS if len(plain) == 2 else frozenset()
            )
            if ends and plain[-1].key in ends:
                key = "".join(word.key for word in plain[:-1])
                if key not in self._ids and key not in EVERYDAY_WORDS and plain[-2].key not in _STOP:
                    self._ids[key] = [id_]

    def find(self, text: str) -> tuple[list[Word], list[NameHit]]:
        """Give the words of `text` and the longest names in it that do not overlap, in order."""
        plain = [piece for word in split(text) for piece in self._cut(word)]
        hits = self._longest(text, plain, 1.0)
        taken = {n for hit in hits for n in range(hit.first, hit.last + 1)}
        mended = [word if n in taken else self._mend(word) for n, word in enumerate(plain)]
        if mended != plain:
            again = self._longest(text, mended, NEARLY)
            changed = {n for n, word in enumerate(plain) if mended[n] != word}
            hits = _instead(hits, [h for h in again if changed & set(range(h.first, h.last + 1))])
        hits = _instead(hits, self._nearly(text, plain, hits))
        hits = _instead(hits, self._turned(text, plain, hits))
        return plain, _instead(hits, self._compared(text, plain, hits))

    def _cut(self, word: Word) -> Iterator[Word]:
        """Cut a run of a script without spaces at the names that stand in it."""
        if not _UNSPACED_WORD.match(word.key):
            yield word
            return
        at = rest = 0
        while at < len(word.key):
            sizes = range(min(self._longest_piece, len(word.key) - at), 1, -1)
            size = next((n for n in sizes if word.key[at : at + n] in self._pieces), 0)
            if size:
                if rest < at:
                    yield Word(word.key[rest:at], word.start + rest, word.start + at)
                yield Word(word.key[at : at + size], word.start + at, word.start + at + size)
                rest = at + size
            at += size or 1
        if rest < len(word.key):
            yield Word(word.key[rest:], word.start + rest, word.end)

    def _nearly(self, text: str, plain: list[Word], hits: Sequence[NameHit]) -> list[NameHit]:
        """Find names of several words, or cut in two, with one letter wrong or written by ear."""
        long = {n for hit in hits if hit.last > hit.first for n in range(hit.first, hit.last + 1)}
        known = [self._is_word(word.key) for word in plain]
        found: list[NameHit] = []
        for first in range(len(plain)):
            for last in range(first + 1, min(first + 3, len(plain))):
                if all(known[first : last + 1]) or (long and any(n in long for n in range(first, last + 1))):
                    continue
                part = plain[first : last + 1]
                key = _joined(part)
                plainly = not any(word.key in _STOP or word.key in EVERYDAY_WORDS for word in part)
                long_enough = len(key) >= MIN_JOINED_CHARS and min(len(part[0].key), len(part[-1].key)) > 2
                near = self._near_names.nearest(key, 1) if plainly or long_enough else None
                if near is None and not any(word.key in _STOP for word in part):
                    near = self._near_names.by_ear(key) or self._near.by_ear(key)
                if near and near in self._ids:
                    hit_text = text[plain[first].start : plain[last].end]
                    found.append(NameHit(tuple(self._ids[near]), first, last, hit_text, NEARLY))
                    break
        return found

    def _turned(self, text: str, plain: list[Word], hits: Sequence[NameHit]) -> list[NameHit]:
        """Find names said as a verb and what it is done to: "cache the prompt" is a prompt cache."""
        taken = {n: hit for hit in hits for n in range(hit.first, hit.last + 1)}
        stems = [stem(word.key) for word in plain]
        found: list[NameHit] = []
        for first, word in enumerate(plain[:-1]):
            if word.key in _STOP or len(word.key) < MIN_TYPO_CHARS:
                continue
            start = first + 1
            while start < len(plain) and start - first <= MAX_BETWEEN and plain[start].key in _DETERMINERS:
                start += 1
            if not text[word.end : plain[min(start, len(plain) - 1)].start].replace(" ", "").isalpha():
                continue
            for last in range(min(start + 2, len(plain)) - 1, start - 1, -1):
                ids = self._stemmed.get("".join(stems[start : last + 1]) + stems[first])
                longer = [taken[n] for n in (first, *range(start, last + 1)) if n in taken]
                if ids and not any(hit.first < first or hit.last > last for hit in longer):
                    found.append(NameHit(tuple(ids), first, last, text[word.start : plain[last].end], NEARLY))
                    break
        return found

    def _compared(self, text: str, plain: list[Word], hits: Sequence[NameHit]) -> list[NameHit]:
        """Find names said without their last word beside "vs" or "or", where the other side is a name too."""
        taken = {n for hit in hits for n in range(hit.first, hit.last + 1)}
        found: list[NameHit] = []
        for at, word in enumerate(plain[1:-1], 1):
            if word.key not in VERSUS_WORDS:
                continue
            for here, there in ((at - 1, at + 1), (at + 1, at - 1)):
                known = there in taken or plain[there].key in self._elliptic
                if here not in taken and known and plain[here].key in self._elliptic:
                    ids = tuple(self._elliptic[plain[here].key][:1])
                    found.append(NameHit(ids, here, here, text[plain[here].start : plain[here].end], 0.95))
        return found

    def _longest(self, text: str, plain: list[Word], typed: float) -> list[NameHit]:
        hits: list[NameHit] = []
        stems = [stem(word.key) for word in plain]
        at = 0
        while at < len(plain):
            stop = min(at + MAX_NAME_WORDS, len(plain))
            if not self._may_begin(plain[at:stop]):
                at += 1
                continue
            for last in range(stop - 1, at - 1, -1):
                ids = self._lookup(plain[at : last + 1], stems[at : last + 1])
                if ids:
                    if last > at and _is_option(text, plain[at], plain[at + 1]):
                        ids = [
                            *ids,
                            *(id_ for id_ in self._lookup(plain[at : at + 1], stems[at : at + 1]) if id_ not in ids),
                        ]
                    hits.append(NameHit(tuple(ids), at, last, text[plain[at].start : plain[last].end], typed))
                    at = last
                    break
            at += 1
        return hits

    def _may_begin(self, part: list[Word]) -> bool:
        """Whether a name can begin with the first of these words: most words of a question begin none."""
        if len(part[0].key) < HEAD_CHARS:
            return True
        return part[0].key[:HEAD_CHARS] in self._heads

    def _lookup(self, part: list[Word], stems: list[str]) -> list[str]:
        key, joined = "".join(word.key for word in part), _joined(part)
        if key in self._ids or joined in self._ids:
            spelled = self._spelled_in(key, len(part)) or self._spelled_in(joined, len(part))
            return spelled or self._ids.get(key) or self._ids[joined]
        if len(key) < MIN_WHOLE_CHARS:
            return []
        return self._stemmed.get("".join(stems), [])

    def _spelled_in(self, key: str, words: int) -> list[str]:
        """The terms with a name of this key in just so many words: "tokens" is no "token/s"."""
        return [id_ for id_ in self._ids.get(key, ()) if (key, words, id_) in self._spelled]

    def _is_word(self, key: str) -> bool:
        """Whether a word of a question is one that names or everyday English have, with or without a plural s."""
        return any(way in self._words or way in EVERYDAY_WORDS for way in (key, _singular(key)))

    def _mend(self, word: Word) -> Word:
        """Give the name's word that `word` was probably meant to be, or `word` itself."""
        key = word.key
        if not MIN_TYPO_CHARS <= len(key) <= MAX_TYPO_CHARS or self._is_word(key) or not key.isalpha():
            return word
        near = self._near.nearest(key, allowed_edits(len(key))) or self._near.by_ear(key)
        return Word(near, word.start, word.end) if near else word


def _is_option(text: str, word: Word, following: Word) -> bool:
    """Whether `word` is a short option with a value behind it: "-ot exps"."""
    before = text[max(word.start - 2, 0) : word.start]
    return before.endswith("-") and before != "--" and text[word.end : following.start] == " "


def _instead(hits: Sequence[NameHit], better: Sequence[NameHit]) -> list[NameHit]:
    """`hits` in order, with those that overlap one of `better` replaced by it."""
    if not better:
        return list(hits)
    span = {n for hit in better for n in range(hit.first, hit.last + 1)}
    left = [hit for hit in hits if not span & set(range(hit.first, hit.last + 1))]
    return sorted([*better, *left], key=lambda hit: hit.first)


def _append(table: dict[str, list[str]], key: str, value: str) -> None:
    values = table.setdefault(key, [])
    if value not in values:
        values.append(value)


def _share(table: dict[str, list[str]], lists: dict[tuple[str, ...], list[str]]) -> None:
    """Let equal values of finished tables be one list: most of some thousands name one term."""
    for key, ids in table.items():
        table[key] = lists.setdefault(tuple(ids), ids)
