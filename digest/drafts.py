"""Makes a month's issue from what is stored, and keeps it: the one way that commands, schedule and requests share.

    entries, edits, counts, proposals ── compose ──> issue ── render, draw ──> Draft ── keep ──> store

It reaches no network. What an issue says is `compose`'s and the sections' business.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec

from digest.charts import draw
from digest.compose import Material, context_of, issue_of
from digest.composer import PartMaker
from digest.context import Context
from digest.errors import MailTooBig
from digest.issue import Issue
from digest.personal import RigParts, offers_of, stored_offers
from digest.proposals import with_proposals
from digest.render import Rendered, render
from digest.settings import SOURCES_DIR, Settings
from digest.sources import Source, load_sources
from knowledge.answers import Answers
from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.store.issue_rows import EditRow, IssueFile, IssueRecord
from knowledge.store.stores import Stores
from knowledge.store.subscriber_rows import SavedRig

_LEAST_ITEMS: Final = 3
KEPT_ANSWERS: Final = 64
_CUTS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A composed issue with its type and pictures. `edits` are in it; `record` is what would be stored."""

    context: Context
    issue: Issue
    rendered: Rendered
    files: tuple[IssueFile, ...]
    edits: tuple[EditRow, ...]
    record: IssueRecord


def make_draft(
    stores: Stores,
    settings: Settings,
    month: str,
    *,
    sources: Mapping[str, Source] | None = None,
    rig_name: str = "",
    rig_ram_gib: float | None = None,
) -> Draft:
    """Compose and render a month. Raises DigestError where nothing came out, UnknownName for a rig."""
    material = material_of(stores, month, sources)
    context = context_of(month, answers=answers_of(stores), material=material)
    whole = issue_of(context, rig_name=rig_name, rig_ram_gib=rig_ram_gib, edits=material.edits)
    issue, rendered = fitted(whole, settings)
    return Draft(
        context=context,
        issue=issue,
        rendered=rendered,
        files=files_of(issue),
        edits=tuple(material.edits),
        record=_record(context, issue, rendered),
    )


def uncut(
    stores: Stores, draft: Draft, *, sources: Mapping[str, Source], rig_name: str = "", rig_ram_gib: float | None = None
) -> Issue:
    """Return a draft's issue without anybody's edits: hidden releases are in it, pinned ones at their place."""
    if not draft.edits:
        return draft.issue
    material = replace(material_of(stores, draft.issue.month, sources), edits=())
    context = context_of(draft.issue.month, answers=answers_of(stores), material=material)
    return issue_of(context, rig_name=rig_name, rig_ram_gib=rig_ram_gib)


def answers_of(stores: Stores) -> Answers:
    """Return answers that know the catalogue and the proposed models; a machine's are not asked for twice."""
    return _answers(with_proposals(stores.knowledge(), stores.proposals.all().values()))


def _answers(known: Knowledge) -> Answers:
    return Answers(known, most_remembered=KEPT_ANSWERS)


def material_of(stores: Stores, month: str, sources: Mapping[str, Source] | None = None) -> Material:
    """Read what a month's issue is made of."""
    known = sources if sources is not None else {source.id: source for source in load_sources(SOURCES_DIR)}
    return Material(
        sources=known,
        entries=stores.digest.entries_of_month(month),
        edits=stores.issues.edits(month),
        diagnoses=stores.requests.diagnoses(month),
        explained=_explained(stores.issues.earlier_contents(month)),
    )


def keep(stores: Stores, draft: Draft, *, now: datetime) -> bool:
    """Store a draft for everybody; False for one with a rig, and where the issue is past its draft."""
    return not draft.issue.rig_name and stores.issues.save(draft.record, draft.files, now=now)


def parts_for(stores: Stores, settings: Settings, month: str) -> RigParts:
    """Return what makes readers' own parts of a stored issue. Raises BadInput where there is none."""
    stored = stores.issues.get(month)
    if stored is None:
        raise BadInput(f"There is no issue of {month}.", subject="month", hint="Make it with `digest preview --month`.")
    answers = answers_of(stores)
    if stored.ranked_items:
        # a sender keeps the catalogue alone: nothing of a machine's part is a glossary's
        answers = _answers(replace(answers.knowledge, terms={}, errors={}, tools={}, pages={}))
        offers, history = offers_of(stored.ranked_items, answers.knowledge.models)
    else:
        context = context_of(month, answers=answers, material=material_of(stores, month))
        offers, history = context.offers(), context.history
    return RigParts(month, offers, history, answers, settings)


def parts_of(stores: Stores, settings: Settings) -> Callable[[str], PartMaker]:
    """Return what makes a month's maker of parts for machines; the month's material is read when first asked for."""

    @functools.cache
    def material(month: str) -> RigParts:
        return parts_for(stores, settings, month)

    def make(month: str) -> PartMaker:
        def part(rig: SavedRig) -> tuple[str, str]:
            return material(month)(rig)

        return part

    return make


def fitted(issue: Issue, settings: Settings) -> tuple[Issue, Rendered]:
    """Render an issue; where it is too big for a mail, without the last items of its longest lists."""
    for _ in range(_CUTS):
        try:
            return issue, render(issue, settings)
        except MailTooBig:
            shorter = _shortened(issue)
            if shorter is None:
                raise
            issue = shorter
    return issue, render(issue, settings)


def _shortened(issue: Issue) -> Issue | None:
    """Return the issue without the last item of its longest list of lines; None where all are short."""
    lists = [section for section in issue.sections if section.compact and len(section.items) > _LEAST_ITEMS]
    if not lists:
        return None
    longest = max(lists, key=lambda section: len(section.items))
    shorter = replace(longest, items=longest.items[:-1])
    return replace(issue, sections=tuple(shorter if section is longest else section for section in issue.sections))


def files_of(issue: Issue) -> tuple[IssueFile, ...]:
    """Draw an issue's charts."""
    charts = [section.chart for section in issue.sections if section.chart is not None]
    return tuple(IssueFile(name=chart.name, media_type="image/png", body=draw(chart)) for chart in charts)


def revision_of(rendered: Rendered) -> str:
    """Return the name of exactly this wording: what an approval is bound to."""
    words = f"{rendered.subject}\n\n{rendered.html}\n\n{rendered.text}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:12]


def content_of(record: IssueRecord) -> Issue | None:
    """Return a stored issue as it was before type; None for one stored without, or in another form."""
    try:
        return msgspec.convert(dict(record.content), Issue) if record.content else None
    except msgspec.ValidationError:
        return None


def _record(context: Context, issue: Issue, rendered: Rendered) -> IssueRecord:
    return IssueRecord(
        month=issue.month,
        subject=rendered.subject,
        preheader=issue.preheader,
        html=rendered.html,
        text=rendered.text,
        revision=revision_of(rendered),
        content=msgspec.to_builtins(issue),
        ranked_items=stored_offers(context),
        content_version=issue.content_version,
    )


def _explained(earlier: Sequence[IssueRecord]) -> frozenset[str]:
    """Return the glossary terms earlier issues explained."""
    keys = (
        item.key
        for record in earlier
        if (issue := content_of(record)) is not None
        for section in issue.sections
        if section.slug == "glossary"
        for item in section.items
    )
    return frozenset(key.removeprefix("term:") for key in keys)
