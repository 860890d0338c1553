"""Answers as plain JSON data, for `--json` and `batch`. Field names are the contract's; no figure is computed here."""

from __future__ import annotations

from typing import Any

from knowledge.answers import Asked
from knowledge.catalog import ErrorClass, Term
from knowledge.costs import CostAnswer
from knowledge.estimator.quality import quality_of
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer, Interval, Quality, Speculation
from knowledge.guides import RenderedPage
from knowledge.needs import Needs
from knowledge.question.types import FitQuestion

Json = dict[str, Any]


def interval_json(value: Interval | None) -> Json | None:
    """Low, mid and high of an 80 % interval."""
    if value is None:
        return None
    return {"low": round(value.low, 2), "mid": round(value.mid, 2), "high": round(value.high, 2)}


def quality_json(quality: Quality | None) -> Json | None:
    """What a file type and a cache type cost in quality, with the source."""
    if quality is None:
        return None
    return {
        "quant": quality.quant,
        "words": quality.words,
        "kl_divergence": quality.kl_divergence,
        "perplexity_delta_pct": quality.perplexity_delta_pct,
        "kv_kl_low": quality.kv_kl_low,
        "kv_kl_high": quality.kv_kl_high,
        "source": quality.source,
    }


def speculation_json(found: Speculation | None) -> Json | None:
    """Decoding with a draft."""
    if found is None:
        return None
    return {
        "decode_tok_s": interval_json(found.decode_tok_s),
        "speedup": interval_json(found.speedup),
        "acceptance": interval_json(found.acceptance),
        "tokens_per_check": round(found.tokens_per_check, 2),
        "draft_max": found.n_max,
    }


def cost_json(found: CostAnswer) -> Json:
    """A cost comparison with all it rests on; money in `currency`, tokens are written ones."""
    cost, given, request = found.cost, found.given, found.fit.request
    return {
        "model": {"id": request.model.id, "name": request.model.name},
        "hardware": [{"id": ask.device.id, "name": ask.device.name, "count": ask.count} for ask in request.devices],
        "quant": request.quant,
        "currency": found.currency,
        "local_per_mtok": round(cost.local_per_mtok, 4),
        "cloud_per_mtok": round(cost.cloud_per_mtok, 4),
        "kwh_per_mtok": round(cost.kwh_per_mtok, 4),
        "break_even_tokens": _whole(cost.break_even_tokens),
        "break_even_tokens_per_month": _whole(cost.break_even_tokens_per_month),
        "most_tokens_per_month": _whole(cost.most_tokens_per_month),
        "months": None if cost.months is None else round(cost.months, 1),
        "reachable": cost.reachable,
        "device_price": round(given.device_price, 2),
        "watts": round(given.watts, 1),
        "kwh_price": given.kwh_price,
        "decode_tok_s": round(given.decode_tok_s, 2),
        "prefill_tok_s": round(given.prefill_tok_s, 2),
        "input_price": given.input_price,
        "output_price": given.output_price,
        "inputs_per_output": given.inputs_per_output,
        "tokens_per_month": given.tokens_per_month,
        "prices_checked": found.price.checked if found.price else None,
        "assumptions": list(found.assumptions),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def answer_json(answer: FitAnswer) -> Json:
    """A FitAnswer in the contract's names."""
    request, memory = answer.request, answer.memory
    return {
        "model": {"id": request.model.id, "name": request.model.name},
        "hardware": [{"id": ask.device.id, "name": ask.device.name, "count": ask.count} for ask in request.devices],
        "quant": request.quant,
        "n_ctx": request.context.n_ctx,
        "engine": request.engine,
        "fit_tier": answer.fit_tier,
        "weights_bytes": memory.weights_bytes,
        "kv_cache_bytes": memory.kv_cache_bytes,
        "recurrent_bytes": memory.recurrent_bytes,
        "compute_bytes": memory.compute_bytes,
        "overhead_bytes": memory.overhead_bytes,
        "total_bytes": memory.total_bytes,
        "projector_bytes": memory.projector_bytes,
        "draft_bytes": memory.draft_bytes,
        "lora_bytes": memory.lora_bytes,
        "host_weights_bytes": memory.host_weights_bytes,
        "host_kv_cache_bytes": memory.host_kv_cache_bytes,
        "host_recurrent_bytes": memory.host_recurrent_bytes,
        "host_compute_bytes": memory.host_compute_bytes,
        "host_projector_bytes": memory.host_projector_bytes,
        "available_bytes": answer.room_bytes,
        "host_available_bytes": answer.host_available_bytes,
        "n_gpu_layers": answer.n_gpu_layers,
        "n_cpu_moe": answer.n_cpu_moe,
        "decode_tok_s": interval_json(answer.written_tok_s),
        "prefill_tok_s": interval_json(answer.prefill_tok_s),
        "ttft_s": None if answer.ttft_s is None or not request.model.writes_text else round(answer.ttft_s, 4),
        "max_n_ctx": answer.max_n_ctx,
        "max_n_ctx_at_20_tok_s": answer.max_n_ctx_at_20_tok_s,
        "best_quant": answer.best_quant,
        "best_quant_quality": quality_json(quality_of(answer.best_quant)) if answer.best_quant else None,
        "quality": quality_json(answer.quality),
        "speculation": speculation_json(answer.speculation),
        "evidence": answer.evidence,
        "feel": answer.feel,
        "command": answer.command,
        "changes": [{"text": c.text, "axis": c.axis, "cost": round(c.cost, 2)} for c in answer.changes],
        "flags": list(answer.flags),
        "assumptions": list(answer.assumptions),
    }


def question_json(question: FitQuestion) -> Json:
    """A parsed question in the contract's names; an unknown model is given by its words."""
    return {
        "question": {
            "intent": question.intent,
            "model": question.model or question.model_text,
            "model_id": question.model,
            "quant": question.quant,
            "n_ctx": question.n_ctx,
            "hardware": [
                {"id": m.id, "name": m.name, "count": m.count, "memory_gib": m.memory_gib} for m in question.hardware
            ],
            "ram_gib": question.ram_gib,
            "engine": question.engine,
            "type_k": question.type_k,
            "type_v": question.type_v,
            "n_prompt": question.n_prompt,
            "measured_tok_s": question.measured_tok_s,
        },
        "ambiguous": [{"field": c.field, "text": c.text, "choices": list(c.choices)} for c in question.ambiguous],
    }


def term_json(term: Term) -> Json:
    """A glossary entry as data (sections as written)."""
    return {
        "id": term.id,
        "term": term.term,
        "category": term.category,
        "definition": term.definition,
        "deeper": term.deeper,
        "practical": term.practical,
        "workflow": term.workflow,
        "related": list(term.related),
        "errors": list(term.errors),
        "sources": list(term.sources),
    }


def error_class_json(error: ErrorClass, confidence: float) -> Json:
    """An error entry as data, with how sure the match is."""
    return {
        "id": error.id,
        "confidence": round(confidence, 4),
        "title": error.title,
        "cause": error.cause,
        "fixes": [{"text": fix.text, "command": fix.command} for fix in error.fixes],
        "verify": error.verify,
        "confirmed": error.confirmed,
        "sources": list(error.sources),
    }


def _facts_json(found: Needs) -> Json:
    """What a model is, and how it runs on the card that all compared ones are told on; empty where none is."""
    model, common = found.model, found.common
    if common is None:
        return {}
    return {
        "facts": {
            "kind": model.kind,
            "params_total": model.params_total,
            "params_active": model.params_active,
            "n_ctx_train": model.shape.n_ctx_train if model.shape else None,
            "license": model.license,
            "released": model.release_date,
        },
        "common": answer_json(common),
    }


def needs_json(found: Needs) -> Json:
    """What a model takes where no hardware was named: bytes by file type, and the rigs that run the usual one."""
    return {
        "model": {"id": found.model.id, "name": found.model.name},
        "n_ctx": found.alone.request.context.n_ctx,
        **_facts_json(found),
        "quants": [{"quant": one.quant, "total_bytes": one.total_bytes, "quality": one.words} for one in found.needs],
        "places": [
            {
                "kind": place.kind,
                "hardware": {
                    "id": place.rig.device.id,
                    "count": place.rig.count,
                    "memory_bytes": place.rig.memory_bytes,
                },
                "ram_gib": place.ram_gib,
                "launch_price_usd": place.rig.price_usd,
                "quant": place.answer.request.quant,
                "fit_tier": place.answer.fit_tier,
                "decode_tok_s": interval_json(place.answer.written_tok_s),
            }
            for place in found.places
        ],
    }


def asked_json(asked: Asked) -> Json:
    """A routed answer: `route`, and under `answer` what was found."""
    body: Json = {"route": asked.route}
    if asked.route == "fit":
        body |= question_json(asked.question)
        body["answer"] = [answer_json(answer) for answer in asked.fits]
        if asked.needs:
            body["needs"] = [needs_json(one) for one in asked.needs]
        if asked.terms:
            body["terms"] = [term_json(term) for term in asked.terms]
        if asked.open_text:
            body["open"] = asked.open_text
    elif asked.route == "define":
        body["answer"] = [term_json(term) for term in asked.terms]
    elif asked.route == "diagnose":
        body["answer"] = [error_class_json(error, confidence) for error, confidence in asked.errors]
        if asked.fits:
            body["fit"] = answer_json(asked.fits[0])
        if asked.open_text:
            body["memory"] = asked.open_text
    else:
        body["answer"] = []
    if asked.tools:
        body["tools"] = [tool.id for tool in asked.tools]
    if asked.pages:
        body["pages"] = [page.id for page in asked.pages]
        body["page_first"] = asked.page_first
    return body


def page_json(found: RenderedPage) -> Json:
    """A guide, quick answer or kit as data, its figures computed."""
    page = found.page
    return {
        "id": page.id,
        "kind": page.kind,
        "title": page.title,
        "body": found.body,
        "settings": [{"model": one.model, "values": one.values, "source": one.source} for one in page.settings],
        "terms": list(page.terms),
        "errors": list(page.errors),
        "related": list(page.related),
        "sources": list(page.sources),
        "shops": list(page.shops),
        "disclosure": found.disclosure,
        "reviewed": page.reviewed,
    }


def ranked_json(row: Ranked) -> Json:
    """One ranked model."""
    return {
        "model": {"id": row.model.id, "name": row.model.name},
        "quant": row.quant,
        "fit_tier": row.fit_tier,
        "total_bytes": row.total_bytes,
        "decode_tok_s": round(row.decode_tok_s, 2) if row.model.writes_text else None,
        "score": round(row.score, 4),
    }
