"""The documentation of the slash commands says what the commands are."""

from __future__ import annotations

from bot import commands
from bot.reference import slash_commands


def test_every_command_and_option_is_described() -> None:
    text = slash_commands()
    for module in commands.modules():
        if module.NAME in {"rig", "digest", "kb"}:
            assert f"### `/{module.NAME} " in text
        else:
            name = f"`/{module.NAME}`" if module.NAME.islower() else module.NAME
            assert f"### {name}\n\n{module.DESCRIPTION}.\n" in text
    assert (
        "- `model` Which model: type a few letters (text, required, completes as you type, at most 100 characters)"
        in text
    )
    assert "(whole number, optional, 1 to 16)" in text
    assert "`llama.cpp`, `ollama`" in text
    assert "- `log` A log file" in text
