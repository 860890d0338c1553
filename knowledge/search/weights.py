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
    *(1.77, 1.70, 2.17, 0.58, 1.59, 0.72, 2.11, -0.08),
    *(4.06, 1.66, 3.42, 1.38, 3.04, 3.42),
    *(1.14, 0.92, 1.51, 1.22, 0.48, 0.22),
    *(-0.04, 0.26, -3.50, -0.38, -1.13),
)
NONE_WEIGHTS: Final = (4.52, -1.40, 0.26, 1.54, 0.10, 1.94, -0.69, 0.75)
NONE_LIMIT: Final = 0.18
"""From this probability of "none of these" on, the answer is "I don't know this one"."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
