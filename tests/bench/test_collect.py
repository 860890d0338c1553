"""The collecting benchmark runs, finds everything, and finds nothing new the second time."""

from __future__ import annotations

from bench.collect import chain_s, measure
from digest.settings import SOURCES_DIR
from digest.sources import load_sources


def test_the_benchmark_runs() -> None:
    figures = measure(0.01)
    assert figures["n_failed"] == 0
    assert figures["n_not_modified"] == figures["n_sources"] == 178
    assert figures["n_new"] > 5000
    assert figures["n_new_again"] == 0
    assert figures["second_cpu_s"] < 10  # the aim is 2 on a quiet machine


def test_the_slowest_chain_is_the_busiest_hosts() -> None:
    assert 12 < chain_s(load_sources(SOURCES_DIR), 0.2) < 14
