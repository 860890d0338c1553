"""Complaints that no single word makes, in several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.complaints import complaints, heard
from knowledge.search.prose import FOREIGN
from knowledge.search.text import tokens, words


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("the program never touches my card", "@unused"),
        ("it does not even try to use the second one", "@unused"),
        ("Ollama benutzt meine neue Karte einfach nicht", "@unused"),
        ("no está usando la tarjeta", "@unused"),
        ("il n'utilise pas ma carte", "@unused"),
        ("não usa minha placa", "@unused"),
        ("не использует карту", "@unused"),
        ("GPUを使ってくれない", "@unused"),
        ("程序不用我的卡", "@unused"),
        ("그래픽을 사용하지 않아요", "@unused"),
        ("just runs on my CPU", "@unused"),
        ("nur der Prozessor arbeitet", "@unused"),
        ("I get 2.5 tokens/s with it", "@slow"),
        ("it went from 40 t/s to 22 t/s", "@slow"),
        ("seit gestern halb so schnell", "@slow"),
        ("the window doesn't respond", "@hang"),
        ("cannot reach it from my phone", "@refused"),
        ("the model does not quite fit", "@oom"),
    ],
)
def test_what_is_heard(text: str, concept: str) -> None:
    assert concept in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "it uses the card and all is well",
        "I get 45 tokens/s with it",
        "it went from 22 t/s to 40 t/s",
        "the first answer came at once. Nothing else to say about how I use it every day",
        "only the best cards and a good cpu",
    ],
)
def test_what_is_not_heard(text: str) -> None:
    assert not {"@unused", "@slow", "@hang"} & set(heard(text))


def test_words_of_other_languages_are_put_into_english() -> None:
    assert tokens("file")[0] in heard("die Datei ist weg")
    assert set(tokens("first word")) <= set(heard("первое слово"))


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("das ist mir noch nie passiert", True), ("モデルが動かない", True), ("the model is not there", False)],
)
def test_other_languages_are_noticed(text: str, foreign: bool) -> None:
    assert (FOREIGN in heard(text)) is foreign


@given(st.text(max_size=300))
def test_anything_can_be_heard(text: str) -> None:
    for part in text.split("\n"):
        assert all(isinstance(concept, str) for concept in complaints(words(part), part))


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("it takes like 40 s every time", "@slow"),
        ("two minutes of nothing, then it writes quickly", "@slow"),
        ("dauert 3 minuten", "@slow"),
        ("the new build lost half my tok/s", "@slow"),
        ("b9300 cost me 20% tg", "@slow"),
        ("only the first card gets used", "@multigpu"),
        ("my second gpu stays at 0", "@unused"),
        ("2x3060 and a riser", "@multigpu"),
        ("all it writes is GGGGGGGG", "@gibberish"),
        ("output: @@@@@@", "@gibberish"),
    ],
)
def test_what_is_said_without_the_word_is_heard(text: str, concept: str) -> None:
    assert concept in heard(text)


@pytest.mark.parametrize(
    "text",
    ["load it before you start", "a model with 30 layers", "the other day I bought a card", "only 8 GB of memory"],
)
def test_plain_sentences_complain_of_nothing(text: str) -> None:
    assert not {"@slow", "@unused", "@gibberish"} & set(heard(text))
