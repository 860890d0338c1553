"""Finds which of many names a text mentions, in time that does not grow with the number of names. Pure.

Names and texts are compared squashed (`names.squash`): "Gemma 4", "gemma-4" and "Gemma4" meet. A name only counts where
words begin and end, so `glm5` is in "GLM-5 released" and neither in "GLM-5.1" nor in "GLM-5V".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from digest.names import words_of

_PREFIX: Final = 3
"""Names are looked up by so many first characters; shorter names are not looked for: they are in everything."""


class NameIndex:
    """An immutable set of squashed names, to be found in texts."""

    __slots__ = ("_by_prefix", "_names")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if len(name) >= _PREFIX)
        by_prefix: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._names:
            by_prefix[name[:_PREFIX]].add(len(name))
        self._by_prefix = {prefix: tuple(sorted(lengths, reverse=True)) for prefix, lengths in by_prefix.items()}

    def find(self, text: str) -> tuple[str, ...]:
        """Return the names that `text` mentions, sorted; of names that begin alike at one place only the longest."""
        words = words_of(text)
        joined = "".join(words)
        starts, ends, at = [], set(), 0
        for word in words:
            starts.append(at)
            at += len(word)
            ends.add(at)
        found = set()
        for start in starts:
            for length in self._by_prefix.get(joined[start : start + _PREFIX], ()):
                if start + length in ends and joined[start : start + length] in self._names:
                    found.add(joined[start : start + length])
                    break
        return tuple(sorted(name for name in found if not _covered(name, found)))


def _covered(name: str, found: set[str]) -> bool:
    """Whether a longer name that was found begins with this one: `qwen3.6max` where both it and `qwen3.6` stand."""
    return any(other != name and other.startswith(name) for other in found)
