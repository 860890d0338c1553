"""Names and descriptions of commands in the languages of bot.say, for Discord's own menus. No replies here.

Keys follow the command: `command.fit.description`, and `option.model` unless a command has an option of that name mean
something else (`command.rig_set.option.hardware`). Slash commands and options keep their English names, which replies,
guides and other people's messages cite; menus on messages are sentences and are translated. English stands in the code.
"""

from __future__ import annotations

from typing import Any

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Place

from bot.say import ENGLISH, LANGUAGES, locale_of, read

SPANISH = (Locale.spain_spanish, Locale.latin_american_spanish)
"""Two of Discord's locales, one of ours."""


class Translator(app_commands.Translator):
    """Looks a string up by where it stands."""

    async def translate(
        self,
        string: app_commands.locale_str,  # noqa: ARG002 -- discord.py names it
        locale: Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The string in a locale of ours; None leaves Discord with the English one."""
        ours = locale_of(locale.value)
        if ours == ENGLISH or (locale.value not in LANGUAGES and locale not in SPANISH):
            return None
        texts = read(ours)
        return next((texts[key] for key in keys_of(context) if key in texts), None)


def keys_of(context: Any) -> tuple[str, ...]:  # noqa: ANN401 -- a union of discord.py's contexts
    """The message keys of a place, the closest first; none for what is said the same everywhere (choices)."""
    place, data = context.location, context.data
    if place is Place.command_name:
        return (f"command.{slug(data.qualified_name)}.name",)
    if place in {Place.command_description, Place.group_description}:
        return (f"command.{slug(data.qualified_name)}.description",)
    if place is Place.parameter_description:
        return (f"command.{slug(data.command.qualified_name)}.option.{data.name}", f"option.{data.name}")
    return ()


def slug(name: str) -> str:
    """A command's name as a part of a key."""
    return "".join(char if char.isalnum() else "_" for char in name.lower()).strip("_")
