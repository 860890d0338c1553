"""File types (Q4_K_M, IQ3_XS …): which type each tensor of a model gets in such a file of llama.cpp's quantiser.

Follows the rules of llama.cpp's llama-quant.cpp (b11434): by the tensor's role, its layer's position, heads per KV
head, number of experts and whether the row divides by the block. Publishers' own mixes (UD, recipes with overrides)
are not here; `mixes` treats them as averages. As `llama-quantize --dry-run` without options: no overrides, no
importance matrix unless the recipe says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.catalog import ModelShape
from knowledge.estimator.quant import fitting_type
from knowledge.estimator.tensors import Tensor

DEFAULT_TYPE: dict[str, str] = {
    "F32": "f32",
    "F16": "f16",
    "BF16": "bf16",
    "Q1_0": "q1_0",
    "Q2_0": "q2_0",
    "Q4_0": "q4_0",
    "Q4_1": "q4_1",
    "Q5_0": "q5_0",
    "Q5_1": "q5_1",
    "Q8_0": "q8_0",
    "MXFP4_MOE": "mxfp4",
    "Q2_K": "q2_k",
    "Q2_K_S": "q2_k",
    "Q3_K_S": "q3_k",
    "Q3_K_M": "q3_k",
    "Q3_K_L": "q3_k",
    "Q4_K_S": "q4_k",
    "Q4_K_M": "q4_k",
    "Q5_K_S": "q5_k",
    "Q5_K_M": "q5_k",
    "Q6_K": "q6_k",
    "TQ1_0": "tq1_0",
    "TQ2_0": "tq2_0",
    "IQ1_S": "iq1_s",
    "IQ1_M": "iq1_m",
    "IQ2_XXS": "iq2_xxs",
    "IQ2_XS": "iq2_xs",
    "IQ2_S": "iq2_xs",
    "IQ2_M": "iq2_s",
    "IQ3_XXS": "iq3_xxs",
    "IQ3_XS": "iq3_s",
    "IQ3_S": "iq3_s",
    "IQ3_M": "iq3_s",
    "IQ4_NL": "iq4_nl",
    "IQ4_XS": "iq4_xs",
    # ik_llama.cpp's, by the same roles
    "IQ2_K": "iq2_k",
    "IQ2_KS": "iq2_ks",
    "IQ2_KT": "iq2_kt",
    "IQ3_K": "iq3_k",
    "IQ3_KS": "iq3_ks",
    "IQ3_KT": "iq3_kt",
    "IQ4_K": "iq4_k",
    "IQ4_KS": "iq4_ks",
    "IQ4_KSS": "iq4_kss",
    "IQ4_KT": "iq4_kt",
    "IQ5_K": "iq5_k",
    "IQ5_KS": "iq5_ks",
    "IQ6_K": "iq6_k",
}
"""File type → the type of a tensor no rule speaks of."""

IK_TYPES = frozenset(name for name in DEFAULT_TYPE if name.startswith("IQ") and "_K" in name)
"""ik_llama.cpp's file types: its recipes differ a little from the rules here, so their sums are averages."""

_VERY_LOW = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"})
_OUTPUT_Q5 = _VERY_LOW | {"IQ3_XXS"}
_EIGHT_EXPERTS_OUT_Q5 = frozenset(
    {"Q2_K", "IQ3_XS", "IQ3_XXS", "Q3_K_S", "Q3_K_M", "IQ4_NL", "Q4_K_S", "Q4_K_M", "IQ3_S", "IQ3_M", "IQ4_XS"}
)
ATTN_V_LIKE = frozenset({"attn_v", "attn_qkv", "attn_kv_b"})

_NEVER_QUANTIZED = (
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    "attn_rel_b",
    "position_embd",
    "token_types",
)
_KEPT_F32 = (
    "ffn_gate_inp",
    "ssm_conv1d",
    "shortconv.conv",
    "altup_correct_coef",
    "altup_predict_coef",
    "position_embd",
    "token_types",
    "indexer.proj",
)
_GLM5_NEXT_KEPT = (
    "hc_",
    "indexer.attn_q_b",
    "indexer.attn_k",
    "indexer.proj",
    "indexer_compressor",
    "ssm_f_a",
    "ssm_f_b",
    "ssm_g_a",
    "ssm_g_b",
    "ssm_beta",
    "attn_kv_a_mqa",
    "attn_k_b",
    "attn_v_b",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the rules ask besides the tensor: arch, heads per KV head, experts, layers with MTP's, tied embeddings."""

    arch: str
    n_gqa: int
    n_expert: int
    n_layer: int
    is_70b: bool
    tied: bool
    has_imatrix: bool = False


@dataclass(slots=True)
class Counters:
    """How many tensors of a role were seen so far: some rules go by the running number, not the layer."""

    n_attn_v: int
    i_attn_v: int = 0
    i_ffn_down: int = 0
    i_ffn_gate: int = 0
    i_ffn_up: int = 0


def category(name: str) -> str:
    """Sort a tensor into the quantiser's category: by substring, in its order, experts included with their role."""
    if name == "output.weight":
        return "output"
    if name in {"token_embd.weight", "per_layer_token_embd.weight"}:
        return "token_embd"
    for key in ("attn_qkv", "attn_kv_b", "attn_v", "attn_k", "attn_q", "attn_output"):
        if f"{key}.weight" in name:
            return key
    for key in ("ffn_up", "ffn_gate", "ffn_down"):
        if key in name:
            return key
    return "other"


def is_quantizable(tensor: Tensor, arch: str) -> bool:
    """Whether the quantiser touches the tensor at all: two dimensions or more, a weight, no norm, no small special."""
    if len(tensor.ne) < 2 or not tensor.name.endswith("weight") or "_norm.weight" in tensor.name:
        return False
    if arch == "glm5-next" and any(part in tensor.name for part in _GLM5_NEXT_KEPT):
        return False
    return not any(part in tensor.name for part in _NEVER_QUANTIZED)


def source_type(tensor: Tensor, wide: str) -> str:
    """Tell the type the converter writes: F32 for vectors, norms and small matrices, else `wide` (BF16, F16)."""
    if len(tensor.ne) < 2 or not tensor.name.endswith("weight") or "_norm.weight" in tensor.name:
        return "i32" if "tid2eid" in tensor.name else "f32"
    if "tid2eid" in tensor.name:
        return "i32"
    return "f32" if any(part in tensor.name for part in _KEPT_F32) else wide


def _more_bits(i_layer: int, n_layer: int) -> bool:
    return i_layer < n_layer // 8 or i_layer >= 7 * n_layer // 8 or (i_layer - n_layer // 8) % 3 == 2


def _output_type(file_type: str, default: str, row_len: int, recipe: Recipe) -> str:
    if file_type == "MXFP4_MOE" or recipe.arch == "falcon" or fitting_type(default, row_len) != default:
        return "q8_0"
    if file_type in _OUTPUT_Q5:
        return "q5_k"
    return default if default == "q8_0" else "q6_k"


def _token_embd_type(file_type: str, default: str) -> str:
    if file_type in {"IQ2_XXS", "IQ2_XS", "IQ1_S", "IQ1_M"}:
        return "q2_k"
    if file_type in {"IQ2_S", "IQ2_M", "IQ3_XXS"}:
        return "iq3_s"
    return "q4_k" if file_type in {"TQ1_0", "TQ2_0", "Q2_0"} else default


def _very_low_type(file_type: str, default: str, cat: str, recipe: Recipe, counters: Counters) -> str:
    better = file_type in {"IQ2_S", "IQ2_M"}
    if cat in ATTN_V_LIKE:
        counters.i_attn_v += 1
        if recipe.n_gqa >= 4 or recipe.n_expert >= 4:
            return "q4_k"
        return "iq3_s" if better else "q2_k"
    if cat == "attn_k" and recipe.n_expert == 8:
        return "q4_k"
    if cat == "ffn_down":
        early = counters.i_ffn_down < recipe.n_layer // 8
        counters.i_ffn_down += 1
        if early:
            return "iq3_s" if better else "q2_k"
    elif cat == "attn_output":
        if recipe.n_expert == 8:
            return "q5_k"
        if file_type in {"IQ1_S", "IQ1_M"}:
            return "iq2_xxs"
        if better:
            return "iq3_s"
    return default


_ATTN_V_ALWAYS = {"IQ3_M": "q4_k", "Q3_K_L": "q5_k"}
_ATTN_V_SHARED = dict.fromkeys(("Q2_K", "Q2_K_S", "IQ3_XXS", "IQ3_XS", "IQ3_S"), "q4_k") | dict.fromkeys(
    ("IQ4_NL", "IQ4_XS"), "q5_k"
)
"""Raised where four query heads or more share a value head."""


def _attn_v_by_file_type(file_type: str, default: str, recipe: Recipe, i_v: int, n_v: int) -> str:
    """Choose the value projection's type: the most precious bits per byte, so most file types raise it."""
    many = recipe.n_gqa >= 4
    if file_type in {"Q4_K_M", "Q5_K_M"}:
        return "q6_k" if _more_bits(i_v, n_v) else default
    if file_type == "Q4_K_S":
        return "q5_k" if i_v < 4 else default
    if file_type == "Q3_K_M":
        return "q5_k" if i_v < 2 else "q4_k"
    if file_type in _ATTN_V_ALWAYS:
        return _ATTN_V_ALWAYS[file_type]
    if not many and file_type in {"Q2_K", "IQ3_XXS"}:
        return "q3_k" if file_type == "Q2_K" else default if recipe.has_imatrix else "iq3_s"
    return _ATTN_V_SHARED.get(file_type, default) if many else default


def _attn_v_type(file_type: str, default: str, recipe: Recipe, counters: Counters) -> str:
    chosen = _attn_v_by_file_type(file_type, default, recipe, counters.i_attn_v, counters.n_attn_v)
    counters.i_attn_v += 1
    if recipe.is_70b and chosen in {"q3_k", "q4_k"}:
        chosen = "q5_k"
    return "q8_0" if recipe.n_expert == 8 else chosen


def _early(recipe: Recipe, i_layer: int) -> bool:
    return i_layer < recipe.n_layer // 8


def _down_q3_k_m(_default: str, recipe: Recipe, i_layer: int) -> str:
    if i_layer < recipe.n_layer // 16:
        return "q5_k"
    return "q4_k" if recipe.arch != "falcon" or _more_bits(i_layer, recipe.n_layer) else "q3_k"


def _down_q4_k_m(default: str, recipe: Recipe, i_layer: int) -> str:
    more = _more_bits(i_layer, recipe.n_layer)
    if recipe.arch == "falcon":
        return _falcon_down(i_layer, recipe.n_layer, more)
    return "q6_k" if more else default


def _down_iq3_m(default: str, recipe: Recipe, i_layer: int) -> str:
    raised = _early(recipe, i_layer) or (recipe.n_expert == 8 and _more_bits(i_layer, recipe.n_layer))
    return "q4_k" if raised else default


def _down_iq4(default: str, recipe: Recipe, i_layer: int) -> str:
    return "q5_k" if _early(recipe, i_layer) and not recipe.has_imatrix else default


_FFN_DOWN: dict[str, Callable[[str, Recipe, int], str]] = {
    "Q2_K": lambda _default, _recipe, _i: "q3_k",
    "Q2_K_S": lambda default, recipe, i: "q4_k" if _early(recipe, i) else default,
    "IQ3_XXS": lambda default, recipe, i: default if recipe.has_imatrix else "q4_k" if _early(recipe, i) else "q3_k",
    "Q3_K_M": _down_q3_k_m,
    "IQ3_M": _down_iq3_m,
    "Q3_K_L": lambda _default, recipe, _i: "q4_k" if recipe.arch == "falcon" else "q5_k",
    "Q4_K_M": _down_q4_k_m,
    "IQ4_NL": _down_iq4,
    "IQ4_XS": _down_iq4,
    "Q4_0": lambda default, recipe, i: "q4_1" if _early(recipe, i) and recipe.has_imatrix else default,
    "Q5_0": lambda default, recipe, i: "q5_1" if _early(recipe, i) and recipe.has_imatrix else default,
    "Q5_K_M": lambda default, recipe, i: "q6_k" if _more_bits(i, recipe.n_layer) else default,
    "Q4_K_S": lambda default, recipe, i: "q5_k" if _early(recipe, i) and recipe.arch != "falcon" else default,
}
"""What becomes of the feed-forward's second matrix, by file type; the others leave it."""


def _falcon_down(i_layer: int, n_layer: int, more: bool) -> str:
    return "q6_k" if i_layer < n_layer // 16 else "q5_k" if more else "q4_k"


_ATTN_OUTPUT = {"Q2_K": "q3_k", "IQ3_XXS": "iq3_s", "Q3_K_M": "q4_k", "Q3_K_L": "q5_k", "IQ3_M": "q4_k"}


def _attn_output_type(file_type: str, default: str, recipe: Recipe) -> str:
    if recipe.arch == "falcon":
        return "q4_k" if file_type == "Q3_K_L" else default
    if recipe.n_expert == 8:
        return "q5_k" if file_type in _EIGHT_EXPERTS_OUT_Q5 else default
    return _ATTN_OUTPUT.get(file_type, default)


def _middle_ffn_type(file_type: str, default: str, recipe: Recipe, i_layer: int) -> str:
    """FFN gate and up: only IQ3_XS lowers them, in the middle three quarters of the layers."""
    n_layer = recipe.n_layer
    middle = n_layer // 8 <= i_layer < 7 * n_layer // 8
    return "iq3_xxs" if file_type == "IQ3_XS" and middle else default


NAMED_RULES = frozenset({"glm5-next"})  # some tensors' types go by their names, not by their category alone
RULED = NAMED_RULES | {"falcon", "bailingmoe3"}  # architectures that some rule names


def chosen_type(file_type: str, fact: TensorFacts, layer: int, recipe: Recipe, counters: Counters) -> str:
    """Choose a quantised tensor's type. `layer` is the one it is in; `counters` move on with every call."""
    cat, default = fact.category, DEFAULT_TYPE[file_type]
    if recipe.arch in NAMED_RULES and any(part in fact.tensor.name for part in ("attn_q_a", "attn_q_b")):
        return "q8_0"
    if cat == "output" or (recipe.tied and cat == "token_embd"):
        return _output_type(file_type, default, fact.row_len, recipe)
    if file_type == "MXFP4_MOE":
        expert_like = recipe.arch != "bailingmoe3" or cat.startswith("ffn_")
        return "mxfp4" if fact.has_experts and expert_like else "q8_0"
    if cat == "token_embd":
        return _token_embd_type(file_type, default)
    if file_type in _VERY_LOW:
        return _very_low_type(file_type, default, cat, recipe, counters)
    return _by_role(file_type, default, cat, layer, recipe, counters)


def _by_role(file_type: str, default: str, cat: str, layer: int, recipe: Recipe, counters: Counters) -> str:
    if cat in ATTN_V_LIKE:
        return _attn_v_type(file_type, default, recipe, counters)
    if cat in {"attn_k", "attn_q"}:
        eight = cat == "attn_k" and recipe.n_expert == 8
        return "q8_0" if eight else {"IQ3_XS": "iq3_xxs", "IQ3_XXS": "iq2_s"}.get(file_type, default)
    if cat == "attn_output":
        return _attn_output_type(file_type, default, recipe)
    if cat == "ffn_down":
        i_layer = layer if recipe.n_expert > 1 else counters.i_ffn_down
        counters.i_ffn_down += 1
        rule = _FFN_DOWN.get(file_type)
        return rule(default, recipe, i_layer) if rule else default
    if cat == "ffn_gate":
        i_layer = layer if recipe.n_expert > 1 else counters.i_ffn_gate
        counters.i_ffn_gate += 1
        return _middle_ffn_type(file_type, default, recipe, i_layer)
    if cat == "ffn_up":
        i_layer = layer if recipe.n_expert > 1 else counters.i_ffn_up
        counters.i_ffn_up += 1
        return _middle_ffn_type(file_type, default, recipe, i_layer)
    return default


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """What the rules ask of one tensor, found once for all file types; equal `sort`s have equal types."""

    tensor: Tensor
    category: str
    quantizable: bool
    kept_f32: bool
    row_len: int
    n_rows: int
    has_experts: bool
    sort: tuple[str, int, bool, str]


_V_BY_POSITION = frozenset({"Q3_K_M", "Q4_K_S", "Q4_K_M", "Q5_K_M"})
_DOWN_BY_POSITION = (_VERY_LOW | _FFN_DOWN.keys()) - {"Q2_K", "Q3_K_L"}


def goes_by_position(category: str, file_type: str) -> bool:
    """Whether a tensor's type may depend on its layer or on how many of its role came before; else all are alike."""
    if category in ATTN_V_LIKE or category == "ffn_down":
        return file_type in (_DOWN_BY_POSITION if category == "ffn_down" else _V_BY_POSITION)
    return file_type == "IQ3_XS" and category in {"ffn_gate", "ffn_up"}


def goes_by_layer(category: str, file_type: str, recipe: Recipe) -> bool:
    """Whether a position is the layer's number; else it is how many tensors of the category came before."""
    return recipe.n_expert > 1 and category.startswith("ffn_") and file_type not in _VERY_LOW


def native_quant(shape: ModelShape) -> str | None:
    """The file type a model was trained for and is published in; None for the many that have no such type.

    gpt-oss's experts are MXFP4 from the start: other file types make its files larger, not better.
    """
    return "MXFP4_MOE" if shape.arch == "gpt-oss" else None
