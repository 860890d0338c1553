"""The cards of the knowledge base: a term explained, an error with its fixes, and the honest "I don't know". Pure.

Nothing is looked up here and nothing knows Discord's classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, Namer, in_english, sources_text
from bot.cards.notes import note_reply
from bot.layout import GREY, ORANGE, VIOLET, Card, Component, Field, Reply
from bot.say import Say
from bot.text import bullets, code, cut, fence, markdown, plain
from knowledge.catalog import ErrorClass, Term

SURE = 0.5
"""Below this confidence a diagnosis is shown as a guess."""

WORTH_NAMING = 0.05
"""Below this confidence a further diagnosis is not named."""

MEMORY_CHARS = 600


def term_card(term: Term, say: Say, *, short: bool = False, name_of: Namer = str, related: bool = True) -> Card:
    """The card of a glossary entry whose numbers are rendered; `short` where it shares the message with another.

    `related` False: buttons under it name its related words.
    """
    parts = [(say("term.practical"), term.practical)]
    if not short:
        parts = [(say("term.deeper"), term.deeper), *parts, (say("term.workflow"), term.workflow)]
    fields = [Field(name=name, value=markdown(text, 1100)) for name, text in parts]
    others = " · ".join(plain(name_of(id_), 60) for id_ in term.related[:8]) if related else ""
    fields.append(Field(name=say("term.related"), value=others))
    fields.append(Field(name=say("term.errors"), value=" · ".join(plain(name_of(id_), 80) for id_ in term.errors[:4])))
    fields.append(Field(name=say("fit.sources"), value=sources_text(term.sources[:3])))
    reviewed = say("term.reviewed", date=cut(term.reviewed, 60))
    return Card(
        title=f"📖 {plain(term.term, 120)}",
        description=in_english(markdown(term.definition, 1100), say),
        color=VIOLET,
        fields=tuple(fields),
        footer=f"{cut(term.category, 60)} · {reviewed} · {BRAND}",
    )


def terms_reply(
    asked: str, terms: Sequence[Term], say: Say, name_of: Namer = str, controls: tuple[Component, ...] = ()
) -> Reply:
    """One term in full, two or three side by side, or the honest answer that the glossary has none."""
    if not terms:
        return note_reply(say("term.none_title"), say("term.none", term=code(asked)))
    shown = terms[:3]
    made = tuple(
        term_card(term, say, short=len(shown) > 1, name_of=name_of, related=number > 0 or not controls)
        for number, term in enumerate(shown)
    )
    return Reply(cards=made, controls=controls, about=("define", shown[0].id))


def error_card(error: ErrorClass, confidence: float, say: Say, name_of: Namer = str, *, related: bool = True) -> Card:
    """The card of one error class: cause, ranked fixes with their commands, how to verify, related ones, sources.

    `related` False: buttons under it name the related ones.
    """
    fields = [
        Field(name=say("error.fix", n=number), value=_fix(fix.text, fix.command))
        for number, fix in enumerate(error.fixes[:6], 1)
    ]
    fields.append(Field(name=say("error.verify"), value=markdown(error.verify, 400)))
    others = bullets(plain(name_of(id_), 120) for id_ in error.related[:4]) if related else ""
    fields.append(Field(name=say("term.related"), value=others))
    fields.append(Field(name=say("fit.sources"), value=sources_text(error.sources[:3])))
    asked_for = confidence >= 1.0  # picked by name, nothing was guessed
    key = "error.sure" if confidence >= SURE else "error.only_sure"
    sure = say(key, pct=f"{min(confidence, 0.99):.0%}")
    said = plain(", ".join(error.tools) or say("error.any_tool"), 120)
    confirmed = say("error.confirmed", who=cut(error.confirmed, 40) or say("error.nobody"))
    return Card(
        title=f"🔧 {plain(error.title, 200)}",
        description=(said if asked_for else f"**{sure}** · {said}")
        + f"\n{in_english(markdown(error.cause, 1100), say)}",
        color=ORANGE,
        fields=tuple(fields),
        footer=f"{confirmed} · {say('error.verified', date=cut(error.verified, 60))} · {BRAND}",
    )


def _fix(text: str, command: str) -> str:
    said = markdown(text, 400)
    return f"{said}\n{fence(command, 400, 'sh')}" if command else said


def errors_reply(
    found: Sequence[tuple[ErrorClass, float]],
    say: Say,
    name_of: Namer = str,
    controls: tuple[Component, ...] = (),
    *,
    memory: str = "",
) -> Reply:
    """The likeliest error in full and the others by name, or "I don't know this one" and what to paste.

    `memory` is what the log says of memory that ran out, and what would fit.
    """
    if not found:
        return note_reply(say("error.none_title"), say("error.none"))
    cards = [error_card(*found[0], say, name_of, related=not controls)]
    if memory:
        cards.append(Card(title=say("error.memory"), description=plain(say.core(memory), MEMORY_CHARS), color=GREY))
    others = bullets(f"{plain(error.title, 200)} ({sure:.0%})" for error, sure in found[1:4] if sure >= WORTH_NAMING)
    if others:
        cards.append(Card(title=say("error.less_likely"), description=others, color=GREY))
    return Reply(cards=tuple(cards), controls=controls, about=("error", found[0][0].id))
