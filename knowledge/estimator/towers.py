"""Vision towers of the model families: the facts a projector's size and buffers follow from. Facts only, no arithmetic.

Widths are those of each family's published `vision_config`; the largest image is what llama.cpp's `tools/mtmd` works
with by default (`clip.cpp`, b11434). `find_tower` says which tower a model of the catalogue has; None where no
facts about it are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from knowledge.catalog import Model, ModelShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """A vision transformer and its projector.

    `side` is the side (pixels) of the largest square image. `merge` patches along each side become one token: joined
    into one long row, averaged, or put together by a matrix of their own (`joins`). The projector's two matrices are
    in × hidden and hidden × out; `hidden` is the input's width, the text model's, or nothing where there is one matrix.
    `n_projector` counts such pairs.
    """

    n_layer: int
    n_embd: int
    n_head: int
    n_ff: int
    patch: int
    side: int
    merge: int = 1
    gated: bool = False
    n_position: int = 0
    patch_depth: int = 1
    joins: Literal["row", "average", "matrix"] = "row"
    hidden: Literal["in", "text", ""] = "text"
    n_projector: int = 1


_SIGLIP = Tower(n_layer=27, n_embd=1152, n_head=16, n_ff=4304, patch=14, side=384, merge=1, n_position=729)
_CLIP_L = Tower(n_layer=23, n_embd=1024, n_head=16, n_ff=4096, patch=14, side=336, n_position=577)
_PIXTRAL = Tower(n_layer=24, n_embd=1024, n_head=16, n_ff=4096, patch=14, side=896, merge=2, gated=True, joins="matrix")
_QWEN2 = Tower(n_layer=32, n_embd=1280, n_head=16, n_ff=5120, patch=14, side=1288, merge=2, patch_depth=2, hidden="in")
_QWEN25 = replace(_QWEN2, n_ff=3420, gated=True)
_QWEN3_SMALL = Tower(
    n_layer=24,
    n_embd=1024,
    n_head=16,
    n_ff=4096,
    patch=16,
    side=1472,
    merge=2,
    n_position=2304,
    patch_depth=2,
    hidden="in",
)
_QWEN3_LARGE = replace(_QWEN3_SMALL, n_layer=27, n_embd=1152, n_ff=4304)
_QWEN3_TINY = replace(_QWEN3_SMALL, n_layer=12, n_embd=768, n_head=12, n_ff=3072)
_GEMMA3 = replace(_SIGLIP, side=896, merge=4, n_position=4096, joins="average", hidden="")
_LLAMA4 = Tower(n_layer=34, n_embd=1408, n_head=16, n_ff=5632, patch=14, side=336, merge=2, n_position=577)
_INTERN_300M = Tower(n_layer=24, n_embd=1024, n_head=16, n_ff=4096, patch=14, side=448, merge=2, n_position=1025)
_SMOL = Tower(n_layer=12, n_embd=768, n_head=12, n_ff=3072, patch=16, side=512, merge=4, n_position=1024, hidden="")

GEMMA3_WIDTHS = (2560, 3840, 5376)
"""Text widths of the Gemma 3 models that see; the 1B has no tower."""

OTHER_TOWERS = ("minicpm", "intern-s")
"""Families with a tower of their own on a text part whose architecture is in the list below."""


def find_tower(model: Model) -> Tower | None:
    """The tower of a model that sees; None where its facts are not held here (or it does not see)."""
    shape = model.shape
    if shape is None or not (model.kind == "vlm" or model.n_params_vision):
        return None
    if any(name in model.name.lower() for name in OTHER_TOWERS):
        return None
    return _by_arch(shape) or _by_name(model)


def _by_arch(shape: ModelShape) -> Tower | None:
    """Towers that follow from the architecture and the width of its text part."""
    arch = shape.arch
    if arch == "gemma3":
        return _GEMMA3 if shape.n_embd in GEMMA3_WIDTHS else None
    if arch in {"qwen3vl", "qwen3vlmoe"}:
        small = arch == "qwen3vl" and shape.n_embd < 4096
        return replace(_QWEN3_SMALL if small else _QWEN3_LARGE, n_projector=4)  # three more for its deep features
    if arch in {"qwen35", "qwen35moe"}:
        if arch == "qwen35" and shape.n_embd <= 2048:
            return _QWEN3_TINY if shape.n_embd < 2048 else _QWEN3_SMALL
        return _QWEN3_SMALL if arch == "qwen35" and shape.n_embd < 4096 else _QWEN3_LARGE
    if arch == "mistral3":
        return _PIXTRAL
    return _LLAMA4 if arch == "llama4" else None


def _by_name(model: Model) -> Tower | None:
    """Towers of families whose text part is another family's model."""
    name = f"{model.family} {model.name}".lower()
    if "qwen2-vl" in name or "olmocr-7b-0225" in name:
        return _QWEN2
    if model.shape is not None and model.shape.arch == "qwen2vl":
        return _QWEN25
    if "pixtral-12b" in name:
        return replace(_PIXTRAL, patch=16, side=1024, merge=1)
    if "smolvlm" in name:
        return replace(_SIGLIP, merge=3, hidden="") if "2.2b" in name or name.endswith("smolvlm-instruct") else _SMOL
    if "internvl" in name and model.n_params_vision and model.n_params_vision < 10**9:
        return replace(_INTERN_300M, hidden="text")
    if "llava-1.5" in name or "bakllava" in name:
        return _CLIP_L
    return None
