"""What is kept of shapes: it comes back as it was worked out, only to the code that wrote it, and only whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import precompiled
from knowledge.catalog import Knowledge, Model, ModelShape
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.compiled import forget_compiled, pieces_of
from knowledge.estimator.copied import copied_buffer
from knowledge.estimator.kept import kept, look_here
from knowledge.estimator.layer_costs import _layer_bytes
from knowledge.estimator.request import ContextParams
from knowledge.estimator.weights import weights

MODELS = ("qwen3-8b", "qwen3-30b-a3b", "gemma-3-27b-it", "mistral-small-4-119b-2603", "deepseek-v2-lite")


@pytest.fixture(autouse=True)
def shelf() -> Iterator[None]:
    """Nothing kept at first; what others wrote is looked up again afterwards."""
    look_here(None)
    forget_compiled()
    yield
    precompiled._shelf.cache_clear()
    precompiled.open_shelf()
    forget_compiled()


@pytest.fixture
def models(knowledge: Knowledge) -> list[Model]:
    return [model for id_ in MODELS if (model := knowledge.models.get(id_)) and model.shape]


def shapes_of(models: list[Model]) -> list[ModelShape]:
    return [model.shape for model in models if model.shape]


def buffers(shape: ModelShape) -> list[object]:
    """Buffers of every kind, worked out anew or looked up; of a context nothing else asks about."""
    out: list[object] = []
    for kind in ("f16", "q8_0"):
        context = ContextParams(n_ctx=5120, type_k=kind, type_v=kind)
        out.append([compute_buffer.__wrapped__(shape, context, n_devices=n) for n in (1, 2)])
        copied = weights(shape, "Q4_K_M").largest
        out.append(copied_buffer(shape, copied, context, "host"))
        if shape.n_expert:
            cost = _layer_bytes.__wrapped__(shape, "Q4_K_M", context, True, False)
            out += [cost.compute_parted(first, "moe") for first in range(1, shape.n_layer, 5)]
    return out


def test_what_is_kept_comes_back_as_it_was(models: list[Model], tmp_path: Path) -> None:
    path = tmp_path / "cache" / "shapes"
    assert len(models) >= 3
    fresh = [(pieces_of(shape), buffers(shape)) for shape in shapes_of(models)]
    assert precompiled.make(models, path)
    forget_compiled()
    for shape, (pieces, sizes) in zip(shapes_of(models), fresh, strict=True):
        assert kept(shape, "no such finding") is None
        for name, piece in pieces.items():
            assert kept(shape, name) is not None, name
            assert as_lists(kept(shape, name)) == as_lists(piece), name
        assert pieces_of(shape).keys() == pieces.keys()
        assert buffers(shape) == sizes


def as_lists(piece: object) -> object:
    return [as_lists(each) for each in piece] if isinstance(piece, list | tuple) else piece


def test_a_shape_that_is_not_there_is_worked_out(models: list[Model], tmp_path: Path) -> None:
    path = tmp_path / "shapes"
    assert precompiled.make(models[:1], path)
    other = replace(shapes_of(models)[0], n_ff=shapes_of(models)[0].n_ff + 256)
    assert kept(other, "host 10") is None
    assert kept(shapes_of(models)[0], "host 10") is not None
    before = path.stat().st_ino
    assert precompiled.make(models[:1], path)
    assert path.stat().st_ino == before, "nothing was lacking"
    assert precompiled.make(models, path)
    assert all(kept(shape, "host 10") is not None for shape in shapes_of(models))


@pytest.mark.parametrize("fault", ["other code", "cut short", "empty", "other bytes", "none"])
def test_what_is_not_whole_or_of_other_code_is_not_read(
    models: list[Model], tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shapes"
    assert precompiled.make(models[:1], path)
    data = path.read_bytes()
    if fault == "other code":
        monkeypatch.setattr(precompiled, "code_mark", lambda: bytes(16))
    elif fault == "none":
        path.unlink()
    else:
        path.write_bytes({"cut short": data[:-1], "empty": b"", "other bytes": b"x" * len(data)}[fault])
    precompiled._shelf.cache_clear()
    precompiled.open_shelf(path)
    assert kept(shapes_of(models)[0], "host 10") is None
    assert precompiled.make(models[:1], path), "it is written again"
    assert kept(shapes_of(models)[0], "host 10") is not None


def test_a_folder_that_cannot_be_written_changes_nothing(models: list[Model], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert not precompiled.make(models[:1], tmp_path / "file" / "shapes")
    assert kept(shapes_of(models)[0], "host 10") is None


def test_the_mark_changes_with_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "rules.py"
    code.write_text("A = 1\n")
    monkeypatch.setattr(precompiled, "_CODE", (tmp_path,))
    first = precompiled.code_mark()
    assert precompiled.code_mark() == first
    code.write_text("A = 11\n")
    assert precompiled.code_mark() != first
