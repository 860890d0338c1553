"""What can be said where nothing is computed: of a model of unknown shape, of a chip that no engine uses.

Of a model's weights the least they take is told, as that: no verdict comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.catalog import Device, Model
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


VENDOR_RUNTIME = "vendor runtime"
"""What the catalogue calls the backend of a chip that only its maker's own software uses."""


def check_runtimes(devices: Iterable[Device]) -> None:
    """Refuse chips that none of the engines computed here runs on; a verdict would be one on some other chip."""
    for device in devices:
        if device.backends == (VENDOR_RUNTIME,):
            shared = "; it shares the machine's memory: ask about its processor or graphics instead"
            raise Unanswerable(
                f"llama.cpp and the engines built on it do not run on the {device.name}: nothing is computed for it.",
                subject=device.id,
                hint=f"Its maker's own software does, with models made for it{shared if device.kind == 'npu' else ''}.",
            )
