"""/fit: will this model run on this hardware, how fast, and what would change the answer."""

from __future__ import annotations

from typing import Any, Literal

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer

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
    *,
    model: str,
    hardware: str,
    quant: str = "",
    context: int | None = None,
    count: int = 1,
    ram: float | None = None,
    engine: str = "",
    kv: str = "",
) -> Reply:
    """The card for one question. Raises what `Desk.fit` raises."""
    found = desk.fit(model, hardware, quant=quant, n_ctx=context, ram_gib=ram, engine=engine, type_kv=kv, count=count)
    return Reply(cards=(cards.fit_card(found),))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        hardware="Which GPU, Mac or CPU; several as “RTX 3090 + RTX 3060 12GB”",
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
        hardware: app_commands.Range[str, 1, 200],
        quant: app_commands.Range[str, 1, 40] = "",
        context: app_commands.Range[int, 1, 16_777_216] | None = None,
        count: app_commands.Range[int, 1, 16] = 1,
        ram: app_commands.Range[float, 1, 16_384] | None = None,
        engine: Engine | None = None,
        kv: CacheType | None = None,
    ) -> None:
        def make() -> Reply:
            return desk.once(
                reply,
                model=model,
                hardware=hardware,
                quant=quant,
                context=context,
                count=count,
                ram=ram,
                engine=engine or "",
                kv=kv or "",
            )

        await answer(interaction, make, desk.name_of)

    return fit
