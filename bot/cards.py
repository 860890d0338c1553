"""Answers as cards: what stands where, in which words and colours. Pure: an answer in, cards out.

Nothing is computed here beyond setting figures in type, and nothing knows Discord's classes: respond.py turns cards into embeds.
Every text that came from a person or from data goes through bot.text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from bot.layout import AMBER, BLUE, GREEN, GREY, ORANGE, RED, VIOLET, Card, Field, Reply, bar
from bot.text import bullets, code, cut, fence, label, link, markdown, plain
from knowledge.catalog import ErrorClass, Evidence, FitTier, Term
from knowledge.errors import Ambiguous, KnowledgeError, Unanswerable
from knowledge.estimator.request import FitAnswer, Interval
from knowledge.units import gib_text, seconds_text, tok_s_text, tokens_text

BRAND = "RUNLOCALAI"
SURE = 0.5
"""Below this confidence a diagnosis is shown as a guess."""

WORTH_NAMING = 0.05
"""Below this confidence a further diagnosis is not named."""

Namer = Callable[[str], str]
"""From an id to the name people know."""

VERDICTS: dict[FitTier | None, tuple[str, str, int]] = {
    "comfortable": ("🟢", "Runs comfortably", GREEN),
    "trade-offs": ("🟡", "Runs with trade-offs", AMBER),
    "no": ("🔴", "Will not run", RED),
    None: ("📦", "Memory it takes", BLUE),
}
EVIDENCE: dict[Evidence, str] = {
    "M": "measured on this very combination",
    "M~": "measured on a neighbour",
    "C": "from community measurements",
    "~": "extrapolated from measurements",
    "E": "estimated, not measured",
}


# ---- will it run?


def fit_card(answer: FitAnswer, *, short: bool = False) -> Card:
    """The card of one fit answer: verdict, memory, speeds, command, changes, assumptions, sources; `short`: the first of these."""
    icon, verdict, color = VERDICTS[answer.fit_tier]
    request = answer.request
    asked = [code(request.quant), f"{tokens_text(request.context.n_ctx)} context", plain(request.engine)]
    if request.context.type_k != "f16":
        asked.insert(2, f"KV {code(request.context.type_k)}")
    lines = [f"**{verdict}** · {' · '.join(asked)}", *(f"-# {plain(flag)}" for flag in answer.flags)]
    fields = (
        Field(name="Memory", value=memory_block(answer)),
        *_speed_fields(answer),
        Field(name="What would change it", value=bullets(plain(change.text) for change in answer.changes)),
        Field(
            name="Run it", value=fence(answer.command, 900, "sh") if answer.command and answer.fit_tier != "no" else ""
        ),
        Field(
            name="Taken as given", value="-# " + plain("; ".join(answer.assumptions), 600) if answer.assumptions else ""
        ),
        Field(name="Sources", value=_sources((*request.model.sources[:2], *_device_sources(answer)))),
    )
    return Card(
        title=f"{icon} {plain(request.model.name, 120)}{_on(answer)}",
        description="\n".join(lines),
        color=color,
        fields=fields[:4] if short else fields,
        footer=f"{answer.evidence} = {EVIDENCE[answer.evidence]} · {BRAND}",
    )


def hardware_text(answer: FitAnswer) -> str:
    """The hardware asked about, in words."""
    return " + ".join(
        f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in answer.request.devices
    )


def _on(answer: FitAnswer) -> str:
    return f" on {plain(hardware_text(answer), 130)}" if answer.request.devices else ""


def _device_sources(answer: FitAnswer) -> tuple[str, ...]:
    return tuple(source for ask in answer.request.devices[:2] for source in ask.device.sources[:1])


def memory_block(answer: FitAnswer) -> str:
    """Memory by part against what is free, as a code block narrow enough for a telephone.

    Where it does not run, what would have to sit in RAM counts as needed too: the block shows by how much it falls short.
    """
    memory = answer.memory
    falls_short = answer.fit_tier == "no"
    parts = (
        ("weights", memory.weights_bytes + (memory.host_weights_bytes if falls_short else 0)),
        ("KV cache", memory.kv_cache_bytes + (memory.host_kv_cache_bytes if falls_short else 0)),
        ("state", memory.recurrent_bytes + (memory.host_recurrent_bytes if falls_short else 0)),
        ("compute", memory.compute_bytes + (memory.host_compute_bytes if falls_short else 0)),
        ("driver", memory.overhead_bytes),
    )
    need = sum(size for _, size in parts)
    have = None if answer.available_bytes is None else answer.available_bytes + memory.overhead_bytes
    whole = max(have or 0, need, 1)
    rows = [f"{bar(need, whole, 16)} {_of(need, have)}"]
    rows += [f"{_row(name, size)}  {bar(size, whole, 10, fine=True)}".rstrip() for name, size in parts if size]
    if have is not None:
        rows.append(_row("free", have - need) if need <= have else _row("short by", need - have))
    if memory.host_total_bytes and not falls_short:
        rows.append(_row("in RAM", memory.host_total_bytes))
    return fence("\n".join(rows), 1000)


def _row(name: str, size: int) -> str:
    return f"{name:<9}{gib_text(size, 2):>10}"


def _of(used: int, have: int | None) -> str:
    return gib_text(used) if have is None else f"{gib_text(used).removesuffix(' GiB')} of {gib_text(have)}"


def speed_text(speed: Interval) -> str:
    """A speed with its 80 % interval."""
    return f"**{tok_s_text(speed.mid)} tok/s**\n-# {tok_s_text(speed.low)} to {tok_s_text(speed.high)}"


def _speed_fields(answer: FitAnswer) -> tuple[Field, ...]:
    if answer.fit_tier in {None, "no"}:
        return ()
    fields = [
        Field(name="Writes", value=speed_text(answer.decode_tok_s) if answer.decode_tok_s else "unknown", inline=True),
        Field(name="Reads", value=speed_text(answer.prefill_tok_s) if answer.prefill_tok_s else "unknown", inline=True),
    ]
    room = []
    if answer.ttft_s is not None:
        room.append(f"first token after {seconds_text(answer.ttft_s)}")
    if answer.max_n_ctx is not None:
        room.append(f"context up to {tokens_text(answer.max_n_ctx)}")
    if answer.max_n_ctx_at_20_tok_s is not None:
        room.append(f"{tokens_text(answer.max_n_ctx_at_20_tok_s)} filled at 20 tok/s")
    if answer.best_quant and answer.best_quant != answer.request.quant:
        room.append(
            f"{'also takes' if answer.fit_tier == 'comfortable' else 'comfortable with'} {code(answer.best_quant)}"
        )
    fields.append(Field(name="Room", value="\n".join(room), inline=True))
    fields.append(Field(name="How it feels", value=plain(answer.feel)))
    return tuple(fields)


def _sources(urls: Sequence[str]) -> str:
    return "-# " + " · ".join(dict.fromkeys(_source(url) for url in urls)) if urls else ""


def _source(source: str) -> str:
    """A source, an address or words that may hold one: `owner/repo#12`, `repo/file`, or the words with a link where allowed."""
    words, mark, address = source.partition("https://")
    url = (mark + address).split(" ")[0]
    if not url:
        first = source.split(" ")[0]
        return plain(first if "/" in first else source, 50)
    return link(label(words, 60) or _short_name(url), url)


def _short_name(url: str) -> str:
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    host = (parts.hostname or "").removeprefix("www.")
    if host not in {"github.com", "huggingface.co"} or len(steps) < 2:
        return cut("/".join([host, *steps[-1:]]), 60)
    if len(steps) > 3 and steps[2] in {"issues", "pull", "discussions"}:
        return cut(f"{steps[0]}/{steps[1]}#{steps[3]}", 60)
    return cut(f"{steps[1]}/{steps[-1]}" if len(steps) > 2 else "/".join(steps), 60)


# ---- what does it mean?


def term_card(term: Term, *, short: bool = False, name_of: Namer = str) -> Card:
    """The card of a glossary entry whose numbers are rendered; `short` where it shares the message with another."""
    parts = [("Practical example", term.practical)]
    if not short:
        parts = [("Deeper dive", term.deeper), *parts, ("Workflow example", term.workflow)]
    fields = [Field(name=name, value=markdown(text, 1000)) for name, text in parts]
    fields.append(Field(name="Related", value=" · ".join(plain(name_of(id_), 60) for id_ in term.related[:8])))
    fields.append(
        Field(name="When it doesn't work", value=" · ".join(plain(name_of(id_), 80) for id_ in term.errors[:4]))
    )
    fields.append(Field(name="Sources", value=_sources(term.sources[:3])))
    return Card(
        title=f"📖 {plain(term.term, 120)}",
        description=markdown(term.definition, 1600),
        color=VIOLET,
        fields=tuple(fields),
        footer=f"{cut(term.category, 60)} · reviewed {cut(term.reviewed, 20)} · {BRAND}",
    )


def terms_reply(asked: str, terms: Sequence[Term], name_of: Namer = str) -> Reply:
    """One term in full, two or three side by side, or the honest answer that the glossary has none."""
    if not terms:
        text = f"{code(asked)} is not in the glossary, or it is not a local-AI term.\nType a few letters and pick from the list that opens."
        return Reply(
            cards=(Card(title="I don't know that word", description=text, color=GREY, footer=BRAND),),
            shareable=False,
            failed=True,
        )
    shown = terms[:3]
    return Reply(cards=tuple(term_card(term, short=len(shown) > 1, name_of=name_of) for term in shown))


# ---- what went wrong?


def error_card(error: ErrorClass, confidence: float, name_of: Namer = str) -> Card:
    """The card of one error class: cause, ranked fixes with their commands, how to verify, related ones, sources."""
    fields = [
        Field(name=f"Fix {number}", value=_fix(fix.text, fix.command)) for number, fix in enumerate(error.fixes[:6], 1)
    ]
    fields.append(Field(name="It worked when", value=markdown(error.verify, 600)))
    fields.append(Field(name="Related", value=bullets(plain(name_of(id_), 120) for id_ in error.related[:4])))
    fields.append(Field(name="Sources", value=_sources(error.sources[:3])))
    sure = f"{confidence:.0%} sure" if confidence >= SURE else f"only {confidence:.0%} sure"
    return Card(
        title=f"🔧 {plain(error.title, 200)}",
        description=f"**{sure}** · {plain(', '.join(error.tools) or 'any tool', 120)}\n{markdown(error.cause, 1500)}",
        color=ORANGE,
        fields=tuple(fields),
        footer=f"Cause confirmed by: {cut(error.confirmed, 40) or 'nobody yet'} · last verified {cut(error.verified, 20)} · {BRAND}",
    )


def _fix(text: str, command: str) -> str:
    said = markdown(text, 480)
    return f"{said}\n{fence(command, 480, 'sh')}" if command else said


def errors_reply(found: Sequence[tuple[ErrorClass, float]], name_of: Namer = str) -> Reply:
    """The likeliest error in full and the others by name, or "I don't know this one" and what to paste."""
    if not found:
        text = (
            "No error that I know is in this text.\nPaste the **whole** log from the start of the program (or attach it as a file), with the "
            "command you typed, the engine and its version, your GPU and operating system."
        )
        return Reply(
            cards=(Card(title="I don't know this one", description=text, color=GREY, footer=BRAND),),
            shareable=False,
            failed=True,
        )
    cards = [error_card(*found[0], name_of)]
    others = bullets(f"{plain(error.title, 200)} ({sure:.0%})" for error, sure in found[1:4] if sure >= WORTH_NAMING)
    if others:
        cards.append(Card(title="Less likely", description=others, color=GREY))
    return Reply(cards=tuple(cards))


# ---- when there is no answer


def problem_reply(error: KnowledgeError, name_of: Namer = str) -> Reply:
    """What was wrong with the question, what to do, and the names one may have meant."""
    titles: tuple[tuple[type[KnowledgeError], str], ...] = (
        (Ambiguous, "Which one do you mean?"),
        (Unanswerable, "That is not known"),
    )
    title = next((title for kind, title in titles if isinstance(error, kind)), "I can't answer that")
    fields = (Field(name="Did you mean", value=bullets(plain(name_of(choice), 120) for choice in error.choices[:5])),)
    said = [plain(error.message, 600)]
    if error.hint and not error.choices:
        said.append(plain(error.hint, 600))
    return Reply(
        cards=(Card(title=title, description="\n".join(said), color=AMBER, fields=fields, footer=BRAND),),
        shareable=False,
        failed=True,
    )


def open_reply(open_text: str) -> Reply:
    """The card for a question that lacks something, or that is none of ours; `open_text` says what is missing."""
    text = plain(open_text, 400) or "That is neither about fit, nor a word, nor an error that I know."
    ways = "Try `/fit` for a model on your hardware, `/define` for a word, `/error` for a log."
    return note_reply("I need a little more" if open_text else "That is not my field", f"{text}\n{ways}")


def help_reply(commands: Sequence[tuple[str, str]], known: tuple[int, int, int, int]) -> Reply:
    """What the bot can do, what it knows, and what the evidence letters mean. `known`: models, devices, terms, errors."""
    models, devices, terms, errors = known
    said = f"I know **{models:,}** models, **{devices:,}** devices, **{terms:,}** terms and **{errors:,}** errors."
    fields = (
        Field(name="Commands", value="\n".join(f"**/{name}** {plain(text, 120)}" for name, text in commands)),
        Field(name="Verdicts", value="\n".join(f"{icon} {text}" for tier, (icon, text, _) in VERDICTS.items() if tier)),
        Field(name="How sure is a number?", value="\n".join(f"{code(tier)} {text}" for tier, text in EVIDENCE.items())),
        Field(name="Private", value="Answers are yours alone until you press *Share*. No message is read or stored."),
    )
    return Reply(
        cards=(Card(title=f"{BRAND}: will it run?", description=said, color=VIOLET, fields=fields, footer=BRAND),)
    )


def broken_reply(incident: str) -> Reply:
    """The card for a fault of ours: no details, but a number by which the log line is found."""
    text = f"This is a fault of the bot, not of your question. It was logged as {code(incident, 20)}."
    return Reply(
        cards=(Card(title="Something broke", description=text, color=RED, footer=BRAND),), shareable=False, failed=True
    )


def note_reply(title: str, text: str) -> Reply:
    """A short remark where no answer card fits; both are our own words or already made safe."""
    return Reply(cards=(Card(title=title, description=text, color=GREY, footer=BRAND),), shareable=False, failed=True)
