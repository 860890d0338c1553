"""Requests that reach out or look ahead: collect, send-test, send, schedule. The others are in `requests`.

Nothing here approves: `send` speeds up a run that an approval made, and takes up one that trouble stopped.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from datetime import datetime
from typing import Final

from digest.addresses import read_address
from digest.desk import Answer, Desk
from digest.errors import DigestError
from digest.schedule import Job, next_time
from digest.trial import send_trial, trial_of
from knowledge.errors import BadInput
from knowledge.store.delivery_rows import Run
from knowledge.store.request_store import RequestRow

_FAILED_SHOWN: Final = 20
_MONTHS_SHOWN: Final = 6


def collect(desk: Desk, _request: RequestRow) -> Answer:
    """Ask all sources now, whatever their time; servers that want to be left alone are."""
    if desk.collect is None:
        raise BadInput("This process collects nothing.", subject="collect", hint="`digest run` serves it.")
    try:
        report = desk.collect()
    except concurrent.futures.CancelledError as error:
        raise DigestError("The digest was stopped while it collected.", subject="collect", hint="Ask again.") from error
    failed = [line for line in report.sources if line.outcome == "failed"]
    said = (
        f"{len(report.sources)} sources: {report.total('n_new')} new entries, {report.total('n_changed')} changed; "
        f"{report.count('not_modified')} unchanged, {report.count('not_due')} left alone for now, {len(failed)} failed."
    )
    lines = [said, *(f"{line.source_id}: {line.error}" for line in failed[:_FAILED_SHOWN])]
    figures = {"n_new": report.total("n_new"), "n_changed": report.total("n_changed"), "n_failed": len(failed)}
    return Answer(text="\n".join(lines), figures=figures)


def send_test(desk: Desk, request: RequestRow) -> Answer:
    """Mail the issue to the test addresses of the settings, and to nobody a request names."""
    month, to = desk.month_of(request), desk.settings.mail.test_to
    if not to or desk.mailer is None:
        raise BadInput("There are no test addresses.", subject="DIGEST_TEST_TO", hint="Set DIGEST_TEST_TO.")
    trials = [trial_of(desk.stores, desk.settings, month, read_address(address)) for address in to]
    mailer = desk.mailer()
    outcomes = [asyncio.run(send_trial(mailer, trial)) for trial in trials]
    good = sum(outcome.kind == "accepted" for outcome in outcomes)
    lines = [f"{month}: {good} of {len(outcomes)} test mails accepted."]
    lines += [f"{o.kind}: {o.code} {o.text}" for o in outcomes if o.kind != "accepted"]
    if not good:
        raise DigestError(" ".join(lines), subject=month, hint="`digest send-test` by hand says the same.")
    return Answer(text="\n".join(lines), figures={"month": month, "n_accepted": good, "n_sent": len(outcomes)})


def send(desk: Desk, request: RequestRow) -> Answer:
    """Let an approved run begin at once, or go on after trouble stopped it. What a person held stays held."""
    month, now, runs = desk.month_of(request), desk.now(), desk.stores.runs
    desk.settings.mail.require()
    run = runs.run(month)
    if run is None:
        raise BadInput(f"The issue of {month} is not approved.", subject="month", hint="Preview it, then approve it.")
    if run.state in {"paused", "cancelled"}:
        hint = "Release it first." if run.state == "paused" else "`digest send --resume` takes it up again."
        raise BadInput(f"The issue of {month} is {run.state}.", subject="month", hint=hint)
    if run.state == "stopped":
        runs.resume(month, now=now)
        runs.clear_alarms(month, now=now)
    if run.state != "done":
        runs.hurry(month, now=now)
    said = {"done": "has gone out", "stopped": f"goes on; it had stopped: {run.reason}"}
    words = said.get(run.state, "leaves within two minutes")
    counts = runs.counts(month)
    figures = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "nobody is to get it"
    return Answer(text=f"{month} {words}. {figures}.", figures={"month": month, "state": run.state, "counts": counts})


def schedule(desk: Desk, _request: RequestRow) -> Answer:
    """Say what happens by itself and when, and what waits for a decision."""
    now, lines = desk.now(), []
    times: dict[str, str] = {}
    for job in desk.jobs:
        times[job.name] = _when(job, now)
        lines.append(f"{job.name}: {times[job.name]}")
    for month, status in desk.stores.digest.issues()[:_MONTHS_SHOWN]:
        run = desk.stores.runs.run(month)
        lines.append(f"{month}: {_planned(desk, month, status, run)}")
    return Answer(text="\n".join(lines) or "Nothing is planned.", figures={"jobs": times})


def _when(job: Job, now: datetime) -> str:
    if job.at:
        return f"{next_time(job, now):%Y-%m-%d %H:%M} UTC"
    return f"every {job.every_s / 60:g} min" if job.every_s >= 60 else f"every {job.every_s:g} s"


def _planned(desk: Desk, month: str, status: str, run: Run | None) -> str:
    if run is None:
        return {"draft": "a draft that waits for approval", "held": "held"}.get(status, status)
    first = desk.stores.runs.next_due(month) if run.state == "running" else None
    if first is not None and first > desk.now():
        return f"approved, {run.n_deliveries:,} readers; leaves {first:%Y-%m-%d %H:%M} UTC"
    return f"{status}, {run.n_deliveries:,} readers; the run is {run.state}"
