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
    *("complaint_shared", "complaint_missing", "calm_missing"),
)
"""What each weight of a class stands for, in order. `strong_…` count in texts that hold a strong signature."""
NONE_FEATURES: Final = (
    *("always", "strong", "best_opening", "best_bm25", "best_said", "length", "complaint", "failure"),
    *("quiet", "wordless", "alien", "strange", "request", "asks", "elsewhere", "lead", "calm", "other_program"),
)
"""What each weight of "none of these" stands for, in order."""

ERROR_WEIGHTS: Final = (
    *(1.67, 1.72, 1.52, 0.88, 1.06, 0.87, 1.48, -0.27),
    *(3.36, 2.03, 3.18, 2.65, 3.67, 4.14, 0.69, 0.48),
    *(1.00, 0.67, 0.75, 0.42, -0.81, 1.02, -1.80, 0.28),
    *(-0.63, 1.16, -0.60, 0.24),
)
NONE_WEIGHTS: Final = (
    *(4.04, -1.44, 1.14, 2.07, -0.20, 1.47, 0.72, 0.77),
    *(-0.21, -0.67, 1.03, 1.66, -0.00, 1.28, 1.86, -1.44),
    *(1.71, 2.68),
)
NONE_LIMIT: Final = 0.15
"""From this probability of "none of these" on, the answer to a long text is "I don't know this one"."""
SHORT_NONE_LIMIT: Final = 0.3
"""The same for a line or two: what little it says is what is wrong, where a long report resembles much by chance."""
SHORT_CHARS: Final = 160
LONG_CHARS: Final = 400
"""Between these lengths, in characters, the limit goes over from the one to the other."""
SIGNED_NONE_LIMIT: Final = 0.5
"""The same where the likeliest class shows one of its signatures."""
