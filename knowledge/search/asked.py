"""Takes the asking off a question: what is left of "can someone explain X to me, do i need it" is X.

It knows ways of asking in some ten languages, no terms; whether what is left is a name of one is the caller's business
(define.py).
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
    r"i (?:keep|kept) (?:seeing|hearing|reading)(?: about| of)?|i (?:just )?(?:saw|read|heard)(?: about| of)?|"
    r"i (?:do not|don['’]?t) (?:get|understand)|do (?:i|we) have to care about|"
    r"what are the (?:benefits|advantages|disadvantages|downsides) of|"
    r"(?:everyone|everybody|people|they) (?:(?:is|are|keeps?) talking about|talks? about|mentions?)|"
    r"(?:is )?(?:anyone|anybody) (?:here )?(?:using|tried|use)|when (?:should|would|do) (?:i|you|we) (?:need|use)|"
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
    r"important|needed|necessary|worth it|useful|useless|matters?|everywhere|all the time|a lot|any ?more|"
    r"(?:good or bad|yes or no|or not|any good|worth it or not)|"
    r"in (?:an? |the )?(?:llms?|ai|ml|(?:local |language )?models?|local (?:llms?|ai)|machine learning))$"
)

_ARTICLE = (
    r"(?:l['’]|un['’]|(?:il|lo|la|i|gli|le|les|un|uno|una|une|des|du|el|los|las|o|a|os|as|um|uma|der|die|das|den|ein|"
    r"eine|einen) )"
)
_BEFORE_ABROAD = linear.compile(
    r"^(?:(?:che )?cos(?:a |['’ ])(?:è|e|sono|significano?|vuol dire|si intende per|fa) |che (?:significa|vuol dire) |"
    r"a (?:che )?cosa serv(?:e|ono) |(?:mi )?spieg(?:a|ami|ate|atemi) |come funziona(?:no)? |"
    r"qu[eé] (?:es|son|significan?|quiere decir|hace) |para qu[eé] sirven? |c[oó]mo funcionan? |expl[ií]ca(?:me|r)? |"
    r"o qu(?:e|ê) (?:é|e|são|sao|significam?|quer dizer|faz) |p(?:a)?ra que servem? |como funcionam? |me explicam? |"
    r"c['’]est quoi |qu['’ ]est ce qu(?:e (?:c['’]est que )?|['’])|que (?:signifie|veut dire) |à quoi serv(?:ent|t) |"
    r"à quoi sert |comment (?:fonctionnent?|marchent?) |expliquez? (?:moi )?|"
    r"was (?:ist|sind|bedeute(?:t|n)|hei(?:ß|ss)t|macht|bringt) |wozu (?:dient |braucht man |brauche ich )?|"
    r"wofür (?:ist |steht )?|wie funktionier(?:t|en) |erklär(?:e|t)? (?:mir )?|"
    r"что (?:такое|значит|означает|делает) |(?:зачем|для чего) (?:нуж(?:ен|на|но|ны) )?|как работает |объясни(?:те)? |"
    r"(?:请问)?(?:什么是|什麼是|何为|何謂)|(?:请)?解释(?:一下)?)"
    r"(?:" + _ARTICLE + r")?"
)
_BEHIND_ABROAD = linear.compile(
    r"(?:[ ,:.?!]+(?:c['’]est quoi|ça sert à quoi|ça veut dire quoi|kézako|définition|expliquée?(?: simplement)?|"
    r"qu[eé] (?:es|son|significa)(?: eso)?|para qu[eé] sirve|explicad[oa]|significado|o que (?:é|significa)|"
    r"(?:che )?cos(?:a |['’ ])(?:è|e|significa)|a cosa serve|spiegat[oa](?: semplice(?:mente)?)?|"
    r"was ist das|was bedeutet das|(?:einfach )?erklärt|bedeutung|wozu|что это(?: такое| значит)?|это что|зачем)|"
    r" ?(?:是(?:什么|什麼|啥)(?:意思|东西)?|(?:什么|啥)意思|有什么用|怎么理解)|"
    r" ?(?:とは(?:何(?:ですか)?|なに|なんですか)?|って(?:何|なに|なん)(?:ですか|だ)?|の意味は?)|"
    r"(?:이|가|은|는|이란|란)? ?(?:뭐(?:야|예요|에요|죠|임)?|뭔가요|무엇(?:인가요|입니까)?)|이란|란)$"
)


def without_asking(question: str) -> str:
    """What `question`, in small letters, asks about, where it is asked in one of the usual ways; else what is left."""
    left = question.strip(" ?!.")
    for _ in range(MAX_TAKEN):
        match = _GREETING.match(left)
        if not match:
            break
        left = left[match.end() :]
    match = _BEFORE.match(left) or _BEFORE_ABROAD.match(left)
    if match:
        left = left[match.end() :]
    for _ in range(MAX_TAKEN):
        match = _BEHIND.search(left) or _BEHIND_ABROAD.search(left)
        if not match:
            break
        left = left[: match.start()].rstrip(" ?!.")
    return left.strip(" '\"`“”")
