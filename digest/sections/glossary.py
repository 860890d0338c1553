"""A word explained: the glossary term the month's releases speak of most and no recent issue explained."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from digest.context import Context
from digest.issue import Item, Link, Section
from digest.releases import Release
from knowledge.catalog import Model, Term
from knowledge.numbers import Numbers

ORDER = 80
_SHORTEST: Final = 3
_WORD: Final = re.compile(r"[a-z0-9]+(?:[.+-][a-z0-9]+)*")

KNOWN_TO_ALL: Final = frozenset(
    {
        "llm",
        "token",
        "gpu",
        "vram",
        "ram",
        "inference",
        "prompt",
        "chatbot",
        "open-weights",
        "agent",
        "parameters",
        "benchmark",
    }
)
"""Terms that stand in every month's news and need no explanation to people who read these."""

_BY_TRAIT: Final[tuple[tuple[str, Callable[[Model], bool]], ...]] = (
    ("moe", lambda model: bool(model.shape and model.shape.n_expert)),
    ("vision-model", lambda model: model.kind == "vlm"),
    ("reasoning-model", lambda model: model.kind == "reasoning"),
    ("swa", lambda model: bool(model.shape and model.shape.n_swa)),
)


def build(context: Context) -> Section | None:
    """Return the section, None where no term of the glossary is spoken of."""
    term = pick(context)
    if term is None:
        return None
    links = (Link(text="Source", url=term.sources[0]),) if term.sources else ()
    text = " ".join(Numbers(context.knowledge).term(term).definition.split())
    item = Item(title=term.term, key=f"term:{term.id}", text=text, kicker=term.category, links=links)
    return Section(slug="glossary", title="A word explained", items=(item,))


def pick(context: Context) -> Term | None:
    """Return the term to explain: the most spoken of, the earlier in the alphabet of two alike."""
    names = _names(context)
    counts: Counter[str] = Counter()
    for release in context.releases:
        weight = 3 if release in context.featured else 1
        for id_ in {names[word] for word in _words(release) if word in names}:
            counts[id_] += weight
    for release in context.featured:
        for id_, has in _BY_TRAIT:
            if any(has(model) for model in release.models) and id_ in context.knowledge.terms:
                counts[id_] += 2
    said = context.explained | KNOWN_TO_ALL
    found = [(-count, id_) for id_, count in counts.items() if id_ not in said]
    return context.knowledge.terms[min(found)[1]] if found else None


def _names(context: Context) -> dict[str, str]:
    """Return the ways terms are written, of up to three words, with the term's id; the ambiguous ones left out."""
    names: dict[str, str] = {}
    doubles: set[str] = set()
    for term in context.knowledge.terms.values():
        for written in {term.term, term.id.replace("-", " "), *term.aliases}:
            key = " ".join(_WORD.findall(written.lower()))
            if len(key) >= _SHORTEST and names.setdefault(key, term.id) != term.id:
                doubles.add(key)
    return {key: id_ for key, id_ in names.items() if key not in doubles}


def _words(release: Release) -> set[str]:
    """Return every run of one to three words of what tells of a release: its tool notes, posts and threads."""
    item = release.ranked.item
    texts = [row.title for row in (*item.press, *item.talk)]
    if item.kind == "story":
        texts += [row.title for row in item.lead]
    if item.changes is not None:
        texts += [*item.changes.features, *item.changes.models, *item.changes.breaking]
    runs: set[str] = set()
    for text in texts:
        words = _WORD.findall(text.lower())
        runs |= {" ".join(words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)}
    return runs
