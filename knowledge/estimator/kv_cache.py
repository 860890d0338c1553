"""Bytes of the context: KV cache and recurrent state, by layer and in sum, from a shape and the context settings.

Follows llama.cpp b11434 (llama-kv-cache*.cpp, llama-memory-*.cpp): padding to 256 cells, sliding windows, latent
attention, indexers, DeepSeek V4's compression, recurrent state a sequence. `cells` and `cache_bytes` are closed
formulas over a compiled `CacheCoefficients` and take numbers or NumPy arrays, so one answer and a whole ranking share
them. Knows nothing of weights, buffers or devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import add
from typing import Any, NamedTuple, TypeAlias

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator import layers
from knowledge.estimator.quant import cache_bytes_per_element, cache_type, is_quantized
from knowledge.estimator.request import ContextParams

PAD_CELLS = 256
"""The cache's length is a multiple of this (llama-context.cpp, n_ctx and n_ctx_seq)."""

_F32 = 4
_BLOCK = 32
"""Values a block of any quantised cache type holds."""
_DSV4_FINE, _DSV4_COARSE = 4, 128

Number: TypeAlias = Any
"""A number or a NumPy array of them; formulas work elementwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCache:
    """What one layer caches: elements of K and V a cell, in which cells, and F32 state a sequence.

    `ratio` > 1 means one cell for that many tokens beside (DeepSeek V4's compressed cache, `extra_k` elements).
    """

    k: int = 0
    v: int = 0
    sliding: bool = False
    index: int = 0
    ratio: int = 0
    extra_k: int = 0
    state: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCoefficients:
    """A model's cache as numbers: elements a cell summed over layers, window, state elements a sequence.

    `full_v_off`, `swa_v_off` hold without flash attention, where V is sized by the widest row of any layer.
    `own_streams` is 1 where every sequence has its own cells even in a unified cache.
    """

    full_k: int
    full_v: int
    full_v_off: int
    swa_k: int
    swa_v: int
    swa_v_off: int
    fine_k: int
    coarse_k: int
    n_swa: int
    state_elements: int
    own_streams: int


class Cells(NamedTuple):
    """Cells of the caches over all streams, and how many tokens one stream holds. Fields may be arrays."""

    full: Number
    sliding: Number
    fine: Number
    coarse: Number
    n_ctx_seq: Number
    sliding_seq: Number
    n_stream: Number
    n_seq: Number
    n_ubatch: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class KvCache:
    """Bytes of the context. `global_bytes` is full attention, `swa_bytes` sliding windows, by layer the sum of both."""

    global_bytes: int
    swa_bytes: int
    recurrent_bytes: int
    per_layer_kv_bytes: tuple[int, ...]
    per_layer_recurrent_bytes: tuple[int, ...]
    n_ctx_padded: int
    n_ctx_seq: int
    n_cells: int
    n_cells_swa: int

    @property
    def kv_bytes(self) -> int:
        """The whole KV cache."""
        return self.global_bytes + self.swa_bytes

    @property
    def per_layer_bytes(self) -> tuple[int, ...]:
        """KV and state of each layer together."""
        return tuple(
            kv + state for kv, state in zip(self.per_layer_kv_bytes, self.per_layer_recurrent_bytes, strict=True)
        )


def pad(n_cells: Number) -> Number:
    """Round up to whole pages of cells."""
    return (n_cells + (PAD_CELLS - 1)) // PAD_CELLS * PAD_CELLS


def lesser(a: Number, b: Number) -> Number:
    """Return the smaller of two whole numbers, elementwise for arrays."""
    return (a + b - abs(a - b)) // 2


def greater(a: Number, b: Number) -> Number:
    """Return the larger of two whole numbers, elementwise for arrays."""
    return (a + b + abs(a - b)) // 2


def state_elements(shape: ModelShape) -> int:
    """Count the F32 elements one recurrent layer keeps a sequence (llama-hparams.cpp, n_embd_r and n_embd_s)."""
    if shape.shortconv_l_cache:
        return shape.n_embd * (shape.shortconv_l_cache - 1)
    conv = max(0, shape.ssm_d_conv - 1)
    if shape.kda_head_dim:
        inner = layers.n_head(shape, 0) * shape.kda_head_dim
        return 3 * (conv or 3) * inner + shape.kda_head_dim * inner
    return (
        conv * (shape.ssm_d_inner + 2 * shape.ssm_n_group * shape.ssm_d_state) + shape.ssm_d_state * shape.ssm_d_inner
    )


def _attention_cache(shape: ModelShape, layer: int, *, sliding: bool, state: int) -> LayerCache:
    if not layers.holds_kv(shape, layer) or shape.arch in layers.NO_CACHE:
        return LayerCache(sliding=sliding, state=state)
    if layers.is_mla(shape):
        index = _index_row(shape) if layers.owns_indexer(shape, layer) else 0
        return LayerCache(k=shape.kv_lora_rank + shape.n_rot, index=index, state=state)
    head_k, head_v = layers.head_dims(shape, sliding=sliding)
    n_head_kv = layers.n_head_kv(shape, layer, sliding=sliding)
    k, v = head_k * n_head_kv, head_v * n_head_kv
    if shape.arch == "minimax-m3" and layer >= shape.n_layer_dense_lead:
        # the indexer's cache is made by the ordinary code, which adds a V row of one head
        return LayerCache(k=k + shape.indexer_head_size, v=v + head_v, state=state)
    return LayerCache(k=k, v=v, sliding=sliding, state=state)


def _index_row(shape: ModelShape) -> int:
    """Elements an indexer caches a token; GLM 5.3 keeps two keys and their pool."""
    return shape.indexer_head_size * (3 if shape.arch == "glm5-next" else 1)


def _compressed_cache(shape: ModelShape, layer: int) -> LayerCache:
    """DeepSeek V4: a window of raw keys, and by the layer's ratio compressed keys with their compressor's state."""
    head, size = shape.n_embd_head_k, shape.indexer_head_size
    ratio = shape.compress_ratios[layer] if layer < len(shape.compress_ratios) else 0
    if ratio == _DSV4_FINE:
        state = 2 * (2 * _DSV4_FINE) * (2 * head + 2 * size)
        return LayerCache(k=head, sliding=True, ratio=ratio, extra_k=head + size, state=state)
    if ratio == _DSV4_COARSE:
        return LayerCache(k=head, sliding=True, ratio=ratio, extra_k=head, state=2 * _DSV4_COARSE * head)
    return LayerCache(k=head, sliding=True)


@lru_cache(maxsize=2048)
def alike_caches(shape: ModelShape) -> tuple[tuple[LayerCache, tuple[int, ...]], ...]:
    """Say what layers that are alike cache, and which layers they are."""
    out: list[tuple[LayerCache, tuple[int, ...]]] = []
    for alike in layers.alike_layers(shape):
        mixer = layers.layer_mixers(shape)[alike[0]]
        state = state_elements(shape) if mixer in "rch" else 0
        if shape.arch == "deepseek4":
            cache = _compressed_cache(shape, alike[0])
        elif mixer in "fsh":
            cache = _attention_cache(shape, alike[0], sliding=mixer == "s", state=state)
        else:
            cache = LayerCache(state=state)
        out.append((cache, alike))
    return tuple(out)


@lru_cache(maxsize=2048)
def layer_caches(shape: ModelShape) -> tuple[LayerCache, ...]:
    """Say for each layer what it caches."""
    by_layer = {layer: cache for cache, alike in alike_caches(shape) for layer in alike}
    return tuple(by_layer[layer] for layer in range(shape.n_layer))


def _widest_v(shape: ModelShape) -> int:
    return max((cache.v for cache in layer_caches(shape)), default=0)


@lru_cache(maxsize=4096)
def cache_coefficients(shape: ModelShape) -> CacheCoefficients:
    """Compile a shape to the numbers `cache_bytes` needs."""
    caches = layer_caches(shape)
    widest = _widest_v(shape)
    full = [cache for cache in caches if not cache.sliding]
    swa = [cache for cache in caches if cache.sliding]
    return CacheCoefficients(
        full_k=sum(cache.k + cache.index for cache in full),
        full_v=sum(cache.v for cache in full),
        full_v_off=sum(widest for cache in full if cache.v),
        swa_k=sum(cache.k for cache in swa),
        swa_v=sum(cache.v for cache in swa),
        swa_v_off=sum(widest for cache in swa if cache.v),
        fine_k=sum(cache.extra_k for cache in caches if cache.ratio == _DSV4_FINE),
        coarse_k=sum(cache.extra_k for cache in caches if cache.ratio == _DSV4_COARSE),
        n_swa=shape.n_swa,
        state_elements=sum(cache.state for cache in caches),
        own_streams=int(shape.arch == "deepseek4"),
    )


def cells(coefficients: CacheCoefficients, context: ContextParams, n_ctx: Number | None = None) -> Cells:
    """Count cells for a context; `n_ctx` may replace the context's by an array of lengths."""
    asked = context.n_ctx if n_ctx is None else n_ctx
    n_seq = max(1, context.n_parallel)
    padded = pad(asked)
    shared = 1 if context.kv_unified else 0
    split = pad(padded // n_seq)
    n_ctx_seq = padded * shared + split * (1 - shared)
    n_stream = shared + n_seq * (1 - shared)
    n_ubatch = lesser(lesser(asked, context.n_batch), context.n_ubatch)
    own = coefficients.own_streams
    streams = n_stream * (1 - own) + n_seq * own
    in_window = n_stream + (n_seq - n_stream) * (1 - own) if context.kv_unified else 1
    window = pad(lesser(n_ctx_seq, coefficients.n_swa * in_window + n_ubatch))
    return Cells(
        full=n_ctx_seq * streams,
        sliding=window * streams,
        fine=pad(-(-n_ctx_seq // _DSV4_FINE)) * streams,
        coarse=pad(-(-n_ctx_seq // _DSV4_COARSE)) * streams,
        n_ctx_seq=n_ctx_seq,
        sliding_seq=window,
        n_stream=streams,
        n_seq=n_seq,
        n_ubatch=n_ubatch,
    )


@lru_cache(maxsize=512)
def cells_of(shape: ModelShape, context: ContextParams) -> Cells:
    """`cells` of a model in a context."""
    return cells(cache_coefficients(shape), context)


def cache_bytes(
    coefficients: CacheCoefficients, at: Cells, bytes_k: Number, bytes_v: Number, *, flash_attn: bool
) -> tuple[Number, Number, Number]:
    """Return bytes of the full cache, of the windowed one and of recurrent state, elementwise for arrays."""
    full_v = coefficients.full_v if flash_attn else coefficients.full_v_off
    swa_v = coefficients.swa_v if flash_attn else coefficients.swa_v_off
    full = at.full * (coefficients.full_k * bytes_k + full_v * bytes_v)
    compressed = (at.fine * coefficients.fine_k + at.coarse * coefficients.coarse_k) * bytes_k
    sliding = at.sliding * (coefficients.swa_k * bytes_k + swa_v * bytes_v)
    return full + compressed, sliding, coefficients.state_elements * at.n_seq * _F32


def _layer_bytes(cache: LayerCache, at: Cells, bytes_k: float, bytes_v: float, widest: int) -> int:
    """Bytes of K and V of a layer; `widest` is the least a row of V takes."""
    v = max(cache.v, widest) if cache.v else 0
    n_cells: int = at.sliding if cache.sliding else at.full
    extra: float = (at.fine if cache.ratio == _DSV4_FINE else at.coarse) * cache.extra_k * bytes_k
    return round(n_cells * ((cache.k + cache.index) * bytes_k + v * bytes_v) + extra)


@lru_cache(maxsize=2048)
def _counts(shape: ModelShape) -> tuple[tuple[LayerCache, tuple[int, ...]], ...]:
    """For each different cache how many layers before each layer, and in all, have it."""
    marks: dict[LayerCache, list[int]] = {}
    for cache, alike in alike_caches(shape):
        has = marks.setdefault(cache, [0] * shape.n_layer)
        for layer in alike:
            has[layer] = 1
    return tuple((cache, tuple(accumulate(has, initial=0))) for cache, has in marks.items())


@lru_cache(maxsize=128)
def cache_sums(shape: ModelShape, context: ContextParams) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bytes of K and V, and of recurrent state, of the layers before each layer and of all (length n_layer + 1)."""
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    at = cells_of(shape, context)
    widest = 0 if context.flash_attn else _widest_v(shape)
    kv: tuple[int, ...] = ()
    state: tuple[int, ...] = ()
    for cache, counts in _counts(shape):
        kv = _added(kv, _layer_bytes(cache, at, bytes_k, bytes_v, widest), counts)
        state = _added(state, cache.state * at.n_seq * _F32, counts)
    nothing = (0,) * (shape.n_layer + 1)
    return kv or nothing, state or nothing


def _added(sums: tuple[int, ...], size: int, counts: tuple[int, ...]) -> tuple[int, ...]:
    """Running sums (empty: none yet) with `size` more for each layer counted."""
    if not size:
        return sums
    more = map(size.__mul__, counts)
    return tuple(map(add, sums, more)) if sums else tuple(more)


@lru_cache(maxsize=64)
def kv_cache(shape: ModelShape, context: ContextParams) -> KvCache:
    """Size the context of a model. Raises BadInput where a cache type is none of llama.cpp's."""
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    coefficients = cache_coefficients(shape)
    at = cells_of(shape, context)
    full, sliding, state = cache_bytes(coefficients, at, bytes_k, bytes_v, flash_attn=context.flash_attn)
    widest = 0 if context.flash_attn else _widest_v(shape)
    by_layer, state_by_layer = [0] * shape.n_layer, [0] * shape.n_layer
    for cache, alike in alike_caches(shape):
        size = _layer_bytes(cache, at, bytes_k, bytes_v, widest)
        for layer in alike:
            by_layer[layer] = size
            state_by_layer[layer] = cache.state * at.n_seq * _F32
    return KvCache(
        global_bytes=round(full),
        swa_bytes=round(sliding),
        recurrent_bytes=round(state),
        per_layer_kv_bytes=tuple(by_layer),
        per_layer_recurrent_bytes=tuple(state_by_layer),
        n_ctx_padded=pad(context.n_ctx),
        n_ctx_seq=at.n_ctx_seq,
        n_cells=at.full,
        n_cells_swa=at.sliding,
    )


def check_types(shape: ModelShape, context: ContextParams) -> None:
    """Raise BadInput for cache types the engine refuses for this model (llama-context.cpp).

    Blocks of 32 must divide every head; latent attention keeps one row for K and V; Grok has no flash attention.
    """
    kinds = (("type_k", context.type_k), ("type_v", context.type_v))
    if context.type_k != context.type_v and (layers.is_mla(shape) or shape.arch == "deepseek4"):
        hint = f"Give {context.type_k} for both, or f16."
        raise BadInput("This model keeps K and V in one row, of one type.", subject="type_v", hint=hint)
    for at, (name, kind) in enumerate(kinds):
        if is_quantized(cache_type(kind)):
            heads = {layers.head_dims(shape, sliding=mixer == "s")[at] for mixer in shape.mixers if mixer in "fsh"}
            odd = [head for head in heads if head % _BLOCK]
            if odd:
                message = f"A cache in {kind} comes in blocks of {_BLOCK}; this model's heads are {odd[0]} wide."
                raise BadInput(message, subject=name, hint="Give f16 or bf16.")
            if shape.arch == "grok" and name == "type_v":
                raise BadInput("This model runs without flash attention.", subject=name, hint="Give f16 or bf16 for V.")


def kv_bytes_per_token(shape: ModelShape, type_k: str = "f16", type_v: str = "f16") -> float:
    """Bytes one more token of context takes, windows not yet full and compressed caches at their average."""
    c = cache_coefficients(shape)
    compressed = c.fine_k / _DSV4_FINE + c.coarse_k / _DSV4_COARSE
    k = c.full_k + c.swa_k + compressed
    return k * cache_bytes_per_element(type_k) + (c.full_v + c.swa_v) * cache_bytes_per_element(type_v)


def kv_read_bytes(shape: ModelShape, depth: Number, type_k: str = "f16", type_v: str = "f16") -> Number:
    """Bytes of cache and state read to decode one token with `depth` tokens in the context; `depth` may be an array.

    Layers that reuse another's cache read it again; a window reads no further back than it reaches.
    """
    bytes_k, bytes_v = cache_bytes_per_element(type_k), cache_bytes_per_element(type_v)
    full, sliding = _read_elements(shape)
    c = cache_coefficients(shape)
    reach = lesser(depth, c.n_swa) if c.n_swa else depth
    compressed = (depth / _DSV4_FINE) * c.fine_k + (depth / _DSV4_COARSE) * c.coarse_k
    cached = depth * (full[0] * bytes_k + full[1] * bytes_v) + reach * (sliding[0] * bytes_k + sliding[1] * bytes_v)
    return cached + compressed * bytes_k + c.state_elements * _F32


@lru_cache(maxsize=4096)
def _read_elements(shape: ModelShape) -> tuple[tuple[int, int], tuple[int, int]]:
    """Elements of K and V read a cell in full and in sliding layers, layers that share a cache counted each."""
    caches = layer_caches(shape)
    full, sliding = [0, 0], [0, 0]
    last: dict[bool, LayerCache] = {}
    for layer, cache in enumerate(caches):
        source = cache
        if cache.k:
            last[cache.sliding] = cache
        elif not layers.holds_kv(shape, layer):
            source = last.get(cache.sliding, cache)
        target = sliding if cache.sliding else full
        target[0] += source.k + source.index
        target[1] += source.v
    return (full[0], full[1]), (sliding[0], sliding[1])
