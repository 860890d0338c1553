"""The graphs of architectures whose layers are no mixer and feed-forward in sequence: Gemma 3n, Gemma 4, BERT.

As `graph_blocks`, which has the blocks they share with others, this follows src/models/gemma3n.cpp, gemma4.cpp and
bert.cpp of llama.cpp b11434 operation by operation. DeepSeek V4 and Kimi K3 are not here: they are laid out by their
widest parts.
"""

from __future__ import annotations

from knowledge.catalog import ModelShape
from knowledge.estimator import graph_blocks as blocks
from knowledge.estimator import layers
from knowledge.estimator.graph_alloc import ZERO, plus, term
from knowledge.estimator.graph_blocks import Builder
from knowledge.estimator.tensors_special import DSV4_HC_MULT, LAUREL_RANK, N_ALTUP

_SCALED_BY_ROW = {"gemma3", "gemma3n", "gemma4", "gemma-embedding"}
"""Embeddings are scaled by a factor a row, as vision features are not."""
_F32 = 4
_FINE_RATIO = 4
_HC_MIXES = 24
"""Values a token that say how hyper-connections mix their streams."""
_LAYERS_A_CHECKPOINT = 12
_N_SPARSE = 10
"""Gemma 3n's first layers keep only the largest values of the gate."""
_POST_NORM = {"bert", "jina-bert-v2", "jina-bert-v3", "nomic-bert", "nomic-bert-moe"}


def is_post_norm(shape: ModelShape) -> bool:
    """Whether a layer normalises the sum of its input and what its parts made of it, as BERT's do."""
    return shape.arch in _POST_NORM


def enter(b: Builder) -> int:
    """Add all that comes before the first layer: embeddings, positions, their normalisation, inputs by layer."""
    shape, n_embd = b.shape, b.shape.n_embd
    current = blocks.embeddings(b)
    if shape.arch in _SCALED_BY_ROW:
        current = b.op(n_embd, current, b.input("scale_rows", term("tokens", 4)), inplace=True)
    if b.traits.position_embd:
        current = b.op(n_embd, current, blocks.looked_up(b, "position_rows", n_embd), inplace=True)
    if b.traits.embd_norm:
        current = b.op(n_embd, current)
    if shape.n_embd_per_layer:
        rows = blocks.looked_up(b, "per_layer_rows", _per_layer_width(shape))
        b.per_layer = b.op(_per_layer_width(shape), rows)
    if shape.arch == "deepseek4":
        return b.op(n_embd * (shape.hc_mult or DSV4_HC_MULT), current)
    return _altup_streams(b, current) if shape.arch == "gemma3n" else current


def weigh_checkpoints(b: Builder) -> None:
    """Score the residuals Kimi K3 keeps of earlier layers; as many as there are at the end, from the first layer on."""
    named = b.named = b.named if b.named is not None else {}
    width = b.shape.n_embd * -(-b.shape.n_layer // _LAYERS_A_CHECKPOINT)
    if "checkpoints" not in named:
        named["checkpoints"] = b.graph.leaf(b.tokens(width))
    b.graph.sink(b.graph.op(b.tokens(width), named["checkpoints"]))


def enter_further(b: Builder) -> int:
    """Take in what the device before leaves: the hidden state and Gemma's inputs by layer."""
    shape = b.shape
    if shape.n_embd_per_layer:
        b.per_layer = b.input("per_layer", b.tokens(_per_layer_width(shape)))
    streams = {"gemma3n": N_ALTUP, "deepseek4": shape.hc_mult or DSV4_HC_MULT}.get(shape.arch, 1)
    return b.input("hidden", b.tokens(shape.n_embd * streams))


def _per_layer_width(shape: ModelShape) -> int:
    return shape.n_embd_per_layer * shape.n_layer


def _project_per_layer(b: Builder) -> None:
    """Mix the inputs by layer with what the embeddings say of them; it is done when a layer first asks for its own."""
    width = _per_layer_width(b.shape)
    projected = b.op(width, b.op(width, b.embd))
    b.per_layer = b.op(width, b.op(width, projected, b.per_layer, inplace=True))
    b.embd = -1


def per_layer_input(b: Builder, source: int) -> int:
    """Gate a layer's own input by its result."""
    gate = b.op(b.shape.n_embd_per_layer, source, of="inp_gate")
    if b.embd >= 0:
        _project_per_layer(b)
    return b.op(b.shape.n_embd, b.op(b.shape.n_embd_per_layer, gate, b.per_layer, inplace=True), of="proj")


def gemma4_experts(b: Builder, current: int, layer: int) -> int:
    """Add Gemma 4's experts and the dense part beside them, each with a normalisation of its own; experts run first."""
    n_embd = b.shape.n_embd
    router = b.op(n_embd, current)
    routed = blocks.experts(b, b.op(n_embd, current), router)
    dense = blocks.dense_ffn(b, b.op(n_embd, current), layers.n_ff(b.shape, layer))
    return b.op(n_embd, dense, routed, inplace=True)


def post_norm_layer(b: Builder, current: int, layer: int, *, last: bool) -> int:
    """Add one of BERT's layers."""
    n_embd = b.shape.n_embd
    out = blocks.attention(b, current, layer, sliding=False)
    if last:
        rows = b.input("output_rows", term("outputs", 4))
        b.rows_term = "outputs"
        out, current = b.op(n_embd, out, rows), b.op(n_embd, current, rows)
    normed = b.op(n_embd, b.op(n_embd, out, current, inplace=True))
    hidden = blocks.dense_ffn(b, normed, layers.n_ff(b.shape, layer))
    return b.op(n_embd, b.op(n_embd, hidden, normed, inplace=True))


def _altup_streams(b: Builder, embd: int) -> int:
    """Make Gemma 3n's streams of the embeddings: one is them, the others projections as large."""
    n_embd, others = b.shape.n_embd, b.shape.n_embd * (N_ALTUP - 1)
    added = b.op(others, b.op(others, embd))
    b.graph.sink(b.op(n_embd, embd))
    b.graph.sink(b.op(others, added))
    return b.op(n_embd * N_ALTUP, embd, added)


def gemma3n_layer(b: Builder, streams: int, layer: int, *, sliding: bool) -> int:
    """Add one of Gemma 3n's layers: all streams predicted, one worked on, all corrected by it."""
    n_embd, width = b.shape.n_embd, b.shape.n_embd * N_ALTUP
    b.graph.sink(b.op(n_embd, streams))
    predicted = b.op(width, b.op(width, b.op(width, streams)))
    predicted = b.op(width, predicted, streams, inplace=True)
    active = _gemma3n_active(b, predicted, layer, sliding=sliding)
    innovation = b.op(n_embd, active, predicted)
    repeated = b.op(width, innovation)
    b.graph.sink(b.op(n_embd, active, inplace=True))
    corrected = b.op(width, repeated, predicted, inplace=True)
    own = per_layer_input(b, b.op(n_embd, corrected))
    return b.op(width, corrected, b.op(width - n_embd, corrected, own))


def _gemma3n_active(b: Builder, predicted: int, layer: int, *, sliding: bool) -> int:
    """Add attention, LAuReL and feed-forward of the active stream."""
    n_embd, n_ff = b.shape.n_embd, layers.n_ff(b.shape, layer)
    normed = b.op(n_embd, predicted)
    out = blocks.attention(b, normed, layer, sliding=sliding)
    out = b.op(n_embd, out, predicted, inplace=True)
    laurel = b.op(n_embd, b.op(LAUREL_RANK, normed))
    laurel = b.op(n_embd, laurel, normed, inplace=True)
    both = b.op(n_embd, out, laurel, inplace=True)
    source = b.op(n_embd, both)
    up, gate = b.op(n_ff, source, of="ffn_up"), b.op(n_ff, source, of="ffn_gate")
    if layer < _N_SPARSE:
        b.graph.sink(b.op(n_ff, gate))
    hidden = b.op(n_ff, up, gate, inplace=True)
    return b.op(n_embd, b.op(n_embd, hidden, of="ffn_down"), both, inplace=True)


def gemma3n_fold(b: Builder, streams: int) -> int:
    """Make one stream of all before the head."""
    n_embd, others = b.shape.n_embd, b.shape.n_embd * (N_ALTUP - 1)
    folded = b.op(others, streams)
    b.graph.sink(b.op(n_embd, streams))
    b.graph.sink(b.op(others, folded))
    return b.op(n_embd, streams, folded)


def deepseek4_layer(b: Builder, streams: int, layer: int) -> int:
    """Add one of DeepSeek V4's layers: attention and experts each read a mix of the streams and are spread over all."""
    n_embd, width = b.shape.n_embd, b.shape.n_embd * (b.shape.hc_mult or DSV4_HC_MULT)
    for block in (_compressed_attention, _experts_of_layer):
        mixes = b.op(_HC_MIXES, b.op(width, streams))
        out = block(b, b.norm(n_embd, b.op(n_embd, streams, mixes)), layer)
        streams = b.op(width, out, streams, mixes)
    return streams


def deepseek4_fold(b: Builder, streams: int) -> int:
    """Make one stream of all before the head."""
    mixes = b.op(_HC_MIXES, b.op(b.shape.n_embd * (b.shape.hc_mult or DSV4_HC_MULT), streams))
    return b.op(b.shape.n_embd, streams, mixes)


def _experts_of_layer(b: Builder, source: int, _layer: int) -> int:
    return blocks.experts(b, source)


def _compressed_attention(b: Builder, source: int, layer: int) -> int:
    """Add DeepSeek V4's attention over a window and, by the layer's ratio, over compressed cells."""
    shape, head = b.shape, b.shape.n_embd_head_k
    width = shape.n_head * head
    ratio = shape.compress_ratios[layer] if layer < len(shape.compress_ratios) else 0
    if ratio:
        b.graph.sink(b.op(4 * head * (2 if ratio == _FINE_RATIO else 1), source))
    latent = b.norm(shape.q_lora_rank, b.op(shape.q_lora_rank, source, of="attn_q_a"))
    query = b.op(width, latent, of="attn_q_b")
    b.graph.sink(b.op(head, source), b.cache_rows(sliding=True, width=0)[0])
    mask = b.mask(sliding=True)
    if ratio == _FINE_RATIO:
        keys = b.graph.op(plus(term("full", 2 * head // _FINE_RATIO), term("window", 2 * head)))
        mask = _compressed_mask(b, source, latent, mask)
    else:
        keys = b.graph.op(term("window", 2 * head))
    if b.flash_attn:
        out = b.op(width, query, keys, mask)
    else:
        cells = term("tokens_x_full", shape.n_head) if ratio == _FINE_RATIO else ZERO
        scores = plus(cells, term("tokens_x_window", shape.n_head * _F32))
        kq = b.graph.op(scores, b.graph.op(scores, query, keys), mask, inplace=True)
        out = b.op(width, b.op(width, kq))
    rank = shape.o_groups * shape.o_lora_rank
    return b.op(shape.n_embd, b.op(rank, b.op(rank, out, of="attn_output_a")), of="attn_output_b")


def _compressed_mask(b: Builder, source: int, latent: int, mask: int) -> int:
    """Score a quarter of the cells and mask all but the best, in half a byte a token and cell twice over.

    What is written at the best cells lies there from the start, for all layers.
    """
    shape, cells = b.shape, term("tokens_x_full", 1)
    named = b.named = b.named if b.named is not None else {}
    if "written" not in named:
        n_fine = sum(1 for ratio in shape.compress_ratios[: shape.n_layer] if ratio == _FINE_RATIO)
        named["written"] = b.graph.leaf(term("tokens", 2 * shape.indexer_top_k * n_fine))
    seen = b.input("mask_compressed", cells)
    query = b.op(shape.indexer_n_head * shape.indexer_head_size, latent)
    query = b.op(
        shape.indexer_n_head * shape.indexer_head_size, query, b.rotation("rotation_indexer", b.shape.indexer_head_size)
    )
    scores = b.graph.op(cells, query, b.op(shape.indexer_n_head, source), seen)
    best = b.op(shape.indexer_top_k, b.op(shape.indexer_top_k, scores))
    hidden = b.graph.op(cells, seen, mask)
    b.graph.sink(best, named["written"])
    return hidden
