"""Folds what many sources said into releases: one model, one tool or one story an item, whoever told of it.

    model repositories and library listings → one Cluster a model release (sizes, repacks and fine-tunes folded in)
    GitHub releases                          → one Cluster a tool and month, however many builds
    blog posts and forum threads             → attached to the releases they name; otherwise a Cluster each

Pure. It does not judge importance; `rank` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from digest.names import SIDE, TUNED, ModelName, mentions, read_name
from digest.tags import read_tag

SAME_RELEASE: Final = timedelta(days=4)
"""Sizes of one family that appear within this time are one release; later ones are a release of their own."""

ClusterKind = Literal["model", "tool", "story"]
EntryKind = Literal["model_listing", "github_release", "blog", "discussion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry as clustering sees it. `source` is `huggingface:ORG`, `ollama library`, `owner/repo`, or a source's name."""

    source: str
    kind: str
    url: str
    title: str
    published: str = ""
    summary: str = ""
    votes: int | None = None

    @property
    def day(self) -> date | None:
        """The day it was told, None where unknown."""
        try:
            return date.fromisoformat(self.published[:10])
        except ValueError:
            return None

    @property
    def org(self) -> str:
        """The organisation of a model repository, empty for other entries."""
        return self.title.partition("/")[0] if "/" in self.title and self.kind == "model_listing" else ""


@dataclass(slots=True, kw_only=True)
class Cluster:
    """One release and who told of it. `lead` entries are its own; the others point at it."""

    kind: ClusterKind
    key: str
    title: str
    lead: list[Told] = field(default_factory=list)
    library: list[Told] = field(default_factory=list)
    repacks: list[Told] = field(default_factory=list)
    tuned: list[Told] = field(default_factory=list)
    talk: list[Told] = field(default_factory=list)
    press: list[Told] = field(default_factory=list)

    def entries(self) -> list[Told]:
        """Everything that told of it, its own first."""
        return [*self.lead, *self.library, *self.press, *self.talk, *self.repacks, *self.tuned]

    def first_day(self) -> date | None:
        """Return the earliest day of its own entries."""
        days = [told.day for told in (self.lead or self.library or self.entries()) if told.day]
        return min(days, default=None)


def cluster(told: Iterable[Told], *, makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    """Fold entries into clusters. `makers` and `packagers` are organisation names in lower case."""
    rows = list(told)
    models = _model_clusters([row for row in rows if row.kind == "model_listing"], makers, packagers)
    tools = _tool_clusters([row for row in rows if row.kind == "github_release"])
    stories = _attach([row for row in rows if row.kind in {"blog", "discussion"}], models)
    return models + tools + stories


def _model_clusters(rows: Sequence[Told], makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    own: defaultdict[str, list[tuple[Told, ModelName]]] = defaultdict(list)
    others: list[Told] = []
    for row in rows:
        name = read_name(row.title)
        org = row.org.lower()
        if org and (org in packagers or TUNED.search(row.title)):
            others.append(row)
        else:
            own[name.key].append((row, name))
    clusters: list[Cluster] = []
    for key, members in own.items():
        clusters += _releases_of(key, members, makers, others)
    _attach_copies(others, clusters)
    return clusters


def _releases_of(
    key: str, members: list[tuple[Told, ModelName]], makers: AbstractSet[str], others: list[Told]
) -> list[Cluster]:
    """Split one family's repositories into releases by time; what is not the maker's own goes to `others`."""
    official = [pair for pair in members if pair[0].org.lower() in makers and not SIDE.search(pair[0].title)]
    library = [row for row, _ in members if not row.org]
    lead = official or [pair for pair in members if pair[0].org and not pair[1].packaged][:1]
    lead_ids = {id(row) for row, _ in lead}
    others += [row for row, _ in members if row.org and id(row) not in lead_ids]
    groups = _by_time(lead)
    if not groups:
        groups = [[]] if library else []
    clusters = [
        Cluster(kind="model", key=key, title=_model_title(group, library), lead=[row for row, _ in group])
        for group in groups
    ]
    for row in library:
        _nearest(clusters, row).library.append(row)
    return clusters


def _by_time(pairs: list[tuple[Told, ModelName]]) -> list[list[tuple[Told, ModelName]]]:
    groups: list[list[tuple[Told, ModelName]]] = []
    for pair in sorted(pairs, key=lambda item: item[0].published):
        day, last = pair[0].day, groups[-1][-1][0].day if groups else None
        if groups and (day is None or last is None or day - last <= SAME_RELEASE or _same_sizes(pair, groups[-1])):
            groups[-1].append(pair)
        else:
            groups.append([pair])
    return groups


def _same_sizes(pair: tuple[Told, ModelName], group: list[tuple[Told, ModelName]]) -> bool:
    """Whether a later repository only repeats a size and tier the release already has (a repack by the maker)."""
    return any(set(pair[1].sizes) <= set(name.sizes) and pair[1].tiers == name.tiers for _, name in group)


def _nearest(clusters: list[Cluster], row: Told) -> Cluster:
    """Return the release whose first day is nearest to the row's."""

    def distance(item: Cluster) -> int:
        first, day = item.first_day(), row.day
        return abs((first - day).days) if first and day else 0

    return min(clusters, key=distance)


def _model_title(group: list[tuple[Told, ModelName]], library: list[Told]) -> str:
    """Return the release's name as its maker writes it, with sizes and tiers where there are several."""
    if not group:
        return library[0].title.rpartition("/")[2]
    names = [name for _, name in group]
    plain = next((row.title.rpartition("/")[2] for row, name in group if not name.packaged), names[0].family)
    sizes = list(dict.fromkeys(size for name in names for size in name.sizes))
    tiers = list(dict.fromkeys(name.tiers for name in names))
    if len(sizes) <= 1 and len(tiers) <= 1:
        return _without_role(plain, names[0])
    words = names[0].family.split()
    base = " ".join(word for word in words if len(tiers) <= 1 or word not in names[0].tiers)
    parts = sizes if len(sizes) > 1 else [" ".join(tier) for tier in tiers if tier]
    return f"{base} ({', '.join(parts[:6])})"


def _without_role(plain: str, name: ModelName) -> str:
    words = name.family.split()
    return " ".join([*words, *name.sizes]) if plain.lower().endswith(("-base", "-it", "-instruct", "-hf")) else plain


def _attach_copies(others: Sequence[Told], clusters: list[Cluster]) -> None:
    """Give every repack and fine-tune to the release it names."""
    by_key: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in clusters:
        by_key[item.key].append(item)
    keys = tuple(by_key)
    for row in others:
        for key in mentions(row.title.rpartition("/")[2], keys):
            item = _best_match(by_key[key], row)
            (item.tuned if TUNED.search(row.title) else item.repacks).append(row)


def _best_match(candidates: list[Cluster], row: Told) -> Cluster:
    """Return the release with the row's size among several of one family, else the nearest in time."""
    sizes = set(read_name(row.title).sizes)
    with_size = [
        item for item in candidates if sizes & {size for told in item.lead for size in read_name(told.title).sizes}
    ]
    return _nearest(with_size or candidates, row)


def _tool_clusters(rows: Sequence[Told]) -> list[Cluster]:
    by_repo: defaultdict[str, list[Told]] = defaultdict(list)
    for row in rows:
        by_repo[row.source].append(row)
    clusters = []
    for repo, releases in by_repo.items():
        stable = [row for row in releases if read_tag(row.title).stable]
        newest = max(stable or releases, key=lambda row: (read_tag(row.title).version, row.published))
        name = repo.rpartition("/")[2]
        count = f" ({len(releases)} releases)" if len(releases) > 1 else ""
        clusters.append(Cluster(kind="tool", key=repo, title=f"{name} {newest.title}{count}", lead=stable or releases))
    return clusters


def _attach(rows: Sequence[Told], models: list[Cluster]) -> list[Cluster]:
    """Give posts to the releases they name; the rest become stories."""
    by_key: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in models:
        if len(item.key) >= 4 and any(c.isdigit() for c in item.key):
            by_key[item.key].append(item)
    keys, stories = tuple(by_key), []
    for row in rows:
        found = mentions(row.title, keys)
        for key in found:
            item = _best_match(by_key[key], row)
            (item.press if row.kind == "blog" else item.talk).append(row)
        if not found:
            stories.append(Cluster(kind="story", key=row.url, title=row.title, lead=[row]))
    return stories
