"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.34, 1.42, 2.08, 0.67, -0.28, -0.63, 0.76, 0.48, 0.81, 0.86,
    0.93, -0.93, -0.70, -0.20, -0.34, 2.96, 0.35, -0.35, -0.05, 0.97,
    0.07, 0.75, -0.35, -0.71, -0.75, -0.42, -0.56, -0.60, -0.75, 0.97,
    -0.93, -0.27, -1.85, -0.46, 0.18, -4.26, -1.01, -1.80, 3.04, 1.55,
    -1.15, 0.24, 0.96, -0.29, 0.24, -2.73, 0.30, 0.72, -1.06, 1.56,
    1.13, 3.16, 4.21, 2.79, 0.40, 1.46, 2.47, -0.02, -0.17, -0.55,
    -0.02, 0.82, -0.65, -0.02, -0.33, 0.77, 0.35, -0.56, -0.08, 1.11,
    -0.35, 0.28, 0.04, -1.04, -1.31, 2.90, 1.52, -0.00, -1.52, 0.79,
    -0.03, -1.41, 1.49, -1.22, -2.87, 0.88, 0.29, 1.43,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
