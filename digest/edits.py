"""What maintainers change of an issue, applied to what was collected: pin, hide, reword, move, note, correct. Pure.

    releases ── hidden, pinned ──> compose ── reworded, moved, notes ──> issue

Collected facts are never touched: an edit is a row of its own, and the same month composed without edits is the other
side of the diff. A `correct` edit is read by `sections.corrections`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from digest.issue import Issue, Item, Section
from digest.releases import Release
from knowledge.errors import BadInput
from knowledge.store.issue_rows import EDIT_KINDS, EditRow

TEXT_MAX: Final = 2000
SUBJECT, INTRO = "subject", "intro"
"""What may be reworded besides items and sections."""


def check_edit(kind: str, target: str, text: str, place: int | None) -> None:
    """Raise BadInput for an edit that says too little or too much."""
    if kind not in EDIT_KINDS:
        raise BadInput(f"'{kind[:20]}' is no edit.", subject="kind", hint=f"One of {', '.join(EDIT_KINDS)}.")
    if kind in {"pin", "hide", "reword", "move"} and not target:
        raise BadInput(f"To {kind} needs what it is about.", subject="target", hint="Give a key shown in the preview.")
    if kind in {"reword", "note", "correct"} and not text.strip():
        raise BadInput(f"To {kind} needs words.", subject="text")
    if len(text) > TEXT_MAX:
        raise BadInput(f"The words are longer than {TEXT_MAX:,} characters.", subject="text")
    if kind == "move" and (place is None or place < 1):
        raise BadInput("To move needs a place, 1 or more.", subject="place")


def kept(releases: Iterable[Release], edits: Sequence[EditRow]) -> tuple[Release, ...]:
    """Return the releases nobody hid."""
    hidden = {edit.target for edit in edits if edit.kind == "hide"}
    return tuple(release for release in releases if not hidden & {release.key, release.title})


def pinned(edits: Sequence[EditRow]) -> tuple[str, ...]:
    """Return the keys to stand among the cards, the last pinned first."""
    return tuple(dict.fromkeys(edit.target for edit in reversed(edits) if edit.kind == "pin"))


def corrections(edits: Sequence[EditRow]) -> tuple[tuple[str, str], ...]:
    """Return what to put right: (what it is about, the words)."""
    return tuple((edit.target, edit.text) for edit in edits if edit.kind == "correct")


def edited(issue: Issue, edits: Sequence[EditRow]) -> Issue:
    """Return the issue with hidden items and sections gone, words exchanged, notes added and places changed."""
    for edit in edits:
        issue = _APPLY[edit.kind](issue, edit)
    return issue


def unused(issue: Issue, edits: Sequence[EditRow]) -> list[EditRow]:
    """Return the edits that meet nothing in the issue composed without them: mistyped, or their item is gone."""
    known = {SUBJECT, INTRO, ""} | {section.slug for section in issue.sections}
    known |= {name for section in issue.sections for item in section.items for name in (item.key, item.title)}
    return [edit for edit in edits if edit.kind not in {"correct", "pin"} and edit.target not in known]


def diff(before: str, after: str, *, names: tuple[str, str] = ("as collected", "as edited")) -> str:
    """Return what differs between two texts as a unified diff, empty where nothing does."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="", n=1)
    return "\n".join(lines)


def _hide(issue: Issue, edit: EditRow) -> Issue:
    sections = [
        replace(section, items=tuple(item for item in section.items if not _is(item, edit)))
        for section in issue.sections
        if section.slug != edit.target
    ]
    kept_ones = (section for section in sections if section.items or section.table or section.chart or section.lead)
    return replace(issue, sections=tuple(kept_ones))


def _reword(issue: Issue, edit: EditRow) -> Issue:
    if edit.target == SUBJECT:
        return replace(issue, subject=" ".join(edit.text.split()))
    if edit.target == INTRO:
        return replace(issue, intro=(edit.text,))
    return _changed(
        issue, edit, lambda item: replace(item, text=edit.text), lambda section: replace(section, lead=edit.text)
    )


def _note(issue: Issue, edit: EditRow) -> Issue:
    if not edit.target:
        return replace(issue, editor=edit.text)
    return _changed(
        issue, edit, lambda item: replace(item, editor=edit.text), lambda section: replace(section, editor=edit.text)
    )


def _changed(
    issue: Issue, edit: EditRow, item_to: Callable[[Item], Item], section_to: Callable[[Section], Section]
) -> Issue:
    sections = []
    for section in issue.sections:
        items = tuple(item_to(item) if _is(item, edit) else item for item in section.items)
        changed = replace(section, items=items)
        sections.append(section_to(changed) if section.slug == edit.target else changed)
    return replace(issue, sections=tuple(sections))


def _move(issue: Issue, edit: EditRow) -> Issue:
    place = max(1, edit.place or 1) - 1
    slugs = [section.slug for section in issue.sections]
    if edit.target in slugs:
        rest = [section for section in issue.sections if section.slug != edit.target]
        rest.insert(place, issue.sections[slugs.index(edit.target)])
        return replace(issue, sections=tuple(rest))
    sections = []
    for section in issue.sections:
        mine = [item for item in section.items if _is(item, edit)]
        items = [item for item in section.items if not _is(item, edit)]
        items[place:place] = mine
        sections.append(replace(section, items=tuple(items)))
    return replace(issue, sections=tuple(sections))


def _is(item: Item, edit: EditRow) -> bool:
    return bool(edit.target) and edit.target in {item.key, item.title}


def _as_it_is(issue: Issue, _edit: EditRow) -> Issue:
    """Pins and corrections are taken up while composing."""
    return issue


_APPLY: Final[dict[str, Callable[[Issue, EditRow], Issue]]] = {
    "hide": _hide,
    "reword": _reword,
    "move": _move,
    "note": _note,
    "pin": _as_it_is,
    "correct": _as_it_is,
}
