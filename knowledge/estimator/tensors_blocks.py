"""The tensors of the common layer blocks: attention, MLA, feed-forward, experts, recurrent mixers.

Each function adds one block's tensors to a TensorList for one layer. Which block a layer has is `model`'s decision;
architectures that fit none of these are in `tensors_special`. Shapes follow llama.cpp b11434, src/models/*.cpp.
"""

from __future__ import annotations

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.tensors import TensorList
from knowledge.estimator.tensors_traits import ArchTraits


def _flag(stated: bool | None, usual: bool) -> bool:
    return usual if stated is None else stated


def norms(out: TensorList, shape: ModelShape, traits: ArchTraits) -> None:
    """Add the layer's normalisations and the few extra ones an architecture puts inside its blocks."""
    for role in traits.norms:
        out.norm(role, shape.n_embd, bias=traits.norm_bias)
    for role, width in traits.extra_norms:
        out.norm(role, shape.n_embd if width == "embd" else shape.n_ff)


def attention(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, *, sliding: bool) -> None:
    """Q, K, V and output projections with their norms, biases, gates and sinks."""
    head_k, head_v = layers.head_dims(shape, sliding=sliding)
    n_head, n_head_kv = layers.n_head(shape, layer), layers.n_head_kv(shape, layer, sliding=sliding)
    n_q, n_k, n_v = head_k * n_head * (2 if traits.q_gated else 1), head_k * n_head_kv, head_v * n_head_kv
    bias = _flag(shape.attn_qkv_bias, traits.qkv_bias)
    if traits.qkv == "fused":
        out.linear("attn_qkv", shape.n_embd, n_q + n_k + n_v, bias=bias)
    else:
        out.linear("attn_q", shape.n_embd, n_q, bias=bias)
        out.linear("attn_k", shape.n_embd, n_k, bias=bias)
        out.linear("attn_v", shape.n_embd, n_v, bias=bias)
    out.linear("attn_output", head_v * n_head, shape.n_embd, bias=_flag(shape.attn_out_bias, traits.out_bias))
    _qk_norms(out, shape, traits, n_head, n_head_kv, head_k)
    if traits.attn_gate:
        out.weight("attn_gate", shape.n_embd, head_v * n_head if traits.attn_gate == "wide" else n_head)
    if traits.sinks:
        out.weight("attn_sinks", n_head)


def _qk_norms(out: TensorList, shape: ModelShape, traits: ArchTraits, n_head: int, n_head_kv: int, head_k: int) -> None:
    kind = traits.qk_norm if shape.qk_norm is None else (traits.qk_norm or "head") if shape.qk_norm else ""
    if kind == "full":
        out.norm("attn_q_norm", head_k * n_head)
        out.norm("attn_k_norm", head_k * n_head_kv)
    elif kind == "heads":
        out.weight("attn_q_norm", head_k, n_head)
        out.weight("attn_k_norm", head_k, n_head_kv)
    elif kind == "head":
        out.norm("attn_q_norm", head_k)
        out.norm("attn_k_norm", head_k)


def mla(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int) -> None:
    """Multi-head latent attention in its absorbed form, with the sparse-attention indexer where there is one."""
    n_head, rank, q_rank = layers.n_head(shape, layer), shape.kv_lora_rank, shape.q_lora_rank
    head_k, head_v, nope = layers.mla_head_k(shape), shape.n_embd_head_v_mla, shape.n_embd_head_qk_nope
    if q_rank:
        out.weight("attn_q_a", shape.n_embd, q_rank)
        out.norm("attn_q_a_norm", q_rank)
        out.weight("attn_q_b", q_rank, n_head * head_k)
    else:
        out.weight("attn_q", shape.n_embd, n_head * head_k)
    out.weight("attn_kv_a_mqa", shape.n_embd, rank + shape.n_rot)
    out.norm("attn_kv_a_norm", rank)
    if shape.arch == "minicpm3":
        out.weight("attn_kv_b", rank, n_head * (nope + head_v))
    else:
        out.weight("attn_k_b", nope, rank, n_head)
        out.weight("attn_v_b", rank, head_v, n_head)
    if traits.attn_gate:
        out.weight("attn_gate", shape.n_embd, n_head * head_v if traits.attn_gate == "wide" else n_head)
    out.linear("attn_output", n_head * head_v, shape.n_embd)
    if layers.owns_indexer(shape, layer):
        _indexer(out, shape)


def _indexer(out: TensorList, shape: ModelShape) -> None:
    size = shape.indexer_head_size
    out.norm("indexer.k_norm", size, bias=True)
    out.weight("indexer.proj", shape.n_embd, shape.indexer_n_head)
    out.weight("indexer.attn_k", shape.n_embd, size)
    out.weight("indexer.attn_q_b", shape.q_lora_rank, shape.indexer_n_head * size)


def block_indexer(out: TensorList, shape: ModelShape) -> None:
    """MiniMax M3's block-sparse indexer."""
    size = shape.indexer_head_size
    out.weight("indexer.q_proj", shape.n_embd, shape.indexer_n_head * size)
    out.weight("indexer.k_proj", shape.n_embd, size)
    out.norm("indexer.q_norm", size)
    out.norm("indexer.k_norm", size)


def dense_ffn(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int) -> None:
    """Add a dense feed-forward: gated, gate and up in one matrix, or plain."""
    width, bias = layers.n_ff(shape, layer), traits.ffn_bias
    kind = traits.ffn
    if shape.ffn_gated is not None and kind != "fused":
        kind = "gated" if shape.ffn_gated else "plain"
    if kind == "gated":
        out.linear("ffn_gate", shape.n_embd, width, bias=bias)
    out.linear("ffn_up", shape.n_embd, 2 * width if kind == "fused" else width, bias=bias)
    out.linear("ffn_down", width, shape.n_embd, bias=bias)


def experts(out: TensorList, shape: ModelShape, traits: ArchTraits) -> None:
    """Add a mixture of experts: router, experts (in a latent width where the model has one), shared experts."""
    n_embd, n_expert, width = shape.n_embd, shape.n_expert, layers.n_ff_expert(shape)
    inner = shape.n_moe_latent or n_embd
    out.linear("ffn_gate_inp", n_embd, n_expert, bias=traits.gate_inp_bias)
    if traits.expert_probs_bias:
        out.bias("exp_probs_b", n_expert)
    if shape.n_moe_latent:
        names = (
            ("ffn_routed_down", "ffn_routed_up") if shape.arch == "kimi-k3" else ("ffn_latent_down", "ffn_latent_up")
        )
        out.weight(names[0], n_embd, inner)
        out.weight(names[1], inner, n_embd)
        if shape.arch == "kimi-k3":
            out.norm("ffn_routed_norm", inner)
    if traits.merged_experts:
        out.weight("ffn_gate_up_exps", inner, 2 * width, n_expert)
    else:
        if traits.expert_gated:
            out.weight("ffn_gate_exps", inner, width, n_expert)
        out.weight("ffn_up_exps", inner, width, n_expert)
    out.weight("ffn_down_exps", width, inner, n_expert)
    if traits.expert_bias:
        out.bias("ffn_gate_exps", width, n_expert)
        out.bias("ffn_up_exps", width, n_expert)
        out.bias("ffn_down_exps", n_embd, n_expert)
    _shared_experts(out, shape, traits)


def _shared_experts(out: TensorList, shape: ModelShape, traits: ArchTraits) -> None:
    width = layers.n_ff_shared(shape)
    if not width:
        return
    if traits.shared_gate:
        out.weight("ffn_gate_inp_shexp", shape.n_embd)
    if traits.expert_gated:
        out.weight("ffn_gate_shexp", shape.n_embd, width)
    out.weight("ffn_up_shexp", shape.n_embd, width)
    out.weight("ffn_down_shexp", width, shape.n_embd)


def recurrent(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int) -> None:
    """Add the layer's recurrent mixer or short convolution."""
    kind = traits.recurrent
    if kind == "shortconv" or shape.shortconv_l_cache:
        _short_convolution(out, shape)
    elif shape.kda_head_dim:
        _kda(out, shape, traits, layer)
    elif kind == "mamba" or (shape.ssm_n_group == 0 and kind == "mamba2"):
        _mamba(out, shape, with_norms=shape.arch == "jamba")
    elif kind in {"gdn", "gdn_fused"}:
        _gated_delta_net(out, shape, fused=kind == "gdn_fused")
    else:
        _mamba2(out, shape)


def _short_convolution(out: TensorList, shape: ModelShape) -> None:
    out.weight("shortconv.conv", shape.shortconv_l_cache, shape.n_embd)
    out.weight("shortconv.in_proj", shape.n_embd, 3 * shape.n_embd)
    out.weight("shortconv.out_proj", shape.n_embd, shape.n_embd)


def _mamba(out: TensorList, shape: ModelShape, *, with_norms: bool) -> None:
    inner, state, rank = shape.ssm_d_inner, shape.ssm_d_state, shape.ssm_dt_rank
    out.weight("ssm_in", shape.n_embd, 2 * inner)
    out.weight("ssm_conv1d", shape.ssm_d_conv, inner)
    out.bias("ssm_conv1d", inner)
    out.weight("ssm_x", inner, rank + 2 * state)
    out.linear("ssm_dt", rank, inner, bias=True)
    if with_norms:
        out.norm("ssm_dt_norm", rank)
        out.norm("ssm_b_norm", state)
        out.norm("ssm_c_norm", state)
    out.bare("ssm_a", state, inner)
    out.bare("ssm_d", inner)
    out.weight("ssm_out", inner, shape.n_embd)


def _mamba2(out: TensorList, shape: ModelShape) -> None:
    inner, heads = shape.ssm_d_inner, shape.ssm_dt_rank
    conv = inner + 2 * shape.ssm_n_group * shape.ssm_d_state
    out.weight("ssm_in", shape.n_embd, inner + conv + heads)
    out.weight("ssm_conv1d", shape.ssm_d_conv, conv)
    out.bias("ssm_conv1d", conv)
    out.bias("ssm_dt", heads)
    out.bare("ssm_a", 1, heads)
    out.bare("ssm_d", 1, heads)
    if shape.arch != "falcon-h1" or shape.ssm_norm:
        out.weight("ssm_norm", inner // shape.ssm_n_group, shape.ssm_n_group)
    out.weight("ssm_out", inner, shape.n_embd)


def _gated_delta_net(out: TensorList, shape: ModelShape, *, fused: bool) -> None:
    heads, value = shape.ssm_dt_rank, shape.ssm_d_inner
    conv = 2 * shape.ssm_n_group * shape.ssm_d_state + value
    out.weight("attn_qkv", shape.n_embd, conv)
    out.weight("attn_gate", shape.n_embd, value)
    out.weight("ssm_conv1d", shape.ssm_d_conv, conv)
    out.bias("ssm_dt", heads)
    out.bare("ssm_a", heads)
    if fused:
        out.weight("ssm_ba", shape.n_embd, 2 * heads)
    else:
        out.weight("ssm_beta", shape.n_embd, heads)
        out.weight("ssm_alpha", shape.n_embd, heads)
    out.norm("ssm_norm", value // heads)
    out.weight("ssm_out", value, shape.n_embd)


def _kda(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int) -> None:
    """Kimi delta attention; the decay and output gates are low-rank, direct or (Kimi K3) mixed."""
    n_head, head = layers.n_head(shape, layer), shape.kda_head_dim
    inner, n_embd = n_head * head, shape.n_embd
    for letter in "qkv":
        out.weight(f"ssm_conv1d_{letter}", shape.ssm_d_conv, 1, inner)
        out.weight(f"attn_{letter}", n_embd, inner)
    direct = traits.recurrent == "kda_direct"
    out.weight("ssm_f_a", n_embd, inner if direct else head)
    if not direct:
        out.weight("ssm_f_b", head, inner)
    out.weight("ssm_beta", n_embd, n_head)
    out.bare("ssm_a", n_head)
    out.bias("ssm_dt", inner)
    if traits.recurrent == "kda_k3":
        out.weight("ssm_g", n_embd, inner)
    else:
        out.weight("ssm_g_a", n_embd, inner if direct else head)
        if not direct:
            out.weight("ssm_g_b", head, inner)
    out.norm("ssm_norm", head)
    out.weight("attn_output", inner, n_embd)
