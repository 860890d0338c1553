"""What is loaded beside the model, put together: bytes of projector, draft and adapters, and what they change.

The formulas are in `projector`, `draft` and `lora`; this module adds them up for one request, takes them off the first
device's room as the engine does, and words what was assumed. It places no layers and gives no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.catalog import ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.budget import Budget
from knowledge.estimator.draft import CheckCost, check_draft, draft_bytes, draft_step_s, speculation_of
from knowledge.estimator.engines import Engine
from knowledge.estimator.lora import MAX_LORAS, lora_bytes
from knowledge.estimator.projector import projector_of
from knowledge.estimator.request import Extras, FitRequest, Interval, MemoryParts, Speculation
from knowledge.estimator.weights import weights
from knowledge.said import worded
from knowledge.units import gib_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraParts:
    """Bytes beside the model on the device and on the host, and what must be said of them."""

    projector_bytes: int = 0
    draft_bytes: int = 0
    lora_bytes: int = 0
    host_projector_bytes: int = 0
    said: tuple[str, ...] = ()

    @property
    def device_bytes(self) -> int:
        """All of it that lies on the device."""
        return self.projector_bytes + self.draft_bytes + self.lora_bytes


def extra_parts(request: FitRequest, engine: Engine) -> ExtraParts | None:
    """Size what a request loads beside the model; None where that is nothing. Raises BadInput for what cannot be."""
    extras, shape = request.extras, request.model.shape
    if extras is None or shape is None or extras == Extras():
        return None
    said: list[str] = []
    projector = host_projector = drafting = 0
    if extras.vision:
        flash_attn = request.context.flash_attn
        found = projector_of(request.model, extras.projector_type, flash_attn=flash_attn)
        on_host = extras.projector_on_host and engine.uses_llama_cpp
        projector, host_projector = (0, found.total_bytes) if on_host else (found.total_bytes, 0)
        kind, what = extras.projector_type, found.said
        if on_host:
            said.append(worded("vision_in_ram", "vision projector in {kind} in RAM; {what}", kind=kind, what=what))
        else:
            said.append(worded("vision", "vision projector in {kind}; {what}", kind=kind, what=what))
    if extras.draft is not None:
        model = request.model
        if not engine.can_draft:
            hint = "Ask for llama.cpp, LM Studio or vLLM."
            raise BadInput(f"{engine.name} has no speculative decoding.", subject="draft", hint=hint)
        check_draft(shape, model.name, model.family, extras.draft)
        drafting = draft_bytes(shape, request.quant, model.name, request.context, extras.draft)
    lora = _lora_total(shape, extras, said, request)
    return ExtraParts(
        projector_bytes=projector,
        draft_bytes=drafting,
        lora_bytes=lora,
        host_projector_bytes=host_projector,
        said=tuple(said),
    )


def _lora_total(shape: ModelShape, extras: Extras, said: list[str], request: FitRequest) -> int:
    if len(extras.loras) > MAX_LORAS:
        hint = f"Give at most {MAX_LORAS}."
        raise BadInput(f"{len(extras.loras)} LoRA adapters.", subject="lora", hint=hint)
    total = sum(lora_bytes(shape, ask) for ask in extras.loras)
    if total:
        slower = total / (total + weights(shape, request.quant).read_bytes_per_token)
        text, pct = "LoRA {size} in 16 bits, unmerged: about {pct} % slower", str(max(1, round(100 * slower)))
        said.append(worded("lora", text, size=gib_text(total), pct=pct))
    return total


def with_room_taken(budget: Budget, parts: ExtraParts | None) -> Budget:
    """The budget the layers are planned in: llama.cpp adds the projector to the first device's margin when it fits."""
    if parts is None or budget.on_cpu or not parts.device_bytes:
        return budget
    first = budget.free_bytes[0]
    taken = min(first, parts.device_bytes)
    return replace(budget, free_bytes=(first - taken, *budget.free_bytes[1:]), taken_bytes=taken)


def with_extras(memory: MemoryParts, parts: ExtraParts | None) -> MemoryParts:
    """The memory parts with what is loaded beside the model."""
    if parts is None:
        return memory
    return replace(
        memory,
        projector_bytes=parts.projector_bytes,
        draft_bytes=parts.draft_bytes,
        lora_bytes=parts.lora_bytes,
        host_projector_bytes=parts.host_projector_bytes,
    )


def speculation(
    request: FitRequest, engine: str, backend: str, decode: Interval | None, prefill: Interval | None
) -> Speculation | None:
    """The speed with the request's draft; None without a draft or where a speed it rests on is unknown."""
    draft = request.extras.draft if request.extras is not None else None
    shape = request.model.shape
    if draft is None or shape is None or decode is None or not request.devices:
        return None
    w = weights(shape, request.quant)
    plain = Interval(low=float(decode.low), mid=float(decode.mid), high=float(decode.high))  # NumPy's scalars
    step_s = 1.0 / plain.mid
    device = request.devices[0].device
    draft_s = draft_step_s(shape, w, draft, step_s, device, engine, backend, request.depth)
    if draft_s is None:
        return None
    cost = CheckCost(
        step_s=step_s,
        draft_s=draft_s,
        token_s=1.0 / float(prefill.mid) if prefill is not None else 0.0,
        expert_share=w.read_expert_bytes_per_token / max(1, w.read_bytes_per_token),
        used_share=shape.n_expert_used / shape.n_expert if shape.n_expert else 1.0,
    )
    return speculation_of(draft, plain, cost)


def draft_said(found: Speculation | None, request: FitRequest) -> tuple[str, ...]:
    """What the speed with a draft rests on, in words."""
    draft = request.extras.draft if request.extras is not None else None
    if found is None or draft is None:
        return ()
    own = worded("draft_own_layers", "its own MTP layers (the file must hold them)")
    by = f"{draft.name} {draft.quant}" if draft.shape is not None else own
    a = found.acceptance
    chance = f"{a.mid:.0%}"
    if a.low != a.high:
        chance = worded("draft_range", "{low} to {high} (published ranges)", low=f"{a.low:.0%}", high=f"{a.high:.0%}")
    text = "drafts by {by}, at most {n} a check, {chance} of them kept"
    rests = worded("draft", text, by=by, n=str(draft.n_max), chance=chance)
    if found.speedup.mid < 1:
        rests = worded("draft_slower", "{draft}; it would be slower than without", draft=rests)
    return (rests,)
