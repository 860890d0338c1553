"""Reads what people call their graphics cards in a chat: a bare number, a chip's short name, two of a kind.

"3090", "7900xt", "2x3060" and "mi50" say whose card it is and how many there are; that is all that is read here. It
knows no sizes and no speeds, and resolves nothing to a device of the catalogue (question/names.py does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_NVIDIA: Final = (
    r"(?:rtx|gtx)?(?:10[5-8]0|16[0356]0|20[5-8]0|30[5-9]0|40[5-9]0|50[5-9]0)(?:ti|s|super|d|m)?|"
    r"[pv]100|p40|m40|k80|t4|l4|l40s?|a10g?|a40|a100|h100|h200|b200|rtxpro\d000|a[2-6]000|gb10"
)
_AMD: Final = (
    r"(?:rx)?(?:[45][5-9]0|5[5-7]00|6[4-9]00|6[679]50|7[6-9]00|90[67]0)(?:xtx|xt|gre)?|"
    r"mi(?:25|50|60|100|210|250x?|300x?|325x|350x)|(?:680|760|780|880|890)m|80[56]0s"
)
_INTEL: Final = r"a3[18]0|a5[78]0|a7[57]0|b5[78]0|b50|b60"
_CARD: Final = re.compile(rf"(?:(\d)x)?(?:({_NVIDIA})|({_AMD})|({_INTEL}))")
MAKERS: Final = ("nvidia", "amd", "intel")


@lru_cache(maxsize=8192)
def _read(word: str) -> tuple[str, bool] | None:
    """Whose card a folded word names, and whether it says that there are several; None where it names none."""
    match = _CARD.fullmatch(word)
    if match is None:
        return None
    maker = next(maker for maker, named in zip(MAKERS, match.groups()[1:], strict=True) if named)
    return maker, match[1] is not None and match[1] != "1"


def makers(words: Iterable[str]) -> set[str]:
    """Whose cards `words` (folded) name: nvidia, amd, intel."""
    return {found[0] for word in words if not word.isalpha() and (found := _read(word))}


def concepts(words: Iterable[str]) -> list[str]:
    """The concepts of lexicon.py that cards named by `words` (folded) stand for."""
    found: list[str] = []
    for word in words:
        if not word.isalpha() and (card := _read(word)) is not None:
            found.append("@gpu")
            if card[0] != "nvidia":
                found.append(f"@{card[0]}")
            if card[1]:
                found.append("@multigpu")
    return found
