"""Findings about models' shapes that were worked out before: looked up before a graph is built and replayed.

A finding is plain data under a name, made by `compiled` and read by who would else work it out; what is not kept is
worked out as ever, and comes out the same. Where findings are kept (a file) is `precompiled`'s business, outside the
estimator: it names here how to look one up, as it might fill a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.catalog import ModelShape

Piece = Any
"""Lists of numbers, texts and bytes."""

Look = Callable[[ModelShape, str], Piece | None]


class _Shelf:
    """How findings are looked up: nothing is kept until somebody says where."""

    def __init__(self) -> None:
        self.look: Look | None = None


_SHELF = _Shelf()


def look_here(look: Look | None) -> None:
    """Look findings up so from now on; None looks nothing up."""
    _SHELF.look = look


def kept(shape: ModelShape, name: str) -> Piece | None:
    """What was found for a shape under a name; None where that must be worked out."""
    return None if _SHELF.look is None else _SHELF.look(shape, name)
