"""The name index: what people write for models, devices and quants, resolved to catalogue ids.

`NameIndex` is built once per content version and never changes. `resolve` takes a name alone, `scan` finds names in
running text, `nearest` is for "did you mean", `complete` for autocomplete. It guesses nothing silently: where a name
could be two things the answer says so. It reads no amounts and no intents (`parse` does).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ahocorasick
from rapidfuzz import fuzz, process

from knowledge.catalog import Alias, Device, Model, QuantType
from knowledge.errors import BadInput, UnknownName
from knowledge.question import device_names, index_parts, spans, spelling
from knowledge.question.completion import Completer
from knowledge.question.device_names import DeviceTraits
from knowledge.question.devices import DeviceClues, choose
from knowledge.question.index_parts import NameEntry
from knowledge.question.mentions import clues_alone, hardware_mentions
from knowledge.question.quants import canonical_quant, read_quant
from knowledge.question.slugs import spread
from knowledge.question.tails import other_version, other_words
from knowledge.question.text import MAX_NAME_CHARS, Atoms, atoms_of, normalise, squash
from knowledge.question.types import HardwareMention, Resolution

Kind = Literal["model", "hardware", "quant"]

_A_FAMILY = 2
"""A name of more models than this is a family worth putting a misspelt word right for."""

_SIZED = re.compile(r"\d[bmt]")

FUZZY_ASK = 74.0
FUZZY_SURE = 91.0
"""Similarity (0..100) from which a misspelt name is offered, and from which it is taken when its numbers agree."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name found in a text: what it means, where it stands (offsets), and its first and last atom."""

    entry: NameEntry
    key: str
    start: int
    end: int
    first: int
    last: int


class NameIndex:
    """Names of one content version. Build with `build`; all methods are pure."""

    __slots__ = (
        "_automaton",
        "_completer",
        "_device_words",
        "_exact",
        "_groups",
        "_models_by_key",
        "_names",
        "_own",
        "_publishers",
        "_quants",
        "devices",
        "families",
        "models",
        "quants",
        "traits",
    )

    def __init__(
        self,
        models: Mapping[str, Model],
        devices: Mapping[str, Device],
        quants: Mapping[str, QuantType],
        aliases: Iterable[Alias],
    ) -> None:
        self.models = models
        self.quants = quants
        self.devices = devices
        known = tuple(aliases)
        self._models_by_key = index_parts.model_table(models, known)
        device_keys, self._groups, self._exact = index_parts.device_tables(devices, known)
        self._own = _own_names(devices)
        self._device_words = frozenset(word for device in devices.values() for word in device_names.words_of(device))
        self._publishers = index_parts.publishers(models)
        self._quants = index_parts.quant_table(quants, known)
        self.traits = {member.id: member for members in self._groups.values() for member in members}
        self._names: dict[str, dict[str, NameEntry]] = {"model": self._models_by_key, "hardware": device_keys}
        self._automaton: Any = ahocorasick.Automaton()
        merged = {**device_keys, **self._models_by_key}
        for key, entry in merged.items():
            if not spans.unfit_for_scanning(key, entry):
                self._automaton.add_word(key, (key, entry))
        if merged:
            self._automaton.make_automaton()
        self.families = spelling.families(
            key
            for key, entry in self._models_by_key.items()
            if not entry.gated and key not in index_parts.BANNED_KEYS and (entry.rivals or len(entry.ids) > _A_FAMILY)
        )
        self._completer = Completer.build(models, devices, quants, known)

    @classmethod
    def build(
        cls,
        models: Mapping[str, Model],
        devices: Mapping[str, Device],
        quants: Mapping[str, QuantType],
        aliases: Iterable[Alias],
    ) -> NameIndex:
        """Make the index (about a quarter of a second for 1,600 models and 900 devices)."""
        return cls(models, devices, quants, aliases)

    # ---- names alone

    def resolve(self, kind: Kind, text: str) -> Resolution:
        """Candidates for a name, best first; no ids where nothing comes near. Raises BadInput for absurd lengths."""
        name = _checked(text)
        if kind == "quant":
            return self._resolve_quant(name)
        known: Mapping[str, object] = self.models if kind == "model" else self.devices
        if name in known:
            return Resolution(ids=(name,), score=1.0, certain=True)
        return self._resolve_model(name) if kind == "model" else self._resolve_hardware(self._spelled(name))

    def _resolve_quant(self, name: str) -> Resolution:
        key = squash(name)
        read = read_quant(name)
        if read is not None and read.endswith("bpw"):
            return self._nearest_bpw(float(read.removesuffix("bpw")), name)
        if key in self._quants:
            return Resolution(ids=(self._quants[key],), score=1.0, certain=True)
        for candidate in (squash(normalise(read)), squash(normalise(canonical_quant(read)))) if read else ():
            if candidate in self._quants:
                return Resolution(ids=(self._quants[candidate],), score=0.95, certain=True)
        return self._fuzzy(key, self._quants, lambda found: (self._quants[found],))

    def _nearest_bpw(self, bpw: float, name: str) -> Resolution:
        """The catalogue's EXL type nearest to that many bits a weight; sure where it is that very one."""
        kind = "exl3" if "exl3" in name else "exl2" if "exl2" in name else "exl"
        types = [quant for quant in self.quants.values() if quant.id.startswith(kind)]
        ordered = sorted(types, key=lambda quant: (abs(_bits_in(quant.id) - bpw), quant.id))
        if not ordered:
            return Resolution(ids=(), score=0.0, certain=False)
        sure = abs(_bits_in(ordered[0].id) - bpw) < 0.01
        return Resolution(ids=tuple(quant.id for quant in ordered[:2]), score=1.0 if sure else 0.7, certain=sure)

    def _resolve_model(self, name: str) -> Resolution:
        key = squash(name)
        entry = self._models_by_key.get(key) or self._models_by_key.get(squash(name.rpartition("/")[2]))
        if entry is not None:
            return Resolution(
                ids=(*entry.ids[:1], *entry.rivals) if not entry.series else entry.ids,
                score=1.0,
                certain=not entry.series and not entry.rivals,
                also=entry.ids[1:],
            )
        found = [match for match in self.scan(Atoms(name)) if match.entry.kind == "model"]
        best = max(found, key=lambda match: (not match.entry.series, match.end - match.start), default=None)
        if best is None or (best.entry.series and best.first):
            return self._fuzzy(key, self._models_by_key, lambda near: self._models_by_key[near].ids[:1])
        return self._model_in(name, key, best)

    def _model_in(self, name: str, key: str, match: NameMatch) -> Resolution:
        """What a name means that has more words than the catalogue's: a file, a misspelling, a tuning."""
        entry, whole = match.entry, name.replace(" ", "-")
        certain = not entry.series and not spans.contradicts(self.models[entry.ids[0]], match.key, name[match.end :])
        ids = entry.ids if entry.series else entry.ids[:1]
        if self._says_more(whole, match):
            near = self._fuzzy(key, self._models_by_key, lambda other: self._models_by_key[other].ids[:1])
            if near.certain and near.ids[0] not in ids:
                return near
            sized = _SIZED.search(name, match.start, match.end) is not None
            strange = not sized and self._says_more(name, match)
            if strange or other_version(whole, match.end, self.models, entry.ids):
                certain, ids = False, tuple(dict.fromkeys((*ids[:1], *near.ids)))[:5]
        return Resolution(ids=ids, score=0.9 if certain else 0.6, certain=certain, also=entry.ids[1:])

    def _says_more(self, name: str, match: NameMatch) -> bool:
        """Whether words stand around a name that are neither a publisher's nor a file's: then it may be another model.

        With its size in the name it is a tuning of that model, laid out alike.
        """
        before = name[: match.start].rpartition("/")[2].rpartition("_")[2].rpartition(" ")[2]
        strange = any(len(word) > 2 and word not in self._publishers for word in atoms_of(before))
        return strange or bool(other_words(name, match.end, self.models, match.entry.ids))

    def _resolve_hardware(self, name: str) -> Resolution:
        mentions = hardware_mentions(name, self)
        own = self._own_name(name, mentions)
        if own is not None:
            return Resolution(ids=(own,), score=1.0, certain=True)
        for mention, choices in mentions:
            if mention.id is not None:
                exact = self._exact.get(squash(name))
                ids = choices or (mention.id,)
                if exact is not None and exact in ids:
                    ids = (exact, *(other for other in ids if other != exact))
                return Resolution(ids=ids, score=1.0, certain=not choices)
            if choices:
                return Resolution(ids=choices, score=0.8, certain=False)
        exact = self._exact.get(squash(name))
        if exact is not None:
            return Resolution(ids=(exact,), score=1.0, certain=True)
        table = self._names["hardware"]
        return self._fuzzy(squash(name), table, lambda near: self.candidates(table[near], clues_alone(name))[0])

    def _spelled(self, name: str) -> str:
        """A device's name as it would be written with care."""
        return spelling.device_words_right(spread(name), self._device_words)

    def _own_name(self, name: str, mentions: Sequence[tuple[HardwareMention, Sequence[str]]]) -> str | None:
        """The device whose very name this is, where the readers made something else of it ("RX 580 2048SP", "A2")."""
        own = self._own.get(squash(name))
        sure = mentions[0][0].id if len(mentions) == 1 and not mentions[0][1] else None
        return None if own == sure else own

    def _fuzzy(self, key: str, table: Mapping[str, Any], ids_of: Callable[[str], tuple[str, ...]]) -> Resolution:
        """Misspelt names. Sure only where the numbers agree: "3065" must never silently become "3060"."""
        near = process.extract(key, table.keys(), scorer=fuzz.ratio, limit=8, score_cutoff=FUZZY_ASK)
        ids: list[str] = []
        for found, _score, _ in near:
            ids += [id_ for id_ in ids_of(found) if id_ not in ids]
        if not near:
            return Resolution(ids=(), score=0.0, certain=False)
        best, score, _ = near[0]
        sure = score >= FUZZY_SURE and spans.numbers(best) == spans.numbers(key) and len(ids_of(best)) == 1
        return Resolution(ids=tuple(ids[:1] if sure else ids[:5]), score=score / 100, certain=sure)

    def nearest(self, kind: Kind, text: str, n: int = 3) -> tuple[str, ...]:
        """The `n` catalogue names most like `text`, as they are written, likeliest first."""
        return self._completer.nearest(kind, normalise(text[:MAX_NAME_CHARS]), n)

    def complete(self, kind: Kind, typed: str, limit: int = 25) -> tuple[tuple[str, str], ...]:
        """(id, label) pairs whose names have the typed words, popular ones first; with nothing typed, all are meant."""
        return self._completer.complete(kind, typed, limit)

    def hardware(self, text: str) -> HardwareMention:
        """One device as a person names it, with memory and count; an open choice has no id.

        Raises UnknownName, or BadInput where the text names several: none of them is dropped in silence.
        """
        name = self._spelled(_checked(text))
        found = hardware_mentions(name, self)
        own = self._own_name(name, found)
        if own is not None:
            return HardwareMention(id=own, name=self.devices[own].name)
        if len({mention.name for mention, _ in found}) > 1:
            hint = "Give each its own place in the list."
            raise BadInput(f"'{text[:80]}' names several devices.", subject="hardware", hint=hint)
        if found:
            mention, choices = found[0]
            return (
                mention
                if not choices
                else HardwareMention(id=None, name=mention.name, count=mention.count, memory_gib=mention.memory_gib)
            )
        resolution = self.resolve("hardware", text)
        if resolution.certain:
            return HardwareMention(id=resolution.ids[0], name=self.devices[resolution.ids[0]].name)
        raise UnknownName("hardware", text, choices=self.nearest("hardware", text))

    def is_own_name(self, text: str) -> bool:
        """Whether a text is a device's whole name which the readers of running text would take for something else."""
        name = self._spelled(_checked(text))
        return self._own_name(name, hardware_mentions(name, self)) is not None

    def hardware_list(self, text: str) -> tuple[HardwareMention, ...]:
        """All devices named in a text ("2x3090 + 3060 12GB"); empty where none is."""
        name = self._spelled(_checked(text))
        found = hardware_mentions(name, self)
        own = self._own_name(name, found)
        if own is not None:
            return (HardwareMention(id=own, name=self.devices[own].name),)
        return tuple(mention for mention, _ in found)

    def quant(self, text: str) -> str:
        """The file type or format a name means, as the field writes it (`Q4_K_M`). Raises UnknownName."""
        name = _checked(text)
        if squash(name) in self._quants:
            return self._quants[squash(name)]
        read = read_quant(name)
        if read is not None:
            return canonical_quant(read)
        found = self._resolve_quant(name)
        if not found.certain:
            raise UnknownName("quant", text, choices=self.nearest("quant", text))
        return found.ids[0]

    # ---- names in text

    def candidates(self, entry: NameEntry, clues: DeviceClues) -> tuple[tuple[str, ...], bool]:
        """The devices an entry can mean under `clues`, likeliest first, and whether there is no question left."""
        members = self._members(entry)
        left, certain = choose(members, clues)
        ids = tuple(member.id for member in left)
        return ids, certain

    def _members(self, entry: NameEntry) -> tuple[DeviceTraits, ...]:
        """The group of an entry, its own ids first."""
        own = [self.traits[id_] for id_ in entry.ids if id_ in self.traits]
        if own and all(member.rare for member in own):
            return tuple(own)  # "modded 4090" names the rare version itself
        rest = [member for member in self._groups.get(entry.group, ()) if member.id not in entry.ids]
        return (*own, *rest)

    def every_version(self, entry: NameEntry) -> tuple[str, ...]:
        """All devices that go by an entry's name, whatever else a text says."""
        return tuple(member.id for member in self._members(entry))

    def device_entry(self, key: str) -> NameEntry | None:
        """What a key means among devices, if anything."""
        return self._names["hardware"].get(key)

    def model_entry(self, key: str) -> NameEntry | None:
        """What a key means among models, if anything."""
        return self._models_by_key.get(key)

    def scan(self, atoms: Atoms) -> list[NameMatch]:
        """The names in a text, in order, without overlaps: the longest name wins, an ungated one before a gated one."""
        found: list[NameMatch] = []
        if not atoms.key or not len(self._automaton):
            return found
        for end, (key, entry) in self._automaton.iter(atoms.key):
            last = atoms.ends.get(end + 1)
            first = atoms.starts.get(end + 1 - len(key))
            if last is None or first is None or not spans.stands_alone(atoms, first, last, entry):
                continue
            found.append(NameMatch(entry, key, atoms.spans[first][0], atoms.spans[last][1], first, last))
        return spans.without_overlaps(found, atoms.text)


def _own_names(devices: Mapping[str, Device]) -> dict[str, str]:
    """Keys of whole names, but those that another device has with more memory behind ("RTX A2000 Max-Q … 8 GB")."""
    in_sizes = {_without_size(device.name) for device in devices.values() if device.name.endswith(" GB")}
    named = [device for device in devices.values() if device.name not in in_sizes]
    short = [(squash(device_names.without_series(device.name)), device.id) for device in named]
    times = Counter(key for key, _ in short)
    own = {key: id_ for key, id_ in short if times[key] == 1 and not key.isdigit() and not device_names.is_mac(key)}
    return own | {squash(normalise(device.name)): device.id for device in named}


def _without_size(name: str) -> str:
    """Give "RTX A2000 Max-Q" of "RTX A2000 Max-Q 8 GB"."""
    return name.rsplit(" ", 2)[0]


def _bits_in(quant_id: str) -> float:
    """The bits a weight in the id of an EXL type: 4.5 of `exl2-4.5bpw`."""
    return float(quant_id.rpartition("-")[2].removesuffix("bpw") or 0)


def _checked(text: str) -> str:
    """A name in normal form; raises BadInput where it is empty or far too long for a name."""
    if len(text) > MAX_NAME_CHARS:
        raise BadInput("That is too long for a name.", subject=text[:40], hint=f"At most {MAX_NAME_CHARS} characters.")
    name = normalise(text).strip()
    if not name:
        raise BadInput("The name is empty.", subject="name", hint="Type a model, a device or a quant.")
    return name
