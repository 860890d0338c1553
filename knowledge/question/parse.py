"""Free text to FitQuestion: model, quant, context, hardware, memory, engine and cache types, and what stayed open.

The readers of the parts do the work; this module says in which order and what each may look at. Nothing the text does
not mention is filled in, and nothing is guessed: what could be several things is listed in `ambiguous`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from knowledge import linear
from knowledge.question import amounts, counts, quants
from knowledge.question.engines import read_engine
from knowledge.question.intent import read_intent
from knowledge.question.mentions import HardwareReading, read_hardware
from knowledge.question.model_names import latin_names
from knowledge.question.model_reading import ModelReading, read_model
from knowledge.question.names import NameIndex, NameMatch
from knowledge.question.slugs import unglued
from knowledge.question.spelling import put_right, variants_right
from knowledge.question.text import Atoms, bounded, normalise
from knowledge.question.types import FitQuestion, OpenChoice

_BLANK = "\x01"
"""Stands for characters some reader has taken: no pattern and no name matches it."""

_MAX_CHOICES = 12

_MOST_CORRECTED = 1000
_MAX_NAMES = 64
"""So many names and sizes of one text are looked at; a question has a handful."""


def parse(text: str, index: NameIndex) -> FitQuestion:
    """Read `text`. Raises BadInput for empty text; only the first 16,384 characters are read (`truncated` says so)."""
    read, truncated = bounded(text)
    whole = counts.mark(unglued(variants_right(latin_names(normalise(read)))))
    engine = read_engine(whole)
    kv = quants.read_kv(whole)
    plain = _blanked(whole, (*engine.spans, *(kv.spans if kv else ())))
    plain, matches, model = _names(plain, index)
    without_model = _blanked(plain, model.spans)
    sizes = amounts.read_memory(plain)[:_MAX_NAMES]
    device_names = [match for match in matches if match.entry.kind == "hardware"]
    hardware = read_hardware(without_model, device_names, sizes, index)
    n_ctx = amounts.read_context(_blanked(without_model, hardware.spans))
    n_hardware = len(hardware.found)
    return FitQuestion(
        text=text[:2000],
        intent=read_intent(whole, has_model=bool(model.id or model.words), n_hardware=n_hardware),
        model=model.id,
        model_text=_as_written(read, model.words),
        other_models=_compared(plain, matches, model, index),
        quant=quants.read_quant(_with_formats(plain, without_model, model)),
        n_ctx=n_ctx if n_ctx is not None else model.named_ctx,
        hardware=tuple(mention for mention, _ in hardware.found),
        ram_gib=hardware.ram_gib,
        engine=engine.name,
        type_k=kv.type_k if kv else None,
        type_v=kv.type_v if kv else None,
        n_prompt=amounts.read_prompt(without_model),
        measured_tok_s=amounts.read_measured(whole),
        ambiguous=_open_choices(model, hardware),
        truncated=truncated,
    )


def _names(text: str, index: NameIndex) -> tuple[str, list[NameMatch], ModelReading]:
    """The names in a text and the model among them; with a misspelt family put right where there would be none."""
    matches = index.scan(Atoms(text))[:_MAX_NAMES]
    model = read_model(text, [match for match in matches if match.entry.kind == "model"], index)
    if model.id is None and not model.choices:
        corrected = put_right(text[:_MOST_CORRECTED], index.families)
        if corrected is not None:
            better = index.scan(Atoms(corrected))[:_MAX_NAMES]
            found = read_model(corrected, [match for match in better if match.entry.kind == "model"], index)
            if found.id or found.choices:
                return corrected, better, replace(found, guessed=True)
    return text, matches, model


_EITHER = linear.compile(
    r"\b(?:vs\.?|versus|or|and|oder|und|ou|et|o|y|e|i|en|ve|og|och)\b|compared (?:to|with)|better than|,|/"
    r"|против|или| и |还是|和|と|과|와"
)
_MOST_COMPARED = 4


def _compared(text: str, matches: list[NameMatch], model: ModelReading, index: NameIndex) -> tuple[str, ...]:
    """The models that stand beside the one asked about, with "or", "vs" or the like between them.

    Of an open name the likeliest of its models; families alone ("qwen or deepseek") are compared as families, not here.
    """
    names = [match for match in matches if match.entry.kind == "model" and not match.entry.gated]
    if len(names) < 2 or all(match.entry.series for match in names):
        return ()
    found: list[str] = []
    for one, other in pairwise(names[: _MOST_COMPARED + 1]):
        between = text[one.end : other.start]
        if len(between) <= _MOST_BETWEEN and _EITHER.search(between):
            for match in (one, other):
                alone = read_model(text, [match], index, others=[name for name in names if name is not match])
                meant = _likeliest(alone)
                if meant and not alone.guessed and meant not in found:
                    found.append(meant)
    meant = _likeliest(model)
    return tuple(id_ for id_ in found[:_MOST_COMPARED] if id_ != meant) if meant in found else ()


def _likeliest(reading: ModelReading) -> str | None:
    return reading.id or (reading.choices[0] if reading.choices else None)


_MOST_BETWEEN = 40
"""Characters between two models that are compared."""


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with the stretches in `spans` blanked out; offsets stay as they are."""
    for start, end in spans:
        text = text[:start] + _BLANK * (end - start) + text[end:]
    return text


def _with_formats(text: str, without_model: str, model: ModelReading) -> str:
    """The text for reading the quant: without the model's name, but with what is a quantisation in that name."""
    for start, end in model.spans:
        for word in _NAME_WORD.finditer(text[start:end]):
            first, last = start + word.start(), start + word.end()
            if word.start() and _QUANT_HINT.search(word.group()) and quants.read_quant(word.group()):
                without_model = without_model[:first] + word.group() + without_model[last:]
    return without_model


_QUANT_HINT = linear.compile(r"q\d|bit|fp\d|f16|f32|int\d|exl|awq|gptq|nf4|bpw|gguf|w\da")
_NAME_WORD = linear.compile(r"[a-z0-9._]+")


def _as_written(original: str, words: str | None) -> str | None:
    """`words` in the capitals the asker used, where they stand so in the text."""
    if words is None:
        return None
    place = original.lower().find(words)
    return original[place : place + len(words)] if place >= 0 and len(original.lower()) == len(original) else words


def _open_choices(model: ModelReading, hardware: HardwareReading) -> tuple[OpenChoice, ...]:
    """What stayed open, models first."""
    found: list[OpenChoice] = []
    if len(model.choices) > 1 or (model.choices and model.id is None):
        found.append(OpenChoice(field="model", text=model.words or "", choices=model.choices[:_MAX_CHOICES]))
    elif model.guessed and model.id is not None:
        found.append(OpenChoice(field="model", text=model.words or "", choices=(model.id,)))
    for mention, choices in hardware.found:
        if choices:
            found.append(OpenChoice(field="hardware", text=mention.name, choices=choices[:_MAX_CHOICES]))
    return tuple(found)
