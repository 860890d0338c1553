"""Whether a domain is set up to send: SPF, DKIM, DMARC, MX of the return path, reverse name of the sending address.

It judges records and reads none itself: a resolver is passed in (`dns_lookup` asks the real DNS). Each finding says
what to publish where something is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Verdict = Literal["ok", "warn", "bad"]
SPF_LOOKUPS_MAX: Final = 10
"""RFC 7208: a record that needs more is void."""

_LOOKUP: Final = re.compile(r"^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr|exists:)|^redirect=", re.IGNORECASE)
_INCLUDE: Final = re.compile(r"^[+?~-]?include:(.+)|^redirect=(.+)", re.IGNORECASE)


class Resolver(Protocol):
    """Asks the DNS."""

    def ask(self, name: str, kind: str) -> list[str]:
        """Return the records of a name (TXT joined, MX as `priority host`); empty where there are none.

        Raises OSError where the DNS cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one thing. `mend` says what to do, empty where all is well."""

    about: str
    verdict: Verdict
    found: str
    mend: str = ""


def check_domain(
    resolver: Resolver,
    *,
    domain: str,
    keys: Sequence[tuple[str, str]] = (),
    bounce_domain: str = "",
    address: str = "",
) -> list[Finding]:
    """Check a domain. `keys`: (selector, the record our key needs); `address`: the IP that mails leave from."""
    findings = [*_spf(resolver, bounce_domain or domain)]
    for selector, record in keys:
        findings.append(_dkim(resolver, f"{selector}._domainkey.{domain}", record))
    if not keys:
        findings.append(_missing_key())
    findings += [_dmarc(resolver, domain, bounce_domain), _mx(resolver, bounce_domain or domain)]
    return findings + ([_reverse(resolver, address)] if address else [])


def _missing_key() -> Finding:
    return Finding(
        about="DKIM", verdict="bad", found="no key is set", mend="Set DIGEST_DKIM_KEYS; bulk senders must sign."
    )


def _spf(resolver: Resolver, domain: str) -> Iterator[Finding]:
    about = f"SPF of {domain}"
    records = [text for text in resolver.ask(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        mend = f'Publish at {domain}: TXT "v=spf1 include:YOUR-MAIL-PROVIDER -all".'
        yield Finding(about=about, verdict="bad", found="no record", mend=mend)
        return
    if len(records) > 1:
        yield Finding(about=about, verdict="bad", found=f"{len(records)} records", mend="Keep one; two are an error.")
        return
    terms = records[0].split()
    lookups = _lookups(resolver, domain, depth=0)
    if lookups > SPF_LOOKUPS_MAX:
        mend = f"More than {SPF_LOOKUPS_MAX} make it void: remove includes."
        yield Finding(about=about, verdict="bad", found=f"{lookups} lookups", mend=mend)
    elif any(term.lower() in {"+all", "all", "?all"} for term in terms):
        yield Finding(about=about, verdict="bad", found=records[0], mend="It lets everybody send: end it with -all.")
    elif not any(term.lower().endswith("all") or term.lower().startswith("redirect=") for term in terms):
        yield Finding(about=about, verdict="warn", found=records[0], mend="End it with -all or ~all.")
    else:
        yield Finding(about=about, verdict="ok", found=f"{records[0]} ({lookups} lookups)")


def _lookups(resolver: Resolver, domain: str, *, depth: int) -> int:
    """Count what a receiver must look up, includes included, no deeper than could matter."""
    records = [text for text in resolver.ask(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    if not records or depth > SPF_LOOKUPS_MAX:
        return 0
    count = 0
    for term in records[0].split()[1:]:
        count += _LOOKUP.search(term) is not None
        found = _INCLUDE.match(term)
        if found is not None and count <= SPF_LOOKUPS_MAX:
            count += _lookups(resolver, found[1] or found[2], depth=depth + 1)
    return count


def _dkim(resolver: Resolver, name: str, record: str) -> Finding:
    about, mend = f"DKIM at {name}", f'Publish at {name}: TXT "{record}".'
    published = [text for text in resolver.ask(name, "TXT") if "p=" in text]
    if not published:
        return Finding(about=about, verdict="bad", found="no record", mend=mend)
    if _tag(published[0], "p") == _tag(record, "p"):
        testing = "y" in _tag(published[0], "t").split(":")
        return Finding(
            about=about,
            verdict="warn" if testing else "ok",
            found="our key" + (", marked as a test" if testing else ""),
            mend="Remove t=y: receivers may ignore a test." if testing else "",
        )
    return Finding(about=about, verdict="bad", found="another key", mend=mend)


def _dmarc(resolver: Resolver, domain: str, bounce_domain: str) -> Finding:
    about = f"DMARC of {domain}"
    names = [f"_dmarc.{domain}", f"_dmarc.{'.'.join(domain.split('.')[-2:])}"]
    records = next((found for name in names if (found := _dmarc_records(resolver, name))), [])
    mend = f'Publish at _dmarc.{domain}: TXT "v=DMARC1; p=none; rua=mailto:dmarc@{domain}".'
    if not records:
        return Finding(about=about, verdict="bad", found="no record", mend=mend)
    policy = _tag(records[0], "p").lower()
    if len(records) > 1 or policy not in {"none", "quarantine", "reject"}:
        return Finding(about=about, verdict="bad", found=records[0], mend=mend)
    if bounce_domain and not _aligned(bounce_domain, domain) and _tag(records[0], "aspf").lower() == "s":
        mend = "SPF does not align with the sender; mails rely on DKIM alone."
        return Finding(about=about, verdict="warn", found=records[0], mend=mend)
    if not _tag(records[0], "rua"):
        mend = f"Add rua=mailto:dmarc@{domain} to hear of mails sent in your name."
        return Finding(about=about, verdict="warn", found=records[0], mend=mend)
    return Finding(about=about, verdict="ok", found=records[0])


def _dmarc_records(resolver: Resolver, name: str) -> list[str]:
    return [text for text in resolver.ask(name, "TXT") if text.lower().replace(" ", "").startswith("v=dmarc1")]


def _aligned(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _mx(resolver: Resolver, domain: str) -> Finding:
    about = f"MX of {domain}"
    hosts = [record.split()[-1].rstrip(".") for record in resolver.ask(domain, "MX")]
    if hosts and hosts != [""]:
        return Finding(about=about, verdict="ok", found=", ".join(sorted(hosts)))
    mend = "Returned mails cannot arrive, and some receivers refuse a sender without one."
    return Finding(about=about, verdict="bad", found="none" if not hosts else "it takes no mail", mend=mend)


def _reverse(resolver: Resolver, address: str) -> Finding:
    about = f"reverse name of {address}"
    names = [name.rstrip(".") for name in resolver.ask(address, "PTR")]
    mend = "Ask whoever gave you the address to set its reverse name to a host that leads back to it."
    if not names:
        return Finding(about=about, verdict="bad", found="none", mend=mend)
    kind = "AAAA" if ":" in address else "A"
    if any(address in resolver.ask(name, kind) for name in names):
        return Finding(about=about, verdict="ok", found=", ".join(names))
    return Finding(about=about, verdict="bad", found=f"{names[0]}, which does not lead back", mend=mend)


def _tag(record: str, name: str) -> str:
    """Return a tag's value, without blanks."""
    for part in record.split(";"):
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return "".join(value.split())
    return ""
