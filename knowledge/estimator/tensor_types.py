"""Which type every tensor of a model gets in a file type: the quantiser's walk over the layers, alike ones once.

The rules are those of `file_types`. Most give a role one type wherever it stands; the few that go by the layer, or by
how many of a role came before, are asked layer by layer in the quantiser's order. Bytes are `weights`' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter

from knowledge.catalog import ModelShape
from knowledge.estimator.file_types import (
    ATTN_V_LIKE,
    DEFAULT_TYPE,
    NAMED_RULES,
    Counters,
    Recipe,
    TensorFacts,
    category,
    chosen_type,
    goes_by_layer,
    goes_by_position,
    is_quantizable,
    source_type,
)
from knowledge.estimator.model import tensor_groups
from knowledge.estimator.quant import fitting_type, is_quantized
from knowledge.estimator.tensors import EXPERT_ROLES, HOST_ROLES, Tensor

SMALL = 16 * 1024
"""Elements up to which a tensor is not worth noting for itself: norms and biases."""

Typed = tuple[TensorFacts, str]
_Column = tuple[str, bool, Sequence[str]]
"""A tensor's types by number: what it is counted as, whether the number is the layer's, the types."""


@dataclass(frozen=True, slots=True)
class FactsGroup:
    """What the rules ask of the tensors of layers that are alike, in the order the quantiser walks them.

    `few` are the same with small ones that stay in F32 as if they were a single one: enough where bytes are summed.
    """

    facts: tuple[TensorFacts, ...]
    few: tuple[TensorFacts, ...]
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


_Moving = tuple[FactsGroup, Sequence[TensorFacts], dict[tuple[str, ...], list[int]]]
"""A group, its tensors whose types go by position, and where to note which layers have which."""


@lru_cache(maxsize=8192)
def tensor_facts(tensor: Tensor, arch: str) -> TensorFacts:
    """Note what the rules ask of a tensor; kept because two in three of a catalogue's are those of another model."""
    sort, quantizable, kept_f32 = _by_name(tensor.name, len(tensor.ne), arch)
    has_experts = len(tensor.ne) > 2 and tensor.ne[2] > 1
    return TensorFacts(
        tensor=tensor,
        category=sort,
        quantizable=quantizable,
        kept_f32=kept_f32,
        row_len=tensor.ne[0],
        n_rows=tensor.n_elements // tensor.ne[0],
        has_experts=has_experts,
        sort=(sort, tensor.ne[0], has_experts, tensor.name if arch in NAMED_RULES else ""),
    )


@lru_cache(maxsize=1024)
def _by_name(name: str, n_dims: int, arch: str) -> tuple[str, bool, bool]:
    """What the rules tell by a tensor's name and dimensions: its category, whether it is quantised, or kept in F32."""
    alike = Tensor(name, -1, "", (1,) * n_dims)
    return category(name), is_quantizable(alike, arch), source_type(alike, "bf16") != "bf16"


@lru_cache(maxsize=2048)
def facts_groups(shape: ModelShape) -> tuple[FactsGroup, ...]:
    """Note what the rules ask of a model's tensors."""
    out: list[FactsGroup] = []
    for group in tensor_groups(shape):
        facts = [tensor_facts(tensor, shape.arch) for tensor in sorted(group.tensors, key=lambda one: one.name)]
        out.append(FactsGroup(tuple(facts), tuple(_together(facts)), group.layers, group.mtp))
    return tuple(out)


def _together(facts: Sequence[TensorFacts]) -> list[TensorFacts]:
    """The tensors with small ones that stay in F32 as one of no role, where the first of them stands."""
    counted = HOST_ROLES + EXPERT_ROLES
    small = [
        fact
        for fact in facts
        if fact.kept_f32
        and not fact.quantizable
        and fact.row_len * fact.n_rows <= SMALL
        and fact.tensor.role not in counted
    ]
    if len(small) < 2:
        return list(facts)
    n_elements = sum(fact.row_len * fact.n_rows for fact in small)
    one = replace(small[0], tensor=Tensor("", small[0].tensor.layer, "", (n_elements,)), row_len=n_elements, n_rows=1)
    among = {id(fact) for fact in small[1:]}
    return [one if fact is small[0] else fact for fact in facts if id(fact) not in among]


def forget_tensors() -> None:
    """Let go of what only noting a shape's tensors for the first time asks for; a catalogue's are noted by then."""
    for remembered in (tensor_facts, _by_name, tensor_groups):
        remembered.cache_clear()


def assign(groups: Sequence[FactsGroup], file_type: str, recipe: Recipe, *, together: bool = False) -> list[TypedGroup]:
    """Give each tensor the type it has in a file of `file_type`; `together` takes small ones as one."""
    default = DEFAULT_TYPE[file_type]
    wide = default if default in {"f16", "f32"} else "bf16"
    quantizes = is_quantized(default)
    kinds = _kinds_of(file_type, recipe)
    out: list[TypedGroup] = []
    positional: list[_Moving] = []
    for group in groups:
        alike: list[Typed] = []
        moving: list[TensorFacts] = []
        for fact in group.few if together else group.facts:
            if not quantizes or not fact.quantizable:
                alike.append((fact, "f32" if fact.kept_f32 else wide))
            elif goes_by_position(fact.category, file_type):
                moving.append(fact)
            else:
                alike.append((fact, kinds.get(fact.sort) or kinds.add(fact)))
        varying: dict[tuple[str, ...], list[int]] = {}
        if moving:
            positional.append((group, moving, varying))
        out.append(TypedGroup(group, alike, moving, varying))
    if positional:
        _walk(positional, file_type, recipe)
    return out


class _Kinds(dict[tuple[str, int, bool, str], str]):
    """The types of tensors that are alike wherever they stand, by what the rules tell them apart by; filled as asked.

    Few recipes differ in more than their number of layers, so most models find theirs.
    """

    def __init__(self, file_type: str, recipe: Recipe) -> None:
        super().__init__()
        self.file_type, self.recipe = file_type, recipe

    def add(self, fact: TensorFacts) -> str:
        """Find a tensor's type and note it."""
        chosen = chosen_type(self.file_type, fact, 0, self.recipe, Counters(0))
        self[fact.sort] = kind = fitting_type(chosen, fact.row_len)
        return kind


@lru_cache(maxsize=1024)
def _kinds(file_type: str, recipe: Recipe) -> _Kinds:
    return _Kinds(file_type, recipe)


@lru_cache(maxsize=4096)
def _kinds_of(file_type: str, recipe: Recipe) -> _Kinds:
    """Those of every model with this recipe but for its number of layers."""
    return _kinds(file_type, replace(recipe, n_layer=0))


def _walk(positional: Sequence[_Moving], file_type: str, recipe: Recipe) -> None:
    """Note for each group which layers have which types, in the quantiser's order."""
    n_of: dict[str, int] = {}
    for group, moving, _ in positional:
        for fact in moving:
            name = _counted_as(fact)
            n_of[name] = n_of.get(name, 0) + len(group.layers)
    rows: list[tuple[int, list[_Column], dict[tuple[str, ...], list[int]]]] = []
    for group, moving, varying in positional:
        columns = [_column(fact, n_of, file_type, recipe) for fact in moving]
        if len(positional) == 1 and len(n_of) == len(moving):
            _alone(group, columns, varying)
            return
        rows.extend([(layer, columns, varying) for layer in group.layers])
    seen = dict.fromkeys(n_of, 0)
    for layer, columns, varying in sorted(rows, key=itemgetter(0)):
        together = []
        for name, by_layer, types in columns:
            number = seen[name]
            seen[name] = number + 1
            together.append(types[layer if by_layer else number])
        varying.setdefault(tuple(together), []).append(layer)


def _alone(group: FactsGroup, columns: Sequence[_Column], varying: dict[tuple[str, ...], list[int]]) -> None:
    """`_walk` where only one group has types that go by position, and each category once a layer: most models."""
    in_order = [[types[layer] for layer in group.layers] if by_layer else types for _, by_layer, types in columns]
    for layer, together in zip(group.layers, zip(*in_order, strict=False), strict=False):
        varying.setdefault(together, []).append(layer)


def _column(fact: TensorFacts, n_of: Mapping[str, int], file_type: str, recipe: Recipe) -> _Column:
    name = _counted_as(fact)
    types = _by_number(file_type, fact.category, recipe, n_of[name])
    return name, goes_by_layer(fact.category, file_type, recipe), _fitting(types, fact.row_len)


def _counted_as(fact: TensorFacts) -> str:
    """What the quantiser counts a tensor as: value projections of every kind are one."""
    return "attn_v" if fact.category in ATTN_V_LIKE else fact.category


def _fitting(types: Sequence[str], row_len: int) -> Sequence[str]:
    """The types with those a row does not divide by replaced."""
    fitting = {kind: fitting_type(kind, row_len) for kind in set(types)}
    return types if all(kind == own for kind, own in fitting.items()) else [fitting[kind] for kind in types]


@lru_cache(maxsize=4096)
def _by_number(file_type: str, category: str, recipe: Recipe, n_of: int) -> tuple[str, ...]:
    """The types of a category's tensors by the number the rule goes by: the layer's, or how many came before.

    No rule for a feed-forward looks at heads, nor any for a layer at what ties the head.
    """
    of_heads = category in ATTN_V_LIKE
    asked = replace(
        recipe, tied=False, n_gqa=recipe.n_gqa if of_heads else 0, is_70b=recipe.is_70b if of_heads else False
    )
    return _numbered(file_type, category, asked, n_of)


@lru_cache(maxsize=4096)
def _numbered(file_type: str, category: str, recipe: Recipe, n_of: int) -> tuple[str, ...]:
    fact = TensorFacts(
        tensor=Tensor("", -1, "", ()),
        category=category,
        quantizable=True,
        kept_f32=False,
        row_len=0,
        n_rows=0,
        has_experts=False,
        sort=(category, 0, False, ""),
    )
    numbers = range(max(n_of, recipe.n_layer))
    return tuple([chosen_type(file_type, fact, n, recipe, Counters(n_of, n, n, n, n)) for n in numbers])
