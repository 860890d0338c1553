"""The pages' benchmark runs and reports every figure."""

from __future__ import annotations

from bench.web import measure


def test_every_page_is_measured() -> None:
    table = measure(300, 0.4)
    pages = {"bare page", "archive", "issue", "feed of twelve issues", "page to unsubscribe", "one-click unsubscribe"}
    assert pages <= set(table)
    assert all(table[name]["n"] > 0 and table[name]["p99_ms"] >= table[name]["p50_ms"] > 0 for name in pages)
