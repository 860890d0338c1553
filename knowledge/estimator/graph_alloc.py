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
_ENDLESS = 1 << 62
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
    weight: str = ""


@dataclass(slots=True)
class Graph:
    """Steps in execution order. Leaves (which nothing is copied into) are placed first, then inputs, as declared."""

    steps: list[Step] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    copies: set[int] = field(default_factory=set)
    beside: dict[str, Size] = field(default_factory=dict)
    """Inputs that stay on the host, where what reads them runs."""
    writes_on_host: bool = False

    def input(self, size: Size, *, kept: bool = False) -> int:
        """Declare a tensor copied in before the graph runs; `kept` ones are never freed."""
        self.steps.append(Step(size, (), kept=kept))
        self.inputs.append(len(self.steps) - 1)
        return len(self.steps) - 1

    def late_input(self, size: Size) -> int:
        """Declare a tensor copied in when it is first read."""
        self.steps.append(Step(size, ()))
        self.late.append(len(self.steps) - 1)
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

    def copy(self, size: Size = ZERO, *, weight: str = "") -> int:
        """Copy something in from the host before the operation that reads it.

        The size of a `weight` is told when the graph is walked.
        """
        self.steps.append(Step(size, (), weight=weight))
        self.copies.add(len(self.steps) - 1)
        return len(self.steps) - 1

    def sink(self, *reads: int) -> None:
        """Add an operation that writes outside the buffer (into the cache)."""
        self.steps.append(Step(None, reads))

    def arriving(self) -> dict[int, list[int]]:
        """Say before which operation late inputs come in: the first of the run of operations that reads them.

        A run ends where a copy is read, or where something is written outside.
        """
        waiting, begin = set(self.late), -1
        out: dict[int, list[int]] = {}
        for index, step in enumerate(self.steps):
            if step.size is None and self.writes_on_host:
                begin = -1
                continue
            if index in self.copies or index in waiting:
                continue
            if begin < 0 or not self.copies.isdisjoint(step.reads):
                begin = index
            for read in step.reads:
                if read in waiting:
                    waiting.discard(read)
                    out.setdefault(begin, []).append(read)
        return out

    def order(self) -> list[int]:
        """Steps as they are placed: leaves and inputs first, then the others as they run."""
        first = [*self.leaves, *self.inputs]
        early = {*first, *self.late}
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
        self.sizes: dict[tuple[Size, str], int] = {}
        self.events: list[tuple[int, int]] = []
        """(tensor, its size's number) where it takes room, (tensor, −1) where it leaves it."""
        self._walk()
        self.taken = [number for _, number in self.events if number >= 0]
        self.pairs = [tuple((at, n) for at, n in enumerate(size) if n) for size, _ in self.sizes]

    def _walk(self) -> None:
        """Note who takes and leaves room when. A tensor worked out in place goes by its operand's number."""
        steps, left = self.graph.steps, self.left
        held: dict[int, int] = {}
        inputs = set(self.graph.inputs)
        arriving = self.graph.arriving()
        for index in self.graph.order():
            step = steps[index]
            for read in arriving.get(index, ()):
                held[read] = read
                number = self.sizes.setdefault((steps[read].size or ZERO, ""), len(self.sizes))
                self.events.append((read, number))
            if step.size is not None:
                operand = self._operand(step, held) if step.inplace else -1
                if operand >= 0:
                    held[index] = held.pop(operand)
                else:
                    held[index] = index
                    number = self.sizes.setdefault((step.size, step.weight), len(self.sizes))
                    self.events.extend([(index, number)] * (self.copies if index in inputs else 1))
            for read in step.reads:
                left[read] -= 1
            for read in step.reads:
                if not left[read] and read in held and not steps[read].kept and read not in self.stays:
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
        ends = _placed(self.events, exact)
        sizes = [size for size, _ in self.sizes]
        highest = (plus(ZERO, *[sizes[number] for number in chain]) for chain in ends.highest(self.taken))
        return max(highest, key=lambda form: [form[at] for at in _GROWING])


class _Ends:
    """Where placed tensors end, as they were placed: the end below each, and the exact sum of sizes down to the ground.

    The first is the ground.
    """

    __slots__ = ("below", "total")

    def __init__(self) -> None:
        self.below, self.total = [-1], [0]

    def highest(self, numbers: Sequence[int]) -> Iterator[list[int]]:
        """The numbers of the sizes that make up the highest end, for each of several as high."""
        top = max(self.total)
        end = -1
        for _ in range(self.total.count(top)):
            end = self.total.index(top, end + 1)
            yield self._chain(end, numbers)

    def _chain(self, end: int, numbers: Sequence[int]) -> list[int]:
        out = []
        while end > 0:
            out.append(numbers[end - 1])
            end = self.below[end]
        return out


def _placed(events: Sequence[tuple[int, int]], exact: Sequence[int]) -> _Ends:
    """Place tensors one after another as they take and leave room.

    Free blocks are kept by ascending offset, the last one endless, each with the end it begins at. A tensor takes the
    smallest block that holds it, the last of equals; what it leaves is joined with free blocks beside it. All in one
    body: a model is replayed dozens of times, hundreds of events each.
    """
    aligned = [-(-size // ALIGNMENT) * ALIGNMENT for size in exact]
    offsets, rooms, ground = [0], [_ENDLESS], [0]
    place: dict[int, tuple[int, int, int]] = {}
    ends = _Ends()
    below, total = ends.below, ends.total
    for tensor, number in events:
        if number >= 0:
            wanted, best, least = aligned[number], -1, _ENDLESS
            for at, room in enumerate(rooms):
                if wanted <= room <= least:
                    best, least = at, room
            on = ground[best]
            place[tensor] = (offsets[best], wanted, on)
            below.append(on)
            total.append(total[on] + exact[number])
            if least == wanted:
                del offsets[best], rooms[best], ground[best]
            else:
                offsets[best] += wanted
                rooms[best], ground[best] = least - wanted, len(total) - 1
            continue
        offset, size, on = place.pop(tensor)
        if not size:
            continue
        at = bisect_right(offsets, offset)
        joins_after = offset + size == offsets[at]
        if at and offsets[at - 1] + rooms[at - 1] == offset:
            rooms[at - 1] += size
            if joins_after:
                rooms[at - 1] += rooms[at]
                del offsets[at], rooms[at], ground[at]
        elif joins_after:
            offsets[at], ground[at] = offset, on
            rooms[at] += size
        else:
            offsets.insert(at, offset)
            rooms.insert(at, size)
            ground.insert(at, on)
    return ends
