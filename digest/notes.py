"""Reads release notes: what a tool's month brought, as features, fixes, models newly supported and breaking changes.

Pure. It takes the notes as feeds give them (Markdown, a list, or run together on one line) and never invents a word:
what it cannot class is left out. Which releases belong together is `collapse`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

from digest.text import clip, title_key

NOTES_MAX: Final = 20_000
"""Characters of one release's notes that are read; what follows is contributors and links."""

STATEMENT_MAX: Final = 120
_STATEMENT_MIN: Final = 8

_FOOTER: Final = re.compile(
    r"\b(?:New Contributors|Full Changelog|Contributors:|Docker images?:|Checksums?\b)", re.IGNORECASE
)
_SPLIT: Final = re.compile(
    r"\s+by @[\w\[\]-]+(?:\s+in\s+\S+)?|[\r\n]+|\s+[*•]\s+|(?:^|\s)-\s+(?=[A-Z`*])"
    r"|(?<=[a-z0-9).`])\s+(?=(?:Add(?:ed|s)?|Fix(?:ed|es)?|Support(?:ed|s)?|Improve[ds]?|Remove[ds]?|Deprecate[ds]?|Introduce[ds]?)\s)"
)
_NOISE: Final = re.compile(r"\(?#\d+\)?|https?://\S+|\*\*|`|^\s*(?:#+|[*•-])\s*|@[\w-]+")
_PREFIX: Final = re.compile(r"^(?P<kind>[a-z]+)(?:\([\w ,./-]*\))?(?P<mark>!)?:\s*(?P<text>.+)$", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"^\W*(?:(?P<breaking>breaking(?: changes?)?|removals?|deprecations?)|(?P<fixes>(?:bug ?)?fix(?:es)?)"
    r"|(?P<models>new models?|models?|model support)|(?P<features>(?:new )?features?|highlights|improvements?"
    r"|what's new)"
    r"|(?P<none>what's changed|changes|changelog|other changes|internal|documentation|chores?|dependencies))\W*$",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(r"\s*#{1,6}\s")
"""A heading that is none of `_HEADER`'s says nothing itself, and ends the section before it."""

_BREAKING: Final = re.compile(
    r"\bbreaking\b|\bno longer\b|\bdeprecat|\bdrop(?:s|ped)? support\b|^remove[ds]?\b|\bnow requires\b",
    re.IGNORECASE,
)
_FIX: Final = re.compile(
    r"^(?:fix|bug|correct|resolve|revert|hotfix|prevent|avoid|work ?around)|\bfix(?:es|ed)?\b", re.IGNORECASE
)
_FEATURE: Final = re.compile(
    r"^(?:add|support|introduc|implement|new\b|enabl|allow|improve|faster|feat|optimi|perf|speed|expose|initial|now )",
    re.IGNORECASE,
)
_MODEL: Final = re.compile(r"\bmodels?\b|\barchitectures?\b", re.IGNORECASE)
_FAMILY: Final = re.compile(
    r"\b(?:qwen|gemma|llama[- ]?\d|mistral|ministral|devstral|deepseek|glm|kimi|minimax|gpt-oss|nemotron|phi-?\d"
    r"|granite|lfm|olmo|smollm|falcon|hermes|step-?\d|mimo|exaone|solar|command[- ][ar]|seed-oss|hunyuan|ernie|internvl"
    r"|minicpm|ling|ring|jamba|voxtral|whisper|flux)(?=[\d\s.-]|$)",
    re.IGNORECASE,
)
_SUPPORT: Final = re.compile(r"\b(?:add|support|implement|enabl|introduc|new)\w*", re.IGNORECASE)
_CHORES: Final = frozenset(
    {"chore", "ci", "docs", "doc", "test", "tests", "build", "refactor", "style", "deps", "release"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed, in the makers' words cut to one line each, in the order the releases told it, each said once."""

    breaking: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the notes said anything that could be classed."""
        return bool(self.breaking or self.models or self.features or self.fixes)


def read_notes(text: str) -> Changes:
    """Read one release's notes."""
    found: dict[str, list[str]] = {field.name: [] for field in fields(Changes)}
    section: str | None = None
    for piece in _SPLIT.split(_FOOTER.split(text[:NOTES_MAX])[0]):
        header = _HEADER.match(piece or "")
        if header is not None:
            section = None if header.lastgroup == "none" else header.lastgroup
            continue
        if _HEADING.match(piece or ""):
            section = None
            continue
        kind, words = _class_of(_NOISE.sub("", piece or "").strip(" .,;:-"), section)
        if kind is not None and len(words) >= _STATEMENT_MIN:
            found[kind].append(clip(words, STATEMENT_MAX))
    return Changes(**{kind: tuple(words) for kind, words in found.items()})


def merged(months: Iterable[Changes]) -> Changes:
    """Return several releases' changes as one; what two releases say alike is said once, under its gravest heading."""
    seen: set[str] = set()
    all_of = list(months)
    result: dict[str, tuple[str, ...]] = {}
    for field in fields(Changes):
        kept = []
        for words in (words for changes in all_of for words in getattr(changes, field.name)):
            if (key := title_key(words)) not in seen:
                seen.add(key)
                kept.append(words)
        result[field.name] = tuple(kept)
    return Changes(**result)


def _class_of(statement: str, section: str | None) -> tuple[str | None, str]:
    """Return the class of a statement and the statement without a conventional prefix (`feat(server): `)."""
    match = _PREFIX.match(statement)
    kind, text = (match["kind"].lower(), match["text"]) if match else ("", statement)
    if match is not None and kind not in _CHORES | {"feat", "feature", "fix", "bugfix", "perf"}:
        text = statement  # a word before a colon that is no commit type: `server: add …`
    if (match and match["mark"]) or _BREAKING.search(text):
        return "breaking", text
    if kind in _CHORES:
        return None, text
    if section == "models" or (
        _SUPPORT.search(text) and not _FIX.search(text) and (_FAMILY.search(text) or _new_model(text))
    ):
        return "models", text
    if kind in {"fix", "bugfix"} or _FIX.search(text):
        return "fixes", text
    if kind in {"feat", "feature", "perf"} or _FEATURE.match(text.partition(": ")[2] or text):
        return "features", text
    return section, text


def _new_model(text: str) -> bool:
    return bool(
        _MODEL.search(text)
        and re.search(r"\bnew model|\bmodel support|\bsupport for \w+.* models?\b", text, re.IGNORECASE)
    )
