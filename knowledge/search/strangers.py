"""Weighs whether a text is about none of the error classes: a question, a wish, another field, a log of a healthy run.

It gives numbers for the model in weights.py (NONE_FEATURES) and decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import re2

from knowledge.search.lexicon import COMPLAINTS, DOMAIN_WORDS, ELSEWHERE, TOOL_WORDS
from knowledge.search.prose import FOREIGN, NOT_ALIKE, OPENING_CHARS, Likeness, Reading
from knowledge.search.strangers_lexicon import OTHER_PROGRAMS
from knowledge.search.text import words

FULL_CHARS: Final = 2000
"""From this length on a text counts as wholly long."""
MIN_PROSE_CHARS: Final = 24
"""With less than this a text holds no line that a person wrote."""
MAX_ELSEWHERE: Final = 3
"""So many words of other matters weigh fully."""
NAMED_BYTES: Final = 1000
"""In so much of the beginning a text names the program it is about."""
_ENGINES: Final = frozenset(name for names in TOOL_WORDS.values() for name in names) - {"docker"}
_TROUBLE = re2.compile(
    rb"(?i)error|fail|exception|traceback|fatal|cannot|can't|could ?n[o']t|unable|abort|panic|killed|denied|refused|"
    rb"invalid|unsupported|not (?:found|supported|enough|available|working)|no such|warn|out of memory|\boom\b|crash|"
    rb"timed? ?out|segfault|core dumped|assert|undefined|missing|mismatch|insufficient|terminated|"
    rb"exit(?:ed)? (?:code|status)|illegal instruction"
)
"""Words that stand in reports of trouble and seldom in the log of a program that runs well."""
_REQUEST = re2.compile(
    r"(?i)\bfeature(?: request)?\b|\badd (?:support|a|an|the)\b|\bplease add\b|\bwould be (?:nice|great|useful)\b|"
    r"\bis there (?:a|any) (?:way|option|plan)\b|\bhow (?:do|can|should|would) (?:i|you|we)\b|\bdocs?\b|"
    r"\bdocumentation\b|\btypo\b|\bsuggest|\bwish\b|\bwhich \w+ (?:is|are|model)\b|\bsupport for\b"
)
"""Ways to ask for something new or for advice, which no error class covers."""
_ASKS = re2.compile(
    r"(?i)\bwh(?:at|ich) (?:is|are|was|were|does|do|did|model|card|quant|one|of)\b|"
    r"\bhow (?:many|much|long|fast|good|big)\b|"
    r"\bdifference between\b|\b(?:any|some) (?:advice|tips|recommend|suggest)|\brecommend|\bworth (?:it|the)\b|"
    r"\bis it (?:possible|normal|safe|legal|true|ok|okay)\b|\b(?:is|are) there (?:a|an|any)\b|\bcan (?:i|we|you) \b|"
    r"\bwhere (?:is|are|do|does|can)\b|\bbest (?:model|card|gpu|quant|settings|way)\b|\bplans? to\b|\bwhen will\b|"
    r"\bwelche[srn]?\b|\bwas ist\b|\bqu[eé] (?:modelo|es)\b|\bcu[aá]l\b|\bquel(?:le)?s?\b|\bqual\b|"
    r"какой|какую|哪个|哪款|推荐|おすすめ|추천"
)
"""Ways to ask for knowledge or a choice; an error is described, seldom asked for."""


def none_features(
    data: bytes, prose: str, reading: Reading, likes: Sequence[Likeness], knows: Callable[[str], bool]
) -> tuple[float, ...]:
    """What speaks for none of the classes in a text without a strong signature: how like the likest is, and the rest.

    `data` is the whole text, `prose` what a person wrote of it, `reading` that in tokens, `likes` the likenesses with
    the nearest classes, `knows` whether any class says a token.
    """
    likes = likes or [NOT_ALIKE]
    opening, said = prose[:OPENING_CHARS], reading.said
    named = set(words(opening)) | said
    strange = 0 if FOREIGN in said else sum(not knows(token) for token in said if token.isalpha() and token.isascii())
    alike = sorted((like.opening + like.said + like.explained for like in likes), reverse=True)
    return (
        1.0,
        0.0,
        max(like.opening for like in likes),
        max(like.bm25 for like in likes),
        max(like.said for like in likes),
        min(len(data), FULL_CHARS) / FULL_CHARS,
        float(bool(said & COMPLAINTS)),
        float("@fail" in said),
        *_quiet(data, prose),
        float(not named & DOMAIN_WORDS),
        strange / max(len(said), 1),
        float(_REQUEST.search(opening) is not None),
        float(_ASKS.search(opening) is not None),
        min(len(named & ELSEWHERE), MAX_ELSEWHERE) / MAX_ELSEWHERE,
        alike[0] - (alike[1] if len(alike) > 1 else 0.0),
        float(not is_troubled(prose, reading)),
        _of_another_program(data),
    )


def is_troubled(prose: str, reading: Reading) -> bool:
    """Whether the opening of `prose` says that anything is wrong."""
    if reading.said & COMPLAINTS or "@fail" in reading.said:
        return True
    return _TROUBLE.search(prose[:OPENING_CHARS].encode()) is not None


def none_features_of_log(data: bytes, prose: str) -> tuple[float, ...]:
    """The same for a text that holds a strong signature: its words matter no more."""
    return (1.0, 1.0, *(0.0,) * 6, *_quiet(data, prose), *(0.0,) * 7, _of_another_program(data))


def _of_another_program(data: bytes) -> float:
    """Whether the beginning names a program of another field, and none of the engines."""
    named = {part for word in words(data[:NAMED_BYTES].decode("utf-8", "replace")) for part in (word, *word.split("."))}
    return float(not named.isdisjoint(OTHER_PROGRAMS) and named.isdisjoint(_ENGINES))


def _quiet(data: bytes, prose: str) -> tuple[float, float]:
    """Whether no word of trouble stands anywhere, and whether nobody wrote a line."""
    return float(_TROUBLE.search(data) is None), float(len(prose) < MIN_PROSE_CHARS)
