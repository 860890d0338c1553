"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.52, 1.56, 2.15, 0.99, 0.02, -0.32, 0.39, 1.04, 1.03, 0.17,
    2.40, -1.47, -0.64, -0.28, -0.60, 2.76, 0.10, -0.18, 0.60, 0.35,
    -0.22, 1.56, -0.48, -1.00, -0.42, -0.70, -0.42, -0.45, -2.19, -1.40,
    -0.28, -1.14, -4.56, 0.76, -0.30, 2.12, 1.32, -1.48, 1.96, 0.57,
    -2.27, 0.58, -2.88, 0.09, 0.60, -1.15, 1.83, 1.37, 3.26, 4.23,
    2.92, 0.48, 1.05, 2.31, -0.26, -1.67, -1.37, 1.56, 1.66, 0.08,
    -0.26, -0.24, 0.31, -0.04, -0.11, 0.25, 1.59, -0.23, 0.20, -0.24,
    -0.85, 0.09, 2.67, 1.72, -0.05, -1.73, 0.96, -0.05, -1.61, 2.32,
    -1.05, -2.21, 0.96, 0.20, 1.56,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
