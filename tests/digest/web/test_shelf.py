"""The shelf of public pages: made once for many, anew when old, never a failure kept, and never too many."""

from __future__ import annotations

import asyncio

import pytest

from digest.web.pages import Made, Shelf, made
from tests.digest.web.conftest import World


class Counted:
    """Makes pages and counts how often."""

    def __init__(self, *, fails: int = 0) -> None:
        self.n, self.fails = 0, fails

    async def __call__(self) -> Made:
        self.n += 1
        await asyncio.sleep(0.01)
        if self.n <= self.fails:
            raise LookupError
        return made(b"page", "text/plain")


async def test_many_at_once_have_it_made_once() -> None:
    shelf, make = Shelf(lambda: 0.0, keep_s=10), Counted()
    found = await asyncio.gather(*(shelf.get("x", make) for _ in range(50)))
    assert make.n == 1
    assert all(one is found[0] for one in found)


@pytest.mark.parametrize(("after_s", "n"), [(9.9, 1), (10.0, 2)])
async def test_what_is_old_is_made_anew(after_s: float, n: int) -> None:
    now = 0.0
    shelf, make = Shelf(lambda: now, keep_s=10), Counted()
    await shelf.get("x", make)
    now = after_s
    await shelf.get("x", make)
    assert make.n == n


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    shelf, make = Shelf(lambda: 0.0, keep_s=10), Counted(fails=1)
    failed = await asyncio.gather(*(shelf.get("x", make) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in failed} == {LookupError}
    assert (await shelf.get("x", make)).body == b"page"


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    shelf, make = Shelf(lambda: 0.0, keep_s=10), Counted()
    first, second = (asyncio.create_task(shelf.get("x", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).body == b"page"


async def test_only_so_many_are_kept() -> None:
    shelf, make = Shelf(lambda: 0.0, keep_s=10, most=3), Counted()
    for key in "abcdeabcde":
        await shelf.get(key, make)
    assert len(shelf._kept) == 3


async def test_an_issue_opened_by_many_is_read_once(world: World) -> None:
    world.publish()
    replies = await asyncio.gather(*(world.client.get("/issues/2026-04") for _ in range(30)))
    assert {reply.status_code for reply in replies} == {200}
    world.publish("2026-05")
    assert "2026-05" not in (await world.client.get("/issues/2026-04")).text, "it is the one made before"
