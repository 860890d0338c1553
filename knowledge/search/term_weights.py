"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.43, 1.54, 2.26, 0.96, 0.10, -0.66, 0.20, 1.07, 1.24, -0.04,
    2.65, -1.33, -0.70, -0.22, -0.84, 2.71, 0.09, -0.95, 0.74, 0.61,
    -0.23, 1.23, -0.57, -1.24, -0.47, -0.52, -0.76, -0.79, -2.56, -1.20,
    -0.11, -1.31, -4.73, 1.02, -0.68, 2.65, 1.16, -1.48, 1.74, 1.02,
    -1.98, 0.90, -2.76, 0.27, 0.31, -0.69, 1.76, 1.38, 3.22, 3.94,
    2.69, 0.59, 0.75, 2.47, -0.10, -1.78, -1.18, 1.53, 1.89, 0.25,
    -0.10, -0.25, 0.30, -0.17, 0.01, -0.30, 1.17, -0.35, 0.32, -0.23,
    -0.88, -0.07, 2.63, 1.77, 0.10, -1.83, 0.77, -0.06, -1.42, 1.62,
    -1.00, -1.87, 0.87, 0.42, 1.36,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
