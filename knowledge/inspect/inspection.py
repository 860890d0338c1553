"""Looks a model up where its publisher put it and reads what an answer needs: the use case of `inspect`.

Asks Hugging Face, the Ollama registry, an address or a file for headers only, never for weights. It writes nothing;
turning what it found into a catalogue entry is a person's decision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from knowledge.errors import BadInput, FetchRefused, Unanswerable
from knowledge.inspect.gguf_header import GgufHeader, read_header
from knowledge.inspect.gguf_shape import GgufFacts, check_splits, facts_of
from knowledge.inspect.hf_config import shape_of_config
from knowledge.inspect.places import HUB, OLLAMA, Place, place_of
from knowledge.inspect.reading import MAX_JSON_BYTES, LocalFile, RemoteFile, Source, read_growing
from knowledge.inspect.report import Inspection, recount
from knowledge.inspect.safetensors_header import SafetensorsHeader, read_safetensors_header
from knowledge.net import GuardedClient

USER_AGENT = "runlocalai-inspect (+https://runlocalai.co)"
MAX_SPLITS = 64
_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_MODEL_LAYER = "application/vnd.ollama.image.model"
_TEMPLATE_LAYER = "application/vnd.ollama.image.template"


class Inspector:
    """Looks models up through one guarded client. `hub` and `ollama` are the services' addresses."""

    def __init__(self, client: GuardedClient, *, hub: str = HUB, ollama: str = OLLAMA) -> None:
        self._client = client
        self._hub = hub.rstrip("/")
        self._ollama = ollama.rstrip("/")

    async def inspect(self, text: str) -> Inspection:
        """Look up what `text` names. Raises BadInput, FetchRefused, or Unanswerable where no shape is published."""
        place = place_of(text)
        if place.kind == "hf":
            return await self._hub_model(place)
        if place.kind == "ollama":
            return await self._ollama_model(place)
        if place.kind == "file":
            return await self._local(Path(place.name))
        return await self._address(place.name)

    # ---- Hugging Face

    async def _hub_model(self, place: Place) -> Inspection:
        repo = quote(place.name)
        card = await self._json(f"{self._hub}/api/models/{repo}")
        if card is None:
            raise Unanswerable(
                f"There is no public repository {place.name}.", subject=place.name, hint="Check owner and name."
            )
        files = [str(each.get("rfilename", "")) for each in _dicts(card.get("siblings"))]
        if place.file.endswith(".gguf") or (not place.file and "config.json" not in files and _ggufs(files)):
            chosen = place.file or _usual_gguf(files)
            found = await self._gguf_of_repo(place.name, chosen, files)
        else:
            found = await self._config_of_repo(place.name, card)
        return _with_card(found, card)

    async def _config_of_repo(self, repo: str, card: Mapping[str, Any]) -> Inspection:
        url = f"{self._hub}/{quote(repo)}/resolve/main/config.json"
        config = await self._json(url)
        if config is None:
            raise Unanswerable(
                f"{repo} publishes no config.json.",
                subject=repo,
                hint="It may be gated, or hold something else than a language model. Try its GGUF repository.",
            )
        shape = shape_of_config(config)
        published = card.get("safetensors")
        total = published.get("total") if isinstance(published, dict) else None
        return Inspection(
            place=repo,
            name=repo.partition("/")[2],
            sources=(url,),
            shape=shape,
            params_recounted=recount(shape),
            params_published=total if isinstance(total, int) and total > 0 else None,
            notes=_config_notes(config),
        )

    async def _gguf_of_repo(self, repo: str, file: str, files: Sequence[str]) -> Inspection:
        names = _splits(file)
        missing = [name for name in names if files and name not in files]
        if missing:
            raise Unanswerable(f"{repo} lacks {missing[0]}.", subject=repo, hint="The upload may not be finished.")
        urls = [f"{self._hub}/{quote(repo)}/resolve/main/{quote(name)}" for name in names]
        headers = [await self._gguf(RemoteFile(self._client, url), url) for url in urls]
        return _of_gguf(tuple(headers), place=repo, sources=(urls[0],), name=repo.partition("/")[2])

    # ---- Ollama

    async def _ollama_model(self, place: Place) -> Inspection:
        name, _, tag = place.name.partition(":")
        path = name if "/" in name else f"library/{name}"
        manifest = await self._json(f"{self._ollama}/v2/{path}/manifests/{quote(tag)}")
        if manifest is None:
            raise Unanswerable(f"Ollama has no model {place.name}.", subject=place.name, hint="Check name and tag.")
        by_kind = {str(one.get("mediaType")): one for one in _dicts(manifest.get("layers"))}
        digest = str(by_kind.get(_MODEL_LAYER, {}).get("digest", ""))
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            raise Unanswerable(
                f"{place.name} holds no GGUF file.", subject=place.name, hint="Cloud and safetensors models have none."
            )
        url = f"{self._ollama}/v2/{path}/blobs/{digest}"
        header = await self._gguf(RemoteFile(self._client, url), url)
        found = _of_gguf((header,), place=place.name, sources=(f"{self._ollama}/v2/{path}/manifests/{tag}",), name=name)
        return replace(found, has_chat_template=found.has_chat_template or _TEMPLATE_LAYER in by_kind)

    # ---- addresses and files

    async def _address(self, url: str) -> Inspection:
        path = url.partition("?")[0]
        if path.endswith(".json"):
            config = await self._json(url)
            if config is None:
                raise FetchRefused("There is nothing at that address.", subject=url[:200])
            return _of_config(config, place=url, name=path.rstrip("/").rsplit("/", 2)[-2])
        if path.endswith(".safetensors"):
            _no_shape(await read_growing(RemoteFile(self._client, url), read_safetensors_header, url), url)
        urls = _splits(path)
        headers = (
            [await self._gguf(RemoteFile(self._client, one), one) for one in urls]
            if len(urls) > 1
            else [await self._gguf(RemoteFile(self._client, url), url)]
        )
        return _of_gguf(tuple(headers), place=url, sources=(url,), name=path.rsplit("/", 1)[-1].removesuffix(".gguf"))

    async def _local(self, path: Path) -> Inspection:
        if path.suffix == ".json":
            config = _parsed(await LocalFile(path).first(MAX_JSON_BYTES + 1), str(path))
            return _of_config(config, path.name, path.parent.name if path.stem == "config" else path.stem)
        if path.suffix == ".safetensors":
            _no_shape(await read_growing(LocalFile(path), read_safetensors_header, str(path)), str(path))
        paths = [path.with_name(Path(name).name) for name in _splits(str(path))]
        headers = [await self._gguf(LocalFile(one), str(one)) for one in paths]
        return _of_gguf(tuple(headers), place=path.name, sources=(path.name,), name=path.stem)

    async def _gguf(self, source: Source, what: str) -> GgufHeader:
        return await read_growing(source, read_header, what)

    async def _json(self, url: str) -> dict[str, Any] | None:
        """A JSON object behind an address; None where there is none (401, 403 and 404 alike)."""
        answer = await self._client.get(url, {"Accept": "application/json, */*;q=0.1"})
        if answer.status in {401, 403, 404, 410}:
            return None
        if answer.status != 200:
            raise FetchRefused(f"The server answers {answer.status}.", subject=url[:200])
        return _parsed(answer.body, url)


def _parsed(body: bytes, what: str) -> dict[str, Any]:
    if len(body) > MAX_JSON_BYTES:
        raise BadInput("The JSON is too large.", subject=what[:200], hint=f"At most {MAX_JSON_BYTES >> 20} MiB.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("That is no JSON.", subject=what[:200], hint="Give a model's config.json.") from error
    if not isinstance(found, dict):
        raise BadInput("That JSON is no object.", subject=what[:200], hint="Give a model's config.json.")
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:20_000] if isinstance(one, dict)] if isinstance(value, list) else []


def _ggufs(files: Sequence[str]) -> list[str]:
    return sorted(file for file in files if file.endswith(".gguf") and "mmproj" not in file.lower())


def _usual_gguf(files: Sequence[str]) -> str:
    """The file most people take: Q4_K_M where it is there, the first otherwise; of split files the first part."""
    names = _ggufs(files)
    usual = [name for name in names if "Q4_K_M" in name.upper()]
    return (usual or names)[0]


def _splits(name: str) -> list[str]:
    """All parts of a split file, in order; a file that is not split is its only part."""
    found = _SPLIT.search(name)
    if found is None:
        return [name]
    count = int(found[2])
    if not 1 <= count <= MAX_SPLITS:
        raise BadInput(f"A file in {count} parts.", subject=name[-120:], hint=f"At most {MAX_SPLITS} are read.")
    return [f"{name[: found.start()]}-{part:05d}-of-{count:05d}.gguf" for part in range(1, count + 1)]


def _of_config(config: Mapping[str, Any], place: str, name: str) -> Inspection:
    shape = shape_of_config(config)
    return Inspection(
        place=place,
        name=name,
        sources=(place,),
        shape=shape,
        params_recounted=recount(shape),
        notes=_config_notes(config),
    )


def _config_notes(config: Mapping[str, Any]) -> tuple[str, ...]:
    quantised = config.get("quantization_config")
    method = quantised.get("quant_method") if isinstance(quantised, dict) else None
    if not isinstance(method, str):
        return ()
    return (
        f"The repository holds weights already quantised ({method[:30]}): its published total counts packed values.",
    )


def _of_gguf(headers: tuple[GgufHeader, ...], *, place: str, sources: tuple[str, ...], name: str) -> Inspection:
    check_splits(headers)
    facts: GgufFacts = facts_of(headers)
    return Inspection(
        place=place,
        name=facts.name or name,
        sources=sources,
        shape=facts.shape,
        params_recounted=recount(facts.shape),
        params_published=facts.n_params or None,
        license=facts.license or None,
        has_chat_template=facts.has_chat_template,
        file_type=facts.file_type,
        file_bytes=facts.tensor_bytes,
        bytes_by_type=facts.bytes_by_type,
    )


def _with_card(found: Inspection, card: Mapping[str, Any]) -> Inspection:
    """Add what the repository's card says: licence, day of creation, the model it was tuned from."""
    data = card.get("cardData")
    said: Mapping[str, Any] = data if isinstance(data, dict) else {}
    licence, base = said.get("license"), said.get("base_model")
    base = base[0] if isinstance(base, list) and base else base
    created = str(card.get("createdAt", ""))[:10]
    return replace(
        found,
        license=found.license or (licence[:60] if isinstance(licence, str) else None),
        base=base[:200] if isinstance(base, str) else None,
        released=created if re.fullmatch(r"\d{4}-\d\d-\d\d", created) else None,
    )


def _no_shape(header: SafetensorsHeader, what: str) -> None:
    count = sum(header.elements_by_type.values())
    raise Unanswerable(
        f"A safetensors file of {header.n_tensors:,} tensors ({count / 1e9:.3g} billion values) states no shape.",
        subject=what[:200],
        hint="Give the config.json beside it.",
    )
