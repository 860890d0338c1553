"""The fitted numbers of the error matcher. Data only.

Fitted on labelled reports with `knowledge.evaluate.errors.fit`; how well they do on threads they have not seen is in
the accuracy report.
"""

from __future__ import annotations

from typing import Final

FEATURES: Final = (
    *("signature_best", "signature_best_squared", "has_signature", "signature_rest", "signature_length", "in_head"),
    *("rank_with_signature", "rank_without"),
    *("opening", "opening_squared", "anywhere", "bm25", "explained"),
    *("strong_opening", "strong_opening_squared", "strong_anywhere", "strong_bm25", "strong_explained"),
    *("unsigned_in_strong", "tool_named", "other_tool_named", "platform_named", "other_platform_named"),
)
"""What each weight of a class stands for, in order. `strong_…` count in texts that hold a strong signature."""
NONE_FEATURES: Final = ("always", "strong", "best_opening", "best_bm25", "best_explained", "length")
"""What each weight of "none of these" stands for, in order."""

ERROR_WEIGHTS: Final = (
    *(1.72, 1.69, 1.98, 0.59, 0.87, 0.83, 1.71, -0.14),
    *(3.64, 2.20, 3.13, 1.79, 3.34),
    *(0.77, 0.63, 1.39, 0.78, 0.36),
    *(-0.10, 0.18, -2.71, -0.23, -0.82),
)
NONE_WEIGHTS: Final = (3.69, -0.91, 1.26, 1.88, -0.73, 2.09)
NONE_LIMIT: Final = 0.3
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
