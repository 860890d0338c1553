"""Reads the header of a safetensors file from its first bytes: names, types and shapes of tensors.

Pure and bounded. The format: eight bytes of length, then JSON. Weights are never read.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

from knowledge.errors import BadInput
from knowledge.inspect.gguf_header import Incomplete

MAX_HEADER_BYTES: Final = 32 << 20
"""The format itself stops at 100 MB; the largest published headers have 4 MB."""

MAX_TENSORS: Final = 1_000_000
_BITS: Final = {
    **dict.fromkeys(("F64", "I64", "U64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL"), 8),
    "F4": 4,
}


@dataclass(frozen=True, slots=True)
class SafetensorsHeader:
    """What a header says: elements by type, bytes of all tensors, how many tensors."""

    elements_by_type: dict[str, int]
    tensor_bytes: int
    n_tensors: int


def read_safetensors_header(data: bytes) -> SafetensorsHeader:
    """Read a header from the beginning of a file. Raises Incomplete where more is wanted, BadInput where it is none."""
    if len(data) < 8:
        raise Incomplete(8)
    size = int.from_bytes(data[:8], "little")
    if not 2 <= size <= MAX_HEADER_BYTES:
        raise _bad(f"The header says it has {size:,} bytes.")
    if len(data) < 8 + size:
        raise Incomplete(8 + size)
    try:
        table = json.loads(data[8 : 8 + size])
    except (ValueError, RecursionError) as error:
        raise _bad("The header is no JSON.") from error
    if not isinstance(table, dict) or len(table) > MAX_TENSORS:
        raise _bad("The header is no table of tensors.")
    elements: Counter[str] = Counter()
    n_bits = 0
    for name, entry in table.items():
        if name == "__metadata__":
            continue
        kind, count = _tensor(str(name), entry)
        elements[kind] += count
        n_bits += count * _BITS[kind]
    return SafetensorsHeader(dict(elements), n_bits // 8, sum(name != "__metadata__" for name in table))


def _tensor(name: str, entry: object) -> tuple[str, int]:
    kind = entry.get("dtype") if isinstance(entry, dict) else None
    shape = entry.get("shape") if isinstance(entry, dict) else None
    if kind not in _BITS or not isinstance(shape, list) or len(shape) > 8:
        raise _bad(f"Tensor '{name[:60]}' has no type and shape that are known.")
    if not all(isinstance(width, int) and 0 <= width <= 1 << 40 for width in shape):
        raise _bad(f"Tensor '{name[:60]}' has a width out of range.")
    return str(kind), math.prod(shape)


def _bad(message: str) -> BadInput:
    return BadInput(message, subject="safetensors header", hint="Give a .safetensors file.")
