"""How near the computed memory comes to the engine's own: planner rows, real logs, published file sizes, recounts.

Reads memory.csv, quant_sizes.json and quant_mixes.json of a truth folder and compares; fits nothing. The estimator has
no free constant, so no figure here is in-sample: the table by family is what leaving a family out would give.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from knowledge.catalog import Model, ModelShape
from knowledge.errors import KnowledgeError
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.mixes import find_quant
from knowledge.estimator.model import count_params
from knowledge.estimator.request import ContextParams
from knowledge.estimator.weights import weights
from knowledge.units import MIB

_LOG_QUANTS = {"medium": "_M", "small": "_S", "large": "_L"}
_EXACT_MIB = 1.0
_COMPUTE_MIB, _COMPUTE_SHARE = 16.0, 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of truth beside ours, MiB: weights, KV and state, compute, total."""

    family: str
    engine: str
    weights: tuple[float, float]
    kv: tuple[float, float]
    recurrent: tuple[float, float]
    compute: tuple[float, float]
    total: tuple[float, float]


def evaluate_memory(truth_dir: Path, models: Mapping[str, Model]) -> dict[str, object]:
    """Return every figure, errors as shares of the true value."""
    shapes = _ShapesByName(models)
    with (truth_dir / "memory.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    probes = [row for row in rows if row["row_kind"] == "probe"]
    report: dict[str, object] = {"free_constants": 0, "file_sizes": _file_sizes(truth_dir, shapes)}
    for name, n_gpu in (("planner_one_device", "1"), ("planner_two_devices", "2"), ("planner_cpu", "0")):
        compared = list(_compare((row for row in probes if row["n_gpu"] == n_gpu), shapes))
        report[name] = _figures(compared) | {"by_family": _by_family(compared)}
    logs = [row for row in rows if row["row_kind"] in {"real_log", "real_log_cpu"}]
    compared = list(_compare(logs, shapes))
    report["real_logs"] = _log_figures(compared) | {
        "n_rows_without_a_known_model": len(logs) - len(compared),
        "by_engine": {
            engine: _log_figures([row for row in compared if row.engine == engine])
            for engine in sorted({row.engine for row in compared})
        },
    }
    report["recount"] = recount(models.values())
    return report


class _ShapesByName:
    """Finds a shape by a name as logs write it, and by the parameter count where one is given."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._by_name: dict[str, ModelShape] = {}
        for model in sorted(models.values(), key=lambda model: -model.downloads):
            if model.shape is None:
                continue
            repos = (repo.rsplit("/", 1)[-1] for repo in model.repos)
            for name in (model.id, model.name, *model.aliases, *repos):
                self._by_name.setdefault(_compact(name), model.shape)

    def find(self, name: str, params_b: str = "") -> ModelShape | None:
        """Find the shape, or None where no model of the name has about that many parameters."""
        key = _compact(name)
        for candidate in (key, f"{key}instruct", f"{key}it", f"{key}chat", f"meta{key}", key.removesuffix("bf16")):
            shape = self._by_name.get(candidate)
            if shape is not None and _near(count_params(shape), params_b):
                return shape
        return None


def _compact(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _near(n_params: int, params_b: str) -> bool:
    return not params_b or abs(n_params / 1e9 / float(params_b) - 1) < 0.02


def _quant_of(text: str) -> str:
    """Turn a log's file type (`Q4_K - Medium`, `IQ3_XXS - 3.0625 bpw`) into ours."""
    head, _, tail = text.strip().partition(" - ")
    head = head.removesuffix(" mix").strip()
    if text.startswith("IQ3_S mix"):
        return "IQ3_M"
    return head + ("" if head == "Q2_K" else _LOG_QUANTS.get(tail.split(" ")[0].lower(), ""))


def _context_of(row: Mapping[str, str]) -> ContextParams:
    n_ubatch = int(row["n_ubatch"] or 512)
    type_k, _, type_v = (row["kv_type"] or "f16").partition("/")
    return ContextParams(
        n_ctx=int(row["n_ctx"]),
        type_k=type_k,
        type_v=type_v or type_k,
        flash_attn=row["flash_attn"] == "on",
        n_ubatch=n_ubatch,
        n_batch=max(2048, n_ubatch),
        n_parallel=int(row["n_parallel"] or 1),
        kv_unified=row["kv_unified"] == "1",
        n_outputs=n_ubatch if row["n_outputs"] == "n_ubatch" else None,
    )


def _compare(rows: Iterable[Mapping[str, str]], shapes: _ShapesByName) -> Iterator[Compared]:
    for row in rows:
        try:
            shape = shapes.find(row["model"], row["params_b"])
            if shape is not None:
                yield _compared(row, shape)
        except (KnowledgeError, ValueError):
            continue


def _compared(row: Mapping[str, str], shape: ModelShape) -> Compared:
    context, n_gpu = _context_of(row), int(row["n_gpu"] or 0)
    sized = weights(shape, find_quant(_quant_of(row["quant"])))
    cache = kv_cache(shape, context)
    buffers = compute_buffer(shape, context, n_devices=max(1, n_gpu), all_layers_on_device=n_gpu > 0)
    ours = (
        (sized.device_bytes if n_gpu else sized.total_file_bytes - sized.mtp_bytes) / MIB,
        cache.kv_bytes / MIB,
        cache.recurrent_bytes / MIB,
        (sum(buffers.per_device_bytes) if n_gpu else buffers.host_bytes) / MIB,
    )
    true = [float(row[name] or 0) for name in ("weights_mib", "kv_mib", "recurrent_mib", "compute_mib")]
    return Compared(
        family=row["family"],
        engine=row["engine"],
        weights=(ours[0], true[0]),
        kv=(ours[1], true[1]),
        recurrent=(ours[2], true[2]),
        compute=(ours[3], true[3]),
        total=(sum(ours), float(row["total_mib"] or sum(true))),
    )


def _error(pair: tuple[float, float]) -> float:
    return abs(pair[0] / pair[1] - 1) if pair[1] else 0.0


def _exact(pair: tuple[float, float]) -> bool:
    return abs(pair[0] - pair[1]) <= _EXACT_MIB


def _compute_ok(pair: tuple[float, float]) -> bool:
    return abs(pair[0] - pair[1]) <= max(_COMPUTE_MIB, _COMPUTE_SHARE * pair[1])


def _figures(compared: Sequence[Compared]) -> dict[str, Any]:
    if not compared:
        return {"n": 0}
    return {
        "n": len(compared),
        "weights_mean": fmean(_error(row.weights) for row in compared),
        "weights_worst": max(_error(row.weights) for row in compared),
        "kv_and_state_exact_share": fmean(_exact(row.kv) and _exact(row.recurrent) for row in compared),
        "compute_within_5pct_or_16mib": fmean(_compute_ok(row.compute) for row in compared),
        "compute_median": median(_error(row.compute) for row in compared),
        "compute_worst": max(_error(row.compute) for row in compared),
        "total_mean": fmean(_error(row.total) for row in compared),
        "total_worst": max(_error(row.total) for row in compared),
    }


def _by_family(compared: Sequence[Compared]) -> dict[str, dict[str, float]]:
    families: dict[str, list[Compared]] = defaultdict(list)
    for row in compared:
        families[row.family].append(row)
    keys = ("compute_within_5pct_or_16mib", "total_worst")
    return {family: {key: _figures(own)[key] for key in keys} for family, own in sorted(families.items())}


def _log_figures(compared: Sequence[Compared]) -> dict[str, Any]:
    if not compared:
        return {"n": 0}
    return {
        "n": len(compared),
        "total_median": median(_error(row.total) for row in compared),
        "weights_median": median(_error(row.weights) for row in compared),
        "kv_exact_share": fmean(_exact(row.kv) for row in compared if row.kv[1]),
        "total_p90": sorted(_error(row.total) for row in compared)[int(0.9 * (len(compared) - 1))],
    }


def _file_sizes(truth_dir: Path, shapes: _ShapesByName) -> dict[str, Any]:
    """Compare whole files by file type, and the bytes of each tensor type in them."""
    sizes = json.loads((truth_dir / "quant_sizes.json").read_text(encoding="utf-8"))
    mixes = json.loads((truth_dir / "quant_mixes.json").read_text(encoding="utf-8"))
    errors: list[float] = []
    by_type_right: list[bool] = []
    missing: Counter[str] = Counter()
    for name, types in sizes.items():
        shape = shapes.find(name)
        if shape is None:
            missing[name] += 1
            continue
        for quant, size in types.items():
            if not isinstance(size, dict):
                continue
            sized = weights(shape, quant)
            true_bytes = size.get("tensor_bytes") or size["gib"] * 1024**3
            errors.append(abs(sized.total_file_bytes / true_bytes - 1))
            true_mix = {kind.lower(): mib for kind, mib in mixes.get(name, {}).get(quant, {}).items()}
            kinds = true_mix.keys() | sized.by_type.keys()
            by_type_right.append(
                all(abs(sized.by_type.get(kind, 0) / MIB - true_mix.get(kind, 0)) < 0.2 for kind in kinds)
            )
    return {
        "n": len(errors),
        "mean": fmean(errors) if errors else None,
        "worst": max(errors, default=None),
        "tensor_types_exact_share": fmean(by_type_right) if by_type_right else None,
        "models_not_found": sum(missing.values()),
    }


def recount(models: Iterable[Model]) -> dict[str, Any]:
    """Recount parameters of every model with a shape against its published text total."""
    errors: list[float] = []
    for model in models:
        published = model.params_text or model.params_total
        if model.shape is not None and published:
            errors.append(abs(count_params(model.shape) / published - 1))
    return {
        "n": len(errors),
        "within_half_pct_share": fmean(error <= 0.005 for error in errors) if errors else None,
        "within_3_pct_share": fmean(error <= 0.03 for error in errors) if errors else None,
        "worst": max(errors, default=None),
    }
