"""Bytes of a model's weights in a file type: by tensor, by layer, on device and host, and what decoding reads.

For llama.cpp's own file types the sum is exact: every tensor's type is chosen as the quantiser does. Other formats
(publishers' mixes, MLX, EXL, Hugging Face) follow the rule of their tool where it is simple and an average where it is
not; `Weights.exact` says which. Reads no files and knows no engine overhead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import sub
from types import MappingProxyType
from typing import NamedTuple

from knowledge.catalog import ModelShape
from knowledge.estimator import layers
from knowledge.estimator.file_types import DEFAULT_TYPE, IK_TYPES, RULED, Recipe, TensorFacts
from knowledge.estimator.mixes import IMATRIX_PREFIX, MIXES, Mix, element_bytes, find_quant
from knowledge.estimator.quant import row_bytes
from knowledge.estimator.tensor_types import SMALL, Typed, TypedGroup, assign, facts_groups
from knowledge.estimator.tensors import EXPERT_ROLES, HOST_ROLES
from knowledge.estimator.tensors_traits import traits_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a model's weights take, in bytes. `device_bytes` holds with every layer offloaded.

    `host_bytes` is the input layer, which stays in host memory. Tied embeddings are in both: once as input table, once
    as output. `total_file_bytes` counts the file's tensors once, MTP layers included. `read_bytes_per_token` is read
    to decode one token: active experts only, of the token table nothing. `output_bytes` is all outside the layers that
    goes with the output. `largest` is the largest tensor of each role in any layer: a device copies it in that computes
    what lies on the host.
    `exact` is False where the format's rule is an average.
    """

    quant: str
    device_bytes: int
    host_bytes: int
    total_file_bytes: int
    per_layer_bytes: tuple[int, ...]
    per_layer_expert_bytes: tuple[int, ...]
    output_bytes: int
    token_embd_bytes: int
    read_bytes_per_token: int
    read_expert_bytes_per_token: int
    largest: Mapping[str, int]
    mtp_bytes: int
    by_type: Mapping[str, int]
    exact: bool


@lru_cache(maxsize=2048)
def _recipe(shape: ModelShape, *, has_imatrix: bool) -> Recipe:
    """Collect what the quantiser's rules ask of the model; its heads per KV head are layer 0's.

    No rule tells more than four heads or experts apart, but for eight experts.
    """
    n_head_kv = shape.n_head_kv_by_layer[0] if shape.n_head_kv_by_layer else _first_layer_heads_kv(shape)
    n_head = layers.n_head(shape, 0)
    has_70b_type = shape.arch in {"llama", "qwen2", "deci", "olmo"} and shape.n_layer == 80
    return Recipe(
        arch=shape.arch if shape.arch in RULED else "",
        n_gqa=min(4, n_head // n_head_kv) if n_head_kv else 0,
        n_expert=shape.n_expert if shape.n_expert == 8 else min(4, shape.n_expert),
        n_layer=shape.n_layer + shape.n_layer_nextn,
        is_70b=has_70b_type and not (shape.arch == "llama" and n_head == n_head_kv),
        tied=shape.tie_embeddings or not traits_of(shape.arch).head,
        has_imatrix=has_imatrix,
    )


def _first_layer_heads_kv(shape: ModelShape) -> int:
    mixer = layers.layer_mixers(shape)[0]
    uniform = shape.arch in {"qwen3next", "qwen35", "qwen35moe", "olmo-hybrid", "falcon-h1"}
    if mixer in "rc." and not uniform:
        return 0
    return layers.n_head_kv(shape, 0, sliding=mixer == "s")


_SMALL_BYTES = 4 * SMALL
"""Bytes up to which a copied tensor is not worth noting: norms and biases."""


class FileSizes(NamedTuple):
    """What of `Weights` tells whether a model fits at all, small enough to be kept for every file type asked about."""

    device_bytes: int
    host_bytes: int
    alone_bytes: int
    """What the CPU alone holds: the file without its MTP layers."""


SizeOf = Callable[[TensorFacts, str], tuple[str, int]]
"""What a tensor of a type is counted under, and its bytes."""


def _plain(fact: TensorFacts, kind: str) -> tuple[str, int]:
    return kind, fact.n_rows * row_bytes(kind, fact.row_len)


def _mixed(shape: ModelShape, mix: Mix) -> tuple[Sequence[TypedGroup], SizeOf]:
    """The tensors and the bytes a mix's average rule gives them."""
    if mix.base is None:
        groups = [TypedGroup(group, [(fact, mix.id) for fact in group.facts], (), {}) for group in facts_groups(shape)]
        return groups, lambda fact, kind: (kind, round(fact.tensor.n_elements * element_bytes(mix, fact.tensor)))
    factor = mix.factor_moe if shape.n_expert else mix.factor
    groups = assign(facts_groups(shape), mix.base, _recipe(shape, has_imatrix=True))
    return groups, lambda fact, kind: (kind, round(_plain(fact, kind)[1] * factor))


@lru_cache(maxsize=16384)
def file_sizes(shape: ModelShape, quant: str) -> FileSizes:
    """The sums of `weights` that searches ask for, of many more models and file types than those are kept of."""
    w = _weights(shape, quant)
    return FileSizes(w.device_bytes, w.host_bytes, w.total_file_bytes - w.mtp_bytes)


@lru_cache(maxsize=1024)
def weights(shape: ModelShape, quant: str) -> Weights:
    """Size the weights of `shape` in `quant`, an id or alias; `i1-` before a file type means made with an imatrix.

    Raises UnknownName with the nearest names.
    """
    return _weights(shape, quant)


@lru_cache(maxsize=64)
def _weights(shape: ModelShape, quant: str) -> Weights:
    """`weights`, kept while one question is answered: of most file types a search asks about nothing but their sums."""
    name, groups, size_of = _sized(shape, quant, together=True)
    exact = size_of is _plain and name.removeprefix(IMATRIX_PREFIX) not in IK_TYPES
    return _Sum(shape, size_of).weights(name, groups, exact=exact)


def _sized(shape: ModelShape, quant: str, *, together: bool = False) -> tuple[str, Sequence[TypedGroup], SizeOf]:
    """The file type's own name, the tensors with their types, and what tells their bytes; small ones `together`."""
    name = find_quant(quant)
    file_type = name.removeprefix(IMATRIX_PREFIX)
    if file_type in DEFAULT_TYPE:
        recipe = _recipe(shape, has_imatrix=name != file_type)
        return name, assign(facts_groups(shape), file_type, recipe, together=together), _plain
    return name, *_mixed(shape, MIXES[name])


FfnRoles = Mapping[str, tuple[int, int]]
"""A feed-forward's tensors by role: bytes of all of a role, and of the largest."""


@lru_cache(maxsize=512)
def ffn_roles(shape: ModelShape, quant: str) -> tuple[FfnRoles, ...]:
    """What each layer's feed-forward is made of; layers that are alike share one mapping."""
    _, groups, size_of = _sized(shape, quant)
    out: list[FfnRoles] = [{}] * shape.n_layer
    for typed in groups:
        if typed.group.layers[0] < 0 or typed.group.mtp:
            continue
        alike = _by_role({}, typed.alike, size_of)
        for layer in typed.group.layers:
            out[layer] = alike
        for together, numbers in typed.varying.items():
            own = _by_role(alike, zip(typed.moving, together, strict=True), size_of)
            for layer in numbers:
                out[layer] = own
    return tuple(out)


def _by_role(alike: FfnRoles, typed: Iterable[Typed], size_of: SizeOf) -> FfnRoles:
    """What is given and, added to it, these tensors, as far as they belong to a feed-forward."""
    out = dict(alike)
    for fact, kind in typed:
        role = fact.tensor.role
        if role.startswith("ffn_"):
            size, (total, largest) = size_of(fact, kind)[1], out.get(role, (0, 0))
            out[role] = total + size, max(largest, size)
    return out


@lru_cache(maxsize=128)
def layer_sums(shape: ModelShape, quant: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bytes of the layers before each layer and of all (length n_layer + 1): experts left out, and experts alone."""
    w = weights(shape, quant)
    experts = tuple(accumulate(w.per_layer_expert_bytes, initial=0))
    whole = accumulate(w.per_layer_bytes, initial=0)
    return tuple(map(sub, whole, experts)), experts


def _shared(sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes, equal ones as one object: a model's layers have a few sizes in all."""
    known: dict[int, int] = {}
    return tuple([known.setdefault(size, size) for size in sizes])


class _Sum:
    """Adds a model's tensors up."""

    def __init__(self, shape: ModelShape, size_of: SizeOf) -> None:
        self.shape = shape
        self.size_of = size_of
        self.layer_bytes, self.expert_bytes = [0] * shape.n_layer, [0] * shape.n_layer
        self.by_type: dict[str, int] = defaultdict(int)
        self.host = self.token_embd = self.mtp = self.read_experts = self.outside = 0
        self.largest: dict[str, int] = {}

    def weights(self, quant: str, groups: Iterable[TypedGroup], *, exact: bool) -> Weights:
        """The sums of all groups."""
        for typed in groups:
            if typed.group.layers[0] < 0:
                self._add_outside(typed)
            else:
                self._add_layers(typed)
        if self.shape.tie_embeddings and traits_of(self.shape.arch).head:
            self.outside += self.token_embd
        device, experts = sum(self.layer_bytes) + self.outside, sum(self.expert_bytes)
        return Weights(
            quant=quant,
            device_bytes=device,
            host_bytes=self.host,
            total_file_bytes=sum(self.by_type.values()),
            per_layer_bytes=_shared(self.layer_bytes),
            per_layer_expert_bytes=_shared(self.expert_bytes),
            output_bytes=self.outside,
            token_embd_bytes=self.token_embd,
            read_bytes_per_token=device - experts + self.read_experts,
            read_expert_bytes_per_token=self.read_experts,
            largest=MappingProxyType(dict(self.largest)),
            mtp_bytes=self.mtp,
            by_type=MappingProxyType(dict(self.by_type)),
            exact=exact,
        )

    def _add_outside(self, typed: TypedGroup) -> None:
        for fact, kind in typed.alike:
            label, size = self.size_of(fact, kind)
            self.by_type[label] += size
            if fact.tensor.role in HOST_ROLES:
                self.host += size
                self.token_embd += size if fact.tensor.role == "token_embd" else 0
            else:
                self.outside += size

    def _add_layers(self, typed: TypedGroup) -> None:
        """Add what the group's layers have alike to each of them, then what they have each for itself."""
        numbers: Sequence[int] = typed.group.layers
        mtp = typed.group.mtp
        size, experts = self._added(typed.alike, len(numbers), mtp=mtp)
        if mtp:
            self.mtp += size * len(numbers)
        else:
            for layer in numbers:
                self.layer_bytes[layer] = size
                self.expert_bytes[layer] = experts
        for together, numbers in typed.varying.items():
            own = zip(typed.moving, together, strict=True)
            size, experts = self._added(own, len(numbers), mtp=mtp)
            if mtp:
                self.mtp += size * len(numbers)
            else:
                for layer in numbers:
                    self.layer_bytes[layer] += size
                    self.expert_bytes[layer] += experts

    def _added(self, typed: Iterable[Typed], times: int, *, mtp: bool) -> tuple[int, int]:
        """Bytes of a layer's tensors and of its experts; noted `times` times where they are counted by type."""
        by_type, largest, size_of = self.by_type, self.largest, self.size_of
        total = experts = 0
        for fact, kind in typed:
            label, size = size_of(fact, kind)
            by_type[label] += size * times
            role = fact.tensor.role
            if size > largest.get(role, _SMALL_BYTES) and role:
                largest[role] = size
            total += size
            if role in EXPERT_ROLES and not mtp:
                experts += size
                self.read_experts += size * self.shape.n_expert_used // max(1, self.shape.n_expert) * times
        return total, experts
