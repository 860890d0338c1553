"""Who may ask how much, and which interactions are still worth answering. Pure: times come in as arguments.

A person and a server have two buckets each: the small one is asked only while the process is busy, the large one
always, so that nobody is refused where there is room, and nobody can fill it. Autocomplete, an interaction a keystroke,
has buckets of its own. Nothing is answered here: bot.intake does what `Limits.judge` says.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Final

DEADLINE_S: Final = 2.5
"""An interaction older than this is dropped: its answer would come after Discord's 3 s."""

BUSY_AFTER_S: Final = 1.8
BUSY_COST_S: Final = 0.0004
"""One that waited so long is told that the bot is busy; sooner by what it takes to tell all that wait behind it."""

MOST_WAITING: Final = 20_000
"""So many interactions in hand, answered or waiting; beyond, they are dropped unread (40 MB)."""

MOST_AT_ONCE: Final = 128
"""So many are being answered at once, as many as there are connections to answer by; the others wait for their turn in
order of arrival. Twice as many were measured to lose a third of a burst of 6,000 on a busy machine.
"""

CROWDED: Final = 64
"""With so many in hand the process is busy, and the small buckets hold."""

MOST_KEPT: Final = 4096
SKEW_WINDOW_S: Final = 60.0
MOST_SKEW_S: Final = 300.0


class Verdict(Enum):
    """What becomes of an interaction."""

    ANSWER = "answer"
    BUSY = "busy"
    SLOW_DOWN = "slow down"
    EXPIRED = "expired"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, so many a second after that."""

    at_once: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """The buckets of one kind of interaction."""

    person: Rate
    person_most: Rate
    server: Rate
    server_most: Rate


COMMANDS: Final = Rates(Rate(20, 1), Rate(1_000, 20), Rate(2_500, 100), Rate(6_000, 300))
COMPLETIONS: Final = Rates(Rate(40, 5), Rate(2_000, 40), Rate(5_000, 200), Rate(12_000, 600))
PROCESS: Final = Rate(20_000, 4_000)


class Bucket:
    """So many a second, so many at once. Times are monotonic seconds."""

    __slots__ = ("_at_s", "_left", "_most", "_per_s")

    def __init__(self, per_s: float, most: float) -> None:
        self._per_s, self._most, self._left, self._at_s = per_s, most, most, 0.0

    def take(self, now_s: float) -> bool:
        """Take one, if there is one."""
        self._left = min(self._most, self._left + max(now_s - self._at_s, 0.0) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Buckets:
    """One bucket a key; those used longest ago are forgotten, which only ever gives somebody a full one."""

    def __init__(self, rate: Rate, most_kept: int = MOST_KEPT) -> None:
        self._rate, self._most_kept = rate, most_kept
        self._buckets: OrderedDict[int, Bucket] = OrderedDict()

    def take(self, key: int, now_s: float) -> bool:
        """Take one from the key's bucket, if there is one."""
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= self._most_kept:
                self._buckets.popitem(last=False)
            found = self._buckets[key] = Bucket(self._rate.per_s, self._rate.at_once)
        else:
            self._buckets.move_to_end(key)
        return found.take(now_s)

    def __len__(self) -> int:
        return len(self._buckets)


class _Kind:
    """The four kinds of buckets for commands, or for autocomplete."""

    def __init__(self, rates: Rates) -> None:
        self.always = (Buckets(rates.person_most), Buckets(rates.server_most))
        self.crowded = (Buckets(rates.person), Buckets(rates.server))

    def take(self, user_id: int, guild_id: int, now_s: float, *, crowded: bool) -> bool:
        """Take one of the person's and, in a server, of the server's; False where one of them is empty."""
        for person, server in (self.always, self.crowded) if crowded else (self.always,):
            if not person.take(user_id, now_s) or (guild_id and not server.take(guild_id, now_s)):
                return False
        return True


class Limits:
    """All buckets of a process."""

    def __init__(self, commands: Rates = COMMANDS, completions: Rates = COMPLETIONS, process: Rate = PROCESS) -> None:
        self._commands, self._completions = _Kind(commands), _Kind(completions)
        self._process = Bucket(process.per_s, process.at_once)

    def judge(self, user_id: int, guild_id: int, now_s: float, *, completion: bool, in_hand: int) -> Verdict:
        """What becomes of an interaction that just came, `in_hand` others being answered or waiting."""
        if in_hand >= MOST_WAITING or not self._process.take(now_s):
            return Verdict.DROPPED
        kind = self._completions if completion else self._commands
        fair = kind.take(user_id, guild_id, now_s, crowded=in_hand >= CROWDED)
        return Verdict.ANSWER if fair else Verdict.SLOW_DOWN


def judge_wait(verdict: Verdict, waited_s: float, in_hand: int) -> Verdict:
    """What becomes of an interaction whose turn has come after `waited_s`, `in_hand` others still being in hand."""
    if waited_s > DEADLINE_S:
        return Verdict.EXPIRED
    busy = in_hand >= CROWDED and waited_s > BUSY_AFTER_S - in_hand * BUSY_COST_S
    return Verdict.BUSY if verdict is Verdict.ANSWER and busy else verdict


class Ages:
    """How old interactions are when they arrive, by the time in their id; this machine's clock may be wrong.

    The youngest of the last two minutes is taken to have just been sent: what differs is age, what all share is skew.
    """

    def __init__(self) -> None:
        self._window_s = 0.0
        self._now: float | None = None
        self._before: float | None = None

    def age_s(self, seen_s: float, now_s: float) -> float:
        """The age of an interaction that is `seen_s` old by this machine's clock; `now_s` is monotonic.

        0 where the two differ by more than any delay: a clock that is far off, or an id that is none.
        """
        if abs(seen_s) > MOST_SKEW_S:
            return 0.0
        if now_s - self._window_s > SKEW_WINDOW_S:
            self._window_s, self._before, self._now = now_s, self._now, None
        self._now = seen_s if self._now is None else min(self._now, seen_s)
        skew = self._now if self._before is None else min(self._now, self._before)
        return seen_s - skew
