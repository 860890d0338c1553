"""No GET and no HEAD of any path changes anything, whoever follows it: mail scanners open every link they see."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route

from digest.web.app import routes
from tests.digest.web.conftest import World

STATES = ("pending", "confirmed", "unsubscribed", "suppressed")
QUERIES = ("", "?find=1&rig=rtx+3060&ram=32", "?saved=1&new=1", "?_method=POST&List-Unsubscribe=One-Click&confirm=yes")


def _paths(world: World) -> list[str]:
    """Every route's path filled in with what is valid: real months, files and everybody's own links."""
    people = [world.person(state) for state in STATES]
    found = []
    for route in routes(world.site):
        assert isinstance(route, Route)
        path = route.path
        fills = {"month": ["2026-04", "2026-05"], "name": ["memory.png", "site.css"]}
        if "{token}" in path:
            purpose = path.split("/")[1]
            purpose = "preferences" if purpose in {"export", "delete"} else purpose
            fills["token"] = [world.link(purpose, person).rpartition("/")[2] for person in people]
        filled = [path]
        for name in re.findall(r"\{(\w+)\}", path):
            filled = [one.replace(f"{{{name}}}", value) for one in filled for value in fills[name]]
        found += filled
    return found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_following_any_link_changes_nothing(any_world: World, method: str) -> None:
    any_world.publish()
    paths = _paths(any_world)
    assert len(paths) > 30
    before, kinds = any_world.dump(), set()
    for path in paths:
        for query in QUERIES:
            reply = await any_world.client.request(method, path + query)
            kinds.add(reply.status_code)
            assert reply.status_code in {200, 301, 404, 410}, (path, reply.status_code)
            assert "set-cookie" not in reply.headers
    assert 200 in kinds
    assert any_world.dump() == before
    assert await any_world.letters() == []


async def test_forms_do_act_on_post(any_world: World) -> None:
    person = any_world.person("confirmed")
    before = any_world.dump()
    await any_world.client.post(any_world.link("unsubscribe", person))
    assert any_world.dump() != before, "or the comparison above would prove nothing"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_no_other_method_is_taken(world: World, method: str) -> None:
    person = world.person("confirmed")
    before = world.dump()
    for path in ("/", "/subscribe", world.link("unsubscribe", person), world.link("preferences", person)):
        assert (await world.client.request(method, path)).status_code == 405
    assert world.dump() == before
