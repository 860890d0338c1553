"""What the bot needs of the knowledge core, as a protocol that `knowledge.answers.Answers` fulfils. No behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from knowledge.catalog import ErrorClass, Term
from knowledge.estimator.request import FitAnswer

Kind = Literal["model", "hardware", "quant", "term", "error"]


class AnswersPort(Protocol):
    """Pure answers from one snapshot; every method takes milliseconds at most and raises knowledge.errors only."""

    def estimate_text(
        self,
        model: str,
        hardware: str,
        quant: str = "",
        n_ctx: int | None = None,
        ram_gib: float | None = None,
        engine: str = "",
        type_k: str = "",
        type_v: str = "",
    ) -> FitAnswer:
        """Whether a model runs on some hardware, both as people write them."""
        ...

    def define(self, text: str) -> Sequence[Term]:
        """Find the terms a text asks about, best first; none when it knows none."""
        ...

    def diagnose(self, text: str) -> Sequence[tuple[ErrorClass, float]]:
        """Find the error classes a log or a description shows, with confidences, best first."""
        ...

    def complete(self, kind: Kind, typed: str, limit: int = 25) -> Sequence[tuple[str, str]]:
        """Offer (id, label) pairs for what has been typed so far."""
        ...
