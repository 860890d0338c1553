"""bot.standin.payloads by its old name."""

from bot.standin.payloads import APP_ID, GUILD_ID, USER_ID, Json, command_data, component_data

__all__ = ["APP_ID", "GUILD_ID", "USER_ID", "Json", "command_data", "component_data"]
