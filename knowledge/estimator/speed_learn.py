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
PRIOR_SD = {"bandwidth": 0.1, "unpack": 0.2, "launch": 0.3, "expert": 0.2, "depth": 0.2}
"""Spread (log) of a machine's own factors around the model's: about that of the generations' fitted effects."""
WHOLE_SD = 0.05
KIND_SD = (0.1, 0.1, 0.1)
"""Spread of what a model, its family and its file type each add on any machine: about the scatter of families on
machines that are well measured."""
NOISE_SD = 0.06
"""Spread of a measurement: two people with one device, model and type differ by 5 % in the median, some by more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What was run, as far as errors are shared: model, family and file type."""

    model_id: str = ""
    family: str = ""
    quant: str = ""

    def shared(self, other: Kind) -> tuple[bool, bool, bool]:
        """Which of model, family and file type are the same (and known)."""
        return (
            self.model_id != "" and self.model_id == other.model_id,
            self.family != "" and self.family == other.family,
            self.quant != "" and self.quant == other.quant,
        )


ANY_KIND = Kind()
"""Nothing known of what is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A machine's own log factors after a measurement: in the order of GROUPS, of the whole, and by what is shared."""

    groups: tuple[float, ...]
    whole: float
    kind: Kind
    by_kind: tuple[float, ...]

    def of_term(self, term: str) -> float:
        """Factor on the seconds of a term of the decode time."""
        return math.exp(sum(self.groups[GROUPS.index(group)] for group in TERM_GROUPS[term]))

    def of_whole(self, kind: Kind) -> float:
        """Factor on the whole decode time of what is run."""
        shared = self.kind.shared(kind)
        return math.exp(self.whole + sum(own for own, same in zip(self.by_kind, shared, strict=True) if same))


def learn(terms_s: Iterable[tuple[str, float]], log_ratio: float, kind: Kind) -> Learnt:
    """Return what a measurement teaches.

    `terms_s` are the estimate's seconds by term, `log_ratio` is log(measured seconds / estimated).
    """
    told = list(terms_s)
    shares = group_shares(told)
    variances = [PRIOR_SD[group] ** 2 for group in GROUPS]
    explained = sum(s * s * v for s, v in zip(shares, variances, strict=True)) + WHOLE_SD**2
    of_kind = [sd * sd for sd, known in zip(KIND_SD, kind.shared(kind), strict=True) if known]
    per_variance = log_ratio / (explained + sum(of_kind) + NOISE_SD**2)
    by_kind = tuple(sd * sd * per_variance for sd in KIND_SD)
    groups = tuple(s * v * per_variance for s, v in zip(shares, variances, strict=True))
    draft = Learnt(groups=groups, whole=0.0, kind=kind, by_kind=by_kind)
    moved = math.log(sum(draft.of_term(name) * s for name, s in told) / sum(s for _, s in told))
    # the exact factors curve upwards: the whole takes what they would overshoot
    whole = (explained * per_variance) - moved
    return Learnt(groups=groups, whole=whole, kind=kind, by_kind=by_kind)


def group_shares(terms_s: Iterable[tuple[str, float]]) -> tuple[float, ...]:
    """Share of the time that each group is part of."""
    told = list(terms_s)
    total = sum(seconds for _, seconds in told)
    return tuple(sum(seconds for name, seconds in told if group in TERM_GROUPS[name]) / total for group in GROUPS)
