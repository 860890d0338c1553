"""`batch`: one JSON question a line in, one JSON answer a line out, same id, same order, errors as data.

The protocol is the stable contract of docs/commands.md. This module maps it to `Answers`; it holds no rules of its own.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from knowledge.answers import Answers, HardwareAsk
from knowledge.cli.views import answer_json, asked_json, question_json
from knowledge.errors import BadInput, KnowledgeError
from knowledge.estimator.request import ContextParams

logger = logging.getLogger(__name__)

MAX_LINE_BYTES = 32 * 1024 * 1024
MAX_HARDWARE = 16

Json = dict[str, Any]


def run_batch(answers: Answers, lines: Iterable[str]) -> Iterator[str]:
    """One answer line for each non-empty line. Never raises for a bad line: the error is the answer."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer_line(answers, line), allow_nan=False)


def answer_line(answers: Answers, line: str) -> Json:
    """The answer to one line of the protocol."""
    id_: object = None
    try:
        data = _object(line)
        id_ = data.get("id")
        return {"id": id_, "ok": True, **_handler(data)(answers, data)}
    except KnowledgeError as error:
        return {"id": id_, "ok": False, "error": error_json(error)}
    except Exception:  # a fault of ours is one line's answer, never the end of the batch
        logger.exception("a line could not be answered")
        return {
            "id": id_,
            "ok": False,
            "error": {"code": "internal", "message": "This is a fault of ours.", "hint": ""},
        }


def _handler(data: Json) -> Callable[[Answers, Json], Json]:
    op = data.get("op")
    handler = OPS.get(op) if isinstance(op, str) else None
    if handler is None:
        raise BadInput(f"There is no op {json.dumps(op)[:40]}.", subject="op", hint=f"One of {', '.join(OPS)}.")
    return handler


def error_json(error: KnowledgeError) -> Json:
    """An error as data."""
    return {
        "code": error.code,
        "message": error.message,
        "subject": error.subject,
        "hint": error.hint,
        "choices": list(error.choices),
    }


def _object(line: str) -> Json:
    if len(line) > MAX_LINE_BYTES:
        raise BadInput("The line is too long.", subject="line", hint=f"At most {MAX_LINE_BYTES:,} characters.")
    try:
        data = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput("The line is not JSON.", subject="line", hint=str(error)[:120]) from None
    if not isinstance(data, dict):
        raise BadInput("The line is not a JSON object.", subject="line", hint='Write {"id": …, "op": …, …}.')
    return data


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise BadInput(f"'{name}' must be a text.", subject=name, hint=f'Write "{name}": "…".')
    return value


def _number(data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"'{name}' must be a number.", subject=name, hint=f'Write "{name}": 8.')
    return float(value)


def _integer(data: Mapping[str, Any], name: str) -> int | None:
    value = _number(data, name)
    if value is None:
        return None
    if value != int(value):
        raise BadInput(f"'{name}' must be a whole number.", subject=name, hint=f'Write "{name}": 8.')
    return int(value)


def _flag(data: Mapping[str, Any], name: str, default: bool) -> bool:
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
        memory = _number(entry, "memory_gib") or _number(entry, "vram_gib") or _number(entry, "vram")
        count = _integer(entry, "count")
        asks.append(HardwareAsk(name=name, count=1 if count is None else count, memory_gib=memory))
    return tuple(asks)


def context_params(data: Mapping[str, Any]) -> ContextParams | None:
    """The context settings a line gives; None where it gives no context at all (the engine's default then holds)."""
    keys = ("n_ctx", "type_k", "type_v", "flash_attn", "n_batch", "n_ubatch", "n_parallel", "kv_unified", "n_outputs")
    if not any(data.get(key) is not None for key in keys):
        return None
    n_parallel = _integer(data, "n_parallel")
    n_ubatch = _integer(data, "n_ubatch")
    n_batch = _integer(data, "n_batch")
    n_ctx = _integer(data, "n_ctx")
    type_k = data.get("type_k") or "f16"
    return ContextParams(
        n_ctx=8192 if n_ctx is None else n_ctx,
        type_k=str(type_k).lower(),
        type_v=str(data.get("type_v") or "f16").lower(),
        flash_attn=_flag(data, "flash_attn", True),
        n_batch=2048 if n_batch is None else n_batch,
        n_ubatch=512 if n_ubatch is None else n_ubatch,
        n_parallel=1 if n_parallel is None else n_parallel,
        kv_unified=_flag(data, "kv_unified", False),
        n_outputs=_integer(data, "n_outputs"),
    )


def _estimate(answers: Answers, data: Json) -> Json:
    model = data.get("model") if data.get("shape") is None else data["shape"]
    if not isinstance(model, str | dict):
        raise BadInput(
            "Give a model by name, or its shape.",
            subject="model",
            hint='"model": "qwen3-8b" or "shape": {"n_layer": …}',
        )
    n_prompt = _integer(data, "n_prompt")
    request = answers.request(
        model=model,
        hardware=hardware_asks(data.get("hardware")),
        quant=str(data.get("quant") or ""),
        ram_gib=_number(data, "ram_gib"),
        context=context_params(data),
        engine=str(data.get("engine") or ""),
        backend=data.get("backend") if isinstance(data.get("backend"), str) else None,
        n_prompt=512 if n_prompt is None else n_prompt,
        depth=_integer(data, "depth") or 0,
        n_gpu_layers=_integer(data, "n_gpu_layers"),
        n_cpu_moe=_integer(data, "n_cpu_moe"),
        measured_tok_s=_number(data, "measured_tok_s"),
    )
    return answer_json(answers.estimate(request))


def _parse(answers: Answers, data: Json) -> Json:
    return question_json(answers.parse(_text(data, "text")))


def _resolve(answers: Answers, data: Json) -> Json:
    kind = data.get("kind")
    if kind not in ("model", "hardware", "quant"):
        raise BadInput("'kind' says what the name is of.", subject="kind", hint="One of model, hardware, quant.")
    found = answers.resolve(kind, _text(data, "text"))
    return {"ids": list(found.ids), "score": round(found.score, 4), "certain": found.certain}


def _define(answers: Answers, data: Json) -> Json:
    return {"terms": [{"id": hit.id, "score": round(hit.score, 4)} for hit in answers.term_hits(_text(data, "text"))]}


def _diagnose(answers: Answers, data: Json) -> Json:
    hits = answers.error_hits(_text(data, "text"))
    return {
        "errors": [{"id": hit.id, "confidence": round(hit.confidence, 4), "matched": hit.matched[:200]} for hit in hits]
    }


def _ask(answers: Answers, data: Json) -> Json:
    return asked_json(answers.ask(_text(data, "text")))


OPS: dict[str, Callable[[Answers, Json], Json]] = {
    "estimate": _estimate,
    "parse": _parse,
    "resolve": _resolve,
    "define": _define,
    "diagnose": _diagnose,
    "ask": _ask,
}
