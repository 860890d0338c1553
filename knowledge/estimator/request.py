"""What the estimator is asked and what it answers: plain records, no arithmetic.

`ContextParams` mirrors llama.cpp's context parameters. `Extras` is what is loaded beside the model: a vision projector,
a draft, adapters. `FitRequest` is a resolved question (objects, not names). `FitAnswer` is the whole answer; cards,
mails and the command line only set it in type.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.catalog import Device, Evidence, FitTier, Model, ModelShape
from knowledge.estimator.speed_learn import Learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextParams:
    """The engine's context settings. `n_outputs` is the number of logits rows kept.

    None means one per slot, as when serving.
    """

    n_ctx: int = 8192
    type_k: str = "f16"
    type_v: str = "f16"
    flash_attn: bool = True
    n_batch: int = 2048
    n_ubatch: int = 512
    n_parallel: int = 1
    kv_unified: bool = False
    n_outputs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAsk:
    """`count` devices of one kind; `memory_bytes` where the asker said how much each has (else the device's usual)."""

    device: Device
    count: int = 1
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAsk:
    """What drafts tokens for the model to check: a small model, or its own multi-token-prediction layers.

    `shape` None means the model's own layers. `n_max` tokens are drafted at most before each check. `acceptance` is the
    chance that a drafted token is kept; None takes the published range.
    """

    shape: ModelShape | None = None
    name: str = ""
    family: str = ""
    quant: str = "Q8_0"
    gguf_repo: str = ""
    n_max: int = 16
    acceptance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraAsk:
    """A LoRA adapter: by its rank and the matrices it adapts (empty: all of each layer), or by its file's bytes."""

    rank: int = 0
    targets: tuple[str, ...] = ()
    file_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is loaded beside the model. `projector_on_host` is llama.cpp's `--no-mmproj-offload`."""

    vision: bool = False
    projector_type: str = "f16"
    projector_on_host: bool = False
    draft: DraftAsk | None = None
    loras: tuple[LoraAsk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRequest:
    """One resolved question. `n_gpu_layers` None lets the planner choose, as the engine's own fit does.

    `depth` is the number of tokens already in the context when decoding starts; `measured_tok_s` what the asker saw.
    `n_threads` counts where CPU cores compute (None: all performance cores); `learnt` is what a measurement of any
    model on this machine taught (`speeds.learn_from`).
    """

    model: Model
    quant: str
    devices: tuple[DeviceAsk, ...] = ()
    ram_bytes: int | None = None
    context: ContextParams = field(default_factory=ContextParams)
    engine: str = "llama.cpp"
    backend: str | None = None
    n_prompt: int = 512
    depth: int = 0
    n_gpu_layers: int | None = None
    n_cpu_moe: int | None = None
    measured_tok_s: float | None = None
    n_threads: int | None = None
    learnt: Learnt | None = None
    extras: Extras | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its 80 % interval, in the unit its field's name says."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryParts:
    """Bytes by part, on the accelerator(s) and on the host. `overhead` is what the driver and runtime take besides.

    `projector`, `draft` and `lora` are the extras with all that belongs to them (weights, cache, buffers).
    """

    weights_bytes: int
    kv_cache_bytes: int
    recurrent_bytes: int
    compute_bytes: int
    overhead_bytes: int = 0
    host_weights_bytes: int = 0
    host_kv_cache_bytes: int = 0
    host_recurrent_bytes: int = 0
    host_compute_bytes: int = 0
    projector_bytes: int = 0
    draft_bytes: int = 0
    lora_bytes: int = 0
    host_projector_bytes: int = 0

    @property
    def extras_bytes(self) -> int:
        """What is loaded beside the model on the accelerator(s)."""
        return self.projector_bytes + self.draft_bytes + self.lora_bytes

    @property
    def total_bytes(self) -> int:
        """Everything on the accelerator(s)."""
        model = self.weights_bytes + self.kv_cache_bytes + self.recurrent_bytes + self.compute_bytes
        return model + self.extras_bytes + self.overhead_bytes

    @property
    def host_total_bytes(self) -> int:
        """Everything in host memory."""
        model = self.host_weights_bytes + self.host_kv_cache_bytes + self.host_recurrent_bytes + self.host_compute_bytes
        return model + self.host_projector_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a file type and a KV cache type cost in quality, as published for one model.

    `kl_divergence` is the mean KL divergence of next-token probabilities from the 16-bit model's, in nats;
    `perplexity_delta_pct` the rise in perplexity; `kv_kl_low` and `kv_kl_high` bound what the cache type adds (0, 0 for
    16 bits; None where nothing is published).
    """

    quant: str
    words: str
    kl_divergence: float | None = None
    perplexity_delta_pct: float | None = None
    kv_kl_low: float | None = 0.0
    kv_kl_high: float | None = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speculation:
    """Decoding with a draft: its speed, and how many tokens each check of the model yields."""

    decode_tok_s: Interval
    speedup: Interval
    tokens_per_check: float
    acceptance: Interval
    n_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that turns a no into a yes (or trade-offs into comfort): what to change and what it costs."""

    text: str
    axis: str
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FitAnswer:
    """The answer to a FitRequest. Speeds are None where a needed fact is unknown.

    `available_bytes` is what the accelerators have beside the driver's own share. `assumptions` says what was taken as
    given.
    """

    request: FitRequest
    memory: MemoryParts
    available_bytes: int | None = None
    host_available_bytes: int | None = None
    fit_tier: FitTier | None = None
    n_gpu_layers: int | None = None
    n_cpu_moe: int | None = None
    decode_tok_s: Interval | None = None
    prefill_tok_s: Interval | None = None
    ttft_s: float | None = None
    max_n_ctx: int | None = None
    max_n_ctx_at_20_tok_s: int | None = None
    best_quant: str | None = None
    command: str = ""
    changes: tuple[Change, ...] = ()
    feel: str = ""
    evidence: Evidence = "E"
    assumptions: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    quality: Quality | None = None
    speculation: Speculation | None = None

    @property
    def room_bytes(self) -> int | None:
        """What `memory.total_bytes` may come to, the driver's share included; None where no hardware was named."""
        return None if self.available_bytes is None else self.available_bytes + self.memory.overhead_bytes

    @property
    def written_tok_s(self) -> Interval | None:
        """The speed of writing as people are shown it: None for one without (`writes_text`)."""
        return self.decode_tok_s if self.request.model.writes_text else None
