"""The fit behind the constants: it finds what made the rows, shrinks what they do not say, and splits without leaks."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from knowledge.catalog import Device, Model
from knowledge.content_loader import load_content
from knowledge.estimator.cpu import OPS_PER_CYCLE, cpu_ops
from knowledge.estimator.speed import decode_s, rig_of, speed_inputs
from knowledge.estimator.speed_calibration import CALIBRATION_PATH, Calibration, calibration, from_mapping
from knowledge.estimator.speed_learn import Kind
from knowledge.estimator.speed_prompts import prefill_terms
from knowledge.estimator.speed_terms import Load, Rig, decode_terms
from knowledge.estimator.weights import weights
from knowledge.evaluate.fit_speed import as_text, fit_all, quantiles
from knowledge.evaluate.speed_cpus import _CPUS, cores_of
from knowledge.evaluate.speed_fit import START, design, fit_effects, predicted_log_s, take, weights_of
from knowledge.evaluate.speed_names import DeviceNames, ModelNames, quant_name
from knowledge.evaluate.speed_rows import Cell, read_rows
from knowledge.evaluate.speed_splits import after_one_measurement, figures, splits, unseen

CONTENT = load_content()
MODELS = {model.id: model for model in CONTENT.models}
DEVICES = {device.id: device for device in CONTENT.devices}
USED_MODELS = ("qwen3-0.6b", "qwen3-8b", "gpt-oss-20b", "gemma-3-4b-it", "qwen3-30b-a3b", "phi-4", "deepseek-v2-lite")
USED_DEVICES = (
    "nvidia-geforce-rtx-3090",
    "nvidia-geforce-rtx-4090",
    "nvidia-geforce-rtx-5090",
    "amd-radeon-rx-7900-xtx",
    "apple-m4-max-40c-gpu",
    "apple-m2-ultra-76c-gpu",
    "nvidia-geforce-rtx-2080",
    "intel-arc-b580",
)
TRUE = Calibration(
    effects={name: value for name, (value, _) in START.items()} | {"bandwidth/backend:metal": 0.2},
    spread={},
    seen={},
    seen_factor=1.0,
)


def _cells() -> Iterator[Cell]:
    noise = np.random.default_rng(7)
    for device_id in USED_DEVICES:
        for model_id in USED_MODELS:
            for quant in ("Q8_0", "Q4_K_M"):
                model = MODELS[model_id]
                assert model.shape is not None
                w = weights(model.shape, quant)
                kind = Kind(model_id=model_id, family=model.family, quant=quant)
                inputs = speed_inputs(model.shape, w, DEVICES[device_id], depth=512, kind=kind)
                seconds = float(decode_s(inputs, TRUE)) * math.exp(noise.normal(0, 0.03))
                yield Cell(
                    kind="decode",
                    device=DEVICES[device_id],
                    model_id=model_id,
                    family=model.family,
                    quant=quant,
                    engine="llama.cpp",
                    backend=inputs.parts[0].rig.backend,
                    depth=512,
                    n_prompt=512,
                    tok_s=1.0 / seconds,
                    n_rows=1,
                    n_people=1,
                    read_bytes=float(w.read_bytes_per_token),
                    is_moe=model.shape.n_expert > 0,
                    old=False,
                    inputs=inputs,
                )


@lru_cache(maxsize=1)
def made() -> tuple[Cell, ...]:
    return tuple(_cells())


def test_the_fit_predicts_what_made_the_rows() -> None:
    cells = made()
    d = design(cells)
    theta = fit_effects(d, weights_of(cells))
    assert np.median(np.abs(predicted_log_s(d, theta) - d.log_s)) < 0.03
    effects = dict(zip(d.names, theta.tolist(), strict=True))
    assert effects["bandwidth/backend:metal"] > 0.03
    assert abs(effects["bandwidth/backend:cuda"]) < 0.08


def test_unseen_devices_and_families_are_predicted_from_the_others() -> None:
    cells = made()
    residuals, shares = unseen(cells, 0, n_fold=4)
    assert np.isfinite(residuals).all()
    assert shares.sum(axis=1) == pytest.approx(1.0)
    table = figures(cells, residuals)
    assert table["gpu"]["median_ape"] < 0.08
    assert table["gpu"]["n"] == len(cells)
    assert table["devices"]["n"] == len(USED_DEVICES)


def test_no_split_shows_a_judged_device_or_family_to_the_fit() -> None:
    cells = made()
    judged = np.zeros(len(cells), dtype=int)
    for split in splits(cells, 3, n_fold=4):
        judged += split.test
        trained = [cell for cell, used in zip(cells, split.train, strict=True) if used]
        for cell in (cell for cell, tested in zip(cells, split.test, strict=True) if tested):
            assert all(cell.device.id != other.device.id for other in trained)
            assert all(cell.family != other.family for other in trained)
    assert (judged == 1).all()


def test_a_biased_rig_is_put_right_by_one_measurement() -> None:
    cells = made()
    biased = np.where([cell.device.id == USED_DEVICES[0] for cell in cells], 0.4, 0.0)
    shares = unseen(cells, 0, n_fold=4)[1]
    told = after_one_measurement(cells, biased, shares)
    after = sorted(round(float(np.median(np.abs(one.other_models))), 3) for one in told)
    assert len(told) == len(cells)
    assert after[0] == 0.0
    assert after[-1] < 0.3
    assert float(np.median([a for a in after if a])) < 0.65 * 0.4  # of other families: the rest may be the model
    assert all(one.other_cells.size == one.other_models.size + 1 for one in told)


def test_one_row_does_not_move_a_constant_far() -> None:
    cells = list(made())
    odd = replace(cells[0], tok_s=cells[0].tok_s / 20)
    d, d_odd = design(cells), design([odd, *cells[1:]])
    plain, moved = fit_effects(d, weights_of(cells)), fit_effects(d_odd, weights_of(cells))
    others = take(d, np.array([False, *([True] * (len(cells) - 1))]))
    assert np.median(np.abs(predicted_log_s(others, plain) - predicted_log_s(others, moved))) < 0.02


def test_quantiles_turn_times_into_speeds() -> None:
    low, high = quantiles(np.array([-0.2] * 10 + [0.0] * 80 + [0.5] * 10))
    assert (low, high) == (-0.5, 0.2)


def test_one_device_with_many_cells_does_not_speak_for_its_class() -> None:
    devices = ["often"] * 900 + [f"once-{i}" for i in range(100)]
    residuals = np.array([0.0] * 900 + [(-1.0) ** i for i in range(100)])
    assert quantiles(residuals) == (0.0, 0.0)
    assert quantiles(residuals, devices) == (-1.0, 1.0)


def test_fewer_devices_leave_less_outside() -> None:
    rng = np.random.default_rng(1)
    residuals = rng.normal(0.0, 0.1, size=(3, 400))
    few, many = (quantiles(residuals, [f"d{i % n}" for i in range(400)]) for n in (8, 100))
    assert few[1] - few[0] > many[1] - many[0] > 2 * 0.1


def test_no_device_has_a_factor_of_its_own_in_the_committed_file() -> None:
    assert not [name for name in calibration().effects if "device:" in name]


def test_a_16_bit_file_does_not_owe_an_old_build_s_kernels_anything() -> None:
    device = DEVICES["nvidia-geforce-rtx-3090"]
    rig = rig_of(device, engine="llama.cpp-2024")
    assert rig is not None
    name = "matmul/engine:llama.cpp-2024"
    for float_share, share in ((1.0, 0.0), (0.0, 1.0)):
        load = Load(stream_bytes=4e9, dense_params=8e9, float_share=float_share)
        effects = dict(prefill_terms(rig, load, 512.0)[0][2])
        assert effects[name] == share


def test_the_committed_file_reads_back_and_is_in_its_own_form() -> None:
    text = CALIBRATION_PATH.read_text(encoding="utf-8")
    data = json.loads(text)
    assert as_text(data) == text
    assert from_mapping(data) == calibration()
    for group in data["effects"].values():
        assert group["source"]
        assert group["date"]
        assert group["meaning"]
    for kind in ("decode", "prefill"):
        for low, high in data["spread"][kind].values():
            assert low < 0 < high


def test_fit_all_gives_every_part_of_the_file() -> None:
    cells = [cell for cell in made() if cell.quant == "Q4_K_M"]
    prefill = [replace(cell, kind="prefill", tok_s=cell.tok_s * 20) for cell in cells]
    data = fit_all([*cells, *prefill], "2026-01-01")
    known = from_mapping(json.loads(as_text(data)))
    assert set(known.spread) == {"decode", "prefill"}
    assert {"measured", "offload", "cpu", "moe"} <= set(known.spread["decode"])
    assert 0 < known.seen_factor <= 1
    assert "generation:ada" in known.seen


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Llama-3.2-3B-Instruct-Q4_K_M.gguf", "Llama 3.2"),
        ("bartowski/Qwen2.5-14B-Instruct-GGUF", "Qwen2.5"),
        ("llama 7B Q4_0", "Llama 2"),
        ("phi4:14b", "Phi"),
    ],
)
def test_benchmark_names_find_models(name: str, expected: str) -> None:
    model = ModelNames(MODELS).find(name, "")
    assert model is not None
    assert model.family.replace("LLaMA", "Llama 2") == expected


def test_names_nobody_knows_find_nothing() -> None:
    names = ModelNames(MODELS)
    assert names.find("no-such-model-9000b", "nor-this") is None
    assert quant_name("Q99_X") is None
    assert quant_name("EXL3-6.0BPW-MCG") == "exl3-6bpw"


def _row(**change: str) -> dict[str, str]:
    row = {
        "source": "somebody", "url_or_thread": "x", "date": "2026-01-01", "engine": "llama.cpp", "backend": "cuda",
        "hardware": "NVIDIA GeForce RTX 3090", "hardware_norm": "RTX 3090", "hw_vendor": "nvidia", "hw_class": "gpu",
        "n_devices": "1", "offload": "full", "model": "Qwen3-8B-Q4_K_M.gguf", "model_norm": "Qwen3-8B",
        "quant": "Q4_K_M",
        "n_prompt": "512", "n_ctx_or_depth": "0", "batch": "1", "metric": "tg", "value": "120.0", "note": "",
        "mem_bw_gbps": "936", "quality": "ok",
    }  # fmt: skip
    return row | change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n_devices": "2"}, "several devices or batch > 1"),
        ({"quality": "spec_decode"}, "marked spec_decode"),
        ({"offload": "partial"}, "partly on the host"),
        ({"value": "999.0", "quant": "Q8_0"}, "above the bandwidth roofline"),
        ({"metric": "pp", "value": "90000"}, "above the compute roofline"),
        ({"model": "nothing like it", "model_norm": ""}, "model's shape unknown"),
        ({"hardware_norm": "RTX 9999", "hardware": ""}, "device not in the catalogue"),
        ({"quant": "Q99"}, "quant unknown"),
        ({"model": "Llama-3.3-70B-Instruct-Q4_K_M.gguf"}, "larger than the device's memory"),
        ({"metric": "pp", "n_prompt": "tiny"}, "prompt of unknown length or under 64 tokens"),
        ({"metric": "tg", "value": "1000.0"}, "timer saturated (exactly 1000.0 for every quant)"),
    ],
)
def test_rows_that_say_nothing_are_left_out_and_counted(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    path = tmp_path / "speed.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(_row()))
        writer.writeheader()
        writer.writerows([_row(), _row(value="124.0"), _row(**change)])
    rows = read_rows(path, MODELS, DEVICES)
    assert dict(rows.left_out) == {reason: 1}
    assert [(cell.tok_s, cell.n_rows) for cell in rows.cells] == [(122.0, 2)]
    assert rows.cells[0].cell_class == "dense-large"


def test_cpus_are_judged_by_the_bandwidth_their_row_states() -> None:
    cpu = DeviceNames(DEVICES).find(_row(hw_class="cpu", hardware_norm="Some CPU", backend="cpu", mem_bw_gbps="89.6"))
    assert isinstance(cpu, Device)
    assert cpu.bandwidth_bytes_per_s == pytest.approx(89.6e9)


def test_processors_are_known_by_name() -> None:
    assert cores_of("AMD Ryzen 9 7950X CPU") == {"cpu_arch": "zen4", "cpu_cores": 16, "cpu_clock_hz": 5.7e9}
    assert cores_of("11th Gen Intel Core i5-11400H @ 2.70GHz CPU")["cpu_clock_hz"] == 4.5e9
    assert cores_of("Some CPU") == {}
    assert all(arch in OPS_PER_CYCLE and 1 <= n <= 256 and 1 < ghz < 6 for _, arch, n, ghz in _CPUS)


def test_rows_of_few_threads_are_cells_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    cpu = {"hw_class": "cpu", "hardware_norm": "AMD Ryzen 9 7950X CPU", "hardware": "", "backend": "cpu"}
    rows = [_row(**cpu, mem_bw_gbps="83.2", value=v, note=f"threads={n}") for v, n in (("7", 16), ("4", 2))]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(_row()))
        writer.writeheader()
        writer.writerows(rows)
    many, few = (cell.inputs.parts[0].rig for cell in read_rows(path, MODELS, DEVICES).cells)
    assert 6 * few.shader_flops < many.shader_flops < 8 * few.shader_flops
    assert few.bandwidth_bytes_per_s < many.bandwidth_bytes_per_s < 83.2e9


@pytest.mark.parametrize(("note", "n_prompt", "depth", "n_ubatch"), [
    ("flags='llama-bench -m x.gguf -p 512 -n 128 -d 4096 -o json'", "512", 4096, 512),
    ("fa=1;b=2048;ub=2048;kv=f16", "512", 0, 2048),
])  # fmt: skip
def test_prompt_rows_carry_their_depth_and_batch(
    tmp_path: Path, note: str, n_prompt: str, depth: int, n_ubatch: int
) -> None:
    path = tmp_path / "speed.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(_row()))
        writer.writeheader()
        writer.writerow(_row(metric="pp", value="2000", n_prompt=n_prompt, note=note))
    (cell,) = read_rows(path, MODELS, DEVICES).cells
    assert (cell.depth, cell.inputs.n_ubatch, cell.n_prompt) == (depth, n_ubatch, 512)


def test_catalogued_processors_have_a_sensible_rate() -> None:
    for device in CONTENT.devices:
        ops = cpu_ops(device)
        if device.cpu_arch:
            assert ops is not None, device.id
            assert 1e10 < ops < 3e14, device.id
    assert sum(1 for device in CONTENT.devices if device.cpu_arch) >= 150


def test_used_models_have_shapes() -> None:
    for model_id in USED_MODELS:
        model: Model = MODELS[model_id]
        assert model.shape is not None


def test_engines_carry_their_parents_effects_for_prompts_alone() -> None:
    rig = Rig(
        bandwidth_bytes_per_s=1e12,
        shader_flops=3e13,
        matrix_flops=1e14,
        generation="hopper",
        backend="cuda",
        engine="ollama",
    )
    load = Load(stream_bytes=1e9, dense_params=1e9, total_bytes=1e9, n_layer=30.0)

    def names(of: Rig, prompt: bool) -> set[str]:
        terms = prefill_terms(of, load, 512.0) if prompt else decode_terms(of, load)
        return {name for _, _, effects in terms for name, _ in effects}

    assert {"matmul/engine:ollama", "matmul/engine:llama.cpp"} <= names(rig, True)
    assert "launch/engine:llama.cpp" not in names(rig, False)
    own = replace(rig, backend="cpu", engine="ik_llama.cpp")
    assert "matmul/engine:llama.cpp" not in names(own, True)
    old = names(replace(rig, engine="llama.cpp-2024"), False)
    assert "bandwidth/llamafile:hbm" in old
    assert "bandwidth/llamafile:hbm" not in names(rig, False)


def test_larger_chips_take_a_layers_small_kernels_faster() -> None:
    constants = calibration()
    assert constants.effects["launch/log-size"] < 0
    assert not any("llamafile" in name for name in constants.effects)
