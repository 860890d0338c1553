"""`digest dns-check`: whether the sender's domain is set up as mailbox providers ask."""

from __future__ import annotations

import argparse

from digest.commands.output import DONE, FAILED, say, say_json
from digest.dns_check import check_domain
from digest.dns_lookup import DnsResolver
from digest.errors import DigestError
from digest.outgoing import identity_of
from digest.settings import Settings

_MARKS = {"ok": "ok  ", "warn": "WARN", "bad": "BAD "}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("dns-check", help="check the sender's domain: SPF, DKIM, DMARC, MX, reverse name")
    command.add_argument("--address", default="", metavar="IP", help="the address that mails leave from")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask the DNS and tell; exit 1 where something is bad."""
    settings = Settings.from_env()
    identity = identity_of(settings)
    try:
        findings = check_domain(
            DnsResolver(),
            domain=identity.domain,
            keys=[(key.selector, key.record()) for key in identity.dkim_keys],
            bounce_domain=settings.mail.bounces.rpartition("@")[2],
            address=args.address,
        )
    except OSError as error:
        raise DigestError(str(error), subject=identity.domain, hint="Check this machine's resolver.") from error
    bad = any(finding.verdict == "bad" for finding in findings)
    if args.json:
        rows = [{"about": row.about, "verdict": row.verdict, "found": row.found, "mend": row.mend} for row in findings]
        say_json({"ok": not bad, "domain": identity.domain, "findings": rows})
    else:
        for row in findings:
            say(f"{_MARKS[row.verdict]} {row.about}: {row.found}" + (f"\n     {row.mend}" if row.mend else ""))
    return FAILED if bad else DONE
