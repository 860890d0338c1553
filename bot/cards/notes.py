"""The cards for when there is no answer: a question with a fault, a fault of ours, help, a remark. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, EVIDENCE, VERDICTS, Namer
from bot.layout import AMBER, GREY, RED, VIOLET, Card, Field, Reply
from bot.text import bullets, code, plain
from knowledge.errors import Ambiguous, KnowledgeError, Unanswerable


def problem_reply(error: KnowledgeError, name_of: Namer = str) -> Reply:
    """What was wrong with the question, what to do, and the names one may have meant."""
    titles: tuple[tuple[type[KnowledgeError], str], ...] = (
        (Ambiguous, "Which one do you mean?"),
        (Unanswerable, "That is not known"),
    )
    title = next((title for kind, title in titles if isinstance(error, kind)), "I can't answer that")
    fields = (Field(name="Did you mean", value=bullets(plain(name_of(choice), 120) for choice in error.choices[:5])),)
    said = [plain(error.message, 600)]
    if error.hint and not error.choices:
        said.append(plain(error.hint, 600))
    return Reply(
        cards=(Card(title=title, description="\n".join(said), color=AMBER, fields=fields, footer=BRAND),),
        shareable=False,
        failed=True,
    )


def open_reply(open_text: str) -> Reply:
    """The card for a question that lacks something, or that is none of ours; `open_text` says what is missing."""
    text = plain(open_text, 400) or "That is neither about fit, nor a word, nor an error that I know."
    ways = "Try `/fit` for a model on your hardware, `/define` for a word, `/error` for a log."
    return note_reply("I need a little more" if open_text else "That is not my field", f"{text}\n{ways}")


def help_reply(commands: Sequence[tuple[str, str]], known: tuple[int, int, int, int]) -> Reply:
    """What the bot can do, and how sure it is. `known`: how many models, devices, terms and errors it knows."""
    models, devices, terms, errors = known
    said = f"I know **{models:,}** models, **{devices:,}** devices, **{terms:,}** terms and **{errors:,}** errors."
    fields = (
        Field(name="Commands", value="\n".join(f"**/{name}** {plain(text, 120)}" for name, text in commands)),
        Field(name="Verdicts", value="\n".join(f"{icon} {text}" for tier, (icon, text, _) in VERDICTS.items() if tier)),
        Field(name="How sure is a number?", value="\n".join(f"{code(tier)} {text}" for tier, text in EVIDENCE.items())),
        Field(name="Private", value="Answers are yours alone until you press *Share*. No message is read or stored."),
    )
    return Reply(
        cards=(Card(title=f"{BRAND}: will it run?", description=said, color=VIOLET, fields=fields, footer=BRAND),)
    )


def broken_reply(incident: str) -> Reply:
    """The card for a fault of ours: no details, but a number by which the log line is found."""
    text = f"This is a fault of the bot, not of your question. It was logged as {code(incident, 20)}."
    return Reply(
        cards=(Card(title="Something broke", description=text, color=RED, footer=BRAND),), shareable=False, failed=True
    )


def note_reply(title: str, text: str) -> Reply:
    """A short remark where no answer card fits; both are our own words or already made safe."""
    return Reply(cards=(Card(title=title, description=text, color=GREY, footer=BRAND),), shareable=False, failed=True)
