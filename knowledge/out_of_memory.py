"""What to say to a log of memory that ran out: its figures, and the cheapest change with which the model would fit.

The log's model, file type, device and context become a question to the estimator. Nothing is invented: where the log
does not name the model or the device, only its figures are told. The error itself is explained elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer
from knowledge.half_asked import Source
from knowledge.question.types import FitQuestion
from knowledge.said import joined, worded
from knowledge.search.oom import OomFacts, read_oom
from knowledge.units import GIB, gib_text, tokens_text

SMALL_MAC_BYTES: Final = 22 * GIB
"""macOS gives the GPU two thirds of the memory up to this working set, and three quarters beyond (32 GB and 36 GB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfMemory:
    """What a log says, in sentences, and the estimate for the same model on the same device where both are known."""

    told: str
    fit: FitAnswer | None = None


def out_of_memory(answers: Source, text: str, question: FitQuestion | None = None) -> OutOfMemory | None:
    """Answer a log of memory that ran out; None where it shows no such thing. `question` is `text` as parsed."""
    facts = read_oom(text)
    if facts is None:
        return None
    asked = _question_of(answers, facts, question or answers.parse(text))
    fit = _fit(answers, asked)
    return OutOfMemory(told=joined((_figures(facts), _fitting(facts), _change(facts, fit))), fit=fit)


def _question_of(answers: Source, facts: OomFacts, question: FitQuestion) -> FitQuestion:
    """The log as a question: names that the engine printed come before those read anywhere in the text."""
    if facts.model and (named := answers.parse(f"{facts.model} {facts.quant or ''}")).model:
        question = replace(question, model=named.model, model_text=named.model_text, quant=named.quant)
    elif facts.quant:
        question = replace(question, quant=facts.quant)
    if facts.device:
        size = f" {math.ceil(_memory_gib(facts))} GB" if facts.total_bytes else ""
        on = answers.parse(f"{facts.count or 1}x {facts.device}{size}")
        if any(mention.id for mention in on.hardware):
            question = replace(question, hardware=on.hardware, ram_gib=question.ram_gib)
    return replace(question, n_ctx=question.n_ctx or facts.n_ctx, ambiguous=())


def _memory_gib(facts: OomFacts) -> float:
    """The memory the device is sold with, from what the log says of it; a Mac's log tells the GPU's share."""
    total = facts.total_bytes or 0
    if (facts.device or "").startswith("Apple"):
        return round(total / GIB * (3 / 2 if total <= SMALL_MAC_BYTES else 4 / 3))
    return total / GIB


def _fit(answers: Source, question: FitQuestion) -> FitAnswer | None:
    if question.model is None or not any(mention.id for mention in question.hardware):
        return None
    try:
        return next(iter(answers.fits_for(question)), None)
    except KnowledgeError:  # what the log names cannot be estimated: its figures are told all the same
        return None


def _figures(facts: OomFacts) -> str:
    place = facts.device or (worded("oom_gpu", "the GPU") if facts.where == "gpu" else worded("oom_ram", "RAM"))
    free = gib_text(facts.free_bytes, 2) if facts.free_bytes is not None else ""
    if not facts.asked_bytes:
        return worded("oom_ran_out", "Your log says: memory ran out on {place}.", place=place)
    asked = gib_text(facts.asked_bytes, 2)
    if not free:
        return worded("oom_asked", "Your log says: {asked} were asked for on {place}.", asked=asked, place=place)
    return worded(
        "oom_asked_of",
        "Your log says: {asked} were asked for on {place}, {free} were free.",
        asked=asked,
        place=place,
        free=free,
    )


def _fitting(facts: OomFacts) -> str:
    if facts.fitting_n_ctx is None:
        return ""
    n = str(facts.fitting_n_ctx)
    return worded("oom_fitting", "The engine says itself that a context of {n} tokens fits.", n=n)


def _change(facts: OomFacts, fit: FitAnswer | None) -> str:
    if fit is None:
        return ""
    change = fit.changes[0].text if fit.changes else ""
    if fit.fit_tier == "no":
        return (
            worded("oom_change", "The cheapest change with which it fits: {change}.", change=change) if change else ""
        )
    if partly := _partly(fit):
        return joined((partly, worded("oom_all_fast", "At full speed: {change}.", change=change) if change else ""))
    if (facts.asked_bytes or 0) > fit.memory.total_bytes:  # one block larger than the whole estimate: another file
        return ""
    return worded(
        "oom_fits_alone",
        "By the estimate {quant} with a context of {n} needs {need} and fits where nothing else uses the memory: close "
        "what holds it, or ask for a shorter context.",
        quant=fit.request.quant,
        n=tokens_text(fit.request.context.n_ctx),
        need=gib_text(fit.memory.total_bytes),
    )


def _partly(fit: FitAnswer) -> str:
    """What has to run from RAM; empty where all of the model is on the device."""
    if fit.n_cpu_moe:
        return worded(
            "oom_experts",
            "By the estimate it fits with the experts of {n} layers in RAM (--n-cpu-moe {n}), more slowly.",
            n=str(fit.n_cpu_moe),
        )
    if fit.n_gpu_layers is not None and fit.n_gpu_layers <= _n_layer(fit):
        return worded(
            "oom_layers",
            "By the estimate it fits with {n} layers on the GPU (-ngl {n}) and the rest in RAM, more slowly.",
            n=str(fit.n_gpu_layers),
        )
    return ""


def _n_layer(fit: FitAnswer) -> int:
    shape = fit.request.model.shape
    return shape.n_layer if shape is not None else 0
