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
from digest.names import SIDE, TUNED
from digest.tags import read_tag

MAKER: Final = 2.0
UNKNOWN_MAKER: Final = 0.2
LIBRARY: Final = 2.5
PRESS: Final = 0.8
PER_REPACK_DOUBLING: Final = 0.7
PER_TUNE_DOUBLING: Final = 0.3
PER_VOTE_DOUBLING: Final = 0.45
VOTES_UNIT: Final = 50
BY_PRODUCT: Final = -1.5
TOOL_MAJOR: Final = 2.2
TOOL_MINOR: Final = 1.2
TOOL_PATCH: Final = 0.2
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
    r"\b(?:releas\w*|introduc\w*|announc\w*|launch\w*|now (?:available|open)|open[- ]?sourc\w*|open[- ]weights?|is out|are out|is here|merged|"
    r"dropped|drops|support (?:for|is|was|has|merged)|v\d+(?:\.\d+)+|joins|hugging ?face)\b",
    re.IGNORECASE,
)
_CLOSED: Final = re.compile(
    r"\b(?:gpt-?[345]\b|chatgpt|claude|opus|sonnet|anthropic|gemini|grok|sora|perplexity|openai|windsurf|copilot|cursor|codex|pinecone)",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"\bopen[- ]?(?:weights?|sourc\w*|model)|\blocal|gguf|llama\.cpp|ollama|apache", re.IGNORECASE
)
_CHATTER: Final = re.compile(
    r"\?|\b(?:i|my|me|we|you|your|anyone|guys|lol|meme|rant|appreciation|unpopular|thoughts|vs\.?|versus|why|how|what|should|best|comparison|"
    r"benchmark\w*|tested|tried|running|uncensored|heretic|hate|love|insane|crazy)\b",
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
    parts: list[tuple[float, str]] = []
    orgs = {row.org.lower() for row in item.lead if row.org}
    if orgs & makers:
        parts.append((MAKER, f"published by its maker ({', '.join(sorted(row.org for row in item.lead)[:1])})"))
    elif orgs:
        parts.append((UNKNOWN_MAKER, "from a maker not on our list"))
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
    if SIDE.search(item.title) or TUNED.search(item.title):
        parts.append((BY_PRODUCT, "a by-product"))
    return parts


def _tool_parts(item: Cluster) -> list[tuple[float, str]]:
    tags = [read_tag(row.title) for row in item.lead]
    known = item.key.lower() in ENGINES
    if any(tag.is_major for tag in tags):
        return [(TOOL_MAJOR + known, "a new major version")]
    if any(tag.is_minor for tag in tags):
        return [(TOOL_MINOR + known, "a new minor version")]
    return [(TOOL_PATCH, f"{len(item.lead)} small releases")]


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
