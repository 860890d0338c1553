"""Which pages stand with an answer, and whether the first of them is the answer: of what is bought or trained a guide.

Pages are found by their words in search/pages.py; here is what a question is about besides its words. Nothing is
rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from knowledge.asking import PLAIN_CHARS, Asked
from knowledge.question.buying import Goods, read_goods
from knowledge.question.cues import asks_to_train
from knowledge.question.route import asks_meaning
from knowledge.search.pages import SURE, PageIndex

GUIDE_OF_GOODS: Final[Mapping[Goods, str]] = {
    "gpu": "best-gpu-for-local-ai",
    "laptop": "best-laptop-for-local-ai",
    "mac": "best-mac-for-local-ai",
    "mini-pc": "best-mini-pc-for-local-ai",
    "pc": "best-gpu-for-local-ai",
}
"""The buyer guide of each kind of goods; what a PC is worth for models its card decides."""

TRAINING: Final = "how-much-vram-to-fine-tune"


def choose_pages(index: PageIndex, asked: Asked, text: str, term: float) -> tuple[tuple[str, ...], bool]:
    """The ids of the pages that answer a question, best first, and whether the first goes before all else found.

    `term` is the score of the term that suits the text best: what is said more surely by a page is answered by it.
    """
    hits = index.hits(text)
    ids = [id_ for id_, _ in hits]
    if hits and hits[0][1] >= SURE and not asked.fits:
        return tuple(ids), True
    short = len(text) <= PLAIN_CHARS
    meaning = asks_meaning(text)
    if short and not meaning and asks_to_train(text):
        return _with(TRAINING, ids, index, first=False), True
    asks_model = asked.question.model is not None or asked.question.intent == "which_models"
    goods = read_goods(text) if short and not asks_model else None
    if goods is not None and asked.route != "diagnose" and not (meaning and asked.terms):
        return _with(GUIDE_OF_GOODS[goods], ids, index, first=not ids), not asked.fits or len(ids) > 0
    answered = bool(asked.fits) or asked.route == "diagnose"
    return tuple(ids), bool(hits) and hits[0][1] > term and not answered and not meaning


def _with(page: str, ids: list[str], index: PageIndex, *, first: bool) -> tuple[str, ...]:
    """`ids` with a page that is there whatever the words, before or behind those found by them."""
    if page not in index.bags:
        return tuple(ids)
    others = [id_ for id_ in ids if id_ != page]
    return (page, *others) if first or page in ids[:1] else (*others, page)
