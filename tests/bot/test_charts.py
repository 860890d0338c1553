"""Pictures of answers: they are PNGs of the promised width, small, drawn for anything, and show what they are given."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.cards.fit import SQUARES
from bot.charts import COLORS, WIDTH, draw
from bot.questions import ChartData
from bot.say import ENGLISH, read
from knowledge.units import GIB

SPEED = st.tuples(st.floats(0.001, 1e5), st.floats(1, 2), st.floats(1, 2))
DATA = st.builds(
    ChartData,
    title=st.just("x"),
    tier=st.sampled_from(["comfortable", "trade-offs", "no", ""]),
    parts=st.lists(st.tuples(st.sampled_from(sorted(COLORS)), st.integers(1, 2**45)), min_size=1, max_size=8).map(
        tuple
    ),
    have_bytes=st.none() | st.integers(0, 2**45),
    speeds=st.lists(SPEED, max_size=6).map(
        lambda rows: tuple((4096 * n, low, low * a, low * a * b) for n, (low, a, b) in enumerate(rows))
    ),
)


def _opened(data: ChartData) -> Image.Image:
    return Image.open(io.BytesIO(draw(data))).convert("RGB")


@settings(max_examples=25, deadline=None)
@given(DATA)
def test_anything_is_drawn_small(data: ChartData) -> None:
    made = draw(data)
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "PNG"
        assert image.width == WIDTH
    assert len(made) < 60_000


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_part_is_as_wide_as_its_share(share: float) -> None:
    size = int(share * 100 * GIB)
    image = _opened(ChartData(title="x", tier="comfortable", parts=(("weights", size),), have_bytes=100 * GIB))
    wanted = tuple(int(COLORS["weights"][at : at + 2], 16) for at in (1, 3, 5))
    row = [image.getpixel((x, 105)) for x in range(WIDTH)]
    near = sum(max(abs(a - b) for a, b in zip(pixel, wanted, strict=True)) < 24 for pixel in row)  # type: ignore[arg-type]
    assert near == pytest.approx(share * (WIDTH - 88), rel=0.04)


def test_a_curve_makes_it_taller_and_every_part_has_its_colour() -> None:
    flat = ChartData(title="x", tier="no", parts=(("weights", GIB),), have_bytes=None)
    curve = ChartData(
        title="x", tier="comfortable", parts=flat.parts, have_bytes=None, speeds=((0, 1, 2, 3), (9, 1, 2, 3))
    )
    assert _opened(curve).height > _opened(flat).height
    assert {f"part.{part}" for part in COLORS} == set(SQUARES)
    assert set(SQUARES) == {key for key in read(ENGLISH) if key.startswith("part.")} - {
        "part.free",
        "part.short",
        "part.ram",
    }
