"""The records of question parsing: what was asked, and what stayed open. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "fit", "speed", "requirements", "which_models", "which_hardware", "compare", "define", "diagnose", "other"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareMention:
    """One piece of hardware named in a text. `id` is None for generic words ("a 16 GB GPU"); then `name` holds them.

    `memory_gib` is what the text says each one has (VRAM, or unified memory), None where it does not say.
    """

    id: str | None
    name: str
    count: int = 1
    memory_gib: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChoice:
    """A field that could mean several things; `choices` are ids, likeliest first."""

    field: Literal["model", "hardware", "quant"]
    text: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitQuestion:
    """What a free text asks. Fields the text does not mention are None or empty: nothing is filled in here.

    `model` is a catalogue id; `model_text` the words it was read from, kept where the model is unknown; `other_models`
    are the further ones it is compared with ("qwen3 8b or gemma 3 12b").
    `quant` is a file type or format as the field writes it (`Q4_K_M`, `Q4`, `3.0bpw`). `truncated` says that the text
    was longer than what is read of one.
    """

    text: str
    intent: Intent
    model: str | None = None
    model_text: str | None = None
    other_models: tuple[str, ...] = ()
    quant: str | None = None
    n_ctx: int | None = None
    hardware: tuple[HardwareMention, ...] = ()
    ram_gib: float | None = None
    engine: str | None = None
    type_k: str | None = None
    type_v: str | None = None
    n_prompt: int | None = None
    measured_tok_s: float | None = None
    ambiguous: tuple[OpenChoice, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Candidates for a name, best first. `certain` is False where several could be meant (ask, don't guess)."""

    ids: tuple[str, ...]
    score: float
    certain: bool
    also: tuple[str, ...] = ()
