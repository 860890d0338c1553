"""`digest web`: the pages, until stopped. What they are is in `digest.web`, which is loaded only here."""

from __future__ import annotations

import argparse
import logging

from digest.commands.output import DONE, say
from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("web", help="serve the archive, the feeds and the subscribers' pages")
    command.add_argument("--host", default="", metavar="ADDRESS", help="instead of DIGEST_WEB_HOST")
    command.add_argument("--port", type=int, default=None, metavar="PORT", help="instead of DIGEST_WEB_PORT")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    from digest.web.serve import make_site, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings, where = Settings.from_env(), KnowledgeSettings.from_env()
    settings.mail.require()
    host, port = args.host or settings.web.host, settings.web.port if args.port is None else args.port
    if not 0 < port < 65536:
        raise BadInput("--port is no port.", subject="--port", hint="Give a number from 1 to 65535.")
    stores = open_stores(where.database_url)
    try:
        site = make_site(settings, stores, where.data_dir)
        say(f"The digest's pages are at http://{host}:{port}, for {settings.public_url}. Ctrl-C stops them.")
        serve(site, host, port)
    finally:
        stores.close()
    return DONE
