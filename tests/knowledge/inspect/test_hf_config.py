"""config.json to shape: kinds of architectures by published key names, checked through the catalogue's own shapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.estimator.layers import layer_ffns, layer_mixers
from knowledge.estimator.model import count_params
from knowledge.inspect.hf_config import arch_of, shape_of_config
from tests.knowledge.inspect.samples import QWEN3_CONFIG

DEEPSEEK_V3: dict[str, Any] = {
    "model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168, "num_attention_heads": 128,
    "num_key_value_heads": 128, "vocab_size": 129280, "max_position_embeddings": 163840, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 3, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_rope_head_dim": 64,
    "qk_nope_head_dim": 128, "v_head_dim": 128, "tie_word_embeddings": False, "moe_layer_freq": 1,
}  # fmt: skip
QWEN35_MOE: dict[str, Any] = {
    "model_type": "qwen3_5_moe", "tie_word_embeddings": False, "vision_config": {"hidden_size": 1152, "depth": 27},
    "text_config": {
        "model_type": "qwen3_5_moe_text", "num_hidden_layers": 40, "hidden_size": 2048, "num_attention_heads": 16,
        "num_key_value_heads": 2, "head_dim": 256, "vocab_size": 248320, "max_position_embeddings": 262144,
        "num_experts": 256, "num_experts_per_tok": 8, "moe_intermediate_size": 512,
        "shared_expert_intermediate_size": 512, "full_attention_interval": 4, "linear_num_value_heads": 32,
        "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
    },
}  # fmt: skip
NEMOTRON_NANO: dict[str, Any] = {
    "model_type": "nemotron_h", "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
    "hidden_size": 2688, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 131072,
    "max_position_embeddings": 262144, "intermediate_size": 1856, "moe_intermediate_size": 1856,
    "moe_shared_expert_intermediate_size": 3712, "n_routed_experts": 128, "n_shared_experts": 1,
    "num_experts_per_tok": 6, "num_hidden_layers": 52, "mamba_num_heads": 64, "mamba_head_dim": 64, "n_groups": 8,
    "ssm_state_size": 128, "conv_kernel": 4, "tie_word_embeddings": False,
}  # fmt: skip
GEMMA4_MOE: dict[str, Any] = {
    "model_type": "gemma4", "text_config": {
        "model_type": "gemma4_text", "num_hidden_layers": 30, "hidden_size": 2816, "num_attention_heads": 16,
        "num_key_value_heads": 8, "num_global_key_value_heads": 2, "head_dim": 256, "global_head_dim": 512,
        "intermediate_size": 2112, "moe_intermediate_size": 704, "num_experts": 128, "top_k_experts": 8,
        "vocab_size": 262144, "max_position_embeddings": 262144, "sliding_window": 1024, "attention_k_eq_v": True,
        "layer_types": ["sliding_attention"] * 5 + ["full_attention"], "tie_word_embeddings": True,
        "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0,
    },
}  # fmt: skip
KNOWN = {
    "deepseek-v3": DEEPSEEK_V3,
    "qwen3.6-35b-a3b": QWEN35_MOE,
    "nemotron-3-nano-30b-a3b": NEMOTRON_NANO,
    "gemma-4-26b-a4b": GEMMA4_MOE,
}


@pytest.mark.parametrize("model_id", KNOWN)
def test_published_keys_lead_to_the_catalogues_shape(model_id: str, knowledge: Knowledge) -> None:
    """Layers, heads, experts and the recount are those of the shape that was checked by hand."""
    model = next(m for id_, m in knowledge.models.items() if id_.startswith(model_id) and m.shape)
    assert model.shape is not None
    config = dict(KNOWN[model_id])
    if "layer_types" in config.get("text_config", {}):
        text = config["text_config"]
        config["text_config"] = text | {"layer_types": text["layer_types"] * 5}
    shape = shape_of_config(config)
    assert shape.arch == model.shape.arch
    assert layer_mixers(shape) == layer_mixers(model.shape)
    assert layer_ffns(shape) == layer_ffns(model.shape)
    assert count_params(shape) == count_params(model.shape)
    for name in ("n_head", "n_head_kv", "n_embd_head_k", "n_embd_head_v", "n_expert_used", "n_swa", "ssm_d_inner"):
        assert getattr(shape, name) == getattr(model.shape, name), name


def test_a_window_that_is_switched_off_is_none() -> None:
    """Qwen's configs carry a sliding window that nothing uses."""
    assert shape_of_config(QWEN3_CONFIG | {"sliding_window": 4096}).n_swa == 0
    gemma = QWEN3_CONFIG | {"model_type": "gemma3_text", "sliding_window": 512, "sliding_window_pattern": 6}
    gemma.pop("use_sliding_window")
    assert shape_of_config(gemma | {"num_hidden_layers": 12}).mixers == "sssssf"


@pytest.mark.parametrize(
    ("config", "arch"),
    [
        ({"model_type": "mistral"}, "llama"),
        ({"model_type": "llava", "text_config": {"model_type": "mistral", "hidden_size": 1}}, "llama"),
        (
            {
                "model_type": "qwen2_5_omni",
                "thinker_config": {"text_config": {"model_type": "qwen2", "hidden_size": 8}},
            },
            "qwen2",
        ),
        ({"model_type": "somebody_new"}, "somebody_new"),
    ],
)
def test_the_architecture_is_the_text_models(config: dict[str, Any], arch: str) -> None:
    """Multimodal wrappers are looked through; what nobody knows keeps its own name."""
    assert arch_of(config) == arch


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 1 << 45) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(
    st.sampled_from([QWEN3_CONFIG, *KNOWN.values()]),
    st.integers(0, 60),
    json_values,
)
def test_a_spoilt_config_is_a_named_error_or_a_shape(config: dict[str, Any], which: int, value: Any) -> None:
    """Whatever one field holds, the answer is a shape or an error a person can read."""
    keys = sorted(config)
    key = keys[which % len(keys)]
    spoilt = config | {key: value}
    if "text_config" in config and isinstance(config["text_config"], dict):
        inner = sorted(config["text_config"])
        spoilt = config | {"text_config": config["text_config"] | {inner[which % len(inner)]: value}}
    try:
        shape = shape_of_config(spoilt)
    except BadInput:
        return
    assert shape.n_layer >= 1
