"""New models of a month: which are looked at, what is kept, and that the answers know them at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.proposals import look_at, model_of, repo_of, wanted, with_proposals
from digest.told import Cluster, Told
from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge
from knowledge.estimator.model import count_params
from knowledge.inspect.inspection import Inspector
from knowledge.net import GuardedClient
from knowledge.store.digest_store import DigestStore
from knowledge.store.proposal_store import ProposalStore
from tests.fakes.hub_server import hub_server
from tests.knowledge.inspect.samples import QWEN3, QWEN3_CONFIG

NOW = datetime(2026, 11, 3, tzinfo=UTC)
NEW, GATED, ENTERED = "somebody/New-4L", "somebody/Gated", "Qwen/Qwen3-8B"


def release(*repos: str) -> Cluster:
    """A model's release told of by its makers' repositories and a discussion."""
    lead = [
        Told(source="huggingface:x", kind="model_listing", url=f"https://huggingface.co/{repo}", title=repo)
        for repo in repos
    ]
    talk = [Told(source="talk", kind="discussion", url="https://huggingface.co/other/Thing", title="look")]
    return Cluster(kind="model", key=repos[0], title=repos[0], lead=lead, talk=talk)


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://huggingface.co/a/b", "a/b"),
        ("https://hf.co/a/b/tree/main", "a/b"),
        ("https://huggingface.co/datasets/a/b", ""),
        ("https://huggingface.co/a", ""),
        ("https://github.com/a/b", ""),
        ("http://[", ""),
    ],
)
def test_repositories_in_addresses(url: str, repo: str) -> None:
    """Models only, of the Hub only."""
    assert repo_of(url) == repo


async def test_a_new_model_is_inspected_and_answered(knowledge: Knowledge, any_store: DigestStore) -> None:
    """What the catalogue lacks is looked up, kept and then answered from; failures are tried again later."""
    card = {"siblings": [{"rfilename": "config.json"}], "safetensors": {"total": count_params(QWEN3)}}
    pages: dict[str, Any] = {f"/api/models/{NEW}": card, f"/{NEW}/resolve/main/config.json": QWEN3_CONFIG}
    proposals = ProposalStore(any_store._engine)
    releases = [release(NEW, ENTERED), release(GATED)]
    repos = wanted(releases, knowledge, proposals.all(), NOW)
    assert repos == [NEW, GATED]
    async with hub_server(pages) as server, GuardedClient(user_agent="test", allow_loopback=True) as client:
        proposals.put(await look_at(repos, Inspector(client, hub=server.base_url), NOW))
    rows = proposals.all()
    assert {place: row.state for place, row in rows.items()} == {NEW: "found", GATED: "failed"}
    assert wanted(releases, knowledge, rows, NOW + timedelta(hours=1)) == []
    assert wanted(releases, knowledge, rows, NOW + timedelta(days=4)) == [GATED]

    answers = Answers(with_proposals(knowledge, rows.values()))
    request = answers.request(model="New-4L", hardware=[HardwareAsk(name="RTX 3060 12GB")])
    assert answers.estimate(request).fit_tier == "comfortable"
    proposals.drop([NEW])
    assert NEW not in proposals.all()


async def test_a_contradicted_recount_is_not_used(knowledge: Knowledge) -> None:
    """A shape that leads to half the published weights describes another model: nothing is computed from it."""
    card = {"siblings": [{"rfilename": "config.json"}], "safetensors": {"total": 2 * count_params(QWEN3)}}
    pages: dict[str, Any] = {f"/api/models/{NEW}": card, f"/{NEW}/resolve/main/config.json": QWEN3_CONFIG}
    async with hub_server(pages) as server, GuardedClient(user_agent="test", allow_loopback=True) as client:
        (row,) = await look_at([NEW], Inspector(client, hub=server.base_url), NOW)
    assert row.state == "found"
    assert model_of(row) is None
    assert with_proposals(knowledge, [row]).models == knowledge.models
    entered = replace(row, name="Qwen3 8B", params_published=None)
    assert with_proposals(knowledge, [entered]).models["qwen3-8b"] is knowledge.models["qwen3-8b"]
