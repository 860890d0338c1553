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

TERM_FEATURES: Final = (
    *(
        "names",
        "names_typed",
        "names_share",
        "names_setting",
        "names_generic",
        "names_everywhere",
        "names_chance",
        "names_direct",
        "names_compared",
    ),
    *("names_versus", "names_several", "names_leftover", "names_strange", "names_vague_leftover", "names_like"),
    *("names_first",),
    *("one", "opening", "opening_squared", "bm25", "explained", "said", "first", "margin", "like_leftover"),
    *("kept", "named", "share", "vague", "chance", "beside_names"),
    *("kept_of_several", "beside_specific", "beside_leftover"),
    *("none", "strange", "strange_leftover", "leftover", "asks", "by_chance", "best_like"),
)
"""What each weight of a reading of a question stands for, in order."""
TERM_WEIGHTS: Final = (
    *(
        2.26,
        2.38,
        3.54,
        -0.00,
        -0.55,
        -1.33,
        0.00,
        2.53,
    ),
    *(
        -0.01,
        1.55,
        -0.52,
        -1.38,
        0.37,
        -0.95,
        1.61,
        0.63,
    ),
    *(
        -3.78,
        2.10,
        1.56,
        4.95,
        1.76,
        3.28,
        0.39,
        1.18,
    ),
    *(
        2.69,
        0.28,
        -0.35,
        1.57,
        0.05,
        1.66,
        0.96,
        0.40,
    ),
    *(
        0.10,
        2.55,
        2.12,
        2.21,
        2.00,
        -1.69,
        1.38,
        0.00,
    ),
    *(-1.25,),
)
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
