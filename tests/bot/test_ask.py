"""/ask as a stranger meets it: the part of a guide for their money, their own rig, pages beside an answer."""

from __future__ import annotations

import pytest

from bot.commands import ask, guide, model
from bot.desk import Desk
from bot.say import say_in
from knowledge.answers import HardwareAsk
from knowledge.question.buying import read_budget

RIG = (HardwareAsk(name="nvidia-geforce-rtx-3090"),)


@pytest.fixture(scope="module")
def desk(content_url: str) -> Desk:
    return Desk.open(content_url, b"a secret")


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("best gpu under 250 dollars", "Up to 300 dollars"),
        ("best gpu under 500 dollars for local llms", "300 to 600 dollars"),
        ("which card for $1,500", "1,000 to 2,000 dollars"),
        ("gpu for 9000 dollars", "More than 5,000 dollars"),
    ],
)
def test_a_guide_opens_at_the_money_that_was_named(desk: Desk, question: str, heading: str) -> None:
    page = desk.answers.knowledge.pages["best-gpu-for-local-ai"]
    part = guide.part_for(desk, page, question)
    shown = guide.page_reply(desk, say_in("en"), page, part).cards[0].description
    assert shown.startswith(f"**{heading}")


def test_without_money_it_opens_at_its_beginning(desk: Desk) -> None:
    page = desk.answers.knowledge.pages["best-gpu-for-local-ai"]
    assert guide.part_for(desk, page, "which card should I buy") == 0
    assert read_budget("a 3090 with 24 gb") is None


def test_a_model_without_hardware_is_answered_for_the_own_rig(desk: Desk) -> None:
    say = say_in("en")
    own = ask.reply(desk, say, question="can I run qwen3 32b?", hardware=RIG, ram=32.0, rig="RTX 3090")
    assert "RTX 3090" in own.cards[0].title
    assert own.about is not None
    assert own.about[0] == "fit"
    asked = ask.reply(desk, say, question="how much vram for qwen3 32b", hardware=RIG, ram=32.0, rig="RTX 3090")
    assert asked.about == ("needs", "qwen3-32b")
    best = ask.reply(desk, say, question="which model should I use?", hardware=RIG, ram=32.0, rig="my box")
    assert "my box" in best.cards[0].title


def test_a_greeting_is_met_with_questions_in_the_readers_language(desk: Desk) -> None:
    german = ask.reply(desk, say_in("de"), question="hello").cards[0]
    assert "gemma 3 27b" in german.description
    assert "Frage zum Beispiel" in german.description


def test_pages_beside_an_answer_are_a_press_away(desk: Desk) -> None:
    reply = ask.reply(desk, say_in("en"), question="what is a gguf")
    labels = [part["label"] for row in reply.controls for part in row.get("components", []) if "label" in part]
    titles = {page.title for page in desk.answers.knowledge.pages.values()}
    assert any(label in titles for label in labels)


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es", "pt-BR", "ja", "zh-CN"])
def test_what_a_model_takes_is_said_in_every_language(desk: Desk, locale: str) -> None:
    say = say_in(locale)
    one = ask.reply(desk, say, question="how much vram for qwen3 32b").cards[0]
    assert one.title.endswith(say("needs.title", model="Qwen3\\-32B"))
    several = ask.reply(desk, say, question="difference between qwen3 14b and gemma 3 12b").cards[0]
    assert len(several.fields) >= 2
    assert say("needs.yours") in one.description


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("best local model for coding with 24gb vram", "Best for code on"),
        ("what runs on a 3060 12gb", "Best for chat on"),
    ],
)
def test_a_list_of_models_says_what_they_are_for(desk: Desk, question: str, title: str) -> None:
    assert title in ask.reply(desk, say_in("en"), question=question).cards[0].title


def test_a_model_that_makes_pictures_says_its_least_weights_and_what_runs_it(desk: Desk) -> None:
    card = model.reply(desk, say_in("en"), name="flux.1-dev").cards[0]
    (weights,) = [field.value for field in card.fields if field.name == "Size of the file"]
    assert "22.4 GiB at 16 bits" in weights
    assert "ComfyUI" in weights
