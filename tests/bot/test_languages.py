"""No English is left in a card for readers of another language: neither our words nor the core's sentences.

Names, commands, units and what the knowledge base holds are English by nature; entries say so.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import knowledge
from bot import cards
from bot.cards.issue import issue_reply
from bot.commands import best, compare, cost, hardware, model, pulse
from bot.components import TEXT, layout, walk
from bot.desk import Desk
from bot.layout import Field, Reply
from bot.say import ENGLISH, LANGUAGES, Say, read, say_in
from knowledge.answers import HardwareAsk
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer
from knowledge.said import Said, worded
from tests.bot.samples import ERROR, TERM

OTHERS = [locale for locale in LANGUAGES if locale != ENGLISH]
ENGINES = ("", "ollama", "lm-studio", "vllm", "mlx", "exllamav3", "transformers")
ALIKE = {"change_count", "backend", "context", "cost_price"}
"""Sentences that may read the same in another language: names and figures."""

UNITS = {"GiB", "MiB", "GB", "tok", "TFLOPS", "RUNLOCALAI", "min", "API", "USD", "kWh", "Mac", "CPU", "GPU", "RAM"}
FACTS = {"arch"}
"""A name of a parameter, as the working lists them; the others hold underscores."""


def core_keys() -> dict[str, set[str]]:
    """Every sentence of the core: its key and what is filled in, read from the code."""
    found: dict[str, set[str]] = {}
    for path in Path(knowledge.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "worded":
                key, names = node.args[0], {one.arg for one in node.keywords if one.arg}
                assert isinstance(key, ast.Constant), f"{path.name}: the key of a sentence is a literal"
                assert found.setdefault(str(key.value), names) == names, f"two sentences are called {key.value!r}"
    return found


@pytest.mark.parametrize("locale", OTHERS)
def test_every_sentence_of_the_core_is_in_every_language(locale: str) -> None:
    core = {key.removeprefix("core."): text for key, text in read(locale).items() if key.startswith("core.")}
    known = core_keys()
    assert len(known) > 60
    assert set(core) == set(known)
    for key, text in core.items():
        assert set(re.findall(r"{(\w+)}", text)) == known[key], key
        assert len(text) < 300, key


def test_sentences_within_sentences_are_translated_too() -> None:
    inner = worded("chat_slow", "chat feels slow")
    text = worded("feel_chat", "{chat}; too slow to the first token for voice or code completion", chat=inner)
    assert text == "chat feels slow; too slow to the first token for voice or code completion"
    assert say_in("en-US").core(text) == text
    assert say_in("de").core(text).startswith("Chat ist zäh; ")
    assert say_in("fr").core("as it is") == "as it is"


@pytest.fixture(scope="module")
def desk(content_url: str) -> Desk:
    return Desk.open(content_url, b"a secret")


@lru_cache(maxsize=1)
def answers_of(desk: Desk) -> tuple[FitAnswer, ...]:
    """Answers of all kinds: engines, caches, machines too small, several cards, machines of unknown RAM."""
    dice, found = random.Random(5), []  # noqa: S311 -- the same answers every time
    known = desk.answers.knowledge
    models = sorted(one.id for one in known.models.values() if one.shape)
    devices = sorted(one.id for one in known.devices.values() if one.kind in {"gpu", "cpu", "soc", "apple", "npu"})
    for number in range(700):
        ask = HardwareAsk(name=dice.choice(devices or sorted(known.devices)), count=dice.choice((1, 1, 1, 2, 3)))
        ram_gib, engine = dice.choice((None, 8.0, 32.0, 128.0)), (ENGINES + ("",) * 5)[number % 12]
        try:
            request = desk.answers.request(model=dice.choice(models), hardware=(ask,), ram_gib=ram_gib, engine=engine)
            kind = dice.choice(("f16", "f16", "q8_0", "q4_0", "fp8"))
            context = replace(request.context, n_ctx=2 ** dice.randint(10, 17), type_k=kind, type_v=kind)
            measured = dice.choice((None, None, None, 30.0, 90_000.0))
            found.append(desk.answers.estimate(replace(request, context=context, measured_tok_s=measured)))
        except KnowledgeError:
            continue
    assert len(found) > 250
    return tuple(found)


def sentences(answer: FitAnswer) -> Iterator[str]:
    yield from (*answer.flags, *answer.assumptions, *(change.text for change in answer.changes))
    if answer.feel:
        yield answer.feel
    if answer.quality is not None:
        yield answer.quality.words


def test_what_the_core_says_of_an_answer_has_a_key(desk: Desk) -> None:
    heard = {text for answer in answers_of(desk) for text in sentences(answer)}
    assert [text for text in heard if not isinstance(text, Said)] == []
    keys = {text.key for text in heard if isinstance(text, Said)}
    assert len(keys) > 30, sorted(set(core_keys()) - keys)
    for locale in OTHERS:
        say = say_in(locale)
        same = [text for text in heard if say.core(text) == text and getattr(text, "key", "") not in ALIKE]
        assert same == [], locale


class Marked(Say):
    """A language whose every message stands in marks, so that what stands outside of them did not come from it."""

    def __init__(self) -> None:
        super().__init__("de", {key: f"⟦{text}⟧" for key, text in (read(ENGLISH) | read("de")).items()})


def outside(reply: Reply, *names: str) -> list[str]:
    """Words of a reply that came from no language: without names, commands, links, units and citations."""
    own = [replace(card, fields=tuple(map(uncited, card.fields))) for card in reply.cards]
    parts = walk(layout(Reply(cards=tuple(own))))
    text = "\n".join(part["content"] for part in parts if part["type"] == TEXT).replace("\\", "")
    text = re.sub(r"```sh.*?```|`[^`\n]*`", " ", text, flags=re.DOTALL)
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, " ")
    text = re.sub(r"\[[^\]]*\]\([^)]*\)", " ", text)
    return sorted({word for word in re.findall(r"\w{3,}", text) if word.isalpha()} - UNITS - FACTS)


def uncited(field: Field) -> Field:
    """A field without its sources."""
    if field.name == f"⟦{read('de')['fit.sources']}⟧":
        return replace(field, value="")
    quality = field.name == f"⟦{read('de')['working.quality']}⟧"
    return replace(field, value=field.value.partition("\n-#")[0]) if quality else field


def names_of(answer: FitAnswer) -> tuple[str, ...]:
    request = answer.request
    shape = request.model.shape
    arch = shape.arch if shape else ""
    return (
        request.model.name,
        request.engine,
        arch,
        *(ask.device.name for ask in request.devices),
        *request.model.sources,
    )


def test_fit_cards_and_their_working_have_no_words_of_their_own(desk: Desk) -> None:
    say = Marked()
    for answer in answers_of(desk)[::3]:
        for card in (cards.fit_card(answer, say), cards.working_card(answer, say)):
            assert outside(Reply(cards=(card,)), *names_of(answer)) == []


def test_other_cards_have_no_words_of_their_own(desk: Desk) -> None:
    say, known = Marked(), desk.answers.knowledge
    every = [
        *(one.name for one in known.models.values()),
        *(one.name for one in known.devices.values()),
        "RTX 3060 12GB",
        "RTX 4090",
    ]
    rig = "RTX 3060 12GB"
    made = {
        "best": best.reply(desk, say, hardware=rig),
        "compare": compare.reply(desk, say, model="qwen3-8b", first="RTX 3060 12GB", second="RTX 4090"),
        "pulse": pulse.reply(desk, say, hardware=rig),
        "issue": issue_reply("", "", {"sections": []}, "", say),
        "empty": best.reply(desk, say, hardware="RTX 3060 12GB", use="vlm", context=1_000_000),
    }
    for name, reply in made.items():
        assert outside(reply, *every, "llama.cpp", "Qwen3") == [], name


def test_costs_are_in_the_readers_language(desk: Desk) -> None:
    reply = cost.reply(desk, Marked(), model="qwen3-8b", hardware="RTX 3060 12GB")
    assert outside(reply, "Qwen3-8B", "GeForce RTX 3060 12 GB", "RTX 3060 12GB") == []


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"n_ctx": 9_000_000}, "context_outside"),
    ({"hardware": "12x RTX 3060 12GB", "count": 16}, "too_many_devices"),
    ({"engine": "mlx"}, "runs_elsewhere"),
    ({"engine": "mlx", "hardware": "M4 Max 64GB", "quant": "Q4_K_M"}, "cannot_load"),
    ({"engine": "vllm", "type_kv": "q5_1"}, "no_such_cache"),
    ({"model": "flux.1-dev"}, "no_language_model"),
)
"""What a person may ask of /fit that has no answer, and which sentence says so."""


@pytest.mark.parametrize(("asked", "key"), REFUSED)
def test_refusals_are_in_the_readers_language(desk: Desk, asked: dict[str, Any], key: str) -> None:
    given = {"model": "qwen3-8b", "hardware": "RTX 3060 12GB", **asked}
    with pytest.raises(KnowledgeError) as caught:
        desk.fit(given.pop("model"), given.pop("hardware"), **given)
    error = caught.value
    assert getattr(error.message, "key", "") == key
    assert isinstance(error.hint, Said)
    known = desk.answers.knowledge
    names = [*(one.name for one in known.models.values()), *(one.name for one in known.devices.values())]
    tools = ("vLLM", "MLX", "ComfyUI", "stable-diffusion.cpp", "metal", "llama.cpp")
    assert outside(cards.problem_reply(error, Marked()), *names, *tools) == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_entries_say_that_they_are_in_english(locale: str) -> None:
    say = say_in(locale)
    for card in (cards.term_card(TERM, say), cards.error_card(ERROR, 0.9, say)):
        assert (f"-# {say('entry.english')}" in card.description) is (locale != ENGLISH)


def test_rankings_say_what_they_count_on_beside_a_card(desk: Desk) -> None:
    say, names = Marked(), [model.name for model in desk.answers.knowledge.models.values()]
    reply = best.reply(desk, say, hardware="RTX 4070")
    assert "läuft zum Teil aus dem RAM" in str(reply)
    assert outside(reply, "RTX 4070", *names) == []
    assert "aus dem RAM" not in str(best.reply(desk, say, hardware="RTX 4070", ram=32))
    assert "aus dem RAM" not in str(best.reply(desk, say, hardware="M4 Max 64GB"))


def test_models_and_devices_have_figures_and_names_alone(desk: Desk) -> None:
    say, known = Marked(), desk.answers.knowledge
    one, other = known.models["qwen3-8b"], known.devices["nvidia-geforce-rtx-3060-12-gb"]
    names = [
        one.name,
        one.org,
        one.license or "",
        one.release_date or "",
        one.notes,
        *(m.name for m in known.models.values()),
    ]
    assert outside(model.reply(desk, say, name="qwen3-8b"), *names, *(one.shape.arch,) if one.shape else ()) == []
    names = [
        other.name,
        other.notes,
        *other.backends,
        other.price_basis or "",
        *(m.name for m in known.models.values()),
    ]
    assert outside(hardware.reply(desk, say, name="rtx 3060 12gb"), *names) == []
