"""Which words people use for a model, derived from its name: `Qwen3-235B-A22B` is also "qwen3 235b" and "qwen 3".

Produces keys for the name index with a penalty that says how far the words are from the full name. It holds no
curated aliases (those are content) and resolves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from knowledge.catalog import Model
from knowledge.question.text import normalise, squash

_ORGS = frozenset(
    {"meta", "nvidia", "c4ai", "mistralai", "google", "microsoft", "ibm", "openai", "alibaba", "zai", "baidu"}
)
_FORMATS = frozenset(
    {"hf", "bf16", "fp16", "fp8", "gguf", "nvfp4", "mxfp4", "awq", "gptq", "pt", "paddle", "transformers"}
)
_TUNINGS = frozenset({"instruct", "it", "chat", "inst", "sft", "dpo"})
_KINDS = frozenset({"base", "thinking", "think", "reasoning", "preview", "exp"})
_DATE = re.compile(r"(?:2[3-6](?:0[1-9]|1[0-2])|20(?:23|24|25|26))$")
_REVISION = re.compile(r"v0?\.?[0-9](?:\.[0-9])?$")
_ACTIVE = re.compile(r"(?:a[0-9]+(?:\.[0-9]+)?[bm]|[0-9]+e)$")
_SIZE = re.compile(r"(?:[0-9]+x)?[0-9]+(?:\.[0-9]+)?[bmt]$")
_WORDS = re.compile(r"[\s\-_:/()]+")

SERIES_MIN_SIZES = 3
"""From this many sizes on, a bare series name ("qwen3.6") means none of them."""


@dataclass(frozen=True, slots=True)
class NameForm:
    """One way to write a model's name: its key and how many words it leaves out (0: the full name)."""

    key: str
    penalty: int


_HAN_NAMES = (
    ("通义千问", "qwen"),
    ("千问", "qwen"),
    ("百川", "baichuan"),
    ("书生浦语", "internlm"),
    ("混元", "hunyuan"),
    ("文心一言", "ernie"),
    ("文心", "ernie"),
    ("深度求索", "deepseek"),
    ("零一万物", "yi"),
)


def latin_names(text: str) -> str:
    """`text` with the Chinese names of model families in their Latin form."""
    if text.isascii():
        return text
    for han, latin in _HAN_NAMES:
        text = text.replace(han, latin)
    return text


def words_of(name: str) -> list[str]:
    """The words of a model's name, lower case, without what stands before it because an organisation puts it there."""
    words = [word for word in _WORDS.split(normalise(name)) if word]
    while len(words) > 2 and words[0] in _ORGS:
        words = words[1:]
    return words


def is_size(word: str) -> bool:
    """Whether a word is a parameter count: `8b`, `0.6b`, `8x7b`, `270m`."""
    return _SIZE.match(word) is not None


def is_version(word: str) -> bool:
    """Whether a word is a revision or the month of a release: `v0.3`, `2507`."""
    return _REVISION.match(word) is not None or _DATE.match(word) is not None


_STEPS: tuple[tuple[int, Callable[[str], bool]], ...] = (
    (1, lambda word: word in _FORMATS),
    (2, lambda word: word in _TUNINGS or is_version(word)),
    (4, lambda word: _ACTIVE.match(word) is not None),
    (8, lambda word: word in _KINDS),
)
"""What is left out of a name step by step, and what each step costs."""


def _shortened(words: list[str]) -> Iterator[tuple[list[str], int]]:
    """`words` with ever more left out: formats, then tuning and dates, then active parameters, then the kind."""
    yield words, 0
    kept = words
    penalty = 0
    for cost, drop in _STEPS:
        shorter = kept[:1] + [word for word in kept[1:] if not drop(word)]
        if len(shorter) < len(kept) and (len(shorter) > 1 or any(c.isdigit() for c in shorter[0])):
            kept = shorter
            penalty += cost
            yield kept, penalty


def forms(model: Model) -> Iterator[NameForm]:
    """Every key `model` answers to, the full names first; keys may repeat."""
    names = {normalise(model.name): 0, normalise(model.id.replace("--", "-")): 0}
    for alias in model.aliases:
        names.setdefault(normalise(alias), 0)
    for repo in model.repos:
        names.setdefault(normalise(repo.rpartition("/")[2]), 1)
    for name, extra in names.items():
        yield NameForm(squash(name), extra)
        for words, penalty in _shortened(words_of(name)):
            key = squash(" ".join(words))
            if len(key) > 2 and not key.isdigit():
                yield NameForm(key, extra + penalty)


def shortest_key(model: Model) -> str:
    """The key of a model's name without tuning, format, date and kind: the same for all versions of one model."""
    *_, (words, _penalty) = _shortened(words_of(model.name))
    return squash(" ".join(words))


def series_of(model: Model) -> Iterator[tuple[str, str]]:
    """The series a model belongs to, widest last: key and display name (`Qwen3-VL`, `Qwen3`, `Qwen`)."""
    shown = [word for word in _WORDS.split(model.name) if word]
    while len(shown) > 2 and shown[0].lower() in _ORGS:
        shown = shown[1:]
    head: list[str] = []
    for word in shown:
        low = word.lower()
        if is_size(low) or _ACTIVE.match(low) or low in _TUNINGS or low in _FORMATS:
            break
        head.append(word)
    for length in range(len(head), 0, -1):
        key = squash(normalise(" ".join(head[:length])))
        if len(key) > 1 and not key.isdigit():
            yield key, "-".join(head[:length]) if length > 1 else head[0]
    if head:
        family = re.match(r"[a-z]{3,}", head[0].lower())
        if family and family.group() != squash(head[0].lower()):
            yield family.group(), head[0][: family.end()]


def distinct_sizes(models: Iterable[Model]) -> int:
    """How many clearly different parameter counts `models` have."""
    found: list[int] = []
    for model in models:
        size = model.params_total or 0
        if size and not any(abs(size - other) < 0.15 * other for other in found):
            found.append(size)
    return len(found)
