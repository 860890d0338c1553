"""The picture of a fit answer: memory by part against what is free, and speed as the context fills. Pure: PNG bytes.

Drawn with Pillow and the font it brings, which has no letters beyond English ones: so there are figures and units in it
and no words, and the card beside it names the colours in the reader's language. Twice the size it is shown at, on a
dark ground of its own, so that it reads in Discord's light mode too. It computes no figures and draws in 15 to 40 ms:
callers use a thread.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.questions import ChartData
from knowledge.units import gib_text, tok_s_text, tokens_text

WIDTH: Final = 1120
PAD: Final = 44
BAR_HEIGHT: Final = 64
GROUND, PANEL, TEXT, FAINT, GRID = "#17181c", "#23252b", "#f2f3f5", "#9aa0ab", "#343740"
GREEN, AMBER, RED = "#3ba55d", "#f0b132", "#ed4245"
COLORS: Final = {
    "weights": "#8f7cf7",
    "kv": "#4aa8f0",
    "state": "#5cb85c",
    "projector": "#e5534b",
    "draft": "#b08968",
    "lora": "#f4900c",
    "compute": "#facc15",
    "driver": "#cbd5e1",
}
"""By part, near the coloured squares that name them in the card (bot.cards.fit.SQUARES)."""

VERDICT: Final = {"comfortable": GREEN, "trade-offs": AMBER, "no": RED, "": COLORS["kv"]}


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def draw(data: ChartData) -> bytes:
    """The picture as PNG."""
    curve = len(data.speeds) > 1
    legend = _legend_rows(data.parts)
    memory_height = 120 + BAR_HEIGHT + 46 * len(legend)
    height = memory_height + (330 if curve else 0) + PAD
    image = Image.new("RGB", (WIDTH, height), GROUND)
    canvas = ImageDraw.Draw(image)
    _memory(canvas, data, legend)
    if curve:
        _curve(canvas, data, top=memory_height + 24, bottom=height - PAD - 34)
    out = io.BytesIO()
    # few colours: a palette makes a quarter of the bytes
    image.quantize(96, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _memory(canvas: ImageDraw.ImageDraw, data: ChartData, legend: Sequence[Sequence[tuple[str, int]]]) -> None:
    _text(canvas, (PAD, 34), _headline(data), 34, VERDICT.get(data.tier, TEXT))
    top, left, right = 98, PAD, WIDTH - PAD
    whole = max(data.have_bytes or 0, data.need_bytes, 1)
    scale = (right - left) / whole
    canvas.rounded_rectangle((left, top, right, top + BAR_HEIGHT), 14, fill=PANEL)
    _segments(canvas, data, scale, top)
    if data.have_bytes is not None and data.have_bytes < data.need_bytes:
        edge = left + data.have_bytes * scale
        canvas.rectangle((edge - 2, top - 12, edge + 2, top + BAR_HEIGHT + 12), fill=TEXT)
    for number, row in enumerate(legend):
        _legend(canvas, row, top + BAR_HEIGHT + 26 + 46 * number)


def _segments(canvas: ImageDraw.ImageDraw, data: ChartData, scale: float, top: int) -> None:
    """The parts side by side, the bar's own corners kept round."""
    at = float(PAD)
    last = len(data.parts) - 1
    full = data.have_bytes is None or data.need_bytes >= data.have_bytes
    for number, (name, size) in enumerate(data.parts):
        end = at + size * scale
        corners = (number == 0, number == last and full, number == last and full, number == 0)
        if end - at >= 1:
            box = (at, top, max(at, end - (2 if number < last else 0)), top + BAR_HEIGHT)
            radius = min(14, (box[2] - box[0]) / 2)
            canvas.rounded_rectangle(box, radius, fill=COLORS.get(name, FAINT), corners=corners)
        label = gib_text(size)
        if end - at > _font(24).getlength(label) + 24:
            _text(canvas, ((at + end) / 2, top + BAR_HEIGHT / 2), label, 24, "#0c0d10", anchor="mm")
        at = end
    if not full and data.have_bytes is not None:
        free = data.have_bytes - data.need_bytes
        label = f"+ {gib_text(free)}"
        if free * scale > _font(24).getlength(label) + 24:
            _text(canvas, (WIDTH - PAD - 18, top + BAR_HEIGHT / 2), label, 24, FAINT, anchor="rm")


def _headline(data: ChartData) -> str:
    if data.have_bytes is None:
        return gib_text(data.need_bytes)
    return f"{gib_text(data.need_bytes).removesuffix(' GiB')} / {gib_text(data.have_bytes)}"


def _legend_rows(parts: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """The legend broken into lines that fit."""
    rows: list[list[tuple[str, int]]] = [[]]
    used = 0.0
    for name, size in parts:
        wide = _legend_width(size)
        if rows[-1] and used + wide > WIDTH - 2 * PAD:
            rows.append([])
            used = 0.0
        rows[-1].append((name, size))
        used += wide
    return rows


def _legend_width(size: int) -> float:
    return 30 + _font(24).getlength(gib_text(size, 2)) + 40


def _legend(canvas: ImageDraw.ImageDraw, row: Sequence[tuple[str, int]], top: float) -> None:
    at = float(PAD)
    for name, size in row:
        canvas.rounded_rectangle((at, top + 5, at + 20, top + 25), 6, fill=COLORS.get(name, FAINT))
        _text(canvas, (at + 30, top), gib_text(size, 2), 24, FAINT)
        at += _legend_width(size)


def _curve(canvas: ImageDraw.ImageDraw, data: ChartData, *, top: int, bottom: int) -> None:
    """Speed over context with its 80 % interval."""
    _text(canvas, (PAD, top), "tok/s", 34, TEXT)
    top += 76
    left, right = PAD + 70, WIDTH - PAD - 20
    most = _round_up(max(high for _, _, _, high in data.speeds))
    farthest = data.speeds[-1][0]

    def x_of(n: int) -> float:
        return left + (right - left) * n / farthest

    def y_of(speed: float) -> float:
        return bottom - (bottom - top) * speed / most

    for step in range(5):
        speed = most * step / 4
        canvas.line((left, y_of(speed), right, y_of(speed)), fill=GRID, width=2)
        _text(canvas, (left - 14, y_of(speed)), tok_s_text(speed) if speed else "0", 22, FAINT, anchor="rm")
    band = [(x_of(n), y_of(high)) for n, _, _, high in data.speeds]
    band += [(x_of(n), y_of(low)) for n, low, _, _ in reversed(data.speeds)]
    color = VERDICT.get(data.tier, GREEN)
    canvas.polygon(band, fill=_mixed(color))
    points = [(x_of(n), y_of(mid)) for n, _, mid, _ in data.speeds]
    canvas.line(points, fill=color, width=6, joint="curve")
    for number, ((x, y), (n, _, mid, _)) in enumerate(zip(points, data.speeds, strict=True)):
        canvas.ellipse((x - 8, y - 8, x + 8, y + 8), fill=TEXT)
        anchor = "ls" if number == 0 else "rs" if number == len(points) - 1 else "ms"
        _text(canvas, (x, y - 16), tok_s_text(mid), 24, TEXT, anchor=anchor)
        _text(canvas, (x, bottom + 14), tokens_text(n) if n else "0", 22, FAINT, anchor="ma")


def _round_up(speed: float) -> float:
    """A round figure above the fastest, four steps of which are round too."""
    scale = 1.0
    while scale * 40 < speed:
        scale *= 10
    while scale * 4 >= speed:
        scale /= 10
    return next((scale * one for one in (8, 10, 20, 40) if scale * one >= speed * 1.12), scale * 80)


def _mixed(color: str) -> tuple[int, int, int]:
    """A colour seen faintly through the ground."""
    near, far = (tuple(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in (color, GROUND))
    red, green, blue = (round(a * 0.26 + b * 0.74) for a, b in zip(near, far, strict=True))
    return red, green, blue


def _text(
    canvas: ImageDraw.ImageDraw, at: tuple[float, float], said: str, size: int, fill: str, anchor: str = "la"
) -> None:
    canvas.text(at, said, font=_font(size), fill=fill, anchor=anchor)
