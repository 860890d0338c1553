"""What hangs on a model's name, and whether it makes another model of it: `-q4_k_m` does not, `-lexi` and `-v9.0` do.

Reads the words behind a name that was found already. It knows formats, tunings and how versions are written, and no
model; what the name means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from knowledge import linear
from knowledge.catalog import Model
from knowledge.question.model_names import is_version, words_of

_MOST_CHARS = 60
_TAIL = linear.compile(r"^(?: v\d[\d.]*\b)?(?:[-_.:/][a-z0-9][\w.]*)*")
_FORMATS = (
    r"hf|gguf\w*|ggml|bin|safetensors|pth|gptq|awq|exl[23]|fp8|fp16|bf16|f16|fp4|nvfp4|mxfp4|mlx|int[48]|w4a16|w8a8|bnb|nf4"
    r"|dynamic|quant\w*|dwq|i?q\d\w*|tq\d\w*|k|m|s|l|xl|xs|xxs|xss|nl|bpw|\d+[\d.]*bpw|\d+-?bits?|\d+g|g\d+|group\w*|act"
    r"|order|smoothquant|marlin|autoround|imatrix|i1|ud|unsloth|qat|mtp"
)
_TUNINGS = r"instruct|inst|it|chat|base|pt|sft|dpo|thinking|think|preview|latest|cloud|moe|dense|text|en|model|server"
_SIZES = r"v\d[\d.]*|\d[\d.]*|r\d|rev\d|a\d+b|\d+b|8k|4k|e|of"
_KNOWN = linear.compile(rf"^(?:{_TUNINGS}|{_FORMATS}|{_SIZES})$")
_FILE_TYPE = linear.compile(r"^(?:(?:i|t)?q\d\w*|mxfp4|nvfp4|fp\d+|bf16|f16|exl[23]|gptq|awq|ud)$")
_WORDS = linear.compile(r"[a-z0-9.]+")
_CONTEXT = linear.compile(r"^[-_](\d{1,4}k)(?:[-_. ,]|$)")
_DECIMAL = linear.compile(r"^\d\.\d$")
_BITS = linear.compile(r"exl|bpw|bit|quant|[-_]ud[-_]")


def tail(text: str, end: int) -> str:
    """What hangs on a name that ends at `end`: `-32k-instruct-gptq` of `llama-2-7b-32k-instruct-gptq`."""
    found = _TAIL.match(text[end : end + _MOST_CHARS])
    return str(found.group()) if found else ""


def other_words(text: str, end: int, models: Mapping[str, Model], ids: Sequence[str]) -> str:
    """The words hanging on a name that make another model of it; empty where they do not.

    An unknown word does, another context length, and a version that none of the models `ids` has.
    """
    longer = _CONTEXT.search(text[end : end + 8] + " ")
    if longer:
        return f"-{longer.group(1)}"
    hanging = tail(text, end)
    if not hanging.startswith(("-", " ")):
        return ""
    if any(len(word) > 2 and word.isalpha() and not _KNOWN.match(word) for word in _words(hanging)):
        return hanging
    return hanging if other_version(text, end, models, ids) else ""


def _words(hanging: str) -> list[str]:
    """The words that still belong to a name: behind `q4` or `mxfp4` there is only what was done with that file."""
    words = (word.strip(".") for word in _WORDS.findall(hanging))
    return list(takewhile(lambda word: _FILE_TYPE.match(word) is None, words))


def other_version(text: str, end: int, models: Mapping[str, Model], ids: Sequence[str]) -> bool:
    """Whether a version hangs on a name that the models do not have: `v9.0` where there are v2.3 and v3.0, or `4.5`."""
    hanging = tail(text, end)
    own = {word for id_ in ids for word in words_of(models[id_].name)}
    words = _words(hanging)
    strange = {word for word in words if word not in own}
    if words and words[0] in strange and _DECIMAL.match(words[0]):
        return not _BITS.search(hanging)
    return any(map(is_version, own)) and any(map(is_version, strange))
