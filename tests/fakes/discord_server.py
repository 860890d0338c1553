"""The loopback Discord by its old name; it lives in bot.standin, which the sandbox ships."""

from bot.standin.server import TOKEN
from bot.standin.server import StandIn as FakeDiscord

__all__ = ["TOKEN", "FakeDiscord"]
