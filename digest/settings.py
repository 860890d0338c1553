"""Settings of `digest`, read from the environment here and nowhere else in the package. No behaviour besides."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from digest.bounce_settings import BounceSettings, read_bounce_settings
from digest.mail_settings import MailSettings, Problems, read_mail_settings
from digest.web_settings import WebSettings, read_web_settings
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings

SOURCES_DIR = Path(__file__).parent / "sources"
TEMPLATES_DIR = Path(__file__).parent.parent / "templates"
_HERE = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the digest points its readers, how it behaves towards the servers it reads, and how its mails leave.

    `public_url` (DIGEST_PUBLIC_URL): https address that links in mails begin with; http only for 127.0.0.1, to try out.
    `contact` (DIGEST_CONTACT): address put in the User-Agent, so that a server's operator can reach us.
    `collect_every_h` (DIGEST_COLLECT_EVERY_H): hours `run` leaves a source alone at most; fast ones it asks oftener.
    `collect_at_start` (DIGEST_COLLECT_AT_START, 0 or 1): whether `run` collects at once when it starts.
    `github_token` (DIGEST_GITHUB_TOKEN): fills gaps in GitHub's ten-entry feeds from its API; no rights are needed.

    In `mail`, needed to send:

    `from_address` (DIGEST_FROM): the sender, like 'RUNLOCALAI <digest@example.org>'.
    `secrets` (DIGEST_SECRET): keys that sign links and return paths, newest first with commas between; never shown.
    `reply_to` (DIGEST_REPLY_TO): where answers go; the sender unless set.
    `bounces` (DIGEST_BOUNCES): mailbox returned mails go to, which must take name+anything; the sender unless set.
    `dkim_files` (DIGEST_DKIM_KEYS): private keys that sign mails, as selector=file with commas between.
    `dkim_domain` (DIGEST_DKIM_DOMAIN): the domain they are published under; the sender's unless set.
    `host` (SMTP_HOST): the mail server; without one, mails are written into a folder of the data folder.
    `port` (SMTP_PORT): its port; 587, 465 or 25 by its security unless set.
    `security` (SMTP_SECURITY): starttls, tls, or none, which only a server on this machine may have.
    `user` (SMTP_USER): the login; needs SMTP_PASSWORD.
    `password` (SMTP_PASSWORD): never shown.
    `ca_file` (SMTP_CA_FILE): authorities to trust instead of the system's.
    `hello_name` (SMTP_HELLO): name this machine gives itself; its host name unless set.
    `connections` (SMTP_CONNECTIONS): how many at once by each worker; 10.
    `timeout_s` (SMTP_TIMEOUT_S): seconds to wait for an answer; 60.
    `limit` (DIGEST_SEND_LIMIT): mails in so many seconds by all workers together, like 10000/3600.
    `lanes` (DIGEST_DOMAIN_LIMITS): the same for domains, and connections a worker: gmail.com+googlemail.com=600/60:4.
    `test_to` (DIGEST_TEST_TO): who gets the test mails that maintainers ask for in Discord; commas between.
    `lease_s` (DIGEST_LEASE_S): seconds after which another worker takes over what a dead one held; 60.

    In `web`, needed by the pages:

    `host` (DIGEST_WEB_HOST): address the pages listen on; 127.0.0.1, behind a proxy that speaks TLS.
    `port` (DIGEST_WEB_PORT): their port; 8080.
    `proxies` (DIGEST_WEB_PROXIES): proxies whose X-Forwarded-For is believed, as addresses or networks; nobody's.
    `metrics_for` (DIGEST_WEB_METRICS): who may read /metrics, likewise; this machine alone.
    `check_dns` (DIGEST_WEB_CHECK_DNS, 0 or 1): whether an address needs a domain that takes mail; 0.
    `letters_per_hour` (DIGEST_WEB_LETTERS): letters of confirmation an hour at most, to all addresses together; 600.

    In `returned`, to read what comes back (`digest bounces read`, and `digest run`):

    `soft_limit`, `soft_days` (DIGEST_SOFT_BOUNCES): passing faults in days that end a subscription, like 3/120.
    `maildir` (DIGEST_BOUNCE_MAILDIR): Maildir the returned mails are delivered into.
    `host` (IMAP_HOST): or the mail server whose mailbox they lie in.
    `port` (IMAP_PORT): its port; 993 or 143 by its security unless set.
    `security` (IMAP_SECURITY): tls, starttls, or none, which only a server on this machine may have.
    `user` (IMAP_USER): the login.
    `password` (IMAP_PASSWORD): never shown.
    `folder` (IMAP_FOLDER): the mailbox's folder; INBOX.
    """

    public_url: str
    contact: str
    collect_every_h: float
    collect_at_start: bool
    github_token: str = field(default="", repr=False)
    mail: MailSettings = field(default_factory=MailSettings)
    web: WebSettings = field(default_factory=WebSettings)
    returned: BounceSettings = field(default_factory=BounceSettings)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises one BadInput that names every setting that cannot be used."""
        source = os.environ if env is None else env
        problems = Problems()
        settings = cls(
            public_url=problems.read(
                "DIGEST_PUBLIC_URL",
                source,
                "https://runlocalai.co",
                _https,
                "One-click unsubscribing needs an https address.",
            ),
            contact=problems.read(
                "DIGEST_CONTACT", source, "https://runlocalai.co/contact", _plain, "Give a web or mail address."
            ),
            collect_every_h=problems.read(
                "DIGEST_COLLECT_EVERY_H", source, "6", _hours, "Give hours between 0.25 and 168."
            ),
            collect_at_start=source.get("DIGEST_COLLECT_AT_START", "1") != "0",
            github_token=source.get("DIGEST_GITHUB_TOKEN", "").strip(),
            mail=read_mail_settings(source, problems),
            web=read_web_settings(source, problems),
            returned=read_bounce_settings(source, problems),
        )
        try:
            KnowledgeSettings.from_env(source)
        except BadInput as error:
            problems.found.append(error)
        problems.raise_all()
        return settings


def _https(text: str) -> str:
    fine = text.startswith("https://") or _HERE.fullmatch(text)
    if not fine or not text.isascii() or not text.isprintable() or len(text) > 200:
        raise ValueError("does not begin with https://")
    return text.rstrip("/")


def _plain(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > 200:
        raise ValueError("has characters that cannot stand in a header, or too many")
    return text


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if 0.25 <= hours <= 168:
        return hours
    raise ValueError("is no number of hours that makes sense")
