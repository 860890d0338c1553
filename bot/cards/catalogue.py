"""The cards of the catalogue: a model, a device, a tool, as far as they are known. Pure; nothing is looked up here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, in_english, sources_text
from bot.cards.tables import ranked_line
from bot.layout import BLUE, VIOLET, Card, Component, Field, Reply
from bot.say import Say
from bot.text import code, fence, markdown, plain
from knowledge.catalog import Device, Model, Tool
from knowledge.estimator.rank import Ranked
from knowledge.estimator.refusals import no_shape
from knowledge.side_by_side import count_text
from knowledge.units import gib_text, tokens_text


def model_reply(
    model: Model, sizes: Sequence[tuple[str, int]], say: Say, controls: tuple[Component, ...] = ()
) -> Reply:
    """A model: what it is, how large its files are, what it can hold. `sizes`: (quantisation, bytes of the file).

    The catalogue's notes are its curators' own and are not shown.
    """
    shape = model.shape
    facts = [
        _fact(say("model.by"), model.org),
        _fact(say("model.kind"), say(f"model_kind.{model.kind}")),
        _fact(say("model.released"), model.release_date),
        _fact(say("model.license"), say("model.own_license") if model.license == "other" else model.license),
        _fact(say("model.params"), _params(model, say)),
        _fact(say("model.n_ctx"), tokens_text(shape.n_ctx_train) if shape else None),
        _fact(say("model.arch"), shape.arch if shape else None),
    ]
    rows = [f"{quant:<10}{gib_text(size):>10}" for quant, size in sizes]
    repos = [
        f"https://huggingface.co/{repo}" for repo in dict.fromkeys((*model.repos[:2], model.gguf_repo or "")) if repo
    ]
    card = Card(
        title=f"🧠 {plain(model.name, 120)}",
        description="\n".join(fact for fact in facts if fact),
        color=VIOLET,
        fields=(
            Field(name=say("model.weights"), value=fence("\n".join(rows), 900) if rows else _unsized(model, say)),
            Field(name=say("fit.sources"), value=sources_text((*repos, *model.sources[:1]))),
        ),
        footer=BRAND,
    )
    return Reply(cards=(card,), controls=controls, about=("model", model.id))


def _unsized(model: Model, say: Say) -> str:
    """Why no file sizes are told, the least its weights can take, and what runs it where it is no language model."""
    error = no_shape(model)
    hint = plain(say.core(error.hint), 300) if model.kind in {"image", "video", "tts", "asr"} else ""
    return "\n".join(part for part in (plain(say.core(error.message), 600), hint) if part)


def _params(model: Model, say: Say) -> str | None:
    if model.params_total is None:
        return None
    total = count_text(model.params_total)
    return (
        total if not model.params_active else say("model.active", total=total, active=count_text(model.params_active))
    )


def _fact(name: str, value: str | None) -> str:
    return f"{name}: **{plain(str(value), 120)}**" if value else ""


def device_reply(device: Device, best: Sequence[Ranked], say: Say, controls: tuple[Component, ...] = ()) -> Reply:
    """A device: its figures, and the models that run best on it."""
    options = ", ".join(gib_text(size) for size in device.memory_options_bytes)
    bandwidth = f"{device.bandwidth_bytes_per_s / 1e9:,.0f} GB/s" if device.bandwidth_bytes_per_s else None
    flops = f"{device.fp16_flops / 1e12:,.1f} TFLOPS" if device.fp16_flops else None
    price = f"${device.launch_price_usd:,.0f} ({device.price_basis})" if device.launch_price_usd else None
    facts = [
        _fact(say("device.memory"), options or (gib_text(device.memory_bytes) if device.memory_bytes else None)),
        _fact(say("device.bandwidth"), bandwidth),
        _fact("FP16", flops),
        _fact(say("device.power"), f"{device.tdp_w:,.0f} W" if device.tdp_w else None),
        _fact(say("device.backends"), ", ".join(device.backends)),
        _fact(say("device.price"), price),
        _fact(say("device.year"), str(device.release_year) if device.release_year else None),
    ]
    card = Card(
        title=f"🖥️ {plain(device.name, 120)}",
        description="\n".join(fact for fact in facts if fact),
        color=BLUE,
        fields=(
            Field(
                name=say("device.best"),
                value="\n".join(f"{number}. {ranked_line(row)}" for number, row in enumerate(best, 1)),
            ),
            Field(name=say("model.notes"), value=in_english(plain(device.notes, 300), say)),
            Field(name=say("fit.sources"), value=sources_text(device.sources[:2])),
        ),
        footer=BRAND,
    )
    return Reply(cards=(card,), controls=controls, about=("hardware", device.id))


def tool_reply(tool: Tool, say: Say) -> Reply:
    """A program that runs models, and how one starts a model with it."""
    facts = [
        _fact(say("tool.platforms"), ", ".join(tool.platforms)),
        _fact(say("device.backends"), ", ".join(tool.backends)),
        _fact(say("tool.formats"), ", ".join(tool.formats)),
        _fact("API", tool.api),
        _fact(say("tool.port"), str(tool.default_port) if tool.default_port else None),
        _fact(say("tool.n_ctx"), tool.default_context),
        _fact(say("model.license"), tool.license),
    ]
    card = Card(
        title=f"🧰 {plain(tool.name, 120)}",
        description=in_english(markdown(tool.what, 600), say) + "\n" + "\n".join(fact for fact in facts if fact),
        color=VIOLET,
        fields=(
            Field(name=say("tool.run"), value=_run(tool.run_one_model)),
            Field(name=say("fit.sources"), value=sources_text(tool.sources[:3])),
        ),
        footer=BRAND,
    )
    return Reply(cards=(card,), about=("tool", tool.id))


def _run(how: str) -> str:
    if not how:
        return ""
    return code(how, 300) if "\n" not in how else fence(how, 700, "sh")
