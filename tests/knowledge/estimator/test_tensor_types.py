"""Types of tensors: alike layers sized once give what the quantiser's own walk, tensor after tensor, gives."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge.catalog import Knowledge, ModelShape
from knowledge.estimator.file_types import ATTN_V_LIKE, DEFAULT_TYPE, Counters, Recipe, chosen_type
from knowledge.estimator.model import tensors
from knowledge.estimator.quant import fitting_type, is_quantized, row_bytes
from knowledge.estimator.tensor_types import assign, facts_groups, tensor_facts


def walked(shape: ModelShape, file_type: str, recipe: Recipe) -> Counter[tuple[int, str, str]]:
    """Every tensor for itself, in the quantiser's order: (layer, role, type)."""
    facts = [
        tensor_facts(one, shape.arch) for one in sorted(tensors(shape), key=lambda tensor: (tensor.layer, tensor.name))
    ]
    counters = Counters(n_attn_v=sum(fact.category in ATTN_V_LIKE for fact in facts))
    default = DEFAULT_TYPE[file_type]
    out: Counter[tuple[int, str, str]] = Counter()
    for fact in facts:
        if is_quantized(default) and fact.quantizable:
            kind = chosen_type(file_type, fact, fact.tensor.layer, recipe, counters)
            kind = fitting_type(kind, fact.row_len)
        else:
            kind = "f32" if fact.kept_f32 else default if default in {"f16", "f32"} else "bf16"
        out[fact.tensor.layer, fact.tensor.role, kind] += 1
    return out


def grouped(shape: ModelShape, file_type: str, recipe: Recipe) -> Counter[tuple[int, str, str]]:
    """The same from groups."""
    out: Counter[tuple[int, str, str]] = Counter()
    for typed in assign(facts_groups(shape), file_type, recipe):
        for layer in typed.group.layers:
            out.update((layer, fact.tensor.role, kind) for fact, kind in typed.alike)
        for kinds, numbers in typed.varying.items():
            pairs = list(zip(typed.moving, kinds, strict=True))
            for layer in numbers:
                out.update((layer, fact.tensor.role, kind) for fact, kind in pairs)
    return out


@pytest.mark.parametrize("file_type", DEFAULT_TYPE)
def test_groups_give_what_the_walk_gives(knowledge: Knowledge, file_type: str) -> None:
    by_arch = {model.shape.arch: model.shape for model in knowledge.models.values() if model.shape}
    shapes = list(by_arch.values())[len(file_type) % 4 :: 4]
    for shape in shapes:
        for has_imatrix in (False, True):
            recipe = Recipe(
                arch=shape.arch,
                n_gqa=4 if has_imatrix else 1,
                n_expert=shape.n_expert,
                n_layer=shape.n_layer + shape.n_layer_nextn,
                is_70b=has_imatrix,
                tied=shape.tie_embeddings,
                has_imatrix=has_imatrix,
            )
            assert grouped(shape, file_type, recipe) == walked(shape, file_type, recipe), shape.arch


@pytest.mark.parametrize("file_type", list(DEFAULT_TYPE)[::3])
def test_small_tensors_taken_as_one_take_as_many_bytes(knowledge: Knowledge, file_type: str) -> None:
    by_arch = {model.shape.arch: model.shape for model in knowledge.models.values() if model.shape}
    for shape in by_arch.values():
        whole, few = (
            [
                sum(fact.n_rows * row_bytes(kind, fact.row_len) for fact, kind in typed.alike)
                for typed in assign(
                    facts_groups(shape),
                    file_type,
                    Recipe("", 1, 0, shape.n_layer, False, False, False),
                    together=at_once,
                )
            ]
            for at_once in (False, True)
        )
        assert whole == few, shape.arch
        assert sum(len(group.few) for group in facts_groups(shape)) <= sum(len(g.facts) for g in facts_groups(shape))
