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
    `collect_at` (DIGEST_COLLECT_AT): `HH:MM` in UTC, when `run` collects each day.
    """

    public_url: str
    contact: str
    collect_at: tuple[int, int]

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
            collect_at=_clock(source.get("DIGEST_COLLECT_AT", "05:20")),
        )


def _clock(text: str) -> tuple[int, int]:
    hour, _, minute = text.partition(":")
    if hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60:
        return int(hour), int(minute)
    raise BadInput(
        f"DIGEST_COLLECT_AT is {text[:20]!r}, not HH:MM.", subject="DIGEST_COLLECT_AT", hint="For example 05:20 (UTC)."
    )
