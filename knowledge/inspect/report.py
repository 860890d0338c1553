"""What an inspection found, as a record, as JSON and as a proposed entry of the catalogue.

Pure. How the facts were had is `inspection`'s business.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from knowledge.catalog import Model, ModelShape
from knowledge.estimator.model import count_active_params, count_params
from knowledge.units import GIB

CLOSE = 0.006
"""A recount this near to the published total proves a shape (docs/catalogue.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One model as its publisher describes it. What is not said there is None or empty.

    `params_published` is the count of the publisher's own files, `params_recounted` that of the tensors the shape
    leads to. `bytes_by_type` and `file_bytes` are a GGUF's real sizes; `file_type` its name.
    """

    place: str
    name: str
    sources: tuple[str, ...]
    shape: ModelShape
    params_recounted: int
    params_published: int | None = None
    license: str | None = None
    has_chat_template: bool | None = None
    file_type: str = ""
    file_bytes: int | None = None
    bytes_by_type: Mapping[str, int] = dataclasses.field(default_factory=dict)
    released: str | None = None
    base: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def difference(self) -> float | None:
        """How far the recount is from the published total, as a share of it; None where nothing is published."""
        if not self.params_published:
            return None
        return self.params_recounted / self.params_published - 1

    @property
    def proved(self) -> bool:
        """Whether the recount meets the published total."""
        return self.difference is not None and abs(self.difference) <= CLOSE

    @property
    def repo(self) -> str:
        """The repository on Hugging Face; empty where it was read elsewhere."""
        return self.place if self.place.count("/") == 1 and ":" not in self.place else ""

    @property
    def org(self) -> str:
        """Who owns the repository."""
        return self.repo.partition("/")[0]

    def model(self) -> Model:
        """The model as the estimator takes it. Its shape is used whether proved or not: `proved` tells."""
        file_bytes = {self.file_type: self.file_bytes} if self.file_type and self.file_bytes else {}
        return Model(
            id=model_id(self.name),
            name=self.name,
            family="",
            org=self.org,
            kind="chat",
            sources=self.sources,
            params_total=self.params_published or self.params_recounted,
            params_active=count_active_params(self.shape) if self.shape.n_expert else None,
            license=self.license,
            shape=self.shape,
            shape_check="ok" if self.proved else "none",
            file_bytes=file_bytes,
        )


def model_id(name: str) -> str:
    """An id for a name: small letters, digits, dots and hyphens."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char == ".") else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part).strip(".")[:120] or "model"


def as_json(found: Inspection) -> dict[str, Any]:
    """The inspection as JSON: the shape with its defaults left out."""
    return {
        "place": found.place,
        "name": found.name,
        "arch": found.shape.arch,
        "shape": short_shape(found.shape),
        "params_recounted": found.params_recounted,
        "params_published": found.params_published,
        "difference": None if found.difference is None else round(found.difference, 5),
        "proved": found.proved,
        "n_ctx_train": found.shape.n_ctx_train,
        "license": found.license,
        "chat_template": found.has_chat_template,
        "file_type": found.file_type or None,
        "file_bytes": found.file_bytes,
        "bytes_by_type": dict(found.bytes_by_type),
        "sources": list(found.sources),
        "notes": list(found.notes),
    }


def short_shape(shape: ModelShape) -> dict[str, Any]:
    """The fields of a shape that are not as usual, in the order of the record."""
    given: dict[str, Any] = {}
    for field in dataclasses.fields(shape):
        value = getattr(shape, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            given[field.name] = list(value) if isinstance(value, tuple) else value
    return given


def as_yaml(found: Inspection, *, today: str) -> str:
    """A proposed catalogue entry, to be read by a person before it is committed."""
    entry: dict[str, Any] = {
        "id": model_id(found.name),
        "name": found.name,
        "org": found.org,
        "kind": "chat",
        "released": found.released or today,
        "params_b": round((found.params_published or found.params_recounted) / 1e9, 3),
    }
    if found.shape.n_expert:
        entry["params_active_b"] = round(count_active_params(found.shape) / 1e9, 3)
    entry |= {"license": found.license, "repos": [found.repo] if found.repo else []}
    entry |= {"shape": short_shape(found.shape), "shape_check": "ok" if found.proved else "none"}
    entry["sources"] = list(found.sources)
    if found.notes:
        entry["notes"] = " ".join(found.notes)
    kept = {key: value for key, value in entry.items() if value not in (None, "", [])}
    return yaml.safe_dump({"models": [kept]}, sort_keys=False, allow_unicode=True, width=1000, default_flow_style=None)


def lines(found: Inspection) -> list[str]:
    """The inspection in lines for a terminal."""
    out = [f"{found.name} ({found.shape.arch}), {found.params_recounted / 1e9:.3g} billion parameters recounted"]
    if found.difference is not None:
        verdict = "meets" if found.proved else "does NOT meet"
        published = f"{(found.params_published or 0) / 1e9:.4g} billion"
        out.append(f"The recount {verdict} the published total of {published} ({found.difference:+.2%}).")
    context = f"{found.shape.n_ctx_train:,} tokens of context"
    experts = f", {found.shape.n_expert_used} of {found.shape.n_expert} experts" if found.shape.n_expert else ""
    out.append(f"{found.shape.n_layer} layers{experts}, {context}.")
    if found.file_bytes:
        mix = ", ".join(f"{kind} {size / GIB:.2f} GiB" for kind, size in list(found.bytes_by_type.items())[:5])
        out.append(f"{found.file_type}: {found.file_bytes / GIB:.2f} GiB of weights ({mix}).")
    if found.has_chat_template is not None:
        out.append("A chat template is inside." if found.has_chat_template else "No chat template is inside.")
    if found.license:
        out.append(f"Licence: {found.license}.")
    out += list(found.notes)
    out += [f"Read from {source}" for source in found.sources]
    return out


def recount(shape: ModelShape) -> int:
    """Weights the shape leads to."""
    return count_params(shape)
