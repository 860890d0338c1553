"""Parsing: every kind of document becomes clean entries or a named error, whatever strangers put into it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.document import DOCUMENT_MAX_BYTES
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.pagelinks import PageRule
from tests.digest.conftest import DATA, NOW


def rss(items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def code_of(data: bytes, **kwargs: object) -> str:
    with pytest.raises(FeedError) as caught:
        parse_feed(data, now=NOW, page=PageRule() if kwargs.get("page") else None)
    return caught.value.code


def test_atom() -> None:
    feed = parse_feed((DATA / "atom_releases.xml").read_bytes(), now=NOW)
    first = feed.entries[0]
    assert [entry.title for entry in feed.entries] == ["v1.2.0", "v1.1.9-rc1", "v1.0.0"]
    assert first.url == "https://example.org/engine/releases/tag/v1.2.0"
    assert (first.published, first.updated) == (None, "2026-05-02T08:00:00Z")
    assert first.summary == "Faster prompt processing. New flag."
    assert feed.error is None


def test_rss() -> None:
    feed = parse_feed((DATA / "rss_blog.xml").read_bytes(), now=NOW, url="https://maker.example.org/feed.xml")
    one, two = feed.entries
    assert one.title == "Otter 2 & Otter 2 mini are out"
    assert one.id == "otter-2"
    assert one.published == "2026-05-04T08:00:00Z"
    assert one.summary == "Open weights."
    assert two.title == "How we train small models"
    assert two.url == two.id == "https://maker.example.org/training"
    assert two.published == "2026-04-30T12:00:00Z"
    assert feed.asked.ttl_minutes == 120


def test_hugging_face_api_leaves_out_private_repositories() -> None:
    (entry,) = parse_feed((DATA / "hf_models.json").read_bytes(), now=NOW).entries
    assert entry.id == entry.title == "otterlab/Otter-2-8B"
    assert entry.url == "https://huggingface.co/otterlab/Otter-2-8B"
    assert entry.published == "2026-05-03T09:00:00Z"
    assert entry.facts == {
        "likes": 120,
        "downloads": 4000,
        "license": "apache-2.0",
        "base_model": "otterlab/Otter-2-8B-Base",
        "n_params": 8_030_000_000,
    }


def test_json_feed() -> None:
    one, two = parse_feed((DATA / "json_feed.json").read_bytes(), now=NOW).entries
    assert (one.title, one.summary, one.published) == ("One", "First", "2026-04-30T22:00:00Z")
    assert (two.id, two.url, two.published) == ("2", "https://notes.example.org/2", None)


@pytest.mark.parametrize(
    ("data", "title", "published"),
    [
        (
            [{"tag_name": "v2.0", "name": "Two", "node_id": "x", "published_at": "2026-05-01T00:00:00Z"}],
            "Two",
            "2026-05-01T00:00:00Z",
        ),
        ({"data": [{"id": "a/b", "name": "B", "created": 1777593600}]}, "B", "2026-05-01T00:00:00Z"),
        (
            [{"paper": {"id": "1", "title": "P", "upvotes": 3}, "publishedAt": "2026-05-01T00:00:00Z"}],
            "P",
            "2026-05-01T00:00:00Z",
        ),
        (
            {
                "info": {"name": "pkg"},
                "releases": {"1.0": [{"upload_time_iso_8601": "2026-05-01T00:00:00Z"}], "0.9": []},
            },
            "pkg 1.0",
            "2026-05-01T00:00:00Z",
        ),
        ({"recentlyTrending": [{"repoData": {"id": "o/m"}}]}, "o/m", None),
    ],
)
def test_other_apis(data: object, title: str, published: str | None) -> None:
    (entry,) = parse_feed(json.dumps(data).encode(), now=NOW).entries
    assert (entry.title, entry.published) == (title, published)


PAGE = b"""<!doctype html><html><body><nav><a href="/log/home">Home page</a></nav>
<a href="/log/may">May: faster</a> <a href="/log/may#x">May: faster</a> <a href="https://elsewhere.example.net/x">Elsewhere</a>
<a href="javascript:x()">Click here</a> <a href="/log/april">April</a></body></html>"""


def test_page_links() -> None:
    feed = parse_feed(PAGE, now=NOW, url="https://example.org/log", page=PageRule())
    assert [(entry.title, entry.url) for entry in feed.entries] == [
        ("May: faster", "https://example.org/log/may"),
        ("May: faster", "https://example.org/log/may#x"),
        ("April", "https://example.org/log/april"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!doctype html><html><title>503</title></html>", "html"),
        (b"<note><to>you</to></note>", "not_a_feed"),
        (b"plain words", "not_a_feed"),
        (b'{"items": 3}', "not_a_feed"),
        (b'[{"tag_name": ""}]', "not_a_feed"),
        (b"{broken", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel/></rss>', "hostile"),
        (b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel/></rss>', "hostile"),
        (gzip.compress(b"0" * (DOCUMENT_MAX_BYTES + 1)), "too_big"),
        (b"\x1f\x8b" + b"junk" * 10, "hostile"),
        (b"x" * (DOCUMENT_MAX_BYTES + 1), "too_big"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_feed_has_a_name(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_page_without_links_is_an_error() -> None:
    assert code_of(b"<html><body><div id=root></div></body></html>", page=True) == "no_links"


def test_a_packed_body_without_a_header_is_unpacked() -> None:
    packed = gzip.compress(gzip.compress((DATA / "rss_blog.xml").read_bytes()))
    assert len(parse_feed(packed, now=NOW).entries) == 2


def test_a_cut_document_gives_its_whole_entries_and_says_so() -> None:
    whole = (DATA / "atom_releases.xml").read_bytes()
    feed = parse_feed(whole[: whole.rindex(b"<content")], now=NOW)
    assert [entry.title for entry in feed.entries] == ["v1.2.0", "v1.1.9-rc1"]
    assert feed.error is not None
    assert feed.error.code == "truncated"


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Mon, 01 Jan 2099 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Wed, 06 May 2026 00:00:00 GMT", "2026-05-06T00:00:00Z"),
        ("mer, 29 apr 2026 00:38:15 +0100", "2026-04-28T23:38:15Z"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(date: str, published: str | None) -> None:
    (entry,) = parse_feed(rss(f"<item><title>x</title><guid>1</guid><pubDate>{date}</pubDate></item>"), now=NOW).entries
    assert entry.published == published


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("&lt;b&gt;Big&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt; model", "Big model"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;", ""),
        ("Nice&#13;&#10;Bcc: someone@example.org", "Nice Bcc: someone@example.org"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("x &lt; y and Vec&lt;T&gt;", "x < y and Vec<T>"),
        ("caf\u00e9 &amp;amp; t\u00e9a", "caf\u00e9 & t\u00e9a"),
    ],
)
def test_titles_are_plain_text(raw: str, title: str) -> None:
    (entry,) = parse_feed(rss(f"<item><title>{raw}</title><guid>1</guid></item>"), now=NOW).entries
    assert entry.title == title


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "http://",
        "//no",
        "1",
        "http://u:p@example.org/",
    ],
)
def test_only_web_links_are_links(link: str) -> None:
    (entry,) = parse_feed(
        rss(f"<item><title>x</title><guid isPermaLink='false'>9</guid><link>{link}</link></item>"), now=NOW
    ).entries
    assert entry.url is None


def test_an_entry_without_identity_gets_one_that_stays() -> None:
    data = rss("<item><title>no id</title><description>words</description></item>")
    one, two = (parse_feed(data, now=NOW).entries[0] for _ in range(2))
    assert one.id == two.id
    assert one.id.startswith("text:")


@given(st.binary(max_size=400))
def test_bytes_never_raise_anything_else(data: bytes) -> None:
    try:
        feed = parse_feed(data, now=datetime(2026, 5, 5, tzinfo=UTC))
    except FeedError:
        return
    assert all(entry.id for entry in feed.entries)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_in_a_title_comes_out_plain(title: str, link: str) -> None:
    body = json.dumps(
        {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": title, "url": link}]}
    )
    (entry,) = parse_feed(body.encode("utf-8", errors="replace"), now=NOW).entries
    assert entry.title == " ".join(entry.title.split())
    assert not any(ord(c) < 32 or 0x202A <= ord(c) <= 0x202E for c in entry.title)
    assert entry.url is None or entry.url.startswith(("http://", "https://"))
