"""Whose memory a size in a text is: the device's beside it, the machine's, or that of several cards together.

Sizes and devices are found elsewhere (`amounts`, `mentions`); no name is resolved here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from knowledge import linear
from knowledge.question.amounts import MemorySize, as_ram

if TYPE_CHECKING:
    from knowledge.question.names import NameIndex

LAPTOP_WORDS = "laptop|notebook|笔记本|portable|portatile|portátil|ноутбук(?:е|ом|а)?|ノート(?:pc|パソコン)|노트북"
LAPTOP_SAID = linear.compile(
    r"\b(?:laptop|notebook|portatile|portátil|portable|legion|loq|yoga|ideapad|think ?(?:pad|book)|nitro|helios|triton"
    r"|swift|victus|elitebook|probook|zbook|blade 1[3-8]|raider|katana|cyborg|zephyrus|vivobook|zenbook|expertbook"
    r"|aero 1[4-7]|surface (?:laptop|book)|omen 1[3-7]|alienware [mx]1[3-8]|dell g1?[3-7]|latitude)s?\b"
    r"|笔记本|ноутбук|ノート(?:pc|パソコン)|노트북"
)
_LINK = (
    r"(?:with |mit |avec |con |con |de |von |w/ ?|and |has |having |each |of |a |an |的|×\d{1,2} ?|nvidia |amd "
    r"|rtx |geforce |version |edition |rev |modded |gpus? |cards? |laptop |mobile |desktop |super |non-super "
    r"|blackwell |max-?q |total |in total |combined |unified |ryzen |apple |\d{3} )*"
)
_GAP_BEHIND = linear.compile(r"^(?:s\b)?[ (\[,:/@+-]{0,3}" + _LINK + r"[ (\[~]{0,2}$")
_GAP_BEFORE = linear.compile(
    r"^[ )/-]{0,2}(?:of )?(?:v?ram |vram |ddr\d |unified |unified memory |unified ram "
    r"|gddr\d?x? )?(?:nvidia |amd |intel |apple |rtx |geforce |radeon |tesla |gpu |my |used |× ?|的)*$"
)
_JOINED = linear.compile(r"[+&,]|\b(?:and|with|mit|und|con|avec|et|com|e|y|w/)\b|и")
_VARIANTS = ("ti", "super", "tisuper", "xt", "xtx")
_MOST_MODDED = 2.1
"""Times the memory it is sold with that a rebuilt card has at most."""


@dataclass(slots=True)
class Draft:
    """A mention of hardware while it is put together."""

    start: int
    end: int
    name: str
    ids: tuple[str, ...]
    open: bool = False
    unified: bool = False
    discrete: bool = True
    cpu: bool = False
    memory: MemorySize | None = None
    count: int = 1
    clues_at: int = 0
    extra: tuple[str, ...] = field(default=())


_UNITLESS = linear.compile(
    r"^s?(?: mac ?(?:mini|studio))?[ ,(/-]{1,2}(\d{1,4})\b(?: ?/ ?(?:128|256|512|1024|[124] ?tb)\b)?"
)
"""A number behind a device, perhaps with the disk's size behind it: "m4 16/256"."""
_NEXT_CHARS = 24
_OF_ELSE = linear.compile(
    r"^(?:[.,]\d|[/:x×*%°€$-]| ?(?:b|k|m|x|w|h|g|gb|gib|gigs?|go|tb|гб|bits?|bpw|cores?|core[- ]|c|gpus?|cards?"
    r"|threads?|layers?|tok\w*|t/s|tps|users?|people|requests?|concurrent|parallel|watts?|hours?|min|minutes?|seconds?|s|fps|mhz"
    r"|ghz|nm|inch|years?|months?|days?|times?|models?|experts?|series|euros?|eur|usd|dollars?|bucks|percent|billion"
    r"|张|块|个|台|枚|장|개|대|[×x] ?\d{1,3} ?(?:g|t))(?:\b|[^a-z0-9]))"
)


def unitless(text: str, drafts: list[Draft], sizes: list[MemorySize], index: NameIndex) -> list[MemorySize]:
    """Bare numbers right behind a device that are a memory it is sold with: "m4 pro 48", "4060 ti 16"."""
    found = []
    for draft in drafts:
        said = _UNITLESS.search(text[draft.end : draft.end + 28])
        if said is None or any(0 <= size.start - draft.end <= _NEXT_CHARS for size in sizes):
            continue
        gib, end = float(said[1]), draft.end + said.end()
        if _OF_ELSE.search(text[end : end + 14]) is None and _is_one_of(gib, _versions(draft, index)):
            found.append(MemorySize(gib, draft.end + said.start(1), end, "bare"))
    return found


_MACHINE: Final = (
    r"(?:laptops?|notebooks?|think ?pad(?: \w{2,4})?|chromebook|surface(?: \w{2,4}){0,2}|ultrabook|pcs?|computers?"
    r"|desktops?|servers?|workstations?|machine"
    r"|nuc|mini[ -]?pc|nas|poweredge(?: \w{2,5})?|proliant(?: \w{2,6}){0,2}|optiplex(?: \w{2,5})?"
    r"|elitedesk|xeon|epyc"
    r"|ordinateurs?|portable|portátil|portatile|ordenador|computadora|computador|rechner|komputer(?:ze)?"
    r"|laptopie|laptopa|bilgisayar\w*|ноутбук\p{L}*|компьютер\p{L}*|сервер\p{L}*|пк|电脑|主机|笔记本|服务器|パソコン|サーバー?|ノートpc|컴퓨터|노트북|서버)"
)
_MACHINE_BEFORE: Final = linear.compile(
    _MACHINE
    + r"(?:,? ?(?:with|has|having|got|mit|hat|avec|con|com|z|ze|met|c|с|w/|and|only|just|nur|的|で|に))*[ ,(:-]*$"
)
_MACHINE_BEHIND: Final = linear.compile(r"^ ?(?:的|の)?[ -]?(?:old |work |gaming |office )?" + _MACHINE)


def of_the_machine(text: str, drafts: list[Draft], sizes: list[MemorySize]) -> list[MemorySize]:
    """The sizes, those of a computer without a card named as its RAM: "a ThinkPad with 16gb", "my 32gb pc"."""
    if any(draft.discrete and not draft.cpu for draft in drafts) or any(size.role in {"ram", "vram"} for size in sizes):
        return sizes
    return [replace(size, role="ram") if size.role == "bare" and _is_machines(text, size) else size for size in sizes]


def _is_machines(text: str, size: MemorySize) -> bool:
    before = text[max(0, size.start - 48) : size.start]
    return (
        _MACHINE_BEFORE.search(before) is not None or _MACHINE_BEHIND.search(text[size.end : size.end + 24]) is not None
    )


def give_memory(text: str, drafts: list[Draft], sizes: list[MemorySize]) -> list[MemorySize]:
    """Give each size that stands beside a device to it; returns the sizes left over."""
    left = []
    for size in sizes:
        owner = None if size.role == "not" else _owner(text, drafts, size)
        if owner is not None:
            owner.memory = size
        else:
            left.append(size)
    return left


def share_memory(drafts: list[Draft], left: list[MemorySize]) -> None:
    """A single device that shares the machine's memory has the RAM that is stated anywhere in the text."""
    sharing = [draft for draft in drafts if draft.unified and draft.memory is None]
    ram = [size for size in left if size.role == "ram"]
    if not ram and not any(draft.discrete for draft in drafts):
        ram = [size for size in left if size.role == "bare"]
    if len(sharing) == 1 and ram:
        sharing[0].memory = ram[0]


def _owner(text: str, drafts: list[Draft], size: MemorySize) -> Draft | None:
    """The device a size belongs to: the one right before it, else the one right behind it."""
    open_drafts = [draft for draft in drafts if draft.memory is None and not _unlike(draft, size)]
    for draft in open_drafts:
        if draft.end <= size.start and _GAP_BEHIND.search(text[draft.end : size.start]):
            return draft
    for draft in open_drafts:
        if size.end <= draft.start and _GAP_BEFORE.search(text[size.end : draft.start]):
            return draft
    return None


def count_by_memory(text: str, draft: Draft, left: list[MemorySize], index: NameIndex) -> list[MemorySize]:
    """`left` without the memory of each of several cards, which the card then has, and so many: "3090 2x 24gb".

    Only where the card is sold with so much: "4090 2x 32gb" names two modules of RAM.
    """
    for size in left:
        said = _TIMES_BETWEEN.search(text[draft.end : size.start]) if size.start > draft.end else None
        if said is not None and size.role in {"bare", "vram"} and _sold_with(draft, size, index):
            draft.count, draft.memory = int(said[1]), size
            return [one for one in left if one is not size]
    return left


_TIMES_BETWEEN: Final = linear.compile(r"^s?[ ,(]{1,2}([2-9]|1[0-6])× ?$")


def not_theirs(text: str, drafts: list[Draft], left: list[MemorySize], index: NameIndex) -> list[MemorySize]:
    """`left` with the sizes beside or behind cards that no version of them has: those are the machine's RAM.

    A card with its memory doubled exists ("4090 48gb"); "4090 + 64gb" and "4090 64gb" name none. What several cards
    have together is divided among them ("2x3090 48gb").
    """
    cards = [draft for draft in drafts if draft.discrete and draft.ids]
    if not cards or any(size.role == "ram" for size in left):
        return left
    for draft in cards:
        left = _with_what_is_not(draft, text, left, index)
    if len(cards) == len(drafts) and not any(size.role in {"ram", "vram"} for size in left):
        bare = [size for size in left if size.role == "bare" and not any(_sold_with(d, size, index) for d in cards)]
        left = [as_ram(text, size) if len(bare) == 1 and size is bare[0] else size for size in left]
    return left


def _with_what_is_not(draft: Draft, text: str, left: list[MemorySize], index: NameIndex) -> list[MemorySize]:
    """`left` and the size that stands behind a card and cannot be its memory, which the card then loses."""
    size, options = draft.memory, _versions(draft, index)
    if size is None or size.start < draft.end or not options or _is_one_of(size.gib, options):
        return left
    if _is_one_of(size.gib / draft.count, options):
        draft.memory = replace(size, gib=size.gib / draft.count)
        return left
    between = text[draft.end : size.start]
    joined = _JOINED.search(between) is not None or LAPTOP_SAID.search(text[draft.start : size.start]) is not None
    if size.role == "vram" or not (joined or size.gib > _MOST_MODDED * max(options)):
        return left
    draft.memory = None
    return [*left, as_ram(text, size)]


def others_with(draft: Draft, index: NameIndex) -> tuple[str, ...]:
    """Devices of nearly the same name that were sold with the memory said, where this one is not ("4060 16gb")."""
    if draft.memory is None or not draft.extra or _is_one_of(draft.memory.gib, _versions(draft, index)):
        return ()
    entries = (index.device_entry(draft.extra[0] + variant) for variant in _VARIANTS)
    members = [id_ for entry in entries if entry is not None for id_ in index.every_version(entry)]
    fit = [id_ for id_ in members if index.devices[id_].launch_price_usd and not index.traits[id_].laptop]
    return tuple(id_ for id_ in fit if _is_one_of(draft.memory.gib, index.traits[id_].memory_gib))


def that_have_it_together(text: str, draft: Draft, id_: str, index: NameIndex) -> tuple[str, ...]:
    """The usual cards that several have the memory said between them, where a rare one has it alone ("2x 4090 48gb").

    None where the words settle it: "each", "modded", "2x 48gb 4090", "4090 48gb x2"; in Chinese, where modded cards are
    at home, a size right behind the name is one card's.
    """
    size, rare = draft.memory, index.traits[id_]
    if size is None or draft.count < 2 or not rare.rare or size.end <= draft.start:
        return ()
    right_behind = not text[draft.end : size.start].strip(" ,(")
    if _EACH.search(text[size.end : size.end + 16]) or (right_behind and _CHINESE.search(text)):
        return ()
    entry = index.device_entry(draft.extra[0]) if draft.extra else None
    members = index.every_version(entry) if entry is not None else ()
    usual = [index.traits[member] for member in members if not index.traits[member].rare]
    share = size.gib / draft.count
    return tuple(one.id for one in usual if one.laptop == rare.laptop and _is_one_of(share, one.memory_gib))


_CHINESE: Final = linear.compile(r"\p{Han}")
_EACH: Final = linear.compile(
    r"^ ?(?:v?ram |gddr\dx? )?(?:\(?each|apiece|a piece|per (?:card|gpu)|(?:a|/) ?(?:card|gpu)|je\b|pro karte|chacune?"
    r"|cada|每|各|[ (]*×\d)"
)


def _versions(draft: Draft, index: NameIndex) -> tuple[float, ...]:
    """The sizes of memory that a device of this name is sold with, in GiB."""
    entry = index.device_entry(draft.extra[0]) if draft.extra else None
    ids = index.every_version(entry) if entry is not None else draft.ids
    return tuple(option for id_ in ids for option in index.traits[id_].memory_gib)


def _sold_with(draft: Draft, size: MemorySize, index: NameIndex) -> bool:
    """Whether the device, or all of them together, may have that much memory."""
    options = _versions(draft, index)
    return not options or _is_one_of(size.gib, options) or _is_one_of(size.gib / draft.count, options)


def _is_one_of(gib: float, options: tuple[float, ...]) -> bool:
    return any(abs(option - gib) <= max(0.5, 0.02 * option) for option in options)


def _unlike(draft: Draft, size: MemorySize) -> bool:
    """Whether a size cannot be that device's: RAM is no graphics card's, VRAM no processor's."""
    return (size.role == "ram" and draft.discrete) or (size.role == "vram" and draft.cpu)
