"""Whether a text tells of something that went wrong, or asks: what was tried, what came of it, what a program does.

For route.py, beside its words for errors. It knows ways of telling, no errors, no models and no hardware.
"""

from __future__ import annotations

from typing import Final

from knowledge import linear

_REPORT: Final = linear.compile(
    r"\b(?:i|we|you|it|vllm|ollama|studio|server)(?:'m|'ve| am| have| keeps?| just| always)? "
    r"(?:got|get|gets|getting|says?|said|throws?|shows?|complains?|reports?|crash(?:es|ed)|fails?|failed|dies|hangs?) "
    r"|\b(?:got|getting|throws?|with|this|the|an?) (?:\w+ )?(?:error|exception|warning|message)?:? ?['\"“‘`]"
    r"|\b(?:simply |just |still )?(?:cannot|can'?t|could not|couldn'?t|unable to|does not|doesn'?t|won'?t|not able to) "
    r"(?:see|find|detect|recogni[sz]e|use|locate|load|start|run any|automatically)\b"
    r"|^unable to|\b(?:is|are|runs?|goes|got|gets) (?:\w+ )?(?:oom|slow|crawling|out of memory)\b|\bran out of\b"
    r"|\bnever (?:answers?|responds?|finish(?:es)?|loads?|starts?|comes? back|returns?)\b|\bspill(?:s|ed|ing)\b"
    r"|\b(?:tried|trying)\b.{0,90}\b(?:but|and (?:it|then|i)|says|got|error|failed|after)\b"
    r"|\b(?:worked|works|runs?|ran|fine|smoothly)\b.{0,60}"
    r"\b(?:as soon as|until|but (?:now|when|with|not)|since|anymore)\b"
    r"|(?:^|\n)[\s*-]*(?:no|cannot|failed|unable|value|error|invalid|missing) [^?\n]{0,60}(?:found|not in|for|to)\b"
)
_BEHAVES: Final = linear.compile(
    r"\b(?:prints?|gives?|answers?|outputs?|writes?|returns?|replies|reply|responds?|shows?) (?:me )?"
    r"(?:only|just|nothing|the same|always|random|weird|strange|\?\?|<)"
    r"|\b(?:only|just|always|still) (?:uses?|using|sees?|loads?|runs? on|works? on|burns?|the cpu)\b"
    r"|\b(?:closes?|exits?|quits?|stops?|dies|restarts?|shuts? down|kills?|killed|disappears?) "
    r"(?:right|immediately|itself|instantly|mid|in the middle|after|when|every|halfway|my|python)"
    r"|\b(?:killed|died)\b|\brepeats? (?:the same|itself|words?|one)|\bhangs? (?:at|on|when|while|after|forever)\b"
    r"|\bsince (?:the|my|i|an?|last) .{0,24}(?:update|upgrade|driver|reboot|install|version)"
    r"|\bafter (?:\w+ ){0,2}(?:update|upgrad)|\btakes (?:forever|ages|minutes|an eternity)"
    r"|\b(?:0|10|5)% (?:gpu|cpu)|(?:gpu|cpu) (?:usage|load|utili[sz]ation) (?:is )?(?:0|only|at|\d)"
    r"|\b[a-z]{2,}error[a-z]{2,}|\ballocation (?:on|failed)|\bworked (?:yesterday|before|fine|until|last)"
    r"|\bonly (?:one|the first|the second|half|cpu) (?:gpu|card|of)"
    r"|\b(?:blue ?screen|bsod|not responding|not used|unused|ignored)\b"
)
_ASKED: Final = linear.compile(
    r"\?|\bhow\b|^(?:is|are|will|would|can|does|do|should|which|what|who|any ?one)\b"
    r"|\b(?:would|will|could|should|shall|can|may|do|does) (?:it|an?|the|my|this|that|these|i|we|you|one|they)\b"
)


def tells_what_came_of_it(low: str) -> bool:
    """Whether `low`, in small letters, tells what was tried and what came of it, or what a program said."""
    return _REPORT.search(low) is not None


def tells_what_it_does(low: str) -> bool:
    """Whether `low` tells of a program that does what it should not, with or without a word for an error."""
    return _BEHAVES.search(low) is not None


def asks_anything(low: str) -> bool:
    """Whether something is asked, wherever in the text."""
    return _ASKED.search(low) is not None
