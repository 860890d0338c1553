"""Replays how ggml's graph allocator places a graph's tensors, with sizes kept as sums of symbolic terms.

A `Graph` is a list of steps with sizes as coefficients over `TERMS`; `peaks` walks it like ggml-alloc (b11434): best
fit among free blocks, in-place operations take their operand's place, a tensor is freed after its last reader.
Placement is decided with the terms' values at one point; what comes back are end addresses as coefficients, so that a
formula holds around that point. Which operations a model has is `graph_blocks`' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
)
"""What sizes are linear in: tokens of a micro-batch, rows of logits, sequences, tokens × cells a stream, cells."""

Size = tuple[int, ...]
ZERO: Size = (0,) * len(TERMS)
ALIGNMENT = 128


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
    """Steps in execution order. Inputs are placed first, in the order they are declared."""

    steps: list[Step] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)

    def input(self, size: Size, *, kept: bool = False) -> int:
        """Declare a tensor copied in before the graph runs; `kept` ones are never freed."""
        self.steps.append(Step(size, (), kept=kept))
        self.inputs.append(len(self.steps) - 1)
        return len(self.steps) - 1

    def op(self, size: Size, *reads: int, inplace: bool = False, kept: bool = False) -> int:
        """Add an operation with a result of its own."""
        self.steps.append(Step(size, reads, inplace, kept))
        return len(self.steps) - 1

    def sink(self, *reads: int) -> None:
        """Add an operation that writes outside the buffer (into the cache)."""
        self.steps.append(Step(None, reads))

    def _order(self) -> list[int]:
        is_input = set(self.inputs)
        return [*self.inputs, *(index for index in range(len(self.steps)) if index not in is_input)]

    def peaks(self, values: Sequence[int], *, copies: int = 1) -> set[Size]:
        """Return the end address of every placement, with the terms at `values`.

        With `copies` > 1 every input is there that many times and stays (pipelining).
        """
        return _Replay(self, values, copies).run(self._order())


class _Replay:
    """One walk of a graph. Free blocks are [offset, size, offset in terms], ascending; the last one is endless."""

    def __init__(self, graph: Graph, values: Sequence[int], copies: int) -> None:
        self.graph = graph
        self.values = tuple(values)
        self.copies = copies
        self.left = [0] * len(graph.steps)
        for step in graph.steps:
            for read in step.reads:
                self.left[read] += 1
        self.place: dict[int, tuple[int, int, Size]] = {}
        self.free: list[tuple[int, int, Size]] = [(0, 1 << 62, ZERO)]
        self.ends: set[Size] = set()

    def _bytes(self, size: Size) -> int:
        total = sum(map(int.__mul__, size, self.values))
        return -(-total // ALIGNMENT) * ALIGNMENT

    def run(self, order: Iterable[int]) -> set[Size]:
        """Walk the steps in `order`."""
        is_input = set(self.graph.inputs)
        for index in order:
            step = self.graph.steps[index]
            if step.size is not None and not self._take_place(index, step):
                copies = self.copies if index in is_input else 1
                for _ in range(copies):
                    self._allocate(index, step.size)
            for read in dict.fromkeys(step.reads):
                self._read(read, step.reads.count(read), keep=self.copies > 1 and read in is_input)
        return self.ends

    def _take_place(self, index: int, step: Step) -> bool:
        if not step.inplace or step.size is None:
            return False
        for read in step.reads:
            source = self.graph.steps[read]
            alone = self.left[read] == 1 and not source.kept and not (self.copies > 1 and read in self.graph.inputs)
            if alone and source.size == step.size and read in self.place:
                self.place[index] = self.place.pop(read)
                return True
        return False

    def _read(self, read: int, times: int, *, keep: bool) -> None:
        self.left[read] -= times
        if self.left[read] == 0 and not keep and not self.graph.steps[read].kept and read in self.place:
            self._release(*self.place.pop(read))

    def _allocate(self, index: int, size: Size) -> None:
        wanted = self._bytes(size)
        best, best_size = len(self.free) - 1, -1
        for at, block in enumerate(self.free[:-1]):
            if block[1] >= wanted and (best_size < 0 or block[1] <= best_size):
                best, best_size = at, block[1]
        offset, room, terms = self.free[best]
        end = plus(terms, size)
        if room == wanted:
            del self.free[best]
        else:
            self.free[best] = (offset + wanted, room - wanted, end)
        self.place[index] = (offset, wanted, terms)
        self.ends.add(end)

    def _release(self, offset: int, size: int, terms: Size) -> None:
        if size == 0:
            return
        free = self.free
        at = next(index for index, block in enumerate(free) if block[0] > offset)
        joins_before = at > 0 and free[at - 1][0] + free[at - 1][1] == offset
        joins_after = offset + size == free[at][0]
        if joins_before:
            before = free[at - 1]
            after = free[at][1] if joins_after else 0
            free[at - 1] = (before[0], before[1] + size + after, before[2])
            if joins_after:
                del free[at]
        elif joins_after:
            free[at] = (offset, size + free[at][1], terms)
        else:
            free.insert(at, (offset, size, terms))
