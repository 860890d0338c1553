"""From asking to leaving, as a reader goes through it, on both backends."""

from __future__ import annotations

import asyncio
import json

import pytest

from knowledge.store.subscriber_rows import SavedRig
from tests.digest.web.conftest import PUBLIC_URL, World, links_in

FORM = {"sections": ["models", "tools"], "language": "de", "pause": "0"}


async def test_from_asking_to_leaving(any_world: World) -> None:
    world, client = any_world, any_world.client
    asked = await client.post("/subscribe", data={"address": "Ann@Example.org"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/subscribe/sent")
    (mail,) = await world.letters()
    assert mail["to"] == "Ann@example.org"
    assert "List-Unsubscribe" not in mail
    confirm = links_in(mail)["confirm"]

    page = await client.get(confirm)
    assert page.status_code == 200
    assert "Ann@example.org" not in page.text
    assert world.stores.subscribers.counts() == {"pending": 1}

    done = await client.post(confirm)
    assert done.status_code == 303
    assert world.stores.subscribers.counts() == {"confirmed": 1}
    welcome = next(one for one in await world.letters() if "Welcome" in one["subject"])
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert welcome["List-Unsubscribe"].strip("<>") == PUBLIC_URL + links_in(welcome)["unsubscribe"]
    assert links_in(welcome)["preferences"] == done.headers["location"].partition("?")[0]

    preferences = done.headers["location"]
    assert "You are in" in (await client.get(preferences)).text
    kept = await client.post(preferences.partition("?")[0], data={"rig": "2x rtx 3090", "ram": "64", **FORM})
    assert kept.status_code == 303
    (person,) = world.stores.subscribers.page()
    assert person.rig == SavedRig(name="2x GeForce RTX 3090", ram_gib=64.0)
    assert (person.sections, person.language) == (("models", "tools"), "de")
    assert 'value="2x GeForce RTX 3090"' in (await client.get(kept.headers["location"])).text

    left = await client.post(links_in(welcome)["unsubscribe"], content="List-Unsubscribe=One-Click")
    assert left.status_code == 200
    assert world.stores.subscribers.counts() == {"unsubscribed": 1}
    (person,) = world.stores.subscribers.page()
    assert person.end_reason == "one-click"
    assert "bekommt keine Ausgaben" in (await client.get(preferences)).text  # it has chosen German above


async def test_one_click_needs_neither_cookie_nor_origin_nor_form(world: World) -> None:
    for content in ("List-Unsubscribe=One-Click", "", "x" * 9000):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
            person = world.person("confirmed")
            headers = {"content-type": kind, "origin": "https://mail.example.net", "sec-fetch-site": "cross-site"}
            reply = await world.client.post(world.link("unsubscribe", person), content=content, headers=headers)
            assert reply.status_code == 200  # RFC 8058 asks not to redirect
            assert world.now(person).state == "unsubscribed"


async def test_double_clicks_are_one(any_world: World) -> None:
    asked, leaving = any_world.person("pending"), any_world.person("confirmed")
    confirm, leave = any_world.link("confirm", asked), any_world.link("unsubscribe", leaving)
    replies = await asyncio.gather(*(any_world.client.post(path) for path in [confirm, leave] * 8))
    assert {reply.status_code for reply in replies} == {200, 303}
    assert any_world.stores.subscribers.counts() == {"confirmed": 1, "unsubscribed": 1}
    assert [mail["to"] for mail in await any_world.letters()] == ["pending@example.org"]


async def test_asking_at_once_is_one_letter(any_world: World) -> None:
    asks = [any_world.client.post("/subscribe", data={"address": "ann@example.org"}) for _ in range(8)]
    assert {reply.status_code for reply in await asyncio.gather(*asks)} == {303}
    assert len(await any_world.letters()) == 1
    assert any_world.stores.subscribers.counts() == {"pending": 1}


async def test_export_has_all_and_delete_leaves_nothing(any_world: World) -> None:
    world, person = any_world, any_world.person("confirmed", "ann")
    link = world.link("preferences", person)
    export = await world.client.get(link.replace("/preferences/", "/export/"))
    assert export.headers["content-disposition"].startswith("attachment")
    assert json.loads(export.text)["subscriber"]["address"] == "ann@example.org"
    delete = link.replace("/preferences/", "/delete/")
    for _ in range(2):
        assert (await world.client.post(delete)).status_code == 200
    assert "ann@" not in str(world.dump())
    assert (await world.client.get(link)).status_code == 410
    assert (await world.client.post(world.link("unsubscribe", person))).status_code == 200


async def test_a_deleted_ones_links_never_open_another_ones_data(any_world: World) -> None:
    ann = any_world.person("confirmed", "ann")
    links = [any_world.link(purpose, ann) for purpose in ("preferences", "unsubscribe")]
    assert any_world.stores.subscribers.delete(ann.id)
    bob = any_world.person("confirmed", "bob")
    assert bob.id != ann.id
    assert (await any_world.client.get(links[0])).status_code == 410
    await any_world.client.post(links[1])
    assert any_world.now(bob).state == "confirmed"


async def test_deleting_a_suppressed_address_keeps_it_from_being_mailed(world: World) -> None:
    person = world.person("suppressed")
    link = world.link("preferences", person).replace("/preferences/", "/delete/")
    assert "one line" in (await world.client.post(link)).text
    await world.client.post("/subscribe", data={"address": person.address})
    assert world.now(person).state == "suppressed"
    assert await world.letters() == []


async def test_a_pause_is_kept_changed_and_ended(world: World) -> None:
    person = world.person("confirmed")
    link = world.link("preferences", person)
    for pause, days in (("3", 90), ("keep", 90), ("0", None)):
        await world.client.post(link, data={**FORM, "pause": pause})
        until = world.now(person).paused_until
        assert (until - world.clock()).days == days if until else days is None


async def test_a_machine_the_catalogue_knows_no_more_stays_until_it_is_changed(any_world: World) -> None:
    """Its owner can still choose another language, or a machine that is known."""
    world, gone = any_world, SavedRig(name="Voodoo 9000", ram_gib=8.0)
    person = world.person("confirmed")
    world.stores.subscribers.save_choices(
        person.id, language="en", sections=None, rig=gone, paused_until=None, now=world.clock()
    )
    link = world.link("preferences", person)
    assert "Voodoo 9000" in (await world.client.get(link)).text
    same = await world.client.post(link, data={**FORM, "rig": "Voodoo 9000", "ram": "8"})
    assert same.status_code == 303
    assert (world.now(person).rig, world.now(person).language) == (gone, "de")
    assert (await world.client.post(link, data={**FORM, "rig": "Voodoo 9001", "ram": "8"})).status_code == 422
    await world.client.post(link, data={**FORM, "rig": "GeForce RTX 3060 12 GB"})
    assert world.now(person).rig == SavedRig(name="GeForce RTX 3060 12 GB", ram_gib=None)


async def test_all_parts_chosen_means_later_ones_too(world: World) -> None:
    from digest.web.parts import CHOOSABLE

    person = world.person("confirmed")
    await world.client.post(world.link("preferences", person), data={**FORM, "sections": list(CHOOSABLE)})
    assert world.now(person).sections is None
    assert len(CHOOSABLE) >= 5


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("rig", "rtx 3060", "GeForce RTX 3060 8 GB"),
        ("rig", "nonsense thing", "no such machine"),
        ("ram", "-5", "number of GiB"),
        ("ram", "1e9", "number of GiB"),
        ("language", "xx", "no such language"),
        ("pause", "99", "no pause"),
        ("sections", "everything", "no such part"),
        ("sections", "", "no such part"),
    ],
)
async def test_what_cannot_be_kept_is_said_and_nothing_is_changed(
    world: World, field: str, value: str, words: str
) -> None:
    person = world.person("confirmed")
    reply = await world.client.post(world.link("preferences", person), data={**FORM, field: value})
    assert reply.status_code == 422
    assert words in reply.text
    assert world.now(person) == person


async def test_a_machine_is_found_without_script(world: World) -> None:
    person = world.person("confirmed")
    link = world.link("preferences", person)
    page = await world.client.get(f"{link}?rig=3060&ram=32&find=1&sections=models&language=fr")
    assert 'name="choice" value="GeForce RTX 3060 12 GB"' in page.text
    assert 'value="32"' in page.text
    await world.client.post(link, data={**FORM, "rig": "3060", "choice": "GeForce RTX 3060 12 GB", "ram": "32"})
    assert world.now(person).rig == SavedRig(name="GeForce RTX 3060 12 GB", ram_gib=32.0)
    names = (await world.client.get("/machines?q=3060")).json()
    assert "GeForce RTX 3060 12 GB" in names
