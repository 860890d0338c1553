"""An ordinary discord.py client that uses all of Discord the stand-in and the sandbox know: none of our commands.

Tests start it in their own process against a stand-in. It answers nothing about models.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.standin import StandIn

Interaction = discord.Interaction[Any]


def png(width: int = 320, height: int = 120) -> bytes:
    """A plain picture."""
    rows = b"".join(b"\x00" + bytes((90, 80 + y % 100, 200)) * width for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Form(ui.Modal, title="Describe your rig"):
    """A modal with every kind of input."""

    name: Any = ui.Label(text="Name", description="What you call it", component=ui.TextInput(max_length=40))
    notes: Any = ui.Label(text="Notes", component=ui.TextInput(style=discord.TextStyle.paragraph, required=False))
    gpu: Any = ui.Label(
        text="GPU",
        component=ui.Select(options=[discord.SelectOption(label=one, value=one.lower()) for one in ("One", "Two")]),
    )
    engine: Any = ui.Label(
        text="Engine",
        component=ui.RadioGroup(
            options=[discord.RadioGroupOption(label=one, value=one) for one in ("llama.cpp", "vllm")]
        ),
    )
    uses: Any = ui.Label(
        text="Uses",
        component=ui.CheckboxGroup(
            options=[discord.CheckboxGroupOption(label=one, value=one) for one in ("chat", "code")], required=False
        ),
    )

    async def on_submit(self, interaction: Interaction) -> None:
        """Say back what came."""
        values = [self.name.component.value, self.notes.component.value, *self.gpu.component.values]
        values += [str(self.engine.component.value), *self.uses.component.values]
        await interaction.response.send_message(" | ".join(values), ephemeral=True)


class LogForm(ui.Modal, title="Attach a log"):
    """A modal with an upload and a check box."""

    intro: Any = ui.TextDisplay("The **whole** log, please.")
    log: Any = ui.Label(text="Log", component=ui.FileUpload(max_values=1))
    sure: Any = ui.Label(text="I am sure", component=ui.Checkbox(default=False))

    async def on_submit(self, interaction: Interaction) -> None:
        """Read the file."""
        (file,) = self.log.component.values
        content = await file.read()
        sure = self.sure.component.value
        await interaction.response.send_message(f"{file.filename}: {len(content)} bytes, sure: {sure}")


class Counter(ui.DynamicItem[ui.Button[Any]], template=r"count:(?P<n>\d+)"):
    """A button that counts, its state in its id."""

    def __init__(self, n: int = 0) -> None:
        self.n = n
        super().__init__(ui.Button(label=f"Pressed {n}", custom_id=f"count:{n}", style=discord.ButtonStyle.primary))

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, _item: Any, match: Any, /) -> Counter:
        """Made anew from a press."""
        return cls(int(match["n"]))

    async def callback(self, interaction: Interaction) -> None:
        """Count one more, in place."""
        await interaction.response.edit_message(view=layout(self.n + 1))


def layout(n: int = 0) -> ui.LayoutView:
    """A layout with all there is in one; its pictures must come with the message."""
    view = ui.LayoutView(timeout=None)
    picks: ui.ActionRow[Any] = ui.ActionRow(
        ui.Select(
            custom_id="quant",
            placeholder="Quantisation",
            options=[discord.SelectOption(label=one, value=one, description=f"as {one}") for one in ("Q4_K_M", "Q8_0")],
        )
    )
    many: ui.ActionRow[Any] = ui.ActionRow(
        ui.Select(
            custom_id="many",
            placeholder="Several",
            max_values=2,
            options=[discord.SelectOption(label=one, value=one) for one in ("a", "b", "c")],
        )
    )
    buttons: ui.ActionRow[Any] = ui.ActionRow(
        Counter(n),
        ui.Button(label="Open the form", custom_id="form", style=discord.ButtonStyle.success),
        ui.Button(label="Danger", custom_id="never", style=discord.ButtonStyle.danger),
        ui.Button(label="Source", url="https://github.com/ggml-org/llama.cpp"),
    )
    view.add_item(
        ui.Container(
            ui.Section(
                "## Runs comfortably", "-# measured <t:1700000000:R>", accessory=ui.Thumbnail("attachment://a.png")
            ),
            ui.TextDisplay(
                "**5.9 of 12.0 GiB**\n```sh\nllama-server -c 8192\n```\n- one\n- [two](https://example.org)"
            ),
            ui.Separator(),
            ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png", description="memory by part")),
            ui.File("attachment://a.txt"),
            picks,
            many,
            buttons,
            accent_colour=0x3BA55D,
        )
    )
    view.stop()
    return view


class Showcase(discord.AutoShardedClient):
    """The client."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            guild_ready_timeout=0,
            allowed_mentions=discord.AllowedMentions.none(),
            connector=aiohttp.TCPConnector(limit=64),
            **more,
        )
        self.tree = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        command: Any
        for command in (say, later, show, card, form, upload, where, never, pick, explain, greet, hidden):
            self.tree.add_command(command)
        self.tree.add_command(rig)
        self.add_dynamic_items(Counter)

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Selects and buttons that are not dynamic items."""
        data: Any = interaction.data or {}
        if interaction.type is not discord.InteractionType.component:
            return
        if data["custom_id"] == "form":
            await interaction.response.send_modal(Form())
        elif data["custom_id"] in {"quant", "many", "people"}:
            await interaction.response.send_message(f"chosen: {', '.join(data['values'])}", ephemeral=True)


@app_commands.command(description="Say it back")
@app_commands.describe(text="What to say", times="How often", loud="In capitals")
async def say(
    interaction: Interaction, text: str, times: app_commands.Range[int, 1, 9] = 1, loud: bool = False
) -> None:
    """Say it back."""
    await interaction.response.send_message((text.upper() if loud else text) * times, ephemeral=True)


@say.autocomplete("text")
async def _(_interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{current.upper()}{n}", value=f"{current}{n}") for n in range(3)]


@app_commands.command(description="Answer later")
async def later(interaction: Interaction) -> None:
    """Defer, then answer twice."""
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(content="done")
    await interaction.followup.send("more", ephemeral=True)


@app_commands.command(description="A layout of components")
async def show(interaction: Interaction) -> None:
    """All of v2."""
    files = [discord.File(io.BytesIO(png()), "a.png"), discord.File(io.BytesIO(b"hello"), "a.txt")]
    await interaction.response.send_message(view=layout(), files=files)


@app_commands.command(description="An embed")
async def card(interaction: Interaction) -> None:
    """An embed with a picture."""
    made = discord.Embed(title="A *card*", description="with <script>alert(1)</script> in it", color=0x5865F2)
    for name in ("one", "two"):
        made.add_field(name=name, value=f"**{name}**", inline=True)
    made.set_image(url="attachment://a.png").set_footer(text="E = estimated").set_author(name="R")
    await interaction.response.send_message(embed=made, file=discord.File(io.BytesIO(png()), "a.png"))


@app_commands.command(description="Open a form")
async def form(interaction: Interaction, file: bool = False) -> None:
    """A modal."""
    await interaction.response.send_modal(LogForm() if file else Form())


@app_commands.command(description="Read a file")
async def upload(interaction: Interaction, log: discord.Attachment) -> None:
    """Read the file and send it back."""
    content = await log.read()
    back = discord.File(io.BytesIO(content[::-1]), f"back-{log.filename}")
    await interaction.response.send_message(f"{log.filename}: {len(content)}", file=back)


@app_commands.command(description="Where am I")
async def where(interaction: Interaction, user: discord.User | None = None) -> None:
    """Context, language, person."""
    said = f"{interaction.context} {interaction.locale} {interaction.user.id} {user.display_name if user else '-'}"
    said += f" {interaction.is_user_integration()}"
    await interaction.response.send_message(said, ephemeral=True)


@app_commands.command(description="Never answers")
async def never(_interaction: Interaction) -> None:
    """Let the deadline pass."""


@app_commands.command(description="Choose people")
async def pick(interaction: Interaction) -> None:
    """A select over people."""
    view = ui.View(timeout=None)
    view.add_item(ui.UserSelect(custom_id="people", placeholder="Who", max_values=2))
    view.stop()
    await interaction.response.send_message("who?", view=view, ephemeral=True)


@app_commands.command(description="For administrators")
@app_commands.default_permissions(administrator=True)
async def hidden(interaction: Interaction) -> None:
    """Hidden from members."""
    await interaction.response.send_message("secret", ephemeral=True)


rig = app_commands.Group(name="rig", description="Your rig")


@rig.command(name="set", description="Remember it")
async def rig_set(interaction: Interaction, name: app_commands.Range[str, 1, 20]) -> None:
    """A subcommand."""
    await interaction.response.send_message(f"rig: {name}", ephemeral=True)


@app_commands.context_menu(name="Explain this")
async def explain(interaction: Interaction, message: discord.Message) -> None:
    """A menu on a message."""
    await interaction.response.send_message(f"you mean: {message.content[:40]}", ephemeral=True)


@app_commands.context_menu(name="Greet")
async def greet(interaction: Interaction, user: discord.Member | discord.User) -> None:
    """A menu on a person."""
    await interaction.response.send_message(f"hello {user.display_name}", ephemeral=True)


@contextlib.asynccontextmanager
async def showing(discord_: StandIn, **more: Any) -> AsyncIterator[Showcase]:
    """The client logged in to a stand-in, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", discord_.api)
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord_.gateway_url))
        client = Showcase(**more)
        running = asyncio.create_task(client.start(discord_.token))
        ready = asyncio.create_task(discord_.until_commands())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        await discord_.until_ready()
        try:
            yield client
        finally:
            await client.close()
            await running
