"""Orders releases by how much they matter to someone who runs models at home. Pure; weights and reasons in one table.

What speaks for a release: its maker is known, the Ollama library took it up, people voted on it, others repacked or
tuned it, several kinds of source told of it. What speaks against: closed models, by-products, plain version bumps.
It was set against months that editors had judged (tests/digest/test_rank.py says how well it agrees).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from digest.cluster import Cluster, Told, cluster
from digest.names import SIDE, TUNED, home_of, read_name
from digest.tags import read_tag

MAKER: Final = 2.0
AT_HOME: Final = 0.8
UNKNOWN_MAKER: Final = 0.2
LIBRARY: Final = 2.5
PRESS: Final = 0.8
PER_REPACK_DOUBLING: Final = 0.7
PER_TUNE_DOUBLING: Final = 0.3
PER_VOTE_DOUBLING: Final = 0.45
VOTES_UNIT: Final = 50
PER_DOWNLOAD_DOUBLING: Final = 0.25
DOWNLOADS_UNIT: Final = 1000
BY_PRODUCT: Final = -1.5
TOOL_MAJOR: Final = 2.2
TOOL_MINOR: Final = 1.2
TOOL_PATCH: Final = 0.2
TOOL_BUILDS: Final = 0.1
PER_EXTRA_WORD: Final = -0.25
PLAIN_NAME_WORDS: Final = 2
"""`GLM 5.1`, `Granite 4.1`: each further word of a name makes a narrower thing of it."""

STORY_NEWS: Final = 1.4
STORY_CLOSED: Final = -2.5
STORY_CHATTER: Final = -1.2
STORY_BLOG: Final = 0.3

ENGINES: Final = frozenset(
    {
        "ollama/ollama",
        "ggml-org/llama.cpp",
        "vllm-project/vllm",
        "huggingface/transformers",
        "ml-explore/mlx-lm",
        "ml-explore/mlx",
        "comfyanonymous/comfyui",
        "sgl-project/sglang",
        "turboderp-org/exllamav3",
        "lostruins/koboldcpp",
    }
)
"""Programs most readers run: their new lines are news, others' hardly ever."""

_NEWS: Final = re.compile(
    r"\b(?:releas(?:es?|ed)|introduc(?:es|ed|ing)|announc(?:es|ed|ing)|launch(?:es|ed)?|presents"
    r"|now (?:available|open)|open[- ]?sourc(?:es|ed)|(?:is|are) (?:finally )?(?:out|here)"
    r"|merged|dropped|drops|joins|acquired|support (?:for|was|has|merged)|v\d+(?:\.\d+)+)\b|hugging ?face\s*$",
    re.IGNORECASE,
)
_CLOSED: Final = re.compile(
    r"\b(?:gpt-?[345]\b|chatgpt|claude|opus|sonnet|anthropic|gemini|grok|sora|perplexity|openai|windsurf|copilot|cursor"
    r"|codex|pinecone)",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"\bopen[- ]?(?:weights?|sourc\w*|model)|\blocal|gguf|llama\.cpp|ollama|apache", re.IGNORECASE
)
_CHATTER: Final = re.compile(
    r"\?|\b(?:i|my|me|we|you|your|anyone|guys|lol|meme|rant|appreciation|unpopular|thoughts|vs\.?|versus|why|how|what"
    r"|should|best|comparison|benchmark\w*|tested|tried|running|uncensored|heretic|hate|love|insane|crazy|people"
    r"|fun fact|never|every|just|not given up|leaked|student|doesn't|isn't|paper)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One item with its score and the reasons for it, most telling first."""

    item: Cluster
    score: float
    why: tuple[str, ...]


def rank(told: Iterable[Told], *, makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Ranked]:
    """Cluster the entries and order them, best first; ties by title, so that the order never depends on input order."""
    ranked = [score(item, makers) for item in cluster(told, makers=makers, packagers=packagers)]
    return sorted(ranked, key=lambda entry: (-entry.score, entry.item.title))


def score(item: Cluster, makers: AbstractSet[str]) -> Ranked:
    """Score one cluster and say why."""
    if item.kind == "model":
        parts = _model_parts(item, makers)
    elif item.kind == "tool":
        parts = _tool_parts(item)
    else:
        parts = _story_parts(item)
    parts.sort(key=lambda part: -abs(part[0]))
    return Ranked(
        item=item, score=round(sum(value for value, _ in parts), 4), why=tuple(text for _, text in parts if text)
    )


def _doublings(count: float, weight: float) -> float:
    return weight * math.log2(1 + count)


def _model_parts(item: Cluster, makers: AbstractSet[str]) -> list[tuple[float, str]]:
    parts = [*_maker_parts(item, makers), *_uptake_parts(item)]
    if not item.lead and _CLOSED.search(item.title):
        parts.append((STORY_CLOSED, "not something one runs at home"))
    extra = len(read_name(item.title.partition(" (")[0]).family.split()) - PLAIN_NAME_WORDS
    if extra > 0:
        parts.append((PER_EXTRA_WORD * extra, ""))
    if SIDE.search(item.title) or TUNED.search(item.title):
        parts.append((BY_PRODUCT, "a by-product"))
    return parts


def _maker_parts(item: Cluster, makers: AbstractSet[str]) -> list[tuple[float, str]]:
    """Judge who published it, and whether the family is theirs."""
    orgs = {row.org.lower() for row in item.lead if row.org}
    home = (AT_HOME, "")
    if orgs & makers:
        known = (MAKER, f"published by its maker ({min(row.org for row in item.lead)})")
        return [known, home] if home_of(item.key) in orgs else [known]
    if orgs:
        return [(UNKNOWN_MAKER, "from a maker not on our list")]
    return [home] if home_of(item.key) else []


def _uptake_parts(item: Cluster) -> list[tuple[float, str]]:
    """Judge what others did with it."""
    parts: list[tuple[float, str]] = []
    if item.library:
        parts.append((LIBRARY, "in the Ollama library"))
    if item.press:
        parts.append((PRESS, f"written about by {item.press[0].source}"))
    repackers = {row.org.lower() for row in item.repacks}
    if repackers:
        parts.append((_doublings(len(repackers), PER_REPACK_DOUBLING), f"repacked by {len(repackers)} others"))
    if item.tuned:
        parts.append((_doublings(len(item.tuned), PER_TUNE_DOUBLING), f"{len(item.tuned)} fine-tunes"))
    votes = sum(row.votes or 0 for row in item.talk)
    if votes:
        parts.append((_doublings(votes / VOTES_UNIT, PER_VOTE_DOUBLING), f"{votes} votes in {len(item.talk)} threads"))
    downloads = sum(row.downloads or 0 for row in item.lead)
    if downloads:
        parts.append((_doublings(downloads / DOWNLOADS_UNIT, PER_DOWNLOAD_DOUBLING), f"{downloads:,} downloads"))
    return parts


def _tool_parts(item: Cluster) -> list[tuple[float, str]]:
    tags = [read_tag(row.title) for row in item.lead]
    known = item.key.lower() in ENGINES
    if any(tag.is_major for tag in tags):
        return [(TOOL_MAJOR + known, "a new major version")]
    if any(tag.is_minor for tag in tags):
        return [(TOOL_MINOR + known, "a new minor version")]
    if all(tag.build for tag in tags):
        return [(TOOL_BUILDS, f"{len(item.lead)} builds")]
    return [(TOOL_PATCH + known, f"{len(item.lead)} small releases")]


def _story_parts(item: Cluster) -> list[tuple[float, str]]:
    row = item.lead[0]
    parts: list[tuple[float, str]] = []
    if row.votes:
        parts.append((_doublings(row.votes / VOTES_UNIT, PER_VOTE_DOUBLING), f"{row.votes} votes"))
    if row.kind == "blog":
        parts.append((STORY_BLOG, f"from {row.source}"))
    if _NEWS.search(row.title):
        parts.append((STORY_NEWS, "reads as an announcement"))
    if _CLOSED.search(f"{row.title} {row.source}") and not _OPEN.search(row.title):
        parts.append((STORY_CLOSED, "not something one runs at home"))
    if _CHATTER.search(row.title):
        parts.append((STORY_CHATTER, "a discussion"))
    return parts
