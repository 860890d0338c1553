"""Misspelt model families in running text: "lama 3 8b", "mixtrall 8x7b", "deepsek r1".

Used only where no model was found. One word is put right, and only beside a number, as names stand; what was put right
is reported as open, because it is a guess. Device names are numbers: those are never put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from rapidfuzz.distance import OSA

from knowledge.question.text import Atoms

_SHORTEST = 4
_ONE_SLIP_UP_TO = 7
_REAL_WORDS = frozenset(
    {"java", "lava", "model", "grow", "modern", "large", "small", "comma", "order", "orders", "meta", "great", "cloud"}
)
"""Words one slip from a family that people mean as they stand."""

_IN_NAMES = frozenset({"coder", "code", "small", "large", "medium", "mini", "nemo", "next", "air", "flash", "distill"})
"""Words between a family and its number: "deepsek coder v2"."""

_VARIANT = re.compile(r"(?<=\d{3}0)([ -]?(?:ti[ -]?)?(?:super[ -]?)?)([a-z]{4,9})\b|\b(m[1-9][ -]?)([a-z]{4,6})\b")
_OF_CARDS = ("super", "laptop", "mobile", "notebook")
_OF_CHIPS = ("ultra",)


def variants_right(text: str) -> str:
    """`text` with the misspelt word behind a card's number or a chip put right: "2070 suprr" is no plain 2070."""
    found = _VARIANT.search(text)
    if found is None:
        return text
    group, meant = (2, _OF_CARDS) if found[2] else (4, _OF_CHIPS)
    word = found[group]
    right = next((one for one in meant if OSA.distance(one, word, score_cutoff=_SLIPS) == _SLIPS), word)
    return text[: found.start(group)] + right + text[found.end(group) :]


_SLIPS = 1
_CLUES = frozenset(
    {"laptop", "mobile", "notebook", "desktop", "mini", "card", "cards", "core", "cores", "chip", "with"}
)
"""Words beside a device's name that are right as they stand."""


def device_words_right(name: str, known: frozenset[str]) -> str:
    """A device's name, alone, with its misspelt words put right: "m3 ultr", "4070 superr", "rtx 4000 mobil".

    `known` are the words of all devices. A word is put right that is one slip from just one of them; one of three
    letters only where two of them have changed places ("por").
    """
    atoms = Atoms(name)
    for (start, end), word in reversed(list(zip(atoms.spans, atoms.words, strict=True))):
        if len(word) < _SHORTEST - 1 or not word.isascii() or not word.isalpha() or word in known | _CLUES:
            continue
        if name[start - 1 : start].isalnum() or name[end : end + 1].isalnum():
            continue  # "prow7800" and "arca310" are two names written together
        near = {right for right in known | _CLUES if OSA.distance(right, word, score_cutoff=1) == 1}
        if word[-1] != word[-2]:
            near.discard(word[:-1])  # so are "furyx", "titanv" and "maxq"
        if len(word) < _SHORTEST:
            near = {right for right in near if sorted(right) == sorted(word)}
        if len(near) == 1:
            name = name[:start] + near.pop() + name[end:]
    return name


def families(keys: Iterable[str]) -> frozenset[str]:
    """The family words worth putting right among the keys of names."""
    return frozenset(key for key in keys if key.isalpha() and key.isascii() and len(key) >= _SHORTEST)


def put_right(text: str, known: frozenset[str]) -> str | None:
    """`text` with one misspelt family word put right; None where nothing is near enough."""
    atoms = Atoms(text)
    for number, word in enumerate(atoms.words):
        if len(word) < _SHORTEST or not word.isascii() or not word.isalpha() or word in _REAL_WORDS:
            continue
        if not _beside_a_number(atoms, number):
            continue
        right = _nearest(word, known)
        if right is not None:
            start, end = atoms.spans[number]
            return text[:start] + right + text[end:]
    return None


def _beside_a_number(atoms: Atoms, number: int) -> bool:
    """Whether a size or version follows the word within two atoms: "lama 3", "mixtrall 8x7b", "deepsek r1"."""
    following = atoms.words[number + 1 : number + 4]
    while len(following) > 1 and following[0] in _IN_NAMES:
        following = following[1:]
    close = number + 1 < len(atoms.words) and atoms.gap(number) in {"", " ", "-", ":", "_"}
    return close and any(word[0].isdigit() for word in following[: 2 if following and len(following[0]) == 1 else 1])


def _nearest(word: str, known: frozenset[str]) -> str | None:
    """The family with the same first letter one slip away (two in long words), None where there are none or several."""
    if word in known:
        return None
    plain = _undoubled(word)
    doubled = {family for family in known if family[0] == word[0] and _undoubled(family) == plain}
    if len(doubled) == 1:
        return doubled.pop()
    slips = 1 if len(word) <= _ONE_SLIP_UP_TO else 2
    near = {
        family
        for family in known
        if family[0] == word[0]
        and abs(len(family) - len(word)) <= slips
        and OSA.distance(family, word, score_cutoff=slips) <= slips
    }
    return near.pop() if len(near) == 1 else None


def _undoubled(word: str) -> str:
    """A word with its doubled letters single: "lamma" and "llama" are alike."""
    return "".join(letter for letter, _ in groupby(word))
