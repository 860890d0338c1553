"""Collapses a month of one program: builds, candidates and patches become one item that says what came and changed.

No release is lost: stable versions are the item's own entries, everything else stands in its `rest`. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from digest.notes import merged, read_notes
from digest.tags import Tag, read_tag
from digest.told import Cluster, Told


def tool_clusters(rows: Iterable[Told]) -> list[Cluster]:
    """Return one cluster a repository."""
    by_repo: defaultdict[str, list[Told]] = defaultdict(list)
    for row in rows:
        by_repo[row.source].append(row)
    return [_collapse(repo, releases) for repo, releases in by_repo.items()]


def _collapse(repo: str, releases: list[Told]) -> Cluster:
    """Fold a month of one repository: its newest stable version, or the span of its builds."""
    read = sorted(((row, read_tag(row.title)) for row in releases), key=_when)
    stable = [pair for pair in read if pair[1].stable]
    told = stable or read
    names = {repo.rpartition("/")[2].lower()}
    return Cluster(
        kind="tool",
        key=repo,
        title=f"{repo.rpartition('/')[2]} {_version(read, stable)}".strip(),
        names=names,
        lead=[row for row, _ in told],
        rest=[row for row, tag in read if stable and not tag.stable],
        changes=merged(read_notes(row.summary) for row, _ in told),
    )


def _when(pair: tuple[Told, Tag]) -> tuple[str, tuple[int, ...], str]:
    return pair[0].published, pair[1].version, pair[0].title


def _version(read: Sequence[tuple[Told, Tag]], stable: Sequence[tuple[Told, Tag]]) -> str:
    """Say which version the month ended with, or which builds it went through."""
    if not stable and all(tag.build for _, tag in read):
        first, last = read[0][0].title, read[-1][0].title
        span = first if len(read) == 1 else f"{first} to {last}"
        return f"{span} ({len(read)} builds)" if len(read) > 1 else span
    newest, tag = max(stable or read, key=lambda pair: (pair[1].version, pair[0].published))
    version = newest.title.removeprefix("v") if tag.version else newest.title
    return f"{version} ({len(read)} releases)" if len(read) > 1 else version
