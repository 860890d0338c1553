"""What posts announce that is no listed model: a program, a technique, a machine, a model without a repository here.

Posts about one thing become one item under the name it was announced by. Pure; it does not judge importance.

    Kitten TTS V0.8 is out: new tiny voice          → "Kitten TTS V0.8"
    Introducing: Devstral 2 and Mistral Vibe CLI.   → "Devstral 2", "Mistral Vibe CLI"
    LLmFit - One command to find what runs          → joins the releases of the repository llmfit
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from digest.families import GENERAL, home_of
from digest.mentions import NameIndex
from digest.names import squash
from digest.text import clip
from digest.told import Cluster, Told
from digest.wordlists import COINED, NEWS, OPINION

REPO_LINK: Final = re.compile(r"^\s*([\w.-]{2,60})/([\w.-]{2,100})\s*(?:[·•|-]\s*hugging ?face)?\s*$", re.IGNORECASE)

_NAME_MAX: Final = 60
_WORDS_MAX: Final = 6
_ALIAS_MIN: Final = 5
_ALIAS_POSTS: Final = 8
"""A single word in more posts than this is a topic, not the name of one thing."""

_OUT: Final = re.compile(
    r"^(?P<name>[^,;:!?—–]{2,60}?)(?:\s+(?:has|have|is|was|are|just|been|got|finally|officially|now)){0,4}\s+"
    r"(?:released|out|here|launched|launches|open[- ]sourced|available|merged|dropped|announced|ready|landed|acquired"
    r"|coming)\b",
    re.IGNORECASE,
)
_MAKER_SAYS: Final = re.compile(
    r"\b(?:(?i:introducing|announcing|releasing|launching):?|(?i:introduc(?:es|ed)|announc(?:es|ed)|presents|releas(?:es|ed)"
    r"|launch(?:es|ed)|open[- ]sourc(?:es|ed)|unveils|debuts|drops|dropped|ships))\s+"
    r"(?:(?:the|a|new|its)\s+)*[\"“]?(?P<name>[A-Z0-9][^\"”:;,!?(—–]{1,59})"
)
_TAIL: Final = re.compile(r"\s+(?:with|for|that|as|which|from|by|to|in|on|-|is|are)\s.*$|[.\s]+$", re.IGNORECASE)
_HEAD: Final = re.compile(r"^(?P<name>[^—–:|!?]{2,60}?)\s*(?:\s[—–-]\s|[:|]\s)")
_ENGINE_NEWS: Final = re.compile(
    r"^(?:\w*llama\.cpp|llama-server|ollama|vllm|sglang|lm studio|mlx[\w-]*|unsloth|exllama\w*|koboldcpp|comfyui"
    r"|open ?webui|k?transformers|lemonade|localai)\b"
    r".*\b(?:supports?|merged|landed|adds?|added|gets|got|now|ready|faster)\b",
    re.IGNORECASE,
)
_NAME_WORD: Final = re.compile(
    r"^(?:[A-Z0-9][\w.+/'-]*|[a-z_]+\.(?:cpp|ai|rs)|[a-z]{1,3}[A-Z]\w*|v\d[\w.]*|of|and|the|for)$"
)
_BRACKETS: Final = re.compile(r"\s*\([^)]*\)")
_THING: Final = re.compile(
    r"^(?!(?:The|A|An|This|That|It|Every|Some|All|No|More|New|Turns|Bad|Good)\b)(?:[A-Z]|\w+\.(?:cpp|ai|rs)\b)"
)
"""How the name of a thing begins: a capital that is no mere start of a sentence, or a program's file-like name."""
_WORD: Final = re.compile(r"[A-Za-z][\w.]*\w")


def announced(title: str) -> str:
    """Return the name a title announces something by, empty where it announces nothing by name."""
    title = _BRACKETS.sub("", title)
    for pattern in (_MAKER_SAYS, _OUT, _HEAD):
        match = pattern.search(title)
        if match is None:
            continue
        words = _TAIL.sub("", match["name"]).split()
        if pattern is _MAKER_SAYS:  # `releases Muse Glimmer 30B open weights`: the name ends where plain words begin
            words = list(takewhile(_NAME_WORD.match, words))
        if name := _name(" ".join(words)):
            return name
    out = _OUT.search(title)
    if out and _THING.match(out["name"]) and not OPINION.search(title):
        words = out["name"].split()
        if len(words) <= _WORDS_MAX and any(word.lower() not in GENERAL for word in words):
            return " ".join(words)
    return _name(title.strip(" .!"))


def subject(title: str) -> str:
    """Return what a title is about where it announces nothing by name.

    That is the coined word it begins with, or what an engine has learnt (`llama.cpp now supports drafts for Otter 2`).
    """
    if _ENGINE_NEWS.match(title) and not OPINION.search(title):
        return clip(title.rstrip(" .!"), _NAME_MAX)
    match = COINED.match(title)
    return match[0] if match and home_of(squash(match[0])) is None and match[0].lower() not in GENERAL else ""


def second_names(title: str, index: NameIndex) -> list[str]:
    """Return the names announced in one breath with a release that the index knows: `Devstral 2 and Mistral Vibe`."""
    whole = announced(title)
    parts = [part.strip(" .") for part in re.split(r"\s+(?:and|&)\s+", whole)]
    if len(parts) < 2:
        apart = whole if whole and not index.find(whole) and _HEAD.match(title) else subject(title)
        return [apart] if apart and not index.find(apart) else []
    return [part for part in parts if _name(part) and not index.find(part)]


def _name(text: str) -> str:
    """Return the text where it reads as a name: few words, written as names are."""
    text = text.strip(" \"“”'’.-")
    words = text.split()
    if not words or len(words) > _WORDS_MAX or len(text) > _NAME_MAX or not all(_NAME_WORD.match(w) for w in words):
        return ""
    telling = [word for word in words if word.lower() not in GENERAL]
    return (
        text
        if telling and (len(words) > 1 or COINED.match(text) or "." in text or any(c.isdigit() for c in text))
        else ""
    )


def story_clusters(posts: Sequence[Told], tools: Sequence[Cluster]) -> list[Cluster]:
    """Fold posts into stories; a post that begins with a program's name joins that program's releases instead."""
    by_tool = {squash(item.key.rpartition("/")[2]): item for item in tools}
    left = []
    for row in posts:
        head = _HEAD.match(row.title)
        tool = by_tool.get(squash(head["name"])) if head else None
        if tool is None:
            left.append(row)
        else:
            (tool.press if row.kind == "blog" else tool.talk).append(row)
    groups: defaultdict[int, list[Told]] = defaultdict(list)
    for row, group in zip(left, _groups(left), strict=True):
        groups[group].append(row)
    return [_story(rows) for rows in groups.values()]


def _groups(posts: Sequence[Told]) -> list[int]:
    """Return a group number for each post: posts that share an announced name are one story."""
    names = [announced(row.title) for row in posts]
    index = NameIndex(squash(name) for name in names)
    words = {word for name in names for word in _WORD.findall(name) if _telling(word)}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(posts):
        for mark in {*index.find(row.title), *(w for w in set(_WORD.findall(row.title)) if w in words)}:
            holders[mark].append(number)
    parent = list(range(len(posts)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for mark, numbers in holders.items():
        if len(numbers) <= _ALIAS_POSTS or mark not in words:
            for other in numbers[1:]:
                parent[root(other)] = root(numbers[0])
    return [root(number) for number in range(len(posts))]


def _telling(word: str) -> bool:
    """Whether a word of a name is the name of one thing wherever it stands: coined, or long and no common noun."""
    return word.lower() not in GENERAL and home_of(squash(word)) is None and bool(COINED.fullmatch(word))


def _story(rows: list[Told]) -> Cluster:
    """Make a story: the post that best announces it leads, the others stand by."""
    lead = max(rows, key=_leading)
    others = [row for row in rows if row is not lead]
    return Cluster(
        kind="story",
        key=lead.url or lead.title,
        title=announced(lead.title) or subject(lead.title) or lead.title,
        lead=[lead],
        talk=[row for row in others if row.kind != "blog"],
        press=[row for row in others if row.kind == "blog"],
    )


def _leading(row: Told) -> tuple[bool, bool, bool, int, str]:
    """Order the posts about one thing: the one that announces it by name first, opinions last."""
    title = row.title
    opinion, news = bool(OPINION.search(title)), bool(NEWS.search(title))
    return bool(announced(title)), not opinion, news, row.votes or 0, f"{title} {row.url}"
