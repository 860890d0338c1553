"""/ask: a question in one's own words, routed to fit, definition or diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from discord import app_commands

from bot import cards, controls, questions
from bot.commands import best, fit, guide
from bot.components import button, rows_of
from bot.desk import Desk, Hardware
from bot.layout import Component, Reply
from bot.own import Machine, NoRig, machine
from bot.respond import Interaction, answer
from bot.say import Say
from bot.text import label
from knowledge import half_asked
from knowledge.answers import Asked
from knowledge.asking import use_of
from knowledge.errors import KnowledgeError, StoreError
from knowledge.how_many import asks_how_many
from knowledge.needs import Needs

NAME = "ask"
DESCRIPTION = "Ask in your own words: will it run, what does it mean, what went wrong"
WHAT_IT_TAKES = frozenset({"requirements", "which_hardware"})
"""Who asks so wants to hear of any hardware, not of their own."""

EXAMPLES: tuple[dict[str, Any], ...] = (
    {"question": "how much vram for qwen3 32b"},
    {"question": "will qwen3 8b q4 run on a 3060 12gb at 16k?"},
)


def reply(
    desk: Desk, say: Say, *, question: str, hardware: Hardware = "", ram: float | None = None, rig: str = ""
) -> Reply:
    """The cards of the answer; `hardware`, `ram` and its name `rig` are the asker's own, for where none is named."""
    asked = desk.answers.ask(question)
    try:
        return _on_own(desk, say, asked, Machine(hardware, ram, "", rig)) or routed(desk, say, question, asked)
    except KnowledgeError:  # a rig no longer known, or a model it cannot be told for
        return routed(desk, say, question, asked)


def _on_own(desk: Desk, say: Say, asked: Asked, own: Machine) -> Reply | None:
    """The answer on the asker's own machine: of the model named, or the best ones; None where it is not asked for."""
    found, hardware, ram = asked.question, own.hardware, own.ram
    if not hardware or asked.route == "diagnose" or not half_asked.names_no_hardware(found):
        return None
    runs = asked.route == "fit" and not asked.page_first and found.intent not in WHAT_IT_TAKES
    if runs and found.model and not found.other_models:
        answer = desk.fit(found.model, hardware, quant=found.quant or "", n_ctx=found.n_ctx, ram_gib=ram)
        return fit.made(desk, say, answer, questions.asked_of(answer.request))
    if found.intent == "which_models" and not found.model and not found.model_text:
        return best.reply(desk, say, hardware=hardware, use=use_of(found.text), ram=ram, label=own.label)
    return None


def routed(desk: Desk, say: Say, question: str, asked: Asked) -> Reply:
    """The cards for what a question was routed to; a page's where one answers the very question."""
    if asked.pages and (asked.page_first or not (asked.fits or asked.terms or asked.errors or asked.tools)):
        return guide.page_reply(desk, say, asked.pages[0], guide.part_for(desk, asked.pages[0], question))
    made = _answered(desk, say, question, asked)
    if len(asked.fits) == 1 and not asked.needs:
        return made
    return replace(made, controls=(*made.controls, *_pages(desk, asked)))


def _pages(desk: Desk, asked: Asked) -> tuple[Component, ...]:
    """A button a page that was found beside the answer."""
    made = [(page, controls.named(desk.signer, controls.PAGE, page.id)) for page in asked.pages]
    return tuple(rows_of(button(label(page.title, 75), custom_id, emoji="🧭") for page, custom_id in made if custom_id))


def _answered(desk: Desk, say: Say, question: str, asked: Asked) -> Reply:
    """The cards for what was found besides pages."""
    if asked.errors or asked.route == "diagnose":
        return cards.errors_reply(asked.errors, say, desk.name_of, memory=asked.open_text)
    if asked.needs:
        return cards.needs_reply(asked.needs, say, _places(desk, asked.needs))
    if len(asked.fits) == 1:
        found = asked.fits[0]
        made = fit.made(desk, say, found, questions.asked_of(found.request))
        return replace(made, chart=None) if asks_how_many(question) else made  # a picture would make the card anew
    if asked.fits and half_asked.names_no_model(asked.question):
        return cards.ranked_reply(asked.fits, say, _opened(desk, asked))
    if asked.fits:
        shown = tuple(cards.fit_card(found, say, short=True) for found in asked.fits[:4])
        return Reply(cards=shown, controls=_opened(desk, asked), about=("ask", "fits"))
    if asked.tools:
        tools = [cards.tool_reply(tool, say) for tool in asked.tools[:2]]
        return replace(tools[0], cards=tuple(card for one in tools for card in one.cards))
    if asked.terms:
        return cards.terms_reply(question, [desk.numbers.term(term) for term in asked.terms[:3]], say, desk.name_of)
    return cards.open_reply(asked.open_text, say)


def _opened(desk: Desk, asked: Asked) -> tuple[Component, ...]:
    """A button a candidate, which opens its whole card."""
    rigs = {cards.hardware_text(found) for found in asked.fits}
    buttons = {}
    for found in asked.fits[:5]:
        state = controls.packed(desk, questions.asked_of(found.request))
        if state is not None:
            custom_id = desk.signer.sign(controls.FIT, state)
            where = f" · {cards.hardware_text(found)}" if len(rigs) > 1 else ""
            buttons[custom_id] = button(f"{found.request.model.name}{where}", custom_id)
    return tuple(rows_of(buttons.values()))


def _places(desk: Desk, needs: Sequence[Needs]) -> tuple[Component, ...]:
    """A button a rig that runs the model, which opens its whole card; of several models the first rig of each."""
    places = needs[0].places[:5] if len(needs) == 1 else [one.places[0] for one in needs if one.places]
    buttons = {}
    for place in places:
        request = place.answer.request
        state = controls.packed(desk, questions.asked_of(request))
        if state is not None:
            name = "" if len(needs) == 1 else f"{request.model.name} · "
            custom_id = desk.signer.sign(controls.FIT, state)
            buttons[custom_id] = button(f"{name}{cards.place_text(place)}", custom_id)
    return tuple(rows_of(buttons.values()))


def _may_rank(desk: Desk, question: str) -> bool:
    """Whether the answer may go over the whole catalogue: too long for the loop that all others wait for."""
    try:
        found = desk.answers.parse(question)
    except KnowledgeError:  # told with the answer
        return False
    return found.intent == "which_models" or half_asked.names_no_model(found)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(question="For example: will qwen3 8b run on a 3060 12GB at 32k?")
    async def ask(interaction: Interaction, question: app_commands.Range[str, 1, 2000]) -> None:
        try:
            own = await machine(interaction, "")
        except (NoRig, StoreError):  # none saved, or nobody can say: the question is answered as it stands
            own = Machine("", None, "", "")
        await answer(
            interaction,
            lambda say: desk.once(reply, say=say, question=question, hardware=own.hardware, ram=own.ram, rig=own.label),
            slow=_may_rank(desk, question),
        )

    return ask
