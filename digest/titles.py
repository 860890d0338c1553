"""Names releases as editors write them: the family, its version, and the sizes that came. Pure; text only.

Qwen/Qwen3.6-35B-A3B → "Qwen3.6-35B-A3B"      google/gemma-4-E2B-it, google/gemma-4-31B-it → "Gemma 4 (E2B, 31B)"
glm-ocr (library) → "GLM-OCR"                  medgemma1.5 (library) → "MedGemma 1.5"
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from digest.names import ModelName, read_name
from digest.told import Told

_SIZES_SHOWN: Final = 6
_ROLES: Final = ("-base", "-it", "-instruct", "-hf", "-chat", "-bf16", "-fp8", "-preview-bf16")
_ACRONYMS: Final = frozenset({"glm", "gpt", "ocr", "tts", "asr", "lfm", "lfm2", "vl", "moe", "oss", "exaone"})
_SIZE: Final = re.compile(r"^[ae]?\d+(?:\.\d+)?[bm]$")
_PARTED_SIZE: Final = re.compile(r"(?<=\d[BM]) (?=A\d+(?:\.\d+)?[BM]\b)")
_GEMMA: Final = re.compile(r"^([a-z]+)gemma(\d+(?:\.\d+)?)?$")
_NUMBERED: Final = re.compile(r"^(gemma|nemotron|granite|olmo|hermes|ministral|devstral|magistral)(\d+(?:\.\d+)*)$")
"""Families whose makers write the number apart; `Qwen3` and `LFM2` do not."""

_OWN_CASE: Final = {
    "gpt-oss": "gpt-oss",
    "minimax": "MiniMax",
    "deepseek": "DeepSeek",
    "olmo": "Olmo",
    "minicpm": "MiniCPM",
}


def release_title(group: Sequence[tuple[Told, ModelName]]) -> str:
    """Return the name of a release from its repositories, or from its library listing where it has none."""
    names = [name for _, name in group]
    plain = next((row.title.rpartition("/")[2] for row, name in group if not name.packaged), names[0].family)
    sizes = list(dict.fromkeys(size for name in names for size in name.sizes))
    tiers = list(dict.fromkeys(name.tiers for name in names))
    if len(sizes) <= 1 and len(tiers) <= 1:
        return _cased(_without_role(plain, names[0]))
    words = names[0].family.split()
    base = " ".join(word for word in words if len(tiers) <= 1 or word not in names[0].tiers)
    parts = sizes if len(sizes) > 1 else [" ".join(tier).title() for tier in tiers if tier]
    return _cased(f"{base} ({', '.join(parts[:_SIZES_SHOWN])})")


def library_title(library: Sequence[Told], repacks: Sequence[Told]) -> str:
    """Return the name of a release known from a library only, with its size where most who repacked it agree on one."""
    title = release_title([(row, read_name(row.title)) for row in library])
    sizes = Counter(read_name(row.title).sizes for row in repacks).most_common(1)
    if not sizes or "(" in title or 2 * sizes[0][1] <= len(repacks) or len(sizes[0][0]) != 1:
        return title
    size = sizes[0][0][0]
    return title if size.lower() in title.lower() else f"{title} {size}"


def _without_role(plain: str, name: ModelName) -> str:
    return " ".join([*name.family.split(), *name.sizes]) if plain.lower().endswith(_ROLES) else plain


def _cased(title: str) -> str:
    """Return a name as people write it where its maker's repository has no capitals; others stay as they are."""
    head, bracket, sizes = title.partition(" (")
    if any(char.isupper() for char in head.partition("-")[0].partition(" ")[0]):
        return title
    if head.lower().startswith(("gpt-oss", "gpt oss")):
        return f"gpt-oss{head[7:]}{bracket}{sizes}"
    words = [_cased_word(word) for word in head.replace("-", " ").split()]
    joint = "-" if head.partition("-")[0].lower() in _ACRONYMS else " "
    return _PARTED_SIZE.sub("-", joint.join(words)) + bracket + sizes


def _cased_word(word: str) -> str:
    low = word.lower()
    if low in _ACRONYMS:
        return low.upper()
    if _SIZE.match(low):
        return word.upper()
    if match := _GEMMA.match(low):
        return f"{match[1].capitalize()}Gemma {match[2] or ''}".strip()
    if match := _NUMBERED.match(low):
        return f"{match[1].capitalize()} {match[2]}"
    for start, written in _OWN_CASE.items():
        if low.startswith(start):
            return written + word[len(start) :]
    return word if any(char.isupper() for char in word) else word[:1].upper() + word[1:]
