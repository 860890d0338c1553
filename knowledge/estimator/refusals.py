"""What can be said where nothing is computed: of a model of unknown shape, of a chip that no engine uses.

Of a model's weights the least they take is told, as that: no verdict comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.catalog import Device, Model
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.engines import Engine
from knowledge.said import worded
from knowledge.units import gib_text

_WHAT_IT_DOES = {
    "image": (worded("makes_pictures", "makes pictures"), "ComfyUI, stable-diffusion.cpp"),
    "video": (worded("makes_video", "makes video"), "ComfyUI"),
    "tts": (worded("speaks", "speaks"), worded("makers_program", "its makers' own program")),
    "asr": (
        worded("writes_speech", "writes down speech"),
        worded("whisper", "whisper.cpp or faster-whisper if it is a Whisper model, else its makers' program"),
    ),
}
"""Kinds of model that are no language models, in words, and what runs them."""

_BITS = (16, 8, 4)


def no_shape(model: Model) -> Unanswerable:
    """The error for a model without a checked shape, with its least weights in GiB where its size was published."""
    least = _least(model)
    if model.kind in _WHAT_IT_DOES:
        does, tools = _WHAT_IT_DOES[model.kind]
        text = "{model} {does}; only language models are computed here.{least}"
        return Unanswerable(
            worded("no_language_model", text, model=model.name, does=does, least=least),
            subject=model.id,
            hint=worded("no_language_model_hint", "Run it with {tools}.", tools=tools),
        )
    text = "The shape of {model} is not known, so nothing is computed for it.{least}"
    hint = "Its layers, heads and widths have not been published or checked; give them as a shape."
    return Unanswerable(
        worded("no_shape", text, model=model.name, least=least),
        subject=model.id,
        hint=worded("no_shape_hint", hint),
    )


def _least(model: Model) -> str:
    if not model.params_total:
        return ""
    sizes = [gib_text(model.params_total * bits // 8) for bits in _BITS]
    text = " Its {n} billion parameters alone take {full} at 16 bits, {half} at 8 bits, {quarter} at 4 bits."
    n, (full, half, quarter) = f"{model.params_total / 1e9:.3g}", sizes
    return worded("least_weights", text, n=n, full=full, half=half, quarter=quarter)


def too_many_devices(n_devices: int, most: int) -> BadInput:
    """The error for more devices than one machine holds."""
    text, hint = "{n} devices in one machine.", "Give 1 to {most} devices."
    return BadInput(
        worded("too_many_devices", text, n=str(n_devices)),
        subject="hardware",
        hint=worded("too_many_devices_hint", hint, most=str(most)),
    )


def context_outside(n_ctx: int, most: int) -> BadInput:
    """The error for a context no trained length covers."""
    text = "A context of {n} tokens is outside what this model was trained for."
    return BadInput(
        worded("context_outside", text, n=f"{n_ctx:,}"),
        subject="n_ctx",
        hint=worded("give_up_to", "Give 1 to {most}.", most=f"{most:,}"),
    )


def memory_unknown(device: Device) -> Unanswerable:
    """The error for a device of which nobody says how much memory it has."""
    return Unanswerable(
        worded("memory_unknown", "The memory of this device is not known."),
        subject=device.id,
        hint=worded("memory_unknown_hint", "Say how much it has, e.g. 'with 16 GB'."),
    )


def runs_elsewhere(engine: Engine, device: Device, backend: str | None) -> BadInput:
    """The error for an engine without a backend for the device, with those it has."""
    where = f"{device.name} ({backend})" if backend else device.name
    backends = ", ".join(engine.backends)
    return BadInput(
        worded("runs_elsewhere", "{engine} does not run on {device}.", engine=engine.name, device=where),
        subject="engine",
        hint=worded("runs_elsewhere_hint", "{engine} runs on: {backends}.", engine=engine.name, backends=backends),
    )


VENDOR_RUNTIME = "vendor runtime"
"""What the catalogue calls the backend of a chip that only its maker's own software uses."""


def check_runtimes(devices: Iterable[Device]) -> None:
    """Refuse chips that none of the engines computed here runs on; a verdict would be one on some other chip."""
    for device in devices:
        if device.backends == (VENDOR_RUNTIME,):
            text = "llama.cpp and the engines built on it do not run on the {device}: nothing is computed for it."
            hint = worded("no_runtime_hint", "Its maker's own software does, with models made for it.")
            if device.kind == "npu":
                shared = (
                    "Its maker's own software does, with models made for it; it shares the machine's memory: ask about "
                    "its processor or graphics instead."
                )
                hint = worded("no_runtime_npu_hint", shared)
            raise Unanswerable(worded("no_runtime", text, device=device.name), subject=device.id, hint=hint)
