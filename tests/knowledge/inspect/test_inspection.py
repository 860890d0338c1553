"""The whole look-up against a loopback Hub and registry: configs, GGUF by ranges, splits, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from knowledge.cli.arguments import build_parser
from knowledge.cli.commands import run
from knowledge.content_schema import MODEL, read_entry
from knowledge.content_types import Place as ContentPlace
from knowledge.content_types import Problem
from knowledge.errors import BadInput, FetchRefused, KnowledgeError, Unanswerable
from knowledge.estimator.model import count_params
from knowledge.inspect.inspection import Inspector
from knowledge.inspect.places import Place, place_of
from knowledge.inspect.report import Inspection, as_json, as_yaml
from knowledge.net import GuardedClient
from tests.fakes.hub_server import HubServer, hub_server
from tests.knowledge.inspect.samples import QWEN3, QWEN3_CONFIG, gguf_of, safetensors

REPO = "somebody/New-4L"
CARD = {
    "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}],
    "safetensors": {"total": count_params(QWEN3)},
    "cardData": {"license": "apache-2.0", "base_model": ["somebody/Old"]},
    "createdAt": "2026-11-02T10:00:00.000Z",
}
DIGEST = "sha256:" + "ab" * 32


async def look_up(server: HubServer, text: str) -> Inspection:
    """Inspect `text` with both services played by `server`."""
    async with GuardedClient(user_agent="test", allow_loopback=True, max_bytes=1 << 20) as client:
        return await Inspector(client, hub=server.base_url, ollama=server.base_url).inspect(text)


async def test_a_repository_with_a_config() -> None:
    """The shape is read, recounted against the published total, and becomes an entry the catalogue takes."""
    pages: dict[str, Any] = {f"/api/models/{REPO}": CARD, f"/{REPO}/resolve/main/config.json": QWEN3_CONFIG}
    async with hub_server(pages) as server:
        found = await look_up(server, REPO)
    assert found.proved
    assert (found.license, found.released, found.base) == ("apache-2.0", "2026-11-02", "somebody/Old")
    assert as_json(found)["shape"]["n_embd"] == 1024
    entry = yaml.safe_load(as_yaml(found, today="2026-11-23"))["models"][0] | {"family": "New"}
    problems: list[Problem] = []
    model = read_entry(MODEL, entry, ContentPlace(file="new.yaml"), problems)
    assert not problems
    assert model is not None
    assert model.shape is not None
    assert count_params(model.shape) == count_params(QWEN3)


async def test_a_recount_that_contradicts_is_said() -> None:
    """A published total the shape does not lead to is no proof."""
    card = CARD | {"safetensors": {"total": 2 * count_params(QWEN3)}}
    pages: dict[str, Any] = {f"/api/models/{REPO}": card, f"/{REPO}/resolve/main/config.json": QWEN3_CONFIG}
    async with hub_server(pages) as server:
        found = await look_up(server, f"https://huggingface.co/{REPO}")
    assert not found.proved
    assert found.difference == pytest.approx(-0.5)


async def test_a_gguf_is_read_by_ranges() -> None:
    """Of a file of 5 MB only the header's part is fetched; the usual quant is taken."""
    header = gguf_of(QWEN3)
    card = {
        "siblings": [{"rfilename": "New-Q8_0.gguf"}, {"rfilename": "New-Q4_K_M.gguf"}, {"rfilename": "mmproj.gguf"}]
    }
    pages: dict[str, Any] = {f"/api/models/{REPO}": card, f"/{REPO}/resolve/main/New-Q4_K_M.gguf": header}
    async with hub_server(pages, pad=5_000_000) as server:
        async with GuardedClient(user_agent="test", allow_loopback=True, max_bytes=16 << 20) as client:
            found = await Inspector(client, hub=server.base_url).inspect(REPO)
        assert server.bytes_sent <= 2 << 20
    assert found.shape == QWEN3
    assert found.params_published == count_params(QWEN3)


async def test_splits_are_read_together() -> None:
    """Every part is read; one that is missing is named."""
    whole = gguf_of(QWEN3, more={"split.count": 2})
    second = gguf_of(replace(QWEN3, n_layer=1))
    names = [f"New-Q8_0-0000{part}-of-00002.gguf" for part in (1, 2)]
    pages: dict[str, Any] = {
        f"/api/models/{REPO}": {"siblings": [{"rfilename": name} for name in names]},
        f"/{REPO}/resolve/main/{names[0]}": whole,
        f"/{REPO}/resolve/main/{names[1]}": second,
    }
    async with hub_server(pages) as server:
        found = await look_up(server, f"https://huggingface.co/{REPO}/blob/main/{names[0]}")
        assert (found.params_published or 0) > count_params(QWEN3)
        del server.documents[f"/api/models/{REPO}"]["siblings"][1]
        with pytest.raises(Unanswerable, match="00002-of-00002"):
            await look_up(server, REPO)


async def test_an_ollama_model() -> None:
    """The registry's manifest leads to the blob; its template layer counts as a chat template."""
    manifest = {
        "layers": [
            {"mediaType": "application/vnd.ollama.image.model", "digest": DIGEST, "size": 5},
            {"mediaType": "application/vnd.ollama.image.template", "digest": DIGEST, "size": 5},
        ]
    }
    pages: dict[str, Any] = {
        "/v2/library/new/manifests/4b": manifest,
        f"/v2/library/new/blobs/{DIGEST}": gguf_of(QWEN3),
        "/v2/library/cloudy/manifests/latest": {"layers": []},
    }
    async with hub_server(pages) as server:
        found = await look_up(server, "ollama:new:4b")
        assert found.has_chat_template
        assert found.shape == QWEN3
        with pytest.raises(Unanswerable, match="no GGUF"):
            await look_up(server, "https://ollama.com/library/cloudy")
        with pytest.raises(Unanswerable, match="no model"):
            await look_up(server, "ollama:nowhere")


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (b"not json", BadInput),
        (web.Response(status=500), FetchRefused),
        (web.Response(status=302, headers={"Location": "http://10.0.0.1/config.json"}), FetchRefused),
        (web.Response(status=401), Unanswerable),
    ],
)
async def test_what_a_hub_may_answer(page: object, error: type[KnowledgeError]) -> None:
    """Damage, refusal, a redirect into a private network: each ends in a named error."""
    async with hub_server({f"/api/models/{REPO}": page}) as server:
        with pytest.raises(error):
            await look_up(server, REPO)


async def test_a_server_without_ranges_is_cut_off() -> None:
    """A server that sends the whole file instead of its beginning is stopped at the cap."""
    async with hub_server({"/x.gguf": gguf_of(QWEN3)}, ranges=False, pad=3 << 20) as server:
        with pytest.raises(FetchRefused, match="larger"):
            await look_up(server, f"{server.base_url}/x.gguf")


async def test_private_addresses_are_refused() -> None:
    """Without the tests' permission not even loopback is reached."""
    async with GuardedClient(user_agent="test") as client:
        with pytest.raises(FetchRefused, match="private"):
            await Inspector(client).inspect("http://127.0.0.1:9/x.gguf")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Qwen/Qwen3-8B", Place("hf", "Qwen/Qwen3-8B")),
        ("hf:Qwen/Qwen3-8B", Place("hf", "Qwen/Qwen3-8B")),
        ("hf.co/a/b-GGUF", Place("hf", "a/b-GGUF")),
        ("https://huggingface.co/a/b/blob/main/sub/x.gguf?download=true", Place("hf", "a/b", "sub/x.gguf")),
        ("ollama:qwen3", Place("ollama", "qwen3:latest")),
        ("ollama:me/mine:q8", Place("ollama", "me/mine:q8")),
        ("models/x.gguf", Place("file", "models/x.gguf")),
    ],
)
def test_places(text: str, place: Place) -> None:
    """The forms people paste."""
    assert place_of(text) == place


@pytest.mark.parametrize(
    "text", ["", "qwen", "a/b/c", "ollama:../../x", "x" * 3000, "https://huggingface.co/", "a\nb/c"]
)
def test_unclear_places_are_named(text: str) -> None:
    """What names no place says which forms do."""
    with pytest.raises(BadInput, match="names no model"):
        place_of(text)


def test_the_command_reads_local_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A GGUF, a config.json and a safetensors file beside it; the exit code says whether there was an answer."""
    path = tmp_path / "new-Q8_0.gguf"
    path.write_bytes(gguf_of(QWEN3) + bytes(1000))
    assert run(build_parser().parse_args(["inspect", str(path), "--json"])) == 0
    assert json.loads(capsys.readouterr().out)["proved"] is True
    (tmp_path / "config.json").write_text(json.dumps(QWEN3_CONFIG))
    assert run(build_parser().parse_args(["inspect", str(tmp_path / "config.json"), "--as-yaml"])) == 0
    assert str(tmp_path) not in capsys.readouterr().out
    (tmp_path / "x.safetensors").write_bytes(safetensors({"a": {"dtype": "F16", "shape": [2, 2]}}))
    assert run(build_parser().parse_args(["inspect", str(tmp_path / "x.safetensors")])) == 1
    path.write_bytes(gguf_of(QWEN3)[:900])
    assert run(build_parser().parse_args(["inspect", str(path)])) == 2
    assert "ends within its header" in capsys.readouterr().err
