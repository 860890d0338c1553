"""The context menu "Will this run?" on a message: the models it names, on what it names or on the asker's own rig."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot import cards, questions
from bot.commands import ask, fit
from bot.commands.explain import text_of
from bot.desk import Desk, Hardware
from bot.layout import Reply
from bot.own import Machine, NoRig, machine
from bot.respond import Interaction, answer
from bot.say import Say

NAME = "Will this run?"
DESCRIPTION = "On a message: whether the model it names runs on your rig"
EXAMPLES: tuple[dict[str, Any], ...] = ()
MOST_CHARS = 2000


def reply(desk: Desk, say: Say, *, text: str, hardware: Hardware = "", ram: float | None = None) -> Reply:
    """The card: the message's own question where it names hardware, else its model on the asker's rig."""
    text = text[:MOST_CHARS].strip()
    if not text:
        return cards.open_reply("", say)
    question = desk.answers.parse(text)
    if hardware and question.model and not question.hardware:
        found = desk.fit(question.model, hardware, quant=question.quant or "", n_ctx=question.n_ctx, ram_gib=ram)
        return fit.made(desk, say, found, questions.asked_of(found.request))
    asked = desk.answers.ask(text)
    if asked.route != "fit":  # a message about something else: no word of it is explained here
        return cards.note_reply(say("problem.no_model_title"), say("problem.no_model"))
    return ask.routed(desk, say, text, asked)


def build(desk: Desk) -> app_commands.ContextMenu:
    """The menu."""

    async def will_it_run(interaction: Interaction, message: discord.Message) -> None:
        try:
            own = await machine(interaction, "")
        except NoRig:
            own = Machine("", None, "", "")
        text = text_of(message)
        await answer(
            interaction, lambda say: reply(desk, say, text=text, hardware=own.hardware, ram=own.ram), private=True
        )

    return app_commands.ContextMenu(name=NAME, callback=will_it_run)
