"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 4 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.44, 1.54, 3.00, 0.34, 1.19, -1.56, 0.31, 1.19, 1.24, 0.48,
    2.90, -1.48, -1.28, -0.09, -0.14, 2.85, 0.09, -0.99, 0.52, 0.61,
    -0.45, 2.03, -0.43, -0.78, -0.85, -0.22, -1.06, -1.13, -2.51, -1.92,
    0.11, -1.41, -4.50, 0.44, -0.28, 1.19, 0.52, -0.15, 1.09, -0.60,
    -0.25, 0.66, -2.68, 0.31, 0.68, -0.71, 1.88, 1.45, 3.38, 4.79,
    2.58, 0.48, 0.99, 2.76, 0.33, -1.38, -1.17, 0.11, 1.58, -0.37,
    0.33, 0.03, 0.80, -0.59, -0.04, -0.19, 0.84, -0.45, 0.13, 2.85,
    1.84, 0.13, -1.72, 0.88, -0.15, -1.31, 1.09, -1.13, -1.51, 0.66,
    0.82, 0.98,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
