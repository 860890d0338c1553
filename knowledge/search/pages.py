"""Which page (guide, quick answer, kit) a question asks for, or none: its words against the ways people put each page.

A question is compared with every phrasing of every page by the rare words both hold; below `LEAST` there is no page.
Nothing is computed or rendered here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.catalog import Page
from knowledge.search.text import tokens

MAX_CHARS = 240
"""Longer texts are no short question: they are logs or stories, and no page is put beside their answer."""
LEAST = 0.62
"""The cosine from which a page is shown. Chosen so that questions about other things find none (the tests hold it)."""


@dataclass(frozen=True, slots=True)
class PageIndex:
    """Phrasings as weighted tokens with unit length; `weights` are the tokens' inverse frequencies over pages."""

    phrasings: tuple[tuple[str, Mapping[str, float]], ...]
    weights: Mapping[str, float]
    unseen: float

    @classmethod
    def build(cls, pages: Iterable[Page]) -> PageIndex:
        """Index the title and the phrasings of every page."""
        ways = [(page.id, set(tokens(way))) for page in pages for way in (page.title, *page.asks)]
        owners: dict[str, set[str]] = {}
        for id_, way in ways:
            for token in way:
                owners.setdefault(token, set()).add(id_)
        n_pages = len({id_ for id_, _ in ways})
        weights = {token: math.log(1 + n_pages / len(ids)) for token, ids in owners.items()}
        vectors = [(id_, _unit({token: weights[token] for token in way})) for id_, way in ways if way]
        return cls(tuple(vectors), weights, math.log(1 + n_pages))

    def scores(self, text: str) -> dict[str, float]:
        """The best cosine of each page's phrasings with the text; pages that share no word are left out."""
        if len(text) > MAX_CHARS:
            return {}
        asked = _unit({token: self.weights.get(token, self.unseen) for token in Counter(tokens(text))})
        found: dict[str, float] = {}
        for id_, way in self.phrasings:
            score = sum(weight * way[token] for token, weight in asked.items() if token in way)
            if score > found.get(id_, 0.0):
                found[id_] = score
        return found

    def find(self, text: str, limit: int = 2) -> tuple[str, ...]:
        """Ids of the pages that answer a question, best first; empty where none does."""
        ranked = sorted(self.scores(text).items(), key=lambda item: (-item[1], item[0]))
        return tuple(id_ for id_, score in ranked[:limit] if score >= LEAST)


def _unit(weights: Mapping[str, float]) -> Mapping[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {token: weight / length for token, weight in weights.items()} if length else {}
