"""Makes an issue of a month: sections in order, subject, preheader, opening words. Pure: renders and stores nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from digest.context import Context, News, history_before, sort_releases
from digest.edits import corrections, edited, kept, pinned
from digest.errors import DigestError
from digest.fits import N_CTX, Fits, Rig
from digest.issue import Issue
from digest.releases import Release, releases_of
from digest.sections import builders
from digest.sources import Source
from digest.wording import counted, listed, month_name, with_article
from knowledge.answers import Answers
from knowledge.store.digest_rows import EntryRow
from knowledge.store.issue_rows import EditRow
from knowledge.units import tokens_text

REFERENCE_RIGS: Final = (
    ("RTX 3060 12GB", "12 GB"),
    ("RTX 4060 Ti 16GB", "16 GB"),
    ("RTX 3090", "24 GB"),
    ("M4 Max 64GB", "Mac 64"),
)
"""The machines the digest measures by, smallest first: the name they are asked under and their column's heading."""

WORKSTATION: Final = ("M3 Ultra 512GB", "Mac 512")
"""The largest machine that still stands on a desk: what giants are measured by."""

SUBJECT_MAX: Final = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an issue is made of besides the catalogue: entries and their sources, maintainers' edits, counts, the past.

    `diagnoses` counts the month's diagnosed errors by id; `explained` are glossary terms of the last issues.
    """

    sources: Mapping[str, Source]
    entries: Sequence[EntryRow] = ()
    edits: Sequence[EditRow] = ()
    diagnoses: Mapping[str, int] = field(default_factory=dict)
    explained: AbstractSet[str] = frozenset()


def compose(
    month: str,
    *,
    answers: Answers,
    entries: Sequence[EntryRow] = (),
    sources: Mapping[str, Source],
    rig_name: str = "",
    rig_ram_gib: float | None = None,
) -> Issue:
    """Compose the issue of `month`. Raises DigestError where nothing came out, UnknownName for a rig."""
    context = context_of(month, answers=answers, material=Material(entries=entries, sources=sources))
    return issue_of(context, rig_name=rig_name, rig_ram_gib=rig_ram_gib)


def issue_of(
    context: Context, *, rig_name: str = "", rig_ram_gib: float | None = None, edits: Sequence[EditRow] = ()
) -> Issue:
    """Compose an issue of a month's material, for everybody or for one rig. Raises UnknownName for a rig."""
    rig = None
    if rig_name:
        rig = context.fits.own_rig(rig_name, rig_ram_gib)
        context = replace(context, rig=rig)
    sections = tuple(section for build in builders() if (section := build(context)) is not None)
    issue = Issue(
        month=context.month,
        month_name=month_name(context.month),
        subject=subject_of(context),
        preheader=_preheader(context),
        intro=_intro(context),
        sections=sections,
        rig_name=rig.name if rig else "",
        assumptions=_assumptions(context),
        content_version=context.knowledge.content_version,
    )
    return edited(issue, edits)


def context_of(month: str, *, answers: Answers, material: Material) -> Context:
    """Return a month's material for any reader. Raises DigestError where nothing came out."""
    models = answers.knowledge.models.values()
    found = releases_of(month, models, material.entries, material.sources)
    releases = kept(found, material.edits)
    if not releases:
        raise DigestError(
            f"Nothing is known of {month_name(month)}.",
            subject=month,
            hint="Collect first, or choose a month the catalogue covers.",
        )
    history = history_before(month, models)
    fits = Fits(answers).compiled([*(model for release in releases for model in release.models), *history])
    return sort_releases(
        Context(
            month=month,
            knowledge=answers.knowledge,
            releases=releases,
            fits=fits,
            rigs=tuple(fits.rig(name, short) for name, short in REFERENCE_RIGS),
            workstation=fits.rig(*WORKSTATION),
            history=history,
            news=_news(material),
            diagnoses=material.diagnoses,
            corrections=corrections(material.edits),
            explained=material.explained,
            pinned=pinned(material.edits),
        )
    )


def _news(material: Material) -> tuple[News, ...]:
    """Return the entries of hardware and driver sources, in order of publication."""
    return tuple(
        News(source=source, entry=row)
        for row in material.entries
        if (source := material.sources.get(row.source_id)) is not None and source.category in {"hardware", "driver"}
    )


def subject_of(context: Context) -> str:
    """Return the subject: the month and its foremost names, within what mail programs show."""
    start = f"Local AI in {month_name(context.month).partition(' ')[0]}: "
    names = _names(context.featured or context.releases[:3])
    for count in (3, 2, 1):
        subject = start + listed(names[:count])
        if len(subject) <= SUBJECT_MAX and len(names) >= count:
            return subject
    return start + f"{counted(len(context.releases), 'release')}"


def _names(releases: Sequence[Release]) -> list[str]:
    """Return the releases' names without sizes, each once."""
    return list(dict.fromkeys(release.title.partition(" (")[0] for release in releases))


def _model_count(context: Context) -> int:
    return sum(release.ranked.item.kind == "model" for release in context.releases)


def _preheader(context: Context) -> str:
    runnable = _runnable(context)
    where = f"your {context.rig.name}" if context.rig else with_article(context.rigs[0].name)
    best = listed(_names(context.featured[:2]))
    words = f"{len(runnable)} of {month_name(context.month)}'s models run on {where}"
    return f"{words}, {best} among them." if best and context.featured[0] in runnable[:2] else f"{words}."


def _runnable(context: Context) -> list[Release]:
    rig = context.rig or context.rigs[0]
    found = []
    for release in (*context.featured, *context.giants, *context.also):
        fit = context.fits.best_of(release.models, rig)
        if fit is not None and fit.usable:
            found.append(release)
    return found


def _intro(context: Context) -> tuple[str, ...]:
    count, tools = _model_count(context), len(context.tools())
    words = f"We went through {counted(count, 'model release')} of {month_name(context.month)}"
    words += f" and the new versions of {counted(tools, 'program')}." if tools else "."
    if runs := len(_runnable(context)):
        where = f"your {context.rig.name}" if context.rig else f"a graphics card with {context.rigs[0].short}"
        words += f" {runs} of the models below {'runs' if runs == 1 else 'run'} on {where}."
    return (words,)


def _assumptions(context: Context) -> tuple[str, ...]:
    rigs: Sequence[Rig] = context.rigs
    names = listed([rig.name for rig in rigs])
    return (
        (
            f"Figures are our own estimator's, for llama.cpp at {tokens_text(N_CTX)} context, one user, an "
            f"empty chat; machines: {names}. Your tok/s will differ by driver, cooling and prompt."
        ),
        "A model's date is the day its repository was created; the announcement can be some days later.",
    )
