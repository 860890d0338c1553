"""Memory is tuned without a fault, twice as well as once, and what is free is given back."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import sqlite3
import zlib
from collections.abc import Iterator

import pytest

from knowledge import heap


@pytest.fixture(autouse=True)
def rounds() -> Iterator[None]:
    """The collector as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_comes_less_often_and_is_still_on() -> None:
    heap.tune()
    heap.tune()
    assert gc.get_threshold() == heap.ROUNDS
    assert gc.isenabled()


def test_giving_back_leaves_what_is_in_use() -> None:
    kept = [bytes(1000) for _ in range(1000)]
    heap.give_back()
    assert all(len(one) == 1000 for one in kept)


SMAPS = """\
7f10-7f20 r-xp 00000000 08:01 11 /usr/lib/libone.so.1
Rss:                  64 kB
Anonymous:             0 kB
7f20-7f30 r--p 00010000 08:01 11 /usr/lib/libone.so.1
Anonymous:             8 kB
7f30-7f40 rw-p 00020000 08:01 11 /usr/lib/libone.so.1
Anonymous:             0 kB
7f40-7f50 r--s 00000000 08:01 12 /dev/shm/shared.so
Anonymous:             0 kB
7f50-7f60 r--p 00000000 08:01 13 /var/lib/some.db
Anonymous:             0 kB
7f60-7f70 r-xp 00000000 08:01 14 /opt/an older.so (deleted)
Anonymous:             0 kB
7f70-7f80 r-xp 00000000 00:00 0
Anonymous:             0 kB
7f80-7f90 r--p 00000000 08:01 15 /opt/a folder/_two.cpython-311.so
Anonymous:             0 kB
7f90-7fa0 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
"""


def test_only_what_lies_on_disk_as_it_is_in_memory_is_let_go() -> None:
    assert list(heap.code_mappings(SMAPS.splitlines(keepends=True))) == [(0x7F10, 0x7F20), (0x7F80, 0x7F90)]


def test_a_process_goes_on_without_its_idle_code() -> None:
    said = "a sentence for several libraries"
    heap.let_go_of_code()
    with contextlib.closing(sqlite3.connect(":memory:")) as store:
        assert store.execute("SELECT upper(?)", (said,)).fetchone() == (said.upper(),)
    assert zlib.decompress(zlib.compress(said.encode())).decode() == said
    assert len(hashlib.sha256(said.encode()).digest()) == 32


def test_what_is_built_undisturbed_leaves_the_collector_as_it_was() -> None:
    was_on = gc.isenabled()
    try:
        for before in (True, False):
            (gc.enable if before else gc.disable)()
            with heap.undisturbed():
                assert not gc.isenabled()
            assert gc.isenabled() is before
    finally:
        (gc.enable if was_on else gc.disable)()
