"""Speculative decoding: what a draft takes in memory, and what it makes of the speed, with the assumptions stated.

A small model (or the model's own multi-token-prediction layers) proposes tokens, the model checks them in one batch and
keeps the first that agree. With acceptance a and n drafted tokens a check yields (1 − aⁿ⁺¹)/(1 − a) tokens (Leviathan
et al. 2023, arXiv:2211.17192, eq. 1). Drafting stops at the first token the draft is unsure of (`--draft-p-min`), so
(1 − aⁿ)/(1 − a) are drafted on average. A check reads the weights once, more experts than one token would, and pays a
little for each further token. Acceptance depends on what is written: the figures are published ranges, not
measurements of this pair, and the speed says so. No layers are placed here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.catalog import Device, ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.layers import layer_ffns
from knowledge.estimator.request import ContextParams, DraftAsk, Interval, Speculation
from knowledge.estimator.speed import decode_s, rig_of, speed_inputs
from knowledge.estimator.weights import Weights, weights

MAX_DRAFTED = 64
VOCAB_DIFFERENCE = 128
"""Token tables may differ by this many entries (llama.cpp, SPEC_VOCAB_MAX_SIZE_DIFFERENCE)."""

DRAFT_ACCEPTANCE = Interval(low=0.5, mid=0.7, high=0.9)
"""Leviathan et al. 2023: drafts two orders of magnitude smaller than the model reach 0.5 to 0.9."""
MTP_ACCEPTANCE = Interval(low=0.7, mid=0.8, high=0.9)
"""DeepSeek-V3's report (arXiv:2412.19437, 5.4.3): 0.85 to 0.9 for the first drafted token, 1.8 times the speed; further
ones fare worse: 3.2 tokens a check with seven drafted (model card nebius/MTP-DeepSeek-V3-0324), a chance of 0.7."""

FURTHER_TOKEN = Interval(low=0.12, mid=0.06, high=0.02)
"""What each further token of a check costs, as a share of a step with one token: kernels for a few tokens at once read
weights once but do not hide all their arithmetic. Assumed, with this range; `low` is the slow end."""

MTP_LAYERS = {"qwen3next": 1, "qwen35": 1, "qwen35moe": 1, "glm4moe": 1, "glm-dsa": 1, "deepseek32": 1, "deepseek4": 1}
"""Architectures published with multi-token-prediction layers (`mtp_num_hidden_layers`, `num_nextn_predict_layers`)."""
MTP_FAMILIES = ("deepseek-v3", "deepseek-r1", "deepseek-v3.1", "glm-4.7-flash", "mimo-7b")
"""Models of common architectures that are published with one such layer; matched at the start of the name."""


def mtp_layers(shape: ModelShape, name: str) -> int:
    """How many multi-token-prediction layers a model is published with; 0 where none are known."""
    if shape.n_layer_nextn:
        return shape.n_layer_nextn
    of_name = name.lower().replace(" ", "-").startswith(MTP_FAMILIES) and "distill" not in name.lower()
    return MTP_LAYERS.get(shape.arch, 1 if of_name else 0)


def check_draft(shape: ModelShape, name: str, family: str, ask: DraftAsk) -> None:
    """Refuse a draft that cannot work: another tokenizer, no layers of its own, counts out of range. BadInput."""
    if not 1 <= ask.n_max <= MAX_DRAFTED:
        hint = f"Give 1 to {MAX_DRAFTED}."
        raise BadInput(f"{ask.n_max} drafted tokens a check.", subject="draft_max", hint=hint)
    if ask.acceptance is not None and not 0 <= ask.acceptance <= 1:
        raise BadInput(f"An acceptance of {ask.acceptance:g}.", subject="draft_acceptance", hint="Give 0 to 1.")
    if ask.shape is None:
        if not mtp_layers(shape, name):
            hint = "Name a small model of its family as the draft instead."
            raise BadInput(f"{name} has no multi-token-prediction layers that are known.", subject="mtp", hint=hint)
        return
    ours, theirs = tokenizer_of(shape, family), tokenizer_of(ask.shape, ask.family)
    if abs(shape.n_vocab - ask.shape.n_vocab) > VOCAB_DIFFERENCE or ours != theirs:
        sizes = f"{ask.shape.n_vocab:,} and {shape.n_vocab:,} tokens"
        hint = "Take a draft of the same family: both must cut text into the same tokens."
        raise BadInput(f"{ask.name} has another tokenizer than {name} ({sizes}).", subject="draft", hint=hint)


def tokenizer_of(shape: ModelShape, family: str) -> str:
    """Tell tokenizers of the same size apart: of the many with 32k entries, Mistral's are not Llama's."""
    if shape.n_vocab >= 40_000:
        return ""
    mistral = ("mistral", "mixtral", "mathstral", "codestral", "zephyr", "openchat", "starling", "solar")
    return "mistral" if family.lower().startswith(mistral) else "llama"


@lru_cache(maxsize=2048)
def draft_bytes(shape: ModelShape, quant: str, name: str, context: ContextParams, ask: DraftAsk) -> int:
    """Bytes a draft takes on the device: its weights, its cache (16 bits, as long as the model's) and its buffer.

    The model's own recurrent state is kept once more for every drafted token, to be gone back to (llama.cpp logs it
    as `rs_seq`).
    """
    own = replace(context, type_k="f16", type_v="f16", flash_attn=True)
    if ask.shape is None:
        n_layer = mtp_layers(shape, name)
        size = weights(replace(shape, n_layer_nextn=n_layer), quant).mtp_bytes
        drafting, n_caches = _one_layer(shape), n_layer
    else:
        size, drafting, n_caches = weights(ask.shape, ask.quant).device_bytes, ask.shape, 1
    cache = kv_cache(drafting, own)
    kept = kv_cache(shape, context).recurrent_bytes * ask.n_max
    buffer = compute_buffer(drafting, own).device_bytes
    return size + n_caches * cache.kv_bytes + cache.recurrent_bytes + buffer + kept


def _one_layer(shape: ModelShape) -> ModelShape:
    """One full-attention layer of a model, which is what a multi-token-prediction layer is."""
    return replace(
        shape,
        n_layer=1,
        mixers="f",
        ffns="e" if layer_ffns(shape)[-1] == "e" else "d",
        n_head_by_layer=shape.n_head_by_layer[-1:],
        n_head_kv_by_layer=tuple(n for n in shape.n_head_kv_by_layer if n)[-1:],
        n_ff_by_layer=shape.n_ff_by_layer[-1:],
        n_layer_dense_lead=0,
        n_layer_kv_shared=0,
        n_layer_nextn=0,
        n_layer_hash=0,
        compress_ratios=shape.compress_ratios[-1:],
        indexers="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCost:
    """Seconds: `step_s` of a plain step, `draft_s` of a drafted token, `token_s` of a further one at full arithmetic.

    `expert_share` is the share of a step's bytes that are experts', `used_share` the experts one token uses.
    """

    step_s: float
    draft_s: float
    token_s: float
    expert_share: float = 0.0
    used_share: float = 1.0


def tokens_per_check(acceptance: float, n_max: int) -> float:
    """Tokens a check yields on average, its own one included."""
    return _geometric(acceptance, n_max + 1)


def drafted_per_check(acceptance: float, n_max: int) -> float:
    """Tokens drafted before each check on average, where drafting stops at the first unsure one."""
    return _geometric(acceptance, n_max)


def _geometric(ratio: float, count: int) -> float:
    return float(count) if ratio >= 1.0 else (1.0 - math.pow(ratio, count)) / (1.0 - ratio)


def check_s(cost: CheckCost, n_tokens: float, further: float) -> float:
    """Seconds the model takes to check `n_tokens` at once; `further` is each further token's share of a step."""
    touched = (1.0 - math.pow(1.0 - cost.used_share, n_tokens)) / cost.used_share
    growth = 1.0 + cost.expert_share * (touched - 1.0)
    return cost.step_s * growth + (n_tokens - 1.0) * max(further * cost.step_s, cost.token_s)


def speedup(cost: CheckCost, acceptance: float, n_max: int, further: float) -> float:
    """How many times faster than plain decoding; below 1 where drafting costs more than it gives."""
    drafted = drafted_per_check(acceptance, n_max)
    seconds = drafted * cost.draft_s + check_s(cost, drafted + 1.0, further)
    return tokens_per_check(acceptance, n_max) * cost.step_s / seconds


def speculation_of(ask: DraftAsk, plain: Interval, cost: CheckCost) -> Speculation:
    """Speed with a draft: the plain interval times the gain at low, middle and high acceptance."""
    a = MTP_ACCEPTANCE if ask.shape is None else DRAFT_ACCEPTANCE
    if ask.acceptance is not None:
        a = Interval(low=ask.acceptance, mid=ask.acceptance, high=ask.acceptance)
    gains = sorted(
        speedup(cost, chance, ask.n_max, further)
        for chance, further in ((a.low, FURTHER_TOKEN.low), (a.mid, FURTHER_TOKEN.mid), (a.high, FURTHER_TOKEN.high))
    )
    gain = Interval(low=gains[0], mid=gains[1], high=gains[2])
    speed = Interval(low=plain.low * gain.low, mid=plain.mid * gain.mid, high=plain.high * gain.high)
    yielded = tokens_per_check(a.mid, ask.n_max)
    return Speculation(decode_tok_s=speed, speedup=gain, tokens_per_check=yielded, acceptance=a, n_max=ask.n_max)


def draft_step_s(
    shape: ModelShape, w: Weights, ask: DraftAsk, step_s: float, device: Device, engine: str, backend: str, depth: int
) -> float | None:
    """Seconds the draft takes for one token on a device; None where the device's bandwidth is unknown.

    A multi-token-prediction layer takes one layer's share of a plain step, and the output head's.
    """
    if ask.shape is None:
        in_layers = w.read_bytes_per_token - w.output_bytes
        read = in_layers / shape.n_layer + w.output_bytes
        return step_s * min(1.0, read / max(1, w.read_bytes_per_token))
    if rig_of(device, engine=engine, backend=backend) is None:
        return None
    own = weights(ask.shape, ask.quant)
    inputs = speed_inputs(
        ask.shape, own, device, engine=engine, backend=backend, depth=min(depth, ask.shape.n_ctx_train)
    )
    return float(decode_s(inputs))
