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
from knowledge.estimator.tensors_traits import traits_of

_FIELDS = {field.name: field for field in fields(ModelShape)}
_MAX = {"n_layer": 1024, "n_expert": 4096, "n_expert_used": 4096, "n_head": 4096, "n_head_kv": 4096}
_MAX_DEFAULT = 1 << 40

_ALIASES = {
    # GGUF, architecture prefix removed
    "general.architecture": "arch",
    "block_count": "n_layer",
    "embedding_length": "n_embd",
    "vocab_size": "n_vocab",
    "context_length": "n_ctx_train",
    "feed_forward_length": "n_ff",
    "attention.head_count": "n_head",
    "attention.head_count_kv": "n_head_kv",
    "attention.key_length": "n_embd_head_k",
    "attention.value_length": "n_embd_head_v",
    "attention.key_length_swa": "n_embd_head_k_swa",
    "attention.value_length_swa": "n_embd_head_v_swa",
    "attention.sliding_window": "n_swa",
    "attention.q_lora_rank": "q_lora_rank",
    "attention.kv_lora_rank": "kv_lora_rank",
    "attention.value_length_mla": "n_embd_head_v_mla",
    "attention.shared_kv_layers": "n_layer_kv_shared",
    "attention.indexer.head_count": "indexer_n_head",
    "attention.indexer.key_length": "indexer_head_size",
    "attention.indexer.top_k": "indexer_top_k",
    "attention.output_lora_rank": "o_lora_rank",
    "attention.output_group_count": "o_groups",
    "rope.dimension_count": "n_rot",
    "expert_count": "n_expert",
    "expert_used_count": "n_expert_used",
    "expert_shared_count": "n_expert_shared",
    "expert_feed_forward_length": "n_ff_exp",
    "expert_shared_feed_forward_length": "n_ff_shexp",
    "leading_dense_block_count": "n_layer_dense_lead",
    "nextn_predict_layers": "n_layer_nextn",
    "moe_latent_size": "n_moe_latent",
    "expert_latent_length": "n_moe_latent",
    "embedding_length_per_layer_input": "n_embd_per_layer",
    "ssm.conv_kernel": "ssm_d_conv",
    "ssm.inner_size": "ssm_d_inner",
    "ssm.state_size": "ssm_d_state",
    "ssm.group_count": "ssm_n_group",
    "ssm.time_step_rank": "ssm_dt_rank",
    "kda.head_dim": "kda_head_dim",
    "shortconv.l_cache": "shortconv_l_cache",
    "hyper_connection.count": "hc_mult",
    "hash_layer_count": "n_layer_hash",
    # Hugging Face
    "architecture": "arch",
    "model_type": "arch",
    "num_hidden_layers": "n_layer",
    "n_layers": "n_layer",
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_ctx_train",
    "num_attention_heads": "n_head",
    "n_heads": "n_head",
    "num_key_value_heads": "n_head_kv",
    "n_kv_heads": "n_head_kv",
    "head_dim": "n_embd_head_k",
    "v_head_dim": "n_embd_head_v_mla",
    "intermediate_size": "n_ff",
    "moe_intermediate_size": "n_ff_exp",
    "shared_expert_intermediate_size": "n_ff_shexp",
    "num_experts": "n_expert",
    "num_local_experts": "n_expert",
    "n_routed_experts": "n_expert",
    "num_experts_per_tok": "n_expert_used",
    "num_experts_per_token": "n_expert_used",
    "n_shared_experts": "n_expert_shared",
    "first_k_dense_replace": "n_layer_dense_lead",
    "num_nextn_predict_layers": "n_layer_nextn",
    "tie_word_embeddings": "tie_embeddings",
    "sliding_window": "n_swa",
    "qk_rope_head_dim": "n_rot",
    "qk_nope_head_dim": "n_embd_head_qk_nope",
    "index_n_heads": "indexer_n_head",
    "index_head_dim": "indexer_head_size",
    "index_topk": "indexer_top_k",
    "num_kv_shared_layers": "n_layer_kv_shared",
    "hidden_size_per_layer_input": "n_embd_per_layer",
    "attention_bias": "attn_qkv_bias",
    "attention_k_eq_v": "attn_k_eq_v",
    "conv_L_cache": "shortconv_l_cache",
}
_HF_ARCHES = {
    "mistral": "llama",
    "mixtral": "llama",
    "qwen2_moe": "qwen2moe",
    "qwen3_moe": "qwen3moe",
    "qwen3_next": "qwen3next",
    "qwen3_5": "qwen35",
    "qwen3_5_moe": "qwen35moe",
    "gemma3_text": "gemma3",
    "gemma4_text": "gemma4",
    "gemma3n_text": "gemma3n",
    "gpt_oss": "gpt-oss",
    "gptoss": "gpt-oss",
    "deepseek_v2": "deepseek2",
    "deepseek_v3": "deepseek2",
    "deepseek_v32": "deepseek32",
    "deepseek_v4": "deepseek4",
    "kimi_k2": "deepseek2",
    "kimi_linear": "kimi-linear",
    "llama4_text": "llama4",
    "cohere": "command-r",
    "olmo3": "olmo2",
    "glm4_moe": "glm4moe",
    "glm_moe_dsa": "glm-dsa",
    "granitemoehybrid": "granitehybrid",
    "falcon_h1": "falcon-h1",
    "lfm2_moe": "lfm2moe",
    "nemotron_h": "nemotron_h",
    "minimax_m2": "minimax-m2",
    "phi": "phi2",
    "hunyuan_v1_dense": "hunyuan-dense",
    "hunyuan_v1_moe": "hunyuan-moe",
    "ernie4_5_moe": "ernie4_5-moe",
    "bailing_moe": "bailingmoe2",
}
_PATTERN_ARRAYS = {
    "attention.sliding_window_pattern",
    "attention.recurrent_layers",
    "layer_types",
    "swa_layers",
}
_MIXER_OF_TYPE = {
    "full_attention": "f",
    "attention": "f",
    "sliding_attention": "s",
    "chunked_attention": "s",
    "linear_attention": "r",
    "mamba": "r",
    "conv": "c",
    "hybrid": "h",
}
_SWA_DEFAULTS = {
    "gemma2": "sf",
    "gemma3": "sssssf",
    "gemma3n": "ssssf",
    "gemma4": "sssssf",
    "gpt-oss": "sf",
    "cohere2": "sssf",
    "llama4": "sssf",
    "olmo2": "sssf",
    "exaone4": "sssf",
    "exaone-moe": "sssf",
    "afmoe": "sssf",
    "mellum": "sssf",
    "smallthinker": "fsss",
    "laguna": "fsss",
    "cohere2moe": "fsss",
    "muse-glimmer": "sssf",
    "modern-bert": "fss",
    "plamo3": "sssssssf",
}
_RECURRENT_DEFAULTS = {
    "qwen3next": "rrrf",
    "qwen35": "rrrf",
    "qwen35moe": "rrrf",
    "falcon-h1": "h",
    "mamba": "r",
    "mamba2": "r",
}


def _canonical(key: str, arch: str) -> str:
    """Our field's name for a key, or the key without its architecture prefix where we know no field."""
    name = key.removeprefix(f"{arch}.") if arch else key
    return name if name in _FIELDS else _ALIASES.get(name, name)


def _find_arch(data: Mapping[str, object]) -> str:
    for key in ("arch", "general.architecture", "architecture", "model_type"):
        if isinstance(data.get(key), str):
            name = str(data[key]).strip().lower()[:60]
            return _HF_ARCHES.get(name, name)
    prefixes = {key.split(".")[0] for key in data if key.endswith(".block_count")}
    return prefixes.pop() if len(prefixes) == 1 else "llama"


def shape_from_mapping(data: Mapping[str, object]) -> ModelShape:
    """Build the shape a mapping states; what it leaves out takes the architecture's usual value or none.

    `n_layer`, `n_embd`, `n_vocab` and `n_head` (or their GGUF or HF names) must be there. Raises BadInput naming the
    field and its valid range.
    """
    arch = _find_arch(data)
    values: dict[str, Any] = {"arch": arch}
    patterns: dict[str, object] = {}
    for key, value in data.items():
        name = _canonical(str(key)[:120], arch)
        if name == "arch" or value is None:
            continue
        if name in _PATTERN_ARRAYS:
            patterns[name] = value
        elif name in _FIELDS:
            _store(values, name, value)
    _derive(values, patterns)
    return ModelShape(**values)


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
        raise BadInput(f"'{name}' is {value:g}.", subject=name, hint=f"Valid: {low} to {high}.")
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
    elif values.get("n_swa") and arch in _SWA_DEFAULTS:
        values["mixers"] = _SWA_DEFAULTS[arch]
    elif arch in _RECURRENT_DEFAULTS:
        values["mixers"] = _RECURRENT_DEFAULTS[arch]


def _mixers_of(name: str, pattern: list[object] | tuple[object, ...]) -> str:
    if name == "layer_types":
        return "".join(_MIXER_OF_TYPE.get(str(item), "f") for item in pattern)
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
