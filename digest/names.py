"""Reads model names: what is family and version, what is size, what is only packaging. Pure text work, no catalogue.

    nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4 → family "nemotron 3", sizes 30B-A3B, packaging NVFP4

The `key` is what two writings of one release share, squashed so that "Gemma 4", "gemma-4" and "Gemma4" meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_UNDERSCORED_VERSION: Final = re.compile(r"(?<=\d)_(?=\d)")
_SPLIT: Final = re.compile(r"[\s/_\-–:,()\[\]|+]+")
_SIZE: Final = re.compile(r"^(?:e?\d+(?:\.\d+)?[bmt]|\d+x\d+(?:\.\d+)?[bm])$")
_ACTIVE: Final = re.compile(r"^a\d+(?:\.\d+)?[bm]$")
_VERSION: Final = re.compile(r"^[a-z]{0,12}\d+(?:\.\d+)*[a-z]?$")
_DATE: Final = re.compile(r"^(?:20)?2[3-9](?:0[1-9]|1[0-2])(?:[0-3]\d)?$")
_PACKAGING: Final = re.compile(
    r"^(?:gguf|ggml|mlx|awq|gptq|exl[23]|bnb|onnx|nvfp4|mxfp\d|fp\d+|bf16|f16|f32|int\d|uint\d|i?q[2-8].*|i?q1_.*|w\d+a\d+.*|\d(?:\.\d+)?bit|\d+bits?|bit|"
    r"dynamic|quantized|quant|qat|autoround|dwq|gs\d+|g\d+|hqq|torchao|block|mixed|sparse|calib\w*|openvino|int4wo|tp\d|dq\d|jang.*|"
    r"unquantized|safetensors|eagle\d?|mtp|draft|assistant|speculator\w*|dflash|imatrix|ud)$"
)
_QUANT: Final = re.compile(r"^(?:i?q\d.*|k|dq\d)$")
_QUANT_TAIL: Final = frozenset({"k", "s", "m", "l", "xs", "xl", "xxs"})
"""What follows a quant's number, apart: `Q4_K_M`. On their own they are sizes of a family: `Laguna S`."""

_ROLE: Final = frozenset(
    [
        "it",
        "instruct",
        "chat",
        "base",
        "preview",
        "pt",
        "hf",
        "thinking",
        "think",
        "reasoning",
        "sft",
        "dpo",
        "rl",
        "latest",
        "final",
        "release",
        "model",
        "text",
        "gg",
    ]
)
_TIERS: Final = frozenset(
    [
        "pro",
        "flash",
        "max",
        "mini",
        "small",
        "medium",
        "large",
        "nano",
        "micro",
        "tiny",
        "lite",
        "air",
        "ultra",
        "plus",
        "xs",
        "s",
        "m",
        "l",
    ]
)
_MAKERS_WORDS: Final = frozenset(
    ["nvidia", "ibm", "google", "meta", "microsoft", "openai", "mistralai", "tencent", "xiaomi", "baidu"]
)
_LETTERED_VERSION: Final = re.compile(r"^([a-z]{4,})[a-z](\d+(?:\.\d+)+)$")
_WHOLE_VERSION: Final = re.compile(r"[a-z]\d$")
_SQUASH: Final = re.compile(r"[^a-z0-9.]+|\.(?!\d)")


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name taken apart. `key` identifies the release, `full_key` with its tier; `packaged` says a mere repack."""

    key: str
    full_key: str
    family: str
    sizes: tuple[str, ...]
    tiers: tuple[str, ...]
    packaged: bool


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, dots inside versions kept; joined they are `squash(text)`.

    A number right after a number begins with `-`, so that they stay apart: `3 12b` is `3`, `-12b`.
    """
    words = _SQUASH.sub(" ", _UNDERSCORED_VERSION.sub(".", text.lower())).strip(". ").split()
    return [
        f"-{word}" if index and word[0].isdigit() and words[index - 1][-1].isdigit() else word
        for index, word in enumerate(words)
    ]


def squash(text: str) -> str:
    """Return the text in lower case, its words run together, except that numbers stay apart: `qwen3.6-27breleased`."""
    return "".join(words_of(text))


@lru_cache(maxsize=65_536)
def read_name(name: str) -> ModelName:
    """Take a repository name or library name apart; the organisation before a slash is ignored."""
    plain = _UNDERSCORED_VERSION.sub(".", name.rpartition("/")[2])
    words = [word for word in _SPLIT.split(plain) if word]
    family: list[str] = []
    shown: list[str] = []
    sizes: list[str] = []
    tiers: list[str] = []
    packaged = False
    for index, word in enumerate(words):
        low = word.lower()
        if _SIZE.match(low) or (_ACTIVE.match(low) and not sizes):
            sizes.append(word.upper())
        elif _ACTIVE.match(low):
            sizes[-1] += f"-{word.upper()}"
        elif index and _is_packaging(low, words[index - 1].lower(), family):
            packaged = True
        elif low in _TIERS:
            tiers.append(word)
            shown.append(word)
        elif low not in _ROLE and not (_DATE.match(low) and family) and not (low in _MAKERS_WORDS and index == 0):
            family.append(low)
            shown.append(word)
    key = squash(" ".join(family)) or squash(" ".join(words))
    return ModelName(
        key=key,
        full_key=squash(" ".join(shown)) or key,
        family=" ".join(shown) or name,
        sizes=tuple(dict.fromkeys(sizes)),
        tiers=tuple(tiers),
        packaged=packaged,
    )


def _is_packaging(word: str, before: str, family: list[str]) -> bool:
    """Whether a word says how weights are packed, or is the tail of one that does."""
    if word in _QUANT_TAIL:
        return _QUANT.match(before) is not None
    return bool(_PACKAGING.match(word)) and not _is_version(word, family)


def _is_version(word: str, family: list[str]) -> bool:
    """Whether a bare letter-and-number (`m2`, `k2.6`) is the version of a family that has none yet."""
    return bool(_VERSION.match(word)) and "." in word and not any(any(c.isdigit() for c in part) for part in family)


def aliases(name: ModelName) -> set[str]:
    """Return the writings a release is spoken of by: `kimik2.6` and `kimi2.6`, `glm5` and `glm5.0`."""
    found = set()
    for key in {name.key, name.full_key}:
        match = _LETTERED_VERSION.match(key)
        for form in (key, f"{match[1]}{match[2]}") if match else (key,):
            found.add(form)
            if _WHOLE_VERSION.search(form):
                found.add(f"{form}.0")
    return found
