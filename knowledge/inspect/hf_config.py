"""A model's shape from its Hugging Face config.json.

Pure. Plain fields are renamed by `shape_from_mapping`; here stands what a config says in words of its own: which text
model lies inside a multimodal one, patterns of layers, recurrent widths, switches that make another field void.
Weights are not looked at: ties and biases are as the config says or its library's default has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.model import shape_from_mapping
from knowledge.inspect.hf_particular import PARTICULAR, Config, listed, whole

_TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config")
_ARCHES = {
    "mistral": "llama",
    "ministral": "llama",
    "ministral3": "mistral3",
    "mixtral": "llama",
    "yi": "llama",
    "aquila": "llama",
    "internlm3": "llama",
    "nemotron-nas": "deci",
    "qwen2_moe": "qwen2moe",
    "qwen2_vl": "qwen2vl",
    "qwen2_5_vl": "qwen2vl",
    "qwen3_moe": "qwen3moe",
    "qwen3_vl": "qwen3vl",
    "qwen3_vl_moe": "qwen3vlmoe",
    "qwen3_next": "qwen3next",
    "qwen3_5": "qwen35",
    "qwen3_5_moe": "qwen35moe",
    "mimo": "qwen2",
    "mimo_v2_flash": "mimo2",
    "gpt_oss": "gpt-oss",
    "deepseek_v2": "deepseek2",
    "deepseek_v3": "deepseek2",
    "kimi_k2": "deepseek2",
    "deepseek_v32": "deepseek32",
    "deepseek_v4": "deepseek4",
    "kimi_linear": "kimi-linear",
    "glm_moe_dsa": "glm-dsa",
    "glm4_moe": "glm4moe",
    "glm4v": "glm4",
    "cohere": "command-r",
    "olmo3": "olmo2",
    "granitemoe": "granitemoe",
    "granitemoehybrid": "granitehybrid",
    "falcon_h1": "falcon-h1",
    "lfm2_moe": "lfm2moe",
    "minimax_m2": "minimax-m2",
    "minimax_m3": "minimax-m3",
    "minimax_m3_vl": "minimax-m3",
    "hunyuan_v1_dense": "hunyuan-dense",
    "hunyuan_v1_moe": "hunyuan-moe",
    "ernie4_5_moe": "ernie4_5-moe",
    "bailing_moe_v2": "bailingmoe2",
    "bailing_moe": "bailingmoe",
    "exaone_moe": "exaone-moe",
    "seed_oss": "seed_oss",
    "phi": "phi2",
    "gpt_neox": "gptneox",
    "step3p5": "step35",
    "step3p7": "step35",
    "gpt_bigcode": "starcoder",
    "modernbert": "modern-bert",
    "nomic_bert": "nomic-bert",
    "xlm-roberta": "bert",
    "roberta": "bert",
    "smollm3": "smollm3",
}
"""Model types by llama.cpp's architecture, where the names differ (convert_hf_to_gguf.py)."""

_TIED = {"gemma", "gemma2", "gemma3", "gemma3n", "gemma4", "command-r", "cohere2", "gpt2", "bloom", "falcon", "lfm2"}
"""Libraries whose default is a tied head; elsewhere an unsaid tie is none."""


def shape_of_config(config: Config) -> ModelShape:
    """Build the shape a config.json states. Raises BadInput naming the field that is missing or out of range."""
    try:
        return _shape(config)
    except (TypeError, ValueError, KeyError, AttributeError, ZeroDivisionError, OverflowError) as error:
        words = f"A field of the config has another kind than its architecture's: {type(error).__name__}, {error}."
        raise BadInput(words[:200], subject="config.json", hint="Give the file as it was published.") from error


def _shape(config: Config) -> ModelShape:
    text = _text_part(config)
    arch = arch_of(config)
    data: dict[str, Any] = {key: value for key, value in text.items() if _plain(value)}
    if "tie_word_embeddings" not in text:
        data["tie_word_embeddings"] = bool(config.get("tie_word_embeddings", arch in _TIED))
    data["arch"] = arch
    data.pop("model_type", None)
    data.pop("architecture", None)
    _windows(data, text)
    _experts(data, text, arch)
    _latent(data, text)
    _recurrent(data, text, arch)
    particular = PARTICULAR.get(arch)
    if particular is not None:
        particular(data, text)
    return shape_from_mapping(data)


def arch_of(config: Config) -> str:
    """The architecture's name in llama.cpp. Raises BadInput where the config names no model type."""
    kinds = [str(part.get("model_type", "") or "") for part in (_text_part(config), config)]
    if any("eepseekV4" in name for name in listed(config, "architectures")):
        return "deepseek4"
    if str(config.get("model_type", "")).startswith("kimi_k3"):
        return "kimi-k3"
    for kind in kinds:
        name = kind.lower().removesuffix("_text")
        if name:
            return _ARCHES.get(name, name)
    raise BadInput("The config names no model type.", subject="model_type", hint="Give a language model's config.json.")


def _text_part(config: Config) -> Config:
    """The language model inside a multimodal config; deeper parts win over what stands beside them."""
    for name in _TEXT_PARTS:
        inner = config.get(name)
        if isinstance(inner, Mapping) and ("hidden_size" in inner or any(part in inner for part in _TEXT_PARTS)):
            return _text_part({**_outer(config), **inner})
    return config


def _outer(config: Config) -> dict[str, Any]:
    """What of the outer config may hold for the text model too."""
    kept = ("tie_word_embeddings", "vocab_size", "architectures")
    return {name: config[name] for name in kept if config.get(name) is not None}


def _plain(value: object) -> bool:
    return isinstance(value, (bool, int, str)) or (isinstance(value, float) and value.is_integer())


def _windows(data: dict[str, Any], text: Config) -> None:
    """A sliding window counts only where it is switched on."""
    types = listed(text, "layer_types")
    if types:
        data["layer_types"] = types
    off = text.get("use_sliding_window") is False or (types and "sliding_attention" not in types)
    all_full = not types and isinstance(text.get("max_window_layers"), int)
    if off or (all_full and whole(text, "max_window_layers") >= whole(text, "num_hidden_layers")):
        data.pop("sliding_window", None)
    every = text.get("sliding_window_pattern")
    if isinstance(every, int) and every > 1 and not types:
        data["attention.sliding_window_pattern"] = every
    data.pop("sliding_window_pattern", None)
    data.pop("attention_bias", None)  # says nothing of which of the four projections have one, and often nothing true


def _experts(data: dict[str, Any], text: Config, arch: str) -> None:
    if not any(isinstance(data.get(name), int) and data[name] > 0 for name in _EXPERT_COUNTS):
        for name in (*_EXPERT_COUNTS, *_EXPERT_USED, "moe_intermediate_size", "n_shared_experts"):
            data.pop(name, None)
        return
    for name in _EXPERT_USED:
        if isinstance(text.get(name), int):
            data["n_expert_used"] = data.pop(name)
    if "moe_intermediate_size" not in data and arch not in {"llama4"}:
        data["n_ff_exp"] = data.get("expert_intermediate_size") or data.pop("intermediate_size", 0)
    shared = data.pop("n_shared_experts", 0) or data.pop("num_shared_experts", 0) or data.pop("num_shared_expert", 0)
    data["n_expert_shared"] = shared or 0
    for name in ("moe_shared_expert_intermediate_size", "share_expert_dim", "shared_intermediate_size"):
        if isinstance(text.get(name), int) and text[name] > 0:
            data["n_ff_shexp"] = text[name]
    if data.get("shared_expert_intermediate_size"):
        data["n_expert_shared"] = data["n_expert_shared"] or 1
    _sparse_layers(data, text)


_EXPERT_COUNTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
_EXPERT_USED = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "top_k_experts",
    "moe_k",
    "moe_topk",
    "experts_per_token",
)


def _sparse_layers(data: dict[str, Any], text: Config) -> None:
    """Which layers have experts, where the config lists them or counts in steps."""
    n_layer = whole(text, "num_hidden_layers", 0)
    kinds, freq = listed(text, "mlp_layer_types"), listed(text, "moe_layer_freq")
    if kinds:
        data["ffns"] = "".join("e" if kind == "sparse" else "d" for kind in kinds[:n_layer])
    elif freq:
        data["ffns"] = "".join("e" if on else "d" for on in freq[:n_layer])
    step = text.get("decoder_sparse_step") or text.get("interleave_moe_layer_step") or 1
    dense = set(listed(text, "mlp_only_layers"))
    if isinstance(step, int) and (step > 1 or dense) and n_layer:
        data["ffns"] = "".join("e" if (i + 1) % step == 0 and i not in dense else "d" for i in range(n_layer))
    lead = set(data.get("ffns", "")[: data.get("ffns", "").find("e")])
    n_lead = data.get("ffns", "").find("e")
    if n_lead > 0 and lead == {"d"} and set(data["ffns"][n_lead:]) == {"e"}:
        data["n_layer_dense_lead"] = n_lead
        del data["ffns"]


def _latent(data: dict[str, Any], text: Config) -> None:
    """Latent attention: the head sizes are its own; elsewhere a value width of its own is just that."""
    if text.get("kv_lora_rank"):
        data.pop("head_dim", None)
        return
    if isinstance(data.get("v_head_dim"), int):
        data["n_embd_head_v"] = data.pop("v_head_dim")


def _recurrent(data: dict[str, Any], text: Config, arch: str) -> None:
    if isinstance(text.get("linear_num_value_heads"), int):
        heads, width = whole(text, "linear_num_value_heads"), whole(text, "linear_value_head_dim", 128)
        data |= {"ssm_dt_rank": heads, "ssm_d_inner": heads * width, "ssm_n_group": whole(text, "linear_num_key_heads")}
        data |= {"ssm_d_state": whole(text, "linear_key_head_dim"), "ssm_d_conv": whole(text, "linear_conv_kernel_dim")}
        every = text.get("full_attention_interval")
        if isinstance(every, int) and every > 1:
            data["mixers"] = "r" * (every - 1) + "f"
            data.pop("layer_types", None)
    if arch in {"nemotron_h", "nemotron_h_moe"}:
        heads, width = whole(text, "mamba_num_heads"), whole(text, "mamba_head_dim")
        data |= {"ssm_dt_rank": heads, "ssm_d_inner": heads * width, "ssm_n_group": whole(text, "n_groups")}
        data |= {"ssm_d_state": whole(text, "ssm_state_size"), "ssm_d_conv": whole(text, "conv_kernel")}
    elif isinstance(text.get("mamba_d_state"), int):
        expand = whole(text, "mamba_expand", 2)
        inner = text.get("mamba_d_ssm") or expand * whole(text, "hidden_size")
        heads = text.get("mamba_n_heads") or text.get("mamba_dt_rank") or 0
        data |= {
            "ssm_d_inner": inner,
            "ssm_d_state": whole(text, "mamba_d_state"),
            "ssm_d_conv": whole(text, "mamba_d_conv"),
        }
        data |= {"ssm_dt_rank": heads, "ssm_n_group": text.get("mamba_n_groups", 0) or 0}
