"""Says an issue's subject and preheader in a reader's language, where they are the ones we compose. Pure.

Both are sentences of one form around names and counts (`compose.subject_of`, and the preheader beside it); whatever has
another form, because a maintainer wrote it or it is of an older issue, stays as it is. Names are never translated.
"""

from __future__ import annotations

import re
from typing import Final

from digest.languages import ENGLISH, Words, words_in

SUBJECT: Final = "Local AI in %(month)s: %(names)s"
AND_LAST: Final = "%(names)s and %(last)s"
RELEASES: Final = ("%(count)s release", "%(count)s releases")
RUN_ON: Final = "%(month)s: models that run on %(machine)s: %(count)s"
AMONG_THEM: Final = "%(month)s: models that run on %(machine)s: %(count)s. Among them: %(names)s"
SAID: Final = frozenset({SUBJECT, AND_LAST, *RELEASES, RUN_ON, AMONG_THEM})

_MONTHS: Final = {name: number for number, name in enumerate(words_in(ENGLISH).months, start=1)}
_NAMED: Final = "|".join(_MONTHS)
_SUBJECT: Final = re.compile(rf"Local AI in ({_NAMED}): (\S.{{0,180}})")
_COUNTED: Final = re.compile(r"([\d,]{1,9}) releases?")
_PREHEADER: Final = re.compile(
    rf"(\d{{1,6}}) of ({_NAMED}) (20\d\d)'s models run on (?:your|an?) (.{{1,100}}?)(?:, (.{{1,150}}) among them)?\."
)
_FILLER: Final = re.compile(r"[\s\u2007\ufeff\u034f]*\Z")
"""What keeps mail programs from showing the words after a preheader."""


def subject_in(subject: str, language: str) -> str:
    """Return an issue's subject as a reader of this language gets it."""
    words, found = words_in(language), _SUBJECT.fullmatch(subject)
    if words.language == ENGLISH or found is None:
        return subject
    month, names = words.months[_MONTHS[found[1]] - 1], found[2]
    counted = _COUNTED.fullmatch(names)
    said = words.say(RELEASES[counted[1] != "1"]) % {"count": counted[1]} if counted else _listed(names, words)
    return words.say(SUBJECT) % {"month": month, "names": said}


def preheader_in(preheader: str, language: str) -> str:
    """Return an issue's preheader as a reader of this language gets it; what fills it up behind stays."""
    words, said = words_in(language), _FILLER.sub("", preheader)
    found = _PREHEADER.fullmatch(said)
    if words.language == ENGLISH or found is None:
        return preheader
    count, month, year, machine, names = found.groups()
    values = {"count": count, "month": words.month(f"{year}-{_MONTHS[month]:02}"), "machine": machine}
    if names:
        values["names"] = _listed(names, words)
    new = words.say(AMONG_THEM if names else RUN_ON) % values
    return new[:1].upper() + new[1:] + preheader[len(said) :]


def _listed(names: str, words: Words) -> str:
    before, last_and, last = names.rpartition(" and ")
    return words.say(AND_LAST) % {"names": before, "last": last} if last_and else names
