"""Hears complaints that no single word makes: a verb that is denied, a speed that is low, only the processor at work.

"benutzt meine Grafikkarte nicht" keeps verb and denial apart, "3 tokens/s" says slow without the word. What is heard
comes out as concepts of lexicon.py, which stand beside the tokens of the text. No scoring, no knowledge of entries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from knowledge import linear
from knowledge.search.cards import concepts
from knowledge.search.complaints_lexicon import DENIALS, DENIED_VERBS, LOSSES, NOUNS, ONLY, PROCESSOR, RUBBISH
from knowledge.search.foreign_lexicon import FOREIGN_STOP_WORDS
from knowledge.search.lexicon import STOP_WORDS
from knowledge.search.prose import FOREIGN, SENTENCE
from knowledge.search.text import fold, stem, tokens_of, words

NEAR_WORDS: Final = 5
"""So far apart, in words, may a verb and its denial stand."""
NEAR_ONLY: Final = 4
"""So far before the processor may "only" stand."""
SLOW_TOKENS_PER_S: Final = 6.0
"""Who writes of a speed up to this one complains of it (chat is comfortable from about 10 tokens a second)."""
DROP: Final = 0.9
"""A speed below this share of another that was named before is a loss of speed."""
FOREIGN_LEAST: Final = 2
"""So many little words of another language make a sentence foreign."""

_CONCEPT: Final = {verb: concept for concept, verbs in DENIED_VERBS.items() for verb in fold(verbs).split()}
_DENIALS: Final = frozenset(DENIALS.split())
_ONLY: Final = frozenset(ONLY.split())
_PROCESSOR: Final = frozenset(PROCESSOR.split())
_BOTH: Final = frozenset({"note", "e", "c", "o"})
"""Little words of other languages that stand in English texts as well."""
_FOREIGN: Final = frozenset(words(FOREIGN_STOP_WORDS)) - frozenset(words(STOP_WORDS)) - _BOTH
_NOT_LATIN: Final = "\u0400"
_ENGLISH: Final[dict[str, list[str]]] = {}
for _english, _others in NOUNS.items():
    for _other in fold(_others).split():
        _ENGLISH.setdefault(_other, []).append(stem(_english))
_SPEED: Final = linear.compile(
    r"(\d{1,4}(?:[.,]\d{1,3})?) ?(?:t/s|tok/s|tokens?/s|tps\b|it/s|"
    r"(?:tokens?|words?|worter|tok) ?(?:/|per|a|pro|par|por|в) ?(?:s\b|sec|sek|seg|с))"
)
_MAY_BE_SPEED: Final = re.compile(
    r"\d ?(?:t|w|it/)|half |halb so|ta[d] d|fois|раза? |вдвое|slow|(?:per|a|each) (?:tok|wor|ans|re)"
)
"""What every sentence that names a speed holds; most hold none of it and are not looked at closer."""
_UNSPACED: Final = linear.compile(
    r"(使(?:っ|わ|え|用|い).{0,6}(?:ない|ませ|ず)|認識.{0,5}(?:ない|ませ|ず)|検出.{0,5}(?:ない|ませ|ず)|"
    r"(?:不|没有?|未|无法|不能).{0,3}(?:使用|用上|用到|用|调用|识别|检测|认)|(?:用|识别|检测|认|找)不(?:了|到|上|出)|"
    r"(?:사용|인식|감지).{0,6}(?:않|안|못)|안 ?쓰)|"
    r"(?:只|仅|全)(?:用|跑|在|靠).{0,3}cpu|cpu(?:だけ|のみ|만)|(?:慢|遅|느리|느려)"
)
_SLOW_UNSPACED: Final = frozenset("慢遅느")
_SLOWER: Final = linear.compile(
    r"half (?:as fast|the speed|of the speed)|halb so (?:schnell|viel)|(?:mitad|metade) d[ea] (?:la )?veloci|"
    r"deux fois (?:plus lent|moins)|(?:вдвое|в два раза) медленн|(?:times|twice as|x) slow|seconds? (?:per|a|for each) "
    r"(?:token|word)|(?:minutes?|hours?) (?:per|a|for each) (?:token|word|answer|reply|response)"
)
_UNIT: Final = r"(?:s|secs?|seconds?|mins?|minutes?|minuten|minutos|h|hours?|stunden)"
_WAIT: Final = linear.compile(
    rf"(?:take|took|taking|wait|need|tard|dauert|met|leva|demora)\w{{0,4}} (?:\w+ ){{0,3}}?\d+ ?{_UNIT}\b|"
    rf"(?:\d+|a|one|two|several|few) ?{_UNIT} (?:of nothing|before|until|till|to the first)|time to first token is \d"
)
"""Somebody says how long something takes: who does, finds it long."""
_MAY_WAIT: Final = re.compile(r"\d ?[smh]|before|until|till|of nothing|first token is")
_LOSS: Final = linear.compile(
    r"(?:lost|los[et]|losing|half|halved|drop\w*|cost\w*|down|fell|less) (?:\S+ ){0,4}?\S{0,6}"
    r"(?:tok/s|tokens/s|t/s|tps|speed|performance|pp|tg|\d%)"
)
"""Somebody says that it got slower, without a second figure."""
_LOSS_WORDS: Final = frozenset(LOSSES.split())
_ONE_OF_TWO: Final = linear.compile(
    r"only (?:the |my |on |uses? |using )?(?:first|one|1|gpu ?0|\d{4}) (?:\w+ ){0,3}?"
    r"(?:used|uses|fills?|works?|busy|active|loaded|gets|is)|"
    r"(?:second|2nd|other) (?:one|card|gpu|\d{4}|it)? ?(?:\w+ ){0,2}?(?:stays|sits|remains|is) (?:\w+ ){0,2}?"
    r"(?:at|empty|idle|unused|cold|asleep)"
)
"""Somebody has two cards and one of them works."""
_TWO_WORDS: Final = frozenset({"only", "second", "2nd", "other"})


def heard(text: str) -> list[str]:
    """Tokens of `text` and the complaints heard in its sentences."""
    found = ["@gibberish"] if any(signs in text for signs in RUBBISH) else []
    for part in SENTENCE.split(text):
        plain = words(part)
        found += tokens_of(plain)
        found += complaints(plain, part)
    return found


def complaints(plain: Sequence[str], text: str) -> list[str]:
    """Give the concepts heard in one sentence: its words (from `text.words`) and its `text`."""
    different = set(plain)
    found = [english for word in different & _ENGLISH.keys() for english in _ENGLISH[word]]
    if len(different & _FOREIGN) >= FOREIGN_LEAST or any(word >= _NOT_LATIN for word in different):
        found.append(FOREIGN)
    if different & _DENIALS:
        found += _denied(plain)
    if different & _ONLY and different & _PROCESSOR and _only_processor(plain):
        found.append("@unused")
    lowered = fold(text)
    if _MAY_BE_SPEED.search(lowered) and _is_slow(lowered):
        found.append("@slow")
    found += _described(different, lowered)
    found += concepts(different)
    if not lowered.isascii() and (match := _UNSPACED.search(lowered)) is not None:
        found.append("@slow" if match[0][0] in _SLOW_UNSPACED else "@unused")
    return found


def _described(different: AbstractSet[str], lowered: str) -> list[str]:
    """What a sentence says without any of the words for it: that it takes long, that it got less, one card of two."""
    found = []
    if _MAY_WAIT.search(lowered) and _WAIT.search(lowered):
        found.append("@slow")
    if different & _LOSS_WORDS and _LOSS.search(lowered):
        found.append("@slow")
    if different & _TWO_WORDS and _ONE_OF_TWO.search(lowered):
        found += ["@unused", "@multigpu"]
    return found


def _denied(plain: Sequence[str]) -> list[str]:
    """The concepts of verbs that are denied a few words before or after."""
    denials = [at for at, word in enumerate(plain) if word in _DENIALS]
    return [
        concept
        for at, word in enumerate(plain)
        if (concept := _CONCEPT.get(word)) and any(0 < abs(at - denial) <= NEAR_WORDS for denial in denials)
    ]


def _only_processor(plain: Sequence[str]) -> bool:
    return any(
        word in _PROCESSOR and not _ONLY.isdisjoint(plain[max(at - NEAR_ONLY, 0) : at]) for at, word in enumerate(plain)
    )


def _is_slow(lowered: str) -> bool:
    """Whether a speed is named that is low, or lower than another that is named before it."""
    speeds = [float(match[1].replace(",", ".")) for match in _SPEED.finditer(lowered)]
    if speeds:
        return min(speeds) <= SLOW_TOKENS_PER_S or speeds[-1] < DROP * max(speeds)
    return _SLOWER.search(lowered) is not None
