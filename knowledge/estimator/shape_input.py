"""Turns a mapping of hyper-parameters, as people and files write them, into a ModelShape.

Accepts our field names, GGUF keys with or without the architecture's prefix, and Hugging Face config names; per-layer
arrays where GGUF has them. Reads no files. Every rejection is a BadInput naming the field and its valid range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.shape_names import (
    ALIASES,
    HF_ARCHES,
    MIXER_OF_TYPE,
    NESTED,
    PATTERN_ARRAYS,
    RECURRENT_DEFAULTS,
    SWA_DEFAULTS,
)
from knowledge.estimator.tensors_traits import traits_of

_FIELDS = {field.name: field for field in fields(ModelShape)}
_MAX = {"n_layer": 1024, "n_expert": 4096, "n_expert_used": 4096, "n_head": 4096, "n_head_kv": 4096}
_MAX_DEFAULT = 1 << 40


def _canonical(key: str, arch: str) -> str:
    """Our field's name for a key, or the key without its architecture prefix where we know no field."""
    name = key.removeprefix(f"{arch}.") if arch else key
    return name if name in _FIELDS else ALIASES.get(name, name)


def _find_arch(data: Mapping[str, object]) -> str:
    for key in ("arch", "general.architecture", "architecture", "model_type"):
        if isinstance(data.get(key), str):
            name = str(data[key]).strip().lower()[:60]
            return HF_ARCHES.get(name, name)
    prefixes = {key.split(".")[0] for key in data if key.endswith(".block_count")}
    return prefixes.pop() if len(prefixes) == 1 else "llama"


def shape_from_mapping(data: Mapping[str, object]) -> ModelShape:
    """Build the shape a mapping states; what it leaves out takes the architecture's usual value or none.

    `n_layer`, `n_embd`, `n_vocab` and `n_head` (or their GGUF or HF names) must be there. Raises BadInput naming the
    field and its valid range.
    """
    data = _unnested(data)
    arch = _find_arch(data)
    values: dict[str, Any] = {"arch": arch}
    patterns: dict[str, object] = {}
    for key, value in data.items():
        name = _canonical(str(key)[:120], arch)
        if name == "arch" or value is None:
            continue
        if name in PATTERN_ARRAYS:
            patterns[name] = value
        elif name in _FIELDS:
            _store(values, name, value)
    _derive_linear(values, data)
    _derive(values, patterns)
    return ModelShape(**values)


def _unnested(data: Mapping[str, object]) -> Mapping[str, object]:
    """The mapping with a nested language model's part on top of what stands around it."""
    for key in NESTED:
        inner = data.get(key)
        if isinstance(inner, Mapping):
            around = {name: value for name, value in data.items() if not isinstance(value, Mapping)}
            return {**around, **{str(name): value for name, value in inner.items()}}
    return data


def _derive_linear(values: dict[str, Any], data: Mapping[str, object]) -> None:
    """Inner width of recurrent layers, which Hugging Face states as heads × width or as a factor."""
    if values.get("ssm_d_inner"):
        return
    width = data.get("linear_value_head_dim") or data.get("mamba_d_head") or data.get("mamba_head_dim")
    heads = values.get("ssm_dt_rank")
    if isinstance(width, int) and heads:
        values["ssm_d_inner"] = _number("ssm_d_inner", width * heads, low=0)


def _store(values: dict[str, Any], name: str, value: object) -> None:
    if isinstance(value, (list, tuple)):
        by_layer = {"n_head": "n_head_by_layer", "n_head_kv": "n_head_kv_by_layer", "n_ff": "n_ff_by_layer"}
        target = by_layer.get(name, name)
        items = tuple(_number(name, item, low=0) for item in value[:1024])
        if target not in {*by_layer.values(), "compress_ratios"}:
            raise BadInput(f"'{name}' is one number, not a list.", subject=name, hint="Give a single integer.")
        values[target] = items
        if target != name:
            values.setdefault(name, max(items, default=0))
    elif name in {"mixers", "ffns", "indexers"}:
        values[name] = _letters(name, value)
    elif _FIELDS[name].type in {"bool", "bool | None"}:
        values[name] = _boolean(name, value)
    else:
        values[name] = _number(name, value, low=0)


def _letters(name: str, value: object) -> str:
    allowed = {"mixers": "fsrch.", "ffns": "de.", "indexers": "i."}[name]
    if not isinstance(value, str) or len(value) > 1024 or set(value) - set(allowed):
        raise BadInput(f"'{name}' is not a layer pattern.", subject=name, hint=f"One letter a layer of '{allowed}'.")
    return value


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput(f"'{name}' is neither true nor false.", subject=name, hint="Give true or false.")
    return value


def _number(name: str, value: object, *, low: int) -> int:
    high = _MAX.get(name, _MAX_DEFAULT)
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not whole:
        raise BadInput(f"'{name}' is not a whole number.", subject=name, hint=f"Valid: {low} to {high}.")
    if not low <= value <= high:
        raise BadInput(f"'{name}' is {str(value)[:20]}.", subject=name, hint=f"Valid: {low} to {high}.")
    return int(value)


def _derive(values: dict[str, Any], patterns: Mapping[str, object]) -> None:
    for name in ("n_layer", "n_embd", "n_vocab", "n_head"):
        if values.get(name, 0) < 1:
            high = _MAX.get(name, _MAX_DEFAULT)
            raise BadInput(f"The shape has no '{name}'.", subject=name, hint=f"Valid: 1 to {high}.")
    values["n_head_kv"] = values.get("n_head_kv", 0) or values["n_head"]
    values.setdefault("n_ctx_train", 131072)
    n_head = values["n_head"]
    if not values.get("n_embd_head_k"):
        values["n_embd_head_k"] = max(1, values["n_embd"] // n_head)
    values["n_embd_head_v"] = values.get("n_embd_head_v") or values["n_embd_head_k"]
    if values.get("kv_lora_rank"):
        _derive_mla(values)
    _derive_mixers(values, patterns)
    _check_lengths(values)
    _check_heads(values)
    _check_experts(values)
    _check_recurrent(values)


def _derive_mla(values: dict[str, Any]) -> None:
    """MLA: what is cached is the latent and the rotated part; the head sizes follow from them."""
    rank, n_rot = values["kv_lora_rank"], values.get("n_rot", 0) or 64
    stated_k = values["n_embd_head_k"]
    values["n_rot"] = n_rot
    values.setdefault("n_embd_head_v_mla", 128)
    if not values.get("n_embd_head_qk_nope"):
        values["n_embd_head_qk_nope"] = stated_k - n_rot if n_rot < stated_k < rank + n_rot else 128
    values["n_head_kv"], values["n_embd_head_k"], values["n_embd_head_v"] = 1, rank + n_rot, rank


def _derive_mixers(values: dict[str, Any], patterns: Mapping[str, object]) -> None:
    arch, n_layer = values["arch"], values["n_layer"]
    if "mixers" in values:
        return
    for name, pattern in patterns.items():
        if isinstance(pattern, (list, tuple)) and pattern:
            values["mixers"] = _mixers_of(name, pattern[:n_layer])
            return
        if name == "attention.sliding_window_pattern" and isinstance(pattern, int) and 1 < pattern <= n_layer:
            values["mixers"] = "s" * (pattern - 1) + "f"
            return
    by_layer: tuple[int, ...] = values.get("n_head_kv_by_layer", ())
    if by_layer and 0 in by_layer:
        letter = "c" if values.get("shortconv_l_cache") else "r"
        values["mixers"] = "".join("f" if heads else letter for heads in by_layer[:n_layer])
    elif values.get("n_swa") and arch in SWA_DEFAULTS:
        values["mixers"] = SWA_DEFAULTS[arch]
    elif arch in RECURRENT_DEFAULTS:
        values["mixers"] = RECURRENT_DEFAULTS[arch]


def _mixers_of(name: str, pattern: list[object] | tuple[object, ...]) -> str:
    if name == "layer_types":
        return "".join(MIXER_OF_TYPE.get(str(item), "f") for item in pattern)
    on: Callable[[object], str] = (
        (lambda item: "s" if item else "f")
        if "sliding" in name or "swa" in name
        else (lambda item: "r" if item else "f")
    )
    return "".join(on(item) for item in pattern)


def _check_lengths(values: dict[str, Any]) -> None:
    n_layer = values["n_layer"]
    for name in ("n_head_by_layer", "n_head_kv_by_layer", "n_ff_by_layer"):
        given = values.get(name, ())
        if given and len(given) < n_layer:
            raise BadInput(f"'{name}' has {len(given)} values.", subject=name, hint=f"Valid: one a layer, {n_layer}.")
        if given:
            values[name] = tuple(given[:n_layer])


def _check_heads(values: dict[str, Any]) -> None:
    """Every KV head serves the same number of query heads (grouped-query attention), or the engine stops."""
    n_head, n_head_kv = values["n_head"], values["n_head_kv"]
    alike = not values.get("n_head_by_layer") and not values.get("n_head_kv_by_layer")
    if alike and not values.get("kv_lora_rank") and n_head % n_head_kv:
        valid = ", ".join(str(n) for n in range(1, n_head + 1) if n_head % n == 0)
        message = f"'n_head_kv' {n_head_kv} does not divide 'n_head' {n_head}."
        raise BadInput(message, subject="n_head_kv", hint=f"Valid: {valid[:200]}.")


def _check_experts(values: dict[str, Any]) -> None:
    n_expert, used = values.get("n_expert", 0), values.get("n_expert_used", 0)
    if "e" in values.get("ffns", "") and not n_expert:
        raise BadInput("The shape has expert layers and no 'n_expert'.", subject="n_expert", hint="Valid: from 1 up.")
    if n_expert and not 1 <= used <= n_expert:
        raise BadInput(f"'n_expert_used' is {used}.", subject="n_expert_used", hint=f"Valid: 1 to {n_expert}.")
    if not values.get("n_ff") and not values.get("n_ff_exp") and not values.get("n_ff_by_layer"):
        known = values.get("ssm_d_inner") or values.get("ffns")
        if not known:
            raise BadInput("The shape has no 'n_ff'.", subject="n_ff", hint="Give n_ff, n_ff_exp or both, from 1 up.")


def _check_recurrent(values: dict[str, Any]) -> None:
    mixers, kind = set(values.get("mixers", "")), traits_of(values["arch"]).recurrent
    if not mixers & set("rch"):
        return
    needed: tuple[str, ...] = ("ssm_d_conv", "ssm_d_inner", "ssm_d_state", "ssm_dt_rank")
    if "c" in mixers or kind == "shortconv" or values.get("shortconv_l_cache"):
        needed = ("shortconv_l_cache",)
    elif kind.startswith("kda") or values.get("kda_head_dim"):
        needed = ("ssm_d_conv", "kda_head_dim")
    elif kind.startswith("gdn"):
        needed = (*needed, "ssm_n_group")
    for name in needed:
        if not values.get(name):
            raise BadInput(f"The shape has recurrent layers and no '{name}'.", subject=name, hint="Valid: from 1 up.")
