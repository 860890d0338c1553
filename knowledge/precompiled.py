"""Keeps what was compiled of the catalogue's shapes in a file beside the code, as Python keeps compiled modules.

`make` writes it (at set-up, and a bot where it is lacking), `open_shelf` lets the estimator look findings up in it. It
holds for the very code that wrote it: written by another version it is not read, and without it everything is worked
out as it is asked for, milliseconds a model. It knows nothing of what a finding says.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import sys
import weakref
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from knowledge.catalog import Model, ModelShape
from knowledge.estimator.compiled import forget_compiled, pieces_of
from knowledge.estimator.kept import Look, Piece, look_here

logger = logging.getLogger(__name__)

PATH: Final = Path(__file__).parent / "__pycache__" / f"precompiled.{sys.implementation.cache_tag}"
_CODE: Final = (Path(__file__).parent / "estimator", Path(__file__).parent / "catalog.py")
_MAGIC: Final = b"RLAI-1\n\0"
_HEAD: Final = struct.Struct("<8s16sI")
"""The magic, the code's mark, how long the index is; the index follows, then what it points to."""

_Index = dict[bytes, tuple[int, int]]
"""By the mark of a shape where its findings begin, and how long they are."""

_index_of = msgspec.msgpack.Decoder(_Index).decode
_names_of = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode


def code_mark() -> bytes:
    """16 bytes that change with the code findings come from: as Python does, by times and sizes of its files."""
    files = [path for place in _CODE for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    seen = hashlib.blake2b(digest_size=16)
    for path in files:
        stat = path.stat()
        seen.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return seen.digest()


def shape_mark(shape: ModelShape) -> bytes:
    """16 bytes that tell shapes apart, by every field."""
    return hashlib.blake2b(msgspec.msgpack.encode(shape), digest_size=16).digest()


class _File:
    """The findings of a file, read where they are asked for; it stays open, whatever takes its name meanwhile."""

    def __init__(self, handle: int, index: _Index, start: int) -> None:
        self.index = index
        self._handle, self._start = handle, start
        weakref.finalize(self, os.close, handle)
        self._names = lru_cache(maxsize=8)(self._read)

    def packed(self, mark: bytes) -> bytes:
        """A shape's findings as they stand in the file."""
        offset, size = self.index[mark]
        return os.pread(self._handle, size, self._start + offset)  # threads ask side by side: nobody seeks

    def _read(self, shape: ModelShape) -> Mapping[str, msgspec.Raw]:
        mark = shape_mark(shape)
        return _names_of(self.packed(mark)) if mark in self.index else {}

    def look(self, shape: ModelShape, name: str) -> Piece | None:
        """One finding."""
        found = self._names(shape).get(name)
        return None if found is None else msgspec.msgpack.decode(found)


def _opened(path: Path) -> _File | None:
    """The file, if this very code wrote all of it."""
    try:
        with path.open("rb") as file:
            magic, mark, n_index = _HEAD.unpack(file.read(_HEAD.size))
            if magic != _MAGIC or mark != code_mark():
                return None
            index, start = _index_of(file.read(n_index)), _HEAD.size + n_index
            end = start + max((offset + size for offset, size in index.values()), default=0)
            is_whole = end == os.fstat(file.fileno()).st_size
            return _File(os.dup(file.fileno()), index, start) if is_whole else None
    except (OSError, struct.error, msgspec.DecodeError):
        return None


@lru_cache(maxsize=1)
def _shelf(path: Path) -> _File | None:
    return _opened(path)


def open_shelf(path: Path = PATH) -> None:
    """Let the estimator look findings up in the file, if there is one of this version (under a millisecond)."""
    file = _shelf(path)
    look: Look | None = None if file is None else file.look
    look_here(look)


def make(models: Iterable[Model], path: Path = PATH) -> bool:
    """Write what the file lacks of the models' shapes (some 15 ms each), and look findings up in it from now on.

    False where it cannot be written: then nothing has changed.
    """
    file = _opened(path)
    blobs = {} if file is None else {mark: file.packed(mark) for mark in file.index}
    shapes = {mark: shape for model in models if (shape := model.shape) for mark in (shape_mark(shape),)}
    lacking = {mark: shape for mark, shape in shapes.items() if mark not in blobs}
    if lacking and not _may_write(path):
        return False
    for mark, shape in lacking.items():
        blobs[mark] = msgspec.msgpack.encode(pieces_of(shape))
        forget_compiled()
    if lacking and not _written(path, blobs):
        return False
    _shelf.cache_clear()
    open_shelf(path)
    return True


def _may_write(path: Path) -> bool:
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError:
        return False
    return os.access(path.parent, os.W_OK)


def _written(path: Path, blobs: Mapping[bytes, bytes]) -> bool:
    """Write the file in one step, so that no process sees half of it."""
    index: _Index = {}
    at = 0
    for mark, blob in blobs.items():
        index[mark] = (at, len(blob))
        at += len(blob)
    packed = msgspec.msgpack.encode(index)
    half = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with half.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, code_mark(), len(packed)) + packed)
            file.writelines(blobs.values())
        half.replace(path)
    except OSError as error:
        logger.warning("what was compiled could not be kept: %s", error)
        return False
    return True
