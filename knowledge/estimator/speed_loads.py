"""What a model in a file type has to do for each token: the `Load` the speed formulas work on.

What its shape alone tells is found once. No processor is known here and nothing is timed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.cpu import cpu_work
from knowledge.estimator.kv_cache import kv_read_bytes
from knowledge.estimator.model import count_active_params
from knowledge.estimator.quant import bits_per_weight
from knowledge.estimator.speed_terms import Load, dequant_cost
from knowledge.estimator.weights import Weights


def load_of(shape: ModelShape, weights: Weights, *, depth: int = 0, type_k: str = "f16", type_v: str = "f16") -> Load:
    """Return the work of one decoded token of a model in a file type, all on one processor."""
    expert_bytes = float(weights.read_expert_bytes_per_token)
    unpacking, product, k_share = _mean_works(weights)
    of = _work_of(shape)
    return Load(
        stream_bytes=float(weights.read_bytes_per_token) - expert_bytes,
        expert_bytes=expert_bytes,
        dequant_weights=of.read_params * unpacking,
        kv_bytes=float(kv_read_bytes(shape, depth, type_k, type_v)),
        total_bytes=float(weights.device_bytes),
        dense_params=of.dense_params,
        expert_params=of.expert_params,
        attention_width=of.attention_width,
        kv_token_bytes=_kv_token_bytes(shape, type_k, type_v),
        sliding_width=of.sliding_width,
        n_swa=of.n_swa,
        n_layer=of.n_layer,
        n_layer_expert=of.n_layer_expert,
        n_layer_recurrent=of.n_layer_recurrent,
        n_vocab=of.n_vocab,
        n_embd=of.n_embd,
        expert_share=of.expert_share,
        depth=float(depth),
        k_share=k_share,
        cpu_work=product,
        float_share=1.0 if unpacking < 0.05 else 0.0,
    )


@lru_cache(maxsize=256)
def _type_facts(kind: str) -> tuple[float, float, float, bool]:
    """Bits a weight of a tensor type, the work of one on a GPU and on CPU cores, and whether it has super-blocks."""
    try:
        bits = bits_per_weight(kind)
    except KeyError:
        bits = 4.5
    return bits, dequant_cost(kind), cpu_work(kind), "_k" in kind or kind.startswith("iq")


def _mean_works(weights: Weights) -> tuple[float, float, float]:
    """Mean work of a weight on a GPU and on CPU cores over the file, by the number of weights of each type.

    With them the share of the file's bytes in super-block types (k-quants and i-quants).
    """
    counted = on_gpu = on_cpu = 0.0
    known = in_k = 0
    for kind, size in weights.by_type.items():
        bits, unpacking, product, has_super_blocks = _type_facts(kind)
        n_weights = 8.0 * size / bits
        counted += n_weights
        on_gpu += n_weights * unpacking
        on_cpu += n_weights * product
        known += size
        in_k += size if has_super_blocks else 0
    return (on_gpu / counted, on_cpu / counted, in_k / max(1, known)) if counted else (0.0, 0.0, 0.0)


class _ShapeWork(NamedTuple):
    """What of a `Load` a model's shape alone tells; `read_params` are the weights read for a token."""

    read_params: float
    dense_params: float
    expert_params: float
    attention_width: float
    sliding_width: float
    n_swa: float
    n_layer: float
    n_layer_expert: float
    n_layer_recurrent: float
    n_vocab: float
    n_embd: float
    expert_share: float


@lru_cache(maxsize=4096)
def _work_of(shape: ModelShape) -> _ShapeWork:
    table = shape.n_vocab * shape.n_embd
    active = count_active_params(shape)
    read_params = active if shape.tie_embeddings else active - table
    expert_params = _expert_params(shape)
    mixers = layers.layer_mixers(shape)
    width = float(shape.n_head * (shape.n_embd_head_k + shape.n_embd_head_v))
    return _ShapeWork(
        read_params=read_params,
        dense_params=float(read_params - expert_params - table),
        expert_params=float(expert_params),
        attention_width=width * (mixers.count("f") + mixers.count("h")),
        sliding_width=width * mixers.count("s"),
        n_swa=float(shape.n_swa),
        n_layer=shape.n_layer * _kernel_share(shape),
        n_layer_expert=float(layers.layer_ffns(shape).count("e")),
        n_layer_recurrent=float(sum(mixers.count(letter) for letter in "rh")),
        n_vocab=float(shape.n_vocab),
        n_embd=float(shape.n_embd),
        expert_share=shape.n_expert_used / shape.n_expert if shape.n_expert else 1.0,
    )


@lru_cache(maxsize=1024)
def _kv_token_bytes(shape: ModelShape, type_k: str, type_v: str) -> float:
    """Bytes that one more token far from the start adds to what attention reads."""
    far = 2**20
    return float(kv_read_bytes(shape, 2 * far, type_k, type_v) - kv_read_bytes(shape, far, type_k, type_v)) / far


def _kernel_share(shape: ModelShape) -> float:
    """How many ordinary layers' kernels one layer launches.

    Latent attention projects down and up again (DeepSeek V2's paper); per-layer embeddings and AltUp add products to
    each layer (Gemma 3n); Gemma 2 and later normalise before and after each block.
    """
    share = 1.0 + (0.6 if shape.kv_lora_rank else 0.0) + (1.0 if shape.n_embd_per_layer else 0.0)
    return share + (0.2 if shape.arch.startswith(("gemma2", "gemma3", "gemma4")) else 0.0)


def _expert_params(shape: ModelShape) -> int:
    """Routed-expert weights multiplied for one token."""
    n_layer = layers.layer_ffns(shape).count("e")
    width = shape.n_moe_latent or shape.n_embd
    return n_layer * shape.n_expert_used * 3 * width * shape.n_ff_exp
