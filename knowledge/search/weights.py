"""The fitted numbers of the error matcher. Data only.

Fitted on labelled reports with `knowledge.evaluate.errors.fit`; how well they do on threads they have not seen is in
the accuracy report.
"""

from __future__ import annotations

from typing import Final

FEATURES: Final = (
    *("signature_best", "signature_best_squared", "has_signature", "signature_rest", "signature_length", "in_head"),
    *("rank_with_signature", "rank_without"),
    *("opening", "opening_squared", "anywhere", "bm25", "explained", "said"),
    *("strong_opening", "strong_opening_squared", "strong_anywhere", "strong_bm25", "strong_explained", "strong_said"),
    *("unsigned_in_strong", "tool_named", "other_tool_named", "platform_named", "other_platform_named"),
)
"""What each weight of a class stands for, in order. `strong_…` count in texts that hold a strong signature."""
NONE_FEATURES: Final = (
    *("always", "strong", "best_opening", "best_bm25", "best_said", "length", "complaint", "failure"),
)
"""What each weight of "none of these" stands for, in order."""

ERROR_WEIGHTS: Final = (
    *(1.76, 1.69, 2.16, 0.60, 1.59, 0.74, 2.13, -0.08),
    *(4.05, 1.65, 3.42, 1.33, 3.08, 3.47),
    *(1.13, 0.91, 1.50, 1.23, 0.48, 0.23),
    *(-0.06, 0.26, -3.50, -0.47, -1.14),
)
NONE_WEIGHTS: Final = (4.54, -1.43, 0.24, 1.54, 0.01, 1.91, -0.69, 0.69)
NONE_LIMIT: Final = 0.18
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
