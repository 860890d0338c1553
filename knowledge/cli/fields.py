"""The fields of one line of the batch protocol: read, typed and checked, each fault a BadInput that names the field.

What the fields mean is the answers' business; nothing is resolved or computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from knowledge.answers import HardwareAsk
from knowledge.beside import Beside
from knowledge.errors import BadInput
from knowledge.estimator.request import ContextParams
from knowledge.measured import Measured

Fields: TypeAlias = Mapping[str, Any]
MAX_HARDWARE = 16
MAX_NUMBER = 1e18
"""No field means a larger one; NaN is none at all."""
MAX_GIB = 1024 * 1024
"""More memory than this in one machine is a slip of the hand."""


def text(data: Fields, name: str) -> str:
    """A field that must be a text. Raises BadInput."""
    value = data.get(name)
    if not isinstance(value, str):
        raise BadInput(f"'{name}' must be a text.", subject=name, hint=f'Write "{name}": "…".')
    return value


def number(data: Fields, name: str) -> float | None:
    """A finite number, None where the field is absent. Raises BadInput."""
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
        raise BadInput(f"'{name}' must be a number.", subject=name, hint=f'Write "{name}": 8.')
    return float(value)


def gib(data: Fields, name: str) -> float | None:
    """An amount of memory in GiB, None where the field is absent. Raises BadInput with the valid range."""
    value = number(data, name)
    if value is not None and not 0 < value <= MAX_GIB:
        raise BadInput(f"'{name}' of {value:g} GiB.", subject=name, hint=f"Give more than 0 and at most {MAX_GIB:,}.")
    return value


def integer(data: Fields, name: str) -> int | None:
    """A whole number, None where the field is absent. Raises BadInput."""
    if data.get(name) is None:
        return None
    value = number(data, name)
    if value is None:
        return None
    if value != int(value):
        raise BadInput(f"'{name}' must be a whole number.", subject=name, hint=f'Write "{name}": 8.')
    return int(value)


def flag(data: Fields, name: str, *, default: bool = False) -> bool:
    """True or false, `default` where the field is absent. Raises BadInput."""
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise BadInput(f"'{name}' must be true or false.", subject=name, hint=f'Write "{name}": true.')
    return value


def hardware_asks(value: object) -> tuple[HardwareAsk, ...]:
    """The protocol's hardware list: names, or objects with name (or id), count and memory_gib."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_HARDWARE:
        raise BadInput(
            f"{len(items)} kinds of hardware in one question.", subject="hardware", hint=f"At most {MAX_HARDWARE}."
        )
    asks: list[HardwareAsk] = []
    for item in items:
        entry = {"name": item} if isinstance(item, str) else item
        if not isinstance(entry, dict):
            raise BadInput(
                "Hardware is a name or an object with a name.",
                subject="hardware",
                hint='{"name": "RTX 3060 12GB", "count": 1}',
            )
        name = entry.get("id") or entry.get("name")
        if not isinstance(name, str) or not name.strip():
            raise BadInput("Hardware needs a name.", subject="hardware", hint='{"name": "RTX 3060 12GB", "count": 1}')
        memory = gib(entry, "memory_gib") or gib(entry, "vram_gib") or gib(entry, "vram")
        count = integer(entry, "count")
        asks.append(HardwareAsk(name=name, count=1 if count is None else count, memory_gib=memory))
    return tuple(asks)


def context_params(data: Fields) -> ContextParams | None:
    """The context settings a line gives; None where it gives no context at all (the engine's default then holds)."""
    keys = ("n_ctx", "type_k", "type_v", "flash_attn", "n_batch", "n_ubatch", "n_parallel", "kv_unified", "n_outputs")
    if not any(data.get(key) is not None for key in keys):
        return None
    n_parallel = integer(data, "n_parallel")
    n_ubatch = integer(data, "n_ubatch")
    n_batch = integer(data, "n_batch")
    n_ctx = integer(data, "n_ctx")
    type_k = data.get("type_k") or "f16"
    return ContextParams(
        n_ctx=8192 if n_ctx is None else n_ctx,
        type_k=str(type_k).lower(),
        type_v=str(data.get("type_v") or "f16").lower(),
        flash_attn=flag(data, "flash_attn", default=True),
        n_batch=2048 if n_batch is None else n_batch,
        n_ubatch=512 if n_ubatch is None else n_ubatch,
        n_parallel=1 if n_parallel is None else n_parallel,
        kv_unified=flag(data, "kv_unified"),
        n_outputs=integer(data, "n_outputs"),
    )


def word(data: Fields, *names: str) -> str:
    """The first of these fields that is there, as a text; empty where none is. Raises BadInput for anything else."""
    for name in names:
        if data.get(name) is not None:
            return text(data, name)
    return ""


def measured(data: Fields) -> Measured | None:
    """`measured_with`: {"model", "tok_s", "quant", "n_ctx", "depth"} measured on this machine with another model."""
    item = data.get("measured_with")
    if item is None:
        return None
    if not isinstance(item, dict):
        hint = 'Write "measured_with": {"model": "qwen3-8b", "quant": "Q4_K_M", "tok_s": 62}.'
        raise BadInput("'measured_with' must be an object.", subject="measured_with", hint=hint)
    tok_s = number(item, "tok_s")
    return Measured(
        model=text(item, "model"),
        quant=word(item, "quant"),
        tok_s=0.0 if tok_s is None else tok_s,
        n_ctx=integer(item, "n_ctx"),
        depth=integer(item, "depth") or 0,
    )


_BESIDE = frozenset(
    {
        "mmproj",
        "vision",
        "mmproj_type",
        "mmproj_offload",
        "mtp",
        "draft",
        "draft_model",
        "draft_quant",
        "draft_max",
        "draft_acceptance",
        "lora",
    }
)
"""The fields that say it."""


def beside(data: Fields) -> Beside:
    """What a line loads beside the model: `mmproj` or `vision`, `draft`, `mtp`, `lora`, each with its settings."""
    if _BESIDE.isdisjoint(data):
        return Beside()
    draft = "mtp" if flag(data, "mtp") else word(data, "draft", "draft_model")
    return Beside(
        vision=flag(data, "mmproj") or flag(data, "vision"),
        projector_type=word(data, "mmproj_type") or "f16",
        projector_on_host=not flag(data, "mmproj_offload", default=True),
        draft=draft,
        draft_quant=word(data, "draft_quant") or "Q8_0",
        draft_max=integer(data, "draft_max"),
        draft_acceptance=number(data, "draft_acceptance"),
        lora=_loras(data.get("lora")),
    )


def _loras(value: object) -> tuple[str, ...]:
    """Adapters: one or a list, each a rank, a text ("16:q,v", "160MB") or {"rank", "targets"} or {"bytes"}."""
    if value is None:
        return ()
    return tuple(_lora(item) for item in (value if isinstance(value, list) else [value]))


def _lora(item: object) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    if isinstance(item, dict):
        size = integer(item, "bytes")
        if size is not None:
            return f"{size / 10**6}mb"
        targets = item.get("targets")
        named = ",".join(str(target) for target in targets) if isinstance(targets, list) else ""
        return f"{integer(item, 'rank')}:{named}" if named else str(integer(item, "rank"))
    raise BadInput("A LoRA adapter is a rank, a text or an object.", subject="lora", hint='Write "lora": "16:q,v".')
