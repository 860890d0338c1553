"""The cards of the knowledge base: a term explained, an error with its fixes, and the honest "I don't know". Pure.

Nothing is looked up here and nothing knows Discord's classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, Namer, sources_text
from bot.cards.notes import note_reply
from bot.layout import GREY, ORANGE, VIOLET, Card, Field, Reply
from bot.text import bullets, code, cut, fence, markdown, plain
from knowledge.catalog import ErrorClass, Term

SURE = 0.5
"""Below this confidence a diagnosis is shown as a guess."""

WORTH_NAMING = 0.05
"""Below this confidence a further diagnosis is not named."""

WHAT_TO_PASTE = (
    "No error that I know is in this text.\n"
    "Paste the **whole** log from the start of the program (or attach it as a file), with the command you typed, "
    "the engine and its version, your GPU and operating system."
)


def term_card(term: Term, *, short: bool = False, name_of: Namer = str) -> Card:
    """The card of a glossary entry whose numbers are rendered; `short` where it shares the message with another."""
    parts = [("Practical example", term.practical)]
    if not short:
        parts = [("Deeper dive", term.deeper), *parts, ("Workflow example", term.workflow)]
    fields = [Field(name=name, value=markdown(text, 1000)) for name, text in parts]
    fields.append(Field(name="Related", value=" · ".join(plain(name_of(id_), 60) for id_ in term.related[:8])))
    fields.append(
        Field(name="When it doesn't work", value=" · ".join(plain(name_of(id_), 80) for id_ in term.errors[:4]))
    )
    fields.append(Field(name="Sources", value=sources_text(term.sources[:3])))
    return Card(
        title=f"📖 {plain(term.term, 120)}",
        description=markdown(term.definition, 1600),
        color=VIOLET,
        fields=tuple(fields),
        footer=f"{cut(term.category, 60)} · reviewed {cut(term.reviewed, 60)} · {BRAND}",
    )


def terms_reply(asked: str, terms: Sequence[Term], name_of: Namer = str) -> Reply:
    """One term in full, two or three side by side, or the honest answer that the glossary has none."""
    if not terms:
        text = f"{code(asked)} is not in the glossary, or it is not a local-AI term."
        return note_reply("I don't know that word", f"{text}\nType a few letters and pick from the list that opens.")
    shown = terms[:3]
    return Reply(cards=tuple(term_card(term, short=len(shown) > 1, name_of=name_of) for term in shown))


def error_card(error: ErrorClass, confidence: float, name_of: Namer = str) -> Card:
    """The card of one error class: cause, ranked fixes with their commands, how to verify, related ones, sources."""
    fields = [
        Field(name=f"Fix {number}", value=_fix(fix.text, fix.command)) for number, fix in enumerate(error.fixes[:6], 1)
    ]
    fields.append(Field(name="It worked when", value=markdown(error.verify, 600)))
    fields.append(Field(name="Related", value=bullets(plain(name_of(id_), 120) for id_ in error.related[:4])))
    fields.append(Field(name="Sources", value=sources_text(error.sources[:3])))
    confirmed = cut(error.confirmed, 40) or "nobody yet"
    asked_for = confidence >= 1.0  # picked by name, nothing was guessed
    sure = f"{'' if confidence >= SURE else 'only '}{min(confidence, 0.99):.0%} sure"
    said = plain(", ".join(error.tools) or "any tool", 120)
    return Card(
        title=f"🔧 {plain(error.title, 200)}",
        description=(said if asked_for else f"**{sure}** · {said}") + f"\n{markdown(error.cause, 1500)}",
        color=ORANGE,
        fields=tuple(fields),
        footer=f"Cause confirmed by: {confirmed} · last verified {cut(error.verified, 60)} · {BRAND}",
    )


def _fix(text: str, command: str) -> str:
    said = markdown(text, 480)
    return f"{said}\n{fence(command, 480, 'sh')}" if command else said


def errors_reply(found: Sequence[tuple[ErrorClass, float]], name_of: Namer = str) -> Reply:
    """The likeliest error in full and the others by name, or "I don't know this one" and what to paste."""
    if not found:
        return note_reply("I don't know this one", WHAT_TO_PASTE)
    cards = [error_card(*found[0], name_of)]
    others = bullets(f"{plain(error.title, 200)} ({sure:.0%})" for error, sure in found[1:4] if sure >= WORTH_NAMING)
    if others:
        cards.append(Card(title="Less likely", description=others, color=GREY))
    return Reply(cards=tuple(cards))
