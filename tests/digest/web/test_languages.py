"""Pages in the language a browser wants, and in the one a reader chose where a link says whose page it is."""

from __future__ import annotations

import pytest

from digest.languages import LANGUAGES, words_in
from tests.digest.web.conftest import World, links_in

PUBLIC = ("/", "/subscribe", "/subscribe/sent", "/link/sent", "/preferences", "/privacy", "/issues/2026-04")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PUBLIC)
async def test_public_pages(world: World, path: str, language: str) -> None:
    """Each says what language it is in, to browser and caches; an issue's own words stay English."""
    world.publish()
    page = await world.client.get(path, headers={"Accept-Language": f"{language}-XX,en;q=0.3"})
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert "accept-language" in page.headers["vary"].lower()
    assert words_in(language).say("Subscribe") in page.text
    declared = '<html lang="en"' if path.startswith("/issues") else f'<html lang="{language}"'
    assert declared in page.text
    if language != "en":
        assert f'lang="{language}"' in page.text
    if path == "/":
        assert words_in(language).month("2026-04") in page.text


async def test_pages_kept_for_many_are_kept_by_language(world: World) -> None:
    """The shelf hands nobody another's language, and a tag is one language's."""
    tags = set()
    for language in LANGUAGES:
        page = await world.client.get("/", headers={"Accept-Language": language})
        assert f'<html lang="{language}"' in page.text
        tags.add(page.headers["etag"])
    assert len(tags) == len(LANGUAGES)


async def test_asking_in_a_language_is_remembered(any_world: World) -> None:
    """The confirmation, the pages behind its link and the welcome are in the language it was asked in."""
    world = any_world
    await world.client.post("/subscribe", data={"address": "ann@example.org"}, headers={"Accept-Language": "fr"})
    (mail,) = await world.letters()
    say = words_in("fr").say
    assert str(mail["subject"]) == say("Please confirm: the RUNLOCALAI monthly digest")
    link = links_in(mail)["confirm"]
    assert say("Yes, send it to me") in (await world.client.get(link)).text  # by now the browser may say anything
    await world.client.post(link)
    subjects = {str(letter["subject"]) for letter in await world.letters()}
    assert say("Welcome to the RUNLOCALAI monthly digest") in subjects
    (person,) = world.stores.subscribers.page()
    assert person.language == "fr"


@pytest.mark.parametrize("state", ["pending", "confirmed", "suppressed"])
async def test_asking_again_changes_nobodys_language(world: World, state: str) -> None:
    """Anybody may type anybody's address."""
    person = world.person(state)
    await world.client.post("/subscribe", data={"address": person.address}, headers={"Accept-Language": "ja"})
    assert world.now(person).language == "en"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_own_pages_are_in_the_chosen_language(world: World, language: str) -> None:
    person = world.person("confirmed", language)
    form = {"sections": ["models"], "language": language, "pause": "1"}
    link = world.link("preferences", person)
    saved = await world.client.post(link, data=form, headers={"Accept-Language": "es"})
    say = words_in(language)
    page = (await world.client.get(saved.headers["location"], headers={"Accept-Language": "es"})).text
    assert f'<html lang="{language}"' in page
    assert say.say("Parts of the issue") in page
    assert say.say("<strong>Saved.</strong> The next issue is made by these choices.") in page
    paused = world.now(person).paused_until
    assert paused is not None
    assert say.day(paused) in page
    for path in (world.link("unsubscribe", person), link.replace("/preferences/", "/delete/")):
        shown = await world.client.get(path, headers={"Accept-Language": "es"})
        assert f'<html lang="{language}"' in shown.text


async def test_errors_are_in_the_browsers_language(world: World) -> None:
    say = words_in("pt").say
    headers = {"Accept-Language": "pt"}
    assert say("There is nothing here.") in (await world.client.get("/nowhere", headers=headers)).text
    assert say("This is not one of our links") in (await world.client.get("/confirm/forged", headers=headers)).text
    wrong = await world.client.post("/subscribe", data={"address": ""}, headers=headers)
    assert say("That is no mail address.") in wrong.text
    percent = await world.client.post("/subscribe", data={"address": "a%(b)s@exa%mple"}, headers=headers)
    assert percent.status_code == 422
