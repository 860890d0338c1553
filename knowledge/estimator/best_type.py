"""Which file type to take of a model on a rig: the star of the answer.

It weighs what a type is known to lose against whether the chat stays fluid, and asks `looks` for both; it computes no
memory and no speed of its own. What each engine's types are is said in `ladders`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from knowledge.errors import KnowledgeError
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.fit import Case, case_of
from knowledge.estimator.ladders import QUANT_LADDER, ladder_of
from knowledge.estimator.looks import decode_mid_tok_s, easily_held, is_comfortable, is_held
from knowledge.estimator.quality import LOSS, SMALL_LOSS, VISIBLE_LOSS
from knowledge.estimator.steps import first_that
from knowledge.estimator.thresholds import CHAT_FLUID_TOK_S, CHAT_SLOW_TOK_S

_GOOD = tuple(quant for quant in QUANT_LADDER if LOSS[quant][0] <= SMALL_LOSS)
"""Types that lose nothing or little, best first."""


def best_quant(case: Case) -> str | None:
    """The file type to take.

    The best that runs comfortably, of those near-lossless or with a small loss: beyond that quality falls visibly, so a
    comfortable 2-bit file never beats a 4-bit one that runs with trade-offs. Where none of them does, the best at which
    chat is still fluid, else the best that keeps up with reading, else the quickest: a better file is not worth waiting
    twice as long for.
    """
    if not case.engine.uses_llama_cpp:
        return _best_of(case)
    native = native_quant(case.shape)
    if native is not None:
        return native if is_held(case, native) else None
    if not is_held(case, QUANT_LADDER[-1]):
        return None
    first = first_that(lambda quant: easily_held(case, quant), QUANT_LADDER)
    held = QUANT_LADDER[QUANT_LADDER.index(first) :] if first else ()
    comfortable = next((quant for quant in held if is_comfortable(case, quant)), None)
    if comfortable in _GOOD:
        return comfortable
    if not is_held(case, _GOOD[-1]):
        return comfortable or first_that(lambda quant: is_held(case, quant), QUANT_LADDER)
    return _quick_enough(case, comfortable)


def _quick_enough(case: Case, comfortable: str | None) -> str:
    """Of the good types held, none comfortably, the best that is quick enough; `comfortable` is a smaller one."""

    def speed(quant: str) -> float:
        return decode_mid_tok_s(case, quant) or math.inf

    quickest = speed(_GOOD[-1])
    if comfortable and quickest < CHAT_SLOW_TOK_S / 2 and LOSS[comfortable][0] <= VISIBLE_LOSS:
        return comfortable
    limit = next((limit for limit in (CHAT_FLUID_TOK_S, CHAT_SLOW_TOK_S) if quickest >= limit), None)
    if limit is None:  # processors compute I-quants more slowly than they read them
        return _GOOD[-2] if is_held(case, _GOOD[-2]) and speed(_GOOD[-2]) >= quickest else _GOOD[-1]
    return first_that(lambda quant: is_held(case, quant) and speed(quant) >= limit, _GOOD) or _GOOD[-1]


def _best_of(case: Case) -> str | None:
    """The best type of an engine that places nothing: the first that runs comfortably, else the first that is held."""
    held: str | None = None
    for quant in ladder_of(case.engine):
        try:
            changed = case_of(replace(case.request, quant=quant))
        except KnowledgeError:
            continue
        if is_held(changed):
            if is_comfortable(changed):
                return quant
            held = held or quant
    return held
