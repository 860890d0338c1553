"""What a source said, after cleaning: `Entry`, and `ParsedFeed` that holds one document's. No behaviour besides.

Text in these records is plain (no markup, no control characters), addresses are http(s), dates are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.errors import FeedError
from digest.pace import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One announcement. `id` is the source's own, or a stand-in made of its address or text.

    `published` and `updated` are `YYYY-MM-DDTHH:MM:SSZ` (with milliseconds where given), None where absent or absurd.
    `facts` holds what only some sources tell (`votes`, `downloads`, `likes`, `license`, `prerelease`, `n_params`).
    """

    id: str
    title: str
    url: str | None = None
    published: str | None = None
    updated: str | None = None
    summary: str = ""
    facts: Mapping[str, int | str | bool] = field(default_factory=dict)

    @property
    def date(self) -> str | None:
        """When it was announced, as far as the source says."""
        return self.published or self.updated


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """The entries of one document, in its order. `error` is set where it was cut short yet partly readable.

    `asked` is what the feed says of when to come again.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    format: str = ""
    asked: Wishes = field(default_factory=Wishes)
    error: FeedError | None = None
