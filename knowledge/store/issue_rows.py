"""Issues, their files and maintainers' edits as records, for code that must not know the database. No queries here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

EditKind = Literal["pin", "hide", "reword", "move", "note", "correct"]
EDIT_KINDS: tuple[EditKind, ...] = ("pin", "hide", "reword", "move", "note", "correct")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """A stored issue. `status` is draft, held, approved, sending or sent; `revision` a hash of what is sent.

    `content` is the issue before it was set in type, `ranked_items` what a reader's own part is made of.
    """

    month: str
    subject: str
    html: str
    text: str
    revision: str
    status: str = "draft"
    preheader: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    ranked_items: Sequence[Mapping[str, Any]] = ()
    content_version: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    reminded_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFile:
    """A file of an issue, served beside its page: `name` is the last part of its address."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRow:
    """One change a maintainer makes. `target` is an item's key or a section's slug, empty for the whole issue.

    pin: into the cards, first. hide: out of the issue. reword: `text` instead. move: to `place`, 1 is first.
    note: `text` beneath it, marked as the editor's. correct: `text` in the corrections, `target` the month meant.
    """

    id: int
    month: str
    kind: EditKind
    target: str
    text: str
    place: int | None
    made_by: str
    made_at: datetime
