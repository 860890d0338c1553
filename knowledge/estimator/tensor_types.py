"""Which type every tensor of a model gets in a file type: the quantiser's walk over the layers, alike ones once.

The rules are those of `file_types`. Most give a role one type wherever it stands; the few that go by the layer, or by
how many of a role came before, are asked layer by layer in the quantiser's order. Bytes are `weights`' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from knowledge.catalog import ModelShape
from knowledge.estimator.file_types import (
    ATTN_V_LIKE,
    DEFAULT_TYPE,
    Counters,
    Recipe,
    TensorFacts,
    category,
    chosen_type,
    goes_by_position,
    is_quantizable,
    source_type,
)
from knowledge.estimator.model import tensor_groups
from knowledge.estimator.quant import fitting_type, is_quantized
from knowledge.estimator.tensors import Tensor

Typed = tuple[TensorFacts, str]


@dataclass(frozen=True, slots=True)
class FactsGroup:
    """What the rules ask of the tensors of layers that are alike, in the order the quantiser walks them."""

    facts: tuple[TensorFacts, ...]
    layers: tuple[int, ...]
    mtp: bool


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """The types in a group: of tensors that are alike in all its layers, and of those that are not.

    `moving` are the latter, `varying` the types they have together and the layers that have them so.
    """

    group: FactsGroup
    alike: Sequence[Typed]
    moving: Sequence[TensorFacts]
    varying: Mapping[tuple[str, ...], Sequence[int]]


def tensor_facts(tensor: Tensor, arch: str) -> TensorFacts:
    """Note what the rules ask of a tensor."""
    sort, quantizable, kept_f32 = _by_name(tensor.name, len(tensor.ne), arch)
    return TensorFacts(
        tensor=tensor,
        category=sort,
        quantizable=quantizable,
        kept_f32=kept_f32,
        row_len=tensor.ne[0],
        n_rows=tensor.n_elements // tensor.ne[0],
        has_experts=len(tensor.ne) > 2 and tensor.ne[2] > 1,
    )


@lru_cache(maxsize=4096)
def _by_name(name: str, n_dims: int, arch: str) -> tuple[str, bool, bool]:
    """What the rules tell by a tensor's name and dimensions: its category, whether it is quantised, or kept in F32."""
    alike = Tensor(name, -1, "", (1,) * n_dims)
    return category(name), is_quantizable(alike, arch), source_type(alike, "bf16") != "bf16"


@lru_cache(maxsize=1024)
def facts_groups(shape: ModelShape) -> tuple[FactsGroup, ...]:
    """Note what the rules ask of a model's tensors."""
    return tuple(
        FactsGroup(
            tuple(tensor_facts(tensor, shape.arch) for tensor in sorted(group.tensors, key=lambda one: one.name)),
            group.layers,
            group.mtp,
        )
        for group in tensor_groups(shape)
    )


def assign(groups: Sequence[FactsGroup], file_type: str, recipe: Recipe) -> list[TypedGroup]:
    """Give each tensor the type it has in a file of `file_type`."""
    default = DEFAULT_TYPE[file_type]
    wide = default if default in {"f16", "f32"} else "bf16"
    quantizes = is_quantized(default)
    out: list[TypedGroup] = []
    positional: list[tuple[int, list[TensorFacts], dict[tuple[str, ...], list[int]]]] = []
    for group in groups:
        alike: list[Typed] = []
        moving: list[TensorFacts] = []
        for fact in group.facts:
            if not quantizes or not fact.quantizable:
                alike.append((fact, "f32" if fact.kept_f32 else wide))
            elif goes_by_position(fact.category, file_type):
                moving.append(fact)
            else:
                alike.append((fact, _type_of(file_type, fact, group.layers[0], recipe, Counters(0))))
        varying: dict[tuple[str, ...], list[int]] = {}
        if moving:
            positional.extend([(layer, moving, varying) for layer in group.layers])
        out.append(TypedGroup(group, alike, moving, varying))
    counters = Counters(n_attn_v=sum(_count_attn_v(group) for group in groups))
    for layer, moving, varying in sorted(positional, key=itemgetter(0)):
        together = tuple([_type_of(file_type, fact, layer, recipe, counters) for fact in moving])
        varying.setdefault(together, []).append(layer)
    return out


def _count_attn_v(group: FactsGroup) -> int:
    return sum(fact.category in ATTN_V_LIKE for fact in group.facts) * len(group.layers)


def _type_of(file_type: str, fact: TensorFacts, layer: int, recipe: Recipe, counters: Counters) -> str:
    return fitting_type(chosen_type(file_type, fact, layer, recipe, counters), fact.row_len)
