"""Loading the content: units, places, what is refused and in which words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.content_loader import build_knowledge, check, load_content, load_knowledge, record_hash
from knowledge.errors import ContentError
from tests.knowledge.content.samples import write_content


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a folder with the sound sample."""
    return write_content(tmp_path / "content")


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Replace `old`, which must be there, in one file."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(root: Path) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_the_sample_is_sound(root: Path) -> None:
    assert problems(root) == []


def test_people_units_become_bytes_and_rates(root: Path) -> None:
    knowledge = load_knowledge(root)
    model, device = knowledge.models["small-1b"], knowledge.devices["card-8-gb"]
    assert model.params_total == 98_574_848
    assert model.base_id == "small-1b-base"
    assert model.release_date == "2025-04-27"
    assert model.family == "Small"
    assert model.shape is not None
    assert model.shape.n_head_kv == 4
    assert device.memory_bytes == 8 * 1024**3
    assert device.memory_options_bytes == (8 * 1024**3,)
    assert device.bandwidth_bytes_per_s == 448e9
    assert device.fp16_flops == 40e12
    assert device.vendor == "NVIDIA"
    assert device.compute_cap == "8.6"
    assert knowledge.models["small-1b-base"].shape is None
    assert knowledge.quants["Q4_K_M"].aliases == ("q4km",)
    assert knowledge.terms["vram"].term == "VRAM"
    assert knowledge.errors["out_of_memory"].fixes[0].command.startswith("llama-server")
    assert [(alias.kind, alias.text, alias.also) for alias in knowledge.aliases] == [
        ("hardware", "Card 8", ()),
        ("hardware", "card", ("card-8-gb",)),
    ]


def test_models_of_one_shape_hold_the_same(root: Path) -> None:
    content = load_content(root)
    first = next(model for model in content.models if model.shape is not None)
    assert first.shape is not None
    twin = replace(first, id="twin", shape=replace(first.shape))
    other = replace(first, id="other", shape=replace(first.shape, n_layer=first.shape.n_layer + 1))
    models = build_knowledge(replace(content, models=(*content.models, twin, other))).models
    assert twin.shape is not first.shape
    assert models["twin"].shape is models[first.id].shape
    assert models["other"] == other


def test_places_lead_to_the_line(root: Path) -> None:
    content = load_content(root)
    assert content.place("model", "small-1b-base").line == 17
    assert content.place("term", "vram").file == "glossary/vram.md"
    assert content.place("model", "never-heard-of").line == 0


def test_the_same_files_give_the_same_version_and_any_change_another(root: Path) -> None:
    before = build_knowledge(load_content(root)).content_version
    assert build_knowledge(load_content(root)).content_version == before
    edit(root, "tools/runners.yaml", "8080", "8081")
    assert build_knowledge(load_content(root)).content_version != before


def test_equal_records_have_equal_hashes(root: Path) -> None:
    one, two = load_content(root), load_content(root)
    assert [record_hash(m) for m in one.models] == [record_hash(m) for m in two.models]
    assert len({record_hash(m) for m in one.models}) == len(one.models)


MODEL, HW = "models/small.yaml", "hardware/nvidia.yaml"
BROKEN = [
    (MODEL, "params_b: 0.098574848", "param_b: 0.098574848",
     "small.yaml:3: small-1b: param_b: no such field. Did you mean 'params_b'?"),
    (MODEL, "kind: chat", "kind: caht", "small.yaml:3: small-1b: kind: 'caht' is not known. Did you mean 'chat'?"),
    (MODEL, "name: Small-1B\n", "name: 7\n", "small-1b: name: expected str, got int (7)"),
    (MODEL, "n_layer: 8", "n_layers: 8", "n_layers: no such field. Did you mean 'n_layer'?"),
    (MODEL, "n_layer: 8", "n_layer: 0", "n_layer: 0 is out of bounds. Valid: 1 to 1000."),
    (MODEL, "n_layer: 8", "n_layer: eight", "n_layer: expected int, got str"),
    (MODEL, "n_layer: 8", "n_layer: 8.5", "n_layer: expected int"),
    (MODEL, "arch: llama,", "", "arch: is missing"),
    (MODEL, "released: 2025-04-27", "released: 27.4.2025", "released: '27.4.2025' is not of the form"),
    (MODEL, "params_b: 0.098574848", "params_b: many", "params_b: expected int | null, got str"),
    (MODEL, "downloads: 120", "downloads: true", "downloads: expected int, got bool"),
    (MODEL, "    org: Example\n", "", "small-1b: org: is missing"),
    (MODEL, 'sources: ["https://example.org/small-1b"]', "sources: []", "sources: at least one source is wanted"),
    (MODEL, "id: small-1b\n", "id: Small 1B\n", "id: 'Small 1B' is not of the form"),
    (MODEL, "id: small-1b-base", "id: small-1b", "small-1b: id: stands twice: first in models/small.yaml:3"),
    (MODEL, "base: small-1b-base", "base: small-1b-bas",
     "base: there is no model 'small-1b-bas'. Did you mean 'small-1b-base'?"),
    (MODEL, "base: small-1b-base", "base: small-1b", "base: the chain of bases leads back to this model"),
    (MODEL, "family: Small", "famly: Small", "no such field 'famly' at the top. Did you mean 'family'?"),
    (MODEL, "models:", "model:", "must hold a list of entries called 'models'"),
    (MODEL, "name: Small-1B\n", f"name: {'x' * 121}\n", "name: 121 characters, at most 120 are allowed"),
    (MODEL, "repos: [example/Small-1B]", "repos: example/Small-1B", "repos: expected array, got str"),
    (MODEL, "name: Small-1B\n", 'name: "Small\\u202e-1B"\n', "name: holds control or invisible characters"),
    (HW, "segment: desktop, arch", "segment: desktp, arch",
     "nvidia.yaml:3: card-8-gb: segment: 'desktp' is not known. Did you mean 'desktop'?"),
    (HW, "[cuda, vulkan]", "[cuda, vulcan]", "backends: 'vulcan' is not known. Did you mean 'vulkan'?"),
    (HW, "memory_gib: 8,", "memory_gib: 8192000,", "memory_gib: 8192000 is out of bounds"),
    (HW, "bandwidth_gb_s: 448.0", "bandwidth_gb_s: 0", "bandwidth_gb_s: 0 is out of bounds. Valid: 0.5 to 30000."),
    (HW, 'compute_cap: "8.6", backends: [cuda, vulkan]', "compute_cap: 8.6, backends: [cuda, vulkan]",
     "compute_cap: expected str, got float"),
    (HW, "vendor: NVIDIA\n", "", "the field 'vendor' is missing at the top"),
    ("aliases/hardware.yaml", "id: card-12-gb", "id: card-12gb",
     "card: id: there is no hardware 'card-12gb'. Did you mean 'card-12-gb'?"),
    ("aliases/hardware.yaml", "also: [card-8-gb]", "also: [card-9-gb]", "card: also: there is no hardware 'card-9-gb'"),
    ("aliases/hardware.yaml", '"seen:4"', "seen", "evidence: 'seen' is not of the form"),
    ("aliases/hardware.yaml", "text: Card 8", "text: CARD", "stands twice: first in aliases/hardware.yaml:1"),
    ("quants.yaml", "bpw: 4.83", "bpw: 4830", "Q4_K_M: bpw: 4830 is out of bounds"),
    ("quants.yaml", "format: gguf", "format: guff", "format: 'guff' is not known. Did you mean 'gguf'?"),
    ("tools/runners.yaml", "8080", "80800", "runner: default_port: 80800 is out of bounds. Valid: 1 to 65535."),
    ("glossary/vram.md", "category: Memory", "category: Memroy",
     "glossary/vram.md: vram: category: 'Memroy' is not known. Did you mean 'Memory'?"),
    ("glossary/vram.md", "id: vram", "id: wram", "vram: id: is 'wram' but the file is called 'vram.md'"),
    ("errors/out_of_memory.md", "## Cause", "## Reason",
     "errors/out_of_memory.md: out_of_memory: ## Reason: no such section"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "says"), BROKEN, ids=[f"{n}:{o[:24]}" for n, o, _, _ in BROKEN])
def test_a_broken_file_is_refused_with_file_field_and_cure(
    root: Path, name: str, old: str, new: str, says: str
) -> None:
    edit(root, name, old, new)
    assert [problem for problem in problems(root) if says in problem]
    with pytest.raises(ContentError) as caught:
        load_content(root)
    assert "\n" not in str(caught.value)
    assert caught.value.subject.startswith(name)


def test_all_problems_are_listed_and_the_error_counts_them(root: Path) -> None:
    edit(root, MODEL, "kind: chat", "kind: caht")
    edit(root, HW, "segment: desktop, arch", "segment: desk, arch")
    edit(root, "quants.yaml", "bpw: 8.5", "bpw: -1")
    found = problems(root)
    assert len({problem.split(":")[0] for problem in found} & {MODEL, HW, "quants.yaml"}) == 3
    with pytest.raises(ContentError, match="more: `python -m knowledge check` lists them"):
        load_content(root)


def test_stray_files_are_named(root: Path) -> None:
    (root / "models" / "notes.txt").write_text("hello")
    (root / "aliases" / "model.yaml").write_text("- {}")
    (root / "glossary" / ".swp").write_text("editors leave these")
    found = problems(root)
    assert any("models/notes.txt: only .yaml files belong here" in problem for problem in found)
    assert any("aliases/model.yaml: is not an alias file. Did you mean 'models.yaml'?" in problem for problem in found)
    assert not any(".swp" in problem for problem in found)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (MODEL, b"\xff\xfe\x00", "is not UTF-8 text"),
        ("glossary/vram.md", b"\xff", "is not UTF-8 text"),
        ("glossary/vram.md", b"x" * 200_000, "is larger than"),
        ("errors/out_of_memory.md", b"---\nid: x\n---\n\x00", "invisible character U+0000"),
        ("glossary/vram.md", "title \u202e".encode(), "invisible character U+202E"),
        (MODEL, b"- just a word", "an entry must be fields with values"),
        (MODEL, b"just a word", "must hold a list of entries"),
        (MODEL, b"family: [", "not YAML"),
        ("quants.yaml", b"a: 1", "must hold a list of entries"),
    ],
)
def test_files_that_are_no_content_at_all(root: Path, name: str, data: bytes, says: str) -> None:
    (root / name).write_bytes(data)
    assert any(problem.startswith(name) and says in problem for problem in problems(root))
    with pytest.raises(ContentError):
        load_content(root)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no content folder"):
        load_content(tmp_path / "nowhere")


def test_an_empty_folder_is_told_by_check(tmp_path: Path) -> None:
    found = problems(tmp_path)
    assert [problem.split(":")[0] for problem in found] == sorted(
        ["models", "hardware", "quants.yaml", "aliases", "glossary", "errors", "tools"]
    )
