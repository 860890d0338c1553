"""Whether the entries of the content agree with each other: every id that is named exists, every name means one thing.

Pure: records in, problems out. With `link_problems` nothing may be loaded; `reference_problems`, `ambiguity_problems`
and `absence_problems` are for `check`. What an entry says of itself is for `content_schema` and `content_physics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from knowledge.catalog import Term
from knowledge.content_schema import nearest
from knowledge.content_types import Content, Problem
from knowledge.search.expressions import FUNCTIONS, expressions

_MAX_BASES: Final = 12
_EXPRESSION_KINDS: Final = {"model": "model", "device": "device", "quant": "quant"}


def link_problems(content: Content) -> Iterator[Problem]:
    """Find aliases that lead nowhere and models tuned from models that are not there, or from themselves."""
    ids = _ids(content)
    for alias in content.aliases:
        kind = "device" if alias.kind == "hardware" else alias.kind
        place = content.place(f"alias of {alias.kind}", alias.text.casefold())
        for field, target in (("id", alias.id), *(("also", other) for other in alias.also)):
            if ids[kind] and target not in ids[kind]:
                message = f"there is no {alias.kind} '{target}'"
                yield place.problem(alias.text, field, message, nearest(target, ids[kind]))
        if alias.id in alias.also:
            yield place.problem(alias.text, "also", f"names '{alias.id}' again, which is the first meaning")
    bases = {model.id: model.base_id for model in content.models}
    for model in content.models:
        place = content.place("model", model.id)
        if model.base_id and model.base_id not in bases:
            yield place.problem(model.id, "base", f"there is no model '{model.base_id}'", nearest(model.base_id, bases))
        elif model.base_id and _leads_to_itself(model.id, bases):
            yield place.problem(model.id, "base", "the chain of bases leads back to this model")


def absence_problems(content: Content) -> Iterator[Problem]:
    """Find kinds of content that have no entry at all."""
    for folder, records in (
        ("models", content.models),
        ("hardware", content.devices),
        ("quants.yaml", content.quants),
        ("aliases", content.aliases),
        ("glossary", content.terms),
        ("errors", content.errors),
        ("tools", content.tools),
    ):
        if not records:
            yield Problem(file=folder, message="there is no entry at all")


def reference_problems(content: Content) -> Iterator[Problem]:
    """Find glossary and error entries that link to entries which are not there, or to themselves."""
    ids = _ids(content)
    for term in content.terms:
        place = content.place("term", term.id)
        for field, kind, targets in (("related", "term", term.related), ("errors", "error", term.errors)):
            for message, hint in _dangling(term.id, kind, targets, ids[kind]):
                yield place.problem(term.id, field, message, hint)
        for field, message, hint in _expression_problems(term, ids):
            yield place.problem(term.id, field, message, hint)
    for error in content.errors:
        place = content.place("error", error.id)
        for message, hint in _dangling(error.id, "error", error.related, ids["error"]):
            yield place.problem(error.id, "related", message, hint)


def ambiguity_problems(content: Content) -> Iterator[Problem]:
    """Find names that two entries of one kind claim without an alias that says so with `also`."""
    yield from _claimed_twice(content, "model", "model", ((m.id, (m.id, *m.aliases)) for m in content.models))
    yield from _claimed_twice(content, "device", "hardware", ((d.id, (d.id, *d.aliases)) for d in content.devices))
    yield from _claimed_twice(content, "quant", "quant", ((q.id, (q.id, q.name, *q.aliases)) for q in content.quants))
    yield from _claimed_twice(content, "term", "", ((t.id, (t.id, t.term, *t.aliases)) for t in content.terms))
    yield from _claimed_twice(content, "error", "", ((e.id, (e.id, e.title)) for e in content.errors))
    yield from _claimed_twice(content, "tool", "", ((t.id, (t.id, t.name, *t.aliases)) for t in content.tools))


def _ids(content: Content) -> Mapping[str, frozenset[str]]:
    return {
        "model": frozenset(model.id for model in content.models),
        "device": frozenset(device.id for device in content.devices),
        "quant": frozenset(quant.id for quant in content.quants),
        "term": frozenset(term.id for term in content.terms),
        "error": frozenset(error.id for error in content.errors),
    }


def _leads_to_itself(start: str, bases: Mapping[str, str | None]) -> bool:
    at: str | None = start
    for _ in range(_MAX_BASES):
        at = bases.get(at) if at else None
        if at is None:
            return False
        if at == start:
            return True
    return True


def _dangling(own: str, kind: str, targets: Iterable[str], valid: frozenset[str]) -> Iterator[tuple[str, str]]:
    for target in targets:
        if target == own:
            yield "links to itself", "Remove it."
        elif target not in valid:
            yield f"there is no {kind} entry '{target}'", nearest(target, valid)


def _expression_problems(term: Term, ids: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str, str]]:
    """Check the ids inside the number expressions of a glossary entry."""
    sections = (("definition", term.definition), ("Deeper dive", term.deeper), ("Practical example", term.practical))
    for field, text in (*sections, ("Workflow example", term.workflow)):
        for found in expressions(text):
            for (name, _), value in zip(FUNCTIONS[found.name], found.args, strict=True):
                kind = _EXPRESSION_KINDS.get(name)
                if kind and ids[kind] and value not in ids[kind]:
                    yield field, f"{found.name}(…): there is no {kind} '{value}'", nearest(str(value), ids[kind])


def _claimed_twice(
    content: Content, kind: str, alias_kind: str, named: Iterable[tuple[str, tuple[str, ...]]]
) -> Iterator[Problem]:
    claims: dict[str, list[str]] = {}
    for id_, names in named:
        for text in {name.casefold().strip() for name in names}:
            claims.setdefault(text, []).append(id_)
    declared: dict[str, set[str]] = {}
    for alias in content.aliases:
        if alias.kind == alias_kind:
            text = alias.text.casefold().strip()
            declared[text] = {alias.id, *alias.also}
            claims.setdefault(text, []).append(alias.id)
    for text, owners in claims.items():
        meanings = set(owners)
        if len(meanings) > 1 and not meanings <= declared.get(text, set()):
            first, *others = sorted(meanings)
            hint = "Give it to one, or list the others under `also` of one alias."
            message = f"'{text}' is claimed by {' and '.join([first, *others])}"
            yield content.place(kind, first).problem(first, "aliases", message, hint)
