"""Folds what many sources said into releases: one model, one tool or one story an item, whoever told of it.

    model repositories and library listings → one Cluster a model release (sizes, repacks and fine-tunes folded in)
    GitHub releases                          → one Cluster a tool and month, however many builds
    blog posts and forum threads             → attached to the releases they name; otherwise a Cluster each

Pure. It does not judge importance; `rank` does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal

from digest.names import SIDE, TUNED, ModelName, home_of, mentions, read_name
from digest.tags import read_tag

_REPO_LINK: Final = re.compile(r"^\s*([\w.-]{2,60})/([\w.-]{2,100})\s*(?:[·•|-]\s*hugging ?face)?\s*$", re.IGNORECASE)
_NAMED_WITHOUT_VERSION: Final = frozenset({"gptoss", "functiongemma", "embeddinggemma"})

SAME_RELEASE: Final = timedelta(days=4)
"""Sizes of one family that appear within this time are one release; later ones are a release of their own."""

OWN_RELEASE: Final = 3
"""How many others must have taken up a later release of a family for it to stand beside the first."""

DOWNLOADS_UNIT: Final = 100_000
"""So many downloads weigh as much as one who took it up."""

ClusterKind = Literal["model", "tool", "story"]
EntryKind = Literal["model_listing", "github_release", "blog", "discussion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry as clustering sees it. `source` is `huggingface:ORG`, `ollama library`, `owner/repo` or a name."""

    source: str
    kind: str
    url: str
    title: str
    published: str = ""
    summary: str = ""
    votes: int | None = None
    downloads: int | None = None

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
    """One release and who told of it. `lead` entries are its own; the others point at it, by `names`."""

    kind: ClusterKind
    key: str
    title: str
    names: set[str] = field(default_factory=set)
    lead: list[Told] = field(default_factory=list)
    library: list[Told] = field(default_factory=list)
    repacks: list[Told] = field(default_factory=list)
    tuned: list[Told] = field(default_factory=list)
    talk: list[Told] = field(default_factory=list)
    press: list[Told] = field(default_factory=list)

    def entries(self) -> list[Told]:
        """Everything that told of it, its own first."""
        return [*self.lead, *self.library, *self.press, *self.talk, *self.repacks, *self.tuned]

    def uptake(self) -> int:
        """How many others took it up: repackers, threads, posts and libraries."""
        others = (
            len({row.org.lower() for row in self.repacks}) + len(self.talk) + len(self.press) + 2 * len(self.library)
        )
        return others + sum(row.downloads or 0 for row in self.lead) // DOWNLOADS_UNIT

    def absorb(self, other: Cluster) -> None:
        """Take over another cluster's entries."""
        for name in ("lead", "library", "repacks", "tuned", "talk", "press"):
            getattr(self, name).extend(getattr(other, name))
        self.names |= other.names

    def first_day(self) -> date | None:
        """Return the earliest day of its own entries."""
        days = [told.day for told in (self.lead or self.library or self.entries()) if told.day]
        return min(days, default=None)


def cluster(told: Iterable[Told], *, makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    """Fold entries into clusters. `makers` and `packagers` are organisation names in lower case."""
    rows = list(told)
    posts = [row for row in rows if row.kind in {"blog", "discussion"}]
    listings = [row for row in rows if row.kind == "model_listing"]
    linked = {row.title.lower() for row in listings}
    listings += [found for row in posts if (found := _linked_model(row, makers)) and found.title.lower() not in linked]
    models = _model_clusters(listings, makers, packagers)
    tools = _tool_clusters([row for row in rows if row.kind == "github_release"])
    stories = _attach(posts, models)
    return _without_quiet_siblings(models) + tools + stories


def _linked_model(row: Told, makers: AbstractSet[str]) -> Told | None:
    """Return the repository that a thread is a mere link to (`org/model · Hugging Face`), if a known maker's."""
    match = _REPO_LINK.match(row.title)
    if match is None or match[1].lower() not in makers:
        return None
    repo = f"{match[1]}/{match[2]}"
    url = f"https://huggingface.co/{repo}"
    return replace(row, source=f"huggingface:{match[1]}", kind="model_listing", title=repo, url=url, votes=None)


def _model_clusters(rows: Sequence[Told], makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    own: defaultdict[str, list[tuple[Told, ModelName]]] = defaultdict(list)
    others: list[Told] = []
    for row in rows:
        name, org = read_name(row.title), row.org.lower()
        home = home_of(name.key)
        if org and (org in packagers or TUNED.search(row.title) or (home is not None and home != org)):
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
    library = [pair for pair in members if not pair[0].org]
    lead = official or [pair for pair in members if pair[0].org and not pair[1].packaged][:1]
    lead_ids = {id(row) for row, _ in lead}
    others += [row for row, _ in members if row.org and id(row) not in lead_ids]
    groups = _by_time(lead) or ([[]] if library else [])
    clusters = []
    for group in groups:
        title = _model_title(group, [row for row, _ in library])
        names = {key} | {name.full_key for _, name in group or library}
        clusters.append(Cluster(kind="model", key=key, title=title, names=names, lead=[row for row, _ in group]))
    for row, name in library:
        item = _nearest(clusters, row)
        item.library.append(row)
        item.names.add(name.full_key)
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


def _without_quiet_siblings(models: list[Cluster]) -> list[Cluster]:
    """Fold a release nobody took up on its own into the busiest of the same family: its sizes came out piecemeal."""
    by_key: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in models:
        by_key[item.key].append(item)
    kept: list[Cluster] = []
    for siblings in by_key.values():
        siblings.sort(key=lambda item: (-item.uptake(), item.title))
        first, rest = siblings[0], siblings[1:]
        kept.append(first)
        quiet = [item for item in rest if item.uptake() < OWN_RELEASE]
        kept += [item for item in rest if item.uptake() >= OWN_RELEASE]
        for item in quiet:
            first.absorb(item)
        if quiet and first.lead:
            first.title = _model_title([(row, read_name(row.title)) for row in first.lead], first.library)
    return kept


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


def _by_name(clusters: Sequence[Cluster]) -> dict[str, list[Cluster]]:
    by_name: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in clusters:
        for name in item.names:
            by_name[name].append(item)
    return by_name


def _attach_copies(others: Sequence[Told], clusters: list[Cluster]) -> None:
    """Give every repack and fine-tune to the release it names."""
    by_key = _by_name(clusters)
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
    return [_tool_cluster(repo, releases) for repo, releases in by_repo.items()]


def _tool_cluster(repo: str, releases: list[Told]) -> Cluster:
    """Fold a month of one repository: its newest stable version, or the span of its builds."""
    releases = sorted(releases, key=lambda row: (row.published, read_tag(row.title).version, row.title))
    name = repo.rpartition("/")[2]
    stable = [row for row in releases if read_tag(row.title).stable]
    if not stable and all(read_tag(row.title).build for row in releases):
        span = releases[-1].title if len(releases) == 1 else f"{releases[0].title} to {releases[-1].title}"
        return Cluster(kind="tool", key=repo, title=f"{name} {span} ({len(releases)} builds)", lead=releases)
    newest = max(stable or releases, key=lambda row: (read_tag(row.title).version, row.published))
    version = newest.title.removeprefix("v") if read_tag(newest.title).version else newest.title
    count = f" ({len(releases)} releases)" if len(releases) > 1 else ""
    return Cluster(kind="tool", key=repo, title=f"{name} {version}{count}", lead=stable or releases)


def _attach(rows: Sequence[Told], models: list[Cluster]) -> list[Cluster]:
    """Give posts to the releases they name; the rest become stories."""
    by_key = _by_name(models)
    keys = tuple(
        key for key in by_key if key in _NAMED_WITHOUT_VERSION or (len(key) >= 4 and any(c.isdigit() for c in key))
    )
    stories = []
    by_repo = {told.title.lower(): item for item in models for told in item.lead}
    for row in rows:
        link = _REPO_LINK.match(row.title)
        linked = by_repo.get(f"{link[1]}/{link[2]}".lower()) if link else None
        found = [linked] if linked else [_best_match(by_key[key], row) for key in mentions(row.title, keys)]
        for item in found:
            (item.press if row.kind == "blog" else item.talk).append(row)
        if not found:
            stories.append(Cluster(kind="story", key=row.url, title=row.title, lead=[row]))
    return stories
