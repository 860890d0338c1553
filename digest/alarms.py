"""Alarms: what a person must look at, in the log at once and in the store for whoever shows it. It mends nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from knowledge.errors import StoreError
from knowledge.store.run_store import RunStore

log = logging.getLogger(__name__)


class Alarms:
    """Raises alarms. The log has every one of them, also when the store cannot keep it."""

    def __init__(self, runs: RunStore, now: Callable[[], datetime]) -> None:
        self._runs = runs
        self._now = now

    def sound(self, kind: str, subject: str, message: str) -> None:
        """Raise an alarm of a kind about a subject; one that is open already is only counted."""
        log.critical("ALARM %s %s: %s", kind, subject, message)
        try:
            self._runs.raise_alarm(kind, subject, message, now=self._now())
        except StoreError as error:
            log.warning("The alarm could not be kept: %s", error)

    def clear(self, subject: str) -> None:
        """Close the alarms about a subject."""
        self._runs.clear_alarms(subject, now=self._now())
