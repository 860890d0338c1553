"""The sending benches run and report every figure; ratios only with wide slack."""

from __future__ import annotations

import json

import pytest

from bench import chaos_send, send
from tests.conftest import skip_or_fail


@pytest.mark.smtp
def test_it_sends_an_issue_and_compares_with_the_bare_loop(capsys: pytest.CaptureFixture[str]) -> None:
    if send.find_sink() is None:
        skip_or_fail("postfix's smtp-sink is not installed")
    asked = ["--subscribers", "600", "--rigs", "6", "--workers", "1", "--connections", "4", "--bare-s", "1", "--json"]
    assert send.main(asked) == 0
    figures = json.loads(capsys.readouterr().out)["send"]
    assert figures["counts"] == {"accepted": 600}
    assert figures["rigs"] == 6
    assert figures["mails_per_s"] > 0
    assert figures["bare_mails_per_s"] > 0
    assert 0 < figures["peak_mib"] < 400


def test_a_mail_costs_about_the_same_in_a_larger_outbox() -> None:
    table = send.flat([400, 8_000], 400)
    small, large = (row["us_per_mail"] for row in table.values())
    assert all(row["n_sent"] == 400 for row in table.values())
    assert large < 5 * small


def test_the_configurations_of_chaos_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert chaos_send.main(["--mails", "200", "--kills", "1", "--workers", "1", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert {result["store"] for result in results} >= {"sqlite"}
    assert all(result["counts"] == {"accepted": 200} for result in results)
