"""How many of a device a text speaks of: "3x3090", "two 3090s", "8*A10", "dual", "8张4090", "H100 x8".

`mark` rewrites multiplication signs so that names can be cut out cleanly; `count_around` reads the count beside a name.
"""

from __future__ import annotations

import re

from knowledge import linear

_MOST_SAID = 64
_ARTICLE = 2
"""Words no longer than this count only before a name: "3090, a card" is no number."""
_MOST_BARE = 8
"""A bare number before a name counts up to here: "8 h100" is eight cards, "framework 16 7840hs" is one laptop."""

# Bounded repeats only: linear. Python's re is used because RE2 has no look-ahead.
_TIMES_BEFORE = re.compile(r"(?<![\w.])(\d{1,2}) {0,2}[x*×✕] {0,2}(?=[a-z(]|\d{3,4}(?!\d)|\d{1,3} ?g)")
_TIMES_BEHIND = re.compile(
    r"(?<=[a-z0-9)])(?: ?\(x ?| x ?|(?<=[0-9g])[x*×]|(?<=gb)x| ?[×*✕] ?)(\d{1,2})\b"
    r"(?! ?(?:g[bi]{0,2}|gigs?|b)\b|[.]\d)\)?"
)

_NUMBERS = {
    1: "a an one single ein eine einer un une una 单 一 한",
    2: "two dual twin double pair couple both zwei deux dos due dois duas dwa dwie twee iki 2-way "
    "две два двух пара пару обе 双 雙 两 兩 二 두",
    3: "three triple drei trois tres trzy drie tre três üç три 三 세",
    4: "four quad vier quatre cuatro quatro quattro cztery dört четыре 四 네",
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
_HAN = "单一双雙两兩二三四五六七八九十한두세네"
_FILLER = (
    r"(?:\d{1,3} ?gb? |nvidia |amd |geforce |radeon |tesla |intel |instinct |rtx |used |modded |old |new "
    r"|of |the |my |gpus? |cards? |pcs |units |desktop "
    r"|laptop |x |pieces |apple |de |stück |stuks |sztuki |sztuk |adet |шт\.? |штуки |卡)*\(?"
)
_COUNTER = "张|块|个|張|塊|個|枚|台|片|卡|장|개|대|つ"
_SPELT = "две|два|двух|пара|пару|обе|три|четыре|fünf|três|üç|dört"
"""Number words with letters at which the binding sees no word's border."""
_BEFORE = linear.compile(
    rf"(?:(\d{{1,2}}) ?× ?|(?:^|[^\w.+\x01])(\d{{1,2}}) ?(?:{_COUNTER}) ?(?:の|의)? ?"
    r"|(?:^|[^\w.,+$€£\x01-])(\d{1,2}) "
    r"|\b("
    + "|".join(k for k in _WORDS if k.isascii())
    + rf")[ -]|({_SPELT}) |(["
    + _HAN
    + rf"]) ?(?:{_COUNTER}|路)? ?(?:の|의)? ?)"
    + _FILLER
    + r"$"
)
_CARDS = "cards|gpus|karten|grafikkarten|cartes|tarjetas|placas|schede|kaarten|karty|kart|карты"
_FORM = r"(?: ?(?:pcie\d?|sxm\d?|nvl|laptop|mobile))?"
_LINK = "(?:[ ,(]|を|が|는|를|을)*"
_BEHIND = linear.compile(
    r"^s?"
    + _FORM
    + r"(?: ?\(?\d{1,3}(?: ?gb?)?\)?)?"
    + _FORM
    + rf"(?:[ (]*×(\d{{1,2}})|{_LINK}(?:qty|quantity|count|menge|anzahl):? (\d{{1,2}})\b"
    rf"|{_LINK}(\d{{1,2}}) ?(?:(?:{_COUNTER})(?:[^月월]|$)|шт"
    rf"|(?:pcs|pieces|units|of them|stück|stk|stuks|sztuki|sztuk|adet|{_CARDS})\b)"
    r"|[ ,]*("
    + "|".join(k for k in _WORDS if k.isascii() and len(k) > _ARTICLE)
    + rf"|{_SPELT}) (?:of them|stück|stuks|sztuki|sztuk|adet|штуки|шт|(?:{_CARDS})\b)"
    rf"|{_LINK}([{_HAN}]) ?(?:{_COUNTER})(?:[^月월]|$)"
    r"| \(?(dual|pair|sli|duo)\b| ?(双)卡| \(([2-9])\))"
)
_PLURAL_BEHIND = linear.compile(r"^s\b")
_LINES = linear.compile(
    r"(?:^|[^\w])(?:legion|loq|yoga|slim|flex|ideapad|think ?(?:pad|book|station)|nitro|predator|helios|triton|swift"
    r"|aspire|omen|victus|pavilion|envy|spectre|dragonfly|elitebook|probook|zbook"
    r"|surface(?: (?:laptop|pro|book|go|studio))?|laptop|notebook|book|tablet|pad|tab"
    r"|blade|raider|katana|stealth|titan|vector|cyborg|pulse|sword|modern|prestige|creator"
    r"|xps|inspiron|latitude|precision|vostro|alienware|aorus|aero|zephyrus|strix|tuf|flow|scar|vivobook|zenbook"
    r"|expertbook|proart|rog|ally|claw|deck|switch|galaxy|pixel|xperia|oneplus|redmi|phone|gen|generation|mark|mk|version"
    r"|rev|v|series|model|windows|win|ubuntu|debian|fedora|mint|ios|macos|android|cuda|rocm|driver|python|kernel|wifi"
    r"|usb|hdmi|pcie|ddr|tier|level|number|no\.?|nr\.?|#)$"
)
"""What a number right behind belongs to: "legion 5 3070" is a laptop of that name, no five cards."""


def mark(text: str) -> str:
    """`text` with "3x3090" as "3× 3090" and "h100x8" as "h100 ×8": signs no name has."""
    return _TIMES_BEHIND.sub(r" ×\1 ", _TIMES_BEFORE.sub(r"\1× ", text))


def count_around(text: str, start: int, end: int) -> int:
    """How many of the device named at `start`..`end` the text says there are; 1 where it does not say."""
    behind = _BEHIND.search(text[end : end + 36])
    if behind:
        said = next(group for group in behind.groups() if group)
        return max(1, int(said)) if said.isdigit() else _WORDS.get(said, 2)
    before = _BEFORE.search(text[max(0, start - 40) : start])
    if before is None:
        return 1
    for group in (1, 2):
        if before.group(group):
            return max(1, int(before.group(group)))
    if before.group(3):
        value = int(before.group(3))
        several = _PLURAL_BEHIND.search(text[end : end + 2]) is not None or "gpu" in before.group()
        ahead = text[: max(0, start - 40) + before.start(3)].rstrip()
        if not several and _LINES.search(ahead[-24:]):
            return 1
        return value if 1 <= value <= (_MOST_SAID if several else _MOST_BARE) else 1
    return _WORDS.get(before.group(4) or before.group(5) or before.group(6) or "", 1)
