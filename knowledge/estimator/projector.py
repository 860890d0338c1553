"""A vision projector (llama.cpp's `mmproj` file): bytes of its weights, of its compute buffer, tokens an image takes.

Weights are counted matrix by matrix from the tower's widths: matrices in the file's type, norms, biases, positions and
patches in 32 bits. The buffer is that of the largest image: one feed-forward and two activations a patch, and the
image itself (`clip.cpp`; a start-up log shows 223.30 MiB for 8,464 patches, this gives 223.2). Without flash
attention all scores are kept besides. llama.cpp adds both to the margin of the first device when it fits a model
(`server-context.cpp`, `mtmd_get_memory_usage`), and the tokens of an image lie in the context like any others.
Sound is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.catalog import Model
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.quant import row_bytes
from knowledge.estimator.towers import Tower, find_tower
from knowledge.said import worded
from knowledge.units import MIB

F32_BYTES = 4
PROJECTOR_TYPES = ("f32", "f16", "bf16", "q8_0")
UNKNOWN_BUFFER_BYTES = 256 * MIB
"""Counted for the buffer of a tower whose widths are not known: about what the known ones take, and said so."""
LARGER_TOWER = 1.5
"""A vision part with this many times the family tower's weights is another tower: then its count is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """What a projector takes. `image_tokens` is None where the tower's facts are not known; `said` tells what is."""

    weights_bytes: int
    compute_bytes: int
    image_tokens: int | None
    image_side: int | None
    said: str

    @property
    def total_bytes(self) -> int:
        """Weights and compute buffer."""
        return self.weights_bytes + self.compute_bytes


def projector_of(model: Model, type_id: str = "f16", *, flash_attn: bool = True) -> Projector:
    """Size a model's projector. Raises BadInput for another type or a model that does not see.

    Unanswerable where it sees but neither its tower nor its parameter count is known.
    """
    if type_id not in PROJECTOR_TYPES:
        hint = f"One of {', '.join(PROJECTOR_TYPES)}."
        raise BadInput(f"A projector in '{type_id[:20]}'.", subject="mmproj", hint=hint)
    tower = find_tower(model)
    if tower is not None and model.shape is not None:
        n_text = model.shape.n_embd
        if (model.n_params_vision or 0) < LARGER_TOWER * _n_weights(tower, n_text):
            return _of_tower(tower, type_id, n_text, flash_attn=flash_attn)
    if model.n_params_vision:
        return _of_count(model.n_params_vision, type_id)
    if model.kind == "vlm":
        raise Unanswerable(
            f"How large the vision part of {model.name} is, is not known.",
            subject=model.id,
            hint="Ask without it and add the size of its mmproj file.",
        )
    raise BadInput(f"{model.name} does not see images.", subject="vision", hint="Leave vision out, or name a VL model.")


def _of_tower(tower: Tower, type_id: str, n_text: int, *, flash_attn: bool) -> Projector:
    matrices = sum(n_rows * _row(type_id, row_len) for n_rows, row_len in _matrices(tower, n_text))
    weights = matrices + F32_BYTES * _f32_weights(tower, n_text)
    n_patches = (tower.side // tower.patch) ** 2
    tokens = n_patches // tower.merge**2
    return Projector(
        weights_bytes=weights,
        compute_bytes=_buffer(tower, n_patches, flash_attn=flash_attn),
        image_tokens=tokens,
        image_side=tower.side,
        said=worded(
            "image",
            "an image of {side} × {side} pixels takes {n} tokens of the context",
            side=str(tower.side),
            n=f"{tokens:,}",
        ),
    )


def _of_count(n_params: int, type_id: str) -> Projector:
    text, size = "the vision part's buffer is not known: {size} are counted", f"{UNKNOWN_BUFFER_BYTES // MIB} MiB"
    return Projector(
        weights_bytes=_row(type_id, n_params),
        compute_bytes=UNKNOWN_BUFFER_BYTES,
        image_tokens=None,
        image_side=None,
        said=worded("image_unknown", text, size=size),
    )


def _row(type_id: str, row_len: int) -> int:
    """Bytes of a row; rows that do not divide into blocks of 32 stay in 16 bits, as the quantiser leaves them."""
    return row_bytes("f16" if type_id == "q8_0" and row_len % 32 else type_id, row_len)


def _matrices(tower: Tower, n_text: int) -> Iterator[tuple[int, int]]:
    """Rows and row length of every matrix: attention, feed-forward, projector."""
    width, n_ff = tower.n_embd, tower.n_ff
    yield 4 * width * tower.n_layer, width
    yield n_ff * (2 if tower.gated else 1) * tower.n_layer, width
    yield width * tower.n_layer, n_ff
    n_joined = width * tower.merge**2
    if tower.joins == "matrix" and tower.merge > 1:
        yield width, n_joined
    n_in = n_joined if tower.joins == "row" else width
    if not tower.hidden:
        yield n_text, n_in
        return
    n_hidden = n_in if tower.hidden == "in" else n_text
    yield n_hidden * tower.n_projector, n_in
    yield n_text * tower.n_projector, n_hidden


def _n_weights(tower: Tower, n_text: int) -> int:
    """How many weights the matrices hold."""
    return sum(n_rows * row_len for n_rows, row_len in _matrices(tower, n_text))


def _f32_weights(tower: Tower, n_text: int) -> int:
    """Weights kept in 32 bits: patches, positions, norms and biases."""
    patches = 3 * tower.patch**2 * tower.n_embd * tower.patch_depth
    positions = tower.n_position * tower.n_embd
    small = tower.n_layer * ((2 if tower.gated else 9) * tower.n_embd + (0 if tower.gated else tower.n_ff))
    return patches + positions + small + 2 * tower.n_projector * n_text


def _buffer(tower: Tower, n_patches: int, *, flash_attn: bool) -> int:
    image = 3 * tower.side**2 * F32_BYTES
    working = n_patches * F32_BYTES * (tower.n_ff + 2 * tower.n_embd)
    if flash_attn:
        return working + image
    scores = tower.n_head * n_patches**2 * F32_BYTES
    return max(working, scores + 6 * n_patches * tower.n_embd * F32_BYTES) + image
