"""What each layer of a model is: its mixer, its feed-forward, its heads and widths.

Answers per-layer questions on a ModelShape (which states patterns and exceptions); lists no tensors and sizes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat

from knowledge.catalog import ModelShape

NO_CACHE = {
    "bert",
    "dream",
    "eurobert",
    "gemma-embedding",
    "jina-bert-v2",
    "jina-bert-v3",
    "llada",
    "llada-moe",
    "modern-bert",
    "neo-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "rnd1",
}
"""Encoders and diffusion models: every token sees every other, so nothing is cached (llama_model::create_memory)."""


FUSED_HEADS = {40, 64, 72, 80, 96, 112, 128, 256, 512}
"""Sizes of heads, as large for keys as for values, that flash attention takes on a CUDA device (fattn.cu)."""


def _expand(pattern: str, n_layer: int) -> str:
    return (pattern * -(-n_layer // len(pattern)))[:n_layer]


@lru_cache(maxsize=4096)
def layer_mixers(shape: ModelShape) -> str:
    """One letter a layer: f full attention, s sliding window, r recurrent, c short convolution, h both, . none."""
    return _expand(shape.mixers or "f", shape.n_layer)


@lru_cache(maxsize=4096)
def layer_ffns(shape: ModelShape) -> str:
    """One letter a layer: d dense, e experts, . none."""
    if shape.ffns:
        return _expand(shape.ffns, shape.n_layer)
    if shape.n_expert == 0:
        return "d" * shape.n_layer
    lead = min(shape.n_layer_dense_lead, shape.n_layer)
    return "d" * lead + "e" * (shape.n_layer - lead)


def n_head(shape: ModelShape, layer: int) -> int:
    """Query heads of the layer."""
    return shape.n_head_by_layer[layer] if shape.n_head_by_layer else shape.n_head


def n_head_kv(shape: ModelShape, layer: int, *, sliding: bool) -> int:
    """KV heads of an attention layer."""
    if shape.n_head_kv_by_layer:
        return shape.n_head_kv_by_layer[layer]
    return shape.n_head_kv_swa if sliding and shape.n_head_kv_swa else shape.n_head_kv


def head_dims(shape: ModelShape, *, sliding: bool) -> tuple[int, int]:
    """Key and value head sizes."""
    if sliding:
        return shape.n_embd_head_k_swa or shape.n_embd_head_k, shape.n_embd_head_v_swa or shape.n_embd_head_v
    return shape.n_embd_head_k, shape.n_embd_head_v


def n_ff(shape: ModelShape, layer: int) -> int:
    """Width of the layer's dense feed-forward."""
    if shape.n_ff_by_layer:
        return shape.n_ff_by_layer[layer]
    return shape.n_ff or shape.n_ff_exp


def n_ff_expert(shape: ModelShape) -> int:
    """Width of one expert."""
    return shape.n_ff_exp or shape.n_ff


def n_ff_shared(shape: ModelShape) -> int:
    """Width of all shared experts together; 0 where there are none."""
    return shape.n_ff_shexp or shape.n_expert_shared * n_ff_expert(shape)


def holds_kv(shape: ModelShape, layer: int) -> bool:
    """Whether the attention layer keeps K and V of its own (the last `n_layer_kv_shared` reuse an earlier layer's)."""
    return layer < shape.n_layer - shape.n_layer_kv_shared


def is_mla(shape: ModelShape) -> bool:
    """Whether attention keeps one latent a token instead of K and V a head."""
    return shape.kv_lora_rank > 0


def mla_head_k(shape: ModelShape) -> int:
    """Size of a decompressed MLA key head: the part without rotation and the rotated part."""
    return shape.n_embd_head_qk_nope + shape.n_rot


def owns_indexer(shape: ModelShape, layer: int) -> bool:
    """Whether a sparse-attention layer has an indexer of its own; GLM 5.2's share one in groups of four."""
    if not shape.indexer_head_size:
        return False
    if shape.indexers:
        return _expand(shape.indexers, shape.n_layer)[layer] == "i"
    if shape.arch == "glm-dsa" and shape.n_ctx_train >= 1 << 20:
        return layer < 2 or (layer - 2) % 4 == 0
    return True


@lru_cache(maxsize=16)
def layer_keys(shape: ModelShape) -> tuple[tuple[object, ...], ...]:
    """Give each layer all that may tell it from the others: two with equal keys have equal tensors, caches and graph.

    Whatever a function sizes by layer number must be here.
    """
    n_layer = shape.n_layer
    alike: Iterable[object] = repeat(None)
    return tuple(
        zip(
            layer_mixers(shape),
            layer_ffns(shape),
            shape.n_head_by_layer or alike,
            shape.n_head_kv_by_layer or alike,
            shape.n_ff_by_layer or alike,
            [holds_kv(shape, layer) for layer in range(n_layer)] if shape.n_layer_kv_shared else alike,
            [owns_indexer(shape, layer) for layer in range(n_layer)] if shape.indexer_head_size else alike,
            (*shape.compress_ratios, *repeat(0, n_layer)) if shape.compress_ratios else alike,
            [layer < shape.n_layer_hash for layer in range(n_layer)] if shape.n_layer_hash else alike,
            [layer < shape.n_layer_dense_lead for layer in range(n_layer)] if shape.n_layer_dense_lead else alike,
            strict=False,
        )
    )


@lru_cache(maxsize=4096)
def alike_layers(shape: ModelShape) -> tuple[tuple[int, ...], ...]:
    """Group the layers that are alike, each group in order, the groups by their first layers."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for layer, key in enumerate(layer_keys(shape)):
        groups.setdefault(key, []).append(layer)
    return tuple(map(tuple, groups.values()))
