"""The composing benchmark runs, with distinct machines, and nothing in it grows out of proportion."""

from __future__ import annotations

from bench.compose import machines, measure
from knowledge.answers import Answers


def test_the_figures_are_there_and_in_proportion() -> None:
    small = measure(500, 200, 20)
    assert small["machines"] == 200
    assert small["models"] == 20
    assert 0 < small["own_from_cache_us"] < small["part_made_ms"] * 1000  # the cache is what makes it cheap
    large = measure(2000, 800, 20)
    assert large["compose_s"] < 4 * max(small["compose_s"], 0.25)
    assert large["machines_s"] < 16 * max(small["machines_s"], 0.02)


def test_machines_are_distinct(answers: Answers) -> None:
    made = machines(answers, 3000)
    assert len({(rig.devices[0].device.id, rig.ram_gib) for rig in made}) == len(made) == 3000
