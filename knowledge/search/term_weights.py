"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.43, 1.54, 2.29, 0.95, 0.10, -0.66, 0.20, 1.07, 1.24, -0.02,
    2.65, -1.35, -0.68, -0.23, -0.85, 2.71, 0.09, -0.95, 0.74, 0.63,
    -0.23, 1.23, -0.58, -1.24, -0.45, -0.52, -0.76, -0.80, -2.58, -1.19,
    -0.13, -1.17, -4.72, 1.03, -0.68, 2.65, 1.17, -1.48, 1.73, 0.96,
    -1.99, 0.90, -2.76, 0.27, 0.30, -0.68, 1.75, 1.38, 3.22, 3.94,
    2.69, 0.60, 0.75, 2.47, -0.10, -1.77, -1.17, 1.51, 1.88, 0.25,
    -0.10, -0.25, 0.29, -0.17, 0.01, -0.30, 1.17, -0.35, 0.32, -0.24,
    -0.88, -0.07, 2.64, 1.76, 0.10, -1.83, 0.76, -0.06, -1.42, 1.61,
    -1.00, -1.87, 0.88, 0.42, 1.36,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
