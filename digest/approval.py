"""Approving, holding and releasing an issue: the one way commands, requests and schedule share. Nothing is sent here.

draft ── approve ──> approved, its rows in the outbox ── hold ──> paused ── release ──> running
  └── hold ──> held ── release ──> draft
"""

from __future__ import annotations

from datetime import datetime

from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.store.delivery_rows import Run
from knowledge.store.stores import Stores


def approve(
    stores: Stores, settings: Settings, month: str, *, revision: str = "", send_at: datetime, by: str, now: datetime
) -> Run:
    """Let an issue go. Raises BadInput where there is none, it is held, or it is not the revision looked at."""
    return stores.runs.approve(month, lanes=settings.mail.lanes, send_at=send_at, now=now, revision=revision, by=by)


def hold(stores: Stores, month: str, *, by: str, now: datetime) -> str:
    """Hold an issue and say what that meant. Raises BadInput where there is nothing to hold."""
    if stores.issues.hold(month, by=by, now=now):
        return f"The draft of {month} is held: nobody can approve it until it is released."
    if stores.runs.pause(month, now=now):
        return f"The issue of {month} is paused: nothing more leaves; mails on their way come to their end."
    raise _nothing(stores, month, "held")


def release(stores: Stores, month: str, *, by: str, now: datetime) -> str:
    """Let go of an issue and say what that meant. Raises BadInput where nobody held it."""
    if stores.issues.release(month, by=by, now=now):
        return f"The issue of {month} is a draft again and can be approved."
    run = stores.runs.run(month)
    if run is not None and run.state == "paused" and stores.runs.resume(month, now=now):
        return f"The issue of {month} goes on."
    raise _nothing(stores, month, "released")


def _nothing(stores: Stores, month: str, done: str) -> BadInput:
    issue = stores.issues.get(month)
    if issue is None:
        return BadInput(
            f"There is no issue of {month}.", subject="month", hint="Make it with `digest preview --month`."
        )
    return BadInput(f"The issue of {month} is {issue.status}: there is nothing to be {done}.", subject="month")
