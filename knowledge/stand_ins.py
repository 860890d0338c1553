"""Which models stand for a size: a question that says "a 70B" and no name is answered for the most used of that size.

What stands in is said with the answer, always. Names are read elsewhere; nothing is estimated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from knowledge.catalog import Model
from knowledge.said import worded

_SIZE = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*b\b", re.IGNORECASE)
_NEAR = 0.1
"""Models whose count of parameters is within this share of the size are called by it (Llama 3.3 70B has 70.6)."""

_KINDS = frozenset({"chat", "reasoning", "vlm"})
_LEAST_SHARE = 0.1
"""A model stands for its size only if it has this share of the downloads of the most used of that size."""


def size_of(text: str | None) -> float | None:
    """The billions of parameters a text names and nothing else ("70B", "8b model"); None where it says more."""
    found = _SIZE.match((text or "").strip())
    return float(found[1]) if found else None


def stand_ins(models: Mapping[str, Model], size: float) -> tuple[Model, ...]:
    """The most used dense model of about `size` billion parameters, then the most used mixture of experts.

    One that has the size in its name goes before one that comes near. Others' fine-tunes stand for nothing but
    themselves; empty where no model of that size has a known shape.
    """
    named = re.compile(rf"(?<![\d.]){re.escape(f'{size:g}')}b\b", re.IGNORECASE)
    near = [model for model in models.values() if _fits(model, size, models)]
    near.sort(key=lambda model: (named.search(model.name) is None, -model.downloads, model.id))
    least = _LEAST_SHARE * max((model.downloads for model in near), default=0)
    used = [model for model in near if model.downloads >= least]
    dense = next((model for model in used if not _is_moe(model)), None)
    experts = next((model for model in used if _is_moe(model)), None)
    return tuple(model for model in (dense, experts) if model is not None)


def said_of(size: float, models: Iterable[Model]) -> str:
    """What is said with the answer."""
    names = ", ".join(model.name for model in models)
    template = "no model was named; computed for the most downloaded of about {size}B: {names}"
    return worded("stand_in", template, size=f"{size:g}", names=names)


def _fits(model: Model, size: float, models: Mapping[str, Model]) -> bool:
    total = (model.params_total or 0) / 1e9
    base = models.get(model.base_id or "")
    own = base is None or base.org == model.org
    return model.shape is not None and model.kind in _KINDS and own and abs(total - size) <= _NEAR * size


def _is_moe(model: Model) -> bool:
    return model.shape is not None and model.shape.n_expert > 0
