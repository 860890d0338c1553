"""Says which error a pasted log or a description shows: `ErrorIndex.build(errors).diagnose(text)`.

Every class that a signature or the wording points to becomes a candidate with a handful of evidence features; a linear
model over them (weights.py) and a softmax that includes "none of these" turn them into calibrated probabilities. It
neither explains the error nor reads figures out of the log (oom.py does), and it never stores the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from knowledge.catalog import ErrorClass
from knowledge.search.cards import makers
from knowledge.search.complaints import heard
from knowledge.search.courtesy import question_of
from knowledge.search.lexicon import COMPLAINTS, PLATFORM_WORDS, SCENE_WORDS, TOOL_WORDS
from knowledge.search.pasted import plain, rejoined
from knowledge.search.prose import NOT_ALIKE, Document, Likeness, ProseIndex, Reading
from knowledge.search.redact import redact
from knowledge.search.signatures import Hit, SignatureSet, prepare
from knowledge.search.strangers import is_troubled, none_features, none_features_of_log
from knowledge.search.text import tokens, words
from knowledge.search.types import ErrorHit
from knowledge.search.weights import (
    ERROR_WEIGHTS,
    LONG_CHARS,
    NONE_LIMIT,
    NONE_WEIGHTS,
    SHORT_CHARS,
    SHORT_NONE_LIMIT,
    SIGNED_NONE_LIMIT,
)

MAX_CHARS = 1_000_000
"""Of a longer text the first quarter and the last three quarters of this many characters are read."""
HEAD_BYTES = 300
MIN_CONFIDENCE = 0.003
"""Beside a class that a signature proves, others less probable than this are not worth reading."""
LEAST_CONFIDENCE = 0.25
"""Without a signature a class less probable than this is a guess among many: no answer."""
SEARCH_CHARS = 40
"""So short a text is a search, not a report: it gets its choice of classes however many there are."""
PROSE_CHARS = 1000
MAX_PROSE_CANDIDATES = 24
COMMON_SHARE = 0.5
MAX_PHRASES = 600
"""So common may a word be that classes are compared by: complaints like "is not used" are, and say much together."""
MATCHED_CHARS = 160
STRONG = 0.65
"""A signature of this weight or more says that the text is about an error; wording then matters less."""
PROOF = 0.5
"""With a signature of this weight or more the likeliest class may be named at a lower probability."""
HINT = 0.4
"""A signature of less weight is only a word people use; it counts in prose, not in a log or a command line."""
MIN_WORDS = 5
"""So many words at least has a line of figures that a person wrote."""
_LOG_LINE = re.compile(
    r"[a-z]+(?:_[a-z0-9]+)+[/\w]*: |\d+\.\d\d\.\d{3}\.\d{3} |"
    r"(?:srv|slot|main|load|build|system_info)\b[ a-z_]{0,30}: |llama runner started|"
    r"(?:INFO|DEBUG)\b|time=\d|level=|\d{4}[-/]\d\d[-/]\d\d|"
    r"Collecting [\w.\-]+$|Downloading \S+ \(|Installing collected|Successfully (?:installed|built)|Requirement already"
)
_SCENE = frozenset(token for word in SCENE_WORDS for token in tokens(word)) | {
    word for word in SCENE_WORDS if word[0] == "@"
}
_LETTERS = re.compile(r"[^\W\d_]+| +")
_NOT_WORDS = re.compile(r"\\.|[^A-Za-z0-9_ ]")
_BEFORE_LINE = re.compile(r"^(?:[-*>] |[^\w\s$./\\|<>(\[{\"'`#*-]+ ?)+|^[\w.-]{1,40} {1,4}\| ")
"""What a list, a quotation, an emoji or a container's name puts before a line."""
_FORM_LINE = re.compile(
    r"(?i)^#+ |_no response_|what operating system|name and version|relevant log|what happened\?|steps to reproduce|"
    r"version: \d|^built with|describe the bug|before submitting|originally posted|prerequisites"
)


@dataclass(slots=True)
class _Evidence:
    """What speaks for one class in one text."""

    hits: list[tuple[float, Hit]] = field(default_factory=list)
    likeness: Likeness = NOT_ALIKE

    @property
    def best(self) -> float:
        """The greatest weight of a signature that was found, 0 where none was."""
        return max((weight for weight, _ in self.hits), default=0.0)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it is searched: its bytes, the lines a person wrote, and those in tokens."""

    whole: str
    data: bytes
    prose: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Candidates:
    """The classes a text may show, with the numbers the model weighs (in the order of weights.py)."""

    ids: tuple[str, ...]
    features: tuple[tuple[float, ...], ...]
    none_features: tuple[float, ...]


class ErrorIndex:
    """All error classes made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, errors: Sequence[ErrorClass]) -> None:
        self._errors = tuple(errors)
        self._owners: list[tuple[int, float]] = []
        patterns: list[str] = []
        for number, error in enumerate(self._errors):
            for signature in error.signatures:
                patterns.append(signature.pattern)
                self._owners.append((number, signature.weight))
            for pattern in error.not_signatures:
                patterns.append(pattern)
                self._owners.append((number, 0.0))
        self._signatures = SignatureSet(patterns)
        documents = [_document(error) for error in self._errors]
        self._prose = ProseIndex(documents, heard, common_share=COMMON_SHARE, max_phrases=MAX_PHRASES, scene=_SCENE)
        self._complaints = tuple(core & COMPLAINTS for core in self._prose.core)

    @classmethod
    def build(cls, errors: Iterable[ErrorClass]) -> ErrorIndex:
        """Make the index of `errors`; the order of equals follows their ids."""
        return cls(sorted(errors, key=lambda error: error.id))

    @property
    def errors(self) -> tuple[ErrorClass, ...]:
        """All classes, by id."""
        return self._errors

    def diagnose(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Name the error classes `text` shows, likeliest first; empty when it shows none that is known."""
        hits, none, signed = self._judge(text, limit)
        if not signed and (said := question_of(text)) != text:
            hits, none, signed = self._judge(said, limit)
        if not signed and (joined := rejoined(cap(text))) != text:
            again = self._judge(joined, limit)
            hits, none, signed = again if again[2] else (hits, none, signed)
        if none >= (SIGNED_NONE_LIMIT if signed else none_limit(len(text))):
            return ()
        if not signed and (not hits or hits[0].confidence < least_confidence(len(text))):
            return ()
        return tuple(hit for n, hit in enumerate(hits) if n == 0 or not signed or hit.confidence >= MIN_CONFIDENCE)

    def nearest(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Name the nearest classes with their probabilities even where they are too improbable to be an answer."""
        return self._judge(text, limit)[0]

    def candidates(self, text: str) -> Candidates:
        """Lay out what the weights are fitted on."""
        read = self._read(text)
        evidence = self._gather(read)
        return Candidates(
            tuple(self._errors[number].id for number in evidence),
            self._features(evidence, read),
            self._none_features(evidence, read),
        )

    def _read(self, text: str) -> _Text:
        text = cap(text)
        prose = prose_of(text)
        return _Text(text, prepare(text), prose, self._prose.read(prose))

    def _judge(self, text: str, limit: int) -> tuple[tuple[ErrorHit, ...], float, bool]:
        """Give the likeliest classes, the probability that it is none, and whether a signature proves the likeliest."""
        read = self._read(text)
        evidence = self._gather(read)
        scores = [_weigh(ERROR_WEIGHTS, row) for row in self._features(evidence, read)]
        none = _weigh(NONE_WEIGHTS, self._none_features(evidence, read))
        top = max([*scores, none])
        total = sum(math.exp(value - top) for value in [*scores, none])
        ranked = sorted(zip(scores, evidence, strict=True), key=lambda pair: (-pair[0], pair[1]))
        hits = tuple(
            ErrorHit(
                id=self._errors[number].id,
                confidence=round(math.exp(value - top) / total, 4),
                matched=_matched(evidence[number], read.data),
            )
            for value, number in ranked[:limit]
        )
        signed = bool(ranked) and evidence[ranked[0][1]].best >= PROOF
        return hits, math.exp(none - top) / total, signed

    def _gather(self, read: _Text) -> dict[int, _Evidence]:
        found: dict[int, _Evidence] = {}
        ruled_out: set[int] = set()
        for hit in self._signatures.find(read.data):
            owner, weight = self._owners[hit.pattern]
            if weight == 0.0:
                ruled_out.add(owner)
            elif weight >= HINT or _is_prose(_line(read.data, hit.start)):
                found.setdefault(owner, _Evidence()).hits.append((weight, hit))
        for likeness in self._prose.score(read.reading, MAX_PROSE_CANDIDATES, set(found)):
            found.setdefault(likeness.number, _Evidence()).likeness = likeness
        return {number: found[number] for number in sorted(found) if number not in ruled_out}

    def _features(self, evidence: dict[int, _Evidence], read: _Text) -> tuple[tuple[float, ...], ...]:
        named = set(words(read.whole[:PROSE_CHARS]))
        named |= makers(named)
        tools = {name for name, names in TOOL_WORDS.items() if names & named}
        platforms = {name for name, names in PLATFORM_WORDS.items() if names & named}
        strong = _is_strong(evidence)
        complaints = COMPLAINTS & read.reading.said
        calm = not is_troubled(read.prose, read.reading)
        return tuple(
            (
                *_signature_features(item, self._errors[number].rank),
                *_likeness_features(item, strong),
                *_agreement(self._errors[number].tools, tools),
                *_agreement(self._errors[number].platforms, platforms),
                *_complaint(self._complaints[number], complaints, calm=calm),
            )
            for number, item in evidence.items()
        )

    def _none_features(self, evidence: dict[int, _Evidence], read: _Text) -> tuple[float, ...]:
        if _is_strong(evidence):
            return none_features_of_log(read.data, read.prose)
        likes = [item.likeness for item in evidence.values()]
        return none_features(read.data, read.prose, read.reading, likes, self._prose.knows)


def _signature_features(evidence: _Evidence, rank: int) -> tuple[float, ...]:
    best = evidence.best
    place = (3 - rank) / 2
    if not evidence.hits:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, place)
    longest = max(hit.end - hit.start for _, hit in evidence.hits)
    first = min(hit.start for _, hit in evidence.hits)
    rest = sum(weight for weight, _ in evidence.hits) - best
    return (best, best * best, 1.0, min(rest, 2.0), min(longest, 60) / 60, float(first < HEAD_BYTES), place, 0.0)


def _likeness_features(evidence: _Evidence, strong: bool) -> tuple[float, ...]:
    like = evidence.likeness
    measures = (like.opening, like.opening**2, like.anywhere, like.bm25, like.explained, like.said)
    nothing = (0.0,) * len(measures)
    unsigned = float(strong and not evidence.hits)
    return (*nothing, *measures, unsigned) if strong else (*measures, *nothing, unsigned)


def _is_strong(evidence: dict[int, _Evidence]) -> bool:
    return any(item.best >= STRONG for item in evidence.values())


def least_confidence(chars: int) -> float:
    """How probable the likeliest class must be in a text of so many characters that no signature proves."""
    return LEAST_CONFIDENCE if chars > SEARCH_CHARS else 0.0


def none_limit(chars: int) -> float:
    """From which probability of "none of these" on a text of so many characters gets no answer."""
    long = min(max((chars - SHORT_CHARS) / (LONG_CHARS - SHORT_CHARS), 0.0), 1.0)
    return SHORT_NONE_LIMIT + long * (NONE_LIMIT - SHORT_NONE_LIMIT)


def _weigh(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, features, strict=True))


def cap(text: str) -> str:
    """Cut `text` to what is read at all: the beginning, where people explain, and the end, where programs die."""
    text = plain(text)
    if len(text) <= MAX_CHARS:
        return text
    return text[: MAX_CHARS // 4] + "\n" + text[-3 * MAX_CHARS // 4 :]


def prose_of(text: str) -> str:
    """Take from the beginning of `text` the lines a person may have written: not code, tables, traces or forms."""
    kept: list[str] = []
    size = 0
    for line in text[: 4 * PROSE_CHARS].split("\n"):
        if _is_prose(line) and not _FORM_LINE.search(line):
            kept.append(line)
            size += len(line)
            if size > PROSE_CHARS:
                break
    return "\n".join(kept)


def _is_prose(line: str) -> bool:
    """Whether a person may have written `line`: mostly letters, and no command, option or table row."""
    line = _BEFORE_LINE.sub("", line.strip())
    if len(line) < 3 or _LOG_LINE.match(line) or line.startswith(("$", "-", "./", "|", "> $", "export ", "File ")):
        return False
    if line.count(" --") >= 2:
        return False
    return len(_LETTERS.sub("", line)) <= 0.28 * len(line) or _is_mostly_words(line)


def _is_mostly_words(line: str) -> bool:
    """Whether half of `line` are plain words: people name cards, sizes and speeds in one breath."""
    parts = line.split()
    return sum(part.strip(",.;:!?()\"'").isalpha() for part in parts) >= max(MIN_WORDS, len(parts) / 2)


def _line(data: bytes, at: int) -> str:
    end = data.find(b"\n", at)
    return data[data.rfind(b"\n", 0, at) + 1 : len(data) if end < 0 else end].decode("utf-8", "replace")


def _document(error: ErrorClass) -> Document:
    signatures = [_NOT_WORDS.sub(" ", signature.pattern) for signature in error.signatures]
    phrases = (error.title, *error.cues)
    context = " ".join(error.tools)
    return Document(
        text="\n".join([*phrases, context, error.cause, " ".join(signatures)]), phrases=phrases, context=context
    )


def _agreement(mine: Sequence[str], named: AbstractSet[str]) -> tuple[float, float]:
    """Whether the text names one of `mine`, and whether it names only others."""
    if not named or "any" in mine:
        return 0.0, 0.0
    return (1.0, 0.0) if named & set(mine) else (0.0, 1.0)


def _complaint(mine: AbstractSet[str], complaints: AbstractSet[str], *, calm: bool) -> tuple[float, float, float]:
    """Whether the text complains of what the class is about, whether it does not, and whether of nothing at all."""
    if not mine:
        return 0.0, 0.0, 0.0
    return (1.0, 0.0, 0.0) if mine & complaints else (0.0, 1.0, float(calm))


def _matched(evidence: _Evidence, data: bytes) -> str:
    if not evidence.hits:
        return evidence.likeness.phrase
    _, hit = max(evidence.hits, key=lambda pair: (pair[0], pair[1].end - pair[1].start))
    return redact(" ".join(data[hit.start : hit.end].decode("utf-8", "replace").split()))[:MATCHED_CHARS]
