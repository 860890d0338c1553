"""Prices of open models behind an API: read from `content/cloud_prices.yaml` and proved, with the date they hold for.

A short dated table beside the catalogue, not a part of the snapshot: it is read from its file by whoever compares
costs. It compares nothing itself (`estimator.cost`, `costs`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowledge.content_types import Problem
from knowledge.content_yaml import Entry, YamlError, read_yaml
from knowledge.errors import ContentError
from knowledge.settings import CONTENT_DIR

FILE: Final = "cloud_prices.yaml"
MAX_USD: Final = 1000.0
_DATE = re.compile(r"20\d\d-\d\d-\d\d")
_FIELDS: Final = {"model", "input_usd", "output_usd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPrice:
    """Dollars for a million tokens read and written, as listed on `checked`."""

    model_id: str
    input_usd: float
    output_usd: float
    checked: str
    source: str


def load_prices(content_dir: Path = CONTENT_DIR) -> Mapping[str, CloudPrice]:
    """The prices by model id. Raises ContentError with the first thing that is wrong in the file."""
    found, problems = _read(content_dir)
    if problems:
        first = problems[0]
        raise ContentError(str(first), subject=f"{first.file}: {first.field}", hint=first.hint)
    return found


def price_problems(content_dir: Path, model_ids: Collection[str]) -> list[Problem]:
    """Everything that is wrong with the file, prices of unknown models included; a folder without it has none."""
    if not (content_dir / FILE).is_file():
        return []
    found, problems = _read(content_dir)
    unknown = [id_ for id_ in found if id_ not in model_ids]
    return problems + [Problem(file=FILE, entry=id_, field="model", message="no such model") for id_ in unknown]


def _read(content_dir: Path) -> tuple[dict[str, CloudPrice], list[Problem]]:
    try:
        data = read_yaml((content_dir / FILE).read_text(encoding="utf-8"))
    except YamlError as error:
        return {}, [Problem(file=FILE, message=error.message, line=error.line)]
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Problem(file=FILE, message=f"cannot be read ({error})")]
    source, checked = (
        (str(data.get(name) or "") for name in ("source", "checked")) if isinstance(data, dict) else ("", "")
    )
    if not source or not _DATE.fullmatch(checked):
        return {}, [Problem(file=FILE, field="checked", message="wants a source and a date", hint='"2026-09-22"')]
    found: dict[str, CloudPrice] = {}
    problems: list[Problem] = []
    for entry in data.get("prices") or ():
        price = _price(entry, source, checked)
        if price is None or price.model_id in found:
            name = str(entry.get("model")) if isinstance(entry, dict) else repr(entry)[:60]
            message = "stands twice" if price else f"wants a model id, input_usd and output_usd from 0 to {MAX_USD:g}"
            line = entry.line if isinstance(entry, Entry) else 0
            problems.append(Problem(file=FILE, entry=name, field="prices", message=message, line=line))
        else:
            found[price.model_id] = price
    return found, problems


def _price(entry: object, source: str, checked: str) -> CloudPrice | None:
    if not isinstance(entry, dict) or set(entry) != _FIELDS or not isinstance(entry["model"], str):
        return None
    prices = (entry["input_usd"], entry["output_usd"])
    for price in prices:
        number = isinstance(price, int | float) and not isinstance(price, bool)
        if not number or not math.isfinite(price) or not 0 <= price <= MAX_USD:
            return None
    return CloudPrice(
        model_id=entry["model"], input_usd=float(prices[0]), output_usd=float(prices[1]), checked=checked, source=source
    )
