"""The domain's check over recorded answers: each way to get it wrong is named with what to publish instead."""

from __future__ import annotations

import pytest

from digest.dns_check import Finding, check_domain

KEY = ("s1", "v=DKIM1; k=ed25519; p=QUJD")
GOOD = {
    ("example.org", "TXT"): ["something else", "v=spf1 include:_spf.provider.example ip4:192.0.2.1 -all"],
    ("_spf.provider.example", "TXT"): ["v=spf1 ip4:198.51.100.0/24 a mx ~all"],
    ("s1._domainkey.example.org", "TXT"): ["v=DKIM1; k=ed25519; p=QU JD"],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=none; rua=mailto:d@example.org"],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("192.0.2.1", "PTR"): ["mail.example.org."],
    ("mail.example.org", "A"): ["192.0.2.1"],
}


class Recorded:
    """Answers as they were recorded."""

    def __init__(self, answers: dict[tuple[str, str], list[str]]) -> None:
        self._answers = answers

    def ask(self, name: str, kind: str) -> list[str]:
        return self._answers.get((name, kind), [])


def check(changes: dict[tuple[str, str], list[str]]) -> dict[str, Finding]:
    findings = check_domain(
        Recorded(GOOD | changes), domain="example.org", keys=[KEY], bounce_domain="example.org", address="192.0.2.1"
    )
    return {finding.about.partition(" ")[0]: finding for finding in findings}


def test_a_good_domain_is_good() -> None:
    found = check({})
    assert {about: row.verdict for about, row in found.items()} == dict.fromkeys(
        ("SPF", "DKIM", "DMARC", "MX", "reverse"), "ok"
    )
    assert "3 lookups" in found["SPF"].found


@pytest.mark.parametrize(
    ("asked", "answer", "about", "verdict", "words"),
    [
        (("example.org", "TXT"), [], "SPF", "bad", "no record"),
        (("example.org", "TXT"), ["v=spf1 -all", "v=spf1 ~all"], "SPF", "bad", "2 records"),
        (("example.org", "TXT"), ["v=spf1 +all"], "SPF", "bad", "+all"),
        (("example.org", "TXT"), ["v=spf1 ip4:192.0.2.1"], "SPF", "warn", "ip4"),
        (("example.org", "TXT"), ["v=spf1 " + "a:x.example " * 11 + "-all"], "SPF", "bad", "11 lookups"),
        (("example.org", "TXT"), ["v=spf1 include:example.org -all"], "SPF", "bad", "11 lookups"),
        (("s1._domainkey.example.org", "TXT"), [], "DKIM", "bad", "no record"),
        (("s1._domainkey.example.org", "TXT"), ["v=DKIM1; p=WFla"], "DKIM", "bad", "another key"),
        (("s1._domainkey.example.org", "TXT"), ["v=DKIM1; t=y; p=QUJD"], "DKIM", "warn", "test"),
        (("_dmarc.example.org", "TXT"), [], "DMARC", "bad", "no record"),
        (("_dmarc.example.org", "TXT"), ["v=DMARC1; p=maybe"], "DMARC", "bad", "maybe"),
        (("_dmarc.example.org", "TXT"), ["v=DMARC1; p=reject"], "DMARC", "warn", "reject"),
        (("example.org", "MX"), [], "MX", "bad", "none"),
        (("example.org", "MX"), ["0 ."], "MX", "bad", "takes no mail"),
        (("192.0.2.1", "PTR"), [], "reverse", "bad", "none"),
        (("mail.example.org", "A"), ["192.0.2.9"], "reverse", "bad", "does not lead back"),
    ],
)
def test_what_is_wrong_is_named(
    asked: tuple[str, str], answer: list[str], about: str, verdict: str, words: str
) -> None:
    finding = check({asked: answer})[about]
    assert finding.verdict == verdict
    assert words in finding.found
    assert finding.mend


def test_the_record_to_publish_is_told() -> None:
    finding = check({("s1._domainkey.example.org", "TXT"): []})["DKIM"]
    assert KEY[1] in finding.mend
    assert "s1._domainkey.example.org" in finding.mend


def test_without_a_key_that_is_said() -> None:
    findings = check_domain(Recorded(GOOD), domain="example.org")
    assert [row.verdict for row in findings if row.about == "DKIM"] == ["bad"]
