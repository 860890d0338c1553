"""Which page is the answer: guides for what is bought, in whatever language; none before a word that is asked for."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.question.cues import asks_about_the_bot, asks_costs, is_courtesy
from knowledge.set_up import tools_compared, tools_to_set_up

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


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("does lm studio support rocm", "lm-studio"),
        ("does vllm work on windows", "vllm"),
        ("can koboldcpp do images", "koboldcpp"),
        ("поддерживает ли ollama amd", "ollama"),
    ],
)
def test_what_a_program_can_its_card_tells(answers: Answers, text: str, tool: str) -> None:
    assert tools_to_set_up(text, answers.knowledge.tools.values())[0].id == tool


def test_two_programs_are_set_side_by_side(answers: Answers) -> None:
    tools = answers.knowledge.tools.values()
    assert [tool.id for tool in tools_compared("jan or gpt4all?", tools)] == ["jan", "gpt4all"]
    assert tools_compared("jan?", tools) == ()
    assert tools_compared("ollama and my 3090", tools) == ()


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("is it cheaper to run llama 70b at home or to pay for an api", "cost-against-cloud"),
        ("what does it cost to run a 4090 all day", "electricity-cost"),
        ("are you chatgpt?", "about-this-bot"),
        ("what can you do", "about-this-bot"),
        ("eres un bot?", "about-this-bot"),
        ("difference between q4_k_m and q5_k_s", "choosing-a-quant"),
        ("best local tts that runs on cpu", "speech-at-home"),
        ("how much vram for qlora on llama 70b", "how-much-vram-to-fine-tune"),
        ("build for local llms around 2k", "best-gpu-for-local-ai"),
        ("wie stelle ich in ollama den kontext größer", "longer-context-in-ollama"),
    ],
)
def test_what_no_answer_about_running_tells_has_its_page(answers: Answers, text: str, page: str) -> None:
    asked = answers.ask(text)
    assert asked.page_first
    assert asked.pages[0].id == page


@pytest.mark.parametrize("text", ["thanks, that helped", "good evening", "hola", "danke schön", "谢谢", "Hi there!"])
def test_courtesy_asks_nothing(answers: Answers, text: str) -> None:
    assert is_courtesy(text)
    asked = answers.ask(text)
    assert asked.route == "other"
    assert not any((asked.terms, asked.pages, asked.fits, asked.errors))


@pytest.mark.parametrize("text", ["hello world in rust", "ok so what is a kv cache", "thanks to the 3090 it runs", ""])
def test_more_than_courtesy_is_a_question(text: str) -> None:
    assert not is_courtesy(text)


def test_cues_tell_the_bot_and_money_from_models() -> None:
    assert asks_about_the_bot("Who made you?")
    assert not asks_about_the_bot("what can you run on a 3090")
    assert asks_costs("wie hoch sind die stromkosten")
    assert not asks_costs("will qwen3 8b run on a 3060")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("wie viel kostet mich der strom wenn ich eine 4090 laufen lasse", "electricity-cost"),
        ("how much power does a 3090 draw while generating, in watts", "electricity-cost"),
        ("what is the best quant for 12gb", "choosing-a-quant"),
        ("should i wait for the rtx 6090", "best-gpu-for-local-ai"),
        ("do you store what i write", "about-this-bot"),
        ("how do i stop ollama from starting with windows", "start-and-stop"),
    ],
)
def test_what_is_drawn_quantised_and_not_out_yet(answers: Answers, text: str, page: str) -> None:
    asked = answers.ask(text)
    assert asked.page_first
    assert asked.pages[0].id == page


def test_a_power_supply_is_no_question_of_the_bill(answers: Answers) -> None:
    assert not answers.ask("i have a 750 watt psu, can i run qwen3 32b on 2x3090").page_first
