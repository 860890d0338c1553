"""Hardware and drivers: what makers announced of cards, drivers and runtimes, without their marketing."""

from __future__ import annotations

import re
from typing import Final

from digest.context import Context, News
from digest.issue import Item, Link, Section
from digest.text import clip, title_key
from digest.wording import day_name

ORDER = 45
_SHOWN = 8
_A_SOURCE = 2
_TITLE = 140

_MATTERS: Final = re.compile(
    r"\b(?:GPUs?|graphics|driver|CUDA|cuDNN|TensorRT|ROCm|HIP|Vulkan|DirectML|OpenVINO|oneAPI|Metal|MLX|NPU|VRAM"
    r"|GDDR\d?|HBM\d?|unified memory|RTX|GeForce|Radeon|Ryzen AI|Strix|Arc|Core Ultra|Xeon|Threadripper|EPYC"
    r"|DGX Spark|Jetson|M[3-9](?: (?:Pro|Max|Ultra))?|Mac (?:Studio|mini)|local(?:ly)?|on-device|tokens? per second"
    r"|workstation)\b",
    re.IGNORECASE,
)
_MARKETING: Final = re.compile(
    r"\b(?:GeForce NOW|gaming|game|gamers?|DLSS|customers?|partners?|sponsor|webinar|register|award|keynote|career"
    r"|earnings|robotaxi|cloud|sustainab\w+|scholarship|startup|podcast)\b",
    re.IGNORECASE,
)


def build(context: Context) -> Section | None:
    """Return the section, None where no hardware source said anything of the kind."""
    by_source: dict[str, int] = {}
    seen: set[str] = set()
    items = []
    for news in sorted(context.news, key=_place):
        key = title_key(news.entry.title)
        if not _matters(news) or key in seen or by_source.get(news.source.id, 0) >= _A_SOURCE:
            continue
        seen.add(key)
        by_source[news.source.id] = by_source.get(news.source.id, 0) + 1
        items.append(_item(news))
    if not items:
        return None
    return Section(slug="hardware", title="Hardware and drivers", items=tuple(items[:_SHOWN]), compact=True)


def _matters(news: News) -> bool:
    title = news.entry.title
    if news.source.category == "driver":
        return True
    return bool(_MATTERS.search(title)) and not _MARKETING.search(title)


def _place(news: News) -> tuple[bool, str, str]:
    """Drivers and runtimes first, then by date, newest first."""
    moment = news.entry.published_at or news.entry.updated_at
    age = f"{99_999_999 - int(moment.strftime('%Y%m%d')):08d}" if moment else "9"
    return news.source.category != "driver", age, news.entry.title


def _item(news: News) -> Item:
    moment = news.entry.published_at or news.entry.updated_at
    day = day_name(moment.date().isoformat() if moment else None)
    url = news.entry.url or None
    return Item(
        title=clip(news.entry.title, _TITLE),
        key=f"news:{news.source.id}:{news.entry.entry_key}"[:200],
        url=url,
        kicker=" · ".join(part for part in (news.source.name, day) if part),
        links=(Link(text=news.source.name, url=url),) if url else (),
    )
