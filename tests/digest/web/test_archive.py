"""The archive: what is public, issues as pages, feeds that readers understand, headers that are strict."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from digest.web.app import make_app
from digest.web.feeds import atom, json_feed
from digest.web.issue_page import feed_html, feed_text, issue_page
from digest.web.metrics import Metrics
from digest.web.pages import Pages
from knowledge.store.archive_store import PublicIssue
from knowledge.store.tables.digest import issue, issue_file
from tests.digest.web.conftest import HTML, PUBLIC_URL, TEXT, World

MARKS = (UNSUBSCRIBE, PREFERENCES, RIG_HTML, RIG_TEXT)
NOW = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)
PAGES = ("/", "/subscribe", "/preferences", "/subscribe/sent", "/link/sent", "/privacy", "/issues/2026-04", "/nothing")


async def test_only_issues_that_went_out_are_public(any_world: World) -> None:
    any_world.publish("2026-04")
    any_world.publish("2026-05", "sending")
    any_world.publish("2026-06", "approved")
    home = (await any_world.client.get("/")).text
    assert re.findall(r"/issues/(\d{4}-\d\d)", home) == ["2026-05", "2026-04"]
    codes = [(await any_world.client.get(f"/issues/2026-0{month}")).status_code for month in (4, 5, 6, 7)]
    assert codes == [200, 200, 404, 404]
    assert "2026-06" not in (await any_world.client.get("/feed.atom")).text


async def test_an_issue_has_nothing_of_its_readers(world: World) -> None:
    for month in ("2026-03", "2026-04", "2026-05"):
        world.publish(month)
    page = await world.client.get("/issues/2026-04")
    assert not any(mark in page.text for mark in MARKS)
    assert "You asked for it" not in page.text
    assert "Disclosure" in page.text
    assert '<img src="/digest/2026-04/memory.png"' in page.text
    assert '/issues/2026-03" rel="prev"' in page.text
    assert '/issues/2026-05" rel="next"' in page.text


async def test_an_issues_policy_allows_its_own_styles_and_no_script(world: World) -> None:
    world.publish()
    page = await world.client.get("/issues/2026-04")
    policy = page.headers["content-security-policy"]
    styles = re.findall(r"<style[^>]*>(.*?)</style>", page.text, re.DOTALL)
    for style in styles:
        assert "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'" in policy
    assert len(styles) == 1
    assert "script-src" not in policy
    assert "style-src-attr 'unsafe-inline'" in policy


@pytest.mark.parametrize("path", PAGES)
async def test_headers_are_strict_and_nothing_comes_from_elsewhere(world: World, path: str) -> None:
    world.publish()
    reply = await world.client.get(path)
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" in reply.headers
    assert "set-cookie" not in reply.headers
    loaded = re.findall(
        r'<(?:link rel="(?:stylesheet|icon)"|script|img|iframe)[^>]*?(?:href|src)="([^"]+)"', reply.text
    )
    assert all(address.startswith("/") for address in loaded)
    assert path == "/nothing" or loaded


async def test_people_own_pages_are_kept_nowhere(world: World) -> None:
    person = world.person("confirmed")
    for purpose in ("unsubscribe", "preferences"):
        reply = await world.client.get(world.link(purpose, person))
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", ["/", "/issues/2026-04", "/feed.atom", "/feed.json", "/static/site.css", "/privacy"])
async def test_what_is_known_is_not_sent_again(world: World, path: str) -> None:
    world.publish()
    plain = await world.client.get(path, headers={"accept-encoding": "identity"})
    packed = await world.client.get(path, headers={"accept-encoding": "gzip"})
    assert plain.content == packed.content
    again = await world.client.get(path, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_addresses_mails_carry_lead_to_the_pages(world: World) -> None:
    world.publish()
    for mailed, page in (("/digest", "/"), ("/digest/2026-04", "/issues/2026-04")):
        reply = await world.client.get(mailed)
        assert (reply.status_code, reply.headers["location"]) == (301, page)
    for bad in ("/digest/x", "/issues/2026-13", "/issues/..%2f..%2fetc", "/static/..%2fapp.py", "/digest/2026-04/%00"):
        assert (await world.client.get(bad)).status_code == 404


async def test_an_issues_picture_is_shown_and_no_other_file(any_world: World) -> None:
    any_world.publish(status="approved")
    with any_world.stores.engine.begin() as conn:
        for name, media_type in (("memory.png", "image/png"), ("evil.html", "text/html")):
            row = {"month": "2026-04", "name": name, "media_type": media_type, "body": b"\x89PNG"}
            conn.execute(sa.insert(issue_file).values(row))
    for folder in ("digest", "issues"):
        reply = await any_world.client.get(f"/{folder}/2026-04/memory.png")
        assert (reply.content, reply.headers["content-type"]) == (b"\x89PNG", "image/png")
        assert (await any_world.client.get(f"/{folder}/2026-04/evil.html")).status_code == 404


async def test_readers_understand_the_feeds(any_world: World) -> None:
    for month in ("2026-03", "2026-04"):
        any_world.publish(month)
    reply = await any_world.client.get("/feed.atom")
    parsed = feedparser.parse(reply.content)
    assert not parsed.bozo
    assert [entry.link for entry in parsed.entries] == [f"{PUBLIC_URL}/issues/2026-0{month}" for month in (4, 3)]
    assert "Qwen9 runs on" in parsed.entries[0].content[0].value
    feed = (await any_world.client.get("/feed.json")).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed["items"]] == [entry.link for entry in parsed.entries]
    for said in (reply.text, json.dumps(feed)):
        assert not any(mark in said for mark in MARKS)
        assert "style=" not in said


def test_a_feeds_text_ends_where_the_mail_speaks_of_itself() -> None:
    rule = "-" * 76
    said = feed_text(f"Month\n{rule}\nQwen9\n\n{rule}\nYou get this.\nUnsubscribe: {UNSUBSCRIBE}\n", PUBLIC_URL)
    assert said == f"Month\n{rule}\nQwen9\n"


def test_a_feed_shows_words_links_and_tables_and_no_machinery() -> None:
    html = feed_html(HTML.replace("Qwen9 runs", "<script>alert(1)</script>Qwen9 runs"), f"{PUBLIC_URL}/subscribe")
    assert html.startswith("<h1>April 2026</h1>")
    assert '<a href="https://example.org/q">12 GB</a>' in html
    assert '<th scope="row">Qwen9</th>' in html
    assert f'<img src="{PUBLIC_URL}/digest/2026-04/memory.png" alt="Bars">' in html
    assert not any(word in html for word in ("script", "alert", "style", "short", "Disclosure"))
    assert feed_html("<p>no heading</p>", "") == ""


@given(st.text(), st.text(), st.text())
def test_any_issue_makes_whole_feeds(subject: str, preheader: str, text: str) -> None:
    made = PublicIssue(month="2026-04", subject=subject, preheader=preheader, appeared_at=NOW, html=text, text=text)
    parsed = feedparser.parse(atom([made], PUBLIC_URL, now=NOW))
    assert not parsed.bozo
    assert len(parsed.entries) == 1
    assert json.loads(json_feed([made], PUBLIC_URL))["items"][0]["date_published"] == "2026-05-05T06:00:00Z"


@given(st.text(alphabet="<>/=\"' abpbodyheadstyle\n", max_size=200))
def test_any_html_makes_a_page(html: str) -> None:
    page = issue_page(html, head="HEAD", top="TOP", bottom="BOTTOM", base="", public_url=PUBLIC_URL)
    assert page.html.count("TOP") == page.html.count("BOTTOM") == 1


async def test_figures_are_for_operators_and_name_nobody(any_world: World) -> None:
    any_world.person("confirmed")
    await any_world.client.post("/subscribe", data={"address": "ann@example.org"})
    await any_world.letters()
    text = (await any_world.client.get("/metrics")).text
    assert 'digest_subscribers{state="confirmed"} 1.0' in text
    assert 'digest_web_letters{kind="confirm",outcome="accepted"} 1.0' in text
    assert 'digest_web_requests_total{method="POST",page="People.subscribe",status="303"} 1.0' in text
    assert "example.org" not in text
    transport = httpx.ASGITransport(any_world.client._transport.app, client=("192.0.2.7", 1))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as stranger:
        assert (await stranger.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})).status_code == 404


def test_figures_have_few_series_whatever_is_asked() -> None:
    metrics = Metrics()
    for index in range(50):
        metrics.note("other", f"METHOD{index}", 405, 0.1)
    text = metrics.text(letters={}, waiting=0, subscribers={}, alarms=0).decode()
    assert text.count("digest_web_requests_total{") == 1


async def test_a_feed_is_small_on_the_wire(world: World) -> None:
    body = HTML.replace("Qwen9 runs", "Qwen9 runs " * 400)
    for month in range(1, 13):
        world.publish(f"2026-{month:02}", html=body, text=TEXT)
    request = world.client.build_request("GET", "/feed.json", headers={"accept-encoding": "gzip"})
    reply = await world.client.send(request, stream=True)
    raw = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert len(raw) < len(gzip.decompress(raw)) / 3
    with world.stores.engine.connect() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(issue)).scalar() == 12


async def test_figures_stay_hidden_behind_a_proxy_nobody_named(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A proxy on this machine makes every visitor look like this machine."""
    for _ in range(3):
        assert (await world.client.get("/metrics", headers={"x-forwarded-for": "203.0.113.5"})).status_code == 404
    assert caplog.text.count("DIGEST_WEB_PROXIES") == 1
    assert (await world.client.get("/metrics")).status_code == 200


async def test_pages_may_lie_under_a_path(world: World) -> None:
    world.publish()
    person = world.person("confirmed")
    world.site.settings = replace(world.site.settings, public_url="https://example.org/monthly")
    world.site.pages = Pages("https://example.org/monthly")
    transport = httpx.ASGITransport(make_app(world.site))
    headers = {"sec-fetch-site": "cross-site"}
    async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as client:
        for path in ("/", "/subscribe", "/issues/2026-04", world.link("preferences", person)):
            page = await client.get(f"/monthly{path}")
            assert page.status_code == 200
            found = re.findall(r'(?:href|src|action|data-names)="(/[^"]*)"', page.text)
            assert found
            assert all(one.startswith("/monthly/") for one in found)
        assert (await client.get("/subscribe")).status_code == 404
        reply = await client.post("/monthly/subscribe", data={"address": "ann@example.org"})
        assert reply.headers["location"] == "/monthly/subscribe/sent"
        assert (await client.post("/monthly/subscribe", headers=headers)).status_code == 403
        left = await client.post("/monthly" + world.link("unsubscribe", person), headers=headers)
        assert left.status_code == 200
