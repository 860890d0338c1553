"""How the engines differ: their defaults, what they allocate, and why the same question gets different answers.

Each `Engine` states its rules as data; `memory_of` turns them into bytes for engines that do not place layer by layer.
llama.cpp, Ollama and LM Studio share llama.cpp's planner (offload.py). No names are resolved and no
speeds computed here.
Sources: Ollama's documentation and ollama#15634 (context by VRAM since 0.15.5); vLLM's engine arguments
(gpu_memory_utilization 0.9, hybrid KV-cache manager); mlx-lm's quantisation (group size 64); ExLlamaV3's readme (cache
bits, pages of 256); transformers' cache documentation (DynamicCache, dtype of the model).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.catalog import ModelShape
from knowledge.errors import UnknownName
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.request import ContextParams, MemoryParts
from knowledge.estimator.weights import weights
from knowledge.units import GIB, MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine's rules. `utilisation` is the share of the card it takes; `page_tokens` the size of a KV page.

    `caps_sliding_window`: whether sliding-window layers hold only their window. `default_quant` is what its users run.
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
    can_offload: bool = False
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
            can_offload=True,
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
            utilisation=0.9,
            page_tokens=16,
            caps_sliding_window=False,
            activation_bytes=1536 * MIB,
            why="takes 90 % of the card at start and fills what the weights leave with paged KV cache",
        ),
        Engine(
            id="mlx",
            name="MLX",
            uses_llama_cpp=False,
            default_quant="mlx-4bit",
            formats=("mlx",),
            backends=("metal", "mlx"),
            activation_bytes=300 * MIB,
            why="quantises in groups of 64 (4-bit is 4.5 bits a weight) and may use what macOS lets the GPU wire",
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
            why="stores weights at any bits a weight; the cache is paged by 256 tokens and may be quantised",
        ),
        Engine(
            id="transformers",
            name="transformers",
            uses_llama_cpp=False,
            default_quant="bf16",
            formats=("hf",),
            backends=("cuda", "rocm", "metal", "cpu"),
            activation_bytes=1024 * MIB,
            why="loads 16-bit weights unless bitsandbytes is asked for; the cache grows with the conversation",
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


def memory_of(engine: Engine, shape: ModelShape, quant: str, context: ContextParams, n_devices: int = 1) -> MemoryParts:
    """Bytes an engine without llama.cpp's planner allocates, all of it on the accelerator(s).

    Paged engines round the context up to whole pages; those without a window cap charge sliding layers in full.
    """
    paged = -(-context.n_ctx // engine.page_tokens) * engine.page_tokens
    seen = replace(shape, n_swa=0, mixers=shape.mixers.replace("s", "f")) if not engine.caps_sliding_window else shape
    cache = kv_cache(seen, replace(context, n_ctx=paged))
    w = weights(shape, quant)
    buffers = compute_buffer(shape, context)
    return MemoryParts(
        weights_bytes=w.total_file_bytes,
        kv_cache_bytes=cache.kv_bytes,
        recurrent_bytes=cache.recurrent_bytes,
        compute_bytes=max(buffers.device_bytes, engine.activation_bytes) * n_devices,
    )
