"""What only `check` looks at: links between entries, names claimed twice, physics, and search's promises."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ModelShape
from knowledge.content_loader import check, load_content
from knowledge.content_physics import bus_gb_s, physics_problems, shape_findings
from knowledge.content_types import Content
from tests.knowledge.content.samples import write_content
from tests.knowledge.content.test_loader import HW, MODEL, edit, problems

BASE = ModelShape(
    arch="llama",
    n_layer=8,
    n_embd=512,
    n_vocab=1000,
    n_ctx_train=4096,
    n_head=8,
    n_head_kv=4,
    n_embd_head_k=64,
    n_embd_head_v=64,
    n_ff=2048,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a folder with the sound sample."""
    return write_content(tmp_path / "content")


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("glossary/vram.md", "related: [offloading]", "related: [offloadin]",
         "vram: related: there is no term entry 'offloadin'. Did you mean 'offloading'?"),
        ("glossary/vram.md", "related: [offloading]", "related: [vram]", "vram: related: links to itself"),
        ("glossary/vram.md", "errors: [out_of_memory]", "errors: [oom]", "vram: errors: there is no error entry 'oom'"),
        ("glossary/vram.md", '"small-1b", "Q4', '"small-2b", "Q4',
         "Practical example: weights_gib(…): there is no model 'small-2b'. Did you mean 'small-1b'?"),
        ("glossary/vram.md", '"Q4_K_M"', '"Q4_K_L"', "weights_gib(…): there is no quant 'Q4_K_L'"),
        ("glossary/vram.md", '"small-1b", "Q4', '"small-1b-base", "Q4',
         "vram: Practical example: a number cannot be computed"),
        ("errors/out_of_memory.md", "related: []", "related: [gone]",
         "out_of_memory: related: there is no error entry 'gone'"),
        ("glossary/vram.md", "[video memory]", "[offload]", "'offload' is claimed by offloading and vram"),
        (MODEL, "name: Small-1B-Base", "name: Small-1B-Base\n    aliases: [SMALL-1b]",
         "'small-1b' is claimed by small-1b and small-1b-base"),
        ("aliases/hardware.yaml", ", also: [card-8-gb]", ", also: [card-12-gb]", "also: names 'card-12-gb' again"),
        (MODEL, "n_ff: 2048", "n_ff: 2304", "params_b: 0.099 billion, but the shape has 0.102 (+3.2 %)"),
        (MODEL, "params_b: 0.098574848", "params_active_b: 1", "params_b: is missing; the shape has 0.099 billion"),
        (MODEL, "params_b: 0.098574848", "params_b: 0.098574848\n    params_active_b: 1",
         "params_active_b: 1.000 billion is more than the whole model's 0.099"),
        (MODEL, "shape_check: ok", "shape_check: none", "shape_check: says 'none' although there is a shape"),
        (MODEL, "    params_b: 0.1\n", "    params_b: 0.1\n    shape_check: ok\n",
         "small-1b-base: shape: is missing although shape_check says 'ok'"),
        (MODEL, "n_head_kv: 4", "n_head_kv: 3", "small-1b: n_head_kv: 3 does not divide n_head (8)"),
        (MODEL, "arch: llama", "arch: qwen35, mixers: rrrf, ssm_d_state: 128", "small-1b: shape: cannot be counted as"),
        (HW, "memory_options_gib: [8]", "memory_options_gib: [12]", "memory_gib: is none of memory_options_gib (12)"),
        (HW, "bandwidth_gb_s: 448.0", "bandwidth_gb_s: 4480", "bandwidth_gb_s: 4480 GB/s is not what GDDR6 gives"),
        (HW, "memory_type: GDDR6, bandwidth_gb_s: 448.0", "memory_type: DDR5-5600 2-channel, bandwidth_gb_s: 112",
         "112 GB/s, but DDR5-5600 2-channel gives 89.6"),
        (HW, "memory_type: GDDR6, bandwidth_gb_s: 448.0", "memory_type: GDDR6 256-bit, bandwidth_gb_s: 672",
         "672 GB/s over 256 bits is 21000 MT/s; GDDR6 has 8000 to 20200"),
        (HW, 'compute_cap: "8.6", backends: [cuda, vulkan]',
         'compute_cap: "8.6", cores: "20 SM", backends: [cuda, vulkan]', "fp16_tflops: 20 SM would run at 3.91 GHz"),
        (HW, "fp16_tflops: 40", "fp16_tflops: 4000", "fp16_tflops: 8.93e+03 operations per byte"),
        (HW, "fp16_tflops: 40", "fp16_tflops: 40, int8_tops: 1", "int8_tops: 0.025 times fp16_tflops"),
        (HW, ", fp16_basis: data sheet", "", "fp16_basis: is missing"),
        (HW, ", price_basis: launch", "", "price_basis: is missing"),
        (HW, 'compute_cap: "8.6", backends: [cuda, vulkan]', 'compute_cap: "8.9", backends: [cuda, vulkan]',
         "compute_cap: 8.9 is not what Ampere has"),
        (HW, 'compute_cap: "8.6", backends: [cuda, vulkan]', "backends: [cuda, vulkan]",
         "compute_cap: is missing for a cuda device"),
        (HW, "[cuda, vulkan]", "[cuda, metal]", "backends: metal on a device of NVIDIA"),
        (HW, "vendor: NVIDIA", "vendor: AMD", "backends: cuda on a device of AMD"),
        (HW, 'compute_cap: "8.6", backends: [cuda]', 'gfx: gfx1100, compute_cap: "8.6", backends: [cuda]',
         "gfx: is an AMD code"),
        ("errors/out_of_memory.md", "device 0: cudaMalloc failed: out of memory", "device 0: it did not work",
         "Example: the example log finds nothing first"),
    ],
)  # fmt: skip
def test_what_check_finds(root: Path, name: str, old: str, new: str, says: str) -> None:
    edit(root, name, old, new)
    found = problems(root)
    assert [problem for problem in found if says in problem], found


def test_an_ambiguous_name_may_be_declared(root: Path) -> None:
    edit(root, HW, "id: card-12-gb, name", "id: card-12-gb, aliases: [the card], name")
    edit(root, HW, "id: card-8-gb, name", "id: card-8-gb, aliases: [The Card], name")
    assert any("'the card' is claimed by card-12-gb and card-8-gb" in problem for problem in problems(root))
    path = root / "aliases" / "hardware.yaml"
    path.write_text(path.read_text() + "- {text: the card, id: card-8-gb, evidence: curated, also: [card-12-gb]}\n")
    assert problems(root) == []


def test_problems_come_in_the_order_of_files(root: Path) -> None:
    edit(root, MODEL, "name: Small-1B-Base", "nam: Small-1B-Base")
    edit(root, MODEL, "kind: chat", "kind: caht")
    found = check(root)
    assert [(problem.file, problem.line) for problem in found] == sorted((p.file, p.line) for p in found)
    assert found


SHAPES: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"mixers": "sf", "n_swa": 512}, ""),
    ({"mixers": "sf"}, "n_swa"),
    ({"n_swa": 5000}, "n_swa"),
    ({"mixers": "rrrf", "ssm_d_state": 128}, ""),
    ({"mixers": "rrrf"}, "ssm_d_state"),
    ({"mixers": "cf"}, "shortconv_l_cache"),
    ({"n_embd_head_k": 0}, "n_embd_head_k"),
    ({"mixers": "r", "ssm_d_state": 16, "n_head": 0, "n_head_kv": 0, "n_embd_head_k": 0, "n_embd_head_v": 0}, ""),
    ({"n_head_kv_by_layer": (4,) * 7}, "n_head_kv_by_layer"),
    ({"n_head_by_layer": (8,) * 8, "n_head_kv_by_layer": (4, 3) * 4}, "n_head_kv"),
    ({"mixers": "f" * 9}, "mixers"),
    ({"ffns": "d" * 9}, "ffns"),
    ({"n_expert": 8, "n_expert_used": 2, "n_ff_exp": 64}, ""),
    ({"n_expert": 8}, "n_expert"),
    ({"n_expert": 8, "n_expert_used": 9, "n_ff_exp": 64}, "n_expert_used"),
    ({"n_layer_dense_lead": 9}, "n_layer_dense_lead"),
    ({"n_ff": 0}, "n_ff"),
    ({"n_ff": 0, "n_expert": 8, "n_expert_used": 2, "n_ff_exp": 64}, ""),
    ({"n_layer_kv_shared": 8}, "n_layer_kv_shared"),
    ({"kv_lora_rank": 512}, "kv_lora_rank"),
    (
        {
            "kv_lora_rank": 512,
            "n_rot": 64,
            "n_embd_head_qk_nope": 128,
            "n_embd_head_v_mla": 128,
            "n_embd_head_k": 576,
            "n_embd_head_v": 512,
        },
        "",
    ),
    (
        {
            "kv_lora_rank": 512,
            "n_rot": 64,
            "n_embd_head_qk_nope": 128,
            "n_embd_head_v_mla": 128,
        },
        "n_embd_head_k",
    ),
]


@pytest.mark.parametrize(("changes", "field"), SHAPES)
def test_shapes(changes: dict[str, Any], field: str) -> None:
    found = [name for name, _ in shape_findings(dataclasses.replace(BASE, **changes))]
    assert (field in found) if field else found == []


@pytest.mark.parametrize(
    ("memory_type", "gb_s"),
    [
        ("DDR5-5600 2-channel", 89.6),
        ("DDR4-3200 dual-channel", 51.2),
        ("DDR5-4800 single", 38.4),
        ("LPDDR5X-8000 256-bit", 256.0),
        ("LPDDR4X-4266 64-bit", 34.128),
        ("LPDDR5X-7500 128-bit (DDR5-5600: 89.6)", 120.0),
        ("GDDR6", None),
        ("unified LPDDR5/5X", None),
    ],
)
def test_bus_arithmetic(memory_type: str, gb_s: float | None) -> None:
    assert bus_gb_s(memory_type) == (None if gb_s is None else pytest.approx(gb_s))


@given(factor=st.floats(1.05, 50))
def test_a_total_that_is_off_is_always_found(factor: float) -> None:
    from knowledge.catalog import Model
    from knowledge.estimator.model import count_params

    right = count_params(BASE)
    model = Model(
        id="x",
        name="X",
        family="X",
        org="X",
        kind="chat",
        sources=("x",),
        shape=BASE,
        shape_check="ok",
        params_total=round(right * factor),
    )
    assert [problem.field for problem in physics_problems(Content(models=(model,)))] == ["params_b"]
    exact = dataclasses.replace(model, params_total=right)
    assert list(physics_problems(Content(models=(exact,)))) == []


def test_the_shipped_content_loads_and_every_name_leads_somewhere() -> None:
    content = load_content()
    assert len(content.models) >= 1500
    assert len(content.devices) >= 890
    ids = {"model": {m.id for m in content.models}, "hardware": {d.id for d in content.devices}}
    for alias in content.aliases:
        if alias.kind in ids:
            assert {alias.id, *alias.also} <= ids[alias.kind]


def test_the_shipped_content_is_sound() -> None:
    assert problems_of_shipped() == []


def problems_of_shipped() -> list[str]:
    """List what is wrong with the content that is shipped, as text that a failing test can show."""
    return [str(problem) for problem in check()]
