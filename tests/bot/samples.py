"""A small hand-made snapshot and answers over it, for tests that need known words rather than the whole catalogue."""

from __future__ import annotations

from knowledge.catalog import Device, ErrorClass, Fix, Model, Signature, Term
from knowledge.estimator.request import Change, ContextParams, DeviceAsk, FitAnswer, FitRequest, Interval, MemoryParts
from knowledge.units import GIB

MODEL = Model(
    id="qwen3-8b",
    name="Qwen3-8B",
    family="Qwen3",
    org="Alibaba Qwen",
    kind="chat",
    sources=("https://huggingface.co/Qwen/Qwen3-8B",),
)
DEVICE = Device(
    id="nvidia-geforce-rtx-3060-12-gb",
    name="GeForce RTX 3060 12 GB",
    vendor="NVIDIA",
    kind="gpu",
    segment="desktop",
    sources=("https://www.techpowerup.com/gpu-specs/geforce-rtx-3060-12-gb.c3682",),
    memory_bytes=12 * GIB,
)
FIT = FitAnswer(
    request=FitRequest(
        model=MODEL, quant="Q4_K_M", devices=(DeviceAsk(device=DEVICE),), context=ContextParams(n_ctx=8192)
    ),
    memory=MemoryParts(
        weights_bytes=5 * GIB,
        kv_cache_bytes=GIB,
        recurrent_bytes=0,
        compute_bytes=GIB // 4,
        overhead_bytes=GIB // 2,
        host_weights_bytes=GIB // 3,
    ),
    available_bytes=11 * GIB,
    fit_tier="comfortable",
    n_gpu_layers=37,
    decode_tok_s=Interval(low=40.0, mid=46.0, high=52.0),
    prefill_tok_s=Interval(low=1000.0, mid=1200.0, high=1500.0),
    ttft_s=0.4,
    max_n_ctx=32768,
    max_n_ctx_at_20_tok_s=24576,
    best_quant="Q8_0",
    command="llama-server -hf Qwen/Qwen3-8B-GGUF:Q4_K_M -c 8192 -ngl 99",
    changes=(Change(text="KV cache in q8_0", axis="kv", cost=1.0),),
    feel="chat feels fluid; too slow to the first token for voice or code completion",
    assumptions=("llama.cpp, cuda backend", "context 8k, KV f16"),
)
TERM = Term(
    id="kv-cache",
    term="KV cache",
    category="Context & attention",
    aliases=("key-value cache",),
    related=("context-window", "gqa"),
    errors=("cuda_oom_ggml",),
    guides=(),
    sources=("https://github.com/ggml-org/llama.cpp/blob/master/src/llama-kv-cache.cpp",),
    reviewed="2026-11-23",
    definition="The memory in which a model keeps what it has worked out so far.",
    deeper="Attention compares the newest token with every earlier one.",
    practical="An 8B model keeps 1.0 GiB of cache at 8k tokens.",
    workflow="Run `llama-server -m model.gguf -c 8192 -ctk q8_0`.",
)
ERROR = ErrorClass(
    id="cuda_oom_ggml",
    title="CUDA out of memory in llama.cpp",
    category="Out of memory",
    tools=("llama.cpp", "ollama"),
    platforms=("cuda",),
    signatures=(Signature(pattern="cudaMalloc failed: out of memory"),),
    not_signatures=(),
    cues=(),
    rank=1,
    confirmed="maintainer",
    sources=("https://github.com/ggml-org/llama.cpp/issues/7366",),
    related=("kv_cache_alloc_fail",),
    verified="2026-11-23",
    example="cudaMalloc failed: out of memory",
    cause="The card had less memory left than was asked for.",
    fixes=(Fix(text="See who holds the memory.", command="nvidia-smi"), Fix(text="Ask for less context.")),
    verify="The log reaches `KV buffer size`.",
)
