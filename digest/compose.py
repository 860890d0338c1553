"""Makes an issue of a month: sections in order, subject, preheader, opening words. Pure: renders and stores nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from digest.context import RUNS, Context, sort_releases
from digest.errors import DigestError
from digest.fits import N_CTX, RAM_GIB, Fit, Fits, Rig
from digest.issue import Issue
from digest.releases import Release, releases_of
from digest.sections import builders
from digest.sources import Source
from digest.wording import counted, listed, month_name, number_word, sentence_start, with_article
from knowledge.answers import Answers
from knowledge.store.digest_rows import EntryRow
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
    context = context_of(month, answers=answers, entries=entries, sources=sources)
    rig = None
    if rig_name:
        rig = context.fits.rig(rig_name, ram_gib=RAM_GIB if rig_ram_gib is None else rig_ram_gib)
        context = replace(context, rig=rig)
    sections = tuple(section for build in builders() if (section := build(context)) is not None)
    return Issue(
        month=month,
        month_name=month_name(month),
        subject=subject_of(context),
        preheader=_preheader(context),
        intro=_intro(context),
        sections=sections,
        rig_name=rig.name if rig else "",
        assumptions=_assumptions(context),
        content_version=answers.knowledge.content_version,
    )


def context_of(month: str, *, answers: Answers, entries: Sequence[EntryRow], sources: Mapping[str, Source]) -> Context:
    """Return a month's material for any reader. Raises DigestError where nothing came out."""
    fits = Fits(answers)
    rigs = tuple(fits.rig(name, short) for name, short in REFERENCE_RIGS)
    releases = releases_of(month, answers.knowledge.models.values(), entries, sources)
    if not releases:
        raise DigestError(
            f"Nothing is known of {month_name(month)}.",
            subject=month,
            hint="Collect first, or choose a month the catalogue covers.",
        )
    return sort_releases(
        Context(month=month, releases=releases, fits=fits, rigs=rigs, workstation=fits.rig(*WORKSTATION))
    )


def subject_of(context: Context) -> str:
    """Return the subject: the month and its foremost names, within what mail programs show."""
    start = f"Local AI in {month_name(context.month).partition(' ')[0]}: "
    names = [release.title.partition(" (")[0] for release in context.featured or context.releases[:3]]
    for count in (3, 2, 1):
        subject = start + listed(names[:count])
        if len(subject) <= SUBJECT_MAX and len(names) >= count:
            return subject
    return start + f"{counted(len(context.releases), 'release')}"


def _model_count(context: Context) -> int:
    return sum(release.ranked.item.kind == "model" for release in context.releases)


def _preheader(context: Context) -> str:
    runnable = _runnable(context)
    where = f"your {context.rig.name}" if context.rig else context.rigs[0].name
    count = counted(_model_count(context), "model release")
    return f"{count} in {month_name(context.month)}; {len(runnable)} run on {where}."


def _runnable(context: Context) -> list[Release]:
    rig = context.rig or context.rigs[0]
    found = []
    for release in (*context.featured, *context.giants, *context.also):
        fit = context.fits.best_of(release.models, rig)
        if fit is not None and fit.tier in RUNS:
            found.append(release)
    return found


def _pick(context: Context) -> Fit | None:
    """Return the fit of the first release to recommend: on the reader's rig, else on the smallest machine."""
    for release in context.featured:
        fit = context.fits.best_of(release.models, context.rig) if context.rig else context.smallest_fit(release)
        if fit is not None and fit.tier in RUNS:
            return fit
    return None


def _intro(context: Context) -> tuple[str, ...]:
    count = _model_count(context)
    words = [f"{month_name(context.month)} brought {counted(count, 'model release')} that we follow."]
    pick = _pick(context)
    if pick is not None:
        whose = f"your {context.rig.name}" if context.rig else with_article(pick.rig.name)
        words.append(f"If you try only one, take {pick.model.name}: it {pick.badge.text} on {whose}.")
    if context.giants:
        count_word = sentence_start(number_word(len(context.giants)))
        verb, get = ("is", "gets") if len(context.giants) == 1 else ("are", "get")
        words.append(f"{count_word} of them {verb} too big for most desks and {get} one line each.")
    return (" ".join(words),)


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
