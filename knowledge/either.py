"""What a question sets against each other: models, machines, or one device with this or that much memory.

One question for each is made here, by its words and by what cannot stand in one machine. Names are read elsewhere, and
nothing is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from knowledge import linear
from knowledge.question.types import FitQuestion, HardwareMention, OpenChoice

_OR: Final = r"or|vs\.?|versus|oder|ou|o|czy|albo|lub|yoksa|veya|eller|или|还是|還是|か|それとも|아니면|대"
_EITHER: Final = linear.compile(
    rf"(?i)\b(?:{_OR}|between|zwischen|entre|tra|better than|compared (?:to|with))\b"
    r"|или|还是|還是|それとも|どっち|どちら|아니면|보다|중에"
    r"|\d{3,4}\w*(?: \w+)? of (?:een )?(?:rtx |gtx |rx |macbook|mac )?\d"
)
_INSTEAD: Final = linear.compile(
    r"(?i)\b(?:upgrad\w+|from .{2,40} to|replac\w+|instead of|sell(?:ing)?|switch(?:ing)?|swap\w*"
    r"|trad(?:e|ing) (?:in|my|for)|statt|anstatt|ersetz\w*|wechsel\w*|umst\w+"
    r"|remplac\w+|au lieu|sustitu\w+|reemplaz\w+|en vez|cambi\w+|trocar?"
    r"|substitu\w+|em vez|invece|sostitu\w+|zamiast|zamieni\w*|vervang\w*|in plaats|yerine)\b"
    r"|вместо|замен|поменя|换成|換成|替换|升级|買い替え|代わり|대신|바꾸|바꿀"
)
_TOGETHER: Final = linear.compile(
    r"(?i)\b(?:add(?:ing)?|second|together|plus|alongside|combin\w+|both|cluster\w*|exo|zusammen|zusätzlich|ensemble"
    r"|juntos?|juntas|añad\w+|adicion\w+|insieme|aggiung\w+|razem|samen|birlikte)\b|вместе|добав|一起|加上|一緒|같이|함께"
)
_MEMORIES: Final = linear.compile(
    rf"(?i)(^|[^\w.,])(\d{{1,3}}) ?(gb|gigs?|g|go|гб|gigas?)?,? ?(?:{_OR}|/) ?(?:the |a |die |el |la |il |le )?"
    r"(\d{1,3}) ?(gb|gigs?|g|go|гб|gigas?)(\b|[^a-z0-9])"
)
_LEAST_GIB: Final = 4


def alternatives(question: FitQuestion) -> list[FitQuestion]:
    """One question for each model and each rig that are compared; else the question alone.

    A rig is all its hardware in one, or one an accelerator where it asks "this or that", would have one in the other's
    place, or where no machine holds both. An open name stays open only in the question of the rig or model it is about.
    """
    if question.other_models:
        first = replace(question, other_models=())
        closed = tuple(choice for choice in question.ambiguous if choice.field != "model")
        others = [replace(first, model=id_, ambiguous=closed) for id_ in question.other_models]
        return [one for model in (first, *others) for one in alternatives(model)]
    cpus = tuple(m for m in question.hardware if m.id is not None and m.id.startswith("cpu-"))
    rigs = [m for m in question.hardware if m not in cpus]
    if len(rigs) < 2 or not _set_against(question, rigs):
        return [question]
    return [
        replace(
            question,
            hardware=(mention, *cpus),
            ambiguous=tuple(c for c in question.ambiguous if c.field != "hardware" or _about(c, mention)),
        )
        for mention in rigs
    ]


def _about(choice: OpenChoice, mention: HardwareMention) -> bool:
    """Whether an open choice is about a device."""
    return mention.id in choice.choices or (mention.id is None and mention.name == choice.text)


def _set_against(question: FitQuestion, rigs: list[HardwareMention]) -> bool:
    if question.intent == "compare" or _EITHER.search(question.text):
        return True
    if _TOGETHER.search(question.text):
        return False
    return _INSTEAD.search(question.text) is not None or _in_no_one_machine(rigs)


def _in_no_one_machine(rigs: list[HardwareMention]) -> bool:
    """Whether devices sit in different machines: a Mac beside anything, graphics of two laptops."""
    macs = [_is_mac(one) for one in rigs]
    laptops = {one.id for one in rigs if one.id and one.id.endswith("-laptop")}
    return any(macs) or len(laptops) > 1


def _is_mac(one: HardwareMention) -> bool:
    return one.name.startswith("Apple ") or (one.id or "").startswith("apple-")


def with_either_memory(text: str, parse: Callable[[str], FitQuestion]) -> FitQuestion:
    """The question of a text; with the one device it names twice where it has "16gb or 24gb" of memory."""
    question = parse(text)
    said = _MEMORIES.search(text)
    if said is None or len(question.hardware) > 1 or min(int(said.group(2)), int(said.group(4))) < _LEAST_GIB:
        return question
    unit = said.group(5)
    each = [
        parse(f"{text[: said.start(2)]}{said.group(size)} {unit}{text[said.start(6) :]}").hardware for size in (2, 4)
    ]
    devices = [one[0] for one in each if len(one) == 1 and one[0].memory_gib]
    if len(devices) < 2 or devices[0].memory_gib == devices[1].memory_gib:
        return question
    open_ones = tuple(choice for choice in question.ambiguous if choice.field != "hardware")
    return replace(question, hardware=tuple(devices), ram_gib=None, intent="compare", ambiguous=open_ones)
