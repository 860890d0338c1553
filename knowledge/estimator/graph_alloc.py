"""Replays how ggml's graph allocator places a graph's tensors, with sizes kept as sums of symbolic terms.

A `Graph` is a list of steps with sizes as coefficients over `TERMS`; a `Replay` walks it like ggml-alloc (b11434): best
fit among free blocks, in-place operations take their operand's place, a tensor is freed after its last reader.
Which tensor takes and leaves room when is the same whatever the sizes, so it is worked out once; placement is decided
with the terms' values at one point; what comes back is the highest end address as coefficients, so that a formula
holds around that point. Which operations a model has is `graph_blocks`' business.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

TERMS = (
    "one",
    "tokens",
    "outputs",
    "sequences",
    "tokens_x_full",
    "tokens_x_window",
    "full_x_quantized_k",
    "full_x_quantized_v",
    "window_x_quantized_k",
    "window_x_quantized_v",
    "full",
    "window",
    "tokens_x_tokens",
)
"""What sizes are linear in: tokens of a micro-batch, rows of logits, sequences, tokens × cells a stream, cells.

Models without a cache look from tokens at tokens.
"""

Size = tuple[int, ...]
ZERO: Size = (0,) * len(TERMS)
ALIGNMENT = 128
_GROWING = tuple(TERMS.index(name) for name in ("tokens_x_full", "full", "full_x_quantized_k", "tokens"))


@lru_cache(maxsize=8192)
def term(name: str, coefficient: int) -> Size:
    """Make a size of one term."""
    index = TERMS.index(name)
    return (*ZERO[:index], coefficient, *ZERO[index + 1 :])


def plus(*sizes: Size) -> Size:
    """Add sizes."""
    return tuple(map(sum, zip(*sizes, strict=True)))


@dataclass(slots=True)
class Step:
    """One tensor: its size (None where it lies outside the buffer), what it reads, whether it may take their place."""

    size: Size | None
    reads: tuple[int, ...]
    inplace: bool = False
    kept: bool = False


@dataclass(slots=True)
class Graph:
    """Steps in execution order. Leaves (which nothing is copied into) are placed first, then inputs, as declared."""

    steps: list[Step] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)

    def input(self, size: Size, *, kept: bool = False) -> int:
        """Declare a tensor copied in before the graph runs; `kept` ones are never freed."""
        self.steps.append(Step(size, (), kept=kept))
        self.inputs.append(len(self.steps) - 1)
        return len(self.steps) - 1

    def leaf(self, size: Size) -> int:
        """Declare a tensor that is there from the start and holds nothing yet."""
        self.steps.append(Step(size, ()))
        self.leaves.append(len(self.steps) - 1)
        return len(self.steps) - 1

    def op(self, size: Size, *reads: int, inplace: bool = False, kept: bool = False) -> int:
        """Add an operation with a result of its own."""
        self.steps.append(Step(size, reads, inplace, kept))
        return len(self.steps) - 1

    def sink(self, *reads: int) -> None:
        """Add an operation that writes outside the buffer (into the cache)."""
        self.steps.append(Step(None, reads))

    def order(self) -> list[int]:
        """Steps as they are placed: leaves and inputs first, then the others as they run."""
        first = [*self.leaves, *self.inputs]
        early = set(first)
        return [*first, *(index for index in range(len(self.steps)) if index not in early)]


class Replay:
    """A graph's walk: tensors taking and leaving room, in order, whatever their sizes are.

    With `copies` > 1 every input is there that many times and stays (pipelining).
    """

    def __init__(self, graph: Graph, copies: int = 1) -> None:
        self.graph = graph
        self.copies = copies
        self.stays = set(graph.inputs) if copies > 1 else set()
        self.left = Counter(read for step in graph.steps for read in step.reads)
        self.sizes: dict[Size, int] = {}
        self.events: list[tuple[int, int]] = []
        """(tensor, its size's number) where it takes room, (tensor, −1) where it leaves it."""
        self._walk()
        self.pairs = [tuple((at, n) for at, n in enumerate(size) if n) for size in self.sizes]

    def _walk(self) -> None:
        """Note who takes and leaves room when. A tensor worked out in place goes by its operand's number."""
        steps, is_input = self.graph.steps, set(self.graph.inputs)
        held: dict[int, int] = {}
        for index in self.graph.order():
            step = steps[index]
            if step.size is not None:
                operand = self._operand(step, held) if step.inplace else -1
                if operand >= 0:
                    held[index] = held.pop(operand)
                else:
                    held[index] = index
                    number = self.sizes.setdefault(step.size, len(self.sizes))
                    self.events.extend([(index, number)] * (self.copies if index in is_input else 1))
            for read, times in Counter(step.reads).items():
                self.left[read] -= times
                if not self.left[read] and read in held and not steps[read].kept and read not in self.stays:
                    self.events.append((held.pop(read), -1))

    def _operand(self, step: Step, held: dict[int, int]) -> int:
        """The operand whose place the step takes: nobody else reads it and it is as large; −1 where there is none."""
        for read in step.reads:
            source = self.graph.steps[read]
            alone = self.left[read] == 1 and not source.kept and read not in self.stays
            if alone and source.size == step.size and read in held:
                return read
        return -1

    def peak(self, values: Sequence[int]) -> Size:
        """Return the highest end address of any placement, with the terms at `values`.

        Of several as high the one that grows most with the context, then with the tokens.
        """
        exact = [sum([n * values[at] for at, n in pairs]) for pairs in self.pairs]
        room = _Room(exact)
        for tensor, number in self.events:
            if number >= 0:
                room.take(tensor, number)
            else:
                room.leave(tensor)
        sizes = list(self.sizes)
        highest = (plus(ZERO, *(sizes[number] for number in numbers)) for numbers in room.highest())
        return max(highest, key=lambda form: [form[at] for at in _GROWING])


class _Room:
    """Free blocks by ascending offset, the last one endless; ends are remembered as the chain of sizes below them."""

    def __init__(self, exact: Sequence[int]) -> None:
        self.exact = exact
        self.aligned = [-(-size // ALIGNMENT) * ALIGNMENT for size in exact]
        self.offsets, self.rooms, self.below = [0], [1 << 62], [0]
        self.place: dict[int, tuple[int, int, int]] = {}
        # an end: the end below it, the number of the size on top, the exact sum of all sizes down to the ground
        self.ends: list[tuple[int, int, int]] = [(-1, -1, 0)]

    def take(self, tensor: int, number: int) -> None:
        """Place a tensor in the smallest block that holds it, the last of equals."""
        wanted, rooms = self.aligned[number], self.rooms
        best = len(rooms) - 1
        least = 1 << 62
        for at in range(best):
            if wanted <= rooms[at] <= least:
                best, least = at, rooms[at]
        offset, below = self.offsets[best], self.below[best]
        self.place[tensor] = (offset, wanted, below)
        self.ends.append((below, number, self.ends[below][2] + self.exact[number]))
        if rooms[best] == wanted:
            del self.offsets[best], rooms[best], self.below[best]
        else:
            self.offsets[best], self.below[best] = offset + wanted, len(self.ends) - 1
            rooms[best] -= wanted

    def leave(self, tensor: int) -> None:
        """Give a tensor's room back, joined with free blocks beside it."""
        offset, size, below = self.place.pop(tensor)
        if size == 0:
            return
        offsets, rooms = self.offsets, self.rooms
        at = bisect_right(offsets, offset)
        joins_after = offset + size == offsets[at]
        if at and offsets[at - 1] + rooms[at - 1] == offset:
            rooms[at - 1] += size
            if joins_after:
                rooms[at - 1] += rooms[at]
                del offsets[at], rooms[at], self.below[at]
        elif joins_after:
            offsets[at], self.below[at] = offset, below
            rooms[at] += size
        else:
            offsets.insert(at, offset)
            rooms.insert(at, size)
            self.below.insert(at, below)

    def highest(self) -> Iterator[list[int]]:
        """The numbers of the sizes that make up the highest end, for each of several as high."""
        top = max(size for _, _, size in self.ends)
        for end in self.ends:
            if end[2] == top:
                yield self._numbers(end)

    def _numbers(self, end: tuple[int, int, int]) -> list[int]:
        out = []
        below, number, _ = end
        while number >= 0:
            out.append(number)
            below, number, _ = self.ends[below]
        return out
