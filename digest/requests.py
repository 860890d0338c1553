"""Serves maintainers' requests: one handler a kind; those that reach out or look ahead are in `errands`.

The asker reads text and files back. A request is data in both ways: what a person got wrong is told in its result,
what breaks is logged and told as such. Nothing here knows who asks from where; that somebody may ask at all is checked
by whoever writes the request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final, cast

from digest import errands
from digest.approval import approve, hold, release
from digest.desk import Answer, Desk, text_of
from digest.edits import check_edit
from digest.judges import picture_of
from digest.months import instant
from digest.preview import page_of, preview_of, shown, summary
from knowledge.errors import BadInput, KnowledgeError
from knowledge.store.issue_rows import EditKind, IssueFile
from knowledge.store.request_store import KINDS, RequestRow

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
LONG_LEASE: Final = timedelta(minutes=30)
"""For what waits for others' servers: nobody else shall begin it meanwhile."""

PHONE: Final = 390
LONG: Final = ("collect", "send-test")
SHORT: Final = tuple(kind for kind in KINDS if kind not in LONG)


def serve_one(desk: Desk, kinds: tuple[str, ...] = KINDS) -> RequestRow | None:
    """Serve the oldest open request of these kinds and return it as it was asked; None where there is none."""
    store = desk.stores.requests
    request = store.claim(desk.worker, now=desk.now(), lease=LEASE, kinds=kinds)
    if request is None:
        return None
    if request.kind in LONG:
        store.extend(request.id, desk.worker, until=desk.now() + LONG_LEASE)
    try:
        answer = _HANDLERS[request.kind](desk, request)
        ok = True
    except KnowledgeError as error:
        hint = f" {error.hint}" if error.hint else ""
        answer, ok = Answer(text=f"{error.message}{hint}", figures={"code": error.code}), False
    except Exception:
        log.exception("Request %d (%s) broke.", request.id, request.kind)
        answer, ok = Answer(text="That broke on our side; it is in the log.", figures={"code": "broken"}), False
    result = {"text": answer.text, **answer.figures}
    store.finish(request.id, desk.worker, ok=ok, result=result, files=answer.files, now=desk.now())
    return request


def _preview(desk: Desk, request: RequestRow) -> Answer:
    month, rig = desk.month_of(request), text_of(request, "rig")
    ram = request.args.get("ram_gib")
    preview = preview_of(
        desk.stores,
        desk.settings,
        month,
        now=desk.now(),
        rig_name=rig,
        rig_ram_gib=float(ram) if isinstance(ram, (int, float)) else None,
        sources=desk.sources,
        judged=desk.judged,
    )
    draft = preview.draft
    html = shown(draft.rendered.html, draft.files, desk.settings, month)
    pictures = [
        IssueFile(name=f"{month}-{name}.png", media_type="image/png", body=made)
        for name, width, height in (("desktop", 700, 2600), ("phone", PHONE, 2600))
        if (made := picture_of(html, width=width, height=height)) is not None
    ]
    texts = [
        IssueFile(name=f"{month}.txt", media_type="text/plain", body=draft.rendered.text.encode()),
        IssueFile(name=f"{month}.preview.html", media_type="text/html", body=page_of(preview, desk.settings).encode()),
    ]
    figures = {
        "month": month,
        "revision": "" if rig else draft.record.revision,  # as one machine's owner gets it, it is nobody else's issue
        "subject": draft.rendered.subject,
        "status": preview.status,
        "html_bytes": len(draft.rendered.html.encode()),
        "checks": [{"name": check.name, "ok": check.ok, "words": check.words} for check in preview.checks],
        "diff": preview.edits[:4000],
        "keys": [item.key for section in draft.issue.sections for item in section.items if item.key],
    }
    return Answer(text="\n".join(summary(preview)), figures=figures, files=(*pictures, *texts))


def _edit(desk: Desk, request: RequestRow) -> Answer:
    month, issues = desk.month_of(request), desk.stores.issues
    drop, place = request.args.get("drop"), request.args.get("place")
    if isinstance(drop, int):
        if not issues.drop_edit(month, drop, now=desk.now()):
            raise BadInput(f"There is no edit {drop} of {month}.", subject="drop")
        done = f"Edit {drop} is taken back."
    else:
        kind, target, text = text_of(request, "kind"), text_of(request, "target"), str(request.args.get("text") or "")
        where = place if isinstance(place, int) else None
        check_edit(kind, target, text, where)
        number = issues.add_edit(
            month, cast("EditKind", kind), target, text=text, place=where, by=request.asked_by, now=desk.now()
        )
        done = f"Edit {number} is noted."
    edits = [{"id": edit.id, "kind": edit.kind, "target": edit.target} for edit in issues.edits(month)]
    return Answer(text=f"{done} {month} has {len(edits)}; a preview shows what they change.", figures={"edits": edits})


def _approve(desk: Desk, request: RequestRow) -> Answer:
    month, at = desk.month_of(request), text_of(request, "at")
    revision = text_of(request, "revision") or _looked_at(desk, month, request.asked_by)
    send_at = instant(at) if at else desk.now()
    made = approve(
        desk.stores, desk.settings, month, revision=revision, send_at=send_at, by=request.asked_by, now=desk.now()
    )
    text = f"{month} is approved for {made.n_deliveries:,} readers; the run is {made.state}."
    return Answer(text=text, figures={"n_deliveries": made.n_deliveries, "state": made.state})


def _looked_at(desk: Desk, month: str, by: str) -> str:
    """Return the revision of a month that somebody previewed last. Raises BadInput where they saw none."""
    for seen in desk.stores.requests.settled("preview", by=by):
        if seen.result.get("month") == month and (revision := seen.result.get("revision")):
            return str(revision)
    words = f"An approval is for the revision you looked at, and you have previewed none of {month}."
    raise BadInput(words, subject="revision", hint="Preview first.")


def _hold(desk: Desk, request: RequestRow) -> Answer:
    return Answer(text=hold(desk.stores, desk.month_of(request), by=request.asked_by, now=desk.now()))


def _release(desk: Desk, request: RequestRow) -> Answer:
    return Answer(text=release(desk.stores, desk.month_of(request), by=request.asked_by, now=desk.now()))


def _status(desk: Desk, _request: RequestRow) -> Answer:
    issues, states = desk.stores.digest.issues(), desk.stores.digest.sources()
    failed = sorted(id_ for id_, state in states.items() if state.failure_count and id_ in desk.sources)
    alarms = [f"{alarm.kind} {alarm.subject}: {alarm.message}" for alarm in desk.stores.runs.open_alarms()]
    lines = [f"{len(states)} of {len(desk.sources)} sources were asked, {len(failed)} failed last time."]
    lines += [f"{month}: {status}" for month, status in issues[:6]] + alarms[:6]
    return Answer(text="\n".join(lines), figures={"failed": failed[:50], "issues": dict(issues[:12])})


_HANDLERS: Final[dict[str, Callable[[Desk, RequestRow], Answer]]] = {
    "preview": _preview,
    "edit": _edit,
    "approve": _approve,
    "hold": _hold,
    "release": _release,
    "status": _status,
    "collect": errands.collect,
    "send-test": errands.send_test,
    "send": errands.send,
    "schedule": errands.schedule,
}
