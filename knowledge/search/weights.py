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
NONE_FEATURES: Final = (
    *("always", "strong", "best_opening", "best_bm25", "best_explained", "length", "complaint", "failure"),
)
"""What each weight of "none of these" stands for, in order."""

ERROR_WEIGHTS: Final = (
    *(1.89, 1.76, 2.21, 0.55, 1.59, 0.83, 2.05, 0.01),
    *(3.73, 2.10, 3.38, 3.42, 3.91),
    *(1.09, 0.89, 1.53, 0.97, 0.37),
    *(-0.04, 0.37, -3.51, -0.36, -1.09),
)
NONE_WEIGHTS: Final = (4.74, -1.48, 0.71, 1.90, -0.34, 2.53, -0.72, 0.95)
NONE_LIMIT: Final = 0.21
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
