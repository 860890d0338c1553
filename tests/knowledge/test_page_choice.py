"""Which page is the answer: guides for what is bought, in whatever language; none before a word that is asked for."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.set_up import tools_to_set_up

BUYING = [
    ("best gpu for around 700 dollars", "best-gpu-for-local-ai"),
    ("which notebook should I get for ollama, budget 2000", "best-laptop-for-local-ai"),
    ("gutes Notebook für lokale KI, welches kaufen?", "best-laptop-for-local-ai"),
    ("¿qué tarjeta gráfica compro para modelos locales?", "best-gpu-for-local-ai"),
    ("какую видеокарту купить для нейросетей", "best-gpu-for-local-ai"),
    ("本地模型推荐哪款显卡", "best-gpu-for-local-ai"),
    ("is a mac studio worth it for llms", "best-mac-for-local-ai"),
]
MEANING = ["what is a gguf", "what does q4_k_m mean", "explain quantization", "was bedeutet kontext", "什么是量化"]


@pytest.mark.parametrize(("text", "page"), BUYING)
def test_what_is_bought_has_its_guide(answers: Answers, text: str, page: str) -> None:
    asked = answers.ask(text)
    assert asked.page_first
    assert page in [one.id for one in asked.pages]


@pytest.mark.parametrize("text", MEANING)
def test_a_word_is_explained_before_any_page(answers: Answers, text: str) -> None:
    asked = answers.ask(text)
    assert asked.route == "define"
    assert asked.terms
    assert not asked.page_first


def test_training_is_no_question_of_running(answers: Answers) -> None:
    asked = answers.ask("can I finetune llama 3.1 8b on a 3090")
    assert asked.page_first
    assert asked.pages[0].id == "how-much-vram-to-fine-tune"
    assert not answers.ask("will a fine-tuned llama 3.1 8b run on a 3090").page_first


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("how to install ollama on linux", "ollama"),
        ("lm studio einrichten", "lm-studio"),
        ("how do i use vllm", "vllm"),
        ("怎么用llama.cpp", "llama.cpp"),
    ],
)
def test_a_program_to_set_up_is_shown(answers: Answers, text: str, tool: str) -> None:
    asked = answers.ask(text)
    assert asked.page_first or asked.tools[0].id == tool


@pytest.mark.parametrize(
    "text", ["what is ollama", "ollamas install", "install python", "set up " + "x " * 100 + "ollama"]
)
def test_no_program_is_shown_where_none_is_set_up(answers: Answers, text: str) -> None:
    assert tools_to_set_up(text, answers.knowledge.tools.values()) == ()
