"""What a word sounds like, so that one written by ear finds the one that was meant ("kwantisation", "infrence").

English spelling only, and crude: vowels are alike, silent letters are gone. Two words that sound alike need not be the
same; how far their letters may differ is the caller's business.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_RULES: Final = (
    *(
        ("tion", "S1n"),
        ("sion", "S1n"),
        ("cial", "S1l"),
        ("cian", "S1n"),
        ("tial", "S1l"),
        ("ture", "C1r"),
        ("ough", "1"),
    ),
    *(("augh", "1"), ("igh", "1"), ("sch", "S"), ("tch", "C"), ("ph", "f"), ("gh", ""), ("sh", "S"), ("ch", "S")),
    *(("ck", "k"), ("qu", "kw"), ("x", "ks"), ("wh", "w"), ("wr", "r"), ("kn", "n"), ("ps", "s"), ("dg", "j")),
)
_TABLE: Final = dict(_RULES)
_GROUPS: Final = re.compile("|".join(written for written, _ in _RULES))
_SOFT_C: Final = re.compile(r"c(?=[eiy])")
_LETTERS: Final = str.maketrans({**dict.fromkeys("aeiouy", "1"), "z": "s", "c": "k", "q": "k", "C": "S", "h": ""})
_VOWELS: Final = re.compile("1+")
_DOUBLED: Final = re.compile(r"([a-zS])\1+")


@lru_cache(maxsize=16384)
def sound_of(word: str) -> str:
    """Give the key of a word of small letters a to z: what sounds alike has the same."""
    key = _SOFT_C.sub("s", _GROUPS.sub(lambda match: _TABLE[match[0]], word)).translate(_LETTERS)
    key = _DOUBLED.sub(r"\1", _VOWELS.sub("1", key))
    return key[:-1] if len(key) > 2 and key[-1] == "1" and word[-1] == "e" else key
