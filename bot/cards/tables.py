"""Several answers in one message: side by side, the best of a rig, what came out lately, what it costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.common import BRAND, VERDICTS, evidence_text
from bot.cards.fit import bytes_in_ram, hardware_text, memory_free, memory_parts, of_text, speed_text
from bot.cards.notes import note_reply
from bot.layout import BLUE, GREEN, VIOLET, Card, Component, Field, Reply
from bot.say import Say
from bot.text import bullets, code, link, plain
from knowledge.catalog import Model
from knowledge.costs import CostAnswer
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer
from knowledge.said import Said
from knowledge.side_by_side import device_text
from knowledge.units import gib_text, tok_s_text, tokens_text


def compare_reply(found: Sequence[FitAnswer], say: Say) -> Reply:
    """Answers about one model side by side, a part each."""
    several_quants = len({answer.request.quant for answer in found}) > 1
    fields = tuple(Field(name=_candidate(answer, several_quants), value=_column(answer, say)) for answer in found)
    first = found[0].request
    quant = "" if several_quants else f"{code(first.quant)} · "
    tiers = dict.fromkeys(evidence_text(answer.evidence, say) for answer in found)
    card = Card(
        title=f"⚖️ {say('compare.title', model=plain(first.model.name, 120))}",
        description=f"{quant}{say('fit.context', n=tokens_text(first.context.n_ctx))} · {plain(first.engine)}",
        color=BLUE,
        fields=fields,
        footer=" · ".join((*tiers, BRAND)),
    )
    return Reply(cards=(card,), about=("compare", first.model.id))


def _candidate(answer: FitAnswer, several_quants: bool) -> str:
    icon = VERDICTS[answer.fit_tier][0]
    quant = f" {answer.request.quant}" if several_quants else ""
    return f"{icon} {plain(hardware_text(answer) + quant, 120)}"


def _column(answer: FitAnswer, say: Say) -> str:
    runs = answer.fit_tier != "no"
    need = sum(size for _, size in memory_parts(answer))
    speed = answer.written_tok_s
    said = [speed_text(speed) if runs and speed else say(VERDICTS[answer.fit_tier][1])]
    said.append(of_text(need, memory_free(answer)))
    if in_ram := bytes_in_ram(answer):
        said.append(say("compare.in_ram", size=gib_text(in_ram)))
    if runs and answer.max_n_ctx is not None:
        said.append(say("fit.up_to", n=tokens_text(answer.max_n_ctx)))
    return " · ".join(said)


def best_reply(
    ranked: Sequence[Ranked],
    hardware: str,
    use: str,
    n_ctx: int,
    say: Say,
    controls: tuple[Component, ...] = (),
    given: Sequence[str] = (),
) -> Reply:
    """The models that run best on a rig, one line each, or that none does. `given`: what was taken as given."""
    if not ranked:
        text = say("best.none", use=say(f"use.{use}"), hardware=code(hardware), n=tokens_text(n_ctx))
        return note_reply(say("best.none_title"), text)
    card = Card(
        title=f"🏆 {say('best.title', use=say(f'use.{use}'), hardware=plain(hardware, 130))}",
        description="\n".join(f"{number}. {ranked_line(row)}" for number, row in enumerate(ranked, 1)),
        color=GREEN,
        fields=(Field(name=say("fit.given"), value=_given(tuple(given), say)),) if given else (),
        footer=f"{say('fit.context', n=tokens_text(n_ctx))} · {say('best.ranked_by')} · {evidence_text('E', say)}",
    )
    return Reply(cards=(card,), controls=controls, about=("best", use))


def ranked_line(row: Ranked) -> str:
    """One model of a ranking."""
    speed = f" · {tok_s_text(row.decode_tok_s)} tok/s" if row.model.writes_text else ""
    return (
        f"{VERDICTS[row.fit_tier][0]} **{plain(row.model.name, 60)}** {code(row.quant)}"
        f" · {gib_text(row.total_bytes)}{speed}"
    )


STAND_INS = frozenset(
    {"card_stand_in", "device_stand_in", "cpu_stand_in", "processor_stand_in", "model_stand_in", "unranked_stand_in"}
)
"""Keys of what is said where hardware was not named in full, or no model that is known."""


def ranked_reply(found: Sequence[FitAnswer], say: Say, controls: tuple[Component, ...] = ()) -> Reply:
    """The answers for models that nobody named, best first, one line each; by rig where there are several."""
    rigs: dict[str, list[FitAnswer]] = {}
    for answer in found:
        rigs.setdefault(hardware_text(answer), []).append(answer)
    first = found[0].request
    given = dict.fromkeys(
        one for answer in found for one in answer.assumptions if isinstance(one, Said) and one.key in STAND_INS
    )
    parts = [(rig, "\n".join(f"{at}. {_fit_line(answer, say)}" for at, answer in enumerate(answers, 1)))
             for rig, answers in rigs.items()]  # fmt: skip
    name = plain(parts[0][0], 130)
    use = say(f"use.{_use_of(found)}")
    title = say("best.title", use=use, hardware=name) if len(parts) == 1 else say("best.several_title")
    lone = parts[0][1] if len(parts) == 1 else ""
    facts = {hardware_text(answer): _devices_text(answer) for answer in found}
    several = [Field(name=plain(rig, 120), value=f"-# {facts[rig]}\n{lines}") for rig, lines in parts]
    fields = several if len(parts) > 1 else []
    fields.append(Field(name=say("fit.given"), value=_given(tuple(given), say) if given else ""))
    card = Card(
        title=f"🏆 {title}",
        description=lone,
        color=GREEN,
        fields=tuple(field for field in fields if field.value),
        footer=f"{say('fit.context', n=tokens_text(first.context.n_ctx))} · {evidence_text(found[0].evidence, say)}",
    )
    return Reply(cards=(card,), controls=controls, about=("best", _use_of(found)))


def _use_of(found: Sequence[FitAnswer]) -> str:
    """What the models of a list are for: that which all of them were made for, else company."""
    kinds = {answer.request.model.kind for answer in found}
    return kinds.pop() if len(kinds) == 1 and kinds <= {"code", "reasoning", "embedding"} else "chat"


def _devices_text(answer: FitAnswer) -> str:
    """What the devices of a rig are that is compared with another."""
    return plain(" + ".join(device_text(ask.device) for ask in answer.request.devices), 200)


def _fit_line(answer: FitAnswer, say: Say) -> str:
    icon, verdict, _ = VERDICTS[answer.fit_tier]
    request = answer.request
    speed = f"{tok_s_text(answer.written_tok_s.mid)} tok/s" if answer.written_tok_s else say(verdict)
    size = gib_text(sum(size for _, size in memory_parts(answer)) + bytes_in_ram(answer))
    return f"{icon} **{plain(request.model.name, 60)}** {code(request.quant)} · {size} · {speed}"


@dataclass(frozen=True, slots=True)
class Story:
    """One thing that came out, as the last published issue tells it."""

    title: str
    url: str
    kind: str = ""


def pulse_reply(
    new: Sequence[tuple[Model, FitAnswer | None]], stories: Sequence[Story], month: str, rig: str, say: Say
) -> Reply:
    """What came out lately, and how much of it runs on the asker's rig."""
    runs = [(model, answer) for model, answer in new if answer is not None and answer.fit_tier != "no"]
    lines = [_new_line(model, answer, say) for model, answer in sorted(new, key=lambda row: row not in runs)]
    fields = [Field(name=say("pulse.models"), value=bullets(lines))]
    if stories:
        told = bullets(link(story.title, story.url) for story in stories)
        fields.append(Field(name=say("pulse.stories", month=plain(month)), value=told))
    card = Card(
        title=f"📡 {say('pulse.title')}",
        description=say("pulse.on_rig", rig=plain(rig, 130), n=len(runs), all=len(new)) if rig else say("pulse.no_rig"),
        color=VIOLET,
        fields=tuple(fields),
        footer=f"{say('pulse.dates')} · {BRAND}",
    )
    return Reply(cards=(card,))


def _new_line(model: Model, answer: FitAnswer | None, say: Say) -> str:
    name = f"**{plain(model.name, 80)}** · {plain(model.release_date or '?')}"
    if answer is None:
        return name
    icon, verdict, _ = VERDICTS[answer.fit_tier]
    if answer.fit_tier == "no":
        return f"{icon} {name} · {say(verdict)}"
    said = f"**{tok_s_text(answer.written_tok_s.mid)} tok/s**" if answer.written_tok_s else say(verdict)
    return f"{icon} {name} · {code(answer.request.quant)} {said}"


def cost_reply(found: CostAnswer, say: Say) -> Reply:
    """Whether one's own machine is cheaper than paying for tokens."""
    cost, given, money = found.cost, found.given, found.currency
    request = found.fit.request
    own = [
        say("cost.electricity", price=f"{cost.local_per_mtok:,.2f} {money}", kwh=f"{cost.kwh_per_mtok:,.2f}"),
        say("cost.capacity", n=_big(cost.most_tokens_per_month)),
        say("cost.device", price=f"{given.device_price:,.0f} {money}", watts=f"{given.watts:,.0f}"),
    ]
    lines = [say("cost.cloud", price=f"{cost.cloud_per_mtok:,.2f} {money}")]
    if cost.break_even_tokens is None or cost.break_even_tokens_per_month is None:
        verdict = say("cost.never")
    else:
        key = "cost.break_even" if cost.reachable else "cost.beyond"
        verdict = say(key, n=_big(cost.break_even_tokens_per_month))
        lines.append(say("cost.after", n=_big(cost.break_even_tokens)))
    if cost.months is not None:
        lines.append(say("cost.payback", n=f"{cost.months:,.0f}"))
    where = say("fit.on", hardware=plain(hardware_text(found.fit), 120))
    card = Card(
        title=f"💶 {plain(request.model.name, 100)}{where}",
        description=f"**{verdict}**",
        color=BLUE,
        fields=(
            Field(name=say("cost.own"), value=bullets(own)),
            Field(name=say("cost.api"), value=bullets(lines)),
            Field(name=say("fit.given"), value=_given(found.assumptions, say)),
        ),
        footer=f"{evidence_text(found.fit.evidence, say)} · {BRAND}",
    )
    return Reply(cards=(card,), about=("cost", request.model.id))


def _given(assumptions: Sequence[str], say: Say) -> str:
    """What was taken as given, in small print; addresses without what would make them links."""
    return "-# " + "; ".join(plain(say.core(one).replace("https://", ""), 200) for one in assumptions)


def _big(tokens: float) -> str:
    """Tokens in millions."""
    return f"{tokens / 1e6:,.0f} M" if tokens >= 1e8 else f"{tokens / 1e6:,.1f} M"
