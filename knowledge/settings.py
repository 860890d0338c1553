"""Settings of `knowledge`, read from the environment here and nowhere else in the package. No behaviour besides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import BadInput

CONTENT_DIR = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the store and the content are.

    `database_url` (DATABASE_URL): `sqlite:///path` or `postgresql://…`; `postgresql+psycopg://…` is the same.
    `data_dir` (RUNLOCALAI_DATA): folder for the embedded store and rendered previews, `var` by default.
    """

    database_url: str
    data_dir: Path

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises BadInput with the setting's name when one cannot be used."""
        source = os.environ if env is None else env
        data_dir = Path(source.get("RUNLOCALAI_DATA", "var"))
        url = source.get("DATABASE_URL") or f"sqlite:///{data_dir / 'runlocalai.db'}"
        return cls(database_url=store_address(url), data_dir=data_dir)


def store_address(url: str, name: str = "DATABASE_URL") -> str:
    """Return a store's address without driver. Raises BadInput, naming the setting or option it is from."""
    for spelling in ("postgres://", "postgresql+psycopg://"):
        if url.startswith(spelling):
            url = "postgresql://" + url.removeprefix(spelling)
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise BadInput(
            f"{name} is neither sqlite:///… nor postgresql://….",
            subject=name,
            hint="Give sqlite:///path, or postgresql://user:password@host:port/name; DATABASE_URL unset is the "
            "embedded store.",
        )
    return url
