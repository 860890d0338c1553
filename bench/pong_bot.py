"""The ceiling of bench.bot_wire: a discord.py client set up as the bot is, with one command that says "pong"."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
from discord import app_commands

from bot import wire
from bot.settings import Settings


@app_commands.command(name="ping", description="Say pong")
async def ping(interaction: discord.Interaction) -> None:
    """Answer at once."""
    await interaction.response.send_message("pong", ephemeral=True)


class Pong(discord.Client):
    """The client."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            connector=aiohttp.TCPConnector(limit=128),
            guild_ready_timeout=0,
            max_messages=None,
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(ping)

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()


async def main() -> None:
    """Serve until ended."""
    settings = Settings.from_env()
    wire.point_to(settings.api_url, settings.gateway_url)
    async with Pong() as client:
        await client.start(settings.token)


if __name__ == "__main__":
    asyncio.run(main())
