"""Which names a question points right at: "what is X", "X meaning", "X and Y explained", "… - what's X?".

A name that is pointed at is what the question asks about, whatever else it mentions: "running it in docker, what is
the container toolkit" asks for the toolkit. It knows places of names and ways of asking, no terms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from knowledge.search.names import NameHit, Word

_FILLER: Final = (
    r"(?:an?|the|this|that|these|those|your|my|of|about|exactly|actually|even|really|is|are|was|does|do|did|mean by|"
    r"called|with|word|term|thing|things|all|flag|option|setting|parameter|le|la|les|un|une|el|los|las|ein|eine|der|"
    r"die|das|o|os|so|just|basically|on earth|the hell|the heck|the fuck|tf)"
)
_BEFORE: Final = re.compile(
    r"(?:\b(?:w(?:h?a|u)t(?:['’]?s|(?: (?:the (?:hell|heck|fuck)|exactly|actually|even|on earth|tf|in the world))*"
    r" (?:is|are|r|does|do|did|was))|wtf|define|explain|explaining|explanation|meaning|definition|eli5|purpose|"
    r"point|tell me|confused|clueless|understand|"
    r"differences? between|relationship between|compare|question about|question on|"
    r"(?:benefits?|advantages?|downsides?|drawbacks?|pros and cons|disadvantages?|importance|role|use|effects?) of|"
    r"how (?:important|useful|good|bad|safe|dangerous|necessary) (?:is|are)|when (?:to|should i|do i) use|"
    r"why (?:use|do people use|would i use|should i use)|erklär\w*|vorteile? von|was macht|"
    r"how (?:does|do)|do (?:i|you|we) (?:really )?need|should i (?:use|enable|turn on|set)|"
    r"was (?:ist|sind|bedeutet|bedeuten|heißt|macht)|wozu|wofür|unterschied zwischen|"
    r"qu['’]est[- ]ce que?|c['’]est quoi|à quoi (?:sert|servent)|que (?:es|son|significa)|qué (?:es|son|significa)|"
    r"para qué sirven?|o que (?:é|são|significa)|что (?:такое|значит|означает)|зачем(?: нужен| нужна| нужны)?|cos['’]è)"
    rf"[\s:,\"'“‘«`(]+(?:{_FILLER}[\s:,\"'“‘«`(]+)*"
    r"|(?:什么是|什麼是|何为|请问)\s*)$"
)
_WITH_ADJECTIVE: Final = re.compile(
    r"\b(?:w(?:h?a|u)t(?:['’]?s| (?:is|are))|define|explain|meaning of|difference between)(?: an?| the)? [\w-]{4,20} $"
)
_ENDS: Final = re.compile(r"^\s*(?:anyway|exactly|even|then|called|pls|please|for|about)?[\s?!.\"']*$")
_IS_IT: Final = re.compile(r"(?:^|[,.;:?!-]\s*|\bso |\bbut |\band )(?:is|are)(?: using| an?| the)? $")
_PREDICATE: Final = re.compile(
    r"^\s*(?:(?:is|are) (?:(?:an?|the|my|this) )?[\w.-]{2,20}(?: [\w.-]{1,12})?|"
    r"(?:which|what) [\w.-]{2,20} (?:is|are|has|have|use|uses|support|supports)) (?:an? )?$"
)
"""What stands before a name that is said of something: "is mixtral moe", "is a 2080 ti turing"."""
_JUDGED: Final = re.compile(
    r"^ (?:\w+ )?(?:important|good|bad|useful|useless|worth|safe|unsafe|needed|necessary|dangerous|dead|lossless|legal|"
    r"a thing|a good|a bad|still|any good|recommended|required|outdated)\b"
)
_HOW: Final = re.compile(r"\bhow (?:does|do) (?:an?|the|this|these|your|my|\s)*$")
_WORKS: Final = re.compile(r"^[\s\"'”’»`)]*(?:even |actually )?(?:work|differ|help|function)\b")
_PREPOSITION: Final = re.compile(
    r"\b(?:in|on|to|for|with|at|from|by|into|onto|under|inside|using|when|via|auf|für|mit|dans|en|pour|sur|para|na|no|"
    r"в|на|для)\s+(?:(?:the|an?|my|your|this|der|dem|la|le|el)\s+)?$"
)
_PLACE: Final = re.compile(r"\w\s+(?:in|on|with|for|using|inside|under)\s+(?:(?:the|an?|my|your|this)\s+)?\w+\s+$")
"""What stands before a name that says, with one more word, where something is: "gtt memory on amd" before "apu"."""
_ASIDE: Final = re.compile(
    r"\b(?:is|are) (?:it|that|this|they|those) (?:(?:just|only|like|basically|really|the same as|same as|old|new|an?|"
    r"the|another word for|better than|different from|different than)\s+)*$"
)
_AFTER: Final = re.compile(
    r"^[\s\"'”’»`)?!.,:;…-]*(?:meaning|means?\b|meant|explained|explanation|definition|purpose|stands? for|eli5|"
    r"in simple (?:terms|words)|for (?:dummies|beginners)|(?:-|,|:|\.|\?|so|but|ok|lol)*\s*(?:what(?:'s|’s|s)?\b|wtf|"
    r"explain|define)\s*(?:is|are|does|do|s)?\s*(?:it|that|this|they|those|these|for|to|exactly|even)?\b[\s?!.]*"
    r"(?:for|mean|do)?[\s?!.]*$|(?:是什么|是什麼|什么意思|什麼意思|有什么用|是干什么|とは|って何|ってなに|とはなに|이란|란\b|"
    r"(?:이|가|은|는)?\s*(?:뭐|무엇)))"
)
_LINK: Final = re.compile(
    r"^[\s\"'“”‘’«»`()]*(?:,|/|&|\+|\band\b|\bor\b|\bvs\b\.?|\bversus\b|\bund\b|\boder\b|\bet\b|\bou\b|\by\b|\be\b|"
    r"\bи\b|\bwith\b|\bfrom\b|\bto\b|\bover\b|\bdiffers? from\b|"
    r"\bcompared? (?:to|with)\b|\b(?:\w+er|worse|less|more) than\b|"
    r"\b(?:is |are )?(?:\w+ )?(?:the )?same (?:thing )?as\b|\bas \w+ as\b|"
    r"\b(?:needed|required|necessary|mandatory) (?:for|by)\b|\bdepends? on\b|\baffects?\b|\binfluences?\b|"
    r"\binstead of\b|\bdifferent (?:from|than|to)\b|和|与|与|跟|と)[\s\"'“”‘’«»`()]*(?:,\s*)?"
    r"(?:(?:and|or|an?|the|un|una|une|le|la|el|die|der|das|just|simply|only|rather|more|very|really|big|bigger|small|"
    r"smaller|long|longer|short|shorter|low|lower|high|higher|huge|plain|normal|regular|use|using)\s+)*[-\s\"'“‘«`(]*$"
)
_LOOSE_LINKS: Final = re.compile(
    r"\b(?:with|(?<!differ )(?<!differs )(?<!different )from|(?<!compared )(?<!compare )(?<!different )to|over|y|e)\b"
)
_PAIRS: Final = re.compile(
    r"\b(?:difference|differences|differ|differs|different|relationship|related|relate|relation|compare|compared|"
    r"comparison|same|alike|versus|vs|better|worse|over|unterschied\w*|différences?|diferencias?|diferenças?)\b|"
    r"\w+er than\b|разниц|отлич|区别|區別|差别|違い|차이"
)


_OPTION: Final = re.compile(r"(?:^|[\s(`'\"])--?$")
"""What stands before an option of a command line: "-ngl 33", "--swa-full"."""
_SET: Final = re.compile(r"^\w+_\w+ ?= ?[\w.]")
"""A setting with its value: "gpu_memory_utilization=0.95"."""
_IDENTIFIER: Final = re.compile(r"(?:[\w.]+-)+$")
"""What stands before a name within one identifier: "DeepSeek-R1-" before "Distill"."""


def pointed_at(text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> list[NameHit]:
    """Give those of `hits` that the question points at, and those joined to them by "and", "or", "vs"."""
    low = text.lower()
    if len(low) != len(text):
        low = text
    found = {n for n, hit in enumerate(hits) if _is_pointed(low, words[hit.first].start, words[hit.last].end)}
    if not found:
        return []
    loose = compares(low)
    gaps = [low[words[a.last].end : words[b.first].start] for a, b in pairwise(hits)]
    links = [is_link(gap, loose) for gap in gaps]
    for n, link in enumerate(links):
        if link and n in found:
            found.add(n + 1)
    for n in range(len(links) - 1, -1, -1):
        if links[n] and n + 1 in found:
            found.add(n)
    return [hit for n, hit in enumerate(hits) if n in found]


def compares(text: str) -> bool:
    """Whether `text`, in small letters, sets things against each other: "same as", "difference", "use X over Y"."""
    return bool(_PAIRS.search(text))


def after_preposition(before: str) -> bool:
    """Whether the text `before` a name ends in "in", "with my" or the like."""
    return bool(_PREPOSITION.search(before.lower()))


def _is_pointed(text: str, start: int, end: int) -> bool:
    before = text[max(start - 80, 0) : start].rstrip("-<|")
    after = text[end : end + 40]
    option = _OPTION.search(text[max(start - 4, 0) : start]) and not after.startswith("=")
    if (option or _SET.search(text[start : end + 3])) and not after_preposition(before):
        return True
    if _HOW.search(before):
        return bool(_WORKS.match(after))
    if _BEFORE.search(before) or _ASIDE.search(before):
        return True
    if _IS_IT.search(before) and _JUDGED.match(after):
        return True
    if (_WITH_ADJECTIVE.search(before) or _PREDICATE.search(before)) and _ENDS.match(text[end:]):
        return True
    if before.endswith(("-", "-\n")):
        before = _IDENTIFIER.sub("", before)
    return bool(_AFTER.match(after)) and not after_preposition(before) and not _PLACE.search(before)


def is_link(between: str, loose: bool = False) -> bool:
    """Whether the text `between` two names joins or compares them; `loose` where "with", "from", "to" do so too."""
    return bool(_LINK.match(between)) and (loose or not _LOOSE_LINKS.search(between))
