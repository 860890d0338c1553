"""Latent attention as a graph: queries absorbed into the latent space, and indexers that leave only the best cells.

As `graph_blocks`, which has what other blocks share, this follows src/models/deepseek2.cpp, deepseek32.cpp and
glm-dsa.cpp of llama.cpp b11434 operation by operation.
"""

from __future__ import annotations

from knowledge.estimator import graph_blocks as blocks
from knowledge.estimator import layers
from knowledge.estimator.graph_alloc import plus, term
from knowledge.estimator.graph_blocks import F32, I64, Builder

SPARSE = {"deepseek32", "glm-dsa", "hy_v4", "glm5-next"}
"""Latent attention that looks only at the cells an indexer chose."""


def mla(b: Builder, source: int, layer: int) -> int:
    """Add latent attention in absorbed form: queries are taken into the latent space, results out of it."""
    shape = b.shape
    n_head, rank, rot = layers.n_head(shape, layer), shape.kv_lora_rank, shape.n_rot
    position = b.input("positions", term("tokens", 4))
    owns_indexer = layers.owns_indexer(shape, layer)
    sparse = shape.arch in SPARSE and (owns_indexer or b.best >= 0)
    if sparse and owns_indexer:
        _index_keys(b, source)
    latent = source
    if shape.q_lora_rank:
        latent = b.norm(shape.q_lora_rank, b.op(shape.q_lora_rank, source, of="attn_q_a"))
    q = b.op(n_head * layers.mla_head_k(shape), latent, of="attn_q_b" if shape.q_lora_rank else "attn_q")
    absorbed = b.op(n_head * rank, q, of="attn_k_b")
    q_rotated = b.op(n_head * rot, q, position)
    query = b.op(n_head * (rank + rot), absorbed, q_rotated)
    compressed = b.op(rank + rot, source, of="attn_kv_a_mqa")
    value = b.op(rank, compressed)
    key = b.op(rank + rot, value, b.op(rot, compressed, position))
    mask = b.mask(sliding=False)
    k_rows, _ = b.cache_rows(sliding=False, width=0)
    b.graph.sink(key, k_rows)
    if sparse:
        b.best = _best_cells(b, source, latent) if owns_indexer else b.best
        mask = _sparse_mask(b, mask)
    out = _attend_latent(b, query, mask, n_head, rank, rot)
    width = n_head * shape.n_embd_head_v_mla
    out = b.op(width, b.op(width, out, of="attn_v_b"))
    if b.traits.attn_gate:
        out = blocks.gated(b, out, source, -1, width, n_head)
    return b.op(shape.n_embd, out, of="attn_output")


def _index_keys(b: Builder, source: int) -> None:
    """Cache the indexer's keys, turned as its queries are."""
    size = b.shape.indexer_head_size
    key = b.op(size, b.op(size, source))
    b.graph.sink(
        b.op(size, key, b.rotation("rotation_indexer", b.shape.indexer_head_size)),
        b.input("index_rows", term("tokens", I64)),
    )


def _best_cells(b: Builder, source: int, latent: int) -> int:
    """Score the cells with the indexer and choose the best; layers behind that have no indexer use them again."""
    shape = b.shape
    width = shape.indexer_n_head * shape.indexer_head_size
    query = b.op(
        width,
        b.op(width, b.op(width, latent, of="indexer.attn_q_b")),
        b.rotation("rotation_indexer", b.shape.indexer_head_size),
    )
    seen = b.input("mask_indexer", term("tokens_x_full", 2 if b.flash_attn else 4))
    scores = b.graph.op(term("tokens_x_full", F32), query, b.op(shape.indexer_n_head, source), seen)
    return b.op(shape.indexer_top_k, b.op(shape.indexer_top_k, scores))


def _sparse_mask(b: Builder, mask: int) -> int:
    """Make a mask that leaves the best cells.

    The zeros written at them are a tensor nothing else makes: every layer's lies there from the start.
    """
    cells = term("tokens_x_full", 2 if b.flash_attn else 4)
    zeros = b.graph.leaf(b.tokens(b.shape.indexer_top_k))
    none = b.graph.op(cells, mask)
    b.graph.sink(b.best, zeros)
    return b.graph.op(cells, none, mask)


def _attend_latent(b: Builder, query: int, mask: int, n_head: int, rank: int, rot: int) -> int:
    cache = b.copied_cache("full", rank + rot, rank + rot)
    if b.flash_attn:
        size = b.rows(n_head * rank)
        if b.quantized:
            # V is a view of the cached K row, which is written out once
            size = plus(size, term("full_x_quantized_k", 2 * (rank + rot)))
            if cache:  # the copies are no views of one another
                size = plus(size, term("full_x_quantized_k", 2 * rank))
        return b.graph.op(size, query, *cache, mask)
    scores = term("tokens_x_full", n_head * F32)
    kq = b.graph.op(scores, *cache[:1], query)
    kq = b.graph.op(scores, kq, mask, inplace=True)
    value = b.graph.op(term("full", 2 * rank), *cache[1:])
    return b.op(n_head * rank, kq, value)
