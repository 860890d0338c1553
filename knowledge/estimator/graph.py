"""Puts a model's graph together from blocks: a first layer, one of every kind, the last layer, the head.

Layers of one kind need the same room, so a few stand for all. Decides which block comes after which; the blocks are in
`graph_blocks`, those of unusual architectures in `graph_special`, the placing in `graph_alloc`. DeepSeek V4 and
Kimi K3 are laid out by their widest parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from knowledge.catalog import ModelShape
from knowledge.estimator import graph_blocks as blocks
from knowledge.estimator import graph_latent as latent
from knowledge.estimator import graph_recurrent as recurrent
from knowledge.estimator import graph_special as special
from knowledge.estimator import layers
from knowledge.estimator.graph_alloc import Graph, term
from knowledge.estimator.graph_blocks import Builder, Held
from knowledge.estimator.tensors import EXPERT_ROLES
from knowledge.estimator.tensors_traits import traits_of

_PARALLEL = {"command-r", "cohere2", "cohere2moe", "phi2", "falcon", "gptneox"}
"""Attention and feed-forward read the same normalised input and are added together."""

_TWO_NORMS = {"gptneox"}
"""Of those, architectures whose feed-forward has a normalisation of its own, done after attention."""

_RESIDUAL_LAST = {"falcon"}
"""Of those, architectures that add attention to the feed-forward before what both read."""

_NO_PRE_NORM = {"olmo2", "exaone4", "olmo-hybrid"}
"""Normalised after attention and feed-forward only."""

_ALL_ROWS_TO_THE_END = {
    "bailingmoe3",
    "cohere2moe",
    "gemma4",
    "gpt-oss",
    "hy_v3",
    "kimi-k3",
    "nemotron_h",
    "nemotron_h_moe",
    "qwen35",
    "qwen35moe",
    "qwen3next",
    "step35",
}
"""Rows without output are dropped after the last layer, not inside it (the hidden state may feed a draft head)."""

_RESIDUAL_FIRST = {"jamba", "lfm2", "lfm2moe", "mamba"}
"""Sums take the place of the residual, not of what is added to it."""

_SEEN_TWICE = {"gdn", "gdn_fused"}
"""Recurrent mixers whose result is reshaped twice: seen through two views its place cannot be taken."""

_NO_LOGITS = {"gemma-embedding", "llama-embed"}
"""Models that give embeddings though others of their kind have a head."""

_NO_FLASH_ATTENTION = {"grok"}
"""The engine turns it off for these, whatever is asked (llama-context.cpp)."""

_MAX_KINDS = 6

_GUESTS = 3
"""So many layers' experts stand for all that one device computes for others."""

Part = Literal["all", "front", "back"]
"""What a device has: everything, the embeddings with the first layers, or the last layers with the head."""

Left = tuple[str, ...]
"""How the roles begin of weights on the host whose layer is on the device."""

LayerLeft = tuple[int, Left, str]
"""A layer on the device, what of it is on the host, and the mark behind those roles."""

PART = "!"
"""The mark of the layer of which another part is on the host than of those behind it."""

PART_ROLES: Left = ("ffn_gate", "ffn_up", "ffn_down")
"""How all roles begin that such a layer may leave on the host."""


def build_graph(
    shape: ModelShape,
    *,
    flash_attn: bool,
    quantized: bool,
    on_host: bool = False,
    part: Part = "all",
    held: Held = "device",
    cell_types: tuple[str, str] = ("f16", "f16"),
    lefts: Sequence[LayerLeft] = (),
) -> Graph:
    """Build the graph the engine reserves buffers for, or the part of it one of several devices has.

    `lefts` are the layers to take, where they do not all leave the same on the host.
    """
    flash_attn = flash_attn and shape.arch not in _NO_FLASH_ATTENTION
    b = Builder(
        Graph(writes_on_host=held == "host"),
        shape,
        traits_of(shape.arch),
        flash_attn,
        quantized,
        on_host,
        held,
        cell_types,
    )
    half = (shape.n_layer + 1) // 2 if shape.n_layer > 1 else 0
    if part == "front":
        current = special.enter(b)
        for layer in representative_layers(shape, 0, half):
            current = _layer(b, current, layer, last=False)
        b.graph.sink(b.op(shape.n_embd, current), current)
        return b.graph
    start = half if part == "back" else 0
    if not lefts:
        chosen = representative_layers(shape, start, shape.n_layer, followed=held != "device")
        lefts = [(layer, EXPERT_ROLES, "") for layer in chosen]
    current = special.enter_further(b) if part == "back" else special.enter(b)
    for place, (layer, b.left, b.mark) in enumerate(lefts, 1):
        # the first normalisation runs on the device before, its scale on this one
        b.entered = True
        normed = b.input("normed", b.tokens(shape.n_embd)) if part == "back" and place == 1 else -1
        current = _layer(b, current, layer, last=place == len(lefts), normed=normed)
    return _head(b, current)


def build_helper(shape: ModelShape, *, flash_attn: bool, quantized: bool, lefts: Sequence[LayerLeft]) -> Graph:
    """Build the graph of the first of several devices, which has the layers of `lefts` and computes experts in RAM.

    Those of the devices behind it, too: what goes in is copied from there, one layer after the other.
    """
    flash_attn = flash_attn and shape.arch not in _NO_FLASH_ATTENTION
    b = Builder(Graph(), shape, traits_of(shape.arch), flash_attn, quantized, held="experts")
    current = special.enter(b)
    b.entered = True
    for layer, b.left, b.mark in lefts:
        current = _layer(b, current, layer, last=False)
    b.graph.sink(b.op(shape.n_embd, current), current)
    b.left = EXPERT_ROLES
    for _ in range(_GUESTS):
        entry, choice = b.graph.late_input(b.tokens(shape.n_embd)), b.graph.late_input(b.tokens(shape.n_expert))
        out = blocks.routed(b, entry, choice)
        if not layers.n_ff_shared(shape):
            out = b.op(shape.n_embd, out, b.graph.late_input(b.tokens(shape.n_embd)), inplace=True)
            b.graph.sink(b.op(shape.n_embd, out), out)
        b.graph.sink(out)
    return b.graph


def helper_layers(shape: ModelShape, stop: int) -> tuple[LayerLeft, ...]:
    """The layers that stand for those before `stop`, with their experts: more of a kind make no difference.

    None where each layer's graph is its own.
    """
    none: Left = ()
    chosen = representative_layers(shape, 0, min(stop, _all_seen(shape))) if stop else ()
    return () if shape.arch in latent.SPARSE else tuple([(layer, none, "") for layer in chosen])


def all_helper_layers(shape: ModelShape) -> set[tuple[LayerLeft, ...]]:
    """All the choices of layers there are."""
    return {helper_layers(shape, stop) for stop in range(1, shape.n_layer + 1)} - {()}


@lru_cache(maxsize=2048)
def _all_seen(shape: ModelShape) -> int:
    """The layers after which one of every kind has been, and another one."""
    kinds = layer_kinds(shape)
    return min(shape.n_layer, max([kinds.index(kind) for kind in kinds]) + 2)


def parted_layers(shape: ModelShape, first: int, *, part: bool) -> tuple[LayerLeft, ...]:
    """The layers that stand for all where those from `first` on leave their experts on the host.

    With `part` the first of them may leave anything of its feed-forward there. Layers of a kind go by the first of it.
    None where each layer's graph is its own.
    """
    return () if shape.arch in latent.SPARSE else _parted_layers(shape, _settled(shape)[first], part)


def all_parted_layers(shape: ModelShape) -> set[tuple[LayerLeft, ...]]:
    """All the choices of layers there are."""
    firsts = range(1, shape.n_layer)
    return {parted_layers(shape, first, part=part) for first in firsts for part in (False, True)} - {()}


@lru_cache(maxsize=4096)
def _parted_layers(shape: ModelShape, first: int, part: bool) -> tuple[LayerLeft, ...]:
    kinds = layer_kinds(shape)
    twin = [kinds.index(kind) for kind in kinds]
    front = representative_layers(shape, 0, first) if first else ()
    own, *behind = representative_layers(shape, first, shape.n_layer, followed=True)
    whole: list[LayerLeft] = [(twin[layer], (), "") for layer in front]
    return (
        *whole,
        (twin[own], PART_ROLES if part else EXPERT_ROLES, PART),
        *[(twin[layer], EXPERT_ROLES, "") for layer in behind],
    )


@lru_cache(maxsize=2048)
def _settled(shape: ModelShape) -> tuple[int, ...]:
    """For each layer the first like it, with one like its next behind it and layers of every kind before it.

    From there on the graph is the same but for how many layers there are of a kind.
    """
    kinds = layer_kinds(shape)
    found: dict[object, int] = {}
    out: list[int] = []
    for layer in range(shape.n_layer):
        pair = kinds[layer : layer + 2]
        if layer < _all_seen(shape) or layer == shape.n_layer - 1:
            out.append(layer)
        else:
            out.append(found.setdefault(pair, layer))
    return tuple(out)


@lru_cache(maxsize=2048)
def layer_kinds(shape: ModelShape) -> tuple[tuple[object, ...], ...]:
    """What tells a layer's graph from another's; those that add vision features are each of their own kind."""
    mixers, ffns = layers.layer_mixers(shape), layers.layer_ffns(shape)
    out: list[tuple[object, ...]] = []
    known: dict[tuple[object, ...], tuple[object, ...]] = {}  # a model has few kinds: each is one object
    for layer in range(shape.n_layer):
        mixer, sliding = mixers[layer], mixers[layer] == "s"
        heads = (layers.n_head(shape, layer), layers.n_head_kv(shape, layer, sliding=sliding)) if mixer in "fsh" else ()
        width = layers.n_ff(shape, layer) if ffns[layer] == "d" else 0
        stacked = min(layer, blocks.n_deepstack(shape))
        kind = (mixer, ffns[layer], heads, width, layers.holds_kv(shape, layer), stacked)
        out.append(known.setdefault(kind, kind))
    return tuple(out)


def _head(b: Builder, current: int) -> Graph:
    n_embd = b.shape.n_embd
    if b.shape.arch == "gemma3n":
        current = special.gemma3n_fold(b, current)
    if b.shape.arch == "deepseek4":
        current = special.deepseek4_fold(b, current)
    current = b.norm(n_embd, current) if b.traits.output_norm else current
    if b.rows_term == "tokens":
        rows = b.input("output_rows", term("outputs", 4))
        b.rows_term = "outputs"
        current = b.op(n_embd, current, rows)
    if b.traits.head and b.shape.arch not in _NO_LOGITS:
        b.graph.op(b.rows(b.shape.n_vocab), current, kept=True)
    return b.graph


def representative_layers(shape: ModelShape, start: int, stop: int, *, followed: bool = False) -> tuple[int, ...]:
    """Choose of the layers from `start` to `stop` the first, the first of every other kind after it, and the last.

    `followed` adds the layer after each: where weights are copied in, it matters what the one before left.
    """
    if shape.arch in latent.SPARSE:  # each layer's zeros leave a gap when they go, and the next finds more room
        return tuple(range(start, stop))
    kinds_of = layer_kinds(shape)
    first_of: dict[tuple[object, ...], int] = {}
    stacked = range(start, min(stop, blocks.n_deepstack(shape)))
    for layer in range(start + 1, stop):
        first_of.setdefault(kinds_of[layer][:-1], layer)
    kinds = sorted(first_of.values())[:_MAX_KINDS]
    after = [layer + 1 for layer in (start, *kinds) if layer + 1 < stop] if followed else ()
    return tuple(sorted({start, *stacked, *kinds, *after, max(start, stop - 1)}))


def _layer(b: Builder, current: int, layer: int, *, last: bool, normed: int = -1) -> int:
    """Add a layer, and what some architectures add to a layer's result."""
    shape, n_embd = b.shape, b.shape.n_embd
    if shape.arch == "gemma3n":
        return special.gemma3n_layer(b, current, layer, sliding=layers.layer_mixers(shape)[layer] == "s")
    if shape.arch == "deepseek4":
        return special.deepseek4_layer(b, current, layer)
    if special.is_post_norm(shape):
        return special.post_norm_layer(b, current, layer, last=last)
    out = _usual_layer(b, current, layer, last=last, normed=normed)
    if layer < len(b.stacked):
        return b.op(n_embd, out, b.stacked[layer], inplace=True)
    if shape.n_embd_per_layer:
        return b.op(n_embd, out, special.per_layer_input(b, out), inplace=True)
    return out


def _usual_layer(b: Builder, current: int, layer: int, *, last: bool, normed: int) -> int:
    """Add a mixer and a feed-forward, each with its normalisation and added to what it read."""
    if b.shape.arch == "kimi-k3":
        special.weigh_checkpoints(b)
    shape, n_embd = b.shape, b.shape.n_embd
    mixer, ffn = layers.layer_mixers(shape)[layer], layers.layer_ffns(shape)[layer]
    normed = current if shape.arch in _NO_PRE_NORM else b.norm(n_embd, current if normed < 0 else normed)
    if shape.arch in _PARALLEL:
        return _parallel(b, current, normed, layer, last=last)
    out = _side_by_side(b, current, normed, layer) if mixer == "h" else _mixer(b, normed, layer, mixer)
    if out >= 0:
        current, out = _drop_rows(b, current, out, last=last)
        current = _sum(b, out, current, residual_first=mixer == "r" and b.traits.recurrent in _SEEN_TWICE)
        if ffn == ".":
            return current
        if ffn == "e" and shape.arch == "gemma4":
            return _sum(b, special.gemma4_experts(b, current, layer), current)
        normed = current if shape.arch in _NO_PRE_NORM else b.norm(n_embd, current)
    else:
        current, normed = _drop_rows(b, current, normed, last=last)
    return _sum(b, _ffn(b, normed, layer, ffn), current)


def _sum(b: Builder, out: int, residual: int, *, residual_first: bool = False) -> int:
    """Add a block's result to what it read, in the place of the first that nothing else reads."""
    first, second = (residual, out) if residual_first or b.shape.arch in _RESIDUAL_FIRST else (out, residual)
    return b.op(b.shape.n_embd, first, second, inplace=True)


def _drop_rows(b: Builder, current: int, out: int, *, last: bool) -> tuple[int, int]:
    """Keep only the rows whose output is wanted, in the last layer after its mixer."""
    if not last or b.shape.arch in _ALL_ROWS_TO_THE_END:
        return current, out
    rows = b.input("output_rows", term("outputs", 4))
    b.rows_term = "outputs"
    out = b.op(b.shape.n_embd, out, rows)
    return b.op(b.shape.n_embd, current, rows), out


def _parallel(b: Builder, current: int, normed: int, layer: int, *, last: bool) -> int:
    """Attention and feed-forward of the same input: attention is projected when both are added, after the other."""
    shape, n_embd = b.shape, b.shape.n_embd
    sliding = layers.layer_mixers(shape)[layer] == "s"
    out, gate = blocks.attended(b, normed, layer, sliding=sliding)
    rows = b.input("output_rows", term("outputs", 4)) if last and shape.arch not in _ALL_ROWS_TO_THE_END else -1
    entry = b.norm(n_embd, current) if shape.arch in _TWO_NORMS else normed
    if rows >= 0:
        b.rows_term = "outputs"
        entry = b.op(n_embd, entry, rows)
    hidden = _ffn(b, entry, layer, layers.layer_ffns(shape)[layer])
    if shape.arch not in _RESIDUAL_LAST:
        hidden = b.op(n_embd, hidden, b.op(n_embd, current, rows) if rows >= 0 else current, inplace=True)
    b.rows_term = "tokens"
    out = b.op(n_embd, blocks.finished(b, out, normed, gate, layer, sliding=sliding), of="attn_output")
    if rows >= 0:
        b.rows_term = "outputs"
        out = b.op(n_embd, out, rows)
    hidden = b.op(n_embd, hidden, out, inplace=True)
    if shape.arch in _RESIDUAL_LAST:
        hidden = b.op(n_embd, hidden, b.op(n_embd, current, rows) if rows >= 0 else current, inplace=True)
    return hidden


def _mixer(b: Builder, source: int, layer: int, mixer: str) -> int:
    shape = b.shape
    if mixer in "fs":
        return (
            latent.mla(b, source, layer)
            if layers.is_mla(shape)
            else blocks.attention(b, source, layer, sliding=mixer == "s")
        )
    return _recurrent(b, source, layer) if mixer in "rc" else -1


def _side_by_side(b: Builder, current: int, normed: int, layer: int) -> int:
    """Add attention and a Mamba-2 mixer, each on a normalisation of its own; attention is projected after the scan."""
    n_embd = b.shape.n_embd
    out, gate = blocks.attended(b, normed, layer, sliding=False)
    scanned = recurrent.mamba2_scan(b, b.norm(n_embd, current))
    out = b.op(n_embd, blocks.finished(b, out, normed, gate, layer, sliding=False), of="attn_output")
    return b.op(n_embd, out, recurrent.mamba2_output(b, *scanned), inplace=True)


def _recurrent(b: Builder, source: int, layer: int) -> int:
    shape, kind = b.shape, b.traits.recurrent
    if shape.shortconv_l_cache:
        return recurrent.short_convolution(b, source)
    if shape.kda_head_dim:
        return recurrent.kimi_delta(b, source, layer)
    if kind in {"gdn", "gdn_fused"}:
        return recurrent.gated_delta_net(b, source)
    return recurrent.mamba(b, source) if kind == "mamba" or shape.ssm_n_group == 0 else recurrent.mamba2(b, source)


def _ffn(b: Builder, source: int, layer: int, ffn: str) -> int:
    return blocks.experts(b, source) if ffn == "e" else blocks.dense_ffn(b, source, layers.n_ff(b.shape, layer))
