"""The file types of an engine from best to smallest: what `best quant` and the smaller files offered walk along.

One type a step, of those that engine's users find published or can have made at load: a type asked for need not be
among them, it stands where its size puts it. Nothing is fitted here, and no quality is judged.
Sources: vLLM's and transformers' quantisation pages (FP8 and bitsandbytes at load, AWQ as a copy), mlx-lm's and
ExLlamaV3's converters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from knowledge.catalog import ModelShape
from knowledge.estimator.engines import Engine
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.weights import weights
from knowledge.said import worded
from knowledge.units import gib_text

QUANT_LADDER: Final = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "IQ3_XXS", "Q2_K", "IQ2_XXS")
"""llama.cpp's, and of those that run it."""

_OWN: Final[dict[str, tuple[str, ...]]] = {
    "vllm": ("bf16", "fp8", "awq-int4"),
    "transformers": ("bf16", "bnb-8bit", "bnb-4bit"),
    "mlx": ("mlx-8bit", "mlx-6bit", "mlx-5bit", "mlx-4bit", "mlx-3bit"),
    "exllamav3": tuple(f"exl3-{bits}bpw" for bits in ("8", "6", "5", "4", "3.5", "3", "2.5", "2")),
}
_PUBLISHED_SMALL: Final = frozenset({"mxfp4-hf", "mxfp4-fp8", "int4-experts", "nvfp4"})
"""Formats a model is published in that are no larger than what these engines would make of it."""


def ladder_of(engine: Engine) -> tuple[str, ...]:
    """The file types `engine` is asked to load, best first."""
    return QUANT_LADDER if engine.uses_llama_cpp else _OWN.get(engine.id, ())


def smaller_types(engine: Engine, shape: ModelShape, quant: str) -> tuple[str, ...]:
    """Those of the engine's types that make a smaller file of a model than `quant`, best first.

    A model published in a file type of its own loses by any other: that one alone is offered. Neighbours on a ladder
    that come out the other way round (by a percent, for a few odd shapes) are taken as they stand there.
    """
    ladder = ladder_of(engine)
    native = native_quant(shape) if engine.uses_llama_cpp else None
    if native is not None:
        smaller = weights(shape, native).total_file_bytes < weights(shape, quant).total_file_bytes
        return (native,) if smaller else ()
    if native_quant(shape) is not None or quant.lower() in _PUBLISHED_SMALL:
        return ()
    if quant in ladder:
        return ladder[ladder.index(quant) + 1 :]
    size = weights(shape, quant).total_file_bytes
    return ladder[bisect_right(ladder, -size, key=lambda other: -weights(shape, other).total_file_bytes) :]


def published_otherwise(engine: Engine, shape: ModelShape, quant: str) -> Iterator[str]:
    """That files called by a type hold another mix, where a model is published in one file type of its own."""
    native = native_quant(shape) if engine.uses_llama_cpp else None
    if native is not None and quant != native:
        size = gib_text(weights(shape, native).total_file_bytes)
        text = (
            "{quant} as the engine would make it; files published as {quant} keep the experts of {native}, near {size}"
        )
        yield worded("published_otherwise", text, quant=quant, native=native, size=size)
