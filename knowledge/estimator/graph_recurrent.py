"""The operations of recurrent layers, as `graph_blocks` has those of attention and feed-forward layers."""

from __future__ import annotations

from knowledge.estimator import layers
from knowledge.estimator.graph_alloc import Size, plus, term
from knowledge.estimator.graph_blocks import Builder

_F32 = 4


def _state(n_elements: int, *, spare: int = 0) -> Size:
    """Size of a state's rows, one a sequence; `spare` of them are left where they are."""
    return plus(term("sequences", n_elements * _F32), term("one", -spare * n_elements * _F32))


def _joined(b: Builder, kept: int, mixed: int, width: int, n_kept: int) -> int:
    """Put the kept inputs before the new ones; the last of both go back to the cache."""
    joined = b.graph.op(plus(b.tokens(width), _state(n_kept)), kept, mixed)
    b.graph.sink(joined)
    return joined


def _convolution(b: Builder, source: int, width: int, *, project: bool = False) -> int:
    """Project if asked, put the kept inputs before the new ones, convolve, activate."""
    n_kept = (b.shape.ssm_d_conv - 1) * width
    kept = b.graph.op(_state(n_kept), *b.copied_state(_state(n_kept)), b.input("state_rows", term("sequences", 4)))
    mixed = b.op(width, source, of="attn_qkv") if project else source
    return b.op(width, _joined(b, kept, mixed, width, n_kept))


def mamba2(b: Builder, source: int) -> int:
    """Add a Mamba-2 mixer."""
    return mamba2_output(b, *mamba2_scan(b, source))


def mamba2_scan(b: Builder, source: int) -> tuple[int, int, int]:
    """Add a Mamba-2 mixer up to the scan; returns the projected input, the convolved one and the scan."""
    shape = b.shape
    inner, heads = shape.ssm_d_inner, shape.ssm_dt_rank
    conv_width = inner + 2 * shape.ssm_n_group * shape.ssm_d_state
    joined = b.op(inner + conv_width + heads, source, of="ssm_in")
    mixed = _convolution(b, joined, conv_width)
    state = shape.ssm_d_state * inner
    step = b.op(heads, joined)
    scan = b.graph.op(plus(b.tokens(inner), _state(state)), *b.copied_state(_state(state)), mixed, step)
    b.graph.sink(b.graph.op(_state(state, spare=1), b.input("state_rows", term("sequences", 4))))
    b.graph.sink(scan)
    return joined, mixed, scan


def mamba2_output(b: Builder, joined: int, mixed: int, scan: int) -> int:
    """Add what follows a Mamba-2 scan: the skip, the gate, the normalisation, the projection."""
    inner = b.shape.ssm_d_inner
    gate = b.op(inner, joined)
    skip = b.op(inner, mixed)
    out = b.op(inner, skip, scan, inplace=True)
    out = b.op(inner, gate, out)
    if b.shape.arch != "falcon-h1" or b.shape.ssm_norm:
        out = b.op(inner, out)
    return b.op(b.shape.n_embd, out, of="ssm_out")


def mamba(b: Builder, source: int) -> int:
    """Add a Mamba-1 mixer."""
    shape = b.shape
    inner, state = shape.ssm_d_inner, shape.ssm_d_state * shape.ssm_d_inner
    joined = b.op(2 * inner, source, of="ssm_in")
    mixed = _convolution(b, joined, inner)
    parts = b.op(shape.ssm_dt_rank + 2 * shape.ssm_d_state, mixed, of="ssm_x")
    rank = b.op(shape.ssm_dt_rank, parts)
    step = b.op(inner, b.op(inner, rank), inplace=True)
    scan = b.graph.op(plus(b.tokens(inner), _state(state)), *b.copied_state(_state(state)), mixed, step, parts)
    b.graph.sink(b.graph.op(_state(state, spare=1), b.input("state_rows", term("sequences", 4))))
    b.graph.sink(scan)
    gate = b.op(inner, joined)
    skip = b.op(inner, mixed, inplace=True)
    out = b.op(inner, skip, scan, inplace=True)
    out = b.op(inner, gate, out)
    return b.op(shape.n_embd, out, of="ssm_out")


def gated_delta_net(b: Builder, source: int) -> int:
    """Add a gated delta net: convolved Q, K and V, the fused recurrence, a gated normalisation."""
    shape = b.shape
    value, keys = shape.ssm_d_inner, shape.ssm_n_group * shape.ssm_d_state
    heads = shape.ssm_dt_rank
    conv_width = 2 * keys + value
    convolved = _convolution(b, source, conv_width, project=True)
    state = shape.ssm_d_state * value
    held = b.graph.op(_state(state), *b.copied_state(_state(state)), b.input("state_rows", term("sequences", 4)))
    repeats = heads != shape.ssm_n_group and b.traits.recurrent == "gdn_fused"
    q = b.op(keys, convolved)
    q = b.op(shape.ssm_d_state * heads, q) if repeats else q
    k = b.op(keys, convolved)
    k = b.op(shape.ssm_d_state * heads, k) if repeats else k
    decay = b.op(2 * heads, source)
    beta, alpha = b.op(heads, decay), b.op(heads, decay)
    out = b.graph.op(plus(b.tokens(value), _state(state)), q, k, convolved, alpha, beta, held)
    b.graph.sink(out)
    normed = b.op(value, out)
    gate = b.op(value, b.op(value, source, of="attn_gate"))
    normed = b.op(value, normed, gate, inplace=True)
    return b.op(shape.n_embd, normed, of="ssm_out")


def kimi_delta(b: Builder, source: int, layer: int) -> int:
    """Add Kimi delta attention: three convolutions, a decay as wide as the keys, the fused recurrence, a gate.

    All three joins with the kept inputs come before the first convolution: they update the cache.
    """
    shape, traits = b.shape, b.traits
    n_head = layers.n_head(shape, layer)
    width, kept = n_head * shape.kda_head_dim, max(1, shape.ssm_d_conv - 1)
    rows = b.input("state_rows", term("sequences", 4))
    before = b.graph.op(_state(3 * kept * width), *b.copied_state(_state(3 * kept * width)), rows)
    joined = [_joined(b, before, b.op(width, source, of=f"attn_{one}"), width, kept * width) for one in "qkv"]
    state = shape.kda_head_dim * width
    held = b.graph.op(_state(state), *b.copied_state(_state(state)), rows)
    q, k = b.op(width, b.op(width, joined[0])), b.op(width, b.op(width, joined[1]))
    v = b.op(width, joined[2])
    low = source if traits.recurrent == "kda_direct" else b.op(shape.kda_head_dim, source)
    decay = b.op(width, b.op(width, low))
    out = b.graph.op(plus(b.tokens(width), _state(state)), q, k, v, decay, b.op(n_head, source), held)
    b.graph.sink(out)
    normed = b.op(width, b.op(width, out))
    low = source if traits.recurrent in {"kda_direct", "kda_k3"} else b.op(shape.kda_head_dim, source)
    gate = b.op(width, b.op(width, low))
    normed = b.op(width, normed, gate, inplace=True)
    return b.op(shape.n_embd, b.op(width, normed), of="attn_output")


def short_convolution(b: Builder, source: int) -> int:
    """Add LFM2's gated short convolution."""
    n_embd, kept = b.shape.n_embd, b.shape.shortconv_l_cache - 1
    held = b.graph.op(
        _state(kept * n_embd), *b.copied_state(_state(kept * n_embd)), b.input("state_rows", term("sequences", 4))
    )
    parts = b.op(3 * n_embd, source, of="shortconv.in_proj")
    out = b.op(n_embd, _joined(b, held, b.op(n_embd, parts), n_embd, kept * n_embd))
    return b.op(n_embd, b.op(n_embd, parts, out, inplace=True), of="shortconv.out_proj")
