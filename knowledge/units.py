"""Units: the one place where GiB, MiB and decimal gigabytes exist.

Inside the code sizes are `int` bytes and names carry their unit. This module turns people's figures into bytes and back
into text. It does no arithmetic of the estimator.
"""

from __future__ import annotations

import math

KIB = 1024
MIB = 1024**2
GIB = 1024**3
GB = 10**9


def gib_to_bytes(gib: float) -> int:
    """Whole bytes in `gib` gibibytes."""
    return round(gib * GIB)


def mib_to_bytes(mib: float) -> int:
    """Whole bytes in `mib` mebibytes."""
    return round(mib * MIB)


def gib_text(size_bytes: float, digits: int = 1) -> str:
    """`size_bytes` as people read memory sizes: `4.6 GiB`, and MiB below a tenth of one GiB."""
    if abs(size_bytes) < GIB / 10:
        return f"{size_bytes / MIB:.0f} MiB"
    return f"{size_bytes / GIB:.{digits}f} GiB"


def gib_texts(size_bytes: float, other_bytes: float) -> tuple[str, str]:
    """Two sizes that are compared, with as many digits as it takes to tell them apart (three at most)."""
    for digits in (1, 2):
        both = gib_text(size_bytes, digits), gib_text(other_bytes, digits)
        if both[0] != both[1]:
            return both
    return gib_text(size_bytes, 3), gib_text(other_bytes, 3)


def tok_s_text(tok_s: float) -> str:
    """A speed in tokens per second, with no more digits than it deserves."""
    return f"{tok_s:.1f}" if tok_s < 10 else f"{tok_s:.0f}"


def seconds_text(seconds: float) -> str:
    """A duration: `85 ms`, `1.4 s`, `2 min 5 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{math.floor(seconds / 60)} min {seconds % 60:.0f} s"


def tokens_text(n_tokens: int) -> str:
    """A context length: `8k`, `128k`, `1M`, and the plain number where it is not round."""
    if n_tokens >= 1024 * 1024 and n_tokens % (1024 * 1024) == 0:
        return f"{n_tokens // (1024 * 1024)}M"
    if n_tokens >= 1024 and n_tokens % 1024 == 0:
        return f"{n_tokens // 1024}k"
    return f"{n_tokens:,}"
