"""`batch`: one JSON question a line in, one JSON answer a line out, same id, same order, errors as data.

The protocol is the stable contract of docs/batch.md. This module maps it to `Answers`; it holds no rules of its own.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from knowledge.answers import Answers
from knowledge.beside import with_beside
from knowledge.cli import fields
from knowledge.cli.views import answer_json, asked_json, cost_json, page_json, question_json
from knowledge.cloud_prices import CloudPrice, load_prices
from knowledge.costs import CostAsk, cost_answer
from knowledge.errors import BadInput, KnowledgeError
from knowledge.estimator.advice import estimate_brief
from knowledge.estimator.contrast import why_differs
from knowledge.estimator.cost import INPUTS_PER_OUTPUT
from knowledge.estimator.engines import ENGINES
from knowledge.estimator.request import FitAnswer, FitRequest
from knowledge.guides import Guides
from knowledge.measured import with_measured, with_threads
from knowledge.question.text import clean

logger = logging.getLogger(__name__)

MAX_LINE_BYTES = 32 * 1024 * 1024

Json = dict[str, Any]
INTERNAL: Json = {"code": "internal", "message": "This is a fault of ours.", "hint": ""}


def run_batch(answers: Answers, lines: Iterable[str]) -> Iterator[str]:
    """One answer line for each non-empty line. Never raises for a bad line: the error is the answer."""
    for line in lines:
        if line.strip():
            yield _dumped(answer_line(answers, line))


COLLECT_EVERY = 1000
"""Lines between two rounds of the collector: every round goes over what answers are remembered by, for milliseconds."""


def run_alone(answers: Answers, lines: Iterable[str]) -> Iterator[str]:
    """`run_batch` in a process of its own: the collector runs between lines, never within an answer.

    What was loaded is left to itself; answers make next to no cycles.
    """
    gc.freeze()
    gc.disable()
    try:
        for number, answer in enumerate(run_batch(answers, lines), 1):
            yield answer
            if number % COLLECT_EVERY == 0:
                gc.collect(1)
    finally:
        gc.enable()
        gc.unfreeze()


_decoded = json.JSONDecoder(strict=False).decode
_encoded = json.JSONEncoder(allow_nan=False).encode
"""Made once: `json.loads` and `json.dumps` make one for each line they are given settings for."""


def _dumped(answer: Json) -> str:
    try:
        return _encoded(answer)
    except (ValueError, RecursionError):  # an id no JSON can hold, or a figure of ours that is none
        logger.exception("an answer could not be written")
        return json.dumps({"id": None, "ok": False, "error": INTERNAL})


def answer_line(answers: Answers, line: str) -> Json:
    """The answer to one line of the protocol."""
    id_: object = None
    try:
        data = _object(line)
        id_ = _id(data)
        return {"id": id_, "ok": True, **_handler(data)(answers, data)}
    except KnowledgeError as error:
        return {"id": id_, "ok": False, "error": error_json(error)}
    except Exception:  # a fault of ours is one line's answer, never the end of the batch
        logger.exception("a line could not be answered")
        return {"id": id_, "ok": False, "error": INTERNAL}


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
        data = _decoded(clean(line))
        if "\\ud" in line.lower():  # half a surrogate pair, escaped
            whole = json.loads(clean(json.dumps(data, ensure_ascii=False)))
            data = {**whole, "id": data.get("id")} if isinstance(data, dict) else whole
    except (ValueError, RecursionError) as error:
        raise BadInput("The line is not JSON.", subject="line", hint=str(error)[:120]) from None
    if not isinstance(data, dict):
        raise BadInput("The line is not a JSON object.", subject="line", hint='Write {"id": …, "op": …, …}.')
    return data


def _id(data: Json) -> object:
    """The line's own id; None where it is no JSON value (NaN, infinity), which no answer could carry."""
    id_ = data.get("id")
    if id_ is None or isinstance(id_, str | int):
        return id_
    try:
        _encoded(id_)
    except ValueError:
        return None
    return id_


def _request(answers: Answers, data: Json, engine: str, quant: str) -> FitRequest:
    model = data.get("model") if data.get("shape") is None else data["shape"]
    if not isinstance(model, str | dict):
        raise BadInput(
            "Give a model by name, or its shape.",
            subject="model",
            hint='"model": "qwen3-8b" or "shape": {"n_layer": …}',
        )
    n_prompt = fields.integer(data, "n_prompt")
    request = answers.request(
        model=model,
        hardware=fields.hardware_asks(data.get("hardware")),
        quant=quant,
        ram_gib=fields.gib(data, "ram_gib"),
        context=fields.context_params(data),
        engine=engine,
        backend=fields.word(data, "backend") or None,
        n_prompt=512 if n_prompt is None else n_prompt,
        depth=fields.integer(data, "depth") or 0,
        n_gpu_layers=fields.integer(data, "n_gpu_layers"),
        n_cpu_moe=fields.integer(data, "n_cpu_moe"),
        measured_tok_s=fields.number(data, "measured_tok_s"),
    )
    request = with_threads(request, fields.integer(data, "n_threads"))
    request = with_measured(answers, request, fields.measured(data))
    return with_beside(answers, request, fields.beside(data))


def _estimate(answers: Answers, data: Json) -> Json:
    """The contract's answer; `"detailed": true` adds what takes many more looks: best quant, command, changes."""
    request = _request(answers, data, fields.word(data, "engine"), fields.word(data, "quant"))
    if data.get("detailed") is True:
        return answer_json(answers.estimate(request))
    found = answer_json(answers.remembered(estimate_brief, request))
    return {name: value for name, value in found.items() if name not in ADVICE}


ADVICE = frozenset({"max_n_ctx_at_20_tok_s", "best_quant", "best_quant_quality", "command", "changes"})
"""Fields of an estimate that only a detailed one has: each asks the estimator again, up to 30 times together."""


def _engines(answers: Answers, data: Json) -> Json:
    """The same question for every engine, each with why it differs from llama.cpp's answer."""
    base: FitAnswer | None = None
    rows: list[Json] = []
    for id_, engine in ENGINES.items():
        try:
            quant = fields.word(data, "quant") if engine.uses_llama_cpp else ""
            answer = answers.estimate(_request(answers, data, id_, quant))
        except KnowledgeError as error:
            rows.append({"engine": id_, "ok": False, "error": error_json(error)})
            continue
        base = base or answer
        why = engine.why if answer is base else why_differs(base, answer)
        rows.append({"engine": id_, "ok": True, **answer_json(answer), "why": why})
    return {"engines": rows}


@cache
def _prices() -> Mapping[str, CloudPrice]:
    """The listed prices, read once a process."""
    return load_prices()


def _cost(answers: Answers, data: Json) -> Json:
    inputs = fields.number(data, "inputs_per_output")
    ask = CostAsk(
        tokens_per_month=fields.number(data, "tokens_per_month"),
        kwh_price=fields.number(data, "kwh_price"),
        device_price=fields.number(data, "device_price"),
        watts=fields.number(data, "watts"),
        input_price=fields.number(data, "input_price"),
        output_price=fields.number(data, "output_price"),
        inputs_per_output=INPUTS_PER_OUTPUT if inputs is None else inputs,
        currency=fields.word(data, "currency") or "USD",
        rate=fields.number(data, "rate"),
    )
    found = cost_answer(
        answers,
        _prices(),
        model=fields.text(data, "model"),
        hardware=fields.hardware_asks(data.get("hardware")),
        quant=fields.word(data, "quant"),
        ram_gib=fields.gib(data, "ram_gib"),
        ask=ask,
    )
    return cost_json(found)


def _parse(answers: Answers, data: Json) -> Json:
    return question_json(answers.parse(fields.text(data, "text")))


def _resolve(answers: Answers, data: Json) -> Json:
    kind = data.get("kind")
    if kind not in ("model", "hardware", "quant"):
        raise BadInput("'kind' says what the name is of.", subject="kind", hint="One of model, hardware, quant.")
    found = answers.resolve(kind, fields.text(data, "text"))
    return {"ids": list(dict.fromkeys(found.ids)), "score": round(found.score, 4), "certain": found.certain}


def _define(answers: Answers, data: Json) -> Json:
    return {
        "terms": [{"id": hit.id, "score": round(hit.score, 4)} for hit in answers.term_hits(fields.text(data, "text"))]
    }


def _diagnose(answers: Answers, data: Json) -> Json:
    hits = answers.error_hits(fields.text(data, "text"))
    return {
        "errors": [{"id": hit.id, "confidence": round(hit.confidence, 4), "matched": hit.matched[:200]} for hit in hits]
    }


def _ask(answers: Answers, data: Json) -> Json:
    return asked_json(answers.ask(fields.text(data, "text")))


@cache
def _guides(answers: Answers) -> Guides:
    """The pages of one snapshot, rendered once."""
    return Guides(answers, _prices())


def _guide(answers: Answers, data: Json) -> Json:
    guides = _guides(answers)
    found = page_json(guides.render(guides.named(fields.text(data, "text"))))
    return {"page": found.pop("id"), **found}


OPS: dict[str, Callable[[Answers, Json], Json]] = {
    "estimate": _estimate,
    "parse": _parse,
    "resolve": _resolve,
    "define": _define,
    "diagnose": _diagnose,
    "ask": _ask,
    "engines": _engines,
    "cost": _cost,
    "guide": _guide,
}
