"""Composing and rendering from the shipped catalogue: every real month, every rig, and hostile entries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import SUBJECT_MAX, Material, compose, context_of, subject_of
from digest.errors import DigestError, RenderError
from digest.fits import COARSE, Fits
from digest.issue import Issue, Item, Section
from digest.placeholders import PREFERENCES, UNSUBSCRIBE
from digest.render import HTML_MAX_BYTES, Rendered, environment, render
from digest.sections import builders
from digest.settings import SOURCES_DIR, TEMPLATES_DIR, Settings
from digest.sources import Source, load_sources
from digest.wording import counted, day_name, listed, month_name, params_text, with_article
from knowledge.answers import Answers
from knowledge.content_loader import load_knowledge
from knowledge.errors import UnknownName
from knowledge.store.digest_rows import EntryRow
from knowledge.units import gib_text, tok_s_text
from tests.digest.conftest import source

MONTH = "2026-04"
SETTINGS = Settings.from_env({})


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(load_knowledge())


@pytest.fixture(scope="module")
def shipped() -> dict[str, Source]:
    return {item.id: item for item in load_sources(SOURCES_DIR)}


@pytest.fixture(scope="module")
def april(answers: Answers, shipped: dict[str, Source]) -> Issue:
    return compose(MONTH, answers=answers, sources=shipped, rig_name="RTX 3060 12GB")


@pytest.fixture(scope="module")
def rendered(april: Issue) -> Rendered:
    return render(april, SETTINGS)


class Page(HTMLParser):
    """Collects what the checks ask for: tags with attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_real_month_has_its_sections_and_sources(april: Issue) -> None:
    slugs = [section.slug for section in april.sections]
    assert slugs[:4] == ["brief", "rig", "models", "machines"]
    models = next(section for section in april.sections if section.slug == "models")
    assert len(models.items) >= 5
    assert "Qwen3.6-35B-A3B" in models.items[0].title
    for section in april.sections:
        for item in section.items:
            assert item.links or section.slug in {"brief", "glossary"}, item.title
            assert all(link.url.startswith("https://") for link in item.links)


def test_the_subject_and_preheader(april: Issue) -> None:
    assert april.subject.startswith("Local AI in April: ")
    assert len(april.subject) <= SUBJECT_MAX
    assert "RTX 3060 12GB" in april.preheader


@pytest.mark.parametrize("month", ["2025-12", "2026-02", "2026-03", "2026-04"])
def test_no_two_releases_of_a_month_share_a_key_and_a_subject_says_each_name_once(
    answers: Answers, shipped: dict[str, Source], month: str
) -> None:
    """March 2026 has Gemma 4 twice, its large sizes and its small ones: hiding one must not hide the other."""
    context = context_of(month, answers=answers, material=Material(sources=shipped))
    keys = [release.key for release in context.releases if release.ranked.item.kind == "model"]
    assert sorted(set(keys)) == sorted(keys)
    assert ("model:gemma-4-e2b-e4b" in keys) == (month == "2026-03")
    names = subject_of(context).partition(": ")[2].replace(" and ", ", ").split(", ")
    assert sorted(set(names)) == sorted(names)


def test_the_figures_are_the_estimators(answers: Answers, april: Issue) -> None:
    fits = Fits(answers)
    rig = fits.rig("RTX 3060 12GB")
    model = answers.model_named("qwen3.6-35b-a3b")
    fit = fits.fit(model, rig)
    assert fit.answer is not None
    assert fit.answer.decode_tok_s is not None
    again = answers.estimate(fit.answer.request, detailed=False)
    assert again == fit.answer
    (table,) = [section.table for section in april.sections if section.slug == "rig"]
    assert table is not None
    row = next(row for row in table.rows if row.heading == model.name)
    assert row.cells[0].text == fit.quant
    assert row.cells[2].text == f"{tok_s_text(fit.answer.decode_tok_s.mid)} tok/s"
    assert fit.answer.memory.host_weights_bytes  # it is more than the card has, so the reader is told where the rest is
    assert row.cells[1].note == f"{gib_text(fit.answer.memory.host_total_bytes)} in RAM"
    assert any(not row.cells[1].note for row in table.rows)


def test_no_coarse_file_is_called_comfortable(answers: Answers, april: Issue) -> None:
    for section in april.sections:
        for row in section.table.rows if section.table else ():
            assert all(cell.tone != "good" for cell in row.cells if cell.text in COARSE), row.heading


def test_a_model_without_a_checked_shape_gets_no_figure(answers: Answers) -> None:
    fits = Fits(answers)
    model = next(found for found in answers.knowledge.models.values() if found.shape is None)
    fit = fits.fit(model, fits.rig("RTX 3090"))
    assert (fit.answer, fit.tier, fit.speed_text, fit.badge.tone) == (None, None, "", "unknown")


@pytest.mark.parametrize("month", ["2024-07", "2025-08", "2025-12", "2026-02", "2026-06", "2026-08"])
def test_every_month_composes_and_renders(month: str, answers: Answers, shipped: dict[str, Source]) -> None:
    made = render(compose(month, answers=answers, sources=shipped), SETTINGS)
    assert 5_000 < len(made.html.encode()) < HTML_MAX_BYTES
    assert month_name(month) in made.text


def test_a_month_nobody_knows_and_a_rig_nobody_has(answers: Answers, shipped: dict[str, Source]) -> None:
    with pytest.raises(DigestError, match="Nothing is known of January 2031"):
        compose("2031-01", answers=answers, sources=shipped)
    with pytest.raises(UnknownName):
        compose(MONTH, answers=answers, sources=shipped, rig_name="Zorblax 9000")


def test_the_mail_is_accessible_and_self_contained(rendered: Rendered) -> None:
    page = Page(rendered.html)
    assert dict(page.tags[0][1]) == {"lang": "en", "dir": "ltr"}
    for tag, attributes in page.tags:
        assert tag not in {"script", "iframe", "form", "link", "object"}
        if tag == "img":
            assert (attributes.get("src") or "").startswith(f"{SETTINGS.public_url}/digest/{MONTH}/")
            assert len(attributes.get("alt") or "") > 40
        if tag == "table" and attributes.get("role") != "presentation":
            assert "figures" in (attributes.get("class") or "")
        if tag == "th":
            assert attributes.get("scope") in {"col", "row"}
        if tag == "a":
            assert (attributes.get("href") or "").startswith("https://")
    assert "@media (prefers-color-scheme: dark)" in rendered.html
    assert rendered.html.count("style=") > 100
    assert len(rendered.html.encode()) < HTML_MAX_BYTES


@pytest.mark.parametrize(
    "words", ["RUNLOCALAI", "Monthly recap. No spam.", "affiliate links", "Unsubscribe", "estimator"]
)
def test_what_every_issue_says(words: str, rendered: Rendered) -> None:
    assert words in rendered.text
    assert words in " ".join(Page(rendered.html).text)


def test_links_to_be_filled_in_stand_in_both_parts(rendered: Rendered) -> None:
    for placeholder in (UNSUBSCRIBE, PREFERENCES):
        assert placeholder in rendered.html
        assert placeholder in rendered.text


def test_html_and_text_tell_the_same(april: Issue, rendered: Rendered) -> None:
    html = " ".join(" ".join(Page(rendered.html).text).split())
    text = " ".join(rendered.text.split())
    for section in april.sections:
        for item in section.items:
            assert item.title in html
            assert item.title in text
            assert " ".join(item.text.split()) in html


def test_the_text_part_is_narrow_and_has_no_markup(rendered: Rendered) -> None:
    for line in rendered.text.splitlines():
        assert len(line) <= 76 or "https://" in line or "http" in line
        assert not re.search(r"</?[a-z]+[ >]", line)


def entry(title: str, *, source_id: str, url: str, votes: int | None = None) -> EntryRow:
    return EntryRow(
        source_id=source_id,
        entry_key=url,
        title=title,
        url=url,
        content_hash="x",
        month=MONTH,
        votes=votes,
        published_at=datetime(2026, 4, 9, tzinfo=UTC),
    )


def test_collected_entries_become_tools_and_talk(answers: Answers, shipped: dict[str, Source]) -> None:
    shipped = shipped | {
        "engine": source(
            "engine", "https://github.com/ollama/ollama/releases.atom", kind="github_atom", name="ollama/ollama"
        )
    }
    shipped |= {"forum": source("forum", "https://forum.example.org/rss", role="community", name="A forum")}
    rows = [
        entry(f"v0.40.{n}", source_id="engine", url=f"https://github.com/ollama/ollama/releases/tag/v0.40.{n}")
        for n in range(4)
    ]
    rows.append(entry("Otter TTS V2 is out", source_id="forum", url="https://forum.example.org/1", votes=1400))
    rows.append(entry("Qwen3.6-35B-A3B released!", source_id="forum", url="https://forum.example.org/2", votes=3000))
    issue = compose(MONTH, answers=answers, entries=rows, sources=shipped)
    sections = {section.slug: section for section in issue.sections}
    assert [item.title for item in sections["tools"].items] == ["ollama 0.40.3"]
    assert "4 releases this month; v0.40.0 opened a new line." in sections["tools"].items[0].text
    assert [item.title for item in sections["talk"].items] == ["Otter TTS V2 is out"]
    assert "1 thread about it drew 3,000 votes." in sections["models"].items[0].text


HOSTILE = '<script>alert(1)</script> {{ 7 * 7 }} & "quotes" <b>'


@settings(max_examples=15)
@given(st.sampled_from([HOSTILE, "{% raw %}", "\u202eevil", "<!--", "]]>", "</table></body>"]), st.text(max_size=60))
def test_nothing_in_an_item_becomes_markup(words: str, more: str) -> None:
    title = words + more.replace("\r", " ").replace("\n", " ")
    item = Item(title=title, text=title, kicker=title, facts=(title,))
    issue = Issue(
        month=MONTH,
        month_name="April 2026",
        subject="Local AI in April",
        preheader=title,
        intro=(title,),
        sections=(
            Section(slug="x", title=title, items=(item,)),
            Section(slug="y", title="y", items=(item,), compact=True),
        ),
    )
    page = Page(render(issue, SETTINGS).html)
    assert not [tag for tag, _ in page.tags if tag in {"script", "b"}]
    assert sum(tag == "table" for tag, _ in page.tags) == 3


def test_a_subject_of_two_lines_is_refused(april: Issue) -> None:
    with pytest.raises(RenderError, match="more than one line"):
        render(replace(april, subject="One\r\nBcc: someone@example.org"), SETTINGS)


def test_a_mail_that_would_be_cut_is_refused(april: Issue) -> None:
    long = replace(april, intro=tuple("word " * 5000 for _ in range(5)))
    with pytest.raises(RenderError, match="bytes"):
        render(long, SETTINGS)


def test_a_template_may_not_ask_for_what_is_not_there(april: Issue, tmp_path: Path) -> None:
    folder = tmp_path / "digest"
    folder.mkdir()
    for name, text in (
        ("subject.txt", "{{ issue.subject }}"),
        ("issue.txt", "{{ issue.nothing }}"),
        ("issue.html", "<p></p>"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match="nothing"):
        render(april, SETTINGS, tmp_path)


def test_templates_are_strict_and_escaping() -> None:
    made = environment(TEMPLATES_DIR)
    assert made.undefined is jinja2.StrictUndefined
    assert made.from_string("{{ x }}").render(x=1) == "1"
    assert callable(made.autoescape)
    assert made.autoescape("digest/issue.html")
    assert not made.autoescape("digest/issue.txt")


def test_sections_are_found_in_order() -> None:
    names = [build.__module__.rpartition(".")[2] for build in builders()]
    assert names == [
        *("brief", "rig", "models", "machines", "tools", "hardware"),
        *("giants", "also", "talk", "errors", "glossary", "corrections"),
    ]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (params_text(36_000_000_000), "36B"),
        (params_text(3_455_000_000), "3.5B"),
        (params_text(270_000_000), "270M"),
        (params_text(1_026_900_000_000), "1T"),
        (params_text(None), ""),
        (month_name("2026-12"), "December 2026"),
        (day_name("2026-04-05"), "5 April"),
        (day_name(None), ""),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (counted(1, "release"), "1 release"),
        (counted(1200, "release"), "1,200 releases"),
        (with_article("RTX 3060 12GB"), "an RTX 3060 12GB"),
        (with_article("M4 Max 64GB"), "an M4 Max 64GB"),
        (with_article("Radeon RX 7900 XTX"), "a Radeon RX 7900 XTX"),
        (with_article("GTX 1080"), "a GTX 1080"),
        (with_article("Arc B580"), "an Arc B580"),
    ],
)
def test_wording(made: str, text: str) -> None:
    assert made == text


@pytest.mark.parametrize(("name", "counted_gib"), [("RTX 3060 12GB", 16), ("Ryzen 9 7950X", 32), ("M4 Max 64GB", None)])
def test_ram_a_reader_did_not_name_is_what_every_answer_counts_on(
    answers: Answers, name: str, counted_gib: int | None
) -> None:
    rig = Fits(answers).own_rig(name, None)
    assert rig.ram_gib == counted_gib
    said, mailed = (answers.estimate_text("gpt-oss-20b", name, "", 8192, ram) for ram in (None, rig.ram_gib))
    assert (said.fit_tier, said.memory) == (mailed.fit_tier, mailed.memory)
