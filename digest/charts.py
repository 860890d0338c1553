"""Draws an issue's charts as PNG: bars against lines, for light and dark mails alike. Pure but for Pillow's own font.

No network, no files: a picture is bytes. What a chart says is decided by its section; its words are in the alt text.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from digest.issue import Chart, Tone

SCALE: Final = 3
"""Pixels of the file for one on the page: sharp on the screens most people have."""

WIDTH: Final = 440
"""Between a phone and a desktop window: the picture is scaled to the mail's text, and its words stay readable."""

SHOWN: Final = 576
"""As wide as the mail's text."""

_TOP, _ROW, _BAR, _LEFT, _RIGHT, _BOTTOM = 28, 23, 12, 138, 56, 10
_PAPER: Final = (255, 255, 255)
_INK, _SOFT, _LINE = (23, 28, 35), (88, 99, 110), (201, 209, 217)
_TONES: Final[dict[Tone, tuple[int, int, int]]] = {
    "good": (22, 133, 91),
    "fair": (201, 138, 20),
    "bad": (190, 66, 55),
    "unknown": (140, 150, 160),
    "plain": (70, 96, 122),
}


def height_of(chart: Chart) -> int:
    """Return a chart's height on the page in pixels, shown `SHOWN` wide."""
    return _height(chart) * SHOWN // WIDTH


def _height(chart: Chart) -> int:
    return _TOP + _ROW * len(chart.bars) + _BOTTOM


def draw(chart: Chart) -> bytes:
    """Return the chart as a PNG of few colours."""
    size = (WIDTH * SCALE, _height(chart) * SCALE)
    picture = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(picture)
    most = _most(chart)
    per_byte = (WIDTH - _LEFT - _RIGHT) * SCALE / most
    bottom = (_TOP + _ROW * len(chart.bars)) * SCALE
    right = 0.0
    for mark in chart.marks:
        x = _LEFT * SCALE + mark.value_bytes * per_byte
        pen.line([(x, (_TOP - 7) * SCALE), (x, bottom)], fill=_LINE, width=SCALE)
        half = pen.textlength(mark.label, font=_font(10)) / 2
        if x - half > right:  # labels that would run into each other are left out; the caption names all sizes
            pen.text((x, 8 * SCALE), mark.label, font=_font(10), fill=_SOFT, anchor="ma")
            right = x + half + 4 * SCALE
    for number, bar in enumerate(chart.bars):
        middle = (_TOP + _ROW * number + _ROW / 2) * SCALE
        end = _LEFT * SCALE + min(bar.value_bytes, most) * per_byte
        name = _cut(pen, bar.label, (_LEFT - 12) * SCALE)
        pen.text(((_LEFT - 10) * SCALE, middle), name, font=_font(12), fill=_INK, anchor="rm")
        box = (_LEFT * SCALE, middle - _BAR * SCALE / 2, end, middle + _BAR * SCALE / 2)
        pen.rounded_rectangle(box, radius=3 * SCALE, fill=_TONES[bar.tone])
        if bar.value_bytes > most:  # a cut: the bar goes on beyond the picture
            cut = end - 14 * SCALE
            pen.polygon(
                [(cut, box[3]), (cut + 4 * SCALE, box[1]), (cut + 8 * SCALE, box[1]), (cut + 4 * SCALE, box[3])],
                fill=_PAPER,
            )
        pen.rectangle(pen.textbbox((end + 6 * SCALE, middle), bar.text, font=_font(11), anchor="lm"), fill=_PAPER)
        pen.text((end + 6 * SCALE, middle), bar.text, font=_font(11), fill=_SOFT, anchor="lm")
    out = io.BytesIO()
    picture.quantize(colors=64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _most(chart: Chart) -> int:
    """Return the bytes at the right end: the longest bar, but no more than half again the last mark."""
    longest = max(bar.value_bytes for bar in chart.bars)
    if not chart.marks:
        return longest
    last = max(mark.value_bytes for mark in chart.marks)
    return max(last, min(longest, last * 3 // 2))


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that comes with Pillow: the same picture on every machine."""
    return ImageFont.load_default(size * SCALE)


def _cut(pen: ImageDraw.ImageDraw, text: str, room: float) -> str:
    """Return the text, shortened with an ellipsis where it is wider than `room` pixels."""
    if pen.textlength(text, font=_font(12)) <= room:
        return text
    while text and pen.textlength(text + "…", font=_font(12)) > room:
        text = text[:-1]
    return text.rstrip(" -") + "…"
