"""/model: what is known of a model, how large it is in which quantisation."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards, controls
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.catalog import Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.weights import weights

NAME = "model"
DESCRIPTION = "A model: who made it, its size in each quantisation, its context, its sources"
EXAMPLES: tuple[dict[str, Any], ...] = ({"name": "qwen3-8b"},)
QUANTS = ("Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "BF16")


def reply(desk: Desk, say: Say, *, name: str) -> Reply:
    """The card of a model, or the one that asks which was meant."""
    try:
        model = desk.answers.model_named(name)
    except KnowledgeError as error:
        meant = controls.choices_for(desk, error, {"name": name}, lambda other: _named(desk, other["name"]))
        return cards.problem_reply(error, say, desk.name_of, meant)
    return cards.model_reply(model, sizes(desk, model), say)


def _named(desk: Desk, name: str) -> str | None:
    return controls.named(desk.signer, controls.MODEL, desk.answers.model_named(name).id)


def sizes(desk: Desk, model: Model) -> list[tuple[str, int]]:
    """The bytes of the file to download in the usual quantisations; empty for a model whose shape is not known."""
    if model.shape is None:
        return []
    usual = desk.answers.request(model=model.id).quant
    quants = (usual,) if native_quant(model.shape) else dict.fromkeys((usual, *QUANTS))
    found = [(quant, model.file_bytes.get(quant) or weights(model.shape, quant).total_file_bytes) for quant in quants]
    return sorted(found, key=lambda pair: pair[1])


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(name="Which model: type a few letters")
    @app_commands.autocomplete(name=completer(desk, "model"))
    async def model(interaction: Interaction, name: app_commands.Range[str, 1, 100]) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say, name=name))

    return model
