"""The cards for when there is no answer: a question with a fault, a fault of ours, help, a remark. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, EVIDENCE, VERDICTS, Namer
from bot.layout import AMBER, GREEN, GREY, RED, VIOLET, Card, Component, Field, Reply
from bot.say import Say
from bot.text import bullets, code, plain
from knowledge.errors import Ambiguous, KnowledgeError, Unanswerable, UnknownName

UNKNOWN = frozenset({"model", "hardware", "quant", "term", "error", "tool", "command"})


def problem_reply(error: KnowledgeError, say: Say, name_of: Namer = str, controls: tuple[Component, ...] = ()) -> Reply:
    """What was wrong with the question, what to do, and the names one may have meant."""
    titles: tuple[tuple[type[KnowledgeError], str], ...] = (
        (Ambiguous, "problem.ambiguous_title"),
        (Unanswerable, "problem.unknown_title"),
    )
    title = next((key for kind, key in titles if isinstance(error, kind)), "problem.title")
    meant = () if controls else error.choices[:5]
    fields = (Field(name=say("problem.did_you_mean"), value=bullets(plain(name_of(one), 120) for one in meant)),)
    said = [_message(error, say)]
    if isinstance(error, UnknownName) and not error.choices:
        said.append(say("problem.nothing_near"))
    elif error.hint and not error.choices and error.code != "no_rig":
        said.append(plain(say.core(error.hint), 600))
    card = Card(title=say(title), description="\n".join(said), color=AMBER, fields=fields, footer=BRAND)
    return Reply(cards=(card,), controls=controls, shareable=False, failed=True)


def _message(error: KnowledgeError, say: Say) -> str:
    """The two commonest in the reader's language; the core's own words for all others."""
    if error.code == "no_rig":
        return say("problem.no_rig")
    kind = error.code.removeprefix("unknown_")
    if isinstance(error, UnknownName) and kind in UNKNOWN:
        return say("problem.no_such", kind=say(f"kind.{kind}"), name=code(error.subject))
    if isinstance(error, Ambiguous):
        return say("problem.ambiguous", name=code(error.subject))
    return plain(say.core(error.message), 600)


def open_reply(open_text: str, say: Say) -> Reply:
    """The card for a question that lacks something, or that is none of ours; `open_text` says what is missing."""
    text = plain(say.core(open_text), 400) or say("open.other")
    title = say("open.title" if open_text else "open.other_title")
    return note_reply(title, f"{text}\n{say('open.examples')}\n-# {say('open.ways')}")


def help_reply(commands: Sequence[tuple[str, str]], known: tuple[int, int, int, int], say: Say) -> Reply:
    """What the bot can do, and how sure it is. `known`: how many models, devices, terms and errors it knows."""
    models, devices, terms, errors = (f"{n:,}" for n in known)
    verdicts = (f"{icon} {say(key)}" for tier, (icon, key, _) in VERDICTS.items() if tier)
    fields = (
        Field(name=say("help.commands"), value="\n".join(_command(name, text) for name, text in commands)),
        Field(name=say("help.verdicts"), value=" · ".join(verdicts)),
        Field(name=say("help.evidence"), value="\n".join(f"{code(tier)} {say(key)}" for tier, key in EVIDENCE.items())),
        Field(name=say("help.private_title"), value=say("help.private")),
    )
    card = Card(
        title=say("help.title", brand=BRAND),
        description=say("help.known", models=models, devices=devices, terms=terms, errors=errors),
        color=VIOLET,
        fields=fields,
        footer=BRAND,
    )
    return Reply(cards=(card,))


def _command(name: str, text: str) -> str:
    """A command; a menu of messages has a name with a capital."""
    return f"**{'/' if name.islower() else ''}{name}** {plain(text, 120)}"


def broken_reply(incident: str, say: Say) -> Reply:
    """The card for a fault of ours: no details, but a number by which the log line is found."""
    text = say("broken.text", incident=code(incident, 20))
    card = Card(title=say("broken.title"), description=text, color=RED, footer=BRAND)
    return Reply(cards=(card,), shareable=False, failed=True)


def note_reply(title: str, text: str, *, controls: tuple[Component, ...] = ()) -> Reply:
    """A short remark where no answer card fits; both are our own words or already made safe."""
    card = Card(title=title, description=text, color=GREY, footer=BRAND)
    return Reply(cards=(card,), controls=controls, shareable=False, failed=True)


def done_reply(title: str, text: str, fields: tuple[Field, ...] = (), controls: tuple[Component, ...] = ()) -> Reply:
    """A short "done": both are our own words or already made safe."""
    card = Card(title=title, description=text, color=GREEN, fields=fields, footer=BRAND)
    return Reply(cards=(card,), controls=controls, shareable=False)
