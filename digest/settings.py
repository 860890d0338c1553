"""Settings of `digest`, read from the environment here and nowhere else in the package. No behaviour besides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import BadInput

SOURCES_DIR = Path(__file__).parent / "sources"
TEMPLATES_DIR = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the digest points its readers, and how it behaves towards the servers it reads.

    `public_url` (DIGEST_PUBLIC_URL): https address the links to archive and preferences begin with.
    `contact` (DIGEST_CONTACT): address put in the User-Agent, so that a server's operator can reach us.
    `collect_every_h` (DIGEST_COLLECT_EVERY_H): hours between two collects of `run`.
    `collect_at_start` (DIGEST_COLLECT_AT_START, 0 or 1): whether `run` collects at once when it starts.
    """

    public_url: str
    contact: str
    collect_every_h: float
    collect_at_start: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises BadInput with the setting's name when one cannot be used."""
        source = os.environ if env is None else env
        public_url = source.get("DIGEST_PUBLIC_URL", "https://runlocalai.co").rstrip("/")
        if not public_url.startswith("https://"):
            raise BadInput(
                "DIGEST_PUBLIC_URL does not begin with https://.",
                subject="DIGEST_PUBLIC_URL",
                hint="One-click unsubscribing needs an https address.",
            )
        return cls(
            public_url=public_url,
            contact=source.get("DIGEST_CONTACT", "https://runlocalai.co/contact"),
            collect_every_h=_hours(source.get("DIGEST_COLLECT_EVERY_H", "6")),
            collect_at_start=source.get("DIGEST_COLLECT_AT_START", "1") != "0",
        )


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if 0.25 <= hours <= 168:
        return hours
    raise BadInput(
        f"DIGEST_COLLECT_EVERY_H is {text[:20]!r}.",
        subject="DIGEST_COLLECT_EVERY_H",
        hint="Give hours between 0.25 and 168.",
    )
