"""Which engine a text means: by name ("in ollama", "lmstudio"), or by a setting or log line of its own (`num_ctx`).

Names as the engines write themselves. Which engines the estimator knows is its own matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from knowledge import linear


@dataclass(frozen=True, slots=True)
class EngineReading:
    """The engine meant, None where none is named, and where engine names stand in the text."""

    name: str | None
    spans: tuple[tuple[int, int], ...]


_NAMES: tuple[tuple[str, str], ...] = (
    ("ik_llama.cpp", r"ik[_ -]?llama(?:[._ ]?cpp)?"),
    ("llamafile", r"llamafile"),
    ("llama-cpp-python", r"llama[-_]cpp[-_]python"),
    ("llama.cpp", r"llama[.,_ -]?c(?:pp|\+\+)|llama[-_](?:server|cli|bench|swap|run|simple|perplexity)|lcpp|llamacpp"),
    ("lm studio", r"lm[ -]?studio|lms"),
    ("ollama", r"ollama"),
    ("mlx", r"mlx(?:[-_ ]?(?:lm|vlm|swift|engine|server))?"),
    ("vllm", r"v[- ]?llm"),
    ("sglang", r"sg[- ]?lang"),
    ("koboldcpp", r"kobold(?:[ .]?cpp|ai)?"),
    ("exllamav3", r"ex?llama ?v3|exl3 engine"),
    ("exllamav2", r"ex?llama ?v2|exui"),
    ("exllama", r"exllama"),
    ("tabbyapi", r"tabby ?(?:api)?"),
    ("ktransformers", r"k[- ]?transformers"),
    ("tensorrt-llm", r"tensor ?rt(?:[- ]?llm)?|trt[- ]?llm"),
    ("tgi", r"tgi|text[- ]generation[- ]inference"),
    ("text-generation-webui", r"text[- ]gen(?:eration)?[- ]?(?:web ?ui)?|oobabooga|ooba"),
    ("mlc-llm", r"mlc(?:[- ]?(?:llm|chat))?|web-?llm"),
    ("gpt4all", r"gpt4all"),
    ("localai", r"local ?ai\.io|localai"),
    ("lmdeploy", r"lm ?deploy"),
    ("aphrodite", r"aphrodite"),
    ("powerinfer", r"power ?infer"),
    ("h2ogpt", r"h2o ?gpt"),
    ("fastflowlm", r"fast ?flow ?lm|flm"),
    ("lemonade", r"lemonade"),
    ("mflux", r"mflux"),
    ("ds4", r"ds4"),
    ("comfyui", r"comfy ?ui"),
    ("jan", r"jan\.ai|jan app"),
    ("msty", r"msty"),
    ("mistral.rs", r"mistral\.?rs"),
    ("ctransformers", r"ctransformers"),
    ("openvino", r"open ?vino"),
    ("transformers", r"(?:hf |huggingface |hugging face )?transformers|accelerate"),
)
_PATTERN = linear.compile(r"(?:\b|_)(?:" + "|".join(f"({words})" for _, words in _NAMES) + r")(?:\b|_|[^\x00-\x7f])")
_SETTINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ollama", ("num_ctx", "ollama_", "num_gpu ", "modelfile", "layers.offload=", "source=ggml.go", "num_predict")),
    (
        "transformers",
        ("load_in_4bit", "load_in_8bit", "from_pretrained(", ".from_pretrained", "bitsandbytesconfig", "torch_dtype="),
    ),
    ("tensorrt-llm", ("trtllm-", "trtllm_")),
    ("tgi", ("--num-shard", "--max-batch-prefill-tokens", "--max-total-tokens")),
    ("sglang", ("sglang.launch", "mem-fraction-static", "mem_fraction_static", "chunked-prefill-size", "--tp-size")),
    (
        "vllm",
        (
            "gpu_memory_utilization",
            "gpu-memory-utilization",
            "tensor_parallel_size",
            "tensor-parallel-size",
            "max_model_len",
            "max-model-len",
            "max-num-seqs",
            "max_num_seqs",
            "enforce-eager",
            "enforce_eager",
            "max-num-batched-tokens",
            "max_num_batched_tokens",
            "--kv-cache-dtype",
            "--cpu-offload-gb",
            "--swap-space",
        ),
    ),
    ("koboldcpp", ("--gpulayers", "--contextsize", "--usecublas", "--usevulkan", "--quantkv")),
    ("tabbyapi", ("cache_mode:", "gpu_split_auto", "autosplit_reserve")),
    ("ik_llama.cpp", ("-fmoe", " -rtr", " -amb ")),
    ("lm studio", (".lmstudio/",)),
    ("ktransformers", ("--gguf_path", "optimize_config_path", "--optimize_rule_path")),
    (
        "llama.cpp",
        (
            *("-ngl", "-ctk", "-ctv", "--n-cpu-moe", "--cache-type-k", "--cache-type-v", "--ctx-size"),
            *("--n-gpu-layers", "-ot ", "--override-tensor", "--mmproj", "--tensor-split"),
            *("--split-mode", "--cpu-moe", "--cache-reuse", "--n-predict", "--model-draft", "-ncmoe"),
            *("llama_model_loader", "llama_kv_cache", "load_tensors:", "ggml_cuda_init", "ggml_backend_"),
        ),
    ),
)
"""Settings and log lines of one engine, the nearer to the user first: Ollama's log holds lines of llama.cpp."""
_OLLAMA_TAG = linear.compile(r"(?:^|[\s*`'(>])[a-z][a-z0-9.\-]*:(?:e?\d+(?:\.\d+)?b|latest|\d+x\d+b)(?:[-\s?,.*`')]|$)")
"""A model written as `name:tag`, as nothing but Ollama's library does."""

_HINTS = (
    "llama",
    "lm",
    "mlx",
    "sg",
    "kobold",
    "tabby",
    "transformers",
    "tensor",
    "trt",
    "tgi",
    "text",
    "ooba",
    "mlc",
    "gpt",
    "local",
    "aphrodite",
    "power",
    "h2o",
    "fast",
    "lemonade",
    "mflux",
    "ds4",
    "comfy",
    "jan",
    "msty",
    "mistral",
    "open",
    "exui",
    "accelerate",
    "lcpp",
)


def read_engine(text: str) -> EngineReading:
    """The engine `text` (in normal form) names first; a setting speaks only where no name does."""
    name: str | None = None
    spans: list[tuple[int, int]] = []
    if any(hint in text for hint in _HINTS):
        for match in _PATTERN.finditer(text):
            group = match.lastindex or 0
            start, end = match.span(group)
            if _NAMES[group - 1][0] == "lm studio" and text.startswith("-community", end):
                continue  # who publishes files, not what runs them
            spans.append((start, end))
            if name is None or name == "transformers":
                name = _NAMES[group - 1][0]
    if name is None and _OLLAMA_TAG.search(text):
        name = "ollama"
    if name is None:
        name = next((engine for engine, words in _SETTINGS if any(word in text for word in words)), None)
    return EngineReading(name, tuple(spans))
