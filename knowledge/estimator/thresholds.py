"""The thresholds the product speaks by: how fast is fluid, what voice and code completion need.

One place, cited elsewhere.

They are the brand's own (its glossary page on real-time inference). This module judges speeds; it computes none.
"""

from __future__ import annotations

from knowledge.said import worded

REAL_TIME_MS = (200, 500)
VOICE_FIRST_TOKEN_MS = 300
COMPLETION_MS = 100
CHAT_SLOW_TOK_S = 10.0
CHAT_FLUID_TOK_S = 20.0

NAMED: dict[str, float] = {
    "realtime_low_ms": REAL_TIME_MS[0],
    "realtime_high_ms": REAL_TIME_MS[1],
    "voice_ms": VOICE_FIRST_TOKEN_MS,
    "completion_ms": COMPLETION_MS,
    "chat_slow_tok_s": CHAT_SLOW_TOK_S,
    "chat_fluid_tok_s": CHAT_FLUID_TOK_S,
}
"""The same by name, for the glossary's `threshold(...)` expressions."""


def feel_text(decode_tok_s: float, ttft_s: float) -> str:
    """How it feels to use, in one sentence: chat by decode speed, voice and completion by time to the first token."""
    if decode_tok_s >= CHAT_FLUID_TOK_S:
        chat = worded("chat_fluid", "chat feels fluid")
    elif decode_tok_s >= CHAT_SLOW_TOK_S:
        chat = worded("chat_reading", "chat keeps up with reading")
    else:
        chat = worded("chat_slow", "chat feels slow")
    ttft_ms = ttft_s * 1000
    if ttft_ms < COMPLETION_MS:
        return worded("feel_all", "{chat}; quick enough for voice and code completion", chat=chat)
    if ttft_ms < VOICE_FIRST_TOKEN_MS:
        return worded("feel_voice", "{chat}; quick enough for voice, not for code completion", chat=chat)
    return worded("feel_chat", "{chat}; too slow to the first token for voice or code completion", chat=chat)
