"""Asks how high a graph reaches at one point after another, where weights are copied in.

A `Walk` is a replay of `graph_alloc` packed for that: nothing but bytes comes back, and no formula is sought, as where
copies fall is another thing for every file type and context. Which graph is walked is `copied`'s business.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from knowledge.estimator.graph_alloc import ALIGNMENT, Graph, Replay

_ENDLESS = 1 << 62
Pairs = tuple[tuple[int, int], ...]
"""A size: terms by their place in `TERMS`, and how often each is taken."""


class Walk:
    """The events of a replay and the sizes in them: of one term, of several, and of weights known by their role."""

    __slots__ = ("_n_places", "_numbers", "_places", "_roles", "_several", "_simple")

    def __init__(
        self, simple: Pairs, several: tuple[Pairs, ...], roles: tuple[str, ...], n_places: int, *rows: bytes
    ) -> None:
        self._simple, self._several, self._roles, self._n_places = simple, several, roles, n_places
        self._places, self._numbers = rows

    @classmethod
    def of(cls, graph: Graph) -> Walk:
        """Pack the replay of a graph."""
        replay = Replay(graph)
        sizes = [(role, pairs) for (_, role), pairs in zip(replay.sizes, replay.pairs, strict=True)]
        sorts = [2 if role else int(len(pairs) != 1) for role, pairs in sizes]
        order = sorted(range(len(sizes)), key=sorts.__getitem__)
        numbers = {old: new for new, old in enumerate(order)}
        return cls(
            tuple([_pair(*sizes[at][1][0]) for at in order if not sorts[at]]),
            tuple([sizes[at][1] for at in order if sorts[at] == 1]),
            _roles(tuple([sizes[at][0] for at in order if sorts[at] == 2])),
            *_packed([(tensor, numbers.get(number, -1)) for tensor, number in replay.events]),
        )

    def to_piece(self) -> list[Any]:
        """Everything as lists, numbers, texts and bytes."""
        return [self._simple, self._several, self._roles, self._n_places, self._places, self._numbers]

    @classmethod
    def from_piece(cls, piece: Sequence[Any]) -> Walk:
        """The walk such lists are of."""
        simple, several, roles, n_places, places, numbers = piece
        return cls(
            tuple([_pair(at, n) for at, n in simple]),
            tuple([tuple([_pair(at, n) for at, n in pairs]) for pairs in several]),
            _roles(tuple(roles)),
            n_places,
            _row(places),
            _row(numbers),
        )

    def extent(self, values: Sequence[int], copied: Mapping[str, int]) -> int:
        """Return the highest end address in bytes, with the terms at `values` and weights of `copied` bytes by role."""
        up, down = ALIGNMENT - 1, -ALIGNMENT
        aligned = [(n * values[at] + up) & down for at, n in self._simple]
        aligned += [(sum([n * values[at] for at, n in pairs]) + up) & down for pairs in self._several]
        aligned += [(copied.get(role, 0) + up) & down for role in self._roles]
        events = zip(array("h", self._places), array("h", self._numbers), strict=True)
        return _reach(events, self._n_places, aligned)


def _packed(events: Iterable[tuple[int, int]]) -> tuple[int, bytes, bytes]:
    """How many places there are, and events: who takes room by a place's number, who leaves by its inverse; the sizes.

    The size's number stands with both.
    """
    places, numbers = array("h"), array("h")
    held: dict[int, tuple[int, int]] = {}
    idle: list[int] = []
    n_places = 0
    for tensor, number in events:
        if number >= 0:
            if not idle:
                idle.append(n_places)
                n_places += 1
            held[tensor] = idle.pop(), number
            place, size = held[tensor]
            places.append(place)
        else:
            place, size = held.pop(tensor)
            idle.append(place)
            places.append(~place)
        numbers.append(size)
    return n_places, _row(places.tobytes()), _row(numbers.tobytes())


@lru_cache(maxsize=4096)
def _pair(at: int, n: int) -> tuple[int, int]:
    """A term and how often it is taken, equal ones as one object: a catalogue has few hundred."""
    return at, n


@lru_cache(maxsize=1024)
def _roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Roles, equal ones as one object."""
    return roles


@lru_cache(maxsize=4096)
def _row(packed: bytes) -> bytes:
    """Packed numbers, equal ones as one object: graphs differ in their sizes more than in the order of events."""
    return packed


def _reach(events: Iterable[tuple[int, int]], n_places: int, aligned: Sequence[int]) -> int:
    """Place tensors as `_placed` does; only the highest end is kept. Free blocks are those below `top`.

    All in one body, and no more looked up than must be: an answer walks hundreds of events several times.
    """
    begins: list[int] = []
    rooms: list[int] = []
    top = highest = 0
    offsets = [0] * n_places
    for place, number in events:
        size = aligned[number]
        if place >= 0:
            best, least = -1, _ENDLESS
            for at, room in enumerate(rooms):
                if size <= room <= least:
                    best, least = at, room
            if best < 0:
                offsets[place] = top
                top += size
                if top > highest:
                    highest = top
                continue
            offsets[place] = begin = begins[best]
            if least == size:
                del begins[best], rooms[best]
            else:
                begins[best] = begin + size
                rooms[best] = least - size
        elif size:
            begin = offsets[~place]
            end = begin + size
            at = bisect_right(begins, begin)
            if at and begins[at - 1] + rooms[at - 1] == begin:
                begin = begins.pop(at - 1)
                size += rooms.pop(at - 1)
                at -= 1
            if end == top:
                top = begin
            elif at < len(begins) and begins[at] == end:
                begins[at] = begin
                rooms[at] += size
            else:
                begins.insert(at, begin)
                rooms.insert(at, size)
    return highest
