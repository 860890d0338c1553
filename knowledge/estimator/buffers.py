"""Compute buffers: what the engine reserves for intermediate results, on the accelerator and on the host.

First form: the larger of a few moments of a layer and of the head, in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.kv_cache import cache_coefficients, cells
from knowledge.estimator.quant import cache_type, is_quantized
from knowledge.estimator.request import ContextParams


@dataclass(frozen=True, slots=True)
class ComputeBuffers:
    """Bytes of compute buffers: on each accelerator, and on the host."""

    device_bytes: int
    host_bytes: int


@lru_cache(maxsize=16384)
def compute_buffer(
    shape: ModelShape, context: ContextParams, *, n_devices: int = 1, all_layers_on_device: bool = True
) -> ComputeBuffers:
    """Size the compute buffers of a model in a context; with several devices, of each, pipelining copies included."""
    at = cells(cache_coefficients(shape), context)
    n_tokens, n_embd = at.n_ubatch, shape.n_embd
    n_outputs = at.n_seq if context.n_outputs is None else min(n_tokens, context.n_outputs)
    mask_width = 2 if context.flash_attn else 4
    mask = n_tokens * mask_width * (at.n_ctx_seq + (at.sliding_seq if shape.n_swa else 0))
    row = 4 * n_tokens
    dense = 3 * max(
        (layers.n_ff(shape, i) for i, kind in enumerate(layers.layer_ffns(shape)) if kind == "d"), default=0
    )
    experts = 3 * shape.n_expert_used * layers.n_ff_expert(shape) if shape.n_expert else 0
    experts = max(experts, shape.n_expert_used * (n_embd + layers.n_ff_expert(shape))) if shape.n_expert else 0
    widest = max(dense, experts) + 4 * n_embd
    logits = 4 * shape.n_vocab * n_outputs // max(1, row)
    device = row * max(widest, logits + 3 * n_embd) + mask
    if context.flash_attn and (is_quantized(cache_type(context.type_k)) or is_quantized(cache_type(context.type_v))):
        full = max((2 * (c.k + c.v) for c in _full_layers(shape)), default=0)
        device = max(device, mask + at.full * full + row * 5 * n_embd)
    if not context.flash_attn:
        device = max(device, mask + at.n_ctx_seq * row * shape.n_head + row * 5 * n_embd)
    host = mask + row * 4 * n_embd
    if not all_layers_on_device:
        return ComputeBuffers(device_bytes=0, host_bytes=device + row * n_embd)
    if n_devices > 1:
        device += 3 * mask + row * 8 * n_embd
        host += mask + row * 8 * n_embd
    return ComputeBuffers(device_bytes=device, host_bytes=host)


def _full_layers(shape: ModelShape) -> list:  # type: ignore[type-arg]
    from knowledge.estimator.kv_cache import layer_caches

    return [cache for cache in layer_caches(shape) if not cache.sliding]
