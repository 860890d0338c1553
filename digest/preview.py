"""What maintainers look at before an issue goes out: the draft in all its forms, what changed, and what to mind.

`preview_of` gathers it, `write` puts files and one page with tabs into a folder, `summary` says it in a few lines. It
decides nothing and reaches no network.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from digest import judges
from digest.checks import Check, hosts_of, look_over, source_check
from digest.drafts import Draft, content_of, make_draft, uncut
from digest.edits import diff
from digest.issue import Issue
from digest.message import Identity
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from digest.reach import reach
from digest.render import render, render_page
from digest.settings import SOURCES_DIR, Settings
from digest.sources import Source, load_sources
from knowledge.catalog import Knowledge
from knowledge.store.issue_rows import IssueFile
from knowledge.store.stores import Stores
from knowledge.store.subscriber_rows import SavedRig

_DARK: Final = re.compile(r"@media \(prefers-color-scheme: dark\)")
_HERE: Final = '<p class="caption">[Here stands what runs on the reader\'s own machine.]</p>'
READERS_LEAST: Final = 20
"""Shares of fewer readers say little, and might tell of one."""

REACH_SHOWN: Final = 6
SAMPLE: Final = Identity(
    from_address="digest@runlocalai.co",
    from_name="RUNLOCALAI",
    list_id="digest.runlocalai.co",
    archive_url="https://runlocalai.co/digest",
    domain="runlocalai.co",
)
"""Who a draft is judged as being from, so that a preview needs no mail settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One section beside the same of the last issue: how many items and rows each has."""

    slug: str
    before: int | None
    now: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A draft with all that was found about it. `edits` is the unified diff between as collected and as edited."""

    draft: Draft
    kept: bool
    status: str
    checks: tuple[Check, ...]
    edits: str
    compared: tuple[Compared, ...]
    last_month: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs looking at; what could not be looked at does not count."""
        return all(check.ok is not False for check in self.checks)


def preview_of(
    stores: Stores,
    settings: Settings,
    month: str,
    *,
    now: datetime,
    rig_name: str = "",
    rig_ram_gib: float | None = None,
    sources: Mapping[str, Source] | None = None,
    judged: bool = True,
    keep: bool = True,
) -> Preview:
    """Compose a month, store the draft where it is everybody's, and look it over. Raises as `make_draft`."""
    known = dict(sources) if sources else {source.id: source for source in load_sources(SOURCES_DIR)}
    draft = make_draft(stores, settings, month, sources=known, rig_name=rig_name, rig_ram_gib=rig_ram_gib)
    kept = keep and not rig_name and stores.issues.save(draft.record, draft.files, now=now)
    stored = stores.issues.get(month)
    before = stores.issues.before(month)
    last = content_of(before) if before else None
    plain = uncut(stores, draft, sources=known, rig_name=rig_name, rig_ram_gib=rig_ram_gib)
    checks = [
        *look_over(
            draft.issue,
            draft.rendered,
            hosts=hosts_of(known.values(), [settings.public_url, *_references(draft.context.knowledge)]),
            edits=draft.edits,
            plain=plain,
            last=last,
        ),
        source_check(stores.digest.sources(), known, now),
    ]
    if (told := reach_check(draft, stores.subscribers.machines())) is not None:
        checks.append(told)
    if judged:
        checks.append(judges.spam_check(judges.sample_mail(draft.rendered, SAMPLE, now)))
    changed = diff(render(plain, settings).text, draft.rendered.text) if draft.edits else ""
    return Preview(
        draft=draft,
        kept=kept,
        status=stored.status if stored else "not kept",
        checks=tuple(checks),
        edits=changed,
        compared=compared(draft.issue, last),
        last_month=last.month_name if last else "",
    )


def reach_check(draft: Draft, readers: Mapping[SavedRig, int]) -> Check | None:
    """Say how many readers' machines run the first releases; None where too few readers saved one."""
    if sum(readers.values()) < READERS_LEAST:
        return None
    shares = [
        f"{offer.title.partition(' (')[0]} {100 * runs // known} %"
        for offer, runs, known in reach(draft.context.offers(), draft.context.fits, readers)[:REACH_SHOWN]
        if known
    ]
    words = f"Of {sum(readers.values()):,} readers who saved a machine, so many can run: {', '.join(shares)}."
    return Check(name="reach", ok=bool(shares), words=words)


def compared(issue: Issue, last: Issue | None) -> tuple[Compared, ...]:
    """Return both issues' sections side by side, in the new one's order."""

    def sizes(of: Issue | None) -> dict[str, int]:
        sections = of.sections if of else ()
        return {each.slug: len(each.items) + (len(each.table.rows) if each.table else 0) for each in sections}

    now, before = sizes(issue), sizes(last)
    return tuple(
        Compared(slug=slug, before=before.get(slug), now=now.get(slug)) for slug in dict.fromkeys([*now, *before])
    )


def summary(preview: Preview) -> list[str]:
    """Say in a few lines what was made and what to mind."""
    draft = preview.draft
    n_items = sum(size.now or 0 for size in preview.compared)
    sizes = (
        f"{len(draft.issue.sections)} sections, {n_items} items, {len(draft.rendered.html.encode()):,} bytes of HTML"
    )
    what = f"revision {draft.record.revision}, {preview.status}"
    if draft.issue.rig_name:
        what = f"for {draft.issue.rig_name} alone, not to be approved"
    lines = [draft.rendered.subject, f"{sizes}; {what}."]
    marks = {True: "ok  ", False: "LOOK", None: "--  "}
    lines += [f"  {marks[check.ok]} {check.name}: {check.words}" for check in preview.checks]
    if not preview.kept and not draft.issue.rig_name:
        lines.append("The issue of this month is past its draft, so the stored one was left as it is.")
    return lines


def shown(html: str, files: Sequence[IssueFile], settings: Settings, month: str, *, dark: bool = False) -> str:
    """Return an issue's HTML to be looked at alone: pictures inside, dark whatever the screen says."""
    for file in files:
        inside = f"data:{file.media_type};base64,{base64.b64encode(file.body).decode('ascii')}"
        html = html.replace(f"{settings.public_url}/digest/{month}/{file.name}", inside)
    html = html.replace(RIG_HTML, _HERE).replace(UNSUBSCRIBE, "#unsubscribe").replace(PREFERENCES, "#preferences")
    return _DARK.sub("@media all", html) if dark else html


def page_of(preview: Preview, settings: Settings) -> str:
    """Return the page with tabs: desktop, mobile, dark, text, checks, edits, the last issue."""
    draft = preview.draft
    light = shown(draft.rendered.html, draft.files, settings, draft.issue.month)
    values = {
        "preview": preview,
        "issue": draft.issue,
        "record": draft.record,
        "light": light,
        "dark": shown(draft.rendered.html, draft.files, settings, draft.issue.month, dark=True),
        "text": draft.rendered.text.replace(RIG_TEXT, "[Here stands what runs on the reader's own machine.]"),
        "size": len(draft.rendered.html.encode()),
    }
    return render_page("digest/preview.html", values)


def write(preview: Preview, settings: Settings, folder: Path) -> dict[str, Path]:
    """Write the draft's files and the page with tabs, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = preview.draft
    name = draft.issue.month + (f"-{_slug(draft.issue.rig_name)}" if draft.issue.rig_name else "")
    bodies = {
        "html": (f"{name}.html", draft.rendered.html),
        "text": (f"{name}.txt", draft.rendered.text),
        "subject": (f"{name}.subject.txt", draft.rendered.subject + "\n"),
        "page": (f"{name}.preview.html", page_of(preview, settings)),
    }
    paths = {kind: folder / file for kind, (file, _) in bodies.items()}
    for kind, (_, body) in bodies.items():
        paths[kind].write_text(body, encoding="utf-8")
    for picture in draft.files:
        paths[picture.name] = folder / f"{name}-{picture.name}"
        paths[picture.name].write_bytes(picture.body)
    return paths


def _references(knowledge: Knowledge) -> list[str]:
    """Return the addresses glossary entries and errors rest on: they may be linked to."""
    terms = [url for term in knowledge.terms.values() for url in term.sources[:1]]
    return terms + [url for error in knowledge.errors.values() for url in error.sources[:1]]


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in text.lower()).strip("-")[:60]
