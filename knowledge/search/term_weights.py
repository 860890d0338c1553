"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.27, 1.35, 2.41, 0.35, -0.31, -0.39, 0.44, 0.66, 1.31, 1.20,
    0.80, -0.72, -0.38, -0.18, -0.62, 2.82, 0.08, -0.26, 0.44, 0.81,
    -0.02, 0.53, -0.62, -0.90, -0.33, -0.37, -0.82, -0.86, -1.31, 1.40,
    -1.26, -0.18, -4.24, -1.24, -2.16, 3.32, 2.01, -1.37, 0.23, 0.95,
    -0.79, 0.26, -2.63, 0.37, 0.62, -0.78, 1.76, 0.80, 3.42, 4.27,
    2.48, 0.44, 1.14, 1.95, -0.45, -0.41, -0.32, -0.68, 0.79, -0.51,
    -0.45, -0.01, 0.54, 0.33, -0.47, 0.56, 1.55, -0.34, 0.35, -0.13,
    -1.15, -0.25, 2.90, 1.61, -0.10, -1.47, 0.97, -0.06, -1.50, 1.68,
    -0.99, -2.34, 0.76, 0.42, 1.61,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
