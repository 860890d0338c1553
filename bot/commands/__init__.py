"""The slash commands, one file a command, found by themselves.

A command module has
    NAME, DESCRIPTION   what Discord shows
    EXAMPLES            options of example calls, shown by the sandbox and run by the tests
    reply(desk, …)      the answer as cards; pure, also what the sandbox and the tests call
    build(desk)         the discord.py command: options, autocomplete, and a call of `reply`

Two commands of one name, or a module without these, are refused when the bot starts. Nothing is answered here.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

CONTRACT = ("NAME", "DESCRIPTION", "EXAMPLES", "reply", "build")


def modules() -> list[ModuleType]:
    """Every command module, sorted by name. Raises TypeError where one does not keep the contract."""
    found: dict[str, ModuleType] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        missing = [name for name in CONTRACT if not hasattr(module, name)]
        if missing:
            raise TypeError(f"bot/commands/{info.name}.py lacks {', '.join(missing)}")
        if module.NAME in found:
            raise TypeError(f"two commands are called /{module.NAME}")
        found[module.NAME] = module
    return list(found.values())
