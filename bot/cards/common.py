"""What all cards share: verdicts and evidence tiers in words and colours, and how sources are shown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from bot.layout import AMBER, BLUE, GREEN, RED
from bot.say import ENGLISH, Say
from bot.text import cut, label, link, plain
from knowledge.catalog import Evidence, FitTier

BRAND = "RUNLOCALAI"

MOST_SOURCES = 1024
"""So many sources are kept set in type: answers cite the same ones again and again."""

Namer = Callable[[str], str]
"""From an id to the name people know."""

VERDICTS: dict[FitTier | None, tuple[str, str, int]] = {
    "comfortable": ("🟢", "verdict.comfortable", GREEN),
    "trade-offs": ("🟡", "verdict.trade_offs", AMBER),
    "no": ("🔴", "verdict.no", RED),
    None: ("📦", "verdict.memory", BLUE),
}
"""Icon, message key and colour of each verdict."""

EVIDENCE: dict[Evidence, str] = {
    "M": "evidence.measured",
    "M~": "evidence.near",
    "C": "evidence.community",
    "~": "evidence.extrapolated",
    "E": "evidence.estimated",
}
"""Message keys of the evidence tiers."""


def evidence_text(tier: Evidence, say: Say) -> str:
    """What a tier means, with its mark."""
    return f"{say(EVIDENCE[tier])} ({tier})"


def in_english(text: str, say: Say) -> str:
    """What is written in English alone, with a line that says so to readers of another language."""
    return text if say.locale == ENGLISH or not text else f"{text}\n-# {say('entry.english')}"


def sources_text(urls: Sequence[str]) -> str:
    """Sources in one small line, each once."""
    return "-# " + " · ".join(dict.fromkeys(_source(url) for url in urls)) if urls else ""


@lru_cache(maxsize=MOST_SOURCES)
def _source(source: str) -> str:
    """A source in short: `owner/repo#12`, `repo/file`, or its words, linked where the host is allowed."""
    words, mark, address = source.partition("https://")
    url = (mark + address).split(" ", maxsplit=1)[0]
    if not url:
        first = source.split(" ", maxsplit=1)[0]
        return plain(first if "/" in first else source, 50)
    return link(label(words, 60) or _short_name(url), url)


def _short_name(url: str) -> str:
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    host = (parts.hostname or "").removeprefix("www.")
    if host not in {"github.com", "huggingface.co"} or len(steps) < 2:
        return cut("/".join([host, *steps[-1:]]), 60)
    if len(steps) > 3 and steps[2] in {"issues", "pull", "discussions"}:
        return cut(f"{steps[0]}/{steps[1]}#{steps[3]}", 60)
    return cut(f"{steps[1]}/{steps[-1]}" if len(steps) > 2 else "/".join(steps), 60)
