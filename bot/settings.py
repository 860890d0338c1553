"""Settings of the bot, read from the environment here and nowhere else in the package. No behaviour besides."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings

Value = TypeVar("Value")

MOST_SHARDS = 10_000
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{20,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the bot process needs to know.

    `token` (DISCORD_TOKEN): the bot's token, never shown.
    `database_url` (DATABASE_URL), `data_dir` (RUNLOCALAI_DATA): where the store is, as in knowledge.settings.
    `api_url` (RUNLOCALAI_DISCORD_API), `gateway_url` (RUNLOCALAI_DISCORD_GATEWAY): another Discord than the real one,
    on loopback only: whoever answers there is handed the token.
    `shard_count` (RUNLOCALAI_SHARD_COUNT), `shard_ids` (RUNLOCALAI_SHARD_IDS, such as `0-3` or `0,2`): the part of a
    sharded bot that this process serves; None lets Discord say how many shards there are, and serves them all.
    `secret` (BOT_SECRET): signs what stands in buttons, the same for all processes; made from the token where it is not
    set, so that a new token makes old buttons void.
    `maintainers` (BOT_MAINTAINERS): Discord ids of those who may use /digest and /kb, separated by commas.
    `site_url` (DIGEST_PUBLIC_URL): the digest's web pages, for /subscribe.
    `reload_s` (RUNLOCALAI_RELOAD_S): how often, in seconds, the store is asked whether its content has changed; 30.
    `health_port` (BOT_HEALTH_PORT): /healthz and Prometheus' /metrics are served there on 127.0.0.1 where it is set.
    """

    token: str = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    api_url: str = ""
    gateway_url: str = ""
    shard_count: int | None = None
    shard_ids: tuple[int, ...] | None = None
    reload_s: float = 30.0
    health_port: int | None = None
    secret: bytes = field(default=b"", repr=False)
    maintainers: frozenset[int] = frozenset()
    site_url: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, need_token: bool = True) -> Settings:
        """Read the settings; raises one BadInput that names all that cannot be used, and how to mend each."""
        source = os.environ if env is None else env
        wrong = Wrong()
        no_store = KnowledgeSettings(database_url="", data_dir=Path())
        store = wrong.read(KnowledgeSettings.from_env, source, otherwise=no_store)
        token = wrong.read(_token, source, otherwise="") if need_token else ""
        some: int | None = MOST_SHARDS  # of a number that is none, only the shards' own numbers are looked at
        count = wrong.read(_whole, source, "RUNLOCALAI_SHARD_COUNT", 1, MOST_SHARDS, otherwise=some)
        ids = wrong.read(_shard_ids, source, count, otherwise=None)
        nobody: frozenset[int] = frozenset()
        maintainers = wrong.read(_ids, source, "BOT_MAINTAINERS", otherwise=nobody)
        site = wrong.read(_site, source, "DIGEST_PUBLIC_URL", otherwise="")
        api = wrong.read(_loopback, source, "RUNLOCALAI_DISCORD_API", {"http", "https"}, otherwise="")
        gateway = wrong.read(_loopback, source, "RUNLOCALAI_DISCORD_GATEWAY", {"ws", "wss"}, otherwise="")
        port = wrong.read(_whole, source, "BOT_HEALTH_PORT", 1, 65_535, otherwise=None)
        reload_s = wrong.read(_whole, source, "RUNLOCALAI_RELOAD_S", 1, 86_400, otherwise=None)
        wrong.raise_all()
        return cls(
            token=token,
            secret=(source.get("BOT_SECRET", "").strip() or token).encode(),
            maintainers=maintainers,
            site_url=site,
            database_url=store.database_url,
            data_dir=store.data_dir,
            api_url=api,
            gateway_url=gateway,
            shard_count=count,
            shard_ids=ids,
            health_port=port,
            reload_s=float(reload_s or 30),
        )


class Wrong:
    """Gathers what is wrong with settings, so that an operator mends all of it at once."""

    def __init__(self) -> None:
        self._found: list[BadInput] = []

    def read(self, take: Callable[..., Value], *given: Any, otherwise: Value) -> Value:  # noqa: ANN401 -- take's own
        """What `take` reads; `otherwise`, and its error kept, where it cannot be used."""
        try:
            return take(*given)
        except BadInput as error:
            self._found.append(error)
            return otherwise

    def raise_all(self) -> None:
        """Raise one BadInput that names all of it; nothing where all is well."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise BadInput(
                "\n  ".join([f"{len(self._found)} settings cannot be used.", *map(str, self._found)]),
                subject=", ".join(error.subject for error in self._found),
            )


def token_is_set() -> bool:
    """Whether a token is given at all; whether it is one, `Settings.from_env` says."""
    return bool(os.environ.get("DISCORD_TOKEN", "").strip())


def one_thread_for_numpy() -> None:
    """Keep NumPy, which is not loaded yet, from starting a thread a core at its import: nothing here is large enough.

    Who sets OPENBLAS_NUM_THREADS is heeded.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with some variables changed, for a process started from here."""
    return {**os.environ, **changes}


def _token(source: Mapping[str, str]) -> str:
    token = source.get("DISCORD_TOKEN", "").strip()
    if not token:
        raise BadInput(
            "DISCORD_TOKEN is not set, so the bot cannot log in.",
            subject="DISCORD_TOKEN",
            hint="Create an application at https://discord.com/developers/applications, copy its bot's token and start "
            "with DISCORD_TOKEN=… python -m bot. Without a token, use the bot in a browser: python -m bot sandbox",
        )
    if not _TOKEN.fullmatch(token):
        raise BadInput(
            "DISCORD_TOKEN does not look like a bot token.",
            subject="DISCORD_TOKEN",
            hint="Give the token alone, without quotes and without the word Bot.",
        )
    return token


def _loopback(source: Mapping[str, str], name: str, schemes: set[str]) -> str:
    url = source.get(name, "").strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in schemes or not _is_loopback(parts.hostname or "") or parts.username is not None:
        raise BadInput(
            f"{name} may only point to this machine.",
            subject=name,
            hint=f"Unset it, or give {min(schemes, key=len)}://127.0.0.1:port/…; the bot's token is sent there.",
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ids(source: Mapping[str, str], name: str) -> frozenset[int]:
    words = source.get(name, "").replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) <= 20 for word in words):
        raise BadInput(
            f"{name} is not a list of Discord ids.", subject=name, hint="Give ids such as 80351110224678912."
        )
    return frozenset(map(int, words))


def _site(source: Mapping[str, str], name: str) -> str:
    url = source.get(name, "").strip().rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or len(url) > 300):
        raise BadInput(f"{name} is not the address of a site.", subject=name, hint="Give https://example.org")
    return url


def _whole(source: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = source.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise BadInput(f"{name} is not a whole number in range.", subject=name, hint=f"Give {low} to {high}.")
    return int(text)


def _shard_ids(source: Mapping[str, str], count: int | None) -> tuple[int, ...] | None:
    text = source.get("RUNLOCALAI_SHARD_IDS", "").strip()
    if not text:
        return None
    ids: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})(?:-(\d{1,5}))?\s*", part)
        if found is None:
            raise BadInput(
                "RUNLOCALAI_SHARD_IDS is not a list of shards.",
                subject="RUNLOCALAI_SHARD_IDS",
                hint="Give 0-3 or 0,2,5.",
            )
        ids += range(int(found[1]), int(found[2] or found[1]) + 1)
    if count is None or not ids or max(ids) >= count:
        raise BadInput(
            "RUNLOCALAI_SHARD_IDS names shards beyond RUNLOCALAI_SHARD_COUNT.",
            subject="RUNLOCALAI_SHARD_IDS",
            hint="Set RUNLOCALAI_SHARD_COUNT to the number of all shards; ids run from 0 to one less.",
        )
    return tuple(sorted(set(ids)))
