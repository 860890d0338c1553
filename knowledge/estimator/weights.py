"""Bytes of a model's weights in a file type: by tensor, by layer, on device and host, and what decoding reads.

For llama.cpp's own file types the sum is exact: every tensor's type is chosen as the quantiser does. Other formats
(publishers' mixes, MLX, EXL, Hugging Face) follow the rule of their tool where it is simple and an average where it is
not; `Weights.exact` says which. Reads no files and knows no engine overhead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.file_types import DEFAULT_TYPE, IK_TYPES, Recipe, TensorFacts, assign, tensor_facts
from knowledge.estimator.mixes import IMATRIX_PREFIX, MIXES, Mix, element_bytes, find_quant
from knowledge.estimator.model import tensors
from knowledge.estimator.quant import row_bytes
from knowledge.estimator.tensors import EXPERT_ROLES, HOST_ROLES, Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a model's weights take, in bytes. `device_bytes` holds with every layer offloaded.

    `host_bytes` is the input layer, which stays in host memory. Tied embeddings are in both: once as input table, once
    as output. `total_file_bytes` counts the file's tensors once, MTP layers included. `read_bytes_per_token` is read
    to decode one token: active experts only, of the token table nothing. `output_bytes` is all outside the layers that
    goes with the output. `exact` is False where the format's rule is an average.
    """

    quant: str
    device_bytes: int
    host_bytes: int
    total_file_bytes: int
    per_layer_bytes: tuple[int, ...]
    per_layer_expert_bytes: tuple[int, ...]
    output_bytes: int
    token_embd_bytes: int
    read_bytes_per_token: int
    read_expert_bytes_per_token: int
    largest_layer_tensor_bytes: int
    mtp_bytes: int
    by_type: Mapping[str, int]
    exact: bool


def _recipe(shape: ModelShape, *, has_imatrix: bool) -> Recipe:
    """Collect what the quantiser's rules ask of the model; its heads per KV head are layer 0's."""
    n_head_kv = shape.n_head_kv_by_layer[0] if shape.n_head_kv_by_layer else _first_layer_heads_kv(shape)
    n_head = layers.n_head(shape, 0)
    has_70b_type = shape.arch in {"llama", "qwen2", "deci", "olmo"} and shape.n_layer == 80
    return Recipe(
        arch=shape.arch,
        n_gqa=n_head // n_head_kv if n_head_kv else 0,
        n_expert=shape.n_expert,
        n_layer=shape.n_layer + shape.n_layer_nextn,
        is_70b=has_70b_type and not (shape.arch == "llama" and n_head == n_head_kv),
        tied=shape.tie_embeddings,
        has_imatrix=has_imatrix,
    )


def _first_layer_heads_kv(shape: ModelShape) -> int:
    mixer = layers.layer_mixers(shape)[0]
    uniform = shape.arch in {"qwen3next", "qwen35", "qwen35moe", "olmo-hybrid", "falcon-h1"}
    if mixer in "rc." and not uniform:
        return 0
    return layers.n_head_kv(shape, 0, sliding=mixer == "s")


@lru_cache(maxsize=2048)
def _facts(shape: ModelShape) -> tuple[TensorFacts, ...]:
    return tensor_facts(tensors(shape), shape.arch)


def _typed(shape: ModelShape, file_type: str, *, has_imatrix: bool) -> list[tuple[Tensor, str, int]]:
    """List every tensor with its type and bytes, for a file type of llama.cpp's own."""
    assigned = assign(_facts(shape), file_type, _recipe(shape, has_imatrix=has_imatrix))
    return [(fact.tensor, kind, fact.n_rows * row_bytes(kind, fact.row_len)) for fact, kind in assigned]


def _mixed(shape: ModelShape, mix: Mix) -> list[tuple[Tensor, str, int]]:
    """List every tensor with the bytes a mix's average rule gives it."""
    if mix.base is not None:
        factor = mix.factor_moe if shape.n_expert else mix.factor
        typed = _typed(shape, mix.base, has_imatrix=True)
        return [(tensor, kind, round(size * factor)) for tensor, kind, size in typed]
    return [(tensor, mix.id, round(tensor.n_elements * element_bytes(mix, tensor))) for tensor in tensors(shape)]


@lru_cache(maxsize=65536)
def weights(shape: ModelShape, quant: str) -> Weights:
    """Size the weights of `shape` in `quant`, an id or alias; `i1-` before a file type means made with an imatrix.

    Raises UnknownName with the nearest names.
    """
    name = find_quant(quant)
    file_type = name.removeprefix(IMATRIX_PREFIX)
    if file_type in DEFAULT_TYPE:
        typed = _typed(shape, file_type, has_imatrix=name != file_type)
        return _sum(shape, name, typed, exact=file_type not in IK_TYPES)
    return _sum(shape, name, _mixed(shape, MIXES[name]), exact=False)


def _sum(shape: ModelShape, quant: str, typed: list[tuple[Tensor, str, int]], *, exact: bool) -> Weights:
    layer_bytes, expert_bytes = [0] * shape.n_layer, [0] * shape.n_layer
    by_type: dict[str, int] = defaultdict(int)
    host = output = token_embd = mtp = read_experts = outside = 0
    for tensor, kind, size in typed:
        by_type[kind] += size
        if tensor.mtp:
            mtp += size
        elif tensor.layer >= 0:
            layer_bytes[tensor.layer] += size
            if tensor.role in EXPERT_ROLES:
                expert_bytes[tensor.layer] += size
                read_experts += size * shape.n_expert_used // max(1, shape.n_expert)
        elif tensor.role in HOST_ROLES:
            host += size
            token_embd += size if tensor.role == "token_embd" else 0
        else:
            outside += size
            output += size if tensor.role == "output" else 0
    if shape.tie_embeddings:
        output = token_embd
        outside += token_embd
    device = sum(layer_bytes) + outside
    return Weights(
        quant=quant,
        device_bytes=device,
        host_bytes=host,
        total_file_bytes=sum(by_type.values()),
        per_layer_bytes=tuple(layer_bytes),
        per_layer_expert_bytes=tuple(expert_bytes),
        output_bytes=outside,
        token_embd_bytes=token_embd,
        read_bytes_per_token=device - sum(expert_bytes) + read_experts,
        read_expert_bytes_per_token=read_experts,
        largest_layer_tensor_bytes=max((size for tensor, _, size in typed if tensor.layer >= 0), default=0),
        mtp_bytes=mtp,
        by_type=MappingProxyType(dict(by_type)),
        exact=exact,
    )
