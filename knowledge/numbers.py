"""The glossary's numbers.

Each `{{ decode_tok_s(…) }}` of an entry computed by the estimator and shown with its evidence tier.

So an entry can never contradict /fit. It parses nothing (search.expressions does) and resolves no free names:
entries use ids.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from knowledge.catalog import Knowledge, Model, Term
from knowledge.errors import ContentError, KnowledgeError
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.fit import estimate
from knowledge.estimator.request import ContextParams, DeviceAsk, FitAnswer, FitRequest, Interval
from knowledge.estimator.thresholds import NAMED
from knowledge.estimator.weights import weights
from knowledge.search.expressions import Expression, ExpressionError, render
from knowledge.units import gib_text, seconds_text, tok_s_text, tokens_text

EXAMPLE_N_CTX = 4096


class Numbers:
    """Renders number expressions over one snapshot; results are remembered, entries repeat themselves."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._value = lru_cache(maxsize=8192)(self._compute)

    def term(self, term: Term) -> Term:
        """The entry with every expression replaced by its figure."""
        return replace(
            term,
            definition=self.text(term.definition, term.id),
            deeper=self.text(term.deeper, term.id),
            practical=self.text(term.practical, term.id),
            workflow=self.text(term.workflow, term.id),
        )

    def text(self, text: str, subject: str) -> str:
        """`text` with its figures; raises ContentError naming `subject` where one cannot be computed."""
        if "{{" not in text:
            return text
        try:
            return render(text, self.value)
        except (ExpressionError, KnowledgeError, KeyError) as error:
            raise ContentError(f"A number cannot be computed: {error}", subject=subject) from error

    def value(self, expression: Expression) -> str:
        """The figure of one expression; raises KnowledgeError or KeyError where it cannot be computed."""
        return self._value(expression.name, expression.args)

    def _compute(self, name: str, args: tuple[str | int, ...]) -> str:
        expression = Expression(name, args, 0, 0)
        if name == "threshold":
            value = NAMED[str(args[0])]
            return f"{value:.0f} {'ms' if str(args[0]).endswith('_ms') else 'tok/s'}"
        if name == "bandwidth_gb_s":
            return self._bandwidth(str(args[0]))
        if name in {"weights_gib", "kv_gib", "file_gib"}:
            return self._memory_part(expression)
        return self._on_device(expression)

    def _bandwidth(self, device_id: str) -> str:
        rate = self._knowledge.devices[device_id].bandwidth_bytes_per_s
        if rate is None:
            raise ContentError(f"the bandwidth of {device_id} is not known", subject=device_id)
        return f"{rate / 1e9:.0f} GB/s"

    def _memory_part(self, expression: Expression) -> str:
        model = self._knowledge.models[str(expression.args[0])]
        if expression.name == "weights_gib":
            memory = estimate(FitRequest(model=model, quant=str(expression.args[1]))).memory
            return gib_text(memory.weights_bytes)
        if expression.name == "file_gib":
            return _file_text(model, str(expression.args[1]))
        kind = str(expression.args[2])
        context = ContextParams(n_ctx=int(expression.args[1]), type_k=kind, type_v=kind)
        memory = estimate(FitRequest(model=model, quant="Q4_K_M", context=context)).memory
        return gib_text(memory.kv_cache_bytes + memory.recurrent_bytes, 2)

    def _on_device(self, expression: Expression) -> str:
        model_id, quant, device_id = (str(arg) for arg in expression.args[:3])
        device = self._knowledge.devices[device_id]
        request = FitRequest(
            model=self._knowledge.models[model_id],
            quant=quant,
            devices=(DeviceAsk(device=device),),
            context=ContextParams(n_ctx=EXAMPLE_N_CTX),
        )
        if expression.name == "ttft_s":
            n_prompt = int(expression.args[3])
            return _ttft_text(
                estimate(replace(request, n_prompt=n_prompt, context=ContextParams(n_ctx=max(n_prompt, EXAMPLE_N_CTX))))
            )
        if expression.name == "total_gib":
            memory = estimate(replace(request, context=ContextParams(n_ctx=int(expression.args[3])))).memory
            return gib_text(memory.total_bytes)
        if expression.name == "max_n_ctx":
            longest = estimate_detailed(request).max_n_ctx
            return "no context at all" if longest is None else f"{tokens_text(longest)} tokens"
        answer = estimate(request)
        return _speed_text(answer.decode_tok_s if expression.name == "decode_tok_s" else answer.prefill_tok_s, answer)


def _file_text(model: Model, quant: str) -> str:
    """What is downloaded: the published file's size where one is known, else every tensor once."""
    if quant in model.file_bytes:
        return gib_text(model.file_bytes[quant])
    if model.shape is None:
        raise ContentError(f"the shape of {model.id} is not known", subject=model.id)
    return gib_text(weights(model.shape, quant).total_file_bytes)


def _speed_text(speed: Interval | None, answer: FitAnswer) -> str:
    if speed is None:
        return "no speed (it does not fit)"
    return f"{tok_s_text(speed.mid)} tok/s ({answer.evidence})"


def _ttft_text(answer: FitAnswer) -> str:
    return (
        "no answer (it does not fit)" if answer.ttft_s is None else f"{seconds_text(answer.ttft_s)} ({answer.evidence})"
    )
