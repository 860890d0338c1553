"""Tensor types: block sizes, bytes per block, and what a tensor or a cache row of a type takes.

Facts about formats only. Which type a tensor gets in a file is `file_types`' business; names people write are
quants.yaml's. Sizes are the formats' own: ggml's block structs (ggml-common.h) and, for the `iqN_k*` types,
ik_llama.cpp's.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.errors import BadInput

BLOCKS: dict[str, tuple[int, int]] = {
    # type: (elements a block, bytes a block)
    "f32": (1, 4),
    "f16": (1, 2),
    "bf16": (1, 2),
    "i32": (1, 4),
    "q1_0": (128, 18),
    "q2_0": (64, 18),
    "q4_0": (32, 18),
    "q4_1": (32, 20),
    "q5_0": (32, 22),
    "q5_1": (32, 24),
    "q8_0": (32, 34),
    "mxfp4": (32, 17),
    "nvfp4": (64, 36),
    "iq4_nl": (32, 18),
    "q2_k": (256, 84),
    "q3_k": (256, 110),
    "q4_k": (256, 144),
    "q5_k": (256, 176),
    "q6_k": (256, 210),
    "iq1_s": (256, 50),
    "iq1_m": (256, 56),
    "iq2_xxs": (256, 66),
    "iq2_xs": (256, 74),
    "iq2_s": (256, 82),
    "iq3_xxs": (256, 98),
    "iq3_s": (256, 110),
    "iq4_xs": (256, 136),
    "tq1_0": (256, 54),
    "tq2_0": (256, 66),
    # ik_llama.cpp (row-wise scales of 2–4 bytes left out: under 0.1 % of a row)
    "iq2_k": (256, 76),
    "iq2_ks": (256, 70),
    "iq2_kt": (256, 68),
    "iq3_k": (256, 110),
    "iq3_ks": (256, 102),
    "iq3_kt": (256, 100),
    "iq4_k": (256, 144),
    "iq4_ks": (256, 136),
    "iq4_kss": (256, 128),
    "iq4_kt": (256, 128),
    "iq5_k": (256, 176),
    "iq5_ks": (256, 168),
    "iq6_k": (256, 212),
}

CACHE_TYPES = ("f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")
"""What llama.cpp accepts for `-ctk` and `-ctv`."""

_FALLBACK = {
    "iq1_s": "iq4_nl",
    "iq1_m": "iq4_nl",
    "iq2_xxs": "iq4_nl",
    "iq2_xs": "iq4_nl",
    "iq2_s": "iq4_nl",
    "iq3_xxs": "iq4_nl",
    "iq3_s": "iq4_nl",
    "iq4_xs": "iq4_nl",
    "q2_0": "q4_0",
    "q2_k": "q4_0",
    "q3_k": "q4_0",
    "tq1_0": "q4_0",
    "tq2_0": "q4_0",
    "q4_k": "q5_0",
    "q5_k": "q5_1",
    "q6_k": "q8_0",
    # ik_llama.cpp's own
    "iq2_k": "iq4_nl",
    "iq2_ks": "iq4_nl",
    "iq2_kt": "iq4_nl",
    "iq3_k": "iq4_nl",
    "iq3_ks": "iq4_nl",
    "iq3_kt": "iq4_nl",
    "iq4_k": "q5_0",
    "iq4_ks": "q5_0",
    "iq4_kss": "q5_0",
    "iq4_kt": "q5_0",
    "iq5_k": "q6_0",
    "iq5_ks": "q6_0",
    "iq6_k": "q8_0",
}
BLOCKS["q6_0"] = (32, 26)


def is_quantized(type_id: str) -> bool:
    """Whether the type packs several elements into a block with a scale."""
    return BLOCKS[type_id][0] > 1


def bits_per_weight(type_id: str) -> float:
    """Bits per element of the type's blocks."""
    n_elements, n_bytes = BLOCKS[type_id]
    return 8 * n_bytes / n_elements


def fitting_type(type_id: str, row_len: int) -> str:
    """Return the type, or the one the quantiser falls back to where `row_len` does not divide by its block."""
    if row_len % BLOCKS[type_id][0] == 0:
        return type_id
    fallback = _FALLBACK.get(type_id, type_id)
    return fallback if row_len % BLOCKS[fallback][0] == 0 else "f16"


def tensor_type_bytes(type_id: str, n_elements: int, row_len: int) -> int:
    """Bytes of a tensor of `n_elements` in rows of `row_len`, rows being whole blocks. BadInput on an unknown type."""
    block = BLOCKS.get(type_id)
    if block is None:
        raise BadInput(f"No tensor type '{type_id[:40]}'.", subject=type_id[:40], hint=f"Known: {', '.join(BLOCKS)}.")
    n_rows = n_elements // row_len if row_len else 0
    return n_rows * (-(-row_len // block[0])) * block[1]


@lru_cache(maxsize=8192)
def row_bytes(type_id: str, row_len: int) -> int:
    """Bytes of one row of `row_len` elements, in whole blocks."""
    n_elements, n_bytes = BLOCKS[type_id]
    return -(-row_len // n_elements) * n_bytes


@lru_cache(maxsize=256)
def cache_type(type_id: str) -> str:
    """Name the cache type in lower case; BadInput with the valid ones where llama.cpp has no such cache type."""
    name = type_id.strip().lower()
    if name == "fp16":
        name = "f16"
    if name not in CACHE_TYPES:
        raise BadInput(
            f"No KV cache type '{type_id[:40]}'.", subject=type_id[:40], hint=f"Valid: {', '.join(CACHE_TYPES)}."
        )
    return name


@lru_cache(maxsize=256)
def cache_bytes_per_element(type_id: str) -> float:
    """Bytes one cached element takes (f16 2, q8_0 34/32, q4_0 18/32)."""
    n_elements, n_bytes = BLOCKS[cache_type(type_id)]
    return n_bytes / n_elements
