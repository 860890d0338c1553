"""The question inside a message: without greetings, thanks, excuses, emoji, mentions and markup.

"Hi all, newbie here! **bm25 vs embeddings**? 🙏 Thanks" asks "bm25 vs embeddings?". It takes away only what stands at
the ends or is no word at all; what is asked keeps its words. A message that is nothing but courtesy stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from knowledge import linear
from knowledge.search.pasted import plain

MAX_CHARS: Final = 2000
"""Longer texts are reports, whose beginnings and ends mean something."""
ONE_LINE_CHARS: Final = 160
"""In so short a message a new line is a space, unless it shows a log."""
_OF_LOGS: Final = frozenset("{}[]=<>|\\")

_HELLO = (
    r"hi+|hello+|hey+a?|hiya|howdy|yo|sup|greetings|good (?:morning|evening|afternoon|day)|g'?day|hola|buenas"
    r"|salut|bonjour|hallo|moin|servus|guten (?:tag|morgen|abend)|ol[aá]|oi|ciao|hej|hei|merhaba|привет"
    r"|здравствуйте|你好|您好|大家好|こんにちは|안녕하세요"
)
_WHOM = (
    r"(?:(?:there|all|everyone|everybody|guys|folks|friends|team|people|community|y'?all|mates?|bot|again|zusammen"
    r"|leute|alle|amigos|a todos|todos|pessoal|galera|tous|tutti)[ ,]*)*"
)
_EXCUSE = (
    r"(?:(?:i'?m |i am )?(?:a |an )?(?:total |complete |absolute |bit )?(?:newbie|noob|beginner|new|newcomer)"
    r"(?: here| to (?:this|all this|llms|local llms|ai|local ai))?(?:,? so)?|sorry (?:if|for)[^.!?\n]{0,80}"
    r"|(?:just )?(?:a )?(?:quick|dumb|stupid|simple|silly|noob|newbie|basic) question"
    r"|(?:sorry,? )?(?:maybe |probably |this is )?(?:a )?(?:dumb|stupid|silly|noob) question(?: but)?"
    r"|first (?:time )?post(?: here)?|long time lurker[^.!?\n]{0,40}|hope (?:you|everyone)[^.!?\n]{0,40}"
    r"|(?:can|could) (?:someone|anyone|somebody) (?:please )?help(?: me)?)"
)
_THANKS = (
    r"(?:many |much )?(?:thanks?(?: you)?|thx|tnx|ty|tysm|cheers|appreciate it|much appreciated|vielen dank"
    r"|danke(?: schön| euch| dir)?|gracias|muchas gracias|merci|obrigad[oa]|valeu|grazie|спасибо|谢谢|多谢"
    r"|ありがとう(?:ございます)?|감사합니다)"
    r"(?:,? (?:in advance|a lot|so much|very much|everyone|all|guys|for (?:any|the|your) help|im voraus"
    r"|de antemano|d'avance|beaucoup|again))*"
)
_OPENING = linear.compile(
    rf"(?i)^(?:(?:{_HELLO})[ ,，!！]+{_WHOM}[!！,，.。:：;–—-]*\s*|(?:{_EXCUSE})\s*[!,.:;–—?-]+\s*)"
)
_CLOSING = linear.compile(rf"(?i)([.!?,;…。？！，\n]|\s|^)[\s)]*(?:{_THANKS})[\s!！.。:)]*$")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w{1,32}:)\d{5,25}>|(?<![\w.])@[A-Za-z][\w.-]{1,31}(?![\w/])")
_MARKUP = re.compile(
    r"(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])|~~|\|\|"
    r"|^[ \t]*(?:>+|#{1,3}|[-*•])[ \t]+",
    re.MULTILINE,
)
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\u2190-\u21ff]+")
_SPACES = re.compile(r"[ \t]{2,}")


def question_of(text: str) -> str:
    """What is asked in a message; the message itself where nothing would be left."""
    if len(text) > MAX_CHARS:
        return text
    bare = _MARKUP.sub("", _MENTION.sub(" ", plain(text)))
    if not bare.isascii():
        bare = _PICTURES.sub(" ", bare)
    bare = _SPACES.sub(" ", bare).strip()
    if len(bare) < ONE_LINE_CHARS and _OF_LOGS.isdisjoint(bare):
        bare = " ".join(bare.split())
    for _ in range(3):
        shorter = _closed(_OPENING.sub("", bare)).strip()
        if shorter == bare or not shorter:
            break
        bare = shorter
    return bare or text


def _closed(text: str) -> str:
    """`text` without the thanks at its end."""
    found = _CLOSING.search(text)
    return text[: found.end(1)] if found else text
