"""bot.standin's limits by their old name."""

from bot.standin.limits_commands import command_problems
from bot.standin.limits_message import callback_problems, message_problems

__all__ = ["callback_problems", "command_problems", "message_problems"]
