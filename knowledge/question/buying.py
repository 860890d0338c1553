"""What a question wants to buy: a graphics card, a laptop, a Mac, a mini PC or a whole PC; or nothing.

A thing that is sold and a word of choosing or paying must stand together, in any of the languages people ask in. Which
page or table answers is not said here, and names of devices and models are read elsewhere.
"""

from __future__ import annotations

from typing import Final, Literal

from knowledge import linear
from knowledge.question.text import MAX_READ_CHARS

Goods = Literal["gpu", "laptop", "mac", "mini-pc", "pc"]

# The binding's word borders are ASCII's: scripts without them stand outside.
_MAC: Final = r"\b(?:mac ?mini|mac ?studio|mac ?book(?: ?(?:pro|air))?|imac|macs?)\b|苹果电脑|マック"
_MINI_PC: Final = (
    r"\b(?:mini[ -]?pcs?|mini[ -]?computers?|nuc|dgx ?spark|strix ?halo|home ?servers?"
    r"|(?:small|little|tiny|silent|quiet|always[ -]on) (?:\w+ )?(?:box|server)|mini[ -]?rechner)\b"
    r"|мини[ -]?пк|迷你主机|ミニpc|미니 ?pc"
)
_LAPTOP: Final = (
    r"\b(?:laptops?|notebooks?|portátil(?:es)?|portatil[ei]?|ordinateurs? portables?|pc portables?|laptopa)\b"
    r"|ноутбук|笔记本|ノート(?:pc|パソコン)|노트북"
)
_GPU: Final = (
    r"\b(?:gpus?|graphics? cards?|video cards?|cards?|grafikkarten?|tarjetas? (?:gr[áa]ficas?|de v[ií]deo)"
    r"|placas? (?:de v[ií]deo|gr[áa]ficas?)|cartes? graphiques?|sched[ae] (?:video|grafich?[ae])|videokarten?"
    r"|grafische kaart|videokaart|\d+ ?g(?:b|igs?)? (?:of |de |di |d[oe] )?vram)\b"
    r"|kart\p{L}? graficzn|ekran kart|видеокарт|显卡|顯卡|グラボ|グラフィック(?:ボード|カード)|그래픽 ?카드"
)
_PC: Final = (
    r"\b(?:pcs?|computers?|rigs?|builds?|workstations?|machine|desktops?|setups?|servers?|rechner|computadora|ordenador|computador"
    r"|ordinateur|komputer)\b|компьютер|电脑|主机|パソコン|컴퓨터"
)
_THINGS: Final[tuple[tuple[Goods, str], ...]] = (
    ("mac", _MAC),
    ("mini-pc", _MINI_PC),
    ("laptop", _LAPTOP),
    ("gpu", _GPU),
    ("pc", _PC),
)
"""The narrowest first: a laptop is a PC with a graphics card too."""

_CHOOSING: Final = linear.compile(
    r"\b(?:buy(?:ing)?|purchas\w+|should i (?:get|choose|upgrade|build)|worth (?:it|buying|getting|upgrading|the)"
    r"|upgrade to|recommend\w*|advice|budget|under \$?\d|below \$?\d|for (?:under|less than)|cheap(?:est)?|affordable"
    r"|cost me|(?:would|does|do|should) .{2,30} cost"
    r"|(?:best|which|what) (?:\w+[ -]){0,2}(?:gpu|card|laptop|notebook|mac|macbook|pc|computer|machine|build|rig)s?"
    r"|(?:any )?good (?:enough )?for|good (?:gpu|card|laptop|pc)|kaufen|kaufe|anschaffen|lohnt|empfehl\w+|günstig\w*"
    r"|welche[rsn]? (?:grafikkarte|karte|laptop|rechner|mac)|beste[rsn]?|acheter|choisir|quel(?:le)?s? |conseil\w*"
    r"|meilleure?s?|comprar|comprare|compro|recomiend\w+|recomend\w+|vale (?:la pena|a pena)|mejor(?:es)?|melhor(?:es)?"
    r"|barat[ao]s?|qué (?:tarjeta|gpu|portátil|mac|pc)|qual (?:placa|notebook|mac|pc)|migliore?|quale|consigli\w*"
    r"|conviene|jak[ai]e? kart|najlepsz\w+|polec\w+|kupi\w*|en iyi|kopen|beste?)\b"
    r"|купи|покупа|посовету|лучш|стоит ли|какую видеокарту|jaką kart|satın al|öner"
    r"|买|購入|推荐|推薦|おすすめ|買う|買え|선택|추천|사야|살까"
)

_BUYING: Final = linear.compile(
    r"\b(?:buy(?:ing)?|purchas\w+|should i (?:get|choose|upgrade|wait)|wait(?:ing)? for|upgrade to"
    r"|worth (?:it|buying|getting|upgrading|waiting)"
    r"|kaufen|kaufe|anschaffen|lohnt|acheter|vaut|comprar|comprare|compro|conviene|vale (?:la pena|a pena)"
    r"|kupi\w*|kopen)\b|купи|покупа|стоит ли|брать|satın al|买|購入|買う|買え|買い|사야|살까"
)

_WITHOUT: Final = linear.compile(
    r"\b(?:without|no|ohne|sans|sin|sem|senza|bez|zonder) (?:an? |any |eine? |une |una |uma )?(?:" + _GPU + ")"
    r"|без видеокарты|没有显卡|gpuなし"
)
"""Who says to have no card does not ask for one."""

_MONEY: Final = linear.compile(
    r"[$€£¥₽]\s?\d[\d.,]{1,7}"
    r"|\d[\d.,]{1,6} ?(?:[$€£¥₽]|usd|eur|euros?|dollars?|bucks|pounds|quid|dólares|reais|рублей|руб|zł|元|円|만 ?원)"
    r"|\b(?:under|below|spend(?:ing)?|budget(?: is| of|:)?|max(?:imum)?|up to|ausgeben|budget von) ~?\d{3,5}\b"
    r"|\b(?:under|below|around|about|spend(?:ing)?|budget(?: is| of|:)?|max|up to) ~?\d{1,2}(?:\.\d)?k\b"
    r"|\b\d{3,5} (?:to spend|budget|max|or less)\b"
)


_THOUSANDS: Final = linear.compile(r"(\d{1,2}(?:\.\d)?)k\b")


def buys(text: str) -> bool:
    """Whether a question is about buying, whatever is bought."""
    return _BUYING.search(text[:MAX_READ_CHARS].lower()) is not None


def read_goods(text: str) -> Goods | None:
    """The kind of thing a question wants to buy; None where it is about no purchase."""
    low = text[:MAX_READ_CHARS].lower()
    if _WITHOUT.search(low):
        return None
    thing = next((goods for goods, pattern in _PATTERNS if pattern.search(low)), None)
    if thing is None or not (_CHOOSING.search(low) or _MONEY.search(low)):
        return None
    return thing


def read_budget(text: str) -> float | None:
    """The money a question names, whatever its currency; None where it names none."""
    found = _MONEY.search(text[:MAX_READ_CHARS].lower())
    if found is None:
        return None
    thousands = _THOUSANDS.search(found.group())
    if thousands:
        return float(thousands[1]) * 1000
    digits = "".join(char for char in found.group() if char.isdigit())
    return float(digits) if digits else None


_PATTERNS: Final = tuple((goods, linear.compile(pattern)) for goods, pattern in _THINGS)
