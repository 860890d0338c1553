"""The sandbox: the real bot process behind a stand-in for Discord, used from a browser on this machine.

    python -m bot sandbox                                              a page on loopback, no token needed
    python -m bot sandbox /fit model:qwen3-8b hardware:RTX 3060 12GB   one call, answered on the terminal

It calls none of the bot's code: what is seen went over the wire. It never reaches beyond this machine.
"""

from __future__ import annotations

from bot.sandbox.run import run_sandbox

__all__ = ["run_sandbox"]
