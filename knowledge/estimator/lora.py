"""LoRA adapters: how many bytes one takes beside a model, and what it costs in speed.

An adapter holds, for each matrix it adapts, two thin ones: rank × inputs and outputs × rank (Hu et al. 2021,
arXiv:2106.09685). llama.cpp loads it in 16 bits next to the weights it adapts (`convert_lora_to_gguf.py`,
`llama-adapter.cpp`) and multiplies both at every token. Merging an adapter into a file is not looked at: then it costs
nothing.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.model import tensors
from knowledge.estimator.request import LoraAsk
from knowledge.units import GIB

MAX_RANK = 4096
MAX_LORAS = 16
MAX_FILE_BYTES = 64 * GIB
BYTES_PER_WEIGHT = 2

ROLES = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
"""Targets as people write them (`q`, `q_proj`) and GGUF's names of the matrices."""

FUSED = {"attn_q": "attn_qkv", "attn_k": "attn_qkv", "attn_v": "attn_qkv"}
"""Matrices some architectures hold as one."""


def target_roles(targets: tuple[str, ...]) -> tuple[str, ...]:
    """GGUF's names for the matrices asked for; empty means all. Raises BadInput with the known ones."""
    if not targets or targets == ("all",):
        return tuple(ROLES.values())
    roles = []
    for target in targets:
        role = ROLES.get(target.strip().lower().removesuffix("_proj"))
        if role is None:
            hint = f"Known: {', '.join(ROLES)}, or all."
            raise BadInput(f"An adapter of '{target[:40]}' is not known.", subject="lora", hint=hint)
        roles.append(role)
    return tuple(dict.fromkeys(roles))


def lora_bytes(shape: ModelShape, ask: LoraAsk) -> int:
    """Bytes of an adapter on the device. Raises BadInput with the valid range of what cannot be."""
    if ask.file_bytes:
        if not 0 < ask.file_bytes <= MAX_FILE_BYTES:
            hint = f"Give 1 to {MAX_FILE_BYTES:,}."
            raise BadInput(f"An adapter of {ask.file_bytes:,} bytes.", subject="lora", hint=hint)
        return ask.file_bytes
    most = min(MAX_RANK, shape.n_embd)
    if not 1 <= ask.rank <= most:
        raise BadInput(f"A LoRA rank of {ask.rank}.", subject="lora", hint=f"Give 1 to {most}.")
    found = _bytes_per_rank(shape, target_roles(ask.targets)) * ask.rank
    if not found:
        raise BadInput(
            "This model has none of these matrices.", subject="lora", hint="Give the adapter's size instead."
        )
    return found


@lru_cache(maxsize=1024)
def _bytes_per_rank(shape: ModelShape, roles: tuple[str, ...]) -> int:
    """Bytes an adapter takes for each step of its rank: inputs and outputs of every matrix it adapts."""
    wanted = set(roles) | {FUSED[role] for role in roles if role in FUSED}
    width = sum(sum(tensor.ne[:2]) for tensor in tensors(shape) if tensor.role in wanted and len(tensor.ne) == 2)
    return width * BYTES_PER_WEIGHT
