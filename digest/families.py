"""Who is at home where: model families and the organisations whose they are; words of variations and by-products.

Facts about names, in tables; it reads no names (`names` does) and judges nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

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


ALSO_WORDS: Final = frozenset(
    {"hy", "ling", "ring", "step", "phi", "solar", "command", "hermes", "falcon", "llama", "trinity"}
)
"""Families whose names begin other words too: a letter after them makes it another name (`hypernova`)."""


_GEMMAS: Final = re.compile(r"^[a-z]+gemma(?:\d|$)")
"""`medgemma`, `functiongemma`, `diffusiongemma`: one maker's, whatever stands before."""


@cache
def home_of(key: str) -> str | None:
    """Return the organisation a family belongs to, None for families without a known home."""
    found = [
        (len(family), org)
        for family, org in HOMES
        if key.startswith(family) and not (family in ALSO_WORDS and key[len(family) : len(family) + 1].isalpha())
    ]
    return max(found)[1] if found else "google" if _GEMMAS.match(key) else None


_GLUED: Final = re.compile(
    rf"(?<=[a-z])(?=(?:{'|'.join(family for family, _ in HOMES if family not in ALSO_WORDS)})-?\d)", re.IGNORECASE
)


def split_families(name: str) -> str:
    """Return a name with a space before a family and its number glued to another word: `super gemma4`."""
    return _GLUED.sub(" ", name)


ENGINES: Final = frozenset(
    {
        "ollama/ollama",
        "ggml-org/llama.cpp",
        "vllm-project/vllm",
        "huggingface/transformers",
        "ml-explore/mlx-lm",
        "ml-explore/mlx",
        "comfyanonymous/comfyui",
        "sgl-project/sglang",
        "turboderp-org/exllamav3",
        "lostruins/koboldcpp",
    }
)
"""Programs most readers run: their new lines are news, others' hardly ever."""

GENERAL: Final = frozenset(
    word
    for line in (
        "ai ml llm llms vlm moe gpu gpus cpu npu vram ram ssd api apis cli sdk mcp kv mtp pr the a an and of for",
        "local localllama localllm open source weights model models update new first best follow up amd nvidia",
        "intel apple google meta microsoft openai anthropic xai alibaba deepmind deepseek mistral qwen gemma",
        "llama glm kimi minimax hugging face huggingface github reddit ollama vllm llama.cpp unsloth gguf ggufs",
        "mlx rtx dgx mac macbook macos ios iphone windows linux android chatgpt claude gemini grok gpt opus",
        "sonnet cursor copilot youtube vscode pytorch cuda rocm vulkan fp8 nvfp4 mxfp4 int4 awq gptq",
    )
    for word in line.split()
)
"""Words in so many titles that they name no one thing."""
