"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.28, 1.36, 2.35, 0.76, -0.49, -0.80, 0.43, 0.57, 1.00, 1.02,
    0.58, -0.86, -0.58, -0.17, -0.60, 2.89, 0.19, -0.21, 0.39, 0.87,
    0.01, 0.81, -0.22, -0.90, -0.57, -0.33, -0.86, -0.90, -1.35, 1.49,
    -1.10, -0.16, -4.30, -1.19, -2.02, 3.23, 1.85, -1.20, 0.24, 0.79,
    -0.62, 0.20, -2.63, 0.21, 0.71, -1.05, 1.81, 0.92, 3.33, 4.21,
    2.51, 0.48, 1.13, 2.17, -0.01, -0.25, -0.64, -0.29, 0.80, -0.67,
    -0.01, -0.06, 0.47, 0.38, -0.44, 0.15, 1.29, -0.31, 0.33, -0.08,
    -1.09, -1.11, 2.82, 1.56, -0.10, -1.48, 0.81, -0.05, -1.31, 1.57,
    -0.97, -2.61, 0.71, 0.50, 1.53,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
