"""The languages of pages, letters and an issue's frame: which there are, which one a reader wants, what is said in it.

One TOML file a language in digest/locales, keyed by the English text (the templates are English and read as such). What
is missing is said in English; a test holds that nothing is. It renders nothing. Pure but for reading the files once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "locales"
ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "pt": "Português",
    "zh": "中文",
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WANTED: Final = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")
_WANTED_MAX: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said in one language. `months` from January; `month_form` and `day_form` say how dates are written."""

    language: str
    texts: Mapping[str, str]
    months: tuple[str, ...]
    month_form: str
    day_form: str

    def say(self, text: str) -> str:
        """Return a text in this language, as it stands where it is not known."""
        return self.texts.get(text, text)

    def say_counted(self, one: str, many: str, count: int) -> str:
        """Return the form of a text that fits a count; a language of one form has it under both."""
        return self.say(one if count == 1 else many)

    def month(self, month: str) -> str:
        """Return `2026-04` as readers write it (`April 2026`)."""
        return self.month_form.format(year=int(month[:4]), month=self.months[int(month[5:7]) - 1])

    def day(self, on: date) -> str:
        """Return a day as readers write it (`5 April 2026`)."""
        return self.day_form.format(year=on.year, month=self.months[on.month - 1], day=on.day)


@lru_cache(maxsize=len(LANGUAGES))
def words_in(language: str) -> Words:
    """Return the words of a language of ours; English for any other."""
    if language == ENGLISH or language not in LANGUAGES:
        return Words(
            language=ENGLISH, texts={}, months=_MONTHS, month_form="{month} {year}", day_form="{day} {month} {year}"
        )
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    return Words(
        language=language,
        texts=found["texts"],
        months=tuple(found["months"]),
        month_form=found["month_form"],
        day_form=found["day_form"],
    )


def wanted(accept_language: str) -> str:
    """Return the language of ours that an Accept-Language header wants most; English where it wants none of them."""
    best, best_weight = ENGLISH, 0.0
    for part in accept_language[:1000].split(",")[:_WANTED_MAX]:
        match = _WANTED.fullmatch(part)
        if match is None or match[1].lower() not in LANGUAGES:
            continue
        weight = float(match[2]) if match[2] else 1.0
        if weight > best_weight:
            best, best_weight = match[1].lower(), weight
    return best
