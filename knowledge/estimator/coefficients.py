"""A model's memory as coefficients, and many models' as arrays, for ranking a catalogue through the same formulas.

`memory_coefficients` compiles a shape once; `stack` lays many side by side; `context_bytes` evaluates either, so that a
cell of a ranking equals the single answer. Weights are not here: they are one number a model and file type (`weights`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from knowledge.catalog import ModelShape
from knowledge.estimator.buffers import Form, Where, buffer_forms, evaluate
from knowledge.estimator.graph_alloc import TERMS
from knowledge.estimator.kv_cache import CacheCoefficients, Number, cache_bytes, cache_coefficients, cells
from knowledge.estimator.quant import cache_bytes_per_element, cache_type, is_quantized
from knowledge.estimator.request import ContextParams


@dataclass(frozen=True, slots=True)
class MemoryCoefficients:
    """One model's cache coefficients and buffer forms, or many models' with arrays in every field."""

    cache: CacheCoefficients
    forms: tuple[Form, ...]


@lru_cache(maxsize=16384)
def memory_coefficients(
    shape: ModelShape, *, flash_attn: bool = True, quantized_cache: bool = False
) -> MemoryCoefficients:
    """Compile a shape for serving (one row of logits a slot) on one accelerator."""
    forms = buffer_forms(
        shape,
        where=Where.DEVICE,
        flash_attn=flash_attn,
        quantized=quantized_cache and flash_attn,
        all_outputs=False,
    )
    return MemoryCoefficients(cache_coefficients(shape), forms)


def stack(coefficients: Sequence[MemoryCoefficients]) -> MemoryCoefficients:
    """Lay models side by side: every number becomes an array over them, ready to broadcast against contexts."""
    names = [field.name for field in fields(CacheCoefficients)]
    columns: dict[str, Any] = {
        name: np.array([[getattr(one.cache, name)] for one in coefficients], dtype=np.int64) for name in names
    }
    n_forms = max((len(one.forms) for one in coefficients), default=0)
    forms: list[Form] = []
    for index in range(n_forms):
        chosen = [one.forms[min(index, len(one.forms) - 1)] for one in coefficients]
        size = tuple(np.array([[form.size[at]] for form in chosen], dtype=np.int64) for at in range(len(TERMS)))
        reach, n_seq = (np.array([[at] for at in ats], dtype=np.int64) for ats in _bounds(chosen))
        forms.append(Form(reach, size, n_seq))
    return MemoryCoefficients(CacheCoefficients(**columns), tuple(forms))


def _bounds(forms: Sequence[Form]) -> tuple[list[Number], list[Number]]:
    return [form.n_ctx for form in forms], [form.n_seq for form in forms]


def context_bytes(
    coefficients: MemoryCoefficients, context: ContextParams, n_ctx: Number | None = None
) -> tuple[Number, Number, Number]:
    """Return bytes of KV cache, recurrent state and compute buffer on one accelerator.

    With stacked coefficients and an array of contexts the results have models as rows and contexts as columns.
    """
    at = cells(coefficients.cache, context, n_ctx)
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    full, sliding, state = cache_bytes(coefficients.cache, at, bytes_k, bytes_v, flash_attn=context.flash_attn)
    quantized_k = int(is_quantized(cache_type(context.type_k)))
    quantized_v = int(is_quantized(cache_type(context.type_v)))
    buffer = evaluate(coefficients.forms, at, at.n_seq, quantized_k, quantized_v)
    return full + sliding, state, buffer
