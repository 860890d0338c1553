"""The card of "will it run?" and its working. Pure: figures set in type.

Nothing is computed here and nothing knows Discord's classes. Several answers together are tables.py's.
"""

from __future__ import annotations

from bot.cards.common import BRAND, VERDICTS, evidence_text, sources_text
from bot.layout import BLUE, Card, Field, bar
from bot.say import Say
from bot.text import bullets, code, fence, plain
from knowledge.estimator.request import FitAnswer, Interval
from knowledge.units import GIB, gib_text, seconds_text, tok_s_text, tokens_text


def fit_card(answer: FitAnswer, say: Say, *, short: bool = False, pictured: bool = False) -> Card:
    """The card of one fit answer.

    `short` leaves out all but memory and speeds, where several share a message; `pictured` the memory, which a picture
    beside it shows.
    """
    icon, verdict, color = VERDICTS[answer.fit_tier]
    request = answer.request
    asked = [code(request.quant), say("fit.context", n=tokens_text(request.context.n_ctx)), plain(request.engine)]
    if request.context.type_k != "f16":
        asked.insert(2, f"KV {code(request.context.type_k)}")
    lines = [f"**{say(verdict)}** · {' · '.join(asked)}", *(plain(say.core(flag)) for flag in answer.flags)]
    memory = _beside_picture(answer, say) if pictured else memory_block(answer, say)
    fields = [Field(name="", value="\n".join(speed_lines(answer, say))), Field(name="", value=memory)]
    if not short:
        fields += _details(answer, say)
    return Card(
        title=f"{icon} {plain(request.model.name, 120)}{_on(answer, say)}",
        description="\n".join(lines),
        color=color,
        fields=tuple(field for field in fields if field.value),
        footer=f"{evidence_text(answer.evidence, say)} · {BRAND}",
    )


def _details(answer: FitAnswer, say: Say) -> list[Field]:
    runs = answer.fit_tier != "no"
    given = "-# " + plain("; ".join(map(say.core, answer.assumptions)), 600) if answer.assumptions else ""
    return [
        Field(name="", value=fence(answer.command, 900, "sh") if answer.command and runs else ""),
        Field(name=say("fit.change"), value=bullets(plain(say.core(change.text)) for change in answer.changes)),
        Field(name=say("fit.given"), value=given),
        Field(name=say("fit.sources"), value=sources_text(_sources(answer))),
    ]


SQUARES = {
    "part.weights": "🟪",
    "part.kv": "🟦",
    "part.state": "🟩",
    "part.projector": "🟥",
    "part.draft": "🟫",
    "part.lora": "🟧",
    "part.compute": "🟨",
    "part.driver": "⬜",
}
"""The colours of the parts in a picture."""


def hardware_text(answer: FitAnswer) -> str:
    """The hardware asked about, in words."""
    return " + ".join(
        f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in answer.request.devices
    )


def _on(answer: FitAnswer, say: Say) -> str:
    return say("fit.on", hardware=plain(hardware_text(answer), 130)) if answer.request.devices else ""


def _sources(answer: FitAnswer) -> tuple[str, ...]:
    devices = tuple(source for ask in answer.request.devices[:2] for source in ask.device.sources[:1])
    return (*answer.request.model.sources[:2], *devices)


def memory_parts(answer: FitAnswer) -> tuple[tuple[str, int], ...]:
    """What takes the memory, as (message key, bytes), zeros left out.

    Where it does not run, what would have to sit in RAM counts as needed too.
    """
    memory, no = answer.memory, answer.fit_tier == "no"
    parts = (
        ("part.weights", memory.weights_bytes + no * memory.host_weights_bytes),
        ("part.kv", memory.kv_cache_bytes + no * memory.host_kv_cache_bytes),
        ("part.state", memory.recurrent_bytes + no * memory.host_recurrent_bytes),
        ("part.projector", memory.projector_bytes + no * memory.host_projector_bytes),
        ("part.draft", memory.draft_bytes),
        ("part.lora", memory.lora_bytes),
        ("part.compute", memory.compute_bytes + no * memory.host_compute_bytes),
        ("part.driver", memory.overhead_bytes),
    )
    return tuple((key, size) for key, size in parts if size)


def memory_free(answer: FitAnswer) -> int | None:
    """The bytes the accelerators have for all parts, the driver's included; None where no hardware was named."""
    return answer.room_bytes


def memory_block(answer: FitAnswer, say: Say) -> str:
    """Memory by part against what is free, as a code block narrow enough for a telephone."""
    parts = [(say(key), size) for key, size in memory_parts(answer)]
    need, have = sum(size for _, size in parts), memory_free(answer)
    whole = max(have or 0, need, 1)
    wide = max([_width(name) for name, _ in parts] + [_width(say("part.short"))])
    rows = [f"{bar(need, whole, 16)} {of_text(need, have)}"]
    rows += [f"{_row(name, size, wide)}  {bar(size, whole, 10, fine=True)}".rstrip() for name, size in parts]
    if have is not None:
        rows.append(
            _row(say("part.free"), have - need, wide) if need <= have else _row(say("part.short"), need - have, wide)
        )
    if in_ram := bytes_in_ram(answer):
        rows.append(_row(say("part.ram"), in_ram, wide))
    return fence("\n".join(rows), 1000)


def _beside_picture(answer: FitAnswer, say: Say) -> str:
    """What a picture does not say: which part each colour is, what stays in RAM, and what the curve shows."""
    size = bytes_in_ram(answer)
    lines = [" · ".join(f"{SQUARES[key]} {say(key)}" for key, _ in memory_parts(answer))]
    if size:
        lines.append(f"{say('part.ram')}: **{gib_text(size)}**")
    if answer.fit_tier not in {None, "no"} and answer.written_tok_s is not None:
        lines.append(f"-# {say('chart.curve')}")
    return "\n".join(lines)


def bytes_in_ram(answer: FitAnswer) -> int:
    """What stays in RAM, where that is worth a line: less than 1 GiB beside a model that fits whole is not."""
    size = answer.memory.host_total_bytes
    little = answer.fit_tier == "comfortable" and size < GIB
    return 0 if answer.fit_tier == "no" or little else size


def _width(text: str) -> int:
    """Columns of a text in a fixed-width font: those of East Asia take two."""
    return len(text) if text.isascii() else sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def _row(name: str, size: int, wide: int) -> str:
    return f"{name}{' ' * (wide - _width(name))}{gib_text(size, 2):>11}"


def of_text(used: int, have: int | None) -> str:
    """`5.9 of 12.0 GiB` without words, so that it needs no language."""
    return gib_text(used) if have is None else f"{gib_text(used).removesuffix(' GiB')} / {gib_text(have)}"


def speed_text(speed: Interval) -> str:
    """A speed with its 80 % interval."""
    return f"**{tok_s_text(speed.mid)} tok/s** ({tok_s_text(speed.low)}–{tok_s_text(speed.high)})"


def speed_lines(answer: FitAnswer, say: Say) -> list[str]:
    """What one feels: how fast it writes and reads, how long it stays so; nothing where it does not run."""
    if answer.fit_tier in {None, "no"}:
        return []
    model = answer.request.model
    writes = speed_text(answer.decode_tok_s) if answer.decode_tok_s else say("fit.unknown")
    reads = speed_text(answer.prefill_tok_s) if answer.prefill_tok_s else say("fit.unknown")
    read = f"📖 {say('fit.reads')} {reads}"
    lines = [f"✍️ {say('fit.writes')} {writes} · {read}" if model.writes_text else read]
    if model.kind == "diffusion":
        lines = []
    room = []
    if answer.ttft_s is not None and model.writes_text:
        room.append(say("fit.first_token", time=seconds_text(answer.ttft_s)))
    if answer.max_n_ctx is not None:
        room.append(say("fit.up_to", n=tokens_text(answer.max_n_ctx)))
    if answer.best_quant and answer.best_quant != answer.request.quant:
        key = "fit.also_takes" if answer.fit_tier == "comfortable" else "fit.my_pick"
        room.append(say(key, quant=code(answer.best_quant)))
    if room:
        lines.append(" · ".join(room))
    if answer.feel:
        lines.append(f"-# {plain(say.core(answer.feel))}")
    return lines


def working_card(answer: FitAnswer, say: Say) -> Card:
    """How the figures came about: every part in bytes, what went in, how sure it is."""
    memory, request = answer.memory, answer.request
    rows = [f"{say(key)}: {size:,} B" for key, size in memory_parts(answer)]
    if memory.host_total_bytes:
        rows.append(f"{say('part.ram')}: {memory.host_total_bytes:,} B")
    shape = request.model.shape
    facts = [f"n_ctx {request.context.n_ctx:,}", f"KV {request.context.type_k}/{request.context.type_v}"]
    if shape is not None:
        facts += [f"n_layer {shape.n_layer}", f"n_embd {shape.n_embd}", f"n_head_kv {shape.n_head_kv}"]
        facts += [f"n_embd_head_k {shape.n_embd_head_k}", f"n_vocab {shape.n_vocab:,}", f"arch {shape.arch}"]
    if answer.n_gpu_layers is not None:
        facts.append(f"n_gpu_layers {answer.n_gpu_layers}")
    fields = [
        Field(name=say("working.memory"), value=fence("\n".join(rows), 1000)),
        Field(name=say("working.inputs"), value=fence("\n".join(facts), 600)),
        Field(name=say("working.devices"), value=bullets(_device_facts(answer))),
        Field(name=say("working.quality"), value=_quality(answer, say)),
        Field(name=say("fit.given"), value=bullets(plain(say.core(one)) for one in answer.assumptions)),
        Field(name=say("fit.sources"), value=sources_text(_sources(answer))),
    ]
    return Card(
        title=f"🧮 {say('working.title')}",
        description=say("working.intro"),
        color=BLUE,
        fields=tuple(fields),
        footer=f"{evidence_text(answer.evidence, say)} · {BRAND}",
    )


def _device_facts(answer: FitAnswer) -> list[str]:
    found = []
    for ask in answer.request.devices:
        size = ask.memory_bytes or ask.device.memory_bytes
        facts = [gib_text(size)] if size else []
        if ask.device.bandwidth_bytes_per_s:
            facts.append(f"{ask.device.bandwidth_bytes_per_s / 1e9:,.0f} GB/s")
        if ask.device.fp16_flops:
            facts.append(f"{ask.device.fp16_flops / 1e12:,.1f} TFLOPS FP16")
        found.append(f"{ask.count}× {plain(ask.device.name, 120)}: {', '.join(facts)}")
    return found


def _quality(answer: FitAnswer, say: Say) -> str:
    quality = answer.quality
    if quality is None:
        return ""
    said = [f"{code(quality.quant)} {plain(say.core(quality.words), 120)}"]
    if quality.kl_divergence is not None:
        said.append(say("working.kl", kl=f"{quality.kl_divergence:.4f}"))
    if quality.perplexity_delta_pct is not None:
        said.append(say("working.perplexity", pct=f"{quality.perplexity_delta_pct:+.2f}"))
    return " · ".join(said) + (f"\n-# {plain(quality.source, 200)}" if quality.source else "")
