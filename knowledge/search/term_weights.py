"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.30, 1.38, 2.35, 0.80, -0.47, -0.77, 0.43, 0.58, 0.99, 1.03,
    0.61, -0.89, -0.57, -0.17, -0.59, 2.89, 0.24, -0.24, 0.39, 0.82,
    0.02, 0.80, -0.22, -0.93, -0.55, -0.35, -0.86, -0.90, -1.33, 1.46,
    -1.09, -0.16, -4.25, -1.27, -2.06, 3.26, 1.87, -1.20, 0.22, 0.78,
    -0.64, 0.15, -2.67, 0.17, 0.60, -0.94, 1.93, 0.90, 3.36, 4.19,
    2.55, 0.44, 1.09, 2.24, -0.02, -0.24, -0.62, -0.28, 0.79, -0.66,
    -0.02, -0.05, 0.45, 0.36, -0.47, 0.16, 1.30, -0.32, 0.36, -0.05,
    -1.09, -1.07, 2.81, 1.55, -0.08, -1.53, 0.81, -0.05, -1.18, 1.58,
    -1.01, -2.61, 0.75, 0.46, 1.54,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
