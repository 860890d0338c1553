"""Which type every tensor of a model gets in a file type: the quantiser's walk over the layers, alike ones once.

The rules are those of `file_types`. Most give a role one type wherever it stands; the few that go by the layer, or by
how many of a role came before, are asked layer by layer in the quantiser's order. Bytes are `weights`' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.catalog import ModelShape
from knowledge.estimator.file_types import (
    ATTN_V_LIKE,
    DEFAULT_TYPE,
    Counters,
    Recipe,
    TensorFacts,
    chosen_type,
    goes_by_position,
    tensor_facts,
)
from knowledge.estimator.model import tensor_groups
from knowledge.estimator.quant import fitting_type, is_quantized

Typed = tuple[TensorFacts, str]


@dataclass(frozen=True, slots=True)
class FactsGroup:
    """What the rules ask of the tensors of layers that are alike, in the order the quantiser walks them."""

    facts: tuple[TensorFacts, ...]
    layers: tuple[int, ...]
    mtp: bool


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """The types in a group: of tensors that are alike in all its layers, and by layer of those that are not."""

    group: FactsGroup
    alike: Sequence[Typed]
    by_layer: Mapping[int, Sequence[Typed]]


@lru_cache(maxsize=2048)
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
    positional: dict[int, tuple[list[TensorFacts], list[Typed]]] = {}
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
        by_layer: dict[int, list[Typed]] = {layer: [] for layer in group.layers} if moving else {}
        positional |= {layer: (moving, typed) for layer, typed in by_layer.items()}
        out.append(TypedGroup(group, alike, by_layer))
    counters = Counters(n_attn_v=sum(_count_attn_v(group) for group in groups))
    for layer in sorted(positional):
        moving, typed = positional[layer]
        typed.extend([(fact, _type_of(file_type, fact, layer, recipe, counters)) for fact in moving])
    return out


def _count_attn_v(group: FactsGroup) -> int:
    return sum(fact.category in ATTN_V_LIKE for fact in group.facts) * len(group.layers)


def _type_of(file_type: str, fact: TensorFacts, layer: int, recipe: Recipe, counters: Counters) -> str:
    return fitting_type(chosen_type(file_type, fact, layer, recipe, counters), fact.row_len)
