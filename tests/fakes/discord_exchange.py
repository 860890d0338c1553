"""bot.standin.exchange by its old name."""

from bot.standin.exchange import Exchange

__all__ = ["Exchange"]
