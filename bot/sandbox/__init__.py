"""The sandbox: the real commands' cards without Discord, on the terminal and as a page that looks like Discord's.

    python -m bot sandbox                                              a gallery of every command's examples
    python -m bot sandbox /fit model:qwen3-8b hardware:RTX 3060 12GB   one call

It calls the same `reply` functions as the slash commands; it sends nothing and needs no token.
"""

from __future__ import annotations

from bot.sandbox.run import run_sandbox

__all__ = ["run_sandbox"]
