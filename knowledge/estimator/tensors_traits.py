"""What tells one architecture's tensor list from another's: a table by GGUF architecture name.

One row an architecture llama.cpp b11434 knows (src/models/*.cpp), in terms of the blocks `tensors_blocks` and
`tensors_special` build. Widths and counts are the shape's business, not the table's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchTraits:
    """The tensors an architecture has beside the common core. Defaults describe Llama.

    qk_norm: `head` one scale for all heads, `full` one for the whole projection, `heads` one row a head.
    attn_gate: `wide` a gate as wide as the heads together, `head` one value a head. recurrent: the recurrent mixer.
    """

    norms: tuple[str, ...] = ("attn_norm", "ffn_norm")
    norm_bias: bool = False
    qkv: Literal["split", "fused"] = "split"
    qkv_bias: bool = False
    out_bias: bool = False
    qk_norm: Literal["", "head", "full", "heads"] = ""
    q_gated: bool = False
    attn_gate: Literal["", "wide", "head"] = ""
    sinks: bool = False
    ffn: Literal["gated", "fused", "plain"] = "gated"
    ffn_bias: bool = False
    extra_norms: tuple[tuple[str, Literal["embd", "ff"]], ...] = ()
    expert_gated: bool = True
    expert_bias: bool = False
    expert_probs_bias: bool = False
    gate_inp_bias: bool = False
    shared_gate: bool = False
    merged_experts: bool = False
    output_norm: Literal["", "output_norm", "token_embd_norm"] = "output_norm"
    output_norm_bias: bool = False
    output_bias: bool = False
    head: bool = True
    embd_norm: bool = False
    position_embd: bool = False
    token_types: bool = False
    recurrent: Literal["mamba", "mamba2", "gdn", "gdn_fused", "kda", "kda_direct", "kda_k3", "shortconv"] = "mamba2"
    special: Literal["", "gemma3n", "gemma4", "deepseek4", "bert"] = ""


LLAMA = ArchTraits()
_QWEN3 = replace(LLAMA, qk_norm="head")
_POST = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
_GEMMA3 = replace(LLAMA, norms=_POST, qk_norm="head")
_NEXT = replace(LLAMA, norms=("attn_norm", "post_attention_norm"), qk_norm="head", q_gated=True, shared_gate=True)
_LN = replace(LLAMA, norm_bias=True, output_norm_bias=True)
_MLA = replace(LLAMA, expert_probs_bias=True)

TRAITS: dict[str, ArchTraits] = {
    "llama": LLAMA,
    "llama-embed": LLAMA,
    "llama4": LLAMA,
    "mistral3": LLAMA,
    "deci": LLAMA,
    "arcee": replace(LLAMA, ffn="plain"),
    "smollm3": LLAMA,
    "internlm2": LLAMA,
    "minicpm": LLAMA,
    "xverse": LLAMA,
    "baichuan": LLAMA,
    "orion": replace(
        _LN,
    ),
    "exaone": LLAMA,
    "plm": LLAMA,
    "nanbeige": LLAMA,
    "maincoder": _QWEN3,
    "granite": LLAMA,
    "granitemoe": LLAMA,
    "granite_swa": replace(LLAMA, sinks=True),
    "granitehybrid": LLAMA,
    "ernie4_5": LLAMA,
    "ernie4_5-moe": replace(LLAMA, expert_probs_bias=True),
    "smallthinker": LLAMA,
    "qwen": replace(LLAMA, qkv="fused", qkv_bias=True),
    "qwen2": replace(LLAMA, qkv_bias=True),
    "qwen2vl": replace(LLAMA, qkv_bias=True),
    "dream": replace(LLAMA, qkv_bias=True),
    "qwen2moe": replace(LLAMA, qkv_bias=True, shared_gate=True),
    "qwen3": _QWEN3,
    "qwen3vl": _QWEN3,
    "qwen3moe": _QWEN3,
    "qwen3vlmoe": _QWEN3,
    "rnd1": _QWEN3,
    "llada": LLAMA,
    "llada-moe": _QWEN3,
    "qwen3next": replace(_NEXT, recurrent="gdn_fused"),
    "qwen35": replace(_NEXT, recurrent="gdn"),
    "qwen35moe": replace(_NEXT, recurrent="gdn"),
    "olmo-hybrid": replace(LLAMA, qk_norm="full", norms=("post_attention_norm", "post_ffw_norm"), recurrent="gdn"),
    "hunyuan-dense": _QWEN3,
    "hunyuan_vl": _QWEN3,
    "hunyuan-moe": _QWEN3,
    "hy_v3": replace(_QWEN3, expert_probs_bias=True),
    "seed_oss": replace(LLAMA, norms=("attn_norm", "post_attention_norm"), qkv_bias=True),
    "exaone4": replace(LLAMA, norms=("post_attention_norm", "post_ffw_norm"), qk_norm="head"),
    "exaone-moe": replace(_QWEN3, expert_probs_bias=True),
    "apertus": replace(LLAMA, qk_norm="head", ffn="plain"),
    "nemotron": replace(
        _LN,
        ffn="plain",
    ),
    "nemotron_h": replace(LLAMA, norms=("attn_norm",), ffn="plain"),
    "nemotron_h_moe": replace(LLAMA, norms=("attn_norm",), ffn="plain", expert_gated=False, expert_probs_bias=True),
    "jamba": replace(LLAMA, recurrent="mamba"),
    "mamba": replace(LLAMA, norms=("attn_norm",), recurrent="mamba"),
    "mamba2": replace(LLAMA, norms=("attn_norm",)),
    "falcon-h1": LLAMA,
    "lfm2": replace(LLAMA, qk_norm="head", output_norm="token_embd_norm", recurrent="shortconv"),
    "lfm2moe": replace(
        LLAMA, qk_norm="head", output_norm="token_embd_norm", recurrent="shortconv", expert_probs_bias=True
    ),
    "gemma": LLAMA,
    "gemma2": replace(LLAMA, norms=_POST),
    "gemma3": _GEMMA3,
    "gemma-embedding": _GEMMA3,
    "gemma3n": replace(_GEMMA3, special="gemma3n"),
    "gemma4": replace(_GEMMA3, special="gemma4", merged_experts=True),
    "command-r": replace(LLAMA, norms=("attn_norm",)),
    "cohere2": replace(LLAMA, norms=("attn_norm",)),
    "cohere2moe": replace(LLAMA, norms=("attn_norm",)),
    "olmo": replace(LLAMA, norms=(), output_norm=""),
    "olmo2": replace(LLAMA, norms=("post_attention_norm", "post_ffw_norm"), qk_norm="full"),
    "olmoe": replace(LLAMA, qk_norm="full"),
    "flex-olmo": replace(LLAMA, qk_norm="full"),
    "gpt-oss": replace(
        LLAMA,
        norms=("attn_norm", "post_attention_norm"),
        qkv_bias=True,
        out_bias=True,
        sinks=True,
        expert_bias=True,
        gate_inp_bias=True,
    ),
    "glm4": replace(LLAMA, norms=_POST, ffn="fused"),
    "chatglm": replace(LLAMA, qkv="fused", qkv_bias=True, ffn="fused"),
    "glm4moe": replace(LLAMA, norms=("attn_norm", "post_attention_norm"), qkv_bias=True, expert_probs_bias=True),
    "phi2": replace(
        _LN,
        norms=("attn_norm",),
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
        output_bias=True,
    ),
    "phi3": replace(LLAMA, qkv="fused", ffn="fused"),
    "phimoe": replace(
        _LN,
        qkv_bias=True,
        out_bias=True,
        output_bias=True,
    ),
    "stablelm": replace(
        _LN,
    ),
    "starcoder2": replace(
        _LN,
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
    ),
    "starcoder": replace(
        _LN,
        qkv="fused",
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
        position_embd=True,
    ),
    "gptneox": replace(
        _LN,
        qkv="fused",
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
    ),
    "gpt2": replace(
        _LN,
        qkv="fused",
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
        position_embd=True,
    ),
    "falcon": replace(
        _LN,
        norms=("attn_norm",),
        qkv="fused",
        ffn="plain",
    ),
    "bloom": replace(
        _LN,
        qkv="fused",
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
    ),
    "mpt": replace(LLAMA, qkv="fused", ffn="plain"),
    "bitnet": replace(LLAMA, extra_norms=(("attn_sub_norm", "embd"), ("ffn_sub_norm", "ff"))),
    "dbrx": replace(LLAMA, qkv="fused", norms=("attn_norm", "attn_output_norm")),
    "grok": replace(LLAMA, norms=("attn_norm", "attn_output_norm", "ffn_norm", "layer_output_norm")),
    "deepseek": LLAMA,
    "deepseek2": _MLA,
    "deepseek2-ocr": LLAMA,
    "deepseek32": _MLA,
    "mistral4": _MLA,
    "glm-dsa": _MLA,
    "glm5-next": replace(_MLA, recurrent="kda"),
    "minicpm3": LLAMA,
    "kimi-linear": replace(_MLA, recurrent="kda"),
    "kimi-k3": replace(_MLA, recurrent="kda_k3", attn_gate="wide"),
    "bailingmoe3": replace(_MLA, recurrent="kda_direct", attn_gate="head"),
    "deepseek4": replace(LLAMA, special="deepseek4", expert_probs_bias=True),
    "bailingmoe": LLAMA,
    "bailingmoe2": replace(LLAMA, qkv="fused", qk_norm="head", expert_probs_bias=True),
    "dots1": replace(_QWEN3, expert_probs_bias=True),
    "mimo2": replace(LLAMA, expert_probs_bias=True, sinks=True),
    "step35": replace(LLAMA, qk_norm="head", attn_gate="head", expert_probs_bias=True),
    "minimax-m2": replace(LLAMA, qk_norm="full", expert_probs_bias=True),
    "minimax-m3": replace(LLAMA, qk_norm="head", expert_probs_bias=True),
    "afmoe": replace(LLAMA, norms=_POST, qk_norm="head", attn_gate="wide", expert_probs_bias=True),
    "muse-glimmer": replace(LLAMA, norms=_POST, qk_norm="head", attn_gate="wide"),
    "laguna": replace(LLAMA, qk_norm="head", attn_gate="head", expert_probs_bias=True),
    "mellum": _QWEN3,
    "plamo3": replace(LLAMA, norms=_POST, qkv="fused", ffn="fused", qk_norm="head"),
    "bert": replace(
        LLAMA,
        special="bert",
        norms=("attn_output_norm", "layer_output_norm"),
        norm_bias=True,
        qkv_bias=True,
        out_bias=True,
        ffn="plain",
        ffn_bias=True,
        output_norm="",
        head=False,
        embd_norm=True,
        position_embd=True,
        token_types=True,
    ),
    "nomic-bert": replace(
        LLAMA,
        special="bert",
        norms=("attn_output_norm", "layer_output_norm"),
        norm_bias=True,
        output_norm="",
        head=False,
        embd_norm=True,
        token_types=True,
    ),
    "modern-bert": replace(LLAMA, special="bert", qkv="fused", ffn="fused", head=False, embd_norm=True),
    "eurobert": replace(LLAMA, head=False),
}
"""By GGUF architecture name. What is missing is laid out like Llama with the norms and biases its shape states."""


def traits_of(arch: str) -> ArchTraits:
    """Look up the architecture's traits; Llama's for a name the table has not."""
    return TRAITS.get(arch, LLAMA)
