"""What an asker knows of their own machine: threads, and a speed they measured with one model, carried to another.

It resolves and checks; what a measurement teaches is the estimator's. Used by the command line and the batch protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.answers import Answers
from knowledge.errors import BadInput
from knowledge.estimator.fit import MAX_TOK_S, learnt_from
from knowledge.estimator.request import FitRequest

MAX_THREADS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A decode speed the asker measured on the machine in question with another model: its name, file type, context."""

    model: str
    tok_s: float
    quant: str = ""
    n_ctx: int | None = None
    depth: int = 0


def with_threads(request: FitRequest, n_threads: int | None) -> FitRequest:
    """The request with the threads a CPU computes with. Raises BadInput with the valid range."""
    if n_threads is None:
        return request
    if not 1 <= n_threads <= MAX_THREADS:
        raise BadInput(f"{n_threads} threads.", subject="n_threads", hint=f"Give 1 to {MAX_THREADS}.")
    return replace(request, n_threads=n_threads)


def with_measured(answers: Answers, request: FitRequest, measured: Measured | None) -> FitRequest:
    """The request with what a measurement of another model taught. Raises as names do, or BadInput."""
    if measured is None:
        return request
    if not 0 < measured.tok_s <= MAX_TOK_S:
        hint = f"Give more than 0 and at most {MAX_TOK_S:,.0f}."
        raise BadInput(f"{measured.tok_s:g} tok/s cannot be a measurement.", subject="measured_with", hint=hint)
    model = answers.model_named(measured.model)
    quant = answers.quant_named(measured.quant) if measured.quant else request.quant
    n_ctx = request.context.n_ctx if measured.n_ctx is None else measured.n_ctx
    if model.shape is not None:
        n_ctx = min(n_ctx, model.shape.n_ctx_train)
    other = replace(
        request,
        model=model,
        quant=quant,
        context=replace(request.context, n_ctx=n_ctx),
        depth=measured.depth,
        n_gpu_layers=None,
        n_cpu_moe=None,
        extras=None,
        measured_tok_s=None,
    )
    return replace(request, learnt=learnt_from(other, measured.tok_s))


def measured_of(text: str) -> Measured:
    """Read "qwen3-8b Q4_K_M 62", the model first, the tok/s last. Raises BadInput."""
    words = text.split()
    try:
        tok_s = float(words[-1])
    except (IndexError, ValueError):
        tok_s = 0.0
    if len(words) < 2 or tok_s <= 0:
        raise BadInput(
            f"'{text[:60]}' is no measurement.",
            subject="--measured-with",
            hint="Write 'qwen3-8b Q4_K_M 62': tok/s last.",
        )
    *model, quant = words[:-1] if len(words) > 2 else [*words[:-1], ""]
    return Measured(model=" ".join(model), quant=quant, tok_s=tok_s)
