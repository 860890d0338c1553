"""The record of one weight tensor and the collector the tensor lists are built with.

Names are GGUF's. No rule of any architecture is here (see `tensors_traits`, `tensors_blocks`, `tensors_special`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

EXPERT_ROLES = ("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", "ffn_gate_up_exps")
"""Roles whose weights hold every expert: a token reads n_expert_used of them."""

HOST_ROLES = ("token_embd", "per_layer_token_embd", "position_embd", "token_types")
"""The input layer: llama.cpp keeps it in host memory whatever is offloaded."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One weight tensor: `ne` is its shape, row length first; `layer` is -1 outside the repeating layers.

    `role` is the name without `blk.N.` and suffix. `mtp` marks multi-token-prediction layers, which files carry but
    the engine does not load unless told to.
    """

    name: str
    layer: int
    role: str
    ne: tuple[int, ...]
    mtp: bool = False

    @property
    def n_elements(self) -> int:
        """How many weights the tensor holds."""
        return math.prod(self.ne)


@dataclass(frozen=True, slots=True)
class TensorGroup:
    """Tensors of layers that are alike, as the first of `layers` has them; outside the layers that is -1 alone."""

    tensors: tuple[Tensor, ...]
    layers: tuple[int, ...]

    @property
    def mtp(self) -> bool:
        """Whether these are multi-token-prediction layers."""
        return self.tensors[0].mtp

    def of_layer(self, layer: int) -> tuple[Tensor, ...]:
        """The tensors of one of the layers, under its names."""
        first = self.layers[0]
        if layer == first:
            return self.tensors
        old, new = f"blk.{first}.", f"blk.{layer}."
        return tuple(replace(tensor, name=new + tensor.name.removeprefix(old), layer=layer) for tensor in self.tensors)


class TensorList:
    """Collects a model's tensors, layer by layer."""

    def __init__(self) -> None:
        self.items: list[Tensor] = []
        self.layer = -1
        self.mtp = False

    def group(self, layers: tuple[int, ...]) -> TensorGroup:
        """Take what was collected since the last call as the tensors of each of `layers`."""
        taken, self.items = tuple(self.items), []
        return TensorGroup(taken, layers)

    def weight(self, role: str, *ne: int) -> None:
        """Add `<role>.weight` of the current layer."""
        self._add(role, ".weight", ne)

    def bias(self, role: str, *ne: int) -> None:
        """Add `<role>.bias` of the current layer."""
        self._add(role, ".bias", ne)

    def bare(self, role: str, *ne: int) -> None:
        """Add a tensor whose name has no suffix (Mamba's A and D)."""
        self._add(role, "", ne)

    def linear(self, role: str, n_in: int, n_out: int, *, bias: bool = False) -> None:
        """Add a matrix of rows `n_in` long, `n_out` of them, and its bias where there is one."""
        self.weight(role, n_in, n_out)
        if bias:
            self.bias(role, n_out)

    def norm(self, role: str, width: int, *, bias: bool = False) -> None:
        """Add a normalisation's scale, and its shift where there is one."""
        self.weight(role, width)
        if bias:
            self.bias(role, width)

    def _add(self, role: str, suffix: str, ne: tuple[int, ...]) -> None:
        if not all(ne):
            return  # a width of nothing: no such tensor
        prefix = f"blk.{self.layer}." if self.layer >= 0 else ""
        self.items.append(Tensor(f"{prefix}{role}{suffix}", self.layer, role, ne, self.mtp))
