"""What one measured decode speed teaches about a machine: a Bayesian update of its own factors.

Where an estimate is wrong, its parts are wrong by different amounts: bandwidth, unpacking, launches, experts, depth,
and the whole. Each has a prior spread; a measurement moves each by its share of the time, so that a model with other
shares is corrected by other amounts. Model, family and file type have errors of their own, which only their like
inherit. Computes no speeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

GROUPS = ("bandwidth", "unpack", "launch", "expert", "depth")
TERM_GROUPS: dict[str, tuple[str, ...]] = {
    "stream": ("bandwidth",),
    "expert": ("bandwidth", "expert"),
    "unpack": ("unpack",),
    "kv": ("bandwidth", "depth"),
    "attend": ("unpack", "depth"),
    "layer": ("launch",),
    "expert-layer": ("launch", "expert"),
    "recurrent-layer": ("launch",),
    "vocab": ("launch",),
    "fixed": ("launch",),
}
"""What each term of the decode time is wrong together with."""
PRIOR_SD = {"bandwidth": 0.1, "unpack": 0.3, "launch": 0.3, "expert": 0.2, "depth": 0.2}
"""Spread (log) of a machine's own factors around the model's: about that of the generations' fitted effects."""
WHOLE_SD = 0.05
KIND_SD = 0.06
"""Spread of what a model, its family and a file type each add on any machine."""
NOISE_SD = 0.05
"""Spread of a measurement: two people with one device, model and type differ by 5 % in the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What was run, as far as errors are shared: model, family and file type."""

    model_id: str = ""
    family: str = ""
    quant: str = ""

    def likeness(self, other: Kind) -> int:
        """How many of the three are the same (and known)."""
        pairs = ((self.model_id, other.model_id), (self.family, other.family), (self.quant, other.quant))
        return sum(1 for one, two in pairs if one and one == two)


ANY_KIND = Kind()
"""Nothing known of what is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A machine's own log factors after a measurement: in the order of GROUPS, of the whole, and by likeness."""

    groups: tuple[float, ...]
    whole: float
    kind: Kind
    per_likeness: float

    def of_term(self, term: str) -> float:
        """Factor on the seconds of a term of the decode time."""
        return math.exp(sum(self.groups[GROUPS.index(group)] for group in TERM_GROUPS[term]))

    def of_whole(self, kind: Kind) -> float:
        """Factor on the whole decode time of what is run."""
        return math.exp(self.whole + self.per_likeness * self.kind.likeness(kind))


def learn(terms_s: Iterable[tuple[str, float]], log_ratio: float, kind: Kind) -> Learnt:
    """Return what a measurement teaches.

    `terms_s` are the estimate's seconds by term, `log_ratio` is log(measured seconds / estimated).
    """
    told = list(terms_s)
    shares = group_shares(told)
    variances = [PRIOR_SD[group] ** 2 for group in GROUPS]
    explained = sum(s * s * v for s, v in zip(shares, variances, strict=True)) + WHOLE_SD**2
    likeness = kind.likeness(kind)
    total = explained + likeness * KIND_SD**2
    per_variance = log_ratio / (total + NOISE_SD**2)
    groups = tuple(s * v * per_variance for s, v in zip(shares, variances, strict=True))
    draft = Learnt(groups=groups, whole=0.0, kind=kind, per_likeness=KIND_SD**2 * per_variance)
    moved = math.log(sum(draft.of_term(name) * s for name, s in told) / sum(s for _, s in told))
    # the exact factors curve upwards: the whole takes what they would overshoot
    whole = (explained * per_variance) - moved
    return Learnt(groups=groups, whole=whole, kind=kind, per_likeness=draft.per_likeness)


def group_shares(terms_s: Iterable[tuple[str, float]]) -> tuple[float, ...]:
    """Share of the time that each group is part of."""
    told = list(terms_s)
    total = sum(seconds for _, seconds in told)
    return tuple(sum(seconds for name, seconds in told if group in TERM_GROUPS[name]) / total for group in GROUPS)
