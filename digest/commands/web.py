"""`digest web`: the pages, until stopped. What they are is in `digest.web`, which is loaded only here."""

from __future__ import annotations

import argparse
import logging
import secrets
from dataclasses import replace

from digest.commands.output import DONE, say
from digest.outgoing import OUTBOX_FOLDER
from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("web", help="serve the archive, the feeds and the subscribers' pages")
    command.add_argument("--host", default="", metavar="ADDRESS", help="instead of DIGEST_WEB_HOST")
    command.add_argument("--port", type=int, default=None, metavar="PORT", help="instead of DIGEST_WEB_PORT")
    command.add_argument(
        "--or-try", action="store_true", help="where mail is not set up, try it out here: letters go into a folder"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    from digest.web.serve import listening, make_site, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings, where = Settings.from_env(), KnowledgeSettings.from_env()
    host, port = args.host or settings.web.host, settings.web.port if args.port is None else args.port
    if not 0 < port < 65536:
        raise BadInput("--port is no port.", subject="--port", hint="Give a number from 1 to 65535.")
    untouched = not (settings.mail.from_address or settings.mail.secrets or settings.mail.server)
    if args.or_try and untouched:
        settings = _to_try(settings, host, port)
        say(f"Mail is not set up: letters go into {where.data_dir / OUTBOX_FOLDER}, links end with this process.")
    settings.mail.require()
    stores = open_stores(where.database_url)
    try:
        site, sock = make_site(settings, stores, where.data_dir), listening(host, port)
        say(f"The digest's pages are at http://{host}:{port}, for {settings.public_url}. Ctrl-C stops them.")
        serve(site, host, port, sock)
    finally:
        stores.close()
    return DONE


def _to_try(settings: Settings, host: str, port: int) -> Settings:
    """Return settings good for this machine alone: a sender that is nobody, a key that nobody keeps."""
    mail = replace(
        settings.mail,
        from_address="digest@example.org",
        bounces="digest@example.org",
        dkim_domain="example.org",
        secrets=(secrets.token_hex(32),),
    )
    return replace(settings, public_url=f"http://{host}:{port}", mail=mail)
