"""Serves the site: puts it together from settings and stores, and runs uvicorn until it is stopped. No pages here."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

import uvicorn

from digest.letters import LetterMaker, Post
from digest.outgoing import identity_of, mailer_of, utc_now
from digest.settings import Settings
from digest.subscribers import Subscriptions
from digest.tokens import Links, Tokens
from digest.web.app import make_app
from digest.web.site import Limits, Site
from knowledge.answers import Answers
from knowledge.errors import BadInput
from knowledge.store.stores import Stores

CONNECTIONS_MAX: Final = 500
BACKLOG: Final = 2048
"""Connections that may wait to be taken, as uvicorn has it."""

GRACE_S: Final = 15
HEAD_MAX_BYTES: Final = 16 * 1024


def listening(host: str, port: int) -> socket.socket:
    """Return the socket to serve on. Raises BadInput where it cannot be had, as when another program has the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BadInput(
            f"{host} port {port} cannot be listened on: {os.strerror(error.errno) if error.errno else error}.",
            subject="DIGEST_WEB_PORT",
            hint="Stop what has it, or choose another with DIGEST_WEB_PORT or --port.",
        ) from error


def serve(site: Site, host: str, port: int, sock: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM. TLS and the public address are the business of a proxy before it."""
    uvicorn.Server(config_of(site, host, port)).run(sockets=[sock])


def config_of(site: Site, host: str, port: int) -> uvicorn.Config:
    """Return how uvicorn serves the site."""
    return uvicorn.Config(
        make_app(site),
        host=host,
        port=port,
        access_log=False,  # paths have people's links in them
        log_config=None,
        proxy_headers=False,  # `web.client` believes only the proxies named in the settings
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=HEAD_MAX_BYTES,
        lifespan="on",
    )


def make_site(settings: Settings, stores: Stores, data_dir: Path) -> Site:
    """Put the site together. Raises BadInput where a setting it needs is missing or cannot be used."""
    identity = identity_of(settings)
    tokens = Tokens(settings.mail.secrets)
    links = Links(settings.public_url, tokens)
    maker = LetterMaker(identity, links, settings.public_url, settings.mail.bounces)
    return Site(
        settings=settings,
        stores=stores,
        subscriptions=Subscriptions(stores.subscribers, tokens, utc_now),
        links=links,
        post=Post(maker, mailer_of(settings, data_dir), now=utc_now),
        now=utc_now,
        limits=Limits.of(settings.web.letters_per_hour),
        load_answers=lambda: Answers(stores.knowledge()),
    )
