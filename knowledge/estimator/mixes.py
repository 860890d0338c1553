"""Quantised formats that are no llama.cpp file type: publishers' GGUF mixes, MLX, EXL, Hugging Face checkpoints.

One row a format: either a file type of llama.cpp's times a measured average, or bits for linear layers, embeddings and
the rest, as the format's own tool lays them out. Also finds a format by the names people write. Averages say so in
`Weights.exact`; a publisher's real file size, where known, is always better.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.errors import UnknownName
from knowledge.estimator.file_types import DEFAULT_TYPE
from knowledge.estimator.tensors import EXPERT_ROLES, HOST_ROLES, Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """One format. With `base` set, its bytes times `factor` (`factor_moe` for models with experts); else bits by part.

    `linear_bits` go to matrices inside the layers, `expert_bits` to those of routed experts where they have others,
    `embed_bits` to the token table, `head_bits` to the output matrix, `router_bits` to expert routers, 16 to the rest.
    """

    id: str
    base: str | None = None
    factor: float = 1.0
    factor_moe: float = 1.0
    linear_bits: float = 16.0
    expert_bits: float | None = None
    embed_bits: float = 16.0
    head_bits: float = 16.0
    router_bits: float = 16.0
    rest_bits: float = 16.0


def _mlx(bits: int, group: int = 64) -> Mix:
    """MLX affine quantisation: one 16-bit scale and one 16-bit bias a group; embeddings, head and routers as well."""
    width = bits + 32 / group
    return Mix(id=f"mlx-{bits}bit", linear_bits=width, embed_bits=width, head_bits=width, router_bits=8.5)


def _exl(kind: str, bpw: float, head: float) -> Mix:
    """EXL: `bpw` on average over the layers' matrices, the head at its own width, embeddings in 16 bits."""
    return Mix(id=f"{kind}-{bpw:g}bpw", linear_bits=bpw, head_bits=head)


def _unsloth(name: str, base: str, factor: float, factor_moe: float) -> Mix:
    return Mix(id=name, base=base, factor=factor, factor_moe=factor_moe)


_ALL = (
    # Unsloth's dynamic mixes against the plain file type; averages over published files, −3…+5 % about them
    _unsloth("UD-IQ1_S", "IQ1_S", 1.10, 1.07),
    _unsloth("UD-IQ1_M", "IQ1_M", 1.07, 1.06),
    _unsloth("UD-IQ2_XXS", "IQ2_XXS", 1.05, 1.04),
    _unsloth("UD-IQ2_M", "IQ2_M", 1.02, 1.02),
    _unsloth("UD-IQ3_XXS", "IQ3_XXS", 1.02, 1.03),
    _unsloth("UD-Q2_K_XL", "Q2_K", 1.05, 1.04),
    _unsloth("UD-Q3_K_XL", "Q3_K_M", 1.04, 0.94),
    _unsloth("UD-Q4_K_XL", "Q4_K_M", 1.02, 0.96),
    _unsloth("UD-Q5_K_XL", "Q5_K_M", 1.01, 1.00),
    _unsloth("UD-Q6_K_XL", "Q6_K", 1.10, 1.05),
    _unsloth("UD-Q8_K_XL", "Q8_0", 1.22, 1.11),
    # bartowski's "_L": embeddings and output in Q8_0
    _unsloth("Q4_K_L", "Q4_K_M", 1.04, 1.01),
    _unsloth("Q5_K_L", "Q5_K_M", 1.03, 1.01),
    _unsloth("Q6_K_L", "Q6_K", 1.02, 1.01),
    # the CPU-repacked twins of Q4_0
    _unsloth("Q4_0_4_4", "Q4_0", 1.0, 1.0),
    *(_mlx(bits) for bits in (2, 3, 4, 5, 6, 8)),
    Mix(id="mlx-bf16"),
    *(_exl("exl2", bpw, 6.0 if bpw < 6.5 else 8.0) for bpw in (2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 8.0)),
    *(_exl("exl3", bpw, 6.0) for bpw in (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)),
    # Hugging Face checkpoints: linear layers quantised, embeddings, head, routers and norms in 16 bits
    Mix(id="fp8", linear_bits=8.0),
    Mix(id="int8", linear_bits=8.06),
    Mix(id="awq-int4", linear_bits=4.16),
    Mix(id="gptq-int4", linear_bits=4.16),
    Mix(id="bnb-4bit", linear_bits=4.127),
    Mix(id="bnb-8bit", linear_bits=8.02),
    Mix(id="nvfp4", linear_bits=4.5),
    # published with their experts alone in four bits: gpt-oss; DeepSeek V4, its other matrices in FP8; Kimi K2 Thinking
    Mix(id="mxfp4-hf", expert_bits=4.25),
    Mix(id="mxfp4-fp8", linear_bits=8.0, expert_bits=4.25),
    Mix(id="int4-experts", expert_bits=4.5),
    Mix(id="hf-16bit"),
)
MIXES: dict[str, Mix] = {mix.id: mix for mix in _ALL}

IMATRIX_PREFIX = "i1-"
"""Before a file type: made with an importance matrix, which changes a few tensors' types."""

_ALIASES = {
    "mxfp4": "MXFP4_MOE",
    "exl2": "exl2-4bpw",
    "exl3": "exl3-4bpw",
    "q4_xs": "IQ4_XS",
    "iq4": "IQ4_XS",
    "iq3": "IQ3_XS",
    "iq2": "IQ2_XS",
    "iq1": "IQ1_S",
    "q2": "Q2_K",
    "q3": "Q3_K_M",
    "q4": "Q4_K_M",
    "q5": "Q5_K_M",
    "q6": "Q6_K",
    "q8": "Q8_0",
    "q3_k": "Q3_K_M",
    "q4_k": "Q4_K_M",
    "q5_k": "Q5_K_M",
    "2-bit": "Q2_K",
    "3-bit": "Q3_K_M",
    "4-bit": "Q4_K_M",
    "5-bit": "Q5_K_M",
    "6-bit": "Q6_K",
    "8-bit": "Q8_0",
    "16-bit": "F16",
    "q2_k_xl": "UD-Q2_K_XL",
    "q3_k_xl": "UD-Q3_K_XL",
    "q4_k_xl": "UD-Q4_K_XL",
    "q5_k_xl": "UD-Q5_K_XL",
    "q6_k_xl": "UD-Q6_K_XL",
    "q8_k_xl": "UD-Q8_K_XL",
    "ud-q2": "UD-Q2_K_XL",
    "ud-q3": "UD-Q3_K_XL",
    "ud-q4": "UD-Q4_K_XL",
    "ud-q5": "UD-Q5_K_XL",
    "half": "F16",
    "fp16": "F16",
    "bfloat16": "BF16",
    "fp32": "F32",
    "tq1": "TQ1_0",
    "tq2": "TQ2_0",
    "awq": "awq-int4",
    "w4a16": "awq-int4",
    "gptq": "gptq-int4",
    "int4": "gptq-int4",
    "w8a8": "int8",
    "fp4": "nvfp4",
    "nf4": "bnb-4bit",
    "bnb": "bnb-4bit",
    "bitsandbytes": "bnb-4bit",
    "mlx": "mlx-4bit",
    "mlx-q4": "mlx-4bit",
    "4bit-mlx": "mlx-4bit",
}


def _compact(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    own = {_compact(name): name for name in (*MIXES, *DEFAULT_TYPE)}
    return own | {_compact(alias): name for alias, name in _ALIASES.items()}


@lru_cache(maxsize=4096)
def find_quant(name: str) -> str:
    """Find the id of a file type or format by the name people write. Raises UnknownName with the nearest names.

    Spaces, hyphens and case do not matter. `UD-` of a type Unsloth's table has not is taken as the plain type, a
    repacked type (`_R4`) as the one it was packed from; `i1-` before a file type is kept (made with an imatrix).
    """
    key = _compact(name[:60]).removesuffix(".gguf").removesuffix("gguf")
    for candidate in (key, key.removeprefix("ud"), re.sub(r"r[48]$", "", key)):
        if found := _names().get(candidate):
            return found
    plain = _names().get(key.removeprefix("i1"))
    if key.startswith("i1") and plain in DEFAULT_TYPE:
        return f"{IMATRIX_PREFIX}{plain}"
    if bits := re.fullmatch(r"(exl[23])?(\d+(?:\.\d+)?)(?:bpw)?", key):
        kind, bpw = bits[1] or "exl2", float(bits[2])
        return min((mix for mix in MIXES if mix.startswith(kind)), key=lambda mix: abs(MIXES[mix].linear_bits - bpw))
    raise UnknownName("quant", name, choices=tuple(_nearest(key)))


def _nearest(key: str) -> list[str]:
    names = _names()
    near = (names[name] for name in difflib.get_close_matches(key, names, n=8, cutoff=0.5))
    return list(dict.fromkeys(near))[:5]


def element_bytes(mix: Mix, tensor: Tensor) -> float:
    """Count the bytes an element of the tensor takes in the format, scales included."""
    if len(tensor.ne) < 2 or "norm" in tensor.role or "conv1d" in tensor.role or tensor.role == "shortconv.conv":
        return mix.rest_bits / 8
    if tensor.role in HOST_ROLES:
        return mix.embed_bits / 8
    if tensor.role == "output":
        return mix.head_bits / 8
    if "gate_inp" in tensor.role:
        return mix.router_bits / 8
    if mix.expert_bits is not None and tensor.role in EXPERT_ROLES:
        return mix.expert_bits / 8
    return mix.linear_bits / 8
