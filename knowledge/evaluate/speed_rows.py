"""Measured speeds as cells the speed model can be fitted to and judged on.

Reads speed.csv, resolves devices, models and quants against the catalogue, leaves out what cannot be a measurement of
one device at batch one (each reason counted in `Rows.left_out`), and takes the median of repeated runs. Fits nothing.
"""

from __future__ import annotations

import csv
import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge.catalog import Device, Model
from knowledge.errors import BadInput
from knowledge.estimator.device import default_backend
from knowledge.estimator.speed import SpeedInputs, speed_inputs
from knowledge.estimator.speed_learn import Kind
from knowledge.estimator.weights import weights
from knowledge.evaluate.speed_names import DeviceNames, ModelNames, quant_name
from knowledge.units import MIB

LOCALSCORE_DEPTH = 1200
"""Mean tokens in the context over LocalScore's nine tests (prompts of 16–4,096, generations of 16–3,072 tokens)."""

ROOM_BYTES = 500 * MIB
"""What driver, compute buffer and a short context take at least: a model that leaves less was not all on the card."""

_ENGINES = {"llamacpp": "llama.cpp", "ollama?": "ollama", "mlx(rapid)": "mlx", "lmstudio": "lm-studio"}
_BACKENDS = {"cuda", "rocm", "metal", "vulkan", "cpu", "sycl", "opencl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The median of the rows of one device, engine, model, quant and depth. `tok_s` is decode or prefill speed."""

    kind: str
    device: Device
    model_id: str
    family: str
    quant: str
    engine: str
    backend: str
    depth: int
    n_prompt: int
    tok_s: float
    n_rows: int
    n_people: int
    read_bytes: float
    is_moe: bool
    old: bool
    inputs: SpeedInputs
    n_threads: int | None = None

    @property
    def modern(self) -> bool:
        """Whether the engine is one people run today."""
        return self.engine != "llamafile"

    @property
    def cell_class(self) -> str:
        """cpu, moe, or dense by gigabytes read a token."""
        if self.backend == "cpu":
            return "cpu"
        if self.is_moe:
            return "moe"
        return "dense-large" if self.read_bytes >= 3e9 else "dense-medium" if self.read_bytes >= 1e9 else "small"


@dataclass(slots=True)
class Rows:
    """Cells, and how many rows were left out for which reason."""

    cells: list[Cell] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def _number(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default


def _reason_to_leave_out(row: Mapping[str, str]) -> str:
    """Why a row says nothing of one device at batch one with the model in its memory; empty when it does."""
    note, source = row["note"], row["source"]
    if row["n_devices"] != "1" or row["batch"] != "1":
        return "several devices or batch > 1"
    if row["quality"] not in {"ok", "params_unknown", "bw_unknown"}:
        return f"marked {row['quality']}"
    if row["offload"] == "partial":
        return "partly on the host"
    if "30W stock" in note or "before PR" in note or (row["metric"] == "pp" and "pl=220W" in note):
        return "power-limited or before a fix"
    if row["metric"] == "tg" and row["value"] == "1000.0":
        return "timer saturated (exactly 1000.0 for every quant)"
    if source.startswith("1337hero") and "n_batch=512" not in note:
        return "unstated cache settings, values differ fourfold"
    if source.startswith("lhl/") and "fa=False" in note:
        return "flash attention off"
    if row["metric"] == "pp" and row["backend"] == "rocm" and re.search(r"\bhipblaslt=(?!1)", note):
        return "ROCm without hipBLASLt, which is two to four times slower on that chip"
    if row["metric"] == "pp" and _number(row["n_prompt"], 512.0 if not row["n_prompt"].isalpha() else 0.0) < 64:
        return "prompt of unknown length or under 64 tokens"
    if row["engine"] in {"ds4", "hipfire"}:
        return "single-model engine"
    return ""


def _engine(row: Mapping[str, str]) -> str:
    engine = row["engine"]
    return "llamafile" if "localscore" in engine else _ENGINES.get(engine, engine)


def _era(row: Mapping[str, str]) -> str:
    """Suffix of llama.cpp builds that were slower than today's; 2025's only for AMD, whose kernels changed since."""
    if row["engine"] != "llama.cpp":
        return ""
    if row["date"] < ("2025-03" if row["backend"] == "cpu" and row["metric"] == "pp" else "2024-09"):
        return "-2024"
    return "-2025" if row["date"] < "2025-10" and row["source"].startswith("lhl/") else ""


def _backend(row: Mapping[str, str], device: Device, engine: str) -> str:
    stated = row["backend"]
    if stated in _BACKENDS and not (stated == "cuda" and device.vendor == "Apple"):
        return stated
    if row["hw_class"] == "cpu":
        return "cpu"
    return "rocm" if engine == "llamafile" and device.vendor == "AMD" else default_backend(device)


def _depth(row: Mapping[str, str], engine: str) -> int:
    if engine == "llamafile":
        return LOCALSCORE_DEPTH
    if row["n_prompt"] in {"tiny", "large"}:
        return 256
    bench = re.search(r"llama-bench .*-d (\d+)", row["note"]) if row["metric"] == "pp" else None
    if bench:
        return int(bench[1])
    text = row["n_ctx_or_depth"]
    depth = 1500.0 if text == "long" else _number(text, 128.0)
    return int(depth) if row["metric"] == "tg" or _is_bench(row) else 0


def _ubatch(row: Mapping[str, str]) -> int:
    """Tokens the engine computes at once, where the row says it; llama.cpp's own 512 otherwise, or a smaller batch."""
    stated = re.search(r"\bub=(\d+)|-ub (\d+)", row["note"])
    batch = re.search(r"\bb=(\d+)", row["note"])
    return int(stated[1] or stated[2]) if stated else min(512, int(batch[1]) if batch else 512)


def _threads(row: Mapping[str, str]) -> int | None:
    """CPU threads, where the row says it."""
    stated = re.search(r"\bthreads=(\d+)", row["note"])
    return int(stated[1]) if stated else None


def _is_bench(row: Mapping[str, str]) -> bool:
    """Whether the depth column is llama-bench's own (tokens before the prompt), not the prompt itself."""
    return row["source"].startswith(
        ("lhl/", "kyuz0", "hogeheer", "visorcraft", "XiongjieDai", "llama.cpp #", "1337hero")
    )


def read_rows(path: Path, models: Mapping[str, Model], devices: Mapping[str, Device]) -> Rows:
    """Every usable cell of speed.csv."""
    out = Rows()
    device_names, model_names = DeviceNames(devices), ModelNames(models)
    groups: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    found: dict[tuple[str, ...], tuple[Device, Model, str]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["metric"] not in {"tg", "pp"}:
                continue
            reason = _reason_to_leave_out(row)
            device = device_names.find(row)
            model = model_names.find(row["model"], row["model_norm"])
            quant = quant_name(row["quant"])
            reason = reason or _missing(device, model, quant)
            if reason or device is None or model is None or quant is None:
                out.left_out[reason] += 1
                continue
            engine = _engine(row)
            step = round(math.log2(max(_depth(row, engine), 256) / 256))
            prompt = f"{round(math.log2(_prompt(row, engine)))}/{_ubatch(row)}" if row["metric"] == "pp" else ""
            era = _era(row)
            key: tuple[str, ...] = (
                row["metric"],
                device.id,
                engine,
                _backend(row, device, engine),
                model.id,
                quant,
                str(step),
                prompt,
                str(_threads(row) or ""),
                era,
            )
            groups[key].append(row)
            found[key] = (device, model, quant)
    for key, rows in groups.items():
        cell = _cell(key, rows, *found[key])
        if isinstance(cell, str):
            out.left_out[cell] += len(rows)
        else:
            out.cells.append(cell)
    return out


def _missing(device: Device | None, model: Model | None, quant: str | None) -> str:
    if device is None:
        return "device not in the catalogue"
    if device.bandwidth_bytes_per_s is None:
        return "device's bandwidth unknown"
    if model is None or model.shape is None:
        return "model's shape unknown"
    return "" if quant else "quant unknown"


def _prompt(row: Mapping[str, str], engine: str) -> float:
    return 900.0 if engine == "llamafile" else max(16.0, _number(row["n_prompt"], 512.0))


def _cell(key: tuple[str, ...], rows: list[dict[str, str]], device: Device, model: Model, quant: str) -> Cell | str:
    metric, _, engine, backend, *_ = key
    shape = model.shape
    if shape is None:
        return "model's shape unknown"
    try:
        w = weights(shape, quant)
    except BadInput:
        return "quant impossible for the model"
    depth = int(statistics.median(_depth(row, engine) for row in rows))
    tok_s = statistics.median(float(row["value"]) for row in rows)
    inputs = speed_inputs(
        shape,
        w,
        device,
        engine=engine + key[-1],
        backend=backend,
        depth=depth,
        n_threads=_threads(rows[0]),
        kind=Kind(model_id=model.id, family=model.family, quant=quant),
    )
    memory = device.memory_bytes if device.kind == "gpu" else None
    if memory is not None and w.device_bytes + inputs.parts[0].load.kv_bytes > memory - ROOM_BYTES:
        return "larger than the device's memory"
    rig = inputs.parts[0].rig
    peak = None if rig.on_cpu else rig.matrix_flops
    if metric == "pp" and peak and 2 * inputs.parts[0].load.dense_params * tok_s > 1.2 * peak:
        return "above the compute roofline"
    if metric == "tg" and tok_s * w.read_bytes_per_token > 1.05 * rig.bandwidth_bytes_per_s:
        return "above the bandwidth roofline"
    return Cell(
        kind="decode" if metric == "tg" else "prefill",
        device=device,
        model_id=model.id,
        family=model.family,
        quant=quant,
        engine=engine,
        backend=backend,
        depth=depth,
        n_prompt=int(statistics.median(_prompt(row, engine) for row in rows)),
        tok_s=tok_s,
        n_rows=len(rows),
        n_people=len({row["url_or_thread"] for row in rows}),
        read_bytes=float(w.read_bytes_per_token),
        is_moe=shape.n_expert > 0,
        old=key[-1] != "",
        inputs=replace(inputs, n_ubatch=_ubatch(rows[0])),
        n_threads=_threads(rows[0]),
    )
