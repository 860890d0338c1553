"""Autocomplete and "did you mean": the catalogue's names by the words typed so far, popular ones first.

A posting list for every beginning of every word; nothing is scored while somebody types. It resolves no names.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from knowledge import linear
from knowledge.catalog import Alias, Device, Model, QuantType
from knowledge.question.index_parts import evidence_weight
from knowledge.question.text import MAX_NAME_CHARS, atoms_of, normalise, squash

Kind = Literal["model", "hardware", "quant"]

_PREFIX_LENGTH = 6
"""Beginnings up to this many letters are indexed; what is typed beyond is checked word by word."""

_MOST_LOOKED_AT = 2_000
_MOST_COMPARED = 300
_SIMILAR = 55.0
_ALIKE = 67.0
_ALIKE_WORDS = 75.0
"""How like a name must be (0 to 100) to be offered as meant; more where no number tells what is asked for."""
_IN_PART = 0.95
"""What likeness to a part of a name counts against likeness to the whole."""
_SAME = 5.0
"""Names whose likeness differs by no more than about this are told apart by number and popularity."""
_NUMBER = linear.compile(r"[0-9]{3,5}")


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One kind's names in order of popularity, with what finding them needs."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    postings: Mapping[str, tuple[int, ...]]
    by_key: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, named: Iterable[tuple[str, str, float]]) -> _Shelf:
        """Shelve (id, label, popularity) rows."""
        rows = sorted(named, key=lambda row: (-row[2], row[1]))
        words: list[tuple[str, ...]] = []
        keys: list[str] = []
        postings: dict[str, list[int]] = {}
        for rank, (id_, label, _) in enumerate(rows):
            own = tuple(dict.fromkeys(atoms_of(normalise(f"{label} {id_}"))))
            words.append(own)
            keys.append(squash(normalise(label)).replace("_", ""))
            for prefix in {word[:length] for word in own for length in range(1, min(len(word), _PREFIX_LENGTH) + 1)}:
                postings.setdefault(prefix, []).append(rank)
        return cls(
            ids=tuple(row[0] for row in rows),
            labels=tuple(row[1] for row in rows),
            words=tuple(words),
            keys=tuple(keys),
            postings={prefix: tuple(ranks) for prefix, ranks in postings.items()},
            by_key=tuple(sorted((key, rank) for rank, key in enumerate(keys))),
        )

    def find(self, typed: list[str], limit: int) -> list[int]:
        """Ranks of the names that have a word beginning with each typed one."""
        lists = [self.postings.get(word[:_PREFIX_LENGTH], ()) for word in typed]
        shortest = min(range(len(lists)), key=lambda i: len(lists[i]))
        found: list[int] = []
        for rank in lists[shortest][:_MOST_LOOKED_AT]:
            own = self.words[rank]
            if all(any(word.startswith(part) for word in own) for part in typed):
                found.append(rank)
                if len(found) == limit:
                    break
        return found

    def beginning_with(self, key: str, limit: int) -> list[int]:
        """Ranks of the names whose squashed form begins with `key`, popular ones first."""
        place = bisect.bisect_left(self.by_key, (key, 0))
        found: list[int] = []
        for name, rank in self.by_key[place : place + 200]:
            if not name.startswith(key):
                break
            found.append(rank)
        return sorted(found)[:limit]

    def spelt_like(self, key: str, limit: int) -> list[int]:
        """Ranks of popular names that begin like `key` and are spelt much like it: for typos while typing."""
        ranks = self.postings.get(key[:2], ())[:_MOST_COMPARED]
        near = process.extract(
            key, [self.keys[rank] for rank in ranks], scorer=fuzz.ratio, limit=limit, score_cutoff=_SIMILAR
        )
        return [ranks[place] for _, _, place in near]


class Completer:
    """Autocomplete over models, devices and quants."""

    __slots__ = ("_shelves",)

    def __init__(self, shelves: Mapping[Kind, _Shelf]) -> None:
        self._shelves = shelves

    @classmethod
    def build(
        cls,
        models: Mapping[str, Model],
        devices: Mapping[str, Device],
        quants: Mapping[str, QuantType],
        aliases: Iterable[Alias],
    ) -> Completer:
        """Shelve the three kinds; popularity is downloads for models and how often a name was seen for the others."""
        seen: dict[tuple[str, str], float] = {}
        for alias in aliases:
            place = (alias.kind, alias.id)
            seen[place] = max(seen.get(place, 0.0), evidence_weight(alias.evidence))
        quant_rows = [(quant.id, quant.name, seen.get(("quant", quant.id), 0.0)) for quant in quants.values()]
        return cls(
            {
                "model": _Shelf.of(_model_rows(models)),
                "hardware": _Shelf.of(_device_rows(devices, seen)),
                "quant": _Shelf.of(quant_rows),
            }
        )

    def complete(self, kind: Kind, typed: str, limit: int = 25) -> tuple[tuple[str, str], ...]:
        """Up to `limit` (id, label) pairs, best first."""
        shelf = self._shelves[kind]
        low = normalise(typed[:MAX_NAME_CHARS])
        words = [word for word in atoms_of(low) if word != "+"]
        if not words:
            return tuple(zip(shelf.ids[:limit], shelf.labels[:limit], strict=True))
        ranks = shelf.find(words[:12], limit)
        if not ranks:
            key = squash(low).replace("_", "")
            ranks = shelf.beginning_with(key, limit) or shelf.spelt_like(key, min(limit, 5))
        return tuple((shelf.ids[rank], shelf.labels[rank]) for rank in ranks)

    def nearest(self, kind: Kind, text: str, n: int) -> tuple[str, ...]:
        """The `n` labels most like `text` (in normal form)."""
        shelf = self._shelves[kind]
        words = [word for word in atoms_of(text) if word != "+"][:12]
        ranks = shelf.find(words, n) if words else []
        ranks += [
            rank
            for rank in self._similar(shelf, squash(text).replace("_", ""), 2 * n + len(ranks))
            if rank not in ranks
        ]
        if kind == "quant" and not ranks:
            return shelf.labels[:n]  # there are few: the usual ones say what can be asked for
        return tuple(dict.fromkeys(shelf.labels[rank] for rank in ranks))[:n]

    @staticmethod
    def _similar(shelf: _Shelf, key: str, n: int) -> list[int]:
        """Ranks of the names most like `key` whole or in part, near numbers first; none where nothing is like it."""
        least = _ALIKE if any(char.isdigit() for char in key) else _ALIKE_WORDS
        scores: dict[int, float] = {}
        for scorer, weight in ((fuzz.ratio, 1.0), (fuzz.partial_ratio, _IN_PART)):
            for _, score, rank in process.extract(
                key, shelf.keys, scorer=scorer, limit=8 * n, score_cutoff=least / weight
            ):
                scores[rank] = max(scores.get(rank, 0.0), score * weight)
        numbers = _numbers_of(key)
        best = sorted(
            scores, key=lambda rank: (-round(scores[rank] / _SAME), _apart(numbers, shelf.labels[rank]), rank)
        )
        return best[:n]


def _numbers_of(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(text))


def _apart(numbers: tuple[int, ...], label: str) -> int:
    """How far the model number of a name is from the one asked for: an RTX 3065 is more a 3060 than a 3050."""
    own = _numbers_of(label)
    return min((abs(a - b) for a in numbers for b in own), default=0)


def _model_rows(models: Mapping[str, Model]) -> Iterator[tuple[str, str, float]]:
    seen: set[str] = set()
    for model in sorted(models.values(), key=lambda m: -m.downloads):
        label = model.name if model.name.lower() not in seen else f"{model.name} ({model.org})"
        seen.add(model.name.lower())
        yield model.id, label, float(model.downloads)


def _device_rows(
    devices: Mapping[str, Device], seen: Mapping[tuple[str, str], float]
) -> Iterator[tuple[str, str, float]]:
    for device in devices.values():
        yield device.id, device.name, seen.get(("hardware", device.id), 0.0)
