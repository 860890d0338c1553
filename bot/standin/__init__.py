"""A stand-in for Discord on loopback: REST, gateway and CDN, close enough that an unmodified client cannot tell.

The sandbox serves the real bot through it, the wire tests and benches drive the real bot with it. It knows nothing of
our commands and imports nothing of the bot; it never reaches beyond this machine and keeps all in memory.
"""

from __future__ import annotations

from bot.standin.rules import Rules
from bot.standin.server import TOKEN, StandIn

__all__ = ["TOKEN", "Rules", "StandIn"]
