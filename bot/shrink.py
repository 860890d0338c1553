"""Texts in little room: a reply's JSON differs from another's by a few figures and names.

The first text is what all others are told apart from: each takes a tenth of its size, in microseconds. Which texts are
kept, and for how long, is `remember`'s and `desk`'s.
"""

from __future__ import annotations

import threading
from typing import Final

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor

LEVEL: Final = 1
"""Ten times smaller in 7 µs, and back in 3; the levels above are slower by more than they are smaller."""

MOST: Final = 1 << 20
"""A text of which more would come back was not made here."""


class Shrinker:
    """Makes texts small, and whole again. For any thread: the library's contexts are for one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._small: ZstdCompressor | None = None
        self._whole: ZstdDecompressor | None = None

    def small(self, text: bytes) -> bytes:
        """A text so that `whole` of the same Shrinker gives it back.

        Copied, for the library leaves as much room in it as the text itself would take.
        """
        with self._lock:
            if self._small is None:
                like = ZstdCompressionDict(text)
                self._small, self._whole = ZstdCompressor(LEVEL, dict_data=like), ZstdDecompressor(dict_data=like)
            return memoryview(self._small.compress(text)).tobytes()

    def whole(self, small: bytes) -> bytes:
        """The text that `small` made small. Raises ValueError where nothing was."""
        with self._lock:
            if self._whole is None:
                raise ValueError("nothing was made small here")
            return self._whole.decompress(small, max_output_size=MOST)
