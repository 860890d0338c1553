"""Folds what many sources said into releases: one model, one tool or one story an item, whoever told of it.

    model repositories and library listings → one Cluster a model release (sizes, repacks and fine-tunes folded in)
    GitHub releases                          → one Cluster a tool and month (`collapse`)
    blog posts and forum threads             → attached to what they name; what they announce themselves: `stories`

Pure; no step compares every entry with every other. It does not judge importance; `rank` does. No entry is lost: each
stands in at least one cluster (a repository linked by a thread stands in one besides the thread).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from typing import Final

from digest.collapse import tool_clusters
from digest.families import ALSO_WORDS, SIDE, TUNED, home_of, split_families
from digest.mentions import NameIndex
from digest.names import ModelName, aliases, read_name, squash
from digest.stories import REPO_LINK, second_names, story_clusters
from digest.titles import library_title, release_title
from digest.told import Cluster, Told, in_order

SAME_RELEASE: Final = timedelta(days=4)
"""Sizes of one family that appear within this time are one release; later ones are a release of their own."""

OWN_RELEASE: Final = 3
"""How many others must have taken up a later release of a family for it to stand beside the first."""

DOWNLOADS_UNIT: Final = 100_000
"""So many downloads weigh as much as one who took it up."""

_FAMILY_MIN: Final = 3
_LONG_WORD: Final = 9
_WORD_MIN: Final = 5
_CAPITALISED: Final = re.compile(r"\b[A-Z][a-z]+\b")
"""A name without a number is looked for when it is so long, or of two words (`functiongemma`, `tiny aya`); a
shorter word only where it stands as its maker writes it, with a capital (`Inkling`)."""

_Pair = tuple[Told, ModelName]


def cluster(told: Iterable[Told], *, makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    """Fold entries into clusters. `makers` and `packagers` are organisation names in lower case."""
    rows = in_order(list(told))
    posts = [row for row in rows if row.kind not in {"model_listing", "github_release"}]
    listings = [row for row in rows if row.kind == "model_listing"]
    linked = {row.title.lower() for row in listings}
    listings += [found for row in posts if (found := _linked_model(row, makers)) and found.title.lower() not in linked]
    models = _model_clusters(listings, makers, packagers)
    tools = tool_clusters(row for row in rows if row.kind == "github_release")
    left = _attach(posts, models)
    return _without_variants(_without_quiet_siblings(models)) + tools + story_clusters(left, tools)


def _linked_model(row: Told, makers: AbstractSet[str]) -> Told | None:
    """Return the repository that a thread is a mere link to (`org/model · Hugging Face`), if a known maker's."""
    match = REPO_LINK.match(row.title)
    if match is None or match[1].lower() not in makers:
        return None
    repo = f"{match[1]}/{match[2]}"
    url = f"https://huggingface.co/{repo}"
    return replace(row, source=f"huggingface:{match[1]}", kind="model_listing", title=repo, url=url, votes=None)


def _model_clusters(rows: Sequence[Told], makers: AbstractSet[str], packagers: AbstractSet[str]) -> list[Cluster]:
    own: defaultdict[str, list[_Pair]] = defaultdict(list)
    others: list[_Pair] = []
    for row in rows:
        name, org = read_name(row.title), row.org.lower()
        home = home_of(name.key)
        if org and (org in packagers or TUNED.search(row.title) or (home is not None and home != org)):
            others.append((row, name))
        else:
            own[name.key].append((row, name))
    known = {key for key, members in own.items() if any(not row.org or row.org.lower() in makers for row, _ in members)}
    clusters: list[Cluster] = []
    for key in sorted(known):
        clusters += _releases_of(key, own[key], makers, others)
    finder = _Finder(clusters, spoken=False)
    for key in sorted(own.keys() - known):
        if any(finder.find(row.title, row) for row, _ in own[key]):
            others += own[key]  # somebody's variation under a name of his own: `Aurora-Spec-Minimax-M2.5`
        else:
            clusters += _releases_of(key, own[key], makers, others)
    return clusters + _attach_copies(others, clusters)


def _releases_of(key: str, members: list[_Pair], makers: AbstractSet[str], others: list[_Pair]) -> list[Cluster]:
    """Split one family's repositories into releases by time; what is not the maker's own goes to `others`."""
    official = [pair for pair in members if pair[0].org.lower() in makers and not SIDE.search(pair[0].title)]
    library = [pair for pair in members if not pair[0].org]
    lead = official or _first_makers_own(members) or ([] if library else members[:1])
    lead_ids = {id(row) for row, _ in lead}
    others += [pair for pair in members if pair[0].org and id(pair[0]) not in lead_ids]
    clusters = []
    for group in _by_time(lead) or ([[]] if library else []):
        names = {form for _, name in group or library for form in aliases(name)}
        title = release_title(group or library)
        clusters.append(Cluster(kind="model", key=key, title=title, names=names, lead=[row for row, _ in group]))
    for row, name in library:
        item = _nearest(clusters, row)
        item.library.append(row)
        item.names |= aliases(name)
    return clusters


def _first_makers_own(members: list[_Pair]) -> list[_Pair]:
    """Return the repositories of whoever unknown published the name first, packaged copies apart."""
    plain = [pair for pair in members if pair[0].org and not pair[1].packaged]
    return [pair for pair in plain if pair[0].org == plain[0][0].org]


def _by_time(pairs: list[_Pair]) -> list[list[_Pair]]:
    groups: list[list[_Pair]] = []
    for pair in sorted(pairs, key=lambda item: item[0].published):
        day, last = pair[0].day, groups[-1][-1][0].day if groups else None
        if groups and (day is None or last is None or day - last <= SAME_RELEASE or _same_sizes(pair, groups[-1])):
            groups[-1].append(pair)
        else:
            groups.append([pair])
    return groups


def _same_sizes(pair: _Pair, group: list[_Pair]) -> bool:
    """Whether a later repository only repeats a size and tier the release already has (a repack by the maker)."""
    return any(set(pair[1].sizes) <= set(name.sizes) and pair[1].tiers == name.tiers for _, name in group)


def uptake(item: Cluster) -> int:
    """How many others took a release up: repackers, threads, posts and libraries."""
    others = len({row.org.lower() for row in item.repacks}) + len(item.talk) + len(item.press) + 2 * len(item.library)
    return others + sum(row.downloads or 0 for row in item.lead) // DOWNLOADS_UNIT


def _without_quiet_siblings(models: list[Cluster]) -> list[Cluster]:
    """Fold a release nobody took up on its own into the busiest of the same family: its sizes came out piecemeal."""
    by_key: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in models:
        by_key[item.key].append(item)
    kept: list[Cluster] = []
    for siblings in by_key.values():
        siblings.sort(key=lambda item: (-uptake(item), item.title))
        first, rest = siblings[0], siblings[1:]
        quiet = [item for item in rest if uptake(item) < OWN_RELEASE]
        kept += [first, *(item for item in rest if uptake(item) >= OWN_RELEASE)]
        for item in quiet:
            first.absorb(item)
        if quiet and first.lead:
            first.title = release_title([(row, read_name(row.title)) for row in in_order(first.lead)])
    return kept


def _without_variants(models: list[Cluster]) -> list[Cluster]:
    """Fold what its maker released beside a family of his, under a longer name, and nobody took up on its own.

    `Tiny Aya Earth` goes under `Tiny Aya`, `Molmo2-O` under `Molmo2`: one announcement, several repositories.
    """
    by_key: defaultdict[str, list[Cluster]] = defaultdict(list)
    for item in models:
        by_key[item.key].append(item)
    kept = []
    for item in sorted(models, key=lambda item: (-len(item.key), item.title)):
        family = _family_of(item, by_key) if uptake(item) < OWN_RELEASE and item.lead else None
        if family is None:
            kept.append(item)
        else:
            family.lead += item.lead
            item.lead.clear()
            family.absorb(item)
    return kept


def _family_of(item: Cluster, by_key: dict[str, list[Cluster]]) -> Cluster | None:
    """Return the release of the same maker and days whose name this one only lengthens."""
    orgs, first = {row.org.lower() for row in item.lead}, item.first_day()
    for length in range(len(item.key) - 1, _FAMILY_MIN - 1, -1):
        for other in by_key.get(item.key[:length], ()):
            day = other.first_day()
            same_days = day is not None and first is not None and abs(day - first) <= SAME_RELEASE
            if same_days and orgs & {row.org.lower() for row in other.lead}:
                return other
    return None


def _nearest(clusters: Sequence[Cluster], row: Told) -> Cluster:
    """Return the release whose first day is nearest to the row's."""

    def distance(item: Cluster) -> int:
        first, day = item.first_day(), row.day
        return abs((first - day).days) if first and day else 0

    return clusters[0] if len(clusters) == 1 else min(clusters, key=distance)


def _whole(size: str) -> str:
    """Return the size that people say: `35B` for `35B-A3B`."""
    return size.partition("-")[0]


class _Finder:
    """Finds the releases a text names: an index of their names, and their sizes to choose between siblings."""

    def __init__(self, clusters: Sequence[Cluster], *, spoken: bool) -> None:
        self._by_name: defaultdict[str, list[Cluster]] = defaultdict(list)
        self._sizes: dict[int, frozenset[str]] = {}
        self._written: dict[str, set[str]] = {}
        for item in clusters:
            leads = [read_name(row.title) for row in item.lead]
            self._sizes[id(item)] = frozenset(_whole(size) for name in leads for size in name.sizes)
            plain = spoken and all(len(name.family.split()) < 2 for name in leads)
            for name in item.names:
                if plain and len(name) < _LONG_WORD and not any(c.isdigit() for c in name):
                    written = {lead.family for lead in leads if squash(lead.family) == name and lead.family.istitle()}
                    if not written or name in ALSO_WORDS or len(name) < _WORD_MIN:
                        continue
                    self._written[name] = written
                self._by_name[name].append(item)
        self.index = NameIndex(self._by_name)

    def find(self, text: str, row: Told) -> list[Cluster]:
        """Return the releases `text` names, of each family the one that `row` most likely means."""
        if row.kind == "model_listing":
            text = text.rpartition("/")[2]
        found: dict[int, Cluster] = {}
        for name in self.index.find(split_families(text)):
            written = self._written.get(name)
            if written is None or written & set(_CAPITALISED.findall(text)):
                item = self._best(self._by_name[name], row)
                found[id(item)] = item
        return list(found.values())

    def _best(self, candidates: list[Cluster], row: Told) -> Cluster:
        if len(candidates) == 1:
            return candidates[0]
        sizes = {_whole(size) for size in read_name(row.title).sizes}
        with_size = [item for item in candidates if sizes & self._sizes[id(item)]]
        return _nearest(with_size or candidates, row)


def _attach_copies(others: Sequence[_Pair], clusters: list[Cluster]) -> list[Cluster]:
    """Give every repack and fine-tune to the release it names; return what varies models of other months."""
    finder, left = _Finder(clusters, spoken=False), []
    for row, name in others:
        found = finder.find(row.title, row)
        if not found:
            left.append((row, name))
        for item in found:
            (item.tuned if TUNED.search(row.title) else item.repacks).append(row)
    for item in clusters:
        if item.library and not item.lead:
            item.title = library_title(item.library, item.repacks)
    return _of_other_months(left)


def _of_other_months(copies: Sequence[_Pair]) -> list[Cluster]:
    """Return what copies and varies models of other months: one item a model."""
    older: dict[str, Cluster] = {}
    for row, name in copies:
        if not TUNED.search(row.title):
            title = release_title([(row, name)])
            item = older.setdefault(name.key, Cluster(kind="model", key=name.key, title=title, names=aliases(name)))
            item.repacks.append(row)
    finder = _Finder(list(older.values()), spoken=False)
    for row, name in copies:
        if TUNED.search(row.title):
            title = release_title([(row, name)])
            found = finder.find(row.title, row)
            found = found or [older.setdefault(name.key, Cluster(kind="model", key=name.key, title=title))]
            for item in found:
                item.tuned.append(row)
    for item in older.values():
        item.names.clear()  # posts about a model of another month are no news of this one
    return list(older.values())


def _attach(posts: Sequence[Told], models: Sequence[Cluster]) -> list[Told]:
    """Give posts to the releases they name; return the rest."""
    finder = _Finder([item for item in models if item.names], spoken=True)
    by_repo = {row.title.lower(): item for item in models for row in item.lead}
    left = []
    for row in posts:
        link = REPO_LINK.match(row.title)
        linked = by_repo.get(f"{link[1]}/{link[2]}".lower()) if link else None
        found = [linked] if linked else finder.find(row.title, row)
        for item in found:
            (item.press if row.kind == "blog" else item.talk).append(row)
        names = second_names(row.title, finder.index) if found else []
        said = f"{row.title} {row.summary}"
        left += [replace(row, title=name, summary=said) for name in names] if found else [row]
    return left
