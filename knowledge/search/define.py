"""Says which glossary terms a question is about: `TermIndex.build(terms).define(text)`.

Names found in the question come first; which of them are asked about and which are only the setting ("mmap in
llama.cpp" asks for mmap) follows from the sentence. Without a name, the phrasings of the entries decide. It defines
nothing itself and answers with ids only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from knowledge.catalog import Term
from knowledge.search.lexicon import COMMON_NAMES
from knowledge.search.names import NameHit, NameTable, Word
from knowledge.search.prose import Document, ProseIndex
from knowledge.search.text import stem, tokens
from knowledge.search.types import TermHit

MAX_CHARS: Final = 600
"""Questions are short; of a longer text only this much is read."""
SETTING_CATEGORIES: Final = frozenset({"Runtimes & tools", "Model families"})
"""Terms of these kinds are usually where something happens, not what is asked about."""
SETTING_IDS: Final = frozenset(
    {"apple-silicon", "blackwell", "ada", "ampere", "turing", "pascal", "hopper", "rdna", "cdna", "intel-arc", "egpu"}
)
"""Chips are settings too: "P-cores on my M3" asks for P-cores."""
GENERIC_IDS: Final = frozenset(
    {"llm", "gpu", "token", "inference", "weights", "prompt", "vram", "system-ram", "quantization", "attention"}
)
"""Terms that stand behind many others; they give way to any other term, unless both are compared."""
EVERYWHERE_IDS: Final = frozenset({"llm", "token", "inference", "prompt", "weights"})
"""Terms that stand in nearly every question here; they give way in any case."""
CUE_THRESHOLD: Final = 0.42
CUE_CERTAIN: Final = 0.66
"""So sure must a phrasing be to stand beside the name of a term, or instead of it where it holds that name."""
SETTING_MARGIN: Final = 0.08
"""So much surer must a phrasing be to overrule the name of a tool or a general term that stands in the question."""
MIN_PART_CHARS: Final = 5
"""A shorter piece of an identifier such as MAX_SEQUENCE_LENGTH is not a name."""
MAX_WORDS_ABOUT_A_WORD: Final = 6
_VERSUS: Final = re.compile(r"\b(?:vs\.?|versus|or|compared (?:to|with)|difference|differences|better than|against)\b")
_PURPOSE: Final = re.compile(r"\bto (?:improve|increase|reduce|boost|speed up|save|lower|raise)\b|\bin terms of\b")
ASKING_STEMS: Final = frozenset(
    stem(word)
    for word in ("explain", "explained", "meaning", "mean", "means", "define", "definition", "stand", "purpose")
)
_SETTING_WORDS: Final = frozenset(
    {"in", "with", "on", "for", "using", "under", "from", "by", "inside", "of", "improve", "like", "to"}
)
_ASKING: Final = re.compile(
    r"\b(?:what|whats|what's|wtf|explain|explained|explanation|meaning|means?|define|definition|purpose|stands? for|"
    r"eli5|how|why)\b|\?"
)


class TermIndex:
    """All glossary terms made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = {term.id: term for term in terms}
        self._order = [term.id for term in terms]
        self._names = NameTable([(name, term.id) for term in terms for name in (term.term, term.id, *term.aliases)])
        self._prose = ProseIndex(
            [Document(text=" ".join([term.term, *term.cues, term.definition]), phrases=term.cues) for term in terms]
        )

    @classmethod
    def build(cls, terms: Iterable[Term]) -> TermIndex:
        """Make the index of `terms`; the order of equals follows their ids."""
        return cls(sorted(terms, key=lambda term: term.id))

    def define(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """Name the terms that `text` asks about, likeliest first; empty when it is about none of them."""
        text = text[:MAX_CHARS]
        words, hits = self._names.find(text)
        kept = self._asked_about(text, words, hits)
        scored: dict[str, TermHit] = {}
        for hit in kept:
            for id_ in hit.ids:
                found = TermHit(id=id_, score=self._score(hit, words), matched=hit.text)
                if id_ not in scored or scored[id_].score < found.score:
                    scored[id_] = found
        vague = all(self._is_setting(hit) or self._is_generic(hit) for hit in kept) and not _VERSUS.search(text.lower())
        threshold = CUE_THRESHOLD + (SETTING_MARGIN if scored else 0.0) if vague else CUE_CERTAIN
        meant = self._by_phrasing(text, threshold) if _says_more(text, words, kept) else {}
        if meant:
            said = " ".join(hit.matched for hit in meant.values()).lower()
            scored = meant | {id_: hit for id_, hit in scored.items() if not vague and hit.matched.lower() not in said}
        return tuple(sorted(scored.values(), key=lambda hit: -hit.score)[:limit])

    def _score(self, hit: NameHit, words: Sequence[Word]) -> float:
        share = (hit.last - hit.first + 1) / max(len(words), 1)
        return round(min(0.75 + 0.25 * share, 1.0) * hit.typed, 4)

    def _asked_about(self, text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> list[NameHit]:
        """Leave out of `hits` what is only the setting of the question, and common words that are only words."""
        kept = [hit for hit in hits if not _only_a_word(hit, hits, words, text)]
        if not _VERSUS.search(text.lower()):
            kept = [hit for hit in kept if hit is kept[0] or words[hit.first - 1].key != "for"]
        purpose = _PURPOSE.search(text.lower())
        if purpose and any(words[hit.first].start < purpose.start() for hit in kept):
            kept = [hit for hit in kept if words[hit.first].start < purpose.start()]
        focus = [hit for hit in kept if not self._is_setting(hit)]
        versus = bool(_VERSUS.search(text.lower()))
        if not focus:
            return [hit for hit in kept if versus or not self._is_generic(hit)] or kept
        setting = [hit for hit in kept if hit not in focus and not self._is_generic(hit)]
        compared = versus and not any(_follows_setting_word(hit, words) for hit in setting)
        generic = [hit for hit in focus if self._is_generic(hit)]
        if compared and setting:
            focus = [hit for hit in focus if not set(hit.ids) <= EVERYWHERE_IDS]
            generic = [hit for hit in generic if hit in focus]
        if len(generic) < len(focus):
            focus = [hit for hit in focus if hit not in generic or (versus and not set(hit.ids) <= EVERYWHERE_IDS)]
        chosen = [hit for hit in kept if hit in focus or (compared and hit in setting)]
        return [
            hit for n, hit in enumerate(chosen) if n == 0 or not self._is_apposition(chosen[n - 1], hit, words, text)
        ]

    def _is_apposition(self, one: NameHit, other: NameHit, words: Sequence[Word], text: str) -> bool:
        """Whether `other` follows `one` at once and only says what that is: "yarn context extension"."""
        between = text[words[one.last].end : words[other.first].start]
        related = {id_ for known in one.ids for id_ in self._terms[known].related}
        return between == " " and set(other.ids) <= related

    def _is_setting(self, hit: NameHit) -> bool:
        return all(self._terms[id_].category in SETTING_CATEGORIES or id_ in SETTING_IDS for id_ in hit.ids)

    def _is_generic(self, hit: NameHit) -> bool:
        return all(id_ in GENERIC_IDS for id_ in hit.ids)

    def _by_phrasing(self, text: str, threshold: float) -> dict[str, TermHit]:
        found: dict[str, TermHit] = {}
        for like in self._prose.score(text, 2, frozenset()):
            value = round(0.6 * like.opening + 0.2 * like.bm25 + 0.2 * like.explained, 4)
            if value >= threshold and (not found or value >= 0.9 * next(iter(found.values())).score):
                id_ = self._order[like.number]
                found[id_] = TermHit(id=id_, score=value, matched=like.phrase)
        return found


def _says_more(text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> bool:
    """Whether the question holds words of substance besides the names in it."""
    rest = list(text)
    for hit in hits:
        start, end = words[hit.first].start, words[hit.last].end
        rest[start:end] = " " * (end - start)
    return bool(set(tokens("".join(rest))) - ASKING_STEMS)


def _follows_setting_word(hit: NameHit, words: Sequence[Word]) -> bool:
    before = [word.key for word in words[max(hit.first - 2, 0) : hit.first]]
    return bool(set(before) & _SETTING_WORDS)


def _only_a_word(hit: NameHit, hits: Sequence[NameHit], words: Sequence[Word], text: str) -> bool:
    """Whether an everyday word or a letter or two stands there by chance rather than as a term's name."""
    key = "".join(word.key for word in words[hit.first : hit.last + 1])
    start, end = words[hit.first].start, words[hit.last].end
    written = text[start:end]
    if text[max(start - 1, 0) : start] == "_" or text[end : end + 1] == "_":
        return len(written) < MIN_PART_CHARS or key in COMMON_NAMES
    if len(key) > 2 and key not in COMMON_NAMES:
        return False
    if text[max(start - 1, 0) : start] == "-" and text[max(start - 2, 0) : start - 1] in {"", " ", "`"}:
        return False
    if written.isupper() and len(written) > 1:
        return False
    others = [other for other in hits if other is not hit]
    return bool(others) or len(words) > MAX_WORDS_ABOUT_A_WORD or not _ASKING.search(text.lower())
