"""An issue leaves in its readers' languages: one frame for each, the machine's part too, the same store and workers."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta

from digest.languages import LANGUAGES, words_in
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores
from knowledge.store.subscriber_rows import SavedRig
from tests.digest.sending import MONTH, any_stores, composer, now
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["any_stores", "postgres_server", "postgres_url"]

HTML = (
    f'<html lang="en"><body><h1>April 2026</h1>{RIG_HTML}<h2>Also released</h2><p>A model, in English.</p>'
    f"<p>You get this once a month because you asked for it. Monthly recap. No spam.<br>"
    f'<a href="{UNSUBSCRIBE}">Unsubscribe</a> <a href="{PREFERENCES}">Preferences</a></p></body></html>'
)
TEXT = (
    f"RUNLOCALAI · monthly digest · April 2026\n\n{RIG_TEXT}\n\n"
    f"Unsubscribe:  {UNSUBSCRIBE}\nPreferences:  {PREFERENCES}\n"
)
RIG = SavedRig(name="RTX 3060 12GB", ram_gib=32.0)
PART = (
    "<h2>On your RTX 3060 12GB</h2><th>File</th>",
    "ON YOUR RTX 3060 12GB\n---------------------\n    File: Q4_K_M\n",
)


def test_each_reader_gets_the_frame_of_the_language_chosen(any_stores: Stores) -> None:
    """Claimed in one batch, composed side by side; a second language of one machine is no other machine's part."""
    stores = any_stores
    made: list[str] = []
    stores.digest.save_issue(IssueRow(month=MONTH, status="draft", subject="April", html=HTML, text=TEXT), now=now())
    rows = [
        {
            "address": f"{language}@example.net",
            "address_key": f"{language}@example.net",
            "domain": "example.net",
            "rig": RIG,
            "language": language,
        }
        for language in LANGUAGES
    ]
    stores.subscribers.add_many(rows, now=now())
    stores.runs.approve(MONTH, send_at=now(), now=now())

    def part_of(rig: SavedRig) -> tuple[str, str]:
        made.append(rig.name)
        return PART

    outbox, making = stores.outbox("w"), composer(stores, part_of)(MONTH)
    claimed = outbox.claim(MONTH, 20, lanes=(), resting={}, lease=timedelta(minutes=1), now=now())
    making.prepare(claimed, outbox)
    assert made == [RIG.name]  # computed once, said in seven languages
    assert sorted(one.language for one in claimed) == sorted(LANGUAGES)
    for one in claimed:
        envelope, mail = making.mail(one, now=now())
        words = words_in(one.language)
        assert envelope.recipient == f"{one.language}@example.net"
        text, html = _bodies(mail)
        for phrase in ("Unsubscribe", "File"):
            assert words.say(phrase) in text
            assert words.say(phrase) in html
        assert words.month(MONTH) in html
        assert words.say("Also released") in html
        assert "A model, in English." in html
        assert "RTX 3060 12GB" in text
        assert "/unsubscribe/" in text
        others = {words_in(other).say("Unsubscribe") for other in LANGUAGES} - {words.say("Unsubscribe")}
        assert not any(f">{other}<" in html for other in others)


def _bodies(mail: bytes) -> tuple[str, str]:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()), str(html.get_content())
