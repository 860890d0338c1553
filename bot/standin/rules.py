"""How strict the stand-in is: Discord's own numbers, each of which a test or a bench may change."""

from __future__ import annotations

from dataclasses import dataclass

from bot.standin.payloads import ATTACHMENT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Discord's numbers. Times are seconds unless the name says otherwise.

    `deadline_s`: a first answer after that is refused with 10062. `token_life_s`: so long an interaction's token is
    good for follow-ups. `shards`, `max_concurrency`, `session_starts`: what GET /gateway/bot says and the gateway
    holds one to; `large`: the shard count must be a multiple of `shards`. `identify_window_s`: a bucket of shards may
    identify once in it; 5 at Discord, 0 here, because tests start processes right after each other.
    `global_per_s`: requests outside of interactions. `invalid_most`: so many 401, 403 and 429 in ten minutes and the
    edge bans. `gateway_events`: what a client may send in a minute. `judged_every`: each n-th first answer is held to
    the limits of its body, 1 for all; a bench judges a sample, so that it does not measure the stand-in.
    `nonce_s`: so long a nonce that is enforced brings the message posted with it before; "a few minutes" at Discord.
    """

    deadline_s: float = 3.0
    token_life_s: float = 900.0
    resume_within_s: float = 120.0
    heartbeat_ms: int = 41_250
    shards: int = 1
    max_concurrency: int = 1
    session_starts: int = 1000
    identify_window_s: float = 0.0
    large: bool = False
    global_per_s: int = 50
    invalid_most: int = 10_000
    gateway_events: int = 120
    attachment_limit: int = ATTACHMENT_LIMIT
    user_install_followups: int = 5
    nonce_s: float = 180.0
    judged_every: int = 1
