"""`digest collect`: fetch all sources once and store what is new."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import difflib
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.collect import CatchUp, CollectReport, SourceReport, collect
from digest.commands.output import DONE, FAILED, say, say_json
from digest.commands.stores import open_store
from digest.fetch import Fetcher, FetchPolicy
from digest.settings import SOURCES_DIR, Settings
from digest.sources import Source, load_sources
from knowledge.errors import BadInput
from knowledge.net import GuardedClient
from knowledge.store.digest_store import DigestStore


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("collect", help="fetch all sources once and store what is new")
    command.add_argument("--sources", type=Path, default=SOURCES_DIR, metavar="DIR", help="folder of source files")
    command.add_argument(
        "--only", action="append", default=[], metavar="ID", help="collect this source only (repeatable)"
    )
    command.add_argument(
        "--recorded",
        action="store_true",
        help="a recorded run: sources on this machine (loopback) are allowed, and their server is not spared",
    )
    command.add_argument(
        "--due", action="store_true", help="only the sources whose time has come, by their pace, ttl and skipped hours"
    )
    command.add_argument("--json", action="store_true", help="one JSON line a source, then one of totals")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Collect; exit 1 where every single source failed."""
    sources = _chosen(load_sources(args.sources), args.only)
    store = open_store()
    report = asyncio.run(collect_once(sources, store, recorded=args.recorded, due_only=args.due))
    for line in report.sources:
        _tell(line, as_json=args.json)
    _tell_totals(report, as_json=args.json)
    return FAILED if sources and report.count("failed") == len(sources) else DONE


def _chosen(sources: Sequence[Source], only: Sequence[str]) -> list[Source]:
    """Return the sources of these ids, all where none is named. Raises BadInput for an id that no source has."""
    known = {source.id for source in sources}
    for wanted in only:
        if wanted not in known:
            near = difflib.get_close_matches(wanted, known, n=3)
            hint = f"Did you mean {', '.join(near)}?" if near else "`digest status` lists them."
            raise BadInput(f"There is no source '{wanted[:60]}'.", subject="--only", hint=hint)
    return [source for source in sources if not only or source.id in only]


async def collect_once(
    sources: Sequence[Source], store: DigestStore, *, recorded: bool, due_only: bool = False
) -> CollectReport:
    """Collect with a client of its own. A recorded run may reach loopback and does not wait between requests."""
    settings = Settings.from_env()
    policy = FetchPolicy(per_host_delay_s=0.0, backoff_s=0.05) if recorded else FetchPolicy()
    agent = f"RUNLOCALAI-digest/0.1 (+{settings.contact})"
    async with GuardedClient(user_agent=agent, allow_loopback=recorded) as client:
        fetcher = Fetcher(client, policy=policy, now=_now, jitter=random.Random())  # noqa: S311 - spreads load, hides nothing
        return await collect(
            sources,
            store=store,
            fetcher=fetcher,
            now=_now,
            due_only=due_only,
            longest=timedelta(hours=settings.collect_every_h),
            catch_up=CatchUp(token=settings.github_token) if settings.github_token and not recorded else None,
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(report: SourceReport, *, as_json: bool) -> None:
    if as_json:
        say_json({"source": report.source_id, **_without_id(report)})
    elif report.outcome == "failed":
        say(f"{report.source_id}: failed, {report.error_code}: {report.error}")
    elif report.outcome == "postponed":
        say(f"{report.source_id}: its server asks to be left alone for now")
    elif report.n_new or report.n_changed or report.warnings:
        extra = "".join(f"  ! {warning}" for warning in report.warnings)
        say(f"{report.source_id}: {report.n_new} new, {report.n_changed} changed of {report.n_entries}{extra}")


def _without_id(report: SourceReport) -> dict[str, object]:
    data = dataclasses.asdict(report)
    del data["source_id"]
    return data


def _tell_totals(report: CollectReport, *, as_json: bool) -> None:
    totals = {
        "n_sources": len(report.sources),
        "n_failed": report.count("failed"),
        "n_not_modified": report.count("not_modified"),
        "n_not_due": report.count("not_due"),
        "n_postponed": report.count("postponed"),
        "n_entries": report.total("n_entries"),
        "n_new": report.total("n_new"),
        "n_changed": report.total("n_changed"),
        "n_duplicate": report.total("n_duplicate"),
        "wire_bytes": report.total("wire_bytes"),
    }
    if as_json:
        say_json({"totals": totals})
        return
    say(
        f"{totals['n_sources']} sources: {totals['n_new']} new entries, {totals['n_changed']} changed; "
        f"{totals['n_not_modified']} unchanged, {totals['n_not_due']} not due, {totals['n_failed']} failed; "
        f"{totals['wire_bytes']:,} bytes downloaded."
    )
