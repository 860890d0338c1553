"""New models become proposals: what a month's releases name and the catalogue lacks is inspected, once, and kept.

With a proposal the issue can say at once what a model needs and what runs it. The catalogue itself is untouched: a
person enters a model (`python -m knowledge inspect … --as-yaml`). Which releases matter is `rank`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

from digest.told import Cluster
from knowledge.catalog import Knowledge, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.model import shape_from_mapping
from knowledge.inspect.report import Inspection, model_id, short_shape
from knowledge.store.proposal_store import ProposalRow

AGAIN_AFTER: Final = timedelta(days=3)
"""What failed is looked at again after so long: repositories are announced before they are opened."""

PROPOSED: Final = "proposed:"
"""What the notes of a proposed model begin with."""

MAX_REPOS_A_RUN: Final = 60
REPOS_A_RELEASE: Final = 6
_HUB_HOSTS: Final = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_NOT_MODELS: Final = frozenset({"datasets", "spaces", "papers", "blog", "collections", "docs", "posts", "api"})


class Looks(Protocol):
    """What inspects a place (knowledge.inspect's Inspector)."""

    async def inspect(self, text: str) -> Inspection:
        """Look a place up. Raises KnowledgeError where nothing is to be had."""


def repo_of(url: str) -> str:
    """The repository a Hugging Face address is of; empty for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = [part for part in parts.path.split("/") if part]
    if parts.hostname not in _HUB_HOSTS or len(path) < 2 or path[0] in _NOT_MODELS:
        return ""
    return f"{path[0]}/{path[1]}"


def wanted(
    releases: Iterable[Cluster],
    knowledge: Knowledge,
    known: Mapping[str, ProposalRow],
    now: datetime,
) -> list[str]:
    """Repositories to look at, in the releases' order: their makers' own, in neither catalogue nor proposals."""
    entered = {repo.lower() for model in knowledge.models.values() for repo in model.repos}
    repos: dict[str, None] = {}
    for release in releases:
        if release.kind != "model":
            continue
        own = dict.fromkeys(repo for told in release.lead if (repo := repo_of(told.url)))
        for repo in list(own)[:REPOS_A_RELEASE]:
            row = known.get(repo)
            settled = row is not None and (row.state == "found" or now - row.looked_at < AGAIN_AFTER)
            if repo.lower() not in entered and not settled:
                repos[repo] = None
    return list(repos)[:MAX_REPOS_A_RUN]


async def look_at(repos: Iterable[str], inspector: Looks, now: datetime) -> list[ProposalRow]:
    """Inspect repositories one after the other; one that fails is a row that says why."""
    rows: list[ProposalRow] = []
    for repo in repos:
        try:
            rows.append(row_of(repo, await inspector.inspect(repo), now))
        except KnowledgeError as error:
            name = repo.partition("/")[2]
            rows.append(ProposalRow(place=repo, state="failed", name=name, looked_at=now, problem=str(error)[:500]))
    return rows


def row_of(repo: str, found: Inspection, now: datetime) -> ProposalRow:
    """What is kept of an inspection."""
    return ProposalRow(
        place=repo,
        state="found",
        name=found.name[:200],
        looked_at=now,
        shape=short_shape(found.shape),
        params_recounted=found.params_recounted,
        params_published=found.params_published,
        license=found.license,
        released=found.released,
        file_type=found.file_type or None,
        file_bytes=found.file_bytes,
        sources=list(found.sources),
    )


def model_of(row: ProposalRow) -> Model | None:
    """The model a proposal describes; None where nothing was found, or its recount contradicts what is published.

    A file already quantised counts packed values: its published total proves nothing and is not held against it.
    """
    if row.state != "found" or row.shape is None or not row.params_recounted:
        return None
    published = row.params_published
    if published and abs(row.params_recounted / published - 1) > CONTRADICTION:
        return None
    return Model(
        id=model_id(row.name),
        name=row.name,
        family="",
        org=row.place.partition("/")[0],
        kind="chat",
        sources=tuple(row.sources),
        repos=(row.place,),
        params_total=published or row.params_recounted,
        license=row.license,
        release_date=row.released,
        shape=shape_from_mapping(row.shape),
        file_bytes={row.file_type: row.file_bytes} if row.file_type and row.file_bytes else {},
        notes=f"{PROPOSED} read from its publisher's header, not yet looked over by a person",
    )


def is_proposed(model: Model) -> bool:
    """Whether a model comes from a proposal and not from the catalogue."""
    return model.notes.startswith(PROPOSED)


CONTRADICTION: Final = 0.25
"""A recount further off than this describes another model: towers and prediction layers explain less than that."""


def with_proposals(knowledge: Knowledge, rows: Iterable[ProposalRow]) -> Knowledge:
    """The knowledge with the proposed models beside the entered ones; entered ones win. Indexes see both."""
    proposed = {model.id: model for row in rows if (model := model_of(row)) is not None}
    return replace(knowledge, models={**proposed, **knowledge.models})
