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
    *(1.76, 1.68, 2.20, 0.58, 1.61, 0.78, 2.14, -0.07),
    *(4.19, 1.29, 3.34, 1.41, 3.39, 3.82),
    *(1.09, 0.90, 1.51, 1.19, 0.47, 0.22),
    *(-0.05, 0.38, -3.47, -0.55, -1.15),
)
NONE_WEIGHTS: Final = (4.50, -1.37, 0.67, 1.54, -0.25, 2.08, -0.72, 0.57)
NONE_LIMIT: Final = 0.2
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
