"""The fitted numbers of the error matcher. Data only.

Fitted on labelled reports with `knowledge.evaluate.errors.fit`; how well they do on threads they have not seen is in
the accuracy report.
"""

from __future__ import annotations

from typing import Final

FEATURES: Final = (
    *("signature_best", "signature_best_squared", "has_signature", "signature_rest", "signature_length", "in_head"),
    *("rank_with_signature", "rank_without", "cue", "cue_squared", "bm25", "bm25_without"),
    *("tool_named", "other_tool_named", "platform_named", "other_platform_named", "negated"),
)
"""What each weight stands for, in order."""

ERROR_WEIGHTS: Final = (2.0, 1.0, 0.5, 0.7, 0.7, 0.8, 0.5, 0.2, 2.0, 2.0, 1.0, 1.0, 0.5, -0.5, 0.2, -0.3, -3.0)
NONE_SCORE: Final = 2.2
"""The score of "none of these", on the same scale."""
THRESHOLD: Final = 0.3
"""Below this probability the answer is "I don't know this one"."""
