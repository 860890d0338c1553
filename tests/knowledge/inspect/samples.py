"""Headers and configs written by hand for the tests: GGUF and safetensors bytes, config.json of several kinds."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from knowledge.catalog import ModelShape
from knowledge.estimator.model import tensors

U32, STRING, ARRAY, BOOL = 4, 8, 9, 7


def text(value: str) -> bytes:
    """A GGUF string."""
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value_bytes(value: object) -> bytes:
    """A GGUF value with its type before it."""
    if isinstance(value, bool):
        return struct.pack("<I?", BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", U32, value)
    if isinstance(value, str):
        return struct.pack("<I", STRING) + text(value)
    assert isinstance(value, list)
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", ARRAY, STRING, len(value)) + b"".join(map(text, value))
    return struct.pack("<IIQ", ARRAY, U32, len(value)) + struct.pack(f"<{len(value)}I", *value)


def gguf(values: Mapping[str, object], tensor_list: Iterable[tuple[str, tuple[int, ...], int]] = ()) -> bytes:
    """A GGUF header, version 3."""
    rows = list(tensor_list)
    out = b"GGUF" + struct.pack("<IQQ", 3, len(rows), len(values))
    for key, value in values.items():
        out += text(key) + value_bytes(value)
    for name, ne, kind in rows:
        out += text(name) + struct.pack("<I", len(ne)) + struct.pack(f"<{len(ne)}Q", *ne)
        out += struct.pack("<IQ", kind, 0)
    return out


def gguf_of(shape: ModelShape, kind: int = 8, more: Mapping[str, object] | None = None) -> bytes:
    """The header of a plain model's file, matrices in ggml type `kind`, everything else in F32."""
    a = shape.arch
    values: dict[str, object] = {
        "general.architecture": a,
        "general.name": "Sample",
        "general.license": "mit",
        "general.file_type": 7,
        f"{a}.block_count": shape.n_layer,
        f"{a}.context_length": shape.n_ctx_train,
        f"{a}.embedding_length": shape.n_embd,
        f"{a}.feed_forward_length": shape.n_ff,
        f"{a}.attention.head_count": shape.n_head,
        f"{a}.attention.head_count_kv": shape.n_head_kv,
        f"{a}.attention.key_length": shape.n_embd_head_k,
        f"{a}.attention.value_length": shape.n_embd_head_v,
        "tokenizer.ggml.tokens": [f"t{i}" for i in range(5000)],
        "tokenizer.chat_template": "{{ messages }}",
        **(more or {}),
    }
    rows = [(t.name, t.ne, kind if len(t.ne) > 1 else 0) for t in tensors(shape)]
    return gguf(values, [*rows, ("rope_freqs.weight", (64,), 0)])


def safetensors(table: Mapping[str, Any]) -> bytes:
    """A safetensors header."""
    raw = json.dumps(table).encode()
    return struct.pack("<Q", len(raw)) + raw


QWEN3 = ModelShape(
    arch="qwen3", n_layer=4, n_embd=1024, n_vocab=5000, n_ctx_train=40960, n_head=16, n_head_kv=8,
    n_embd_head_k=128, n_embd_head_v=128, n_ff=3072, tie_embeddings=True, qk_norm=True, attn_qkv_bias=False,
    attn_out_bias=False, ffn_gated=True,
)  # fmt: skip

QWEN3_CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "num_hidden_layers": 4, "hidden_size": 1024,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 3072,
    "vocab_size": 5000, "max_position_embeddings": 40960, "tie_word_embeddings": True, "sliding_window": None,
    "use_sliding_window": False, "attention_bias": False, "rms_norm_eps": 1e-6,
}  # fmt: skip
