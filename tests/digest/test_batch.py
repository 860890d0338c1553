"""A batch hands out every mail once, whatever lanes it has, keeps their limits, and knows what was not tried."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from digest.batch import Batch
from knowledge.store.delivery_rows import Claimed, Lane

LANES = (Lane(name="a", at_once=1), Lane(name="b", at_once=3), Lane(name=""))


def mails(lanes: list[str]) -> list[Claimed]:
    return [
        Claimed(subscriber_id=at, address=f"r{at}@e.org", lane=lane, attempts=0, token_version=1, rig=None, rig_key="")
        for at, lane in enumerate(lanes)
    ]


@given(
    st.lists(st.sampled_from(["a", "b", ""]), max_size=40),
    st.integers(1, 9),
    st.none() | st.integers(0, 40),
    st.none() | st.integers(0, 40),
    st.sets(st.integers(0, 40)),
)
def test_every_mail_is_handed_out_once_or_known_as_untried(
    lanes: list[str], n_lines: int, halt_at: int | None, rest_at: int | None, again: set[int]
) -> None:
    batch = Batch(mails(lanes), LANES)
    on_way: Counter[str] = Counter()
    most: Counter[str] = Counter()
    ended: list[int] = []
    put_back = set(again)

    async def line() -> None:
        while (mail := await batch.take()) is not None:
            on_way[mail.lane] += 1
            most[mail.lane] = max(most[mail.lane], on_way[mail.lane])
            await asyncio.sleep(0)
            on_way[mail.lane] -= 1
            if mail.subscriber_id in put_back:
                put_back.discard(mail.subscriber_id)
                batch.put_back(mail)
                continue
            ended.append(mail.subscriber_id)
            batch.done(mail, "accepted")
            if len(ended) == rest_at:
                batch.rest(mail.lane)
            if len(ended) == halt_at:
                batch.halt("enough")

    async def all_lines() -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*(line() for _ in range(n_lines)))

    asyncio.run(all_lines())
    untried = [sid for ids in batch.untried().values() for sid in ids]
    assert sorted(ended + untried) == list(range(len(lanes)))
    assert batch.counts["accepted"] == len(ended)
    assert most["a"] <= 1
    assert most["b"] <= 3
    if halt_at is None and rest_at is None:
        assert not untried
