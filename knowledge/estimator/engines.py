"""How the engines differ: their defaults, what they allocate, and why the same question gets different answers.

Each `Engine` states its rules as data; `memory_of` turns them into bytes for engines that do not place layer by layer.
llama.cpp, Ollama and LM Studio share llama.cpp's planner (offload.py). No names are resolved and no
speeds computed here.
Sources: Ollama's docs/context-length.mdx (context by VRAM since 0.15.5: 4k below 24 GiB, 32k below 48, 256k above) and
its FAQ (OLLAMA_NUM_PARALLEL 1; OLLAMA_KV_CACHE_TYPE f16, q8_0 or q4_0, with flash attention); vLLM's config/cache.py
(gpu_memory_utilization 0.92, before 0.9; blocks of 16), kv_cache_interface.py (a sliding layer holds its window and
one batch; hybrid manager on by default since 0.10) and its start-up logs (CUDA graphs take 0.5 to 1 GiB); mlx-lm's
quantisation (group size 64), prompts read 2,048 tokens at a time, and its reported peaks (about 700 MiB over weights
and cache, and more as the cache is copied to grow); ExLlamaV3's readme (cache of 2 to 8 bits, pages of 256);
transformers' cache documentation (DynamicCache grows, sliding layers keep their window).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.catalog import Model, ModelShape
from knowledge.errors import BadInput, UnknownName
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.layers import is_mla, layer_mixers
from knowledge.estimator.quant import CACHE_TYPES, is_quantized
from knowledge.estimator.request import ContextParams, MemoryParts
from knowledge.estimator.weights import weights
from knowledge.said import worded
from knowledge.units import GIB, MIB

LLAMA_CPP_BUILD = "b11434"
"""The build whose sources the memory model, the flags and the list below were read in."""

NOT_IN_LLAMA_CPP = frozenset({"flex-olmo", "kolibri", "olmo-hybrid"})
"""Architectures of the catalogue that this build does not load: computed, but nothing starts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine's rules. `utilisation` is the share of the card it takes; `page_tokens` the size of a KV page.

    `caps_sliding_window`: whether sliding-window layers hold only their window. `batch_tokens` and `batch_outputs` are
    the tokens and logits of the largest batch it makes room for, `activation_bytes` what it needs at least,
    `graph_bytes` what recorded graphs take besides. `cache_copies` is how often one layer's cache is held while it
    grows. `cache_types` are the KV cache types it can be asked for, `default_quant` is what its users run.
    """

    id: str
    name: str
    uses_llama_cpp: bool
    default_quant: str
    formats: tuple[str, ...]
    backends: tuple[str, ...]
    default_n_ctx: int | None = None
    default_n_parallel: int = 1
    utilisation: float = 1.0
    page_tokens: int = 1
    caps_sliding_window: bool = True
    activation_bytes: int = 0
    graph_bytes: int = 0
    batch_tokens: int = 512
    batch_outputs: int | None = None
    cache_copies: float = 0.0
    cache_types: tuple[str, ...] = CACHE_TYPES
    can_offload: bool = False
    can_draft: bool = True
    why: str = ""


ENGINES: dict[str, Engine] = {
    engine.id: engine
    for engine in (
        Engine(
            id="llama.cpp",
            name="llama.cpp",
            uses_llama_cpp=True,
            default_quant="Q4_K_M",
            formats=("gguf",),
            backends=("cuda", "rocm", "vulkan", "metal", "sycl", "cpu"),
            can_offload=True,
            why="keeps only the window of sliding layers, places whole layers, leaves 1 GiB free per device",
        ),
        Engine(
            id="ollama",
            name="Ollama",
            uses_llama_cpp=True,
            default_quant="Q4_K_M",
            formats=("gguf",),
            backends=("cuda", "rocm", "vulkan", "metal", "cpu"),
            cache_types=("f16", "q8_0", "q4_0"),
            can_offload=True,
            can_draft=False,
            why="runs llama.cpp; context 4k, 32k or 256k by the card's memory by default, one request at a time",
        ),
        Engine(
            id="lm-studio",
            name="LM Studio",
            uses_llama_cpp=True,
            default_quant="Q4_K_M",
            formats=("gguf", "mlx"),
            backends=("cuda", "rocm", "vulkan", "metal", "cpu"),
            default_n_ctx=4096,
            can_offload=True,
            why="runs llama.cpp (MLX on Macs); context 4k by default, and a guardrail that may refuse earlier",
        ),
        Engine(
            id="vllm",
            name="vLLM",
            uses_llama_cpp=False,
            default_quant="bf16",
            formats=("hf",),
            backends=("cuda", "rocm"),
            utilisation=0.92,
            page_tokens=16,
            graph_bytes=768 * MIB,
            batch_tokens=2048,
            batch_outputs=256,
            cache_types=("f16", "bf16", "q8_0"),
            why=worded(
                "why_vllm",
                "takes 92 % of the card at start, room for batches of 2,048 tokens and CUDA graphs included, and "
                "fills what the weights leave with paged KV cache; without --max-model-len it wants the model's "
                "whole context",
            ),
        ),
        Engine(
            id="mlx",
            name="MLX",
            uses_llama_cpp=False,
            default_quant="mlx-4bit",
            formats=("mlx",),
            backends=("metal", "mlx"),
            activation_bytes=700 * MIB,
            batch_tokens=2048,
            cache_copies=1.5,
            cache_types=("f16", "bf16", "q8_0", "q4_0"),
            why=worded(
                "why_mlx",
                "quantises in groups of 64 (4-bit is 4.5 bits a weight) and may use what macOS lets the GPU wire",
            ),
        ),
        Engine(
            id="exllamav3",
            name="ExLlamaV3",
            uses_llama_cpp=False,
            default_quant="exl3",
            formats=("exl",),
            backends=("cuda",),
            page_tokens=256,
            caps_sliding_window=False,
            activation_bytes=600 * MIB,
            batch_tokens=2048,
            cache_types=("f16", "q8_0", "q4_0"),
            why=worded(
                "why_exllamav3",
                "stores weights at any bits a weight; the cache is paged by 256 tokens and may be quantised",
            ),
        ),
        Engine(
            id="transformers",
            name="transformers",
            uses_llama_cpp=False,
            default_quant="bf16",
            formats=("hf",),
            backends=("cuda", "rocm", "metal", "cpu"),
            activation_bytes=1024 * MIB,
            cache_types=("f16", "bf16", "f32", "q8_0", "q4_0"),
            why=worded(
                "why_transformers",
                "loads 16-bit weights unless bitsandbytes is asked for; the cache grows with the conversation",
            ),
        ),
    )
}

_ALIASES = {
    "llamacpp": "llama.cpp",
    "llama-cpp": "llama.cpp",
    "llama-server": "llama.cpp",
    "ik_llama.cpp": "llama.cpp",
    "koboldcpp": "llama.cpp",
    "llamafile": "llama.cpp",
    "llama-cpp-python": "llama.cpp",
    "gpt4all": "llama.cpp",
    "jan": "llama.cpp",
    "msty": "llama.cpp",
    "localai": "llama.cpp",
    "lemonade": "llama.cpp",
    "text-generation-webui": "llama.cpp",
    "lm studio": "lm-studio",
    "lmstudio": "lm-studio",
    "mlx-lm": "mlx",
    "exllamav2": "exllamav3",
    "exllama": "exllamav3",
    "exl2": "exllamav3",
    "exl3": "exllamav3",
    "tabbyapi": "exllamav3",
    "hf": "transformers",
    "huggingface": "transformers",
    "sglang": "vllm",
}


def engine_by_name(name: str) -> Engine:
    """The engine people mean by `name`; raises UnknownName with the known ones."""
    key = name.strip().lower()
    engine = ENGINES.get(_ALIASES.get(key, key))
    if engine is None:
        raise UnknownName("engine", name, choices=tuple(ENGINES))
    return engine


def default_n_ctx(engine: Engine, device_bytes: int, n_ctx_train: int) -> int:
    """The context an engine starts with when nobody says one."""
    if engine.id == "ollama":
        tier = 4096 if device_bytes < 24 * GIB else 32768 if device_bytes < 48 * GIB else 262144
        return min(tier, n_ctx_train)
    if engine.default_n_ctx is not None:
        return min(engine.default_n_ctx, n_ctx_train)
    return min(8192, n_ctx_train)


_PUBLISHED = {
    ("deepseek2", "DeepSeek", 256): "fp8",
    ("deepseek32", "DeepSeek", 256): "fp8",
    ("deepseek2", "Mistral AI", 128): "fp8",
    ("minimax-m2", "MiniMax", 256): "fp8",
    ("mimo2", "Xiaomi", 256): "fp8",
    ("mistral4", "Mistral AI", 128): "fp8",
}
"""Makers that publish their weights in 8 bits alone, by architecture and number of experts (their model cards; the
`quantization_config` of config.json says fp8 with blocks of 128 × 128). DeepSeek V4's experts are in MXFP4."""

_PUBLISHED_BY_NAME = (
    # maker, how the model's id begins, how it may end, format
    ("Moonshot AI", "kimi-k2-thinking", "", "int4-experts"),
    ("Moonshot AI", "kimi-k2.", "", "int4-experts"),
    ("Moonshot AI", "kimi-k2-", "", "fp8"),
    ("Mistral AI", "devstral-2-", "", "fp8"),
    ("Mistral AI", "devstral-small-2-", "", "fp8"),
    ("Mistral AI", "ministral-3-", "-instruct-2512", "fp8"),
    ("Mistral AI", "mistral-medium-3.5-", "", "fp8"),
)
"""Where one architecture of a maker comes in several formats: the first row that fits. Kimi K2 in blocks of FP8 (its
model card), from Thinking on with experts in INT4, groups of 32 (compressed-tensors in config.json; 594 GB); Mistral's
instruct models of 2512 and later in FP8 (model cards, vLLM's recipes), its reasoning models and bases in 16 bits."""


def published_quant(model: Model) -> str | None:
    """The format the maker's own repository has, where that is not 16 bits: what vLLM and transformers then load."""
    shape = model.shape
    if shape is None:
        return None
    if native_quant(shape) is not None:
        return "mxfp4-hf"
    if shape.arch == "deepseek4" and model.org == "DeepSeek":
        return "fp8" if model.kind == "base" else "mxfp4-fp8"
    for org, begins, ends, quant in _PUBLISHED_BY_NAME:
        if model.org == org and model.id.startswith(begins) and model.id.endswith(ends):
            return quant
    return _PUBLISHED.get((shape.arch, model.org, shape.n_expert))


def check_cache(engine: Engine, context: ContextParams, shape: ModelShape) -> None:
    """Refuse a cache type the engine cannot be asked for, with this model. Raises BadInput with those it can."""
    known = engine.cache_types
    if engine.id == "mlx" and shape.n_swa and "s" in layer_mixers(shape):
        known = tuple(kind for kind in known if not is_quantized(kind))  # mlx-lm: a rotating cache is never quantised
    for name, kind in (("type_k", context.type_k), ("type_v", context.type_v)):
        if kind not in known:
            hint = worded("one_of", "One of {names}.", names=", ".join(known))
            text = worded("no_such_cache", "{engine} has no KV cache in {kind}.", engine=engine.name, kind=kind[:20])
            raise BadInput(text, subject=name, hint=hint)


def _replicas(engine: Engine, shape: ModelShape, n_devices: int) -> int:
    """How many devices hold the same keys and values where each layer is split over all of them.

    vLLM gives each device its share of the KV heads and at least one; a latent row cannot be shared out at all.
    """
    if engine.id != "vllm" or n_devices == 1 or shape.n_head % n_devices:
        return 1
    return n_devices if is_mla(shape) else max(1, n_devices // max(1, shape.n_head_kv))


def memory_of(engine: Engine, shape: ModelShape, quant: str, context: ContextParams, n_devices: int = 1) -> MemoryParts:
    """Bytes an engine without llama.cpp's planner allocates, all of it on the accelerator(s).

    Paged engines round the context up to whole pages; a sliding layer holds its window and one batch, or the whole
    context where the engine has no cap. Buffers are those of its largest batch.
    """
    paged = -(-context.n_ctx // engine.page_tokens) * engine.page_tokens
    seen = replace(shape, n_swa=0, mixers=shape.mixers.replace("s", "f")) if not engine.caps_sliding_window else shape
    batch = min(engine.batch_tokens, max(1, context.n_ctx))
    outputs = None if engine.batch_outputs is None else min(engine.batch_outputs, batch)
    working = replace(context, n_ctx=paged, n_batch=batch, n_ubatch=batch, n_outputs=outputs)
    cache = kv_cache(seen, working)
    w = weights(shape, quant)
    buffers = compute_buffer(shape, working)
    kv_bytes = cache.kv_bytes * _replicas(engine, shape, n_devices)
    holding = sum(1 for mixer in layer_mixers(seen) if mixer in "fsh") or 1
    copied = round(engine.cache_copies * cache.kv_bytes / holding)
    return MemoryParts(
        weights_bytes=w.total_file_bytes,
        kv_cache_bytes=kv_bytes,
        recurrent_bytes=cache.recurrent_bytes,
        compute_bytes=(max(buffers.device_bytes, engine.activation_bytes) + engine.graph_bytes) * n_devices + copied,
    )
