"""Reads release sources that answer JSON: JSON Feed, Hugging Face's API, OpenRouter, PyPI, GitHub's releases.

Pure. Each reader recognises its shape, takes what it understands and leaves out the rest; a shape nobody recognises is
an error, never an empty feed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from digest.dates import from_text, sane
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.text import clean_notes, clean_summary, clean_title, safe_url

ENTRIES_MAX: Final = 10_000
_Json: TypeAlias = Any  # whatever a stranger wrote
_Item: TypeAlias = Mapping[str, Any]


def parse_json(body: bytes, now: datetime) -> ParsedFeed:
    """Return the entries of a JSON document. Raises FeedError `bad_json` or `not_a_feed`."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError("bad_json", f"The document is not JSON: {' '.join(str(error).split())[:120]}") from error
    for form, matches, items_of, reader in _READERS:
        if matches(data):
            items = [item for item in items_of(data) if isinstance(item, dict)][:ENTRIES_MAX]
            entries = tuple(entry for item in items if (entry := reader(item, now)) is not None)
            if items and not entries:
                raise FeedError("not_a_feed", f"None of the {len(items)} items has an identity ({form}).")
            return ParsedFeed(entries=entries, title=_title(data), format=form)
    raise FeedError("not_a_feed", "The JSON has none of the known shapes.")


def _title(data: _Json) -> str:
    return clean_title(str(data.get("title") or "")) if isinstance(data, dict) else ""


def _text(item: _Item, *names: str) -> str:
    """Return the first of `names` that holds text or a number, as text."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def _facts(item: _Item, **names: str) -> dict[str, int | str | bool]:
    """Return counts of `item` under our names: `ours=theirs`."""
    return {ours: value for ours, theirs in names.items() if isinstance(value := item.get(theirs), int)}


def _json_feed_item(item: _Item, now: datetime) -> Entry | None:
    url = safe_url(_text(item, "url")) or safe_url(_text(item, "external_url"))
    identity = _text(item, "id") or url or ""
    if not identity:
        return None
    return Entry(
        id=identity,
        title=clean_title(_text(item, "title")),
        url=url,
        published=sane(from_text(item.get("date_published")), now),
        updated=sane(from_text(item.get("date_modified")), now),
        summary=clean_summary(_text(item, "summary", "content_text", "content_html")),
    )


def _hf_model(item: _Item, now: datetime) -> Entry | None:
    repo = _text(item, "id", "modelId")
    if not repo or item.get("private") is True:
        return None
    facts = _facts(item, likes="likes", downloads="downloads")
    tags = [tag for tag in item.get("tags") or [] if isinstance(tag, str)]
    for tag in tags:
        name, _, value = tag.partition(":")
        if name == "license" and value:
            facts["license"] = value
        elif name == "base_model" and value:
            facts["base_model"] = value.removeprefix("quantized:").removeprefix("finetune:")
    parameters = item.get("safetensors")
    total = parameters.get("total") if isinstance(parameters, dict) else None
    if isinstance(total, int):
        facts["n_params"] = total
    return Entry(
        id=repo,
        title=clean_title(repo),
        url=safe_url(f"https://huggingface.co/{repo}"),
        published=sane(from_text(item.get("createdAt")), now),
        updated=sane(from_text(item.get("lastModified")), now),
        summary=clean_summary(_text(item, "pipeline_tag")),
        facts=facts,
    )


def _hf_paper(item: _Item, now: datetime) -> Entry | None:
    paper = item["paper"] if isinstance(item.get("paper"), dict) else item
    identity = _text(paper, "id")
    if not identity:
        return None
    return Entry(
        id=identity,
        title=clean_title(_text(paper, "title")),
        url=safe_url(f"https://huggingface.co/papers/{identity}"),
        published=sane(from_text(item.get("publishedAt") or paper.get("publishedAt")), now),
        summary=clean_summary(_text(paper, "summary")),
        facts=_facts(paper, votes="upvotes"),
    )


def _openrouter_model(item: _Item, now: datetime) -> Entry | None:
    identity = _text(item, "id")
    if not identity:
        return None
    repo = _text(item, "hugging_face_id")
    return Entry(
        id=identity,
        title=clean_title(_text(item, "name") or identity),
        url=safe_url(f"https://huggingface.co/{repo}" if repo else f"https://openrouter.ai/{identity}"),
        published=sane(from_text(item.get("created")), now),
        summary=clean_summary(_text(item, "description")),
        facts={"open_weights": bool(repo)},
    )


def _github_release(item: _Item, now: datetime) -> Entry | None:
    tag = _text(item, "tag_name")
    if not tag or item.get("draft") is True:
        return None
    return Entry(
        id=_text(item, "node_id", "id") or tag,
        title=clean_title(_text(item, "name") or tag),
        url=safe_url(_text(item, "html_url")),
        published=sane(from_text(item.get("published_at")), now),
        updated=sane(from_text(item.get("updated_at")), now),
        summary=clean_notes(_text(item, "body")),
        facts={"prerelease": item.get("prerelease") is True},
    )


def _pypi_items(data: _Json) -> list[dict[str, Any]]:
    name = str(data["info"]["name"])
    releases = data["releases"] if isinstance(data.get("releases"), dict) else {}
    return [
        {"name": name, "version": version, "time": files[0].get("upload_time_iso_8601")}
        for version, files in releases.items()
        if isinstance(files, list) and files and isinstance(files[0], dict) and not files[0].get("yanked")
    ]


def _pypi_release(item: _Item, now: datetime) -> Entry | None:
    title = f"{item['name']} {item['version']}"
    url = safe_url(f"https://pypi.org/project/{item['name']}/{item['version']}/")
    return Entry(id=title, title=clean_title(title), url=url, published=sane(from_text(item["time"]), now))


def _list_with(*names: str) -> Callable[[Any], bool]:
    """Whether the data is a list whose first object has one of `names`."""
    return lambda data: (
        isinstance(data, list) and bool(data) and isinstance(data[0], dict) and any(name in data[0] for name in names)
    )


def _is_json_feed(data: _Json) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return False
    # some writers put "1.1" where the specification wants its address
    return "jsonfeed.org/version" in str(data.get("version", "")) or (
        "version" in data and ("feed_url" in data or "home_page_url" in data)
    )


def _is_openrouter(data: _Json) -> bool:
    return (
        isinstance(data, dict)
        and isinstance(data.get("data"), list)
        and (not data["data"] or _list_with("id")(data["data"]))
    )


def _is_pypi(data: _Json) -> bool:
    return (
        isinstance(data, dict) and isinstance(data.get("info"), dict) and "name" in data["info"] and "releases" in data
    )


def _is_trending(data: _Json) -> bool:
    return isinstance(data, dict) and isinstance(data.get("recentlyTrending"), list)


_READERS: Final[
    tuple[tuple[str, Callable[[Any], bool], Callable[[Any], list[Any]], Callable[[_Item, datetime], Entry | None]], ...]
] = (
    ("json_feed", _is_json_feed, lambda data: list(data["items"]), _json_feed_item),
    ("hf_papers", _list_with("paper"), list, _hf_paper),
    ("github_releases", _list_with("tag_name"), list, _github_release),
    ("hf_models", _list_with("modelId", "createdAt"), list, _hf_model),
    ("hf_models", lambda data: data == [], lambda _: [], _hf_model),
    (
        "hf_trending",
        _is_trending,
        lambda data: [item.get("repoData") for item in data["recentlyTrending"] if isinstance(item, dict)],
        _hf_model,
    ),
    ("openrouter", _is_openrouter, lambda data: list(data["data"]), _openrouter_model),
    ("pypi", _is_pypi, _pypi_items, _pypi_release),
)
