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
    *(1.78, 1.74, 2.11, 0.68, 1.47, 0.88, 2.11, -0.05),
    *(4.26, 1.98, 3.84, 2.07, 3.61),
    *(1.03, 0.80, 1.41, 1.19, 0.46),
    *(-0.11, 0.39, -3.50, -0.30, -1.05),
)
NONE_WEIGHTS: Final = (4.53, -1.44, 0.95, 1.68, -1.16, 2.72)
NONE_LIMIT: Final = 0.25
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
