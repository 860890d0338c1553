"""/fit: will this model run on this hardware, how fast, and what would change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from discord import app_commands

from bot import cards, controls, questions
from bot.complete import completer
from bot.desk import Desk, Hardware
from bot.layout import File, Reply
from bot.own import machine
from bot.respond import Interaction, answer, problem
from bot.say import Say
from bot.state import Asked, state_text
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer

NAME = "fit"
DESCRIPTION = "Will it run? Memory, speed and the exact command for a model on your hardware"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"},
    {"model": "qwen3-30b-a3b", "hardware": "RTX 4070", "ram": 32.0, "context": 16384},
    {"model": "llama-3.3-70b-instruct", "hardware": "RTX 3060 12GB"},
)

Engine = Literal["llama.cpp", "ollama", "lm-studio", "vllm", "mlx", "exllamav3", "transformers"]
CacheType = Literal["f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]


def reply(
    desk: Desk,
    say: Say,
    *,
    model: str,
    hardware: Hardware,
    quant: str = "",
    context: int | None = None,
    count: int = 1,
    ram: float | None = None,
    engine: str = "",
    kv: str = "",
) -> Reply:
    """The card for one question, or the one that asks which name was meant."""
    given: dict[str, Any] = {"model": model, "hardware": hardware, "quant": quant}
    rest = {"n_ctx": context, "ram_gib": ram, "engine": engine, "type_kv": kv, "count": count}

    def custom_id(other: Mapping[str, Any]) -> str | None:
        found = desk.fit(other["model"], other["hardware"], quant=other["quant"], **rest)
        state = controls.packed(desk, questions.asked_of(found.request))
        return None if state is None else desk.signer.sign(controls.FIT, state)

    try:
        found = desk.fit(model, hardware, quant=quant, **rest)
    except KnowledgeError as error:
        if isinstance(hardware, str):
            return cards.problem_reply(error, say, desk.name_of, controls.choices_for(desk, error, given, custom_id))
        return problem(error, say, desk.name_of)
    return made(desk, say, found, questions.asked_of(found.request))


def answered(desk: Desk, say: Say, asked: Asked, picture: bytes | None = None) -> Reply:
    """The card for a question already resolved. Raises KnowledgeError where a name is gone."""
    found = questions.answer_to(desk.answers, asked)
    return made(desk, say, found, replace(questions.asked_of(found.request), more=asked.more), picture)


def made(desk: Desk, say: Say, found: FitAnswer, asked: Asked, picture: bytes | None = None) -> Reply:
    """The card of an answer; with a picture, which then shows its memory."""
    state = controls.packed(desk, asked)
    text = state_text(state) if state else ""
    alt = say("chart.alt", model=found.request.model.name)
    return Reply(
        cards=(cards.fit_card(found, say, pictured=picture is not None),),
        controls=controls.fit_controls(desk, found, asked, say, state, pictured=picture is not None),
        about=("fit", text) if text else None,
        chart=asked if found.request.devices else None,
        files=(File(name="fit.png", body=picture, alt=alt),) if picture else (),
    )


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        hardware="Which GPU, Mac or CPU; several as “RTX 3090 + RTX 3060 12GB”. Without: your saved rig",
        quant="Which quantisation (default: what the engine's users run, Q4_K_M)",
        context="How many tokens of context",
        count="How many of that device",
        ram="RAM of the machine in GiB: what does not fit on the GPU can run from there",
        engine="Which engine (default: llama.cpp)",
        kv="Type of the KV cache (default: f16)",
    )
    @app_commands.autocomplete(
        model=completer(desk, "model"), hardware=completer(desk, "hardware"), quant=completer(desk, "quant")
    )
    async def fit(
        interaction: Interaction,
        model: app_commands.Range[str, 1, 100],
        hardware: app_commands.Range[str, 1, 200] = "",
        quant: app_commands.Range[str, 1, 40] = "",
        context: app_commands.Range[int, 1, 16_777_216] | None = None,
        count: app_commands.Range[int, 1, 16] = 1,
        ram: app_commands.Range[float, 1, 16_384] | None = None,
        engine: Engine | None = None,
        kv: CacheType | None = None,
    ) -> None:
        own = await machine(interaction, hardware, ram, engine or "")

        def make(say: Say) -> Reply:
            return desk.once(
                reply,
                say=say,
                model=model,
                hardware=own.hardware,
                quant=quant,
                context=context,
                count=count,
                ram=own.ram,
                engine=own.engine,
                kv=kv or "",
            )

        await answer(interaction, make)

    return fit
