"""Who may do what: maintainers by their Discord ids, servers' settings by Discord's own permission. Pure.

Checked here for every press and command, because `default_permissions` only hides commands from people.
"""

from __future__ import annotations

from collections.abc import Collection


def is_maintainer(user_id: int, maintainers: Collection[int]) -> bool:
    """Whether a person may use the maintainers' commands. With none named, nobody may."""
    return user_id in maintainers


def may_manage(*, guild_id: int | None, manage_guild: bool, guild_installed: bool) -> bool:
    """Whether a person may change a server's settings: in it, allowed by it, and through the bot it installed.

    In a server that has not installed the bot, a person's own installation must not speak for the server.
    """
    return guild_id is not None and manage_guild and guild_installed
