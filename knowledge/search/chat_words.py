"""Words as they are typed in a chat, spelled out before a question is read: "ppl" as people, "u" as you, "w/" as with.

What is a name where it stands alone ("ppl", "r") is spelled out only where the words beside it say that it is none.
It knows no terms.
"""

from __future__ import annotations

import re
from typing import Final

_SPELLED: Final = {
    "you": "u y'all yall",
    "your": "ur yr",
    "because": "cuz coz bcuz bcs b/c bc becuz",
    "though": "tho",
    "something": "smth sth smthing somethin",
    "what do you mean": "wdym wym",
    "want to": "wanna",
    "going to": "gonna",
    "have to": "gotta hafta",
    "i do not know": "dunno idk",
    "thanks": "thx tnx tysm",
    "without": "w/o",
    "people": "ppls peeps folks",
    "really": "rly rlly realy",
    "": "tbh imo imho afaik iirc btw fwiw tbf rn atm lmao rofl omg smh haha hehe kinda sorta bruh",
}
"""What is meant → how it is typed."""
_MEANT: Final = {typed: meant for meant, ways in _SPELLED.items() for typed in ways.split()}
_TYPED: Final = re.compile(
    r"(?<![\w/'-])(?:" + "|".join(re.escape(typed) for typed in sorted(_MEANT, key=len, reverse=True)) + r")(?![\w/'-])"
)
_PEOPLE: Final = re.compile(
    r"\bppl(?= (?:say|said|use|used|are|do|dont|don't|have|think|talk|talking|recommend|want|like|get|keep|who|that|"
    r"call|mean|post|always|still|run|here|on|in|from|can|should|with)\b)|"
    r"(?:(?<=\bdo )|(?<=\bwhen )|(?<=\bsome )|(?<=\bmost )|(?<=\bmany )|(?<=\bother )|(?<=\bthese )|(?<=\bfew ))ppl\b"
)
_ARE: Final = re.compile(r"(?:(?<=\bwhat )|(?<=\bhow )|(?<=\bwhy )|(?<=\bthey )|(?<=\bthese )|(?<=\bthose ))r(?= )")
_OPTION_VARIABLE: Final = re.compile(r"\bLLAMA_ARG_(?=[A-Z])")
"""What stands before an option's name where it is set by an environment variable."""
_WITH: Final = re.compile(r"(?<= )w/ ?(?=\w)")


def spelled_out(text: str) -> str:
    """`text` with chat spellings written out; everything else, and what is written in capitals, stays."""
    text = _OPTION_VARIABLE.sub("", _TYPED.sub(lambda match: _MEANT[match[0]], text))
    return _WITH.sub("with ", _ARE.sub("are", _PEOPLE.sub("people", text)))
