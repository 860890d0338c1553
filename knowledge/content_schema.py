"""What a YAML entry of each kind may hold, and how its people-friendly units become the catalogue's bytes and rates.

One `Schema` a kind: the record it makes, fields written under another name or unit, bounds, valid words. `read_entry`
turns one mapping into one record or into `Problem`s, never half of one. Links between entries are `content_links`'
business, physics is `content_physics`'.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec

from knowledge.catalog import Alias, Device, Model, ModelShape, QuantType, Tool
from knowledge.content_types import Place, Problem
from knowledge.units import GB, GIB

Record = TypeVar("Record")
MAX_CHARS: Final = {"id": 120, "text": 120, "name": 120}
MAX_OTHER_CHARS: Final = 4000
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and the marks that make text read otherwise than it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A field written for people: the record's own name for it and the factor to its unit; `whole` rounds to an int."""

    name: str
    factor: float = 1
    whole: bool = False

    def convert(self, value: object) -> object:
        """Scale a number or a list of numbers; anything else is left for the type check to name."""
        if isinstance(value, list):
            return [self.convert(item) for item in value]
        if isinstance(value, bool) or not isinstance(value, int | float) or self.factor == 1:
            return value
        return round(value * self.factor) if self.whole else float(value * self.factor)


@dataclass(kw_only=True)
class Schema(Generic[Record]):
    """The rules for one kind of entry, keyed by the names in the file; `targets` leads to the record's names."""

    record: type[Record]
    units: Mapping[str, Unit] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    needs_source: bool = True
    types: Mapping[str, Any] = field(init=False)
    targets: Mapping[str, str] = field(init=False)
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the record's fields once."""
        hints, missing = get_type_hints(self.record), dataclasses.MISSING
        fields = dataclasses.fields(self.record)  # type: ignore[arg-type]  # every record is a dataclass
        renamed = {unit.name: written for written, unit in self.units.items()}
        self.types = {each.name: hints[each.name] for each in fields}
        self.targets = {renamed.get(each.name, each.name): each.name for each in fields}
        self.required = frozenset(
            renamed.get(each.name, each.name)
            for each in fields
            if each.default is missing and each.default_factory is missing
        )


_ID = re.compile(r"[a-z0-9]+([._+-]*[a-z0-9]+)*\+?")
_DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_BILLION = 10**9

SHAPE: Final = Schema(
    record=ModelShape,
    bounds={
        "n_layer": (1, 1000),
        "n_embd": (8, 10**6),
        "n_vocab": (1, 10**7),
        "n_ctx_train": (1, 2**30),
        "n_head": (0, 4096),
        "n_head_kv": (0, 4096),
        "n_embd_head_k": (0, 10**5),
        "n_embd_head_v": (0, 10**5),
        "n_ff": (0, 10**7),
        "n_expert": (0, 10**5),
        "n_expert_used": (0, 10**4),
        "n_swa": (0, 2**30),
    },
    patterns={
        "arch": re.compile(r"[a-z0-9][a-z0-9._-]*"),
        "mixers": re.compile(r"[fsrch.]+"),
        "ffns": re.compile(r"[de.]*"),
    },
    needs_source=False,
)
MODEL: Final = Schema(
    record=Model,
    units={
        "released": Unit(name="release_date"),
        "params_b": Unit(name="params_total", factor=_BILLION, whole=True),
        "params_active_b": Unit(name="params_active", factor=_BILLION, whole=True),
        "params_text_b": Unit(name="params_text", factor=_BILLION, whole=True),
        "params_vision_b": Unit(name="n_params_vision", factor=_BILLION, whole=True),
        "base": Unit(name="base_id"),
    },
    bounds={
        "params_b": (1e-4, 1e5),
        "params_active_b": (1e-4, 1e5),
        "params_text_b": (1e-4, 1e5),
        "params_vision_b": (0, 1e3),
        "downloads": (0, 10**12),
    },
    words={
        "kind": (
            *("chat", "base", "code", "reasoning", "vlm", "embedding", "reward"),
            *("asr", "tts", "image", "video", "diffusion"),
        ),
        "shape_check": (
            *("ok", "ok-vlm", "ok-mtp", "ok-tied-dup", "ok-name-size", "ok-2src-vlm"),
            *("alias", "recalled", "no-hf-total", "dropped", "none"),
        ),
    },
    patterns={"id": _ID, "released": _DATE},
)
DEVICE: Final = Schema(
    record=Device,
    units={
        "year": Unit(name="release_year"),
        "memory_gib": Unit(name="memory_bytes", factor=GIB, whole=True),
        "memory_options_gib": Unit(name="memory_options_bytes", factor=GIB, whole=True),
        "bandwidth_gb_s": Unit(name="bandwidth_bytes_per_s", factor=GB),
        "fp16_tflops": Unit(name="fp16_flops", factor=1e12),
        "int8_tops": Unit(name="int8_ops", factor=1e12),
        "cores": Unit(name="n_cores"),
        "cpu_ghz": Unit(name="cpu_clock_hz", factor=1e9),
        "price_usd": Unit(name="launch_price_usd"),
    },
    bounds={
        "year": (2005, 2030),
        "memory_gib": (0.06, 8192),
        "memory_options_gib": (0.06, 8192),
        "bandwidth_gb_s": (0.5, 30_000),
        "fp16_tflops": (1e-3, 20_000),
        "int8_tops": (1e-3, 40_000),
        "tdp_w": (0.5, 3000),
        "cpu_cores": (1, 1024),
        "cpu_ghz": (0.3, 8),
        "price_usd": (5, 10**6),
    },
    words={
        "kind": ("gpu", "soc", "igpu", "cpu", "npu", "accelerator"),
        "segment": ("desktop", "laptop", "workstation", "datacenter", "apple", "handheld", "phone", "sbc"),
        "backends": (
            *("cuda", "rocm", "vulkan", "metal", "mlx", "sycl", "cpu", "opencl", "qnn npu", "vendor runtime"),
            *("musa", "cann", "openvino"),
        ),
    },
    patterns={"id": _ID, "compute_cap": re.compile(r"(\d{1,2}\.\d)?"), "gfx": re.compile(r"(gfx[0-9a-f]{3,5})?")},
)
QUANT: Final = Schema(
    record=QuantType,
    bounds={"bpw": (0.5, 64), "kl_divergence": (0, 100), "perplexity_delta_pct": (-100, 10**6)},
    words={"format": ("gguf", "mlx", "exl", "hf")},
    patterns={"id": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")},
)
ALIAS: Final = Schema(
    record=Alias,
    words={"kind": ("model", "hardware", "quant")},
    patterns={"evidence": re.compile(r"seen:[1-9]\d*|curated|generated")},
    needs_source=False,
)
TOOL: Final = Schema(
    record=Tool,
    bounds={"default_port": (1, 65535)},
    patterns={"id": _ID, "reviewed": re.compile(r"\d{4}-\d\d-\d\d by [a-z ]+")},
)


def nearest(value: str, valid: Iterable[str]) -> str:
    """Say which valid value `value` was probably meant to be, as a hint; empty when none is near."""
    near = difflib.get_close_matches(value, list(valid), 1, 0.5)
    return f"Did you mean '{near[0]}'?" if near else ""


def read_entry(
    schema: Schema[Record], entry: Mapping[str, Any], place: Place, problems: list[Problem], within: str = ""
) -> Record | None:
    """Make the record of one entry, or note every reason why not in `problems` and return None.

    `within` is the id of the entry that this mapping is a part of (a model's shape).
    """
    name = within or str(entry.get("id") or entry.get("text") or "")
    values: dict[str, Any] = {}
    found: list[Problem] = []
    for written, value in entry.items():
        target = schema.targets.get(written)
        if target is None:
            hint = nearest(written, schema.targets) or f"Known fields: {', '.join(schema.targets)}."
            found.append(place.problem(name, written, "no such field", hint))
        else:
            values[target] = _read_value(schema, written, value, place, name, found)
    missing = [written for written in schema.targets if written in schema.required and written not in entry]
    found.extend(place.problem(name, written, "is missing") for written in missing)
    if schema.needs_source and not missing and not any(str(source).strip() for source in values.get("sources") or ()):
        found.append(place.problem(name, "sources", "at least one source is wanted"))
    if not found:
        try:
            return msgspec.convert(values, schema.record)
        except msgspec.ValidationError:
            found.extend(_type_problems(schema, values, place, name))
    problems.extend(found)
    return None


def _read_value(
    schema: Schema[Any], written: str, value: object, place: Place, name: str, found: list[Problem]
) -> object:
    if written == "shape" and isinstance(value, dict):
        return read_entry(SHAPE, value, place, found, within=name)
    if value is not None:
        _check_value(schema, written, value, place, name, found)
    unit = schema.units.get(written)
    return unit.convert(value) if unit else value


def _check_value(
    schema: Schema[Any], written: str, value: object, place: Place, name: str, found: list[Problem]
) -> None:
    """Check bounds, words, patterns and hidden characters of one value, or of each in a list."""
    items = value if isinstance(value, list) else (value,)
    bounds, words, pattern = schema.bounds.get(written), schema.words.get(written), schema.patterns.get(written)
    for item in items:
        if isinstance(item, str):
            if not item.isprintable() and HIDDEN.search(item):
                found.append(place.problem(name, written, "holds control or invisible characters"))
            if len(item) > (most := MAX_CHARS.get(written, MAX_OTHER_CHARS)):
                found.append(place.problem(name, written, f"{len(item)} characters, at most {most} are allowed"))
            if words and item.split(" (")[0] not in words:
                valid = nearest(item, words) or f"Valid: {', '.join(words)}."
                found.append(place.problem(name, written, f"'{item[:80]}' is not known", valid))
            if pattern and not pattern.fullmatch(item):
                found.append(place.problem(name, written, f"'{item[:80]}' is not of the form {pattern.pattern}"))
        elif bounds and isinstance(item, int | float) and not bounds[0] <= item <= bounds[1]:
            found.append(
                place.problem(name, written, f"{item} is out of bounds", f"Valid: {bounds[0]:g} to {bounds[1]:g}.")
            )


def _type_problems(schema: Schema[Any], values: Mapping[str, Any], place: Place, name: str) -> Iterable[Problem]:
    for written, target in schema.targets.items():
        if target not in values or isinstance(values[target], ModelShape):
            continue
        try:
            msgspec.convert(values[target], schema.types[target])
        except msgspec.ValidationError as error:
            message = str(error).split(" - at")[0].replace("`", "").replace("Expected", "expected")
            yield place.problem(name, written, f"{message} ({values[target]!r:.60})", "Numbers unquoted, text quoted.")
