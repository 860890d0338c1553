"""The words by which a title shows what it is: announcement, opinion, claim, closed product. Patterns, no judgement."""

from __future__ import annotations

import re
from typing import Final

NEWS: Final = re.compile(
    r"\b(?:releas(?:es?|ed)|introduc(?:es|ed|ing)|announc(?:es|ed|ing)|launch(?:es|ed)?|presents|acquir(?:es|ed)|joins"
    r"|now (?:available|open)|open[- ]?sourc(?:es|ed)|(?:is|are) (?:\w+ )?(?:out|here|ready)|merged|landed"
    r"|dropped|drops|unveil(?:s|ed)|debuts?|ships|shipped|adds|now supports|(?:is|are|goes|went) live"
    r"|support (?:for|was|has|merged|in)|v\d+(?:\.\d+)+"
    r"|new (?:\w+ ){0,3}(?:engine|tool|library|backend|kernel|box|chip|card|gpu))\b",
    re.IGNORECASE,
)
"""Says that something came about."""

CLAIM: Final = re.compile(
    r"\d(?:\.\d+)?\s?[x×]\s+(?:\w+\s+)?(?:faster|throughput|speed|smaller|less)"
    r"|\d+\s?% (?:less|smaller|faster|lower)|\d[\d,]* ?(?:tok/s|tokens?/s|tps)\b",
    re.IGNORECASE,
)
"""Says how much faster or smaller something makes it."""

OPINION: Final = re.compile(
    r"\?|\b(?:i|i['’]m|i['’]ve|my|me|we|our|you|your|anyone|anybody|everyone|guys|lol|meme|rant|appreciation|unpopular|thoughts"
    r"|versus|vs\.?|why|how|what|which|who|should|best|better|beats?|compar\w+|benchmark\w*|leaderboard|tested|tried|trying|switch\w*"
    r"|hate|love|insane|crazy|beast|game ?-?changer|people|fun fact|actually|worth|lesson|photos?|bros|said|says)\b",
    re.IGNORECASE,
)
"""Says what somebody thinks, asks, tries or feels."""

CLOSED: Final = re.compile(
    r"\b(?:gpt-?[345]\b|chatgpt|claude|opus|sonnet|anthropic|gemini|grok|sora|perplexity|openai|windsurf|copilot|cursor|codex|pinecone"
    r"|groq|groqcloud|xai|cohere(?! labs))",
    re.IGNORECASE,
)
"""Names what one cannot run at home, and those who sell it."""

OPEN: Final = re.compile(
    r"\bopen[- ]?(?:weights?|sourc\w*|model)|\blocal|gguf|llama\.cpp|ollama|apache|gpt-oss", re.IGNORECASE
)
"""Names what one can."""

COINED: Final = re.compile(
    r"(?:[A-Z]?[a-z]+[A-Z][A-Za-z]*\d*|[A-Z]{1,3}[a-z]+[A-Z]\w*|[A-Z]{2,}[a-z]{2,}\w*|[A-Z][A-Za-z]+[a-z]\d+(?:\.\d+)*)(?![\w])"
)
"""A word made up for one thing: capitals inside it, or a number at its end (`FlashQLA`, `LLmFit`, `TurboQuant`)."""
