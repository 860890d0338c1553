"""The selects and buttons under an answer, each with the question it would ask packed and signed into its id. Pure.

What a press does is bot.presses; which letters mean what stands there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot import questions
from bot.components import button, option, row, rows_of, select
from bot.layout import Component
from bot.say import LANGUAGES, Say
from bot.state import CACHE_TYPES, ENGINES, Asked, Signer, state_text, with_more
from knowledge.errors import Ambiguous, KnowledgeError, UnknownName
from knowledge.estimator.engines import ENGINES as ENGINE_RULES
from knowledge.estimator.request import FitAnswer
from knowledge.units import GIB, tokens_text

if TYPE_CHECKING:
    from bot.desk import Desk

FIT, QUANT, CONTEXT, CACHE, ENGINE, COUNT, MORE, WORKING, CHART = "f", "q", "c", "k", "e", "n", "m", "w", "g"
RAM = "a"
BEST, COMPARE, TERM, ERROR, MODEL, DEVICE, TOOL = "b", "v", "d", "o", "M", "H", "t"
PAGE, PARTS = "P", "p"
COUNTS = (1, 2, 3, 4, 6, 8)
RAMS_GIB = (8, 16, 32, 48, 64, 96, 128, 192, 256, 512)
MOST_CHOICES = 5
MOST_OPTIONS = 512
"""So many lines of selects are kept ready: most answers show the same ones."""

_COUNTED = re.compile(r"^\s*(\d{1,2})\s*[x×*]\s*")


def packed(desk: Desk, asked: Asked) -> bytes | None:
    """A question packed; None where it cannot be, or would come back as another."""
    made = desk.codes.pack(asked)
    try:
        return made if made is not None and desk.codes.unpack(made) == asked else None
    except LookupError:
        return None


def fit_controls(
    desk: Desk, answer: FitAnswer, asked: Asked, say: Say, state: bytes | None, *, pictured: bool = False
) -> tuple[Component, ...]:
    """What recomputes a fit answer in place; nothing where the question does not fit into an id (`state` is None)."""
    if state is None:
        return ()
    sign, text = desk.signer.sign, state_text(state)
    rows = [_quants(answer, say, sign(QUANT, text)), _contexts(answer, say, sign(CONTEXT, text))]
    sizes = _ram_sizes(answer)
    if sizes and (asked.more or not asked.ram_mib):
        rows.append(_rams(sizes, asked, say, sign(RAM, text)))
    if asked.more:
        rows += _further(answer, say, lambda op: sign(op, text))
    ids = {MORE: sign(MORE, with_more(state, more=not asked.more)), WORKING: sign(WORKING, text)}
    if asked.devices and not pictured:
        ids = {CHART: sign(CHART, text), **ids}
    if asked.devices and answer.fit_tier == "no":
        here = packed(desk, Asked(devices=asked.devices, ram_mib=asked.ram_mib, n_ctx=asked.n_ctx, use="chat"))
        ids |= {BEST: sign(BEST, state_text(here))} if here else {}
    named = _buttons(say, asked.more)
    rows.append(row(*({**named[op], "custom_id": custom_id} for op, custom_id in ids.items())))
    return tuple(rows)


@lru_cache(maxsize=2 * len(LANGUAGES))
def _buttons(say: Say, more: bool) -> Mapping[str, Component]:
    """The buttons under a fit answer without their ids."""
    return {
        CHART: button(say("button.chart"), "", emoji="📊"),
        MORE: button(say("button.less" if more else "button.more"), "", emoji="⚙️"),
        WORKING: button(say("button.working"), "", emoji="🧮"),
        BEST: button(say("button.runs_here"), "", emoji="🏆"),
    }


def _quants(answer: FitAnswer, say: Say, custom_id: str) -> Component:
    rules, quant = ENGINE_RULES[answer.request.engine], answer.request.quant
    options = [
        _quant(one, say, one == quant, one == answer.best_quant) for one in questions.quants_for(quant, rules.formats)
    ]
    return select(custom_id, say("pick.quant"), options)


@lru_cache(maxsize=MOST_OPTIONS)
def _quant(quant: str, say: Say, chosen: bool, best: bool) -> Component:
    note = say("pick.quant_best") if best else ""
    return option(quant, quant, chosen=chosen, emoji="⭐" if best else "", note=note)


def _contexts(answer: FitAnswer, say: Say, custom_id: str) -> Component:
    shape, n_ctx = answer.request.model.shape, answer.request.context.n_ctx
    most = answer.max_n_ctx
    options = [
        _context(one, say, one == n_ctx, "" if most is None else "🟢" if one <= most else "🔴")
        for one in questions.contexts_for(n_ctx, shape.n_ctx_train if shape else 0)
    ]
    return select(custom_id, say("pick.n_ctx"), options)


@lru_cache(maxsize=MOST_OPTIONS)
def _context(n_ctx: int, say: Say, chosen: bool, emoji: str) -> Component:
    return option(say("fit.context", n=tokens_text(n_ctx)), str(n_ctx), chosen=chosen, emoji=emoji)


def _ram_sizes(answer: FitAnswer) -> tuple[int, ...]:
    """The sizes of RAM to choose from in GiB; none where more or less makes no other answer.

    A machine with one memory is sold with a few sizes, and its name does not say which; of RAM beside a card it matters
    only where the card does not hold all.
    """
    devices = answer.request.devices
    shared = next((one for one in devices if one.device.unified_memory), None)
    if shared is not None:
        sold = shared.device.memory_options_bytes
        unsaid = len(devices) == 1 and shared.memory_bytes is None and len(sold) > 1
        return tuple(size // GIB for size in sold) if unsaid else ()
    return RAMS_GIB if devices and answer.fit_tier != "comfortable" else ()


def _rams(sizes: Sequence[int], asked: Asked, say: Say, custom_id: str) -> Component:
    own = asked.ram_mib // 1024
    options = [option(f"{one} GiB RAM", str(one), chosen=one == own) for one in sorted({*sizes, own} - {0})]
    return select(custom_id, say("pick.ram"), options)


def _further(answer: FitAnswer, say: Say, sign: Callable[[str], str]) -> list[Component]:
    request = answer.request
    known = [kind for kind in ENGINE_RULES[request.engine].cache_types if kind in CACHE_TYPES]
    types = known if request.context.type_k in known else [request.context.type_k, *known]
    caches = [option(f"KV {one}", one, chosen=one == request.context.type_k) for one in types]
    engines = [option(ENGINE_RULES[one].name, one, chosen=one == request.engine) for one in ENGINES]
    rows = [select(sign(CACHE), say("pick.type_kv"), caches), select(sign(ENGINE), say("pick.engine"), engines)]
    if len(request.devices) == 1:
        count, name = request.devices[0].count, request.devices[0].device.name
        options = [option(f"{one} × {name}", str(one), chosen=one == count) for one in sorted({*COUNTS, count})]
        rows.append(select(sign(COUNT), say("pick.count"), options))
    return rows


def choices_for(
    desk: Desk, error: KnowledgeError, given: Mapping[str, Any], make: Callable[[Mapping[str, Any]], str | None]
) -> tuple[Component, ...]:
    """A button for each name one may have meant, which asks the whole question anew with that name in it.

    `make` turns options into a `custom_id`, or None where they still lead nowhere.
    """
    if not isinstance(error, UnknownName | Ambiguous):
        return ()
    buttons: dict[str, Component] = {}
    for choice in error.choices[:MOST_CHOICES]:
        for name, value in given.items():
            if isinstance(value, str) and value and error.subject and value.startswith(error.subject):
                try:
                    custom_id = make({**given, name: _swapped(value, choice)})
                except KnowledgeError:
                    custom_id = None
                if custom_id is not None:
                    buttons.setdefault(custom_id, button(desk.name_of(choice), custom_id))
    return tuple(rows_of(buttons.values()))


def _swapped(value: str, choice: str) -> str:
    """A typed name replaced, its count kept ("2x rtx 3060")."""
    count = _COUNTED.match(value)
    return f"{count[1]}x {choice}" if count else choice


def named(signer: Signer, op: str, id_: str) -> str | None:
    """The id of a button that shows one entry of the catalogue; None where its name is too long for one."""
    try:
        return signer.sign(op, id_)
    except ValueError:
        return None
