"""The speed model's constants, read once from calibration.json beside this module.

Holds and looks up; fits nothing (knowledge.evaluate.fit_speed writes the file) and knows no formulas.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.estimator.speed_terms import Effects, Numbers

CALIBRATION_PATH = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Log effects by name for decode and prefill, spreads by class, and what was measured.

    `spread` maps `decode|prefill` → class → (log low, log high): the 80 % interval of unseen rows around the estimate.
    `seen` maps a device id (or `generation:x`) to the model families measured on it, `seen_factor` narrows the spread
    for such devices.
    """

    effects: Mapping[str, float]
    spread: Mapping[str, Mapping[str, tuple[float, float]]]
    seen: Mapping[str, frozenset[str]]
    seen_factor: float

    def __hash__(self) -> int:
        """Hash what is cheap to: what a set of constants makes of a processor is remembered by both."""
        return hash((len(self.effects), self.seen_factor))

    def log_factor(self, effects: Effects) -> Numbers:
        """Return the summed effects; names without a constant count nothing."""
        total: Numbers = 0.0
        for name, value in effects:
            constant = self.effects.get(name)
            if constant is not None:
                total = total + constant * value
        return total

    def factor(self, effects: Effects) -> Numbers:
        """Return exp of the summed effects."""
        return exp(self.log_factor(effects))


def exp(total: Numbers) -> Numbers:
    """The exponential, elementwise for arrays; of a plain number without NumPy's detour."""
    return math.exp(total) if isinstance(total, (int, float)) else _exp(total)


def _exp(total: Numbers) -> Numbers:
    import numpy as np

    return np.exp(total)


def from_mapping(data: Mapping[str, Any]) -> Calibration:
    """Return a Calibration from the parsed file."""
    return Calibration(
        effects={name: float(value) for group in data["effects"].values() for name, value in group["values"].items()},
        spread={
            kind: {name: (float(low), float(high)) for name, (low, high) in classes.items()}
            for kind, classes in data["spread"].items()
        },
        seen={name: frozenset(families) for name, families in data["seen"].items()},
        seen_factor=float(data["seen_factor"]),
    )


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """Return the committed constants."""
    return from_mapping(json.loads(CALIBRATION_PATH.read_text(encoding="utf-8")))
