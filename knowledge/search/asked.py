"""Takes the asking off a question: what is left of "can someone explain X to me, do i need it" is X.

It knows ways of asking, no terms; whether what is left is a name of one is the caller's business (define.py).
"""

from __future__ import annotations

from typing import Final

from knowledge import linear

MAX_TAKEN: Final = 4
"""So many words of greeting before, and so many ways to end a question, are taken off at most."""
_GREETING = linear.compile(
    r"^(?:so|ok|okay|hey|hi|hello|yo|um|uh|well|and|but|also|please|pls|plz|sorry|lol|question|"
    r"(?:quick|noob|dumb|stupid|newbie) question)[ ,:!.;-]+"
)
_BEFORE = linear.compile(
    r"^(?:what happens if i (?:change|use|enable|disable|turn off)|"
    r"wh?at(?:['’]?s)?(?: (?:the (?:hell|heck|fuck)|exactly|actually|even|on earth|tf))?(?: (?:is|are|does|do))?|"
    r"whats|wtf(?: is| are| does)?|define|explain|eli5|(?:the )?(?:meaning|definition|purpose|point|use) of|"
    r"how (?:do|does)|why (?:do|does) (?:everyone|everybody|people|they) (?:talk about|use|want|like|recommend)|"
    r"(?:can|could|would) (?:someone|somebody|anyone|anybody|you|u)(?: please| pls)? (?:explain|define|"
    r"tell me (?:about|what is|what are|what))|tell me about|(?:i am|i'?m) confused (?:by|about)|"
    r"do i (?:really )?need|should i (?:care about|use|enable|turn on|worry about)|why use|is|are|does) "
    r"(?:(?:an?|the|this|that|these|those|all|your) )*"
)
_IT = r"(?:it|this|that|them|one|they|those|these)"
_BEHIND = linear.compile(
    r"[ ,:;.?!-]+(?:means?|meaning|explained|explanation|definition|purpose|works?|stands? for|do|does|for|what|wtf|"
    r"(?:what(?:['’]?s| is| are| does)? )" + _IT + r"(?: do| for| mean)?|what for|used for|good for|eli5|"
    r"lol|lmao|bro|pls|please|plz|thanks|thx|exactly|anyway|even|actually|again|really|"
    r"in (?:general|short|detail|plain english|simple (?:terms|words))|to me|"
    r"for (?:dummies|beginners|noobs|newbies|me)|like (?:i'?m|im) (?:5|five)|"
    r"and (?:should|do|can|would|when) (?:i|we) (?:\w+ ){1,3}" + _IT + r"(?: on| off)?|"
    r"(?:do|should) (?:i|we) (?:\w+ ){1,2}" + _IT + r"(?: on| off)?|"
    r"important|needed|necessary|worth it|useful|useless|matters?|"
    r"in (?:an? |the )?(?:llms?|ai|ml|(?:local |language )?models?|local (?:llms?|ai)|machine learning))$"
)


def without_asking(question: str) -> str:
    """What `question`, in small letters, asks about, where it is asked in one of the usual ways; else what is left."""
    left = question.strip(" ?!.")
    for _ in range(MAX_TAKEN):
        match = _GREETING.match(left)
        if not match:
            break
        left = left[match.end() :]
    match = _BEFORE.match(left)
    if match:
        left = left[match.end() :]
    for _ in range(MAX_TAKEN):
        match = _BEHIND.search(left)
        if not match:
            break
        left = left[: match.start()].rstrip(" ?!.")
    return left.strip(" '\"`“”")
