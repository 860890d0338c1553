"""A model's shape and the exact bytes of its file from a GGUF header.

Pure. What the metadata leaves out is read off the tensors (vocabulary, tied head, biases); the shape is then proved by
recounting every tensor the estimator would lay out against those the file lists.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.model import shape_from_mapping
from knowledge.estimator.quant import row_bytes
from knowledge.inspect.gguf_header import GgufHeader, bad

_NOT_TEXT = ("clip", "mmproj")
_SCALING = ("rope_freqs", "rope_factors")
"""Tensors that scale rotary frequencies: in the file, not among the published parameters."""

GGML_TYPES: Mapping[int, str] = {
    **dict(enumerate(("f32", "f16", "q4_0", "q4_1"))),
    **dict(enumerate(("q5_0", "q5_1", "q8_0"), 6)),
    **dict(enumerate(("q2_k", "q3_k", "q4_k", "q5_k", "q6_k"), 10)),
    **dict(enumerate(("iq2_xxs", "iq2_xs", "iq3_xxs", "iq1_s", "iq4_nl", "iq3_s", "iq2_s", "iq4_xs"), 16)),
    26: "i32",
    29: "iq1_m",
    30: "bf16",
    34: "tq1_0",
    35: "tq2_0",
    39: "mxfp4",
    40: "nvfp4",
    41: "q1_0",
    42: "q2_0",
    137: "iq2_k",
    138: "iq3_k",
    139: "iq4_k",
    140: "iq5_k",
    141: "iq6_k",
    144: "iq4_ks",
    145: "iq2_ks",
    146: "iq4_kss",
    152: "iq5_ks",
    153: "iq2_kt",
    154: "iq3_kt",
    155: "iq4_kt",
    156: "iq3_ks",
}
"""ggml's type numbers (ggml.h of b11434) and, from 137 on, ik_llama.cpp's."""

FILE_TYPES: Mapping[int, str] = {
    **dict(enumerate(("F32", "F16", "Q4_0", "Q4_1"))),
    **dict(enumerate(("Q8_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M"), 7)),
    **dict(enumerate(("Q5_K_S", "Q5_K_M", "Q6_K", "IQ2_XXS", "IQ2_XS", "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S"), 16)),
    **dict(enumerate(("IQ4_NL", "IQ3_S", "IQ3_M", "IQ2_S", "IQ2_M", "IQ4_XS", "IQ1_M", "BF16"), 25)),
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
    41: "Q2_0",
}
"""What `general.file_type` says (llama_ftype of b11434)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFacts:
    """What one GGUF file (or all its splits together) says of a model. `bytes_by_type` sums tensors by their type."""

    arch: str
    name: str
    license: str
    file_type: str
    n_params: int
    tensor_bytes: int
    bytes_by_type: Mapping[str, int]
    has_chat_template: bool
    n_splits: int
    shape: ModelShape


def facts_of(headers: tuple[GgufHeader, ...]) -> GgufFacts:
    """Read the facts of a file from its header, or from those of all its splits in order. Raises BadInput."""
    first = headers[0]
    arch = str(first.values.get("general.architecture", ""))
    if not arch:
        raise bad("The file names no architecture.", "A language model's GGUF has the key general.architecture.")
    if arch in _NOT_TEXT:
        raise bad("This is a vision projector, no language model.", "Give the model's own file.")
    by_type: Counter[str] = Counter()
    n_params = 0
    for header in headers:
        for tensor in header.tensors:
            kind = GGML_TYPES.get(tensor.kind)
            if kind is None:
                raise bad(
                    f"Tensor '{tensor.name[:60]}' has the unknown type {tensor.kind}.", "A newer format, or damage."
                )
            by_type[kind] += math.prod(tensor.ne[1:]) * row_bytes(kind, tensor.ne[0])
            if not tensor.name.startswith(_SCALING):
                n_params += math.prod(tensor.ne)
    return GgufFacts(
        arch=arch,
        name=str(first.values.get("general.name", ""))[:120],
        license=str(first.values.get("general.license", ""))[:60],
        file_type=_file_type(first, by_type),
        n_params=n_params,
        tensor_bytes=sum(by_type.values()),
        bytes_by_type=dict(by_type.most_common()),
        has_chat_template="tokenizer.chat_template" in first.values,
        n_splits=int(first.values.get("split.count", 1) or 1),
        shape=shape_of(headers),
    )


def _file_type(header: GgufHeader, by_type: Counter[str]) -> str:
    """The file type by name: as the file says, else that of most bytes."""
    said = header.values.get("general.file_type")
    if isinstance(said, int) and said in FILE_TYPES:
        return FILE_TYPES[said]
    return by_type.most_common(1)[0][0].upper() if by_type else ""


def shape_of(headers: tuple[GgufHeader, ...]) -> ModelShape:
    """Build the shape a file's metadata and tensors state. Raises BadInput naming what is missing."""
    first = headers[0]
    arch = str(first.values["general.architecture"])
    names = {tensor.name: tensor.ne for header in headers for tensor in header.tensors}
    data: dict[str, object] = {key: value for key, value in first.values.items() if _wanted(key, arch)}
    data |= {key: list(value) for key, value in first.arrays.items() if key.startswith(f"{arch}.")}
    data = {key: value for key, value in data.items() if not isinstance(value, float)}
    data["general.architecture"] = arch
    embd = names.get("token_embd.weight")
    if embd is not None and len(embd) == 2:
        data["n_vocab"] = embd[1]
    elif "tokenizer.ggml.tokens" in first.lengths:
        data["n_vocab"] = first.lengths["tokenizer.ggml.tokens"]
    data.pop(f"{arch}.vocab_size", None)
    if names:
        data["tie_embeddings"] = "output.weight" not in names
    n_nextn = first.values.get(f"{arch}.nextn_predict_layers", 0)
    count = first.values.get(f"{arch}.block_count")
    if isinstance(count, int) and isinstance(n_nextn, int) and 0 < n_nextn < count:
        data[f"{arch}.block_count"] = count - n_nextn  # files count the prediction layers among the blocks
    _biases(data, names)
    return shape_from_mapping(data)


def _wanted(key: str, arch: str) -> bool:
    return key.startswith(f"{arch}.")


def _biases(data: dict[str, object], names: Mapping[str, tuple[int, ...]]) -> None:
    """Say what only the tensors show: biases and normalised queries, gates of the feed-forward."""
    layers = [name.partition(".")[2].partition(".")[2] for name in names if name.startswith("blk.")]
    if not layers:
        return
    present = set(layers)
    if "attn_q.weight" in present:
        data["attn_qkv_bias"] = "attn_q.bias" in present
        data["qk_norm"] = "attn_q_norm.weight" in present
    if "attn_output.weight" in present:
        data["attn_out_bias"] = "attn_output.bias" in present
    if "ffn_up.weight" in present and "ffn_gate_exps.weight" not in present:
        data["ffn_gated"] = "ffn_gate.weight" in present


def check_splits(headers: tuple[GgufHeader, ...]) -> None:
    """Raise BadInput unless the headers are all the splits of one file, in order."""
    wanted = int(headers[0].values.get("split.count", 1) or 1)
    if len(headers) != wanted:
        raise BadInput(
            f"The file is split in {wanted} and {len(headers)} were read.",
            subject="GGUF header",
            hint="Give the first of the files; the others must lie beside it.",
        )
