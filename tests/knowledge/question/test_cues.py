"""What is asked for, read from two cues in any language; what is bought, from a thing and a word of choosing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.question.buying import read_goods
from knowledge.question.cues import asks_for_a_model, asks_how_much, asks_to_train, compares, fold


@pytest.mark.parametrize(
    "text",
    [
        "how much vram does it take",
        "wie viel speicher brauche ich",
        "cuánta memoria necesito",
        "quanto de vram precisa",
        "combien de vram",
        "quanta vram serve",
        "сколько памяти нужно",
        "需要多少显存",
        "必要なvramは",
        "vram이 얼마나 필요",
        "ile vram potrzeba",
    ],
)
def test_an_amount_of_memory_is_asked_for(text: str) -> None:
    assert asks_how_much(text)


@pytest.mark.parametrize("text", ["how much does a 3090 cost", "i have 16gb vram", "what is vram", "memoria"])
def test_no_amount_is_asked_for(text: str) -> None:
    assert not asks_how_much(text)


@pytest.mark.parametrize(
    "text", ["qué modelo uso", "welches modell", "какую модель", "どのモデル", "cosa gira", "推荐模型"]
)
def test_a_model_is_asked_for(text: str) -> None:
    assert asks_for_a_model(text)


def test_training_is_not_having_been_trained() -> None:
    assert asks_to_train("how do i fine tune this")
    assert asks_to_train("微调一个模型")
    assert not asks_to_train("is this fine-tuned model any good")


def test_things_are_set_side_by_side() -> None:
    assert compares("unterschied zwischen a und b")
    assert compares("différence entre a et b")
    assert not compares("was ist a")


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("best gpu under 500", "gpu"),
        ("gaming laptop or a new graphics card, what should I buy", "laptop"),
        ("is a mac mini good for llms", "mac"),
        ("какой ноутбук купить", "laptop"),
        ("おすすめのグラボ", "gpu"),
        ("quale pc con 1000 euro", "pc"),
        ("my gpu is not used", None),
        ("how hot does a gpu get", None),
        ("which is the best model", None),
    ],
)
def test_what_is_bought(text: str, goods: str | None) -> None:
    assert read_goods(text) == goods


@given(st.text(max_size=200))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    read_goods(text)
