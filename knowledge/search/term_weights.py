"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.33, 1.40, 2.11, 0.64, -0.32, -0.73, 0.78, 0.45, 0.87, 0.91,
    1.07, -0.98, -0.81, -0.18, -0.34, 2.92, 0.28, -0.34, -0.06, 0.87,
    0.06, 0.74, -0.24, -0.69, -0.86, -0.37, -0.57, -0.61, -0.72, 0.99,
    -0.88, -0.28, -1.88, -0.42, 0.14, -4.42, -0.70, -1.47, 2.97, 1.38,
    -1.14, 0.13, 1.11, -0.32, 0.38, -2.71, 0.27, 0.81, -1.14, 1.54,
    1.04, 3.05, 4.29, 2.75, 0.42, 1.50, 2.49, -0.04, -0.17, -0.43,
    -0.14, 0.87, -0.67, -0.04, -0.35, 0.68, 0.26, -0.95, -0.13, 1.04,
    -0.35, 0.26, 0.12, -1.03, -1.35, 2.96, 1.50, -0.02, -1.53, 0.79,
    -0.04, -1.49, 1.54, -1.27, -2.89, 0.83, 0.32, 1.37,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
