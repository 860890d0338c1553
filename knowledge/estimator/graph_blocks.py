"""The operations of a model's graph, block by block, in the order llama.cpp b11434 executes them.

Each function adds one block to a `Graph` and returns the tensor the next block reads. Sizes are those of the F32
intermediate results; weights and caches lie elsewhere. Follows llama-graph.cpp and src/models/*.cpp; views and
operations on a handful of values are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.graph_alloc import Graph, Size, plus, term
from knowledge.estimator.quant import row_bytes
from knowledge.estimator.tensors import EXPERT_ROLES
from knowledge.estimator.tensors_traits import ArchTraits

F32 = 4
I64 = 8
_HYBRIDS = {"granitehybrid", "nemotron_h", "nemotron_h_moe"}
_NO_ROPE = {"bert", "bloom", "gpt2", "jamba", "jina-bert-v2", "mpt", "starcoder", *_HYBRIDS}
"""Architectures that neither rotate nor normalise Q and K: no second copy of them."""
_ROPE_IN_WINDOWS = {"cohere2", "cohere2moe"}
"""Architectures that rotate Q and K in their sliding layers only."""
_V_NORM = {"gemma3n", "gemma4"}
"""Architectures that normalise V, which is a view then: one more copy of it."""
_UNCACHED = {*layers.NO_CACHE, "llama-embed"}
"""Attention looks at the batch alone, whether or not a cache lies beside it."""
_N_DEEPSTACK = {"qwen3vl": 3, "qwen3vlmoe": 3}
"""Vision features added after so many of the first layers; they come in as wider embeddings."""
_POSITIONS = 256
"""Positions a layer of MiniMax M3 keeps in view whatever blocks are chosen."""
ON_CPU = {"mistral4": {"ffn_down_exps"}}
"""Weights multiplied with in full precision, which CUDA leaves to the CPU (ggml-cuda.cu, MUL_MAT_ID)."""
NO_MIXED_BATCH = {"deepseek4", "cogvlm", "graniteswitch"}
"""Architectures whose batches cannot mix tokens and embeddings: the branch for that is not reserved."""


Held = Literal["device", "host", "experts"]


@dataclass(slots=True)
class Builder:
    """A graph under construction and what its blocks share: the inputs, the variant, how many rows pass."""

    graph: Graph
    shape: ModelShape
    traits: ArchTraits
    flash_attn: bool
    quantized: bool
    on_host: bool = False
    held: Held = "device"
    """Where the weights and the cache of the layer being added lie: on the device, or on the host all or `left`."""
    cell_types: tuple[str, str] = ("f16", "f16")
    left: tuple[str, ...] = EXPERT_ROLES
    mark: str = ""  # behind the roles of weights whose sizes are this layer's own
    entered: bool = False
    rows_term: str = "tokens"
    named: dict[str, int] | None = None
    embd: int = -1
    """The embeddings as they came in, where they are read again."""
    per_layer: int = -1
    """Gemma's inputs by layer."""
    best: int = -1
    """The cells the last indexer chose."""
    stacked: list[int] = field(default_factory=list)
    """Copies of the wide embeddings, one for each layer that adds vision features out of them."""

    def rows(self, width: int) -> Size:
        """Size of `width` F32 values a row."""
        return term(self.rows_term, width * F32)

    def tokens(self, width: int) -> Size:
        """Size of `width` F32 values a token, whatever rows pass now."""
        return term("tokens", width * F32)

    def input(self, name: str, size: Size) -> int:
        """Declare an input once and return it by name afterwards."""
        named = self.named = self.named if self.named is not None else {}
        if name not in named:
            late = self.held != "device" and self.entered
            named[name] = self.graph.late_input(size) if late else self.graph.input(size)
        return named[name]

    def op(self, width: int, *reads: int, inplace: bool = False, of: str = "") -> int:
        """Add an operation with `width` F32 values a row; `of` names the weight it multiplies with."""
        return self.graph.op(self.rows(width), *self.copied(of), *reads, inplace=inplace)

    def copied(self, role: str) -> tuple[int, ...]:
        """Copy a weight in where it lies on the host; a few rows are worked on there (`offload_op`)."""
        some = self.held == "experts" and self.rows_term == "tokens" and role.startswith(self.left)
        some = some and role not in ON_CPU.get(self.shape.arch, ())
        return (self.graph.copy(weight=role + self.mark),) if role and (some or self.held == "host") else ()

    def biased(self, source: int, width: int) -> int:
        """Add a bias to queries in place. On the host it is copied in too: what is read next comes with it."""
        usual = self.shape.attn_qkv_bias
        if self.held != "host" or not (self.traits.qkv_bias if usual is None else usual):
            return source
        return self.op(width, self.graph.copy(weight="bias"), source, inplace=True)

    def copied_cache(self, kind: str, k_row: int, v_row: int) -> tuple[int, ...]:
        """Copy the layer's cache in where it lies on the host: K and V each for all cells."""
        if self.held != "host":
            return ()
        rows = zip(self.cell_types, (k_row, v_row), strict=True)
        return tuple([self.graph.copy(term(kind, row_bytes(of, row))) for of, row in rows])

    def copied_state(self, size: Size) -> tuple[int, ...]:
        """Copy a recurrent layer's state in where it lies on the host."""
        return (self.graph.copy(size),) if self.held == "host" else ()

    def norm(self, width: int, source: int) -> int:
        """Add a normalisation with its scale: in place where nothing else reads the source."""
        return self.op(width, source, inplace=True)

    def mask(self, *, sliding: bool) -> int:
        """Return the attention mask: F16 with flash attention, else F32."""
        width = 2 if self.flash_attn else 4
        kind = "window" if sliding else "full"
        return self.input(f"mask_{kind}", term(f"tokens_x_{kind}", width))

    def batch_mask(self, head: int, *, sliding: bool) -> tuple[int, ...]:
        """Return the mask within the batch; it stays on the host with the attention over heads no device takes."""
        name, size = f"mask_batch_{sliding}", term("tokens_x_tokens", 2 if self.flash_attn else 4)
        if self.flash_attn and head not in layers.FUSED_HEADS:
            self.graph.beside[name] = size
            return ()
        return (self.input(name, size),)

    def cache_rows(self, *, sliding: bool, width: int) -> tuple[int, int]:
        """Return the row numbers K and V are written to; without flash attention V is written value by value."""
        kind = "window" if sliding else "full"
        k = self.input(f"k_rows_{kind}", term("tokens", I64))
        v = self.input(f"v_rows_{kind}", term("tokens", I64 * (1 if self.flash_attn else width)))
        return k, v

    def rotation(self, name: str, size: int) -> int:
        """Return the rotation matrix that spreads values before they are cached quantised."""
        return self.input(name, term("one", size * size * F32))


def n_deepstack(shape: ModelShape) -> int:
    """How many of the first layers have vision features added."""
    return _N_DEEPSTACK.get(shape.arch, 0)


def input_width(shape: ModelShape) -> int:
    """Width of an embedding as it comes in: the token's and those of the vision features for the first layers."""
    return shape.n_embd * (1 + n_deepstack(shape))


def embeddings(b: Builder) -> int:
    """Take in the token embeddings, with the branch for mixed batches that the engine always reserves.

    Where positions are looked up in a table after it, which is on the host, the host has the branch.
    """
    width = b.tokens(input_width(b.shape))
    if b.on_host:
        return _host_embeddings(b)
    b.stacked = [b.graph.op(width) for _ in range(n_deepstack(b.shape))]
    if b.shape.arch not in NO_MIXED_BATCH and not b.traits.position_embd:
        mixed = b.input("mixed_embd", width)
        rows = b.input("mixed_rows", b.tokens(b.shape.n_embd))
        slots = b.input("mixed_slots", term("tokens", I64))
        if n_deepstack(b.shape):
            rows = b.graph.op(width, rows)
        b.graph.op(width, mixed, kept=True)
        b.graph.sink(rows, slots)
    b.embd = b.input("embd", width)
    return b.embd


def _host_embeddings(b: Builder) -> int:
    """Look the embeddings up where the graph runs: the tables are here, the other batches' inputs as well."""
    n_embd, width = b.shape.n_embd, b.tokens(input_width(b.shape))
    b.graph.input(width, kept=True)
    mixed = -1
    if b.shape.arch not in NO_MIXED_BATCH:
        mixed = b.input("mixed_embd", width)
    for name in ("full", "window") if b.shape.n_swa else ("full",):
        b.mask(sliding=name == "window")
    b.embd = _padded(b, b.graph.op(b.tokens(n_embd)))
    if mixed >= 0:
        rows = _padded(b, b.graph.op(b.tokens(n_embd)))
        b.graph.op(width, mixed, kept=True)
        b.graph.sink(rows)
    return b.embd


def _padded(b: Builder, rows: int) -> int:
    """Widen looked-up embeddings to what vision features beside them take."""
    return b.graph.op(b.tokens(input_width(b.shape)), rows) if n_deepstack(b.shape) else rows


def looked_up(b: Builder, name: str, width: int) -> int:
    """Take in `width` values a token from a table on the host."""
    return b.graph.op(b.tokens(width)) if b.on_host else b.input(name, b.tokens(width))


def attention(b: Builder, source: int, layer: int, *, sliding: bool) -> int:
    """Add ordinary attention from the normalised input to the output projection."""
    return b.op(b.shape.n_embd, heads(b, source, layer, sliding=sliding), of="attn_output")


def heads(b: Builder, source: int, layer: int, *, sliding: bool) -> int:
    """Add ordinary attention from the normalised input to the heads' results."""
    out, gate = attended(b, source, layer, sliding=sliding)
    return finished(b, out, source, gate, layer, sliding=sliding)


def finished(b: Builder, out: int, source: int, gate: int, layer: int, *, sliding: bool) -> int:
    """Turn what attention gives back and gate it; done when the projection asks for it."""
    if b.shape.arch in _UNCACHED:
        return out
    _, head_v = layers.head_dims(b.shape, sliding=sliding)
    n_head = layers.n_head(b.shape, layer)
    out = _rotated(b, out, head_v * n_head, head_v, "v", sliding=sliding)
    return gated(b, out, source, gate, head_v * n_head, n_head)


def attended(b: Builder, source: int, layer: int, *, sliding: bool) -> tuple[int, int]:
    """Add ordinary attention up to what it gives back, and the gate that came with the queries (-1: none)."""
    shape, traits = b.shape, b.traits
    head_k, head_v = layers.head_dims(shape, sliding=sliding)
    n_head, n_kv = layers.n_head(shape, layer), layers.n_head_kv(shape, layer, sliding=sliding)
    n_q, n_k, n_v = head_k * n_head, head_k * n_kv, head_v * n_kv
    gate = v = k = -1
    if traits.qkv == "fused":
        v = fused = b.biased(b.op(n_q + n_k + n_v, source, of="attn_qkv"), n_q + n_k + n_v)
        q, k = _turned(b, fused, n_q, sliding=sliding), _turned(b, fused, n_k, sliding=sliding)
    else:
        gate = b.op(2 * n_q, source, of="attn_q") if traits.q_gated else -1
        q = gate if traits.q_gated else b.biased(b.op(n_q, source, of="attn_q"), n_q)
        q = _turned(b, q, n_q, sliding=sliding)
        q = _rotated(b, q, n_q, head_k, "k", sliding=sliding)
        if layers.holds_kv(shape, layer):
            v = b.op(n_v, source, of="attn_v")
            v = b.op(n_v, v) if shape.arch in _V_NORM else v
            v = _rotated(b, v, n_v, head_v, "v", sliding=sliding)
            k = _turned(b, b.op(n_k, source, of="attn_k"), n_k, sliding=sliding)
            k = _rotated(b, k, n_k, head_k, "k", sliding=sliding)
    if shape.arch in _UNCACHED:
        return _attend_batch(b, q, k, v, head_v * n_head, (n_k, n_v), b.batch_mask(head_k, sliding=sliding)), gate
    if k >= 0:
        k_rows, v_rows = b.cache_rows(sliding=sliding, width=n_v)
        b.graph.sink(k, k_rows)
        b.graph.sink(v, v_rows)
    mask = b.mask(sliding=sliding)
    if shape.arch == "minimax-m3" and layer >= shape.n_layer_dense_lead:
        mask = _block_mask(b, mask, n_kv)
    return _attend(b, q, n_head, head_v * n_head, mask, k_row=n_k, v_row=n_v, sliding=sliding), gate


def _turned(b: Builder, source: int, width: int, *, sliding: bool) -> int:
    """Normalise or rotate Q or K: the projection is seen through a view, so that makes one copy, not more."""
    arch = b.shape.arch
    recurrent = any(mixer in "rch" for mixer in layers.layer_mixers(b.shape))
    if (arch in _NO_ROPE and (recurrent or arch != "granitehybrid")) or (arch in _ROPE_IN_WINDOWS and not sliding):
        return source
    return b.op(width, source, b.input("positions", term("tokens", 4)))


def _attend_batch(b: Builder, q: int, k: int, v: int, width: int, kv: tuple[int, int], mask: tuple[int, ...]) -> int:
    """Attend within the batch: K and V are turned to F16 for flash attention, V about for multiplying else."""
    n_k, n_v = kv
    if b.flash_attn:
        keys, values = b.graph.op(term("tokens", 2 * n_k), k), b.graph.op(term("tokens", 2 * n_v), v)
        return b.op(width, q, keys, values, *mask)
    scores = term("tokens_x_tokens", b.shape.n_head * F32)
    kq = b.graph.op(scores, b.graph.op(scores, q, k), *mask, inplace=True)
    return b.op(width, b.op(width, b.op(n_v, v), kq))


def gated(b: Builder, out: int, source: int, gate: int, width: int, n_head: int) -> int:
    """Multiply the heads' results by a gate, which the product replaces (the result of attention is a view)."""
    if gate >= 0:
        return b.op(width, b.op(width, gate), out, inplace=True)
    if b.traits.attn_gate == "wide":
        return b.op(width, b.op(width, source, of="attn_gate"), out, inplace=True)
    return b.op(width, out, b.op(n_head, source, of="attn_gate")) if b.traits.attn_gate else out


def _rotated(b: Builder, source: int, width: int, head: int, which: str, *, sliding: bool) -> int:
    if not b.quantized or head % 64:
        return source
    size = 64
    while which == "k" and head % (2 * size) == 0:
        size *= 2
    kind = "window" if sliding else "full"
    return b.op(width, source, b.rotation(f"rotation_{which}_{kind}", size))


def _block_mask(b: Builder, mask: int, n_kv: int) -> int:
    """Spread MiniMax M3's choice of blocks over the cells, a mask for each KV head, in F32 until it is done.

    The ordinary mask is turned to F32 once for all layers; the positions that are left out come in for each.
    """
    named = b.named = b.named if b.named is not None else {}
    n_sparse = b.shape.n_layer - b.shape.n_layer_dense_lead
    if "left_out" not in named:
        named["left_out"] = b.graph.leaf(b.tokens(_POSITIONS * n_sparse))
    spread = b.graph.op(term("tokens_x_full", n_kv * F32), named["left_out"])
    spread = b.graph.op(term("tokens_x_full", n_kv * F32), spread)
    if "mask_f32" not in named:
        named["mask_f32"] = b.graph.op(term("tokens_x_full", F32), mask)
    seen = named["mask_f32"]
    spread = b.graph.op(term("tokens_x_full", n_kv * F32), spread, seen, inplace=True)
    return b.graph.op(term("tokens_x_full", n_kv * 2), spread)


def _attend(b: Builder, q: int, n_head: int, width: int, mask: int, *, k_row: int, v_row: int, sliding: bool) -> int:
    kind = "window" if sliding else "full"
    cache = b.copied_cache(kind, k_row, v_row)
    if b.flash_attn:
        size = b.rows(width)
        if b.quantized:
            size = plus(size, term(f"{kind}_x_quantized_k", 2 * k_row), term(f"{kind}_x_quantized_v", 2 * v_row))
        return b.graph.op(size, q, *cache, mask)
    scores = term(f"tokens_x_{kind}", n_head * F32)
    kq = b.graph.op(scores, *cache[:1], q)
    kq = b.graph.op(scores, kq, mask, inplace=True)
    return b.op(width, b.op(width, *cache[1:], kq))


def dense_ffn(b: Builder, source: int, width: int) -> int:
    """Add a dense feed-forward."""
    kind = b.traits.ffn
    if b.shape.ffn_gated is not None and kind != "fused":
        kind = "gated" if b.shape.ffn_gated else "plain"
    if kind == "plain":
        hidden = b.op(width, b.op(width, source, of="ffn_up"), inplace=True)
    elif kind == "fused":
        hidden = b.op(width, b.op(2 * width, source, of="ffn_up"))
    else:
        up = b.op(width, source, of="ffn_up")
        hidden = b.op(width, b.op(width, source, of="ffn_gate"), up)
    return b.op(b.shape.n_embd, hidden, of="ffn_down")


def experts(b: Builder, source: int, router: int | None = None) -> int:
    """Add a mixture of experts, and the shared ones beside it."""
    return _shared_experts(b, source, routed(b, source, router))


def routed(b: Builder, source: int, router: int | None = None) -> int:
    """Add a mixture of experts: routing (by `router` where that is another tensor), the chosen, their sum.

    Groups of experts and the normalising of weights work on a few values a token and are left out.
    """
    shape, traits = b.shape, b.traits
    n_used, width = shape.n_expert_used, layers.n_ff_expert(shape)
    logits = b.op(shape.n_expert, source if router is None else router, of="ffn_gate_inp")
    probs = b.op(shape.n_expert, logits, inplace=True)
    choice = b.op(shape.n_expert, probs) if traits.expert_probs_bias else probs
    order = b.op(shape.n_expert, choice)
    weights = b.op(n_used, probs, order)
    inner = shape.n_moe_latent or shape.n_embd
    entry = b.op(inner, source, of="ffn_latent_down") if shape.n_moe_latent else source
    if shape.arch == "llama4":
        entry = b.op(n_used * inner, entry, weights)
    if traits.merged_experts:
        hidden = b.op(n_used * width, b.op(2 * n_used * width, entry, order, of="ffn_gate_up_exps"))
    elif shape.arch == "kimi-k3":
        gate = b.op(n_used * width, entry, order, of="ffn_gate_exps")
        hidden = b.op(n_used * width, b.op(n_used * width, gate), b.op(n_used * width, gate), inplace=True)
        up = b.op(n_used * width, entry, order, of="ffn_up_exps")
        hidden = b.op(n_used * width, hidden, up, inplace=True)
    elif traits.expert_gated:
        up = b.op(n_used * width, entry, order, of="ffn_up_exps")
        hidden = b.op(n_used * width, b.op(n_used * width, entry, order, of="ffn_gate_exps"), up)
    else:
        hidden = b.op(n_used * width, b.op(n_used * width, entry, order, of="ffn_up_exps"), inplace=True)
    down = b.op(n_used * inner, hidden, order, of="ffn_down_exps")
    if shape.arch != "llama4":
        down = b.op(n_used * inner, down, weights, inplace=True)
    out = b.op(inner, down)
    b.graph.sink(down)
    if shape.n_moe_latent:
        out = b.op(shape.n_embd, out, of="ffn_latent_up")
    return out


def _shared_experts(b: Builder, source: int, out: int) -> int:
    width = layers.n_ff_shared(b.shape)
    if not width:
        return out
    if b.traits.expert_gated:
        up = b.op(width, source, of="ffn_up_shexp")
        hidden = b.op(width, b.op(width, source, of="ffn_gate_shexp"), up)
    else:
        hidden = b.op(width, b.op(width, source, of="ffn_up_shexp"), inplace=True)
    shared = b.op(b.shape.n_embd, hidden, of="ffn_down_shexp")
    if b.traits.shared_gate:
        shared = b.op(b.shape.n_embd, shared, b.op(1, source), inplace=True)
    return b.op(b.shape.n_embd, out, shared, inplace=True)
