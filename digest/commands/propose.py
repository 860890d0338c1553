"""`digest propose --month M`: look at a month's new models, so that its issue can say what they need."""

from __future__ import annotations

import argparse
import asyncio

from digest.commands.output import DONE, say, say_json
from digest.months import check_month
from digest.outgoing import utc_now
from digest.proposing import propose
from digest.settings import Settings
from knowledge.inspect.inspection import Inspector
from knowledge.net import GuardedClient
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.proposal_store import ProposalRow
from knowledge.store.stores import Stores, open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "propose", help="look up a month's models that the catalogue lacks (uses the network)"
    )
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument("--json", action="store_true", help="one JSON line a model")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look, keep and tell."""
    month = check_month(args.month)
    stores = open_stores(KnowledgeSettings.from_env().database_url)
    rows = asyncio.run(propose_once(stores, Settings.from_env(), month))
    for row in rows:
        if args.json:
            say_json({"place": row.place, "state": row.state, "name": row.name, "problem": row.problem})
        else:
            say(f"{row.state:7s} {row.place}" + (f": {row.problem}" if row.problem else ""))
    if not args.json:
        say(f"{len(rows)} models of {month} looked at.")
    return DONE


async def propose_once(stores: Stores, settings: Settings, month: str) -> list[ProposalRow]:
    """Look up a month's new models with a client of its own."""
    async with GuardedClient(user_agent=f"RUNLOCALAI-digest/0.1 (+{settings.contact})") as client:
        return await propose(stores, Inspector(client), month, now=utc_now())
