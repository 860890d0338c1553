"""Architectures whose layers fit none of the common blocks: Gemma 3n, Gemma 4, DeepSeek V4.

Adds their tensors to a TensorList, following llama.cpp b11434 (src/models/gemma3n.cpp, gemma4.cpp, deepseek4.cpp).
Everything usual about them (norms, attention, dense feed-forward) comes from `tensors_blocks`.
"""

from __future__ import annotations

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator import tensors_blocks as blocks
from knowledge.estimator.tensors import TensorList
from knowledge.estimator.tensors_traits import ArchTraits

N_ALTUP = 4
LAUREL_RANK = 64
DSV4_HC_MULT = 4


def per_layer_embeddings(out: TensorList, shape: ModelShape, *, altup: bool) -> None:
    """Add the tables outside the layers of Gemma 3n and Gemma 4's E models: embeddings by layer, AltUp projections."""
    if altup:
        out.weight("altup_proj", shape.n_embd, shape.n_embd, N_ALTUP - 1)
        out.weight("altup_unembd_proj", shape.n_embd, shape.n_embd, N_ALTUP - 1)
    width = shape.n_embd_per_layer * shape.n_layer
    if width:
        out.weight("per_layer_token_embd", width, shape.n_vocab)
        out.weight("per_layer_model_proj", shape.n_embd, width)
        out.norm("per_layer_proj_norm", shape.n_embd_per_layer)


def _per_layer_inputs(out: TensorList, shape: ModelShape) -> None:
    width = shape.n_embd_per_layer
    if width:
        out.weight("inp_gate", shape.n_embd, width)
        out.weight("proj", width, shape.n_embd)
        out.norm("post_norm", shape.n_embd)


def gemma3n_layer(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, *, sliding: bool) -> None:
    """One Gemma 3n layer: attention and feed-forward, per-layer input, AltUp, LAuReL."""
    blocks.norms(out, shape, traits)
    blocks.attention(out, shape, traits, layer, sliding=sliding)
    blocks.dense_ffn(out, shape, traits, layer)
    _per_layer_inputs(out, shape)
    out.weight("altup_correct_coef", N_ALTUP, N_ALTUP)
    out.weight("altup_correct_scale", shape.n_embd)
    out.weight("altup_predict_coef", N_ALTUP, N_ALTUP * N_ALTUP)
    out.weight("altup_router", shape.n_embd, N_ALTUP)
    out.norm("altup_router_norm", shape.n_embd)
    out.weight("laurel_l", shape.n_embd, LAUREL_RANK)
    out.weight("laurel_r", LAUREL_RANK, shape.n_embd)
    out.norm("laurel_post_norm", shape.n_embd)


def gemma4_layer(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, *, sliding: bool) -> None:
    """One Gemma 4 layer: the last reuse K and V, global ones may use K as V, experts stand beside the dense part."""
    blocks.norms(out, shape, traits)
    head, _ = layers.head_dims(shape, sliding=sliding)
    n_q = head * layers.n_head(shape, layer)
    n_kv = head * layers.n_head_kv(shape, layer, sliding=sliding)
    out.weight("attn_q", shape.n_embd, n_q)
    out.norm("attn_q_norm", head)
    if layers.holds_kv(shape, layer):
        out.weight("attn_k", shape.n_embd, n_kv)
        out.norm("attn_k_norm", head)
        if sliding or not shape.attn_k_eq_v:
            out.weight("attn_v", shape.n_embd, n_kv)
    out.weight("attn_output", n_q, shape.n_embd)
    out.weight("layer_output_scale", 1)
    blocks.dense_ffn(out, shape, traits, layer)
    if shape.n_expert:
        blocks.experts(out, shape, traits)
        out.weight("ffn_gate_inp.scale", shape.n_embd)
        for role in ("pre_ffw_norm_2", "post_ffw_norm_1", "post_ffw_norm_2"):
            out.norm(role, shape.n_embd)
    _per_layer_inputs(out, shape)


def _hyper_connection(out: TensorList, shape: ModelShape, part: str) -> None:
    mult = shape.hc_mult or DSV4_HC_MULT
    mix = (2 + mult) * mult
    out.weight(f"hc_{part}_fn", mult * shape.n_embd, mix)
    out.weight(f"hc_{part}_base", mix)
    out.weight(f"hc_{part}_scale", 3)


def deepseek4_head(out: TensorList, shape: ModelShape) -> None:
    """Add the hyper-connection that folds DeepSeek V4's streams before the output."""
    mult = shape.hc_mult or DSV4_HC_MULT
    out.weight("output_hc_fn", mult * shape.n_embd, mult)
    out.weight("output_hc_base", mult)
    out.weight("output_hc_scale", 1)


def deepseek4_layer(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int) -> None:
    """One DeepSeek V4 layer: one KV head, grouped output projection, compressed attention by the layer's ratio."""
    n_embd, head, n_head = shape.n_embd, shape.n_embd_head_k, shape.n_head
    blocks.norms(out, shape, traits)
    out.weight("attn_sinks", n_head)
    out.weight("attn_q_a", n_embd, shape.q_lora_rank)
    out.norm("attn_q_a_norm", shape.q_lora_rank)
    out.weight("attn_q_b", shape.q_lora_rank, n_head * head)
    out.weight("attn_kv", n_embd, head)
    out.norm("attn_kv_a_norm", head)
    groups = max(1, shape.o_groups)
    out.weight("attn_output_a", n_head * head // groups, shape.o_lora_rank, groups)
    out.weight("attn_output_b", groups * shape.o_lora_rank, n_embd)
    _hyper_connection(out, shape, "attn")
    _hyper_connection(out, shape, "ffn")
    _compressor(out, shape, shape.compress_ratios[layer] if layer < len(shape.compress_ratios) else 0)
    if layer < shape.n_layer_hash:
        out.weight("ffn_gate_tid2eid", shape.n_expert_used, shape.n_vocab)
    blocks.experts(out, shape, traits)


def _compressor(out: TensorList, shape: ModelShape, ratio: int) -> None:
    if not ratio:
        return
    n_embd, head, size = shape.n_embd, shape.n_embd_head_k, shape.indexer_head_size
    width = head * (2 if ratio == 4 else 1)
    out.weight("attn_compressor_kv", n_embd, width)
    out.weight("attn_compressor_gate", n_embd, width)
    out.weight("attn_compressor_ape", width, ratio)
    out.norm("attn_compressor_norm", head)
    if ratio == 4:
        out.weight("indexer.proj", n_embd, shape.indexer_n_head)
        out.weight("indexer.attn_q_b", shape.q_lora_rank, shape.indexer_n_head * size)
        out.weight("indexer_compressor_kv", n_embd, 2 * size)
        out.weight("indexer_compressor_gate", n_embd, 2 * size)
        out.weight("indexer_compressor_ape", 2 * size, ratio)
        out.norm("indexer_compressor_norm", size)
