"""What single architectures say in their config.json in words of their own, for `hf_config`.

Pure. Each function takes the fields gathered so far and adds or mends those of its architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from knowledge.errors import BadInput

Config = Mapping[str, Any]
MAX_LAYERS: Final = 1024


def whole(text: Config, name: str, default: int | None = None) -> int:
    """A whole number of the config; `default` where it is not said. Raises BadInput naming the field."""
    value = text.get(name)
    if value is None and default is not None:
        return default
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    most = MAX_LAYERS if name == "num_hidden_layers" else 1 << 40
    if isinstance(value, bool) or not whole or not 0 <= int(value or 0) <= most:
        raise BadInput(f"'{name}' is missing or out of range.", subject=name, hint=f"Valid: 0 to {most:,}.")
    return int(value or 0)


def listed(config: Config, name: str) -> list[Any]:
    """A list of the config; an empty one where there is none."""
    value = config.get(name)
    return value if isinstance(value, list) else []


def _nemotron_h(data: dict[str, Any], text: Config) -> None:
    """Letters of the pattern: M Mamba, * attention, - feed-forward, E experts; every one is a layer."""
    words = {"mamba": "M", "attention": "*", "mlp": "-", "moe": "E"}
    pattern = text.get("hybrid_override_pattern") or "".join(words[one] for one in listed(text, "layers_block_type"))
    data["mixers"] = "".join({"M": "r", "*": "f"}.get(one, ".") for one in pattern)
    data["ffns"] = "".join({"-": "d", "E": "e"}.get(one, ".") for one in pattern)
    data["n_layer"] = len(pattern)
    data.pop("num_hidden_layers", None)
    if text.get("n_routed_experts") and "E" in pattern:
        data["arch"] = "nemotron_h_moe"
        data["n_expert_shared"] = data.get("n_expert_shared", 0)
        data["n_moe_latent"] = text.get("moe_latent_size") or 0
        if "-" not in pattern:
            data.pop("intermediate_size", None)


def _gemma4(data: dict[str, Any], text: Config) -> None:
    """Global layers have heads of their own; the plain fields are those of the sliding ones."""
    sliding_kv, sliding_dim = whole(text, "num_key_value_heads"), whole(text, "head_dim")
    data["n_head_kv"] = text.get("num_global_key_value_heads") or sliding_kv
    data["n_embd_head_k"] = data["n_embd_head_v"] = text.get("global_head_dim") or sliding_dim
    data |= {"n_head_kv_swa": sliding_kv, "n_embd_head_k_swa": sliding_dim, "n_embd_head_v_swa": sliding_dim}
    for name in ("num_key_value_heads", "head_dim"):
        data.pop(name, None)
    shared, n_layer = whole(text, "num_kv_shared_layers", 0), whole(text, "num_hidden_layers")
    if text.get("use_double_wide_mlp") and shared:
        wide = whole(text, "intermediate_size")
        data["n_ff_by_layer"] = [wide if i < n_layer - shared else 2 * wide for i in range(n_layer)]
    if data.get("n_expert"):
        data["n_layer_dense_lead"] = 0


def _mimo2(data: dict[str, Any], text: Config) -> None:
    data["mixers"] = "".join("s" if on else "f" for on in listed(text, "hybrid_layer_pattern"))
    data["n_head_kv_swa"] = text.get("swa_num_key_value_heads", 0)
    if (text.get("swa_head_dim"), text.get("swa_v_head_dim")) != (text.get("head_dim"), text.get("v_head_dim")):
        data["n_embd_head_k_swa"] = text.get("swa_head_dim", 0)
        data["n_embd_head_v_swa"] = text.get("swa_v_head_dim", 0)


def _llama4(data: dict[str, Any], text: Config) -> None:
    data["n_ff_exp"] = whole(text, "intermediate_size")
    data["n_ff"] = text.get("intermediate_size_mlp", whole(text, "intermediate_size"))
    data.pop("intermediate_size", None)
    data["n_expert_shared"] = 1
    data["n_swa"] = text.get("attention_chunk_size") or 8192
    data.pop("layer_types", None)


def _deepseek4(data: dict[str, Any], text: Config) -> None:
    data["n_embd_head_k"] = data["n_embd_head_v"] = whole(text, "head_dim")
    n_layer = whole(text, "num_hidden_layers")
    data["compress_ratios"] = listed(text, "compress_ratios")[:n_layer]
    data |= {"o_lora_rank": whole(text, "o_lora_rank"), "o_groups": whole(text, "o_groups")}
    data |= {"hc_mult": text.get("hc_mult", 0), "n_layer_hash": text.get("num_hash_layers", 0)}
    data.pop("head_dim", None)


def _kimi_delta(data: dict[str, Any], text: Config) -> None:
    inner = text.get("linear_attn_config")
    if not isinstance(inner, Mapping):
        return
    full = set(listed(inner, "full_attn_layers"))  # counted from one
    n_layer = whole(text, "num_hidden_layers")
    data["mixers"] = "".join("f" if layer + 1 in full else "r" for layer in range(n_layer))
    data |= {"kda_head_dim": inner["head_dim"], "ssm_d_conv": inner["short_conv_kernel_size"]}
    if isinstance(text.get("routed_expert_hidden_size"), int):
        data["n_moe_latent"] = whole(text, "routed_expert_hidden_size")


def _sparse_index(data: dict[str, Any], text: Config) -> None:
    owners = listed(text, "indexer_types")
    if owners:
        data["indexers"] = "".join("i" if one == "full" else "." for one in owners)


def _jamba(data: dict[str, Any], text: Config) -> None:
    n_layer = whole(text, "num_hidden_layers")
    period, offset = whole(text, "attn_layer_period", 8), whole(text, "attn_layer_offset", 4)
    data["mixers"] = "".join("f" if i % period == offset else "r" for i in range(n_layer))
    if data.get("num_experts", 0) > 1:
        period, offset = whole(text, "expert_layer_period", 2), whole(text, "expert_layer_offset", 1)
        data["ffns"] = "".join("e" if i % period == offset else "d" for i in range(n_layer))
        data["n_ff"] = data["n_ff_exp"] = whole(text, "intermediate_size")
    data["ssm_dt_rank"] = text.get("mamba_dt_rank", 0) or 0
    data["ssm_norm"] = True


def _granite_hybrid(data: dict[str, Any], text: Config) -> None:
    if text.get("shared_intermediate_size"):
        data["n_ff_shexp"] = whole(text, "shared_intermediate_size")
        data["n_expert_shared"] = 1 if data.get("num_local_experts") else 0
        if not data.get("num_local_experts"):
            data["n_ff"] = whole(text, "shared_intermediate_size")
            data.pop("intermediate_size", None)


def _lfm2(data: dict[str, Any], text: Config) -> None:
    width = int(text.get("block_ff_dim") or text.get("intermediate_size") or 0)
    if text.get("block_auto_adjust_ff_dim"):
        of = whole(text, "block_multiple_of", 256)
        width = int(2 * width / 3 * float(text.get("block_ffn_dim_multiplier", 1.0) or 1.0))
        width = of * -(-width // of)
    data["n_ff"] = width
    data.pop("intermediate_size", None)
    full = listed(text, "full_attn_idxs")
    if full:
        data["mixers"] = "".join("f" if i in full else "c" for i in range(whole(text, "num_hidden_layers")))
    data["n_layer_dense_lead"] = whole(text, "num_dense_layers", 0)


def _deci(data: dict[str, Any], text: Config) -> None:
    """Layers chosen one by one: heads per KV head, a width as a multiple, or neither."""
    heads: list[int] = []
    widths: list[int] = []
    for block in listed(text, "block_configs"):
        attention, ffn = block["attention"], block["ffn"]
        skipped = attention.get("no_op") or attention.get("replace_with_linear")
        heads.append(0 if skipped else whole(text, "num_attention_heads") // int(attention["n_heads_in_group"]))
        widths.append(0 if ffn.get("no_op") else _rounded(2 * float(ffn["ffn_mult"]) * whole(text, "hidden_size") / 3))
    data |= {"num_key_value_heads": heads, "n_ff_by_layer": widths, "n_ff": max(widths, default=0)}
    data["mixers"] = "".join("f" if one else "." for one in heads)
    data.pop("intermediate_size", None)


def _rounded(width: float, of: int = 256) -> int:
    return of * -(-int(width) // of)


def _minimax(data: dict[str, Any], text: Config) -> None:
    if isinstance(text.get("dense_intermediate_size"), int):
        data["n_ff_exp"] = whole(text, "intermediate_size")
        data["n_ff"] = whole(text, "dense_intermediate_size")
        data.pop("intermediate_size", None)
    sparse = text.get("sparse_attention_config")
    if isinstance(sparse, Mapping) and sparse.get("sparse_num_index_heads"):
        data["indexer_n_head"] = sparse["sparse_num_index_heads"]
        data["indexer_head_size"] = sparse.get("sparse_index_dim", 128)
        data["indexer_top_k"] = int(sparse.get("sparse_topk_blocks", 0)) * int(sparse.get("sparse_block_size", 128))


def _step(data: dict[str, Any], text: Config) -> None:
    """Sliding layers have query heads of their own."""
    other = text.get("attention_other_setting")
    heads, types = text.get("num_attention_heads"), listed(text, "layer_types")
    if isinstance(other, Mapping) and isinstance(other.get("num_attention_heads"), int) and types:
        data["n_head_by_layer"] = [
            other["num_attention_heads"] if one == "sliding_attention" else heads for one in types
        ][: whole(text, "num_hidden_layers")]


PARTICULAR: Mapping[str, Callable[[dict[str, Any], Config], None]] = {
    "nemotron_h": _nemotron_h,
    "gemma4": _gemma4,
    "mimo2": _mimo2,
    "llama4": _llama4,
    "deepseek4": _deepseek4,
    "kimi-linear": _kimi_delta,
    "kimi-k3": _kimi_delta,
    "glm-dsa": _sparse_index,
    "deepseek32": _sparse_index,
    "jamba": _jamba,
    "granitehybrid": _granite_hybrid,
    "lfm2": _lfm2,
    "lfm2moe": _lfm2,
    "deci": _deci,
    "minimax-m3": _minimax,
    "step35": _step,
}
