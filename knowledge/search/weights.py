"""The fitted numbers of the error matcher. Data only.

`knowledge.evaluate.errors.fit_shipped` on the labelled reports (each counted twice), our own descriptions and normal
logs (knowledge/evaluate/own) and the entries' examples. How well they do on threads left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

FEATURES: Final = (
    *("signature_best", "signature_best_squared", "has_signature", "signature_rest", "signature_length", "in_head"),
    *("rank_with_signature", "rank_without"),
    *("opening", "opening_squared", "anywhere", "bm25", "explained", "said"),
    *("strong_opening", "strong_opening_squared", "strong_anywhere", "strong_bm25", "strong_explained", "strong_said"),
    *("unsigned_in_strong", "tool_named", "other_tool_named", "platform_named", "other_platform_named"),
    *("complaint_shared", "complaint_missing"),
)
"""What each weight of a class stands for, in order. `strong_…` count in texts that hold a strong signature."""
NONE_FEATURES: Final = (
    *("always", "strong", "best_opening", "best_bm25", "best_said", "length", "complaint", "failure"),
    *("quiet", "wordless", "alien", "strange", "request", "asks", "elsewhere", "lead", "calm"),
)
"""What each weight of "none of these" stands for, in order."""

ERROR_WEIGHTS: Final = (
    *(1.70, 1.72, 1.49, 0.93, 1.12, 0.90, 1.55, -0.15),
    *(3.50, 1.98, 3.37, 2.08, 3.88, 4.18, 0.74, 0.58),
    *(1.03, 0.48, 0.64, 0.39, -0.86, 0.80, -1.74, -0.09),
    *(-0.86, 1.54, -0.40),
)
NONE_WEIGHTS: Final = (
    *(3.60, -1.42, 0.86, 2.38, -0.49, 1.38, 0.60, 0.79),
    *(0.21, -0.66, 1.59, 1.88, 0.07, 1.15, 1.94, -1.61),
    *(1.52,),
)
NONE_LIMIT: Final = 0.17
"""From this probability of "none of these" on, the answer to a long text is "I don't know this one"."""
SHORT_NONE_LIMIT: Final = 0.35
"""The same for a line or two: what little it says is what is wrong, where a long report resembles much by chance."""
SHORT_CHARS: Final = 160
LONG_CHARS: Final = 400
"""Between these lengths, in characters, the limit goes over from the one to the other."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
