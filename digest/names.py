"""Reads model names: what is family and version, what is size, what is only packaging. Pure text work, no catalogue.

    nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4 → family "nemotron 3", sizes 30B-A3B, packaging NVFP4

The `key` is what two writings of one release share, squashed so that "Gemma 4", "gemma-4" and "Gemma4" meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_UNDERSCORED_VERSION: Final = re.compile(r"(?<=\d)_(?=\d)")
_SPLIT: Final = re.compile(r"[\s/_\-–:,()\[\]|+]+")
_SIZE: Final = re.compile(r"^(?:e?\d+(?:\.\d+)?[bmt]|\d+x\d+(?:\.\d+)?[bm])$")
_ACTIVE: Final = re.compile(r"^a\d+(?:\.\d+)?[bm]$")
_VERSION: Final = re.compile(r"^[a-z]{0,12}\d+(?:\.\d+)*[a-z]?$")
_DATE: Final = re.compile(r"^(?:20)?2[3-9](?:0[1-9]|1[0-2])(?:[0-3]\d)?$")
_PACKAGING: Final = re.compile(
    r"^(?:gguf|ggml|mlx|awq|gptq|exl[23]|bnb|onnx|nvfp4|mxfp\d|fp\d+|bf16|f16|f32|int\d|uint\d|i?q\d.*|w\d+a\d+.*|\d(?:\.\d+)?bit|\d+bits?|bit|"
    r"dynamic|quantized|quant|qat|autoround|dwq|gs\d+|g\d+|hqq|torchao|block|mixed|sparse|calib\w*|openvino|int4wo|tp\d|dq\d|jang.*|"
    r"unquantized|safetensors|eagle\d?|mtp|draft|assistant|speculator\w*|dflash|imatrix|ud|xl|k|m|s)$"
)
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
    ]
)
_MAKERS_WORDS: Final = frozenset(
    ["nvidia", "ibm", "google", "meta", "microsoft", "openai", "mistralai", "tencent", "xiaomi", "baidu"]
)
_SQUASH: Final = re.compile(r"[^a-z0-9.]+|\.(?!\d)")
_BETWEEN_NUMBERS: Final = re.compile(r"(?<=\d) +(?=\d)")

TUNED: Final = re.compile(
    r"abliterat|uncensor|heretic|distill|finetun|fine-tun|merge|roleplay|\brp\b|derestrict|obliterat|unhinged|deckard|claude|opus|lora\b",
    re.IGNORECASE,
)
"""Words that say a repository holds someone's variation of another's model."""

SIDE: Final = re.compile(
    r"embed|rerank|reward|guard|safety|tokenizer|adapter|\bsae\b|\btest\b|tiny-?random|checkpoint|wosyn|probe|\bpt\b|intermediate|ablation"
    r"|draft|speculator|eagle|assistant",
    re.IGNORECASE,
)
"""Words of by-products: useful to some, news to few."""


HOMES: Final[tuple[tuple[str, str], ...]] = (
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("gemma", "google"),
    ("llama", "meta-llama"),
    ("mistral", "mistralai"),
    ("ministral", "mistralai"),
    ("devstral", "mistralai"),
    ("magistral", "mistralai"),
    ("voxtral", "mistralai"),
    ("deepseek", "deepseek-ai"),
    ("glm", "zai-org"),
    ("kimi", "moonshotai"),
    ("minimax", "minimaxai"),
    ("gptoss", "openai"),
    ("nemotron", "nvidia"),
    ("phi", "microsoft"),
    ("granite", "ibm-granite"),
    ("lfm", "liquidai"),
    ("olmo", "allenai"),
    ("smollm", "huggingfacetb"),
    ("falcon", "tiiuae"),
    ("hermes", "nousresearch"),
    ("step", "stepfun-ai"),
    ("mimo", "xiaomimimo"),
    ("exaone", "lgai-exaone"),
    ("kexaone", "lgai-exaone"),
    ("solar", "upstage"),
    ("command", "coherelabs"),
    ("seedoss", "bytedance-seed"),
    ("hy", "tencent"),
    ("hunyuan", "tencent"),
    ("ernie", "baidu"),
    ("internvl", "opengvlab"),
    ("interns", "internlm"),
    ("minicpm", "openbmb"),
    ("ling", "inclusionai"),
    ("ring", "inclusionai"),
    ("trinity", "arcee-ai"),
    ("laguna", "poolside"),
    ("nanbeige", "nanbeige"),
)
"""Families and the organisation whose they are (lower case): the same name from elsewhere is someone's variation."""


def home_of(key: str) -> str | None:
    """Return the organisation a family belongs to, None for families without a known home."""
    found = [(len(family), org) for family, org in HOMES if key.startswith(family)]
    return max(found)[1] if found else None


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name taken apart. `key` identifies the release, `full_key` with its tier; `packaged` says a mere repack."""

    key: str
    full_key: str
    family: str
    sizes: tuple[str, ...]
    tiers: tuple[str, ...]
    packaged: bool


def squash(text: str) -> str:
    """Return the text in lower case, its words run together, except that numbers stay apart: `qwen3.6-27breleased`."""
    spaced = _SQUASH.sub(" ", _UNDERSCORED_VERSION.sub(".", text.lower())).strip(". ")
    return _BETWEEN_NUMBERS.sub("-", spaced).replace(" ", "")


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
        elif index and _PACKAGING.match(low) and not _is_version(low, family):
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


def _is_version(word: str, family: list[str]) -> bool:
    """Whether a bare letter-and-number (`m2`, `k2.6`) is the version of a family that has none yet."""
    return bool(_VERSION.match(word)) and "." in word and not any(any(c.isdigit() for c in part) for part in family)


def mentions(text: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that `text` names, the longest one where one begins with another."""
    squashed = squash(text)
    found = [key for key in keys if _names(squashed, key)]
    return tuple(key for key in found if not any(other != key and other.startswith(key) for other in found))


def _names(squashed: str, key: str) -> bool:
    """Whether `key` stands in the text and no further digit changes its version (`glm5` is not in `glm5.1`)."""
    start = squashed.find(key)
    while start >= 0:
        after = squashed[start + len(key) : start + len(key) + 2]
        continues = key[-1].isdigit() and (after[:1].isdigit() or (after[:1] == "." and after[1:].isdigit()))
        before = squashed[start - 1 : start]
        if not continues and not (key[0].isdigit() and before.isdigit()):
            return True
        start = squashed.find(key, start + 1)
    return False
