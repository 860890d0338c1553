"""The records of matching: a scored term, a scored error. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """A glossary term the text asks about; `score` in 0..1."""

    id: str
    score: float
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHit:
    """An error class a text shows. `confidence` is a calibrated probability, `matched` the words that gave it away."""

    id: str
    confidence: float
    matched: str
