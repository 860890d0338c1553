"""Previews and edits: what maintainers see and change, apart from what was collected; checks that find faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.checks import hosts_of, links_in, links_in_text, look_over
from digest.compose import Material, context_of, issue_of
from digest.context import Context
from digest.drafts import content_of, fitted, keep, make_draft, parts_for, revision_of
from digest.edits import diff, edited, kept, pinned, unused
from digest.errors import MailTooBig
from digest.fits import Fits
from digest.issue import Issue, Item, Link, Section
from digest.judges import picture_of
from digest.personal import RigParts, offers_of, stored_offers
from digest.preview import compared, preview_of, reach_check, summary, write
from digest.reach import reach, verdicts
from digest.render import HTML_MAX_BYTES, RIG_PART_BYTES, render
from digest.settings import SOURCES_DIR, Settings
from digest.sources import Source, load_sources
from knowledge.answers import Answers
from knowledge.content_loader import load_content
from knowledge.errors import BadInput
from knowledge.estimator.cells_rank import COMFORTABLE, NO, TRADE_OFFS
from knowledge.store.digest_rows import EntryRow
from knowledge.store.issue_rows import EDIT_KINDS, EditKind, EditRow
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import SavedRig
from knowledge.store.sync import sync
from tests.conftest import skip_or_fail
from tests.digest.browsing import page_at
from tests.digest.conftest import source

MONTH = "2026-04"
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SETTINGS = Settings.from_env({})


@pytest.fixture(scope="module")
def shipped() -> dict[str, Source]:
    return {item.id: item for item in load_sources(SOURCES_DIR)}


@pytest.fixture(scope="module")
def april(answers: Answers, shipped: dict[str, Source]) -> Context:
    return context_of(MONTH, answers=answers, material=Material(sources=shipped))


@pytest.fixture(scope="module")
def plain(april: Context) -> Issue:
    return issue_of(april)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Give a store with the shipped content."""
    made = open_stores(f"sqlite:///{tmp_path_factory.mktemp('preview') / 'digest.db'}")
    sync(made.engine, load_content())
    yield made
    made.close()


def edit(kind: EditKind, target: str = "", text: str = "", place: int | None = None) -> EditRow:
    return EditRow(id=1, month=MONTH, kind=kind, target=target, text=text, place=place, made_by="me", made_at=NOW)


def items_of(issue: Issue, slug: str) -> list[Item]:
    return [item for section in issue.sections if section.slug == slug for item in section.items]


# fits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["RTX 3060 12GB", "RTX 4090", "2x RTX 3090", "M4 Max 64GB", "Ryzen 9 7950X"])
def test_cells_and_single_answers_choose_the_same_file(april: Context, name: str) -> None:
    compiled, single = april.fits.afresh(), Fits(april.fits.answers)
    rig = single.rig(name)
    models = [model for release in april.featured for model in release.models][:12]
    for model in models:
        one, other = compiled.fit(model, rig), single.fit(model, rig)
        assert (one.quant, one.tier) == (other.quant, other.tier), model.id
        assert one.decode_tok_s == pytest.approx(other.decode_tok_s, rel=1e-9)
        assert one.answer == other.answer


def test_verdicts_of_many_machines_are_those_of_the_fits(april: Context) -> None:
    fits = april.fits.afresh()
    rigs = [fits.rig(name) for name in ("RTX 3060 12GB", "RTX 4060 Ti 16GB", "RX 7900 XTX", "2x RTX 3090")]
    assert fits.cells is not None
    table = verdicts(fits.cells, rigs)
    codes = {"no": NO, "trade-offs": TRADE_OFFS, "comfortable": COMFORTABLE}
    for row, rig in zip(table, rigs, strict=True):
        for model in [model for offer in april.offers() for model in offer.models][:20]:
            tier = fits.fit(model, rig).tier
            if tier is not None and model.shape is not None and model.shape.n_ctx_train >= 8192:
                assert row[fits.place[model.id]] == codes[tier], (model.id, rig.name)


def test_reach_counts_readers_and_passes_over_unknown_machines(april: Context) -> None:
    readers = {SavedRig(name="RTX 3060 12GB"): 30, SavedRig(name="M3 Ultra 512GB"): 10, SavedRig(name="Zorblax"): 5}
    told = reach(april.offers(), april.fits, readers)
    assert told
    for _, runs, known in told:
        assert 0 <= runs <= known <= 40
    assert any(runs == known == 40 for _, runs, known in told)  # something small runs everywhere
    assert any(runs == 10 for _, runs, _ in told)  # something large only on the Mac


# edits -----------------------------------------------------------------------------------------------------------


def test_hiding_and_pinning_change_what_is_chosen(answers: Answers, april: Context, shipped: dict[str, Source]) -> None:
    first, last = april.featured[0].key, april.also[-1].key
    changed = context_of(
        MONTH, answers=answers, material=Material(sources=shipped, edits=[edit("hide", first), edit("pin", last)])
    )
    assert first not in {release.key for release in changed.releases}
    assert changed.featured[0].key == last


def test_rewording_notes_and_places(plain: Issue) -> None:
    cards = items_of(plain, "models")
    changed = edited(
        plain,
        [
            edit("reword", cards[1].key, "Said better."),
            edit("note", cards[1].key, "We tried it."),
            edit("move", cards[1].key, place=1),
            edit("move", "machines", place=1),
            edit("reword", "subject", "A plain\nsubject"),
            edit("reword", "intro", "Another start."),
            edit("note", "", "A word to all."),
            edit("note", "giants", "Big ones."),
            edit("hide", "talk"),
        ],
    )
    moved = items_of(changed, "models")[0]
    assert (moved.text, moved.editor, moved.facts) == ("Said better.", "We tried it.", cards[1].facts)
    assert changed.sections[0].slug == "machines"
    assert (changed.subject, changed.intro, changed.editor) == (
        "A plain subject",
        ("Another start.",),
        "A word to all.",
    )
    for words in ("Said better.", "We tried it.", "A word to all.", "Big ones.", "Another start."):
        made = render(changed, SETTINGS)
        assert words in " ".join(made.text.split())
        assert words in made.html


@pytest.mark.parametrize("kind", EDIT_KINDS)
@given(target=st.text(max_size=12), text=st.text(max_size=12), place=st.integers(1, 60))
def test_no_edit_touches_another_item(plain: Issue, kind: EditKind, target: str, text: str, place: int) -> None:
    """An edit of something that is not there changes nothing but, for the issue itself, its own words."""
    keys = {item.key for section in plain.sections for item in section.items} | {s.slug for s in plain.sections}
    if target in keys or not target:
        return
    assert edited(plain, [edit(kind, target, text, place)]).sections == plain.sections


@given(st.integers(1, 40))
def test_moving_loses_and_doubles_nothing(plain: Issue, place: int) -> None:
    key = items_of(plain, "also")[2].key
    moved = edited(plain, [edit("move", key, place=place), edit("move", "also", place=place)])
    assert {s.slug for s in moved.sections} == {s.slug for s in plain.sections}
    assert sorted(i.key for i in items_of(moved, "also")) == sorted(i.key for i in items_of(plain, "also"))


def test_an_edit_that_meets_nothing_is_named(plain: Issue) -> None:
    lost = edit("hide", "model:nobody")
    assert unused(plain, [lost, edit("hide", "talk2"), edit("correct", "2026-03", "x")])[0] == lost
    (check,) = [c for c in look_over(plain, render(plain, SETTINGS), hosts=(), edits=[lost]) if c.name == "edits"]
    assert check.ok is False
    assert "model:nobody" in check.words


def test_corrections_are_a_section_of_their_own(answers: Answers, shipped: dict[str, Source]) -> None:
    edits = [edit("correct", "2026-03", "The card has 16 GB, not 12.")]
    issue = issue_of(context_of(MONTH, answers=answers, material=Material(sources=shipped, edits=edits)))
    (item,) = items_of(issue, "corrections")
    assert (item.title, item.text) == ("March 2026 issue", "The card has 16 GB, not 12.")


def test_a_diff_shows_what_was_changed() -> None:
    assert diff("a\nb\n", "a\nc\n").splitlines()[-2:] == ["-b", "+c"]
    assert diff("a", "a") == ""
    assert pinned([edit("pin", "a"), edit("pin", "b")]) == ("b", "a")
    assert kept([], []) == ()


# sections --------------------------------------------------------------------------------------------------------


def test_errors_hardware_tools_and_glossary(answers: Answers, shipped: dict[str, Source]) -> None:
    drivers = source("drivers", "https://maker.example.org/feed", category="driver")
    cards = source("cards", "https://cards.example.org/feed", category="hardware")
    tool = source("tool", "https://github.com/some/tool/releases.atom", kind="github_atom", category="tool")
    notes = "## New models\n- Add Qwen9 support\n## Breaking changes\n- Drop support for old files\n"
    entries = [
        EntryRow(source_id=id_, entry_key=title, title=title, url=url, content_hash="", month=MONTH, summary=summary,
                 published_at=datetime(2026, 4, day, tzinfo=UTC))
        for id_, title, url, summary, day in (
            ("drivers", "Driver 600.12", "https://maker.example.org/600", "", 3),
            ("cards", "A new Radeon with 32 GB", "https://cards.example.org/r", "", 4),
            ("cards", "Win a gaming chair from GeForce partners", "https://cards.example.org/c", "", 5),
            ("tool", "v2.0.0", "https://github.com/some/tool/releases/tag/v2.0.0", notes, 6),
        )
    ]  # fmt: skip
    known = shipped | {one.id: one for one in (drivers, cards, tool)}
    counts = {"cuda_oom_ggml": 41, "illegal_instruction": 2, "no_such_error": 99}
    context = context_of(
        MONTH, answers=answers, material=Material(sources=known, entries=entries, diagnoses=counts, explained={"moe"})
    )
    issue = issue_of(context)
    assert [item.title for item in items_of(issue, "hardware")] == ["Driver 600.12", "A new Radeon with 32 GB"]
    (error,) = items_of(issue, "errors")  # two askers are too few, unknown errors are none
    assert error.kicker == "41 times"
    assert error.points[0].startswith("First try: ")
    (shown,) = items_of(issue, "tools")
    assert any(point.startswith("Breaking: ") and "old files" in point for point in shown.points)
    assert any(point.startswith("New models: ") and "Qwen9" in point for point in shown.points)
    (term,) = items_of(issue, "glossary")
    assert term.key.startswith("term:")
    assert term.key != "term:moe"
    assert "{{" not in term.text


def test_what_nobody_asked_about_is_absent(plain: Issue) -> None:
    slugs = {section.slug for section in plain.sections}
    assert not {"errors", "hardware", "corrections", "rig"} & slugs


# rendering and storing -------------------------------------------------------------------------------------------


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
_ADDRESS = st.from_regex(r"https://[a-z]{1,8}\.example\.org/[a-z0-9/]{0,20}", fullmatch=True)


@given(title=_WORDS, text=_WORDS, urls=st.lists(_ADDRESS, max_size=4), compact=st.booleans(), linked=st.booleans())
def test_the_text_has_every_link_as_often_as_the_html(
    title: str, text: str, urls: list[str], compact: bool, linked: bool
) -> None:
    links = tuple(Link(text="Page", url=url) for url in dict.fromkeys(urls))
    item = Item(title=title, url=urls[0] if urls and linked else None, text=text, links=links)
    section = Section(slug="x", title="T", items=(item,), compact=compact)
    issue = Issue(month=MONTH, month_name="April 2026", subject="S", preheader="P", intro=(), sections=(section,))
    made = render(issue, SETTINGS)
    html = [*links_in(made.html)]
    assert set(html) <= links_in_text(made.text)
    for url in set(urls):
        assert made.html.count(f'href="{url}"') == made.text.split().count(url)


def test_a_mail_too_big_loses_the_ends_of_its_lists(plain: Issue) -> None:
    long = Section(slug="x", title="T", compact=True, items=tuple(Item(title=f"{n} " + "w" * 900) for n in range(60)))
    issue, rendered = fitted(replace(plain, sections=(*plain.sections, long)), SETTINGS)
    assert len(rendered.html.encode()) <= HTML_MAX_BYTES - RIG_PART_BYTES
    assert 3 <= len(items_of(issue, "x")) < 60
    assert items_of(issue, "models") == items_of(plain, "models")
    with pytest.raises(MailTooBig):
        fitted(replace(plain, intro=("w " * 60_000,)), SETTINGS)


def test_checks_find_what_is_wrong(plain: Issue, shipped: dict[str, Source]) -> None:
    rendered = render(plain, SETTINGS)
    hosts = hosts_of(shipped.values(), [SETTINGS.public_url])
    good = {check.name: check.ok for check in look_over(plain, rendered, hosts=hosts, last=plain)}
    assert good["links"] is good["text twin"] is good["size"] is good["subject"] is True
    assert good["repeats"] is False  # everything of it was in the last issue
    odd = replace(rendered, html=rendered.html + '<a href="https://odd.example.net/x">x</a>', subject="S" * 90)
    bad = {check.name: check for check in look_over(plain, odd, hosts=hosts)}
    assert "odd.example.net" in bad["hosts"].words
    assert bad["text twin"].ok is bad["subject"].ok is False
    assert bad["repeats"].ok is None


def test_preview_keeps_a_draft_and_shows_everything(stores: Stores, tmp_path: Path) -> None:
    march = make_draft(stores, SETTINGS, "2026-03")
    assert keep(stores, march, now=NOW)
    stores.issues.add_edit(MONTH, "note", "", text="A word to all.", by="me", now=NOW)
    preview = preview_of(stores, SETTINGS, MONTH, now=NOW, judged=False)
    assert preview.kept
    assert preview.status == "draft"
    assert "+Editor: A word to all." in preview.edits
    assert preview.last_month == "March 2026"
    record = stores.issues.get(MONTH)
    assert record is not None
    assert record.revision == revision_of(preview.draft.rendered) == preview.draft.record.revision
    assert content_of(record) == preview.draft.issue
    picture = stores.issues.file(MONTH, "memory.png")
    assert picture is not None
    assert picture.body.startswith(b"\x89PNG")
    paths = write(preview, SETTINGS, tmp_path)
    page = paths["page"].read_text(encoding="utf-8")
    for tab in ("Desktop", "Mobile", "Dark", "Text", "Checks", "Edits", "Last issue"):
        assert f">{tab}</label>" in page
    assert "data:image/png;base64," in page
    assert "<script" not in page
    assert any("revision" in line for line in summary(preview))


def test_a_preview_for_a_machine_is_not_kept(stores: Stores) -> None:
    before = stores.issues.get(MONTH)
    preview = preview_of(stores, SETTINGS, MONTH, now=NOW, rig_name="RTX 3060 12GB", judged=False)
    assert not preview.kept
    assert stores.issues.get(MONTH) == before


def test_readers_parts_are_those_of_the_stored_issue(stores: Stores, april: Context, answers: Answers) -> None:
    rig = SavedRig(name="RTX 3060 12GB", ram_gib=32.0)
    stored = parts_for(stores, SETTINGS, MONTH)(rig)
    assert stored == RigParts(MONTH, april.offers(), april.history, answers, SETTINGS)(rig)
    assert len(stored[0].encode()) <= RIG_PART_BYTES
    assert offers_of(stored_offers(april), answers.knowledge.models) == (april.offers(), april.history)
    with pytest.raises(BadInput):
        parts_for(stores, SETTINGS, "2031-01")


def test_few_readers_are_not_told_of(stores: Stores) -> None:
    draft = make_draft(stores, SETTINGS, MONTH)
    assert reach_check(draft, {SavedRig(name="RTX 3060 12GB"): 19}) is None
    check = reach_check(draft, {SavedRig(name="RTX 3060 12GB"): 20})
    assert check is not None
    assert "Of 20 readers" in check.words
    assert compared(draft.issue, None)[0].before is None


@pytest.mark.chromium
def test_the_preview_page_in_a_browser(stores: Stores, tmp_path: Path) -> None:
    paths = write(preview_of(stores, SETTINGS, MONTH, now=NOW, judged=False), SETTINGS, tmp_path)
    with page_at(paths["page"].as_uri(), width=1000) as page:
        for tab in ("mobile", "dark", "text", "checks", "edits", "last", "desktop"):
            page.click(f'label[for="t-{tab}"]')
            assert page.is_visible(f"#{tab}")
            assert page.locator(".pane:visible").count() == 1
        assert page.frame_locator("#desktop iframe").locator("h1").inner_text() == "April 2026"


@pytest.mark.chromium
def test_a_picture_for_discord(plain: Issue) -> None:
    made = picture_of(render(plain, SETTINGS).html, width=600, height=800)
    if made is None:
        skip_or_fail("Chromium is not installed")
    assert made is not None
    assert made.startswith(b"\x89PNG")
    assert int.from_bytes(made[16:20], "big") == 600
