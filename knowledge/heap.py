"""How the process keeps its memory: one heap, given back when it is free, and few rounds of the collector.

Only glibc and CPython are tuned; elsewhere nothing happens. No cache is bounded here: each is where it is filled.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
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


def give_back() -> None:
    """Give what is free inside the heap back to the system (milliseconds: in a thread)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
