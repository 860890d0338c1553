"""How many of a device a text speaks of: "3x3090", "two 3090s", "8*A10", "dual", "8张4090", "H100 x8".

`mark` rewrites multiplication signs so that names can be cut out cleanly; `count_around` reads the count beside a name.
"""

from __future__ import annotations

import re

from knowledge import linear

_MOST_SAID = 64
_MOST_BARE = 8
"""A bare number before a name counts up to here: "8 h100" is eight cards, "framework 16 7840hs" is one laptop."""

# Bounded repeats only: linear. Python's re is used because RE2 has no look-ahead.
_TIMES_BEFORE = re.compile(r"(?<![\w.])(\d{1,2}) {0,2}[x*×✕] {0,2}(?=[a-z(]|\d{3,4}(?!\d)|\d{1,3} ?g)")
_TIMES_BEHIND = re.compile(
    r"(?<=[a-z0-9)])(?: ?\(x ?| x ?|(?<=[0-9g])[x*×]|(?<=gb)x| ?[×*✕] ?)(\d{1,2})\b(?! ?[gb]|[\d.])\)?"
)

_NUMBERS = {
    1: "a an one single ein eine einer un une una 单 一",
    2: "two dual twin double pair couple zwei deux dos due dois две два двух 双 雙 两 兩 二",
    3: "three triple drei trois tres три 三",
    4: "four quad vier quatre cuatro четыре 四",
    5: "five fünf cinq cinco 五",
    6: "six sechs seis 六",
    7: "seven 七",
    8: "eight octa acht huit ocho 八",
    9: "nine 九",
    10: "ten zehn 十",
    12: "twelve",
    16: "sixteen",
}
_WORDS = {word: number for number, words in _NUMBERS.items() for word in words.split()}
_HAN = "单一双雙两兩二三四五六七八九十"
_FILLER = (
    r"(?:\d{1,3} ?gb? |nvidia |amd |geforce |radeon |tesla |intel |instinct |rtx |used |modded |old |new "
    r"|of |the |my |gpus? |cards? |pcs |units |desktop "
    r"|laptop |x |pieces |apple |de |卡)*\(?"
)
_BEFORE = linear.compile(
    r"(?:(\d{1,2}) ?× ?|(?:^|[^\w.+\x01])(\d{1,2}) ?(?:张|块|个|張|塊|枚|台|片|卡) ?|(?:^|[^\w.,+$€£\x01-])(\d{1,2}) "
    r"|\b("
    + "|".join(k for k in _WORDS if k.isascii())
    + r")[ -]|(две|два|двух|три|четыре|fünf) |(["
    + _HAN
    + r"]) ?(?:张|块|个|張|塊|枚|台|片|卡|路)? ?)"
    + _FILLER
    + r"$"
)
_FORM = r"(?: ?(?:pcie\d?|sxm\d?|nvl|laptop|mobile))?"
_BEHIND = linear.compile(r"^s?" + _FORM + r"(?: ?\(?\d{1,3} ?gb?\)?)?" + _FORM + r"[ (]*×(\d{1,2})")
_PLURAL_BEHIND = linear.compile(r"^s\b")


def mark(text: str) -> str:
    """`text` with "3x3090" as "3× 3090" and "h100x8" as "h100 ×8": signs no name has."""
    return _TIMES_BEHIND.sub(r" ×\1 ", _TIMES_BEFORE.sub(r"\1× ", text))


def count_around(text: str, start: int, end: int) -> int:
    """How many of the device named at `start`..`end` the text says there are; 1 where it does not say."""
    behind = _BEHIND.search(text[end : end + 28])
    if behind:
        return max(1, int(behind.group(1)))
    before = _BEFORE.search(text[max(0, start - 40) : start])
    if before is None:
        return 1
    for group in (1, 2):
        if before.group(group):
            return max(1, int(before.group(group)))
    if before.group(3):
        value = int(before.group(3))
        several = _PLURAL_BEHIND.search(text[end : end + 2]) is not None or "gpu" in before.group()
        return value if 1 <= value <= (_MOST_SAID if several else _MOST_BARE) else 1
    return _WORDS.get(before.group(4) or before.group(5) or before.group(6) or "", 1)
