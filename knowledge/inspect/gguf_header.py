"""Reads the header of a GGUF file from its first bytes: metadata, tensor names, shapes and types.

Pure and bounded: counts, lengths and nesting of a hostile header end in a named error, arrays that nobody needs (a
vocabulary) are counted and skipped. Weights are never read. What a shape follows from it is `gguf_shape`. The format:
docs/gguf.md of ggml-org/ggml, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowledge.errors import BadInput

Scalar = int | float | bool | str
MAGIC: Final = b"GGUF"
MAX_HEADER_BYTES: Final = 64 << 20
"""No known file's header is larger than 25 MiB (a vocabulary of 262,144 pieces with their merges)."""

MAX_KEYS: Final = 4096
MAX_TENSORS: Final = 100_000
MAX_KEPT_ITEMS: Final = 4096
MAX_TEXT_BYTES: Final = 1 << 20
MAX_NAME_BYTES: Final = 512
MAX_DIMENSIONS: Final = 4

_STRING, _ARRAY = 8, 9
_FORMATS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_SIZES: Final = {kind: struct.calcsize("<" + code) for kind, code in _FORMATS.items()}


class Incomplete(Exception):
    """The bytes end before the header does; at least `needed` bytes from the file's beginning are wanted."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor: `ne` row length first, `kind` the number of its ggml type, `offset` within the data."""

    name: str
    ne: tuple[int, ...]
    kind: int
    offset: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a header says. `arrays` has the short arrays, `lengths` the length of every one; `size` is in bytes."""

    version: int
    values: Mapping[str, Scalar]
    arrays: Mapping[str, tuple[Scalar, ...]]
    lengths: Mapping[str, int]
    tensors: tuple[TensorInfo, ...]
    size: int


def read_header(data: bytes) -> GgufHeader:
    """Read a header from the beginning of a file. Raises Incomplete where more is wanted, BadInput where it is none."""
    cursor = _Cursor(data)
    if cursor.take(4) != MAGIC:
        raise bad("This is no GGUF file: it does not begin with 'GGUF'.", "Give a .gguf file.")
    version = cursor.number(4)
    if version in {2 << 24, 3 << 24}:
        raise bad(
            "This GGUF file is big-endian.", "Only little-endian files are read, as nearly all published ones are."
        )
    if version not in {2, 3}:
        raise bad(f"This is GGUF version {version}.", "Versions 2 and 3 are read.")
    n_tensors, n_keys = cursor.number(8), cursor.number(8)
    if n_tensors > MAX_TENSORS or n_keys > MAX_KEYS:
        raise bad(
            "The header claims more than any model has.", f"At most {MAX_TENSORS:,} tensors and {MAX_KEYS:,} keys."
        )
    values: dict[str, Scalar] = {}
    arrays: dict[str, tuple[Scalar, ...]] = {}
    lengths: dict[str, int] = {}
    for _ in range(n_keys):
        key, kind = cursor.text(MAX_NAME_BYTES), cursor.number(4)
        if kind == _ARRAY:
            lengths[key], kept = cursor.array()
            if kept is not None:
                arrays[key] = kept
        else:
            values[key] = cursor.scalar(kind)
    tensors = tuple(_tensor(cursor) for _ in range(n_tensors))
    return GgufHeader(version, values, arrays, lengths, tensors, cursor.at)


def bad(message: str, hint: str) -> BadInput:
    """Make the error of a header that cannot be used."""
    return BadInput(message, subject="GGUF header", hint=hint)


def _tensor(cursor: _Cursor) -> TensorInfo:
    name, n_dims = cursor.text(MAX_NAME_BYTES), cursor.number(4)
    if not 1 <= n_dims <= MAX_DIMENSIONS:
        raise bad(f"Tensor '{name[:60]}' has {n_dims} dimensions.", f"Valid: 1 to {MAX_DIMENSIONS}.")
    ne = tuple(cursor.number(8) for _ in range(n_dims))
    if not all(1 <= width <= 1 << 40 for width in ne):
        raise bad(f"Tensor '{name[:60]}' has a width out of range.", "Valid: 1 to 2^40.")
    return TensorInfo(name, ne, cursor.number(4), cursor.number(8))


class _Cursor:
    """Walks the bytes; every step checks that they are there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def _end(self, size: int) -> int:
        end = self.at + size
        if end > MAX_HEADER_BYTES:
            raise bad("The header is larger than any model's.", f"At most {MAX_HEADER_BYTES >> 20} MiB are read.")
        if end > len(self.data):
            raise Incomplete(end)
        return end

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        start, self.at = self.at, self._end(size)
        return self.data[start : self.at]

    def number(self, size: int) -> int:
        """An unsigned number of `size` bytes."""
        return int.from_bytes(self.take(size), "little")

    def text(self, most: int) -> str:
        """A string of at most `most` bytes."""
        size = self.number(8)
        if size > most:
            raise bad(f"A text of {size:,} bytes stands where a name should.", f"At most {most:,} bytes are read.")
        return self.take(size).decode("utf-8", "replace")

    def scalar(self, kind: int) -> Scalar:
        """A value of one of the simple types."""
        if kind == _STRING:
            return self.text(MAX_TEXT_BYTES)
        code = _FORMATS.get(kind)
        if code is None:
            raise bad(f"There is no value type {kind}.", "Types 0 to 12 exist.")
        value: int | float | bool = struct.unpack("<" + code, self.take(_SIZES[kind]))[0]
        return value

    def array(self) -> tuple[int, tuple[Scalar, ...] | None]:
        """An array's length, and its items where they are numbers or texts and few."""
        kind, count = self.number(4), self.number(8)
        if kind in _FORMATS:
            end = self._end(count * _SIZES[kind])
            kept = None
            if count <= MAX_KEPT_ITEMS:
                kept = struct.unpack(f"<{count}{_FORMATS[kind]}", self.data[self.at : end])
            self.at = end
            return count, kept
        if kind != _STRING:
            raise bad("An array of arrays is in the header.", "Only arrays of numbers and texts are read.")
        self._end(count * 8)  # each text has a length at least
        few = count <= MAX_KEPT_ITEMS
        if few:
            return count, tuple(self.text(MAX_TEXT_BYTES) for _ in range(count))
        self._skip_texts(count)
        return count, None

    def _skip_texts(self, count: int) -> None:
        data, at, limit = self.data, self.at, len(self.data)
        for left in range(count, 0, -1):
            start = at + 8
            if start > limit:
                raise Incomplete(at + 8 * left)
            at = start + int.from_bytes(data[at:start], "little")
            if at > limit or at > MAX_HEADER_BYTES:
                self.at = start
                self._end(at - start)
        self.at = at
