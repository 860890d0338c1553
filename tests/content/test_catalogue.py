"""The catalogue's promises: files load, shapes recount, popular names lead to the original, devices are sound.

It tests content, not the loader (tests/knowledge/content) and not the name index's rules (tests/knowledge/question).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from knowledge.catalog import Model
from knowledge.content_loader import load_content
from knowledge.content_types import Content
from knowledge.estimator.model import count_active_params, count_params, layer_ffns, layer_mixers
from knowledge.question.names import NameIndex
from knowledge.settings import CONTENT_DIR
from knowledge.units import GIB

POPULAR: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "popular_names.yaml").read_text())
POPULAR_DEVICES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "popular_devices.yaml").read_text())
TUNED = re.compile(r"abliterated|dolphin|hermes|huihui|uncensored|sauerkraut|tess-|synthia")
TRUTH_MODELS = {  # the names of the engine's own memory rows, and what their shape must be: layers, width, KV heads
    "llama-3.1-8b": (32, 4096, 8),
    "llama-3.2-1b": (16, 2048, 8),
    "llama-3.2-3b": (28, 3072, 8),
    "llama-3.3-70b": (80, 8192, 8),
    "qwen3-1.7b": (28, 2048, 8),
    "qwen3-4b": (36, 2560, 8),
    "qwen3-8b": (36, 4096, 8),
    "qwen3-14b": (40, 5120, 8),
    "qwen3-32b": (64, 5120, 8),
    "qwen3-30b-a3b": (48, 2048, 4),
    "qwen3-235b-a22b": (94, 4096, 4),
    "qwen3-coder-480b-a35b": (62, 6144, 8),
    "qwen3-next-80b-a3b": (48, 2048, 2),
    "gemma-3-1b": (26, 1152, 1),
    "gemma-3-4b": (34, 2560, 4),
    "gemma-3-12b": (48, 3840, 8),
    "gemma-3-27b": (62, 5376, 16),
    "gpt-oss-20b": (24, 2880, 8),
    "gpt-oss-120b": (36, 2880, 8),
    "deepseek-v3": (61, 7168, 1),
    "nemotron-3-nano-30b-a3b": (52, 2688, 2),
}


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(CONTENT_DIR)


@pytest.fixture(scope="module")
def models(content: Content) -> dict[str, Model]:
    return {model.id: model for model in content.models}


@pytest.fixture(scope="module")
def index(content: Content, models: dict[str, Model]) -> NameIndex:
    devices = {device.id: device for device in content.devices}
    return NameIndex.build(models, devices, {}, content.aliases)


def test_catalogue_is_as_large_as_promised(content: Content) -> None:
    shaped = [model for model in content.models if model.shape is not None]
    assert len(content.models) >= 1680
    assert len(shaped) >= 1460
    assert len(content.devices) >= 896
    assert len(content.tools) >= 60
    assert len({model.shape.arch for model in shaped if model.shape}) >= 60


def test_every_shape_recounts_its_published_total(content: Content) -> None:
    off = {}
    for model in content.models:
        published = model.params_text or model.params_total
        if model.shape is None or published is None:
            continue
        error = count_params(model.shape) / published - 1
        if abs(error) > 0.006:
            off[model.id] = f"{error:+.2%}"
    assert not off


def test_active_parameters_agree_with_the_shape(content: Content) -> None:
    off = {}
    for model in content.models:
        if model.shape is None or model.params_active is None or model.shape.n_expert == 0:
            continue
        shape = model.shape
        left_out = shape.n_vocab * shape.n_embd if shape.arch == "gpt-oss" else 0  # as its maker counts: no input table
        ratio = (count_active_params(shape) - left_out) / model.params_active
        if not 0.99 < ratio < 1.01:
            off[model.id] = round(ratio, 3)
    assert not off


def test_patterns_cover_every_layer(content: Content) -> None:
    for model in content.models:
        if model.shape is None:
            continue
        mixers, ffns = layer_mixers(model.shape), layer_ffns(model.shape)
        assert len(mixers) == len(ffns) == model.shape.n_layer, model.id
        assert not ("s" in mixers) ^ bool(model.shape.n_swa) or model.shape.compress_ratios, model.id
        assert (set(mixers) & {"r", "h"} == set()) or model.shape.ssm_d_conv, model.id


def test_a_shape_comes_with_its_check_and_nothing_else_has_one(content: Content) -> None:
    for model in content.models:
        if model.shape is None:
            assert not model.shape_check.startswith("ok"), model.id
        else:
            assert model.shape_check not in {"none", "dropped"}, model.id


def test_no_repository_belongs_to_two_models(content: Content) -> None:
    owners = Counter(repo.lower() for model in content.models for repo in model.repos)
    assert [repo for repo, count in owners.items() if count > 1] == []


def test_fine_tunes_of_popular_bases_name_their_base(models: dict[str, Model]) -> None:
    lost = [
        model.id
        for model in models.values()
        if re.search(r"abliterated", model.id) and model.shape and not model.base_id
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("tuned", "base"),
    [
        ("hermes-4-14b", "qwen3-14b"),
        ("deepseek-r1-distill-qwen-32b", "qwen2.5-32b-base"),
        ("deepseek-r1-distill-llama-8b", "llama-3.1-8b-base"),
        ("gemma-3-27b-it", "gemma-3-27b-pt"),
        ("huihui-qwen3.6-27b-abliterated", "qwen3.6-27b"),
        ("qwen3-8b", "qwen3-8b-base"),
        ("zephyr-7b-beta", "mistral-7b-v0.1"),
    ],
)
def test_base_of(tuned: str, base: str, models: dict[str, Model]) -> None:
    assert models[tuned].base_id == base


@pytest.mark.parametrize("name", sorted(map(str, POPULAR)))
def test_popular_name_leads_to_the_original(name: str, index: NameIndex, models: dict[str, Model]) -> None:
    found = index.resolve("model", name)
    assert found.ids, f"{name!r} leads nowhere"
    assert found.ids[0] in POPULAR[name]
    assert not TUNED.search(found.ids[0]) or TUNED.search(name)
    assert all(id_ in models for id_ in POPULAR[name]), "the test names a model that is not there"


@pytest.mark.parametrize("name", sorted(TRUTH_MODELS))
def test_measured_names_resolve_to_the_right_shape(name: str, index: NameIndex, models: dict[str, Model]) -> None:
    shape = models[index.resolve("model", name).ids[0]].shape
    assert shape is not None
    assert (shape.n_layer, shape.n_embd, shape.n_head_kv) == TRUTH_MODELS[name]


@pytest.mark.truth
def test_every_measured_memory_model_is_covered(truth_dir: Path) -> None:
    with (truth_dir / "memory.csv").open(newline="") as rows:
        named = {row["model"] for row in csv.DictReader(rows) if row["row_kind"] == "probe"}
    assert named <= set(TRUTH_MODELS)


@pytest.mark.parametrize(
    ("name", "id_", "memory_gib", "bandwidth_gb_s"),
    [
        ("RTX 3060 12GB", "nvidia-geforce-rtx-3060-12-gb", 12, 360),
        ("RTX 4090", "nvidia-geforce-rtx-4090", 24, 1008.4),
        ("RTX 5090", "nvidia-geforce-rtx-5090", 32, 1792),
        ("RTX 3090", "nvidia-geforce-rtx-3090", 24, 936.2),
        ("RX 7900 XTX", "amd-radeon-rx-7900-xtx", 24, 960),
        ("MI300X", "amd-instinct-mi300x", 192, 5300),
        ("MI325X", "amd-instinct-mi325x", 256, 6000),
        ("Arc B580", "intel-arc-b580", 12, 456),
        ("GB10", "nvidia-gb10", 128, 273),
        ("Ryzen AI Max+ 395", "amd-ryzen-ai-max-plus-395", 128, 256),
    ],
)
def test_well_known_devices(
    name: str, id_: str, memory_gib: float, bandwidth_gb_s: float, content: Content, index: NameIndex
) -> None:
    assert id_ in index.resolve("hardware", name).ids
    device = next(device for device in content.devices if device.id == id_)
    assert device.memory_bytes == memory_gib * GIB
    assert device.bandwidth_bytes_per_s == pytest.approx(bandwidth_gb_s * 1e9, rel=0.01)


@pytest.mark.parametrize("name", sorted(POPULAR_DEVICES))
def test_popular_device_name(name: str, index: NameIndex) -> None:
    found, wanted = index.resolve("hardware", name), POPULAR_DEVICES[name]
    assert found.ids, f"{name!r} leads nowhere"
    assert found.ids[0] == wanted[0]
    assert set(wanted) <= set(found.ids)


def test_aliases_are_clean(content: Content, models: dict[str, Model]) -> None:
    devices = {device.id for device in content.devices}
    for alias in content.aliases:
        assert len(alias.text) <= 60, alias.text
        assert not re.search(r"\.gguf|__|-0000\d|--", alias.text), alias.text
        known = {"model": models, "hardware": devices}.get(alias.kind)
        assert known is None or alias.id in known, alias.text


def test_every_tool_says_what_it_is_and_where_that_stands(content: Content) -> None:
    for tool in content.tools:
        assert 20 <= len(tool.what) <= 260, tool.id
        assert tool.what.endswith("."), tool.id
        assert all(source.startswith("https://") for source in tool.sources), tool.id
        assert tool.platforms, tool.id
