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
from knowledge.search.prose import ProseIndex
from knowledge.search.types import TermHit

MAX_CHARS: Final = 600
"""Questions are short; of a longer text only this much is read."""
SETTING_CATEGORIES: Final = frozenset({"Runtimes & tools", "Model families"})
SETTING_IDS: Final = frozenset(
    {"llm", "gpu", "token", "inference", "weights", "prompt", "model-serving", "vram", "system-ram"}
)
CUE_THRESHOLD: Final = 0.42
_VERSUS: Final = re.compile(r"\b(?:vs\.?|versus|or|compared (?:to|with)|difference|differences|better than|against)\b")
_SETTING_WORDS: Final = frozenset({"in", "with", "on", "for", "using", "under", "from", "by", "inside", "of"})
_ASKING: Final = re.compile(
    r"\b(?:what|whats|what's|wtf|explain|explained|explanation|meaning|means?|define|definition|purpose|stands? for|"
    r"eli5|how|why)\b|\?"
)


class TermIndex:
    """All glossary terms made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = {term.id: term for term in terms}
        self._order = [term.id for term in terms]
        self._names = NameTable((name, term.id) for term in terms for name in (term.term, term.id, *term.aliases))
        self._prose = ProseIndex([(" ".join([term.term, *term.cues, term.definition]), term.cues) for term in terms])

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
        if not scored:
            scored = self._by_phrasing(text)
        return tuple(sorted(scored.values(), key=lambda hit: -hit.score)[:limit])

    def _score(self, hit: NameHit, words: Sequence[Word]) -> float:
        share = (hit.last - hit.first + 1) / max(len(words), 1)
        return round(min(0.75 + 0.25 * share, 1.0) * hit.typed, 4)

    def _asked_about(self, text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> list[NameHit]:
        """Leave out of `hits` what is only the setting of the question, and common words that are only words."""
        kept = [hit for hit in hits if not self._only_a_word(hit, hits, words, text)]
        focus = [hit for hit in kept if not self._is_setting(hit)]
        if not focus:
            return kept
        versus = bool(_VERSUS.search(text.lower()))
        return [hit for hit in kept if hit in focus or (versus and not self._follows_setting_word(hit, words))]

    def _is_setting(self, hit: NameHit) -> bool:
        return all(self._terms[id_].category in SETTING_CATEGORIES or id_ in SETTING_IDS for id_ in hit.ids)

    @staticmethod
    def _follows_setting_word(hit: NameHit, words: Sequence[Word]) -> bool:
        before = [word.key for word in words[max(hit.first - 2, 0) : hit.first]]
        return bool(set(before) & _SETTING_WORDS)

    @staticmethod
    def _only_a_word(hit: NameHit, hits: Sequence[NameHit], words: Sequence[Word], text: str) -> bool:
        key = "".join(word.key for word in words[hit.first : hit.last + 1])
        if len(key) > 2 and key not in COMMON_NAMES:
            return False
        written = text[words[hit.first].start : words[hit.last].end]
        if written.isupper() and len(written) > 1:
            return False
        others = [other for other in hits if other is not hit]
        return bool(others) or len(words) > 6 or not _ASKING.search(text.lower())

    def _by_phrasing(self, text: str) -> dict[str, TermHit]:
        found: dict[str, TermHit] = {}
        for like in self._prose.score(text, 2, frozenset()):
            value = round(0.6 * like.opening + 0.2 * like.bm25 + 0.2 * like.explained, 4)
            if value >= CUE_THRESHOLD and (not found or value >= 0.9 * next(iter(found.values())).score):
                id_ = self._order[like.number]
                found[id_] = TermHit(id=id_, score=value, matched=like.phrase)
        return found
