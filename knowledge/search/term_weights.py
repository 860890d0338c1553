"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.51, 1.61, 2.92, 0.89, 1.84, -2.15, 0.32, 1.11, 1.07, 0.14,
    2.89, -1.69, -1.78, -0.15, 0.02, 2.28, 0.27, -1.28, 0.61, 0.11,
    -0.97, 2.89, -0.54, -0.95, -0.90, -0.36, -0.97, -1.03, -2.56, -1.53,
    -0.03, -1.30, -4.81, 0.72, -0.29, 1.71, 0.60, -0.19, 1.56, -0.58,
    -0.34, 1.13, -2.72, 0.55, 0.58, -0.72, 1.52, 1.43, 3.17, 4.29,
    2.62, 0.48, 1.16, 3.30, 0.83, -1.25, -2.86, 0.52, 1.59, -0.21,
    0.83, -0.11, 0.13, -0.20, -0.21, -0.72, 1.10, -0.53, 0.33, 2.55,
    1.86, 0.22, -1.68, 0.86, -0.10, -1.24, 1.55, -0.88, -1.97, 0.90,
    0.61, 1.05,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
