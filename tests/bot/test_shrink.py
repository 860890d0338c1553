"""Texts in little room: given back as they were, whoever asks, and smaller the more they are like the first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.shrink import Shrinker


@given(st.lists(st.binary(max_size=6000), min_size=1, max_size=20))
def test_every_text_comes_back(texts: list[bytes]) -> None:
    shrinker = Shrinker()
    small = [shrinker.small(text) for text in texts]
    assert [shrinker.whole(one) for one in small] == texts


def test_a_text_like_the_first_takes_a_tenth() -> None:
    shrinker = Shrinker()
    first = b",".join(b'{"label":"%d k of context","value":"%d"}' % (n * 37 % 101, n * 1024) for n in range(99))
    shrinker.small(first)
    assert len(shrinker.small(first.replace(b'"label":"7 k', b'"label":"8 k'))) < len(first) / 10


def test_threads_may_share_it() -> None:
    shrinker = Shrinker()
    texts = [(b"%d of many " % number) * 200 for number in range(40)]

    def there_and_back(text: bytes) -> bytes:
        return shrinker.whole(shrinker.small(text))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(there_and_back, texts * 20)) == texts * 20


def test_nothing_comes_back_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing was made small"):
        Shrinker().whole(b"\x28\xb5\x2f\xfd")
