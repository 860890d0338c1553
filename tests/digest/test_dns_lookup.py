"""The resolver against a DNS server on loopback: real packets, every kind of record, every kind of silence."""

from __future__ import annotations

import pytest

from digest import dns_lookup
from digest.dns_check import check_domain
from digest.dns_lookup import DnsResolver
from digest.web.deliverable import check_domain as check_deliverable
from knowledge.errors import BadInput
from tests.fakes.dns_server import Fault, Zone, dns_server

LONG_KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
ZONE = {
    ("example.org", "TXT"): ['"v=spf1 include:spf.example.net " "-all"', '"something else"'],
    ("spf.example.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"'],
    ("s1._domainkey.example.org", "TXT"): [f'"{LONG_KEY[:250]}" "{LONG_KEY[250:]}"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none; rua=mailto:d@example.org"'],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["mail.example.org."],
    ("mail.example.org", "A"): ["192.0.2.1"],
    ("nothing.example.org", "MX"): ["0 ."],
}


def test_every_kind_of_record() -> None:
    with dns_server(Zone(dict(ZONE))) as zone:
        ask = DnsResolver(zone.resolver()).ask
        assert sorted(ask("example.org", "TXT")) == ["something else", "v=spf1 include:spf.example.net -all"]
        assert ask("s1._domainkey.example.org", "TXT") == [LONG_KEY]  # two strings of a record are one text
        assert ask("example.org", "MX") == ["10 mx.example.org."]
        assert ask("192.0.2.1", "PTR") == ["mail.example.org."]
        assert ask("mail.example.org", "A") == ["192.0.2.1"]
        assert ask("mail.example.org", "AAAA") == []  # the name is there, the kind is not
        assert ask("nowhere.example.org", "A") == []


@pytest.mark.parametrize("fault", ["silent", "servfail", "refused", "garbage"])
def test_a_server_that_does_not_answer_is_no_answer(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """No record and no answer are different things: the first is for the operator to mend."""
    monkeypatch.setattr(dns_lookup, "TIMEOUT_S", 0.5)
    with dns_server(Zone(dict(ZONE), fault=fault)) as zone, pytest.raises(OSError, match=r"about example\.org"):
        DnsResolver(zone.resolver()).ask("example.org", "TXT")


@pytest.mark.parametrize("name", ["a" * 64 + ".example.org", "..", "no address"])
def test_names_that_cannot_be(name: str) -> None:
    with dns_server(Zone(dict(ZONE))) as zone:
        kind = "PTR" if " " in name else "A"
        with pytest.raises(OSError, match="does not answer"):
            DnsResolver(zone.resolver()).ask(name, kind)
        assert zone.asked == []


def test_a_domain_is_checked_over_the_wire() -> None:
    with dns_server(Zone(dict(ZONE))) as zone:
        findings = check_domain(
            DnsResolver(zone.resolver()),
            domain="example.org",
            keys=[("s1", LONG_KEY)],
            bounce_domain="example.org",
            address="192.0.2.1",
        )
        assert {finding.verdict for finding in findings} == {"ok"}, findings
        assert ("_dmarc.example.org", "TXT") in zone.asked
        del zone.records["_dmarc.example.org", "TXT"]
        verdicts = {
            one.about.partition(" ")[0]: one.verdict
            for one in check_domain(DnsResolver(zone.resolver()), domain="example.org")
        }
        assert verdicts["DMARC"] == "bad"


@pytest.mark.parametrize(
    ("domain", "takes"), [("example.org", True), ("nothing.example.org", False), ("no.org", False)]
)
def test_a_domain_that_takes_mail(domain: str, takes: bool) -> None:
    """What the pages ask before they take an address, where they are told to."""
    with dns_server(Zone(dict(ZONE))) as zone:
        if takes:
            check_deliverable(domain, zone.resolver())
            return
        with pytest.raises(BadInput):
            check_deliverable(domain, zone.resolver())


def test_a_silent_dns_says_nothing_against_a_domain() -> None:
    with dns_server(Zone(dict(ZONE), fault="servfail")) as zone:
        check_deliverable("example.org", zone.resolver())
