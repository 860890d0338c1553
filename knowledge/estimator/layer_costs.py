"""What the layers of a model take, as running sums, and the buffers a placement may need: what `offload` plans with.

Buffers of graphs other than the whole model's are worked out when a placement first asks for them. No device is known
here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import add
from typing import Literal

from knowledge.catalog import ModelShape
from knowledge.estimator.buffers import compute_buffer, front_buffer, pipelined_buffers, rest_buffer
from knowledge.estimator.copied import copied_buffer, helper_buffer, parted_buffer
from knowledge.estimator.graph import PART, helper_layers, parted_layers
from knowledge.estimator.graph_blocks import ON_CPU
from knowledge.estimator.kv_cache import cache_sums
from knowledge.estimator.request import ContextParams
from knowledge.estimator.tensors import EXPERT_ROLES
from knowledge.estimator.weights import Weights, ffn_roles, layer_sums, weights

Fraction = Literal["attn", "up", "gate", "moe"]
"""How much of a layer a device holds that holds it in part: all but its feed-forward, with its up matrices, with the
gates and the routing too, all but its routed experts."""

_LEFT_OUT = {"attn": ("ffn_gate", "ffn_up", "ffn_down"), "up": ("ffn_gate", "ffn_down"), "gate": ("ffn_down",)}
"""How the names of the tensors begin that such a device leaves out (`get_overflow_pattern`, common/fit.cpp)."""


@dataclass(frozen=True, slots=True)
class LayerBytes:
    """What the layers take, as running sums over the layer index (length n_layer + 1, first entry 0), and the rest.

    `cpu_output` is embedding and output together when nothing leaves the host (tied weights are held once there).
    `compute_device` is the buffer of the device with the output head, `compute_headless` of one without it,
    `compute_pipelined` of the first and of each further one when several hold the whole model and work on
    micro-batches in turn.
    While something stays on the host the first device computes it, too: `compute_lent` is its buffer with copies of
    whole layers, `compute_experts` with those of experts alone, and `compute_rest` that of a device behind it. The
    three are with the output head or without; `compute_front` is the first device's where nothing stays on the host but
    devices do not work in turn. Buffers of another graph are only worked out when asked. `least_copy` is what no buffer
    with copies is below. `left_out` tells what a device leaves out of a layer of which it holds a fraction.
    """

    dense: tuple[int, ...]
    experts: tuple[int, ...]
    kv_cache: tuple[int, ...]
    recurrent: tuple[int, ...]
    output: int
    token_embd_host: int
    cpu_output: int
    compute_device: int
    compute_headless: Callable[[], int]
    compute_rest: Callable[[bool], int]
    compute_lent: Callable[[bool], int]
    compute_experts: Callable[[bool], int]
    compute_parted: Callable[[int, Fraction], int]
    compute_helper: Callable[[int, int], int]
    compute_front: Callable[[], int]
    compute_pipelined: tuple[int, int]
    compute_host: int
    compute_cpu: int
    least_copy: int
    left_out: Callable[[Fraction, int], int]
    n_layer: int = field(init=False)
    light: tuple[int, ...] = field(init=False, repr=False)
    held: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Add up what searches ask for together, hundreds of times an answer."""
        state = tuple(map(add, self.kv_cache, self.recurrent)) if self.recurrent[-1] else self.kv_cache
        light = tuple(map(add, self.dense, state))
        object.__setattr__(self, "n_layer", len(self.dense) - 1)
        object.__setattr__(self, "light", light)
        object.__setattr__(self, "held", tuple(map(add, light, self.experts)) if self.experts[-1] else light)

    def with_cache(self, kv_cache: tuple[int, ...], recurrent: tuple[int, ...]) -> LayerBytes:
        """The same with another cache, and buffers as they were."""
        return LayerBytes(
            self.dense,
            self.experts,
            kv_cache,
            recurrent,
            self.output,
            self.token_embd_host,
            self.cpu_output,
            self.compute_device,
            self.compute_headless,
            self.compute_rest,
            self.compute_lent,
            self.compute_experts,
            self.compute_parted,
            self.compute_helper,
            self.compute_front,
            self.compute_pipelined,
            self.compute_host,
            self.compute_cpu,
            self.least_copy,
            self.left_out,
        )


class _Later:
    """Compute buffers of other graphs than the whole model's, worked out when first asked and kept."""

    __slots__ = ("_known", "_parted", "context", "quant", "shape")

    def __init__(self, shape: ModelShape, quant: str, context: ContextParams) -> None:
        self.shape = shape
        self.quant = quant
        self.context = context
        self._known: dict[tuple[str, bool], int] = {}
        self._parted: dict[object, int] = {}

    def headless(self) -> int:
        """The buffer of a device without the output head."""
        return compute_buffer(self.shape, replace(self.context, n_outputs=0)).device_bytes

    def rest(self, head: bool) -> int:
        """The buffer of a device behind the first while something stays on the host."""
        return self._once("rest", head)

    def lent(self, head: bool) -> int:
        """The buffer of the first device, which computes the layers on the host."""
        return self._once("host", head)

    def experts(self, head: bool) -> int:
        """The buffer of the first device where only experts stay on the host."""
        return self._once("experts", head)

    def front(self) -> int:
        """The buffer of the first device where nothing is on the host and nothing is worked on in turn."""
        return front_buffer(self.shape, self.context)

    def left_out(self, fraction: Fraction, layer: int) -> int:
        """Bytes of a layer's tensors that a device leaves out which holds a fraction of it."""
        if fraction == "moe":
            return weights(self.shape, self.quant).per_layer_expert_bytes[layer]
        roles = ffn_roles(self.shape, self.quant)[layer]
        return sum([total for role, (total, _) in roles.items() if role.startswith(_LEFT_OUT[fraction])])

    def parted(self, first: int, fraction: Fraction) -> int:
        """The buffer of a device with every layer that leaves experts on the host from layer `first` on."""
        shape, part = self.shape, fraction != "moe"
        *_, with_first, behind = _copied_from(shape, self.quant)[: first + 2]
        lefts = parted_layers(shape, first, part=part)
        if not lefts:  # for want of a graph for each `first` all layers leave their experts there
            copied = with_first
        elif part:
            left, own = _LEFT_OUT[fraction], ffn_roles(shape, self.quant)[first]
            copied = behind | {role + PART: size for role, (_, size) in own.items() if role.startswith(left)}
        else:  # where it is smaller than those behind what comes out is the same, and mostly known
            copied = behind | {role + PART: size for role, size in with_first.items()}
        key = (lefts, tuple(copied.items()))
        found = self._parted.get(key)
        if found is None:
            found = self._parted[key] = parted_buffer(shape, copied, self.context, lefts)
        return found

    def helper(self, stop: int, first: int) -> int:
        """The buffer of the first of several devices with the layers before `stop`; experts from `first` on in RAM."""
        lefts, copied = helper_layers(self.shape, stop), _copied_from(self.shape, self.quant)[first]
        own = first < stop or (stop and not lefts)  # its own layers' experts are computed as the others' then
        key = ("own" if own else "", lefts, tuple(copied.items()))
        found = self._parted.get(key)
        if found is None:
            context = replace(self.context, n_outputs=0)
            if own:
                found = copied_buffer(self.shape, copied, context, "experts")
            else:
                found = helper_buffer(self.shape, copied, context, lefts)
            self._parted[key] = found
        return found

    def _once(self, which: Literal["rest", "host", "experts"], head: bool) -> int:
        found = self._known.get((which, head))
        if found is None:
            context = self.context if head else replace(self.context, n_outputs=0)
            if which == "rest":
                found = rest_buffer(self.shape, context)
            else:
                found = copied_buffer(self.shape, weights(self.shape, self.quant).largest, context, which)
            self._known[which, head] = found
        return found


@lru_cache(maxsize=512)
def _copied_from(shape: ModelShape, quant: str) -> tuple[dict[str, int], ...]:
    """The largest expert tensor of each role in the layers from each one on; none behind the last. Read only."""
    largest: dict[str, int] = {}
    out = [largest]
    for of in reversed(ffn_roles(shape, quant)):
        seen = {role: max(largest.get(role, 0), of[role][1]) for role in EXPERT_ROLES if role in of}
        if any(largest.get(role) != size for role, size in seen.items()):
            largest = largest | seen
        out.append(largest)
    return tuple(reversed(out))


def copied_back(shape: ModelShape, w: Weights) -> int:
    """Bytes of the weights of one layer that the host copies from the device, as it must multiply with them itself."""
    return max([w.largest.get(role, 0) for role in ON_CPU.get(shape.arch, ())], default=0)


def layer_bytes(
    shape: ModelShape, quant: str, context: ContextParams, *, n_devices: int = 1, on_cpu: bool = False
) -> LayerBytes:
    """Everything `plan` needs about a model, a file type and a context; the same for any number of devices above one.

    Buffers of several devices and of the CPU alone are only worked out where they are asked for: each is a graph of
    its own the first time a shape is seen.
    """
    return _layer_bytes(shape, quant, context, n_devices > 1, on_cpu)


@lru_cache(maxsize=256)
def _layer_bytes(shape: ModelShape, quant: str, context: ContextParams, several: bool, on_cpu: bool) -> LayerBytes:
    w = weights(shape, quant)
    dense, experts = layer_sums(shape, quant)
    kv, recurrent = cache_sums(shape, context)
    one = compute_buffer(shape, context)
    pipelined = pipelined_buffers(shape, context) if several else (one.device_bytes, one.device_bytes)
    alone = compute_buffer(shape, context, all_layers_on_device=False).host_bytes if on_cpu else 0
    in_layers = dense[-1] + experts[-1]
    copied = set(EXPERT_ROLES) - ON_CPU.get(shape.arch, set())
    later = _Later(shape, quant, context)
    return LayerBytes(
        dense=dense,
        experts=experts,
        kv_cache=kv,
        recurrent=recurrent,
        output=w.device_bytes - in_layers,
        token_embd_host=w.host_bytes,
        cpu_output=w.total_file_bytes - w.mtp_bytes - in_layers,
        compute_device=one.device_bytes,
        compute_headless=later.headless,
        compute_rest=later.rest,
        compute_lent=later.lent,
        compute_experts=later.experts,
        compute_parted=later.parted,
        compute_helper=later.helper,
        compute_front=later.front,
        compute_pipelined=pipelined,
        compute_host=one.host_bytes + copied_back(shape, w),
        compute_cpu=alone,
        least_copy=max([size for role, size in w.largest.items() if role in copied], default=0),
        left_out=later.left_out,
    )
