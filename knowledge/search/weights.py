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
    *(1.66, 1.72, 1.50, 0.89, 1.06, 0.85, 1.50, -0.27),
    *(3.38, 2.05, 3.20, 2.65, 3.69, 4.17, 0.69, 0.49),
    *(1.01, 0.66, 0.75, 0.43, -0.83, 0.99, -1.83, 0.26),
    *(-0.65, 1.18, -0.58, 0.22),
)
NONE_WEIGHTS: Final = (
    *(3.96, -1.44, 1.05, 2.09, -0.32, 1.54, 0.70, 0.84),
    *(-0.03, -0.72, 1.05, 1.54, -0.00, 1.30, 1.90, -1.46),
    *(1.70, 2.24),
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
