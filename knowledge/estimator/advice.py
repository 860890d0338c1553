"""What people can act on: the longest context, the best quant, and the smallest changes that turn a no into a yes.

Everything here asks `fit.answer_case` again with one thing changed; there is no second formula. Costs order the
changes: a KV type costs less than a quant, a quant less than RAM, RAM less than a card.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from knowledge.catalog import Device
from knowledge.errors import KnowledgeError
from knowledge.estimator.best_type import best_quant
from knowledge.estimator.command import command_text
from knowledge.estimator.engines import ENGINES, LLAMA_CPP_BUILD, NOT_IN_LLAMA_CPP, engine_by_name
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.fit import Case, answer_case, case_of, place, work_of
from knowledge.estimator.guesses import longest_near
from knowledge.estimator.ladders import QUANT_LADDER, published_otherwise, smaller_types
from knowledge.estimator.looks import (
    at_n_ctx,
    decode_mid_tok_s,
    easily_held,
    excess_bytes,
    is_comfortable,
    is_held,
    must_hold_all,
    sum_tells,
)
from knowledge.estimator.one_memory import memory_counted, memory_unsaid, wired_changes
from knowledge.estimator.quality import change_text, kv_loss_text
from knowledge.estimator.request import Change, ContextParams, DeviceAsk, FitAnswer, FitRequest
from knowledge.estimator.speeds import decode_mid_at
from knowledge.estimator.steps import first_that, largest_that, largest_within
from knowledge.estimator.thresholds import CHAT_FLUID_TOK_S, feel_text
from knowledge.said import worded
from knowledge.units import GIB, gib_text, tokens_text

Tester = Callable[[FitRequest], bool]
"""Whether a changed request reaches a better verdict."""

SettingsTester = Callable[[str, ContextParams], bool]
"""Whether another file type or other context settings do."""

_HARDLY_THINKING = frozenset(QUANT_LADDER[QUANT_LADDER.index("Q3_K_M") + 1 :])

CONTEXT_STEP = 256
PAIR_N_CTX = 8192
"""The context offered together with a smaller file: enough for a chat."""
_TIER_RANK = {"no": 0, "trade-offs": 1, "comfortable": 2, None: -1}


def estimate_detailed(request: FitRequest, *, fluid: bool = True) -> FitAnswer:
    """The answer with context limits, best quant, command, feel and, where it is not comfortable, the changes.

    Not `fluid`: without the longest context that is still fluid, which no card shows and which takes a search.
    """
    case = case_of(request)
    answer = answer_case(case)
    if case.budget is None:
        return answer
    changes = () if answer.fit_tier == "comfortable" else tuple(pareto(changes_for(case, answer)))
    longest = longest_context(case, answer)
    if request.model.kind == "diffusion":
        answer = _without_speeds(answer)
    unknown = case.engine.uses_llama_cpp and case.shape.arch in NOT_IN_LLAMA_CPP
    if unknown:
        text = "no build of llama.cpp up to {build} knows its architecture, so nothing starts it yet"
        answer = replace(answer, flags=(*answer.flags, worded("arch_unknown", text, build=LLAMA_CPP_BUILD)))
    is_phone = any(ask.device.segment == "phone" for ask in request.devices)
    return replace(
        answer,
        flags=(
            *answer.flags,
            *published_otherwise(case.engine, case.shape, request.quant),
            *memory_unsaid(case, answer),
        ),
        assumptions=(*answer.assumptions, *memory_counted(request), *_used_so(case, is_phone=is_phone)),
        max_n_ctx=longest,
        max_n_ctx_at_20_tok_s=longest_fluid_context(case, answer, longest) if fluid else None,
        best_quant=best_quant(case),
        command=""
        if answer.fit_tier == "no" or request.model.kind == "diffusion" or is_phone or unknown
        else command_of(case),
        changes=changes,
        feel=_feel(answer),
    )


def estimate_brief(request: FitRequest) -> FitAnswer:
    """The answer with its longest context and how it feels, without what takes many further looks."""
    case = case_of(request)
    answer = answer_case(case)
    if case.budget is None:
        return answer
    return replace(answer, max_n_ctx=longest_context(case, answer), feel=_feel(answer))


def _used_so(case: Case, *, is_phone: bool) -> Iterator[str]:
    """What people must know to use it where a model or a device is no usual one."""
    if is_phone:
        yield worded("phone_app", "on a phone an app loads the file: PocketPal, on Android ChatterUI too")
    n_ubatch = min(case.request.context.n_ubatch, case.request.context.n_ctx)
    if case.request.model.kind == "embedding" and case.engine.uses_llama_cpp and n_ubatch < case.request.context.n_ctx:
        text = "texts of up to {n} tokens each: longer ones need -b and -ub as large, and more memory"
        yield worded("embedding_batch", text, n=f"{n_ubatch:,}")


def _without_speeds(answer: FitAnswer) -> FitAnswer:
    """The answer for a model that writes by diffusion: its memory stands, its speed depends on blocks and passes."""
    text = (
        "writes by diffusion, many tokens at once: its speed is not computed, and llama-server does not load it; its "
        "maker's page names the program that does"
    )
    flags = (*answer.flags, worded("by_diffusion", text))
    return replace(answer, decode_tok_s=None, prefill_tok_s=None, ttft_s=None, flags=flags)


def _feel(answer: FitAnswer) -> str:
    if answer.written_tok_s is None or answer.ttft_s is None:
        return ""
    return feel_text(answer.written_tok_s.mid, answer.ttft_s)


def command_of(case: Case) -> str:
    """The exact command for the engine that was asked about."""
    placement = None
    if case.engine.uses_llama_cpp and case.budget is not None and not case.budget.on_cpu:
        placement = place(case, case.budget).placement
    return command_text(case.request, engine_by_name(case.request.engine), placement, case.shape.n_layer)


def longest_context(case: Case, answer: FitAnswer) -> int | None:
    """The longest context (tokens, a multiple of 256) that keeps at least the verdict given.

    None where even the shortest does not fit.
    """
    comfortable, context = answer.fit_tier == "comfortable", case.request.context
    most = max(case.shape.n_ctx_train, case.shape.n_ctx_rope) // CONTEXT_STEP

    def at(n_steps: int) -> ContextParams:
        return at_n_ctx(context, n_steps * CONTEXT_STEP)

    def holds(n_steps: int) -> bool:
        return easily_held(case, context=at(n_steps)) if comfortable else is_held(case, context=at(n_steps))

    if sum_tells(case) and (comfortable or must_hold_all(case)):
        excess = excess_bytes(case)
        steps = largest_within(lambda n_steps: excess(n_steps * CONTEXT_STEP), 0, most)
    else:
        steps = longest_near(case, holds, CONTEXT_STEP, most, comfortable=comfortable)
    return steps * CONTEXT_STEP or None


def longest_fluid_context(case: Case, answer: FitAnswer, longest: int | None) -> int | None:
    """The longest filled context, within `longest`, at which decoding still makes 20 tok/s.

    None where it never does.
    """
    if answer.written_tok_s is None or longest is None:
        return None

    context = case.request.context
    is_simple = sum_tells(case) and case.request.measured_tok_s is None  # else each depth is calibrated for itself
    held = is_simple and easily_held(case, context=at_n_ctx(context, longest))
    at_depth = decode_mid_at(work_of(case, None)) if held else None

    def seconds(n_steps: int) -> float:
        n_ctx = n_steps * CONTEXT_STEP
        if at_depth is not None:
            return 1.0 / at_depth(n_ctx)
        speed = decode_mid_tok_s(case, context=at_n_ctx(context, n_ctx), depth=n_ctx)
        return 1.0 / speed if speed else math.inf

    return largest_within(seconds, 1.0 / CHAT_FLUID_TOK_S, longest // CONTEXT_STEP) * CONTEXT_STEP or None


def changes_for(case: Case, answer: FitAnswer) -> Iterator[Change]:
    """Single changes that reach a better verdict, one an axis, unordered; two at once where no setting alone does."""
    rank = _TIER_RANK[answer.fit_tier]

    def better(request: FitRequest) -> bool:
        try:
            return _beats(case_of(request), rank)
        except KnowledgeError:
            return False

    def better_settings(quant: str, context: ContextParams) -> bool:
        same_cache = (context.type_k, context.type_v) == (request.context.type_k, request.context.type_v)
        if case.engine.uses_llama_cpp and case.extras is None and same_cache:
            return _beats(case, rank, quant, context)
        # a cache or file type may be refused, and what lies beside the model goes by these settings too
        return better(replace(request, quant=quant, context=context, depth=min(request.depth, context.n_ctx)))

    request = case.request
    smaller = smaller_types(case.engine, case.shape, request.quant)
    if rank:  # what already runs is not traded for a file that hardly thinks
        smaller = tuple(quant for quant in smaller if quant not in _HARDLY_THINKING)
    settings = [
        *_extras_changes(request, better),
        *_kv_changes(request, better_settings),
        *_quant_changes(request, request.context, better_settings, smaller),
        *_context_changes(case, rank),
    ]
    yield from settings
    if not settings:
        yield from _pair_changes(request, better_settings, smaller)
    yield from wired_changes(request, rank)
    yield from _engine_changes(case, better)
    yield from _ram_changes(request, better)
    yield from _device_changes(request, better)


def _extras_changes(request: FitRequest, better: Tester) -> Iterator[Change]:
    """The projector in RAM, or no draft: what lies beside the model leaves its room to it."""
    extras = request.extras
    if extras is None:
        return
    if extras.vision and not extras.projector_on_host:
        changed = replace(extras, projector_on_host=True)
        if better(replace(request, extras=changed)):
            text = worded("change_vision", "vision projector in RAM (--no-mmproj-offload): images are read slower")
            yield Change(text=text, axis="vision", cost=0.5)
    if extras.draft is not None and better(replace(request, extras=replace(extras, draft=None))):
        yield Change(text=worded("change_draft", "without the draft"), axis="draft", cost=0.7)


def _beats(case: Case, rank: int, quant: str = "", context: ContextParams | None = None) -> bool:
    """Whether a case's verdict is above `rank`, no's or trade-offs', by the shortest way."""
    return is_comfortable(case, quant, context) if rank else is_held(case, quant, context)


def _kv_changes(request: FitRequest, better: SettingsTester) -> Iterator[Change]:
    if request.context.type_k != "f16" or not request.context.flash_attn:
        return
    for cost, kind in ((1.0, "q8_0"), (1.5, "q4_0")):
        if better(request.quant, replace(request.context, type_k=kind, type_v=kind)):
            text = worded("change_kv", "KV cache in {kind} ({loss})", kind=kind, loss=kv_loss_text(kind))
            yield Change(text=text, axis="kv", cost=cost)
            return


def _quant_changes(
    request: FitRequest, context: ContextParams, better: SettingsTester, smaller: Sequence[str]
) -> Iterator[Change]:
    """The first of some smaller files that does."""
    quant = first_that(lambda other: better(other, context), smaller)
    if quant is not None:
        loss = change_text(request.quant, quant)
        if loss:
            text = worded(
                "change_quant", "{quant} instead of {old} ({loss})", quant=quant, old=request.quant, loss=loss
            )
        else:
            text = worded("change_quant_only", "{quant} instead of {old}", quant=quant, old=request.quant)
        yield Change(text=text, axis="quant", cost=2.0 + smaller.index(quant))


_ENGINE_COST = 5.0


def _engine_changes(case: Case, better: Tester) -> Iterator[Change]:
    """llama.cpp in the place of an engine that neither takes such small files nor leaves layers in RAM."""
    if case.engine.uses_llama_cpp or case.shape.arch in NOT_IN_LLAMA_CPP:
        return
    engine = ENGINES["llama.cpp"]
    quant = native_quant(case.shape) or engine.default_quant
    context = replace(case.request.context, type_k="f16", type_v="f16")
    changed = replace(case.request, engine=engine.id, quant=quant, context=context)
    text = worded("change_engine", "{engine} with a {quant} file", engine=engine.name, quant=quant)
    if better(changed):
        yield Change(text=text, axis="engine", cost=_ENGINE_COST)
        return
    for change in _ram_changes(changed, better):
        both = worded("change_both", "{first} and {second}", first=text, second=change.text)
        yield Change(text=both, axis="engine+ram", cost=_ENGINE_COST + change.cost)


def _pair_changes(request: FitRequest, better: SettingsTester, smaller: Sequence[str]) -> Iterator[Change]:
    """A smaller file together with a smaller cache, or with a context of PAIR_N_CTX."""
    context = request.context
    pairs: list[tuple[str, str, ContextParams]] = []
    if context.n_ctx > PAIR_N_CTX:
        shorter = replace(context, n_ctx=PAIR_N_CTX)
        words = worded("change_pair_context", "a context of {n}", n=tokens_text(PAIR_N_CTX))
        pairs.append(("context", words, shorter))
    if context.type_k == "f16" and context.flash_attn:
        words = worded("change_pair_kv", "a KV cache in {kind}", kind="q8_0")
        pairs.append(("kv", words, replace(context, type_k="q8_0", type_v="q8_0")))
    for axis, words, changed in pairs:
        for change in _quant_changes(request, changed, better, smaller):
            text = worded("change_both", "{first} and {second}", first=words, second=change.text)
            yield Change(text=text, axis=f"{axis}+quant", cost=change.cost + 1.0)


def _context_changes(case: Case, rank: int) -> Iterator[Change]:
    context = case.request.context

    def holds(n_steps: int) -> bool:
        return _beats(case, rank, context=at_n_ctx(context, n_steps * 1024))

    n_ctx = 1024 * largest_that(holds, context.n_ctx // 1024 - 1)
    if n_ctx:
        yield Change(
            text=worded("change_context", "context of {n}", n=tokens_text(n_ctx)),
            axis="context",
            cost=1.0 + 2.0 * (1 - n_ctx / context.n_ctx),
        )


def _ram_changes(request: FitRequest, better: Tester) -> Iterator[Change]:
    have = request.ram_bytes or 0
    if any(ask.device.unified_memory for ask in request.devices):
        return
    sizes = [gib for gib in (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768) if gib * GIB > have]
    gib = first_that(lambda size: better(replace(request, ram_bytes=size * GIB)), sizes)
    if gib is not None:
        text = worded("change_ram", "{n} GiB of RAM, layers that do not fit run from there", n=str(gib))
        yield Change(text=text, axis="ram", cost=6.0 + gib / 64)


def _device_changes(request: FitRequest, better: Tester) -> Iterator[Change]:
    first = request.devices[0]
    if first.device.kind not in {"gpu", "accelerator"}:
        yield from _memory_option_changes(request, first, better)
        return

    def enough(count: int) -> bool:
        return better(replace(request, devices=(replace(first, count=count), *request.devices[1:])))

    count = first_that(enough, range(first.count + 1, min(first.count + 7, 9)))
    if count is not None:
        text = worded("change_count", "{n} × {device}", n=str(count), device=first.device.name)
        yield Change(text=text, axis="gpu", cost=12.0 * (count - first.count))


def _memory_option_changes(request: FitRequest, ask: DeviceAsk, better: Tester) -> Iterator[Change]:
    device: Device = ask.device
    have = ask.memory_bytes or request.ram_bytes or device.memory_bytes or 0
    for size in sorted(device.memory_options_bytes):
        if size > have and better(
            replace(request, ram_bytes=size, devices=(replace(ask, memory_bytes=size), *request.devices[1:]))
        ):
            text = worded("change_memory", "the {size} version of {device}", size=gib_text(size, 0), device=device.name)
            yield Change(text=text, axis="memory", cost=15.0)
            return


def pareto(changes: Iterator[Change]) -> list[Change]:
    """The cheapest change of each axis, cheapest first, five at most."""
    cheapest: dict[str, Change] = {}
    for change in changes:
        if change.axis not in cheapest or change.cost < cheapest[change.axis].cost:
            cheapest[change.axis] = change
    return sorted(cheapest.values(), key=lambda change: change.cost)[:5]
