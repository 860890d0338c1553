"""How the process keeps its memory: one heap, given back when it is free, few rounds of the collector, no idle code.

Only glibc, Linux and CPython are tuned; elsewhere nothing happens. No cache is bounded here: each is where it is
filled.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_ARENA_MAX: Final = -8
"""glibc's names for what mallopt sets."""

TRIM_BYTES: Final = 1 << 20
ROUNDS: Final = (10_000, 20, 20)
"""The collector looks through new objects after so many; Python's usual 700 takes a tenth of an answer's time."""


def tune() -> None:
    """One heap for all threads (glibc's usual eight a core keep what a burst took), and fewer rounds."""
    gc.set_threshold(*ROUNDS)
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Without rounds of the collector: what is built inside stays, and looking through it takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def give_back() -> None:
    """Give what is free inside the heap back to the system (milliseconds: in a thread)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


SMAPS: Final = Path("/proc/self/smaps")
MADV_DONTNEED: Final = 4
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s*(.*)")


def let_go_of_code() -> None:
    """Let go of the pages of libraries that only starting, or a burst, needed (milliseconds: in a thread).

    What runs again is there again at once: the pages stay in the system's cache, shared with others and free for
    taking. This process no longer holds them, nor are they counted as its own: some 20 MiB of what is resident after
    the start, 6 after a burst.
    """
    with contextlib.suppress(OSError, AttributeError):
        madvise = ctypes.CDLL("libc.so.6").madvise
        madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        with SMAPS.open(encoding="utf-8", errors="replace") as lines:
            idle = list(code_mappings(lines))
        for begin, end in idle:
            madvise(begin, end - begin, MADV_DONTNEED)


def code_mappings(lines: Iterable[str]) -> Iterator[tuple[int, int]]:
    """The mappings in `lines` (of smaps) that are a library's as it lies on disk, from and to which address.

    One that may be written, or holds a page of the process' own, would lose it. Libraries are never unmapped, so that
    what was read is still so when it is used.
    """
    found: tuple[int, int] | None = None
    for line in lines:
        head = _MAPPING.fullmatch(line.strip())
        if head is not None:
            begin, end, may, path = head.groups()
            is_code = "w" not in may and may.endswith("p") and ".so" in path and path.startswith("/")
            found = (int(begin, 16), int(end, 16)) if is_code and "(deleted)" not in path else None
        elif found is not None and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield found
            found = None
