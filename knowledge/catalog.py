"""The facts the core works with, as plain immutable dataclasses, and `Knowledge`, the snapshot that holds them all.

Nothing here computes, loads or saves: `content_loader` reads files into these, `store` keeps them, `estimator`,
`question`, `search` and `answers` read them. Sizes are bytes, rates per second; `None` is "unknown", never a guess.
Names follow GGUF and llama.cpp; Hugging Face's are mapped in the loader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Evidence = Literal["M", "M~", "C", "~", "E"]
"""Evidence tiers, best first: measured, measured near, community, extrapolated, estimated."""

FitTier = Literal["comfortable", "trade-offs", "no"]
"""The brand's verdicts: runs comfortably, runs with trade-offs, will not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """What an engine must know of a language model to lay it out in memory (hyper-parameters, no weights).

    `mixers` and `ffns` hold one letter a layer and are repeated cyclically when shorter than `n_layer`:
    mixers: `f` full attention, `s` sliding-window attention, `r` recurrent (Mamba, gated delta net, KDA), `c` short
    convolution, `h` attention and recurrent side by side, `.` none. ffns: `d` dense, `e` experts, `.` none; empty means
    `n_layer_dense_lead` dense layers, then experts where `n_expert` > 0, else dense.
    """

    arch: str
    n_layer: int
    n_embd: int
    n_vocab: int
    n_ctx_train: int
    n_head: int
    n_head_kv: int
    n_embd_head_k: int
    n_embd_head_v: int
    n_ff: int = 0
    tie_embeddings: bool = False
    mixers: str = "f"
    ffns: str = ""
    # the context its maker documents with rope scaling switched on (YaRN), where that is longer than n_ctx_train
    n_ctx_rope: int = 0
    # per-layer widths, where layers differ (length n_layer; empty: all alike)
    n_head_by_layer: tuple[int, ...] = ()
    n_head_kv_by_layer: tuple[int, ...] = ()
    n_ff_by_layer: tuple[int, ...] = ()
    # experts
    n_expert: int = 0
    n_expert_used: int = 0
    n_expert_shared: int = 0
    n_ff_exp: int = 0
    n_ff_shexp: int = 0
    n_layer_dense_lead: int = 0
    n_moe_latent: int = 0
    # sliding window; the *_swa widths hold where the sliding layers' heads differ (0: same as the others)
    n_swa: int = 0
    n_head_kv_swa: int = 0
    n_embd_head_k_swa: int = 0
    n_embd_head_v_swa: int = 0
    # layers that share an earlier layer's K and V (Gemma 3n, 4 E-models): that many at the end hold none of their own
    n_layer_kv_shared: int = 0
    n_embd_per_layer: int = 0
    attn_k_eq_v: bool = False
    # multi-head latent attention
    q_lora_rank: int = 0
    kv_lora_rank: int = 0
    n_rot: int = 0
    n_embd_head_qk_nope: int = 0
    n_embd_head_v_mla: int = 0
    # sparse attention with an indexer; DeepSeek V4's compression
    indexer_n_head: int = 0
    indexer_head_size: int = 0
    indexer_top_k: int = 0
    compress_ratios: tuple[int, ...] = ()
    o_lora_rank: int = 0
    o_groups: int = 0
    # hyper-connections (DeepSeek V4; 0: the architecture's usual four) and layers routed by a token table
    hc_mult: int = 0
    n_layer_hash: int = 0
    # layers that own an indexer, one letter a layer: i owns one, . shares the preceding one's; empty: all own one
    indexers: str = ""
    # recurrent state, GGUF's ssm.* keys
    ssm_d_conv: int = 0
    ssm_d_inner: int = 0
    ssm_d_state: int = 0
    ssm_n_group: int = 0
    ssm_dt_rank: int = 0
    ssm_norm: bool = False
    kda_head_dim: int = 0
    shortconv_l_cache: int = 0
    # multi-token-prediction layers the file carries besides n_layer
    n_layer_nextn: int = 0
    # None: as the architecture usually has it
    ffn_gated: bool | None = None
    attn_qkv_bias: bool | None = None
    attn_out_bias: bool | None = None
    qk_norm: bool | None = None

    def __hash__(self) -> int:
        """Hash what tells most shapes apart: figures are remembered by shape, and hashing all of it took longest."""
        return hash((self.arch, self.n_layer, self.n_embd, self.n_vocab, self.n_ff, self.n_head_kv, self.n_ctx_train))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One open model. `shape` is None where it was never checked: then nothing is computed for it.

    `params_total` and `params_active` are counts as published. `base_id` is the model this one was tuned from.
    `file_bytes` maps a file type to the real size of a published file, where one is known.
    """

    id: str
    name: str
    family: str
    org: str
    kind: str
    sources: tuple[str, ...]
    repos: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    release_date: str | None = None
    params_total: int | None = None
    params_active: int | None = None
    params_text: int | None = None
    license: str | None = None
    gguf_repo: str | None = None
    downloads: int = 0
    base_id: str | None = None
    shape: ModelShape | None = None
    shape_check: str = "none"
    n_params_vision: int | None = None
    file_bytes: Mapping[str, int] = field(default_factory=dict)
    notes: str = ""

    @property
    def writes_text(self) -> bool:
        """Whether it writes one token after another.

        An embedding, reranking or reward model only reads, and gives numbers; one that writes by diffusion fills in
        many tokens at once, so that its speed is another matter.
        """
        return self.kind not in {"embedding", "reward", "diffusion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something a model can run on: a GPU, an SoC with unified memory, a CPU with its RAM channels, an NPU.

    `memory_options_bytes` lists what it is sold with; `memory_bytes` the usual one. `bandwidth_bytes_per_s` is the
    theoretical peak. `fp16_flops` is dense, with fp32 accumulate (`fp16_basis` says how it was had).
    `cpu_cores` are a CPU's performance cores and `cpu_clock_hz` their boost: of a usual model, where an entry stands
    for a platform.
    """

    id: str
    name: str
    vendor: str
    kind: Literal["gpu", "soc", "igpu", "cpu", "npu", "accelerator"]
    segment: str
    sources: tuple[str, ...]
    arch: str = ""
    aliases: tuple[str, ...] = ()
    release_year: int | None = None
    memory_bytes: int | None = None
    memory_options_bytes: tuple[int, ...] = ()
    memory_type: str = ""
    bandwidth_bytes_per_s: float | None = None
    fp16_flops: float | None = None
    fp16_basis: str = ""
    int8_ops: float | None = None
    tdp_w: float | None = None
    compute_cap: str = ""
    gfx: str = ""
    n_cores: str = ""
    cpu_arch: str = ""
    cpu_cores: int | None = None
    cpu_clock_hz: float | None = None
    backends: tuple[str, ...] = ()
    launch_price_usd: float | None = None
    price_basis: str = ""
    checked: str = ""
    notes: str = ""

    def __hash__(self) -> int:
        """Hash the id, which tells devices apart: what is known of a device is remembered by it."""
        return hash(self.id)

    @property
    def unified_memory(self) -> bool:
        """Whether the accelerator shares the machine's RAM."""
        return self.kind in {"soc", "igpu"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantType:
    """A tensor type or a file type (a recipe of tensor types), with the names people write for it.

    `bpw` is bits per weight of the block format for tensor types, and the usual average for file types.
    """

    id: str
    name: str
    format: Literal["gguf", "mlx", "exl", "hf"]
    bpw: float
    aliases: tuple[str, ...] = ()
    kl_divergence: float | None = None
    perplexity_delta_pct: float | None = None
    needs_imatrix: bool = False
    sources: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One way people write a model, device or quant. `also` lists other ids the same words may mean.

    `evidence` is `seen:N`, `curated` or `generated`, strongest first.
    """

    kind: Literal["model", "hardware", "quant"]
    text: str
    id: str
    evidence: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One glossary entry: front matter and the sections of its Markdown body, as written (templates not rendered)."""

    id: str
    term: str
    category: str
    aliases: tuple[str, ...]
    related: tuple[str, ...]
    errors: tuple[str, ...]
    guides: tuple[str, ...]
    sources: tuple[str, ...]
    reviewed: str
    definition: str
    deeper: str
    practical: str
    workflow: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A text pattern of an error. `pattern` is RE2 syntax; `versions` says since/until when the engine words it so."""

    pattern: str
    versions: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One thing to try, in order of likely success, with the command to type where there is one."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorClass:
    """One class of error with its signatures, cause and ranked fixes.

    `rank` orders causes above symptoms: the lower number wins when several match. `confirmed` says by whom.
    """

    id: str
    title: str
    category: str
    tools: tuple[str, ...]
    platforms: tuple[str, ...]
    signatures: tuple[Signature, ...]
    not_signatures: tuple[str, ...]
    cues: tuple[str, ...]
    rank: int
    confirmed: str
    sources: tuple[str, ...]
    related: tuple[str, ...]
    verified: str
    example: str
    cause: str
    fixes: tuple[Fix, ...]
    verify: str
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that runs models: what it is and how one model is run with it. `reviewed` says when and by whom."""

    id: str
    name: str
    what: str
    reviewed: str
    platforms: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    api: str = ""
    license: str = ""
    default_port: int | None = None
    default_context: str = ""
    run_one_model: str = ""
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What a model's maker recommends for sampling; `values` as written in engines' settings, e.g. "top_p 0.95"."""

    model: str
    values: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One text that answers a question at length or in short: a buyer guide, a quick answer or a prompting kit.

    `asks` are ways people put the question; `body` is Markdown as written, its expressions and tables not computed.
    `shops` are links to shops: whoever shows one shows the disclosure with it.
    """

    id: str
    kind: Literal["guide", "answer", "kit"]
    title: str
    asks: tuple[str, ...]
    terms: tuple[str, ...]
    errors: tuple[str, ...]
    related: tuple[str, ...]
    sources: tuple[str, ...]
    reviewed: str
    body: str
    settings: tuple[Sampling, ...] = ()
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The immutable snapshot every answer is computed from. Maps are by id; `content_version` is a hash of it all."""

    models: Mapping[str, Model]
    devices: Mapping[str, Device]
    quants: Mapping[str, QuantType]
    aliases: tuple[Alias, ...]
    terms: Mapping[str, Term]
    errors: Mapping[str, ErrorClass]
    tools: Mapping[str, Tool]
    content_version: str
    pages: Mapping[str, Page] = field(default_factory=dict)
