"""A model's tensors and parameter counts from its shape, for every architecture `tensors_traits` knows.

Pure: hyper-parameters in, tensor list out. Types and bytes are `weights`' business. Follows the tensor lists of
llama.cpp b11434; checked by recounting the published totals of the catalogue.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator import tensors_blocks as blocks
from knowledge.estimator import tensors_special as special
from knowledge.estimator.layers import layer_ffns, layer_mixers
from knowledge.estimator.shape_input import shape_from_mapping
from knowledge.estimator.tensors import EXPERT_ROLES, Tensor, TensorGroup, TensorList
from knowledge.estimator.tensors_traits import ArchTraits, traits_of

__all__ = [
    "Tensor",
    "count_active_params",
    "count_params",
    "layer_ffns",
    "layer_mixers",
    "shape_from_mapping",
    "tensor_groups",
    "tensors",
]


@lru_cache(maxsize=32)
def tensor_groups(shape: ModelShape) -> tuple[TensorGroup, ...]:
    """The model's tensors, layers that are alike listed once: outside the layers, layers, multi-token prediction."""
    traits = traits_of(shape.arch)
    out = TensorList()
    _outside_layers(out, shape, traits)
    groups = [out.group((-1,))]
    mixers, ffns = layer_mixers(shape), layer_ffns(shape)
    for alike in layers.alike_layers(shape):
        first = out.layer = alike[0]
        _layer(out, shape, traits, first, mixers[first], ffns[first])
        groups.append(out.group(alike))
    if shape.n_layer_nextn:
        out.layer, out.mtp = shape.n_layer, True
        _mtp_layer(out, shape, traits, ffns[-1])
        groups.append(out.group(tuple(range(shape.n_layer, shape.n_layer + shape.n_layer_nextn))))
    return tuple(groups)


def tensors(shape: ModelShape) -> tuple[Tensor, ...]:
    """Every tensor a GGUF file of the model holds, multi-token-prediction layers last and marked."""
    by_layer = {layer: group for group in tensor_groups(shape) for layer in group.layers}
    return tuple(tensor for layer in sorted(by_layer) for tensor in by_layer[layer].of_layer(layer))


@lru_cache(maxsize=4096)
def count_params(shape: ModelShape) -> int:
    """How many weights the model has, MTP layers and vision towers left out, tied embeddings counted once."""
    return sum(
        tensor.n_elements * len(group.layers)
        for group in tensor_groups(shape)
        for tensor in group.tensors
        if not tensor.mtp
    )


@lru_cache(maxsize=4096)
def count_active_params(shape: ModelShape) -> int:
    """Weights used for one token: all but the experts the router leaves out, as publishers count them."""
    total = 0
    for group in tensor_groups(shape):
        for tensor in group.tensors:
            if not tensor.mtp:
                used = shape.n_expert_used if tensor.role in EXPERT_ROLES else 0
                one = tensor.n_elements * used // shape.n_expert if used else tensor.n_elements
                total += one * len(group.layers)
    return total


def _outside_layers(out: TensorList, shape: ModelShape, traits: ArchTraits) -> None:
    out.weight("token_embd", shape.n_embd, shape.n_vocab)
    if traits.token_types:
        out.weight("token_types", shape.n_embd, 2)
    if traits.position_embd:
        out.weight("position_embd", shape.n_embd, shape.n_ctx_train)
    if traits.embd_norm:
        out.norm("token_embd_norm", shape.n_embd, bias=traits.norm_bias)
    if traits.output_norm:
        out.norm(traits.output_norm, shape.n_embd, bias=traits.output_norm_bias)
    if traits.head and not shape.tie_embeddings:
        out.weight("output", shape.n_embd, shape.n_vocab)
        if traits.output_bias:
            out.bias("output", shape.n_vocab)
    if traits.special in {"gemma3n", "gemma4"}:
        special.per_layer_embeddings(out, shape, altup=traits.special == "gemma3n")
    if traits.special == "deepseek4":
        special.deepseek4_head(out, shape)
    if shape.arch == "kimi-k3":
        out.weight("output_res_score", shape.n_embd)


def _layer(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, mixer: str, ffn: str) -> None:
    sliding = mixer == "s"
    if traits.special == "gemma3n":
        special.gemma3n_layer(out, shape, traits, layer, sliding=sliding)
    elif traits.special == "gemma4":
        special.gemma4_layer(out, shape, traits, layer, sliding=sliding)
    elif traits.special == "deepseek4":
        special.deepseek4_layer(out, shape, traits, layer)
    else:
        blocks.norms(out, shape, traits)
        _mixer(out, shape, traits, layer, mixer)
        _ffn(out, shape, traits, layer, ffn)
        if shape.arch == "kimi-k3":
            out.weight("attn_res_score", shape.n_embd)
            out.weight("ffn_res_score", shape.n_embd)


def _mixer(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, mixer: str) -> None:
    if mixer in "rch":
        blocks.recurrent(out, shape, traits, layer)
    if mixer in "fsh":
        if layers.is_mla(shape):
            blocks.mla(out, shape, traits, layer)
        else:
            blocks.attention(out, shape, traits, layer, sliding=mixer == "s")
        if shape.arch == "minimax-m3" and layer >= shape.n_layer_dense_lead:
            blocks.block_indexer(out, shape)


def _ffn(out: TensorList, shape: ModelShape, traits: ArchTraits, layer: int, ffn: str) -> None:
    if ffn == "e":
        blocks.experts(out, shape, traits)
    elif ffn == "d":
        blocks.dense_ffn(out, shape, traits, layer)


def _mtp_layer(out: TensorList, shape: ModelShape, traits: ArchTraits, ffn: str) -> None:
    """One multi-token-prediction layer: a full-attention layer like the last, and the parts that feed it."""
    last = max((i for i, mixer in enumerate(layer_mixers(shape)) if mixer in "fh"), default=shape.n_layer - 1)
    if traits.special == "deepseek4":
        special.deepseek4_layer(out, shape, traits, shape.n_layer)
    else:
        blocks.norms(out, shape, traits)
        _mixer(out, shape, traits, last, "f")
        _ffn(out, shape, traits, last, "e" if shape.n_expert and ffn == "e" else "d" if ffn == "d" else ffn)
    out.weight("nextn.eh_proj", 2 * shape.n_embd, shape.n_embd)
    out.norm("nextn.enorm", shape.n_embd)
    out.norm("nextn.hnorm", shape.n_embd)
    out.norm("nextn.shared_head_norm", shape.n_embd)
