"""What can be said of a model whose layers are not known: why nothing is computed, and what its weights take at least.

Weights alone are a floor, told as one: no verdict comes from here.
"""

from __future__ import annotations

from knowledge.catalog import Model
from knowledge.errors import Unanswerable
from knowledge.units import gib_text

_WHAT_IT_DOES = {
    "image": ("makes pictures", "ComfyUI or stable-diffusion.cpp"),
    "video": ("makes video", "ComfyUI"),
    "tts": ("speaks", "its makers' own program"),
    "asr": ("writes down speech", "whisper.cpp or faster-whisper if it is a Whisper model, else its makers' program"),
}
"""Kinds of model that are no language models, in words, and what runs them."""

_BITS = (16, 8, 4)


def no_shape(model: Model) -> Unanswerable:
    """The error for a model without a checked shape, with its least weights in GiB where its size was published."""
    least = _least(model)
    if model.kind in _WHAT_IT_DOES:
        does, tools = _WHAT_IT_DOES[model.kind]
        return Unanswerable(
            f"{model.name} {does}; only language models are computed here.{least}",
            subject=model.id,
            hint=f"Run it with {tools}.",
        )
    return Unanswerable(
        f"The shape of {model.name} is not known, so nothing is computed for it.{least}",
        subject=model.id,
        hint="Its layers, heads and widths have not been published or checked; give them as a shape.",
    )


def _least(model: Model) -> str:
    if not model.params_total:
        return ""
    sizes = ", ".join(f"{gib_text(model.params_total * bits // 8)} at {bits} bits" for bits in _BITS)
    return f" Its {model.params_total / 1e9:.3g} billion parameters alone take {sizes}."
