"""Documents with a few bytes changed, cut or doubled: entries or a named error, clean text, and never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.entry import ParsedFeed
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.pagelinks import PageRule
from tests.digest.conftest import DATA, NOW

DOCUMENTS = {file.name: file.read_bytes() for file in sorted(DATA.glob("*.xml")) + sorted(DATA.glob("*.json"))}
PIECES = (
    b"&#x110000;",
    b"&#55296;",
    b"&#0;",
    b"&",
    b"<",
    b"<![CDATA[",
    b"<![CDAT",
    b"]]>",
    b"<!--",
    b"\x00",
    b"\xff\xfe",
    b"<!DOCTYPE x [",
    b" xml:base='http://[bad'",
    b"<georss:point>",
    b"99999999999999",
)


def check(body: bytes, **how: object) -> ParsedFeed | FeedError:
    """Parse, and assert what holds for every document."""
    page = how.get("page")
    assert page is None or isinstance(page, PageRule)
    try:
        feed = parse_feed(body, now=NOW, url="https://example.org/feed.xml", page=page)
    except FeedError as error:
        return error
    for entry in feed.entries:
        assert entry.id
        assert not set(entry.title + entry.summary) & set("\r\n\x00\x1b")
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert all(date is None or "1995" <= date[:4] <= "2026" for date in (entry.published, entry.updated))
    return feed


def spoil(body: bytes, rng: random.Random) -> bytes:
    """Change, cut, insert or double something, a few times."""
    data = bytearray(body)
    for _ in range(rng.randint(1, 10)):
        if not data:
            break
        place, what = rng.randrange(len(data)), rng.randrange(5)
        if what == 0:
            data[place] = rng.randrange(256)
        elif what == 1:
            del data[place : place + rng.randint(1, 40)]
        elif what == 2:
            del data[place:]
        elif what == 3:
            data[place:place] = rng.choice(PIECES)
        else:
            start = rng.randrange(len(data))
            data[place:place] = data[start : start + rng.randint(1, 80)]
    return bytes(data)


@given(st.sampled_from(sorted(DOCUMENTS)), st.randoms(use_true_random=False), st.sampled_from([None, False, True]))
def test_spoilt_documents(name: str, rng: random.Random, headings: bool | None) -> None:
    check(spoil(DOCUMENTS[name], rng), page=None if headings is None else PageRule(headings=headings))


@pytest.mark.truth
def test_spoilt_real_documents(truth_dir: Path) -> None:
    rng = random.Random(20261123)  # noqa: S311 - what to spoil, not a secret
    files = [file for file in sorted((truth_dir / "feeds").glob("*/*")) if file.stat().st_size < 60_000]
    assert len(files) > 200
    for file in files:
        for _ in range(4):
            check(spoil(file.read_bytes(), rng))


@pytest.mark.parametrize("reference", ["&#x110000;", "&#99999999999;", "&#xD800;", "&#55296;"])
def test_a_character_that_cannot_be_leaves_the_rest(reference: str) -> None:
    body = f"<rss version='2.0'><channel><item><title>a {reference} & b</title><guid>1</guid></item></channel></rss>"
    found = check(body.encode())
    assert isinstance(found, ParsedFeed)
    assert [(entry.title[0], entry.title[-1]) for entry in found.entries] == [("a", "b")]


def test_a_page_that_breaks_the_parser_has_a_name() -> None:
    found = check(b"<html><body><![CDAT[ <a href='/x'>words here</a>", page=PageRule())
    assert isinstance(found, FeedError)
    assert found.code == "unreadable"


PAGE = b"""<!doctype html><html><nav><h2>2020-01-01 not this</h2></nav><h1>Change log</h1>
<h2 id="one">Date: 2026-04-01</h2><h3 id="otter">Otter 2</h3><p>text</p>
<section id="driver-7"><h2>Driver 7.1 release notes</h2></section>
<h2>March 3, 2026 - Otter 1.9 <b>new</b></h2><h2>12th Feb 2026</h2><h3>Otter 1.8</h3></html>"""


def test_headings_of_a_page_with_the_dates_above_them() -> None:
    found = check(PAGE, page=PageRule(headings=True))
    assert isinstance(found, ParsedFeed)
    base = "https://example.org/feed.xml"
    assert [(entry.title, entry.url, (entry.published or "")[:10]) for entry in found.entries] == [
        ("Otter 2", f"{base}#otter", "2026-04-01"),
        ("Driver 7.1 release notes", f"{base}#driver-7", "2026-04-01"),
        ("March 3, 2026 - Otter 1.9 new", base, "2026-03-03"),
        ("Otter 1.8", base, "2026-02-12"),
    ]
    assert len({entry.id for entry in found.entries}) == 4


def test_only_links_below_the_path_of_a_page() -> None:
    body = b"<html><body><a href='/library/otter'>Otter</a> <a href='/pricing'>Prices</a></body></html>"
    found = check(body, page=PageRule(links="/library/"))
    assert isinstance(found, ParsedFeed)
    assert [entry.title for entry in found.entries] == ["Otter"]


def test_a_page_without_dated_headings_is_an_error() -> None:
    found = check(b"<html><h1>Hello</h1></html>", page=PageRule(headings=True))
    assert isinstance(found, FeedError)
    assert found.code == "no_headings"


@pytest.mark.parametrize(
    ("link", "guid", "url"),
    [
        ("/p/1", "1", "https://example.org/p/1"),
        ("p/1", "1", "https://example.org/p/1"),
        ("", "1042", None),
        ("", "/p/9", "https://example.org/p/9"),
        ("javascript:alert(1)", "1", None),
        ("//cdn.example.org/x", "1", "https://cdn.example.org/x"),
    ],
)
def test_relative_links_and_guids(link: str, guid: str, url: str | None) -> None:
    shown = f"<link>{link}</link>" if link else ""
    body = f"<rss version='2.0'><channel><item><title>t</title>{shown}<guid>{guid}</guid></item></channel></rss>"
    found = check(body.encode())
    assert isinstance(found, ParsedFeed)
    assert [(entry.url, entry.id) for entry in found.entries] == [(url, guid)]


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Sat, Dec 16 2023 02:02:33 PM", "2023-12-16T14:02:33Z"),
        ("Sat, Dec 16 2023 12:02:33 AM", "2023-12-16T00:02:33Z"),
        ("2026-04-01T10:00:00.250Z", "2026-04-01T10:00:00.250Z"),
        ("Sat, 01 Jan 1994 00:00:00 GMT", None),
    ],
)
def test_dates_to_the_half_of_the_day_and_the_millisecond(date: str, published: str | None) -> None:
    body = f"<rss version='2.0'><channel><item><title>t</title><pubDate>{date}</pubDate></item></channel></rss>"
    found = check(body.encode())
    assert isinstance(found, ParsedFeed)
    assert (found.entries[0].published, found.entries[0].updated) == (published, published)
