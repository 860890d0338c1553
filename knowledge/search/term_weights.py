"""The fitted numbers of the term matcher, in the order of `readings.TERM_FEATURES`. Data only.

`knowledge.evaluate.glossary.fit_shipped` on the labelled questions (each counted 8 times), our own, and every cue left
out of the index in its turn (each counted a tenth). How well they do on terms left out is in the accuracy report.
"""

from __future__ import annotations

from typing import Final

# fmt: off
TERM_WEIGHTS: Final = (
    1.45, 1.55, 2.25, 0.98, 1.07, -1.39, 0.26, 1.16, 1.23, -0.03,
    2.65, -1.31, -1.11, -0.17, -0.42, 2.97, 0.11, -0.93, 0.73, 0.85,
    -0.86, 1.38, -0.46, -1.16, -0.31, -0.38, -0.78, -0.83, -2.58, -1.21,
    -0.13, -1.16, -4.70, 0.99, -0.69, 2.67, 1.17, -1.49, 1.73, 0.96,
    -2.00, 0.90, -2.79, 0.30, 0.25, -0.51, 1.77, 1.40, 3.12, 3.97,
    2.70, 0.58, 0.65, 2.63, -0.04, -1.89, -1.10, 1.52, 1.97, 0.24,
    -0.04, -0.13, 0.66, -0.08, 0.05, -0.31, 1.34, -0.47, 0.36, -0.99,
    -0.84, -0.02, 2.63, 1.79, 0.09, -1.85, 0.78, -0.08, -1.36, 1.61,
    -0.99, -1.74, 0.85, 0.40, 1.39,
)
# fmt: on
TERM_BONUS: Final = 0.0
"""So much in favour of naming terms: a wrong term costs an asker less than no answer."""
