"""Logging of the bot: one line an event in `key=value` form, credentials redacted, discord.py never below INFO.

discord.py's DEBUG lines hold interaction tokens, which are credentials for 15 minutes. What users write is never
logged.
"""

from __future__ import annotations

import logging
import sys
import time

from bot.text import redact

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+")


class Formatter(logging.Formatter):
    """`2026-11-23T12:00:00.123Z INFO bot.app ready shards=1`; newlines in a message cannot forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        """Set one record as a line, followed by its traceback where it has one."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"{when}.{int(record.msecs):03d}Z {record.levelname} {record.name} {message}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line)


def fields(**values: object) -> str:
    """Values as `key=value` pairs; those with blanks or quotes are quoted."""
    return " ".join(f"{key}={_value(value)}" for key, value in values.items() if value is not None)


def _value(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if text and _PLAIN.issuperset(text) else repr(text)


def configure(level: int = logging.INFO) -> None:
    """Send all logs to stderr in the house's form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("discord").setLevel(max(level, logging.INFO))
    for name in ("discord.client", "discord.state"):
        logging.getLogger(name).addFilter(_puzzles_nobody)


def _puzzles_nobody(record: logging.LogRecord) -> bool:
    """Leave out discord.py's warnings of what this bot does without on purpose: voice, and every intent."""
    return not any(
        words in record.getMessage() for words in ("voice will NOT be supported", "intent seems to be disabled")
    )
