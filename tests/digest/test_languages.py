"""Seven languages: nothing left unsaid, nothing of the markup lost, and the right one chosen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import extract_from_ast

from digest.compose import compose
from digest.fits import WORDS
from digest.frame import HEADS, PHRASES, TIERS, TITLES, in_language
from digest.languages import ENGLISH, FOLDER, LANGUAGES, wanted, words_in
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from digest.render import HTML_MAX_BYTES, RIG_PART_BYTES, Rendered, environment, render, render_letter, wrapped
from digest.sections.rig import _SHORT
from digest.settings import SOURCES_DIR, TEMPLATES_DIR, Settings
from digest.sources import load_sources
from digest.web import guard
from digest.web.parts import CHOOSABLE
from knowledge.answers import Answers
from knowledge.content_loader import load_knowledge

OTHERS = tuple(language for language in LANGUAGES if language != ENGLISH)
ROOT = Path(guard.__file__).parents[1]
SAYS = {"BadInput", "TooBig", "Busy", "_bad"}
SPOKEN_TO_READERS = [*sorted((ROOT / "web").glob("*.py")), ROOT / "addresses.py"]
OPERATORS_ONLY = {"serve.py"}
VARIABLE = re.compile(r"%\(\w+\)s|<[^>]+>")


def in_templates() -> set[str]:
    """Every text that a template of pages or letters says."""
    found: set[str] = set()
    for path in [*TEMPLATES_DIR.glob("web/*"), *TEMPLATES_DIR.glob("mail/**/*")]:
        if path.is_file():
            source = environment().parse(path.read_text("utf-8"))
            for _, _, said in extract_from_ast(source, ("_", "gettext", "ngettext")):
                found |= {text for text in (said if isinstance(said, tuple) else (said,)) if text}
    return found


def in_errors() -> set[str]:
    """Every text of an error or a hint that pages may show; those made around a figure are English everywhere."""
    return {text for path in SPOKEN_TO_READERS if path.name not in OPERATORS_ONLY for text in _constants(path)}


def _constants(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in SAYS or (name == "__init__" and path.name == "site.py"):
            values = [*node.args, *(word.value for word in node.keywords if word.arg == "hint")]
            plain = [value for value in values if not isinstance(value, ast.JoinedStr)]
            texts = [part for value in plain for part in ast.walk(value) if isinstance(part, ast.Constant)]
            yield from (text.value for text in texts if isinstance(text.value, str) and text.value[-1:] == ".")


def all_said() -> set[str]:
    words = {text for pair in guard._WORDS.values() for text in pair} | set(CHOOSABLE.values())
    return in_templates() | in_errors() | words | PHRASES


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_said_and_nothing_more(language: str) -> None:
    texts = set(words_in(language).texts)
    assert not (all_said() - texts), "said in English still"
    assert not (texts - all_said()), "said nowhere any more"


@pytest.mark.parametrize("language", OTHERS)
def test_markup_and_values_stay(language: str) -> None:
    """Tags and values of a text are those of the English one; no text is left as it was but for names."""
    for english, text in words_in(language).texts.items():
        assert sorted(VARIABLE.findall(english)) == sorted(VARIABLE.findall(text)), english
        assert text.strip()
        assert "\n" not in text
    same = [text for text, said in words_in(language).texts.items() if text == said]
    assert len(same) <= 5, same


def test_the_files_are_the_languages() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(OTHERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates(language: str) -> None:
    """Each month has a name of its own; year and day stand in the date."""
    words = words_in(language)
    assert len({words.month(f"2026-{month:02}") for month in range(1, 13)}) == 12
    assert "2026" in words.day(date(2026, 4, 5))
    assert "5" in words.day(date(2026, 4, 5))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.8", "de"),
        ("fr;q=0.3, pt-BR;q=0.9, en;q=0.5", "pt"),
        ("zh-Hant-TW", "zh"),
        ("nl, sv;q=0.9, ja;q=0.1", "ja"),
        ("xx, *;q=0.5", "en"),
        ("DE;Q=0.5", "en"),
        ("es;q=nonsense, fr", "fr"),
        ("en;q=0, de;q=0", "en"),
        (",;,=;q" * 5000, "en"),
    ],
)
def test_the_language_a_browser_wants(header: str, language: str) -> None:
    assert wanted(header) == language


@given(st.text(max_size=300))
def test_any_header_wants_a_language_of_ours(header: str) -> None:
    assert wanted(header) in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["confirm", "welcome", "link"])
@pytest.mark.parametrize("state", ["pending", "confirmed"])
def test_letters(kind: str, state: str, language: str) -> None:
    """Every letter in every language: its links whole, its lines short, its language declared."""
    to = {"state": state}
    urls = {f"{name}_url": f"https://d.example/{name}/T" for name in ("confirm", "unsubscribe", "preferences")}
    values: dict[str, object] = {"to": to, "public_url": "https://d.example", **urls}
    made = render_letter(kind, values, language=language)
    used = {"confirm": ["confirm_url"], "link": ["preferences_url"], "welcome": ["preferences_url", "unsubscribe_url"]}
    assert all(urls[name] in made.html and urls[name] in made.text for name in used[kind])
    assert f'<html lang="{language}"' in made.html
    assert language == ENGLISH or made.subject != render_letter(kind, values).subject
    assert max(map(len, made.text.splitlines())) <= 76


@pytest.fixture(scope="module")
def april() -> Rendered:
    """A real month for one machine: the machine's own part stands in it."""
    shipped = {item.id: item for item in load_sources(SOURCES_DIR)}
    issue = compose("2026-04", answers=Answers(load_knowledge()), sources=shipped, rig_name="RTX 3060 12GB")
    return render(issue, Settings.from_env({}))


def words_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "\n", html)


@pytest.mark.parametrize("language", OTHERS)
def test_an_issue_in_a_readers_language(april: Rendered, language: str) -> None:
    """Headings, ratings, month and foot are said anew; every link, figure and model's name stays."""
    words = words_in(language)
    html, text = in_language(april.html, april.text, language)
    for body in (html, text):
        for phrase in ("Unsubscribe", "Preferences", "Read online"):
            assert words.say(phrase) in body
            assert not re.search(rf"(^|>){phrase}(<|:|$)", body, re.MULTILINE)
        assert words.month("2026-04") in body
        assert words.say("runs comfortably") in body
        assert not re.search(r": (?:runs comfortably|will not run|runs with trade-offs)\.?[\]<\n]", body)
    for title in TITLES:
        assert f">{title}<" not in html
        assert f"\n{title.upper()}\n---" not in text
    for said in ("Headings and ratings are in your language; the texts are written in English.",):
        assert words.say(said) in words_of(html)
        assert words.say(said).replace(" ", "") in re.sub(r"\s", "", text)
    for link in (UNSUBSCRIBE, PREFERENCES):
        assert html.count(link) == april.html.count(link)
        assert text.count(link) == april.text.count(link)
    assert sorted(re.findall(r'href="[^"]+"', html)) == sorted(re.findall(r'href="[^"]+"', april.html))
    assert re.findall(r"\d+(?:\.\d+)? tok/s", text) == re.findall(r"\d+(?:\.\d+)? tok/s", april.text)
    assert len(html.encode()) < HTML_MAX_BYTES + RIG_PART_BYTES / 2


def test_english_is_as_it_was(april: Rendered) -> None:
    assert in_language(april.html, april.text, ENGLISH) == (april.html, april.text)
    assert in_language(april.html, april.text, "xx") == (april.html, april.text)


@pytest.mark.parametrize("language", OTHERS)
def test_a_machines_part(april: Rendered, language: str) -> None:
    """The part that stands for a machine comes without a body around it."""
    words = words_in(language)
    html, text = in_language(
        '<div class="section"><h2 class="section-title">On your RTX 3060 12GB</h2><th>File</th>'
        '<span class="note">with trade-offs</span></div>',
        "ON YOUR RTX 3060 12GB\n---------------------\n    File: Q4_K_M (comfortable)\n",
        language,
    )
    assert "RTX 3060 12GB" in html
    assert f">{words.say('File')}<" in html
    assert f">{words.say('with trade-offs')}<" in html
    assert f"    {words.say('File')}: Q4_K_M ({words.say('comfortable')})" in text
    assert text.splitlines()[1] == "-" * len(text.splitlines()[0])


@given(st.text(max_size=300), st.sampled_from(OTHERS))
def test_other_words_are_left_alone(text: str, language: str) -> None:
    """Whatever sections wrote: only a phrase of ours, whole, is said anew; placeholders stay."""
    kept = f"<body><p>{RIG_HTML}x{text.replace('<', '').replace('>', '')}</p>"
    html, plain = in_language(kept, f"{RIG_TEXT}\n{text}", language)
    assert RIG_HTML in html
    assert RIG_TEXT in plain
    assert html == kept or text.strip() in PHRASES


def test_every_heading_of_a_section_is_known() -> None:
    """A new section's title has to be added to the frame, or readers of six languages see English."""
    for path in (ROOT / "sections").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Section", "Table"}:
                for word in node.keywords:
                    if word.arg == "title" and isinstance(word.value, ast.Constant):
                        assert word.value.value in TITLES, path.name
                    if word.arg == "head" and isinstance(word.value, ast.Tuple):
                        assert {getattr(item, "value", "") for item in word.value.elts} <= set(HEADS), path.name


def test_the_tiers_are_the_estimators_words() -> None:
    assert set(WORDS.values()) | set(_SHORT.values()) <= set(TIERS) | {"will not run", "not known"}


def test_text_without_blanks_is_broken() -> None:
    assert max(map(len, wrapped("言語" * 100).splitlines())) == 38
