"""What kind of thing a word with a number or a model's name in it is: "70b" is a size, "3090" a card, "Q4_K_M" a quant.

So "why is a 70b only 40 gigs" is like "how is a 13B file only 7 GB". For descriptions of glossary terms alone; it knows
how such words are written, not which of them exist.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_KINDS: Final = (
    ("~params", re.compile(r"[ae]?\d{1,4}(?:\.\d+)?b")),
    ("~bytes", re.compile(r"\d+(?:\.\d+)?(?:[gmt]i?b|g|gigs?)|[gmt]i?b|gigs?|gigabyt|gigabytes?|megabyt")),
    ("~tokens", re.compile(r"\d{1,3}k|1024|2048|4096|8192|16384|32768|65536|131072|[124]m")),
    ("~quant", re.compile(r"i?q\d(?:_\w+)?|\d{1,2}-?bits?|int\d|fp\d{1,2}|ud-\w+")),
    ("~card", re.compile(r"(?:[2-5]0[5-9]0|10[5-8]0|[67][6-9][05]0|90[67]0|[ab][57][0-9]0)(?:ti|xtx?|s)?")),
    ("~part", re.compile(r"\d{5}(?:-of-\d{5})?")),
    ("~family", re.compile(r"(?:llama|qwen|mistral|mixtral|gemma|phi|deepseek|glm|kimi|gpt-oss|granite|yi)-?[\d.]*")),
)  # fmt: skip


@lru_cache(maxsize=16384)
def kind_of(word: str) -> str | None:
    """The kind of `word`, or None for a plain word."""
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(word)), None)
