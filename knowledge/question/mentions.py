"""Hardware in a text: devices with their counts and memory, processors, and generic words ("a GPU with 16 GB").

Joins what the name index finds with the amounts around it. An open choice (a 3060 of 8 or 12 GB) is returned as such.
Models, quants and contexts are read elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knowledge import linear
from knowledge.question import counts, cpus
from knowledge.question.amounts import MemorySize, read_memory
from knowledge.question.devices import DeviceClues, memory_fits, of_one_line
from knowledge.question.generic import GenericMention, is_one_machine, mac_choices, read_generic
from knowledge.question.text import Atoms, normalise, squash
from knowledge.question.types import HardwareMention
from knowledge.question.whose_memory import (
    LAPTOP_SAID,
    LAPTOP_WORDS,
    Draft,
    count_by_memory,
    give_memory,
    not_theirs,
    of_the_machine,
    others_with,
    share_memory,
    that_have_it_together,
    unitless,
)

if TYPE_CHECKING:
    from knowledge.question.names import NameIndex, NameMatch

Found = tuple[HardwareMention, tuple[str, ...]]

_LAPTOP_BEFORE = linear.compile(
    r"(?:" + LAPTOP_WORDS + r")s?(?:(?: with| has| mit| having| and|'s| 的| w/| con| com| avec| с| con una| com uma"
    r"| con un)? ?(?:a |an |the |my |its |una |une |uma |un |eine |einer )?)?(?:nvidia |geforce |gpu |rtx )*[:,(]? ?$"
)
_DESKTOP_SAID = linear.compile(r"\bdesktop\b|台式")
_LAPTOP_BEHIND = linear.compile(
    r"^s?(?:,? ?\(?\d{1,3} ?gb?\)?)?[ (-]{0,2}(?:max-?q )?(?:gpu )?"
    r"(?:laptop|mobile|notebook|笔记本|노트북|ノート|ноутбу|portátil|portatile|dizüstü|m\b)"
)
_SUFFIX = linear.compile(r"^(?:[ -]?(?:pcie\d?|sxm\d?|nvl|max[- ]?q|laptop|mobile|notebook)\b)+")
_MAX_Q_BEHIND = linear.compile(r"^[ -]?max[- ]?q\b")
_FORM_BEHIND = linear.compile(r"^(?:[ -]?\d{1,3} ?gb?)?[ -]?(pcie|sxm|nvl|hbm3\b)")
_VERSION_BEHIND = linear.compile(
    r"^[^.;,\n+]{0,16}?\b(refresh|gddr6x|gddr6|gddr5x|ga10[234]|ad10[2346]|tu10[46]|tu116|modded|魔改)"
)
_MODDED_BEFORE = linear.compile(r"(?:modded|chinese|modified|魔改)[^.;,\n]{0,12}$")
_CORES_BEHIND = linear.compile(
    r"^[^.;\n]{0,24}?(?:\b|[+])(\d{1,2})[- ]?(?:cores? |core[- ]|c )?gpus?\b"
    r"|^[^.;\n]{0,14}?\b(\d{1,2})[- ]?(?:core|c)\b"
)
_RATE_BEHIND = linear.compile(r"^[^.;,\n]{0,14}?\b(\d{2,4}) ?gb/?s\b")
_VARIANT_BEHIND = linear.compile(r"^[ -]?(ti super|ti|super|xtx|xt|gre)\b")
_CHIP_BEHIND = linear.compile(r"^[ -]?(pro|max|ultra)\b")
_UNKNOWN_DEVICE = linear.compile(
    r"\b((?:rtx|gtx|rx)[ -]?\d{3,4}(?:[ -]?(?:ti super|ti|super|xtx|xt|gre))?|rtx (?:pro|a)[ -]?\d{4}"
    r"|arc [ab]\d{3}|mi\d{2,3}x)\b"
)
_UNITLESS_VRAM = linear.compile(r"(?:^|[^\d.])(\d{1,3}) (?:of )?v-?ram\b")


@dataclass(frozen=True, slots=True)
class HardwareReading:
    """All hardware of a text, the system memory it states (GiB), and the stretches of text these took."""

    found: tuple[Found, ...]
    ram_gib: float | None
    spans: tuple[tuple[int, int], ...]


def hardware_mentions(text: str, index: NameIndex) -> list[Found]:
    """The hardware named in a short text (in normal form), with open choices."""
    marked = counts.mark(text)
    matches = [match for match in index.scan(Atoms(marked)) if match.entry.kind == "hardware"]
    return list(read_hardware(marked, matches, read_memory(marked), index).found)


def read_hardware(text: str, matches: list[NameMatch], sizes: list[MemorySize], index: NameIndex) -> HardwareReading:
    """Put devices, counts and memory together. `text` has its counts marked and all that is not hardware blanked."""
    drafts = _cpu_drafts(text, matches, index)
    drafts += _device_drafts(text, matches, drafts, index)
    drafts = _without_own_cpus(text, _without_own_parts(text, drafts, index))
    if not drafts and cpus.says_cpu_alone(text):
        drafts.append(Draft(len(text), len(text), "CPU", (), discrete=False))
    drafts += _unknown_drafts(text, drafts)
    drafts += [_generic_draft(mention) for mention in read_generic(text, [(d.start, d.end, d.unified) for d in drafts])]
    drafts.sort(key=lambda draft: draft.start)
    sizes = of_the_machine(text, drafts, sizes)
    left = give_memory(text, drafts, [*sizes, *unitless(text, drafts, sizes, index)])
    share_memory(drafts, left)
    for draft in drafts:
        draft.count = counts.count_around(text, draft.start, draft.end)
        if draft.memory is not None and draft.memory.end <= draft.start and draft.count == 1:
            draft.count = counts.count_around(text, draft.memory.start, draft.memory.end)
        if draft.memory is None and draft.discrete and draft.ids and draft.count == 1:
            left = count_by_memory(text, draft, left, index)
    left = not_theirs(text, drafts, left, index)
    found = [_finish(text, draft, index) for draft in drafts]
    ram = _system_memory(drafts, left, _UNITLESS_VRAM.search(text) is not None)
    found += _nameless_gpus(text, drafts, left, ram is not None)
    spans = tuple((draft.start, draft.end) for draft in drafts if draft.end <= len(text))
    return HardwareReading(tuple(_merged(found)), ram, spans)


def _device_drafts(text: str, matches: list[NameMatch], cpu: list[Draft], index: NameIndex) -> list[Draft]:
    """One draft a device name; a gated word only where nothing clearer stands, and said of a thing ("my spark")."""
    matches = [
        match for match in matches if not _overlaps(match.start, match.end, cpu) and not _is_machine(text, match)
    ]
    clear = [match for match in matches if not match.entry.gated]
    wanted = clear or [match for match in matches if _said_as_thing(text, match.start)]
    drafts = []
    for match in wanted:
        device = index.devices[match.entry.ids[0]]
        draft = Draft(
            match.start, match.end, device.name, match.entry.ids, unified=device.unified_memory or device.kind == "cpu"
        )
        draft.discrete = not draft.unified
        draft.cpu = device.kind == "cpu"
        behind = _CHIP_BEHIND if device.vendor == "Apple" else _VARIANT_BEHIND
        variant = behind.search(text[match.end : match.end + 12]) if device.kind != "cpu" else None
        if variant:
            draft.name = f"{text[match.start : match.end]} {variant.group(1)}"
            draft.end += variant.end()
            draft.extra, draft.ids = match.entry.ids, ()
        else:
            draft.extra = (match.key,)
            suffix = _SUFFIX.search(text[match.end : match.end + 24])
            draft.clues_at = match.end
            draft.end += suffix.end() if suffix else 0
        drafts.append(draft)
    return drafts


def _without_own_parts(text: str, drafts: list[Draft], index: NameIndex) -> list[Draft]:
    """The drafts without the graphics or chip of another: a "Ryzen 7 8845HS with Radeon 780M" is one device."""
    chips = [draft for draft in drafts if draft.ids and index.devices[draft.ids[0]].unified_memory]
    parts = {draft.start: squash(_in_brackets(index.devices[draft.ids[0]].name)) for draft in chips}
    left = []
    for draft in drafts:
        written = squash(text[draft.start : draft.end])
        owners = [chip for chip in chips if chip is not draft and written and written in parts[chip.start]]
        if not owners or draft.ids == owners[0].ids:
            left.append(draft)
    return left


def _without_own_cpus(text: str, drafts: list[Draft]) -> list[Draft]:
    """The drafts without a processor that the graphics of the same chip follow: "Ryzen 7 8745H w/ Radeon 780M"."""
    chips = [draft for draft in drafts if draft.unified and not draft.cpu]
    return [
        draft
        for draft in drafts
        if not draft.cpu or not any(_OWN_GRAPHICS.match(text[draft.end : chip.start]) for chip in chips)
    ]


_OWN_GRAPHICS = linear.compile(r"^ ?(?:w/|with|\(|mit|con|com|avec) ?(?:amd |radeon |intel |integrated )*$")


def _in_brackets(name: str) -> str:
    return normalise(name.partition("(")[2])


def _is_machine(text: str, match: NameMatch) -> bool:
    """Whether the words are a computer's own name: a ThinkStation P620 has no Quadro P620 in it for that."""
    return _MACHINE_BEFORE.search(text[max(0, match.start - 16) : match.start]) is not None


_MACHINE_BEFORE = linear.compile(r"\b(?:lenovo|think ?pad|think ?station|ideapad|elitebook|zbook|latitude|proliant) $")


def _said_as_thing(text: str, start: int) -> bool:
    return _THING_BEFORE.search(text[max(0, start - 20) : start]) is not None


_THING_BEFORE = linear.compile(
    r"(?:^|\b(?:my|a|an|the|on|with|got|have|has|dual|two|\d×|2x|w/|nvidia|amd|apple|steam|使用|用)) ?$"
)


def _overlaps(start: int, end: int, drafts: list[Draft]) -> bool:
    return any(start < other.end and other.start < end for other in drafts)


def _cpu_drafts(text: str, matches: list[NameMatch], index: NameIndex) -> list[Draft]:
    """One draft a processor, but where a longer name of the catalogue stands in the same place."""
    drafts = []
    for mention in cpus.read_cpus(text, index.devices):
        if any(m.start <= mention.start and mention.end < m.end for m in matches):
            continue
        unified = bool(mention.platforms) and index.devices[mention.platforms[0]].unified_memory
        drafts.append(
            Draft(
                mention.start,
                mention.end,
                mention.name,
                mention.platforms[:1],
                unified=unified,
                discrete=False,
                cpu=not unified,
            )
        )
    return drafts


def _unknown_drafts(text: str, taken: list[Draft]) -> list[Draft]:
    """Names like a device's that the catalogue does not have: kept as words, never turned into a neighbour."""
    return [
        Draft(match.start(), match.end(), match.group(1).upper(), ())
        for match in _UNKNOWN_DEVICE.finditer(text)
        if not _overlaps(match.start(), match.end(), taken)
    ]


def _generic_draft(mention: GenericMention) -> Draft:
    return Draft(mention.start, mention.end, mention.name, (), unified=mention.unified, discrete=not mention.unified)


def _finish(text: str, draft: Draft, index: NameIndex) -> Found:
    """Settle which device a draft means, with the choices where that stays open."""
    memory = draft.memory.gib if draft.memory is not None else None
    if not draft.ids:
        return _finish_unnamed(draft, memory, index)
    if not draft.extra:
        return HardwareMention(id=draft.ids[0], name=draft.name, count=draft.count, memory_gib=memory), ()
    clues = clues_around(text, draft.start, draft.clues_at, memory)
    entry = index.device_entry(draft.extra[0])
    ids, certain = index.candidates(entry, clues) if entry is not None else (draft.ids, True)
    if entry is not None and clues.laptop is None and LAPTOP_SAID.search(text) and not _DESKTOP_SAID.search(text):
        mobile = [id_ for id_ in index.candidates(entry, replace(clues, laptop=True))[0] if id_ not in ids]
        ids, certain = (*mobile, *ids), certain and not mobile
    if memory is not None and not certain and index.traits[ids[0]].unified:
        ids = of_one_line(index.traits.values(), ids[0], memory) or ids
    if not clues.version and (together := that_have_it_together(text, draft, ids[0], index)):
        ids, certain, memory = (*together, *ids), False, None
    if others := others_with(draft, index):
        ids, certain = (*others, *ids), False
    device = index.devices[ids[0]]
    mention = HardwareMention(id=ids[0], name=device.name, count=draft.count, memory_gib=memory)
    return mention, () if certain else ids


def _finish_unnamed(draft: Draft, memory: float | None, index: NameIndex) -> Found:
    """A thing without a catalogue name: a Mac is narrowed down by its memory, everything else stays its words."""
    choices = draft.extra
    if draft.name.startswith("Apple "):
        choices = mac_choices(draft.name, memory, index.traits, index.devices)
    id_ = choices[0] if memory is not None and is_one_machine(draft.name, choices, index.devices) else None
    name = index.devices[id_].name if id_ else draft.name
    return HardwareMention(id=id_, name=name, count=draft.count, memory_gib=memory), choices


def clues_around(text: str, start: int, end: int, memory_gib: float | None) -> DeviceClues:
    """What the words around a device name say about which version it is."""
    behind = text[end : end + 28]
    laptop = _LAPTOP_BEHIND.search(behind) or _LAPTOP_BEFORE.search(text[max(0, start - 40) : start])
    form = _FORM_BEHIND.search(behind)
    cores = _CORES_BEHIND.search(behind)
    rate = _RATE_BEHIND.search(behind)
    version = _VERSION_BEHIND.search(behind)
    modded = _MODDED_BEFORE.search(text[max(0, start - 24) : start])
    return DeviceClues(
        version="modded" if modded else version.group(1).replace("魔改", "modded") if version else "",
        memory_gib=memory_gib,
        laptop=True if laptop else None,
        max_q=_MAX_Q_BEHIND.search(behind) is not None,
        form=form.group(1).replace("hbm3", "sxm") if form else "",  # an H100 PCIe has HBM2e
        n_cores=int(cores.group(1) or cores.group(2)) if cores else None,
        bytes_per_s=float(rate.group(1)) * 1e9 if rate else None,
    )


def clues_alone(name: str) -> DeviceClues:
    """The clues in a misspelt name: its memory, and whether it speaks of a laptop."""
    sizes = read_memory(name)
    laptop = "laptop" in name or "mobile" in name
    return DeviceClues(memory_gib=sizes[0].gib if sizes else None, laptop=True if laptop else None)


def _system_memory(drafts: list[Draft], left: list[MemorySize], unitless: bool) -> float | None:
    """The machine's RAM: what is called so; else what a unified device has; else a size left over beside a device."""
    called = [size.gib for size in left if size.role == "ram"]
    if called:
        return called[0]
    for draft in drafts:
        if draft.memory is not None and not draft.discrete:
            return draft.memory.gib
    bare = [size for size in left if size.role == "bare"]
    if (
        bare
        and drafts
        and (any(size.role == "vram" for size in left) or any(not d.discrete or d.memory for d in drafts))
    ):
        return bare[0].gib
    if bare and len(left) > 1 and any(size.role == "vram" for size in left):
        return bare[0].gib
    return bare[0].gib if bare and unitless else None


def _nameless_gpus(text: str, drafts: list[Draft], left: list[MemorySize], ram_known: bool) -> list[Found]:
    """GPUs known only by their memory: "24 GB of VRAM", "my 16GB". None where a discrete device is named."""
    unitless = _UNITLESS_VRAM.search(text)
    sizes = [size for size in left if size.role == "vram"]
    if any(draft.discrete for draft in drafts):
        return []
    if not sizes and unitless:
        return [(HardwareMention(id=None, name="GPU", memory_gib=float(unitless.group(1))), ())]
    if not sizes and not drafts and not ram_known:
        sizes = [size for size in left if size.role == "bare"]
    if not sizes:
        return []
    count = counts.count_around(text, sizes[0].start, sizes[0].end)
    return [(HardwareMention(id=None, name="GPU", count=count, memory_gib=sizes[0].gib), ())]


def _merged(found: list[Found]) -> list[Found]:
    """The same device named twice is one mention: the higher count, the memory that was said."""
    out: list[Found] = []
    for mention, choices in found:
        for place, (old, old_choices) in enumerate(out):
            same = old.id == mention.id and old.name == mention.name
            if same and (old.memory_gib is None or mention.memory_gib is None or old.memory_gib == mention.memory_gib):
                memory = old.memory_gib if old.memory_gib is not None else mention.memory_gib
                out[place] = (
                    replace(old, count=max(old.count, mention.count), memory_gib=memory),
                    old_choices or choices,
                )
                break
        else:
            out.append((mention, choices))
    return out


__all__ = ["HardwareReading", "clues_alone", "clues_around", "hardware_mentions", "memory_fits", "read_hardware"]
