"""The use case of costs: names to figures, prices of fine-tunes, currencies, and everything that cannot be known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge
from knowledge.cloud_prices import FILE, CloudPrice, load_prices, price_problems
from knowledge.costs import CostAnswer, CostAsk, cost_answer
from knowledge.errors import BadInput, ContentError, KnowledgeError, Unanswerable
from knowledge.settings import CONTENT_DIR

HEAD = 'source: "https://example.org/prices"\nchecked: "2026-09-22"\nprices:\n'
GOOD = "  - {model: qwen3-8b, input_usd: 0.1, output_usd: 0.2}\n"


@pytest.fixture(scope="module")
def prices() -> Mapping[str, CloudPrice]:
    return load_prices()


def ask(answers: Answers, prices: Mapping[str, CloudPrice], model: str, on: str, **said: object) -> CostAnswer:
    hardware = [HardwareAsk(name=on)] if on else []
    return cost_answer(answers, prices, model=model, hardware=hardware, quant="Q4_K_M", ask=CostAsk(**said))  # type: ignore[arg-type]


def test_prices_are_of_models_we_know(knowledge: Knowledge, prices: Mapping[str, CloudPrice]) -> None:
    assert price_problems(CONTENT_DIR, knowledge.models) == []
    assert 10 <= len(prices) <= 40
    assert all(0 < price.output_usd < 20 and price.input_usd <= price.output_usd for price in prices.values())
    assert all(price.checked >= "2026-01-01" and price.source for price in prices.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not YAML"),
        ("prices: []\n", "a source and a date"),
        (HEAD.replace("2026-09-22", "lately") + GOOD, "a source and a date"),
        (HEAD + "  - {model: qwen3-8b, input_usd: cheap, output_usd: 0.2}\n", "from 0 to"),
        (HEAD + "  - {model: qwen3-8b, input_usd: -1, output_usd: 0.2}\n", "from 0 to"),
        (HEAD + "  - {model: qwen3-8b, input_usd: 0.1}\n", "from 0 to"),
        (HEAD + "  - qwen3-8b\n", "from 0 to"),
        (HEAD + GOOD + GOOD, "stands twice"),
        (HEAD + "  - {model: no-such-model, input_usd: 0.1, output_usd: 0.2}\n", "no such model"),
    ],
)
def test_a_wrong_price_file_is_named(knowledge: Knowledge, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    problems = price_problems(tmp_path, knowledge.models)
    assert problems
    assert message in str(problems[0])
    if "no such model" not in message:
        with pytest.raises(ContentError, match="cloud_prices"):
            load_prices(tmp_path)


def test_a_folder_without_prices_has_no_problems(knowledge: Knowledge, tmp_path: Path) -> None:
    assert price_problems(tmp_path, knowledge.models) == []
    with pytest.raises(ContentError):
        load_prices(tmp_path)


def test_figures_come_from_the_same_estimate(answers: Answers, prices: Mapping[str, CloudPrice]) -> None:
    found = ask(answers, prices, "qwen3.6 27b", "rtx 4090", tokens_per_month=2e7)
    assert found.fit.decode_tok_s is not None
    assert found.given.decode_tok_s == pytest.approx(found.fit.decode_tok_s.mid)
    assert found.given.device_price == answers.knowledge.devices["nvidia-geforce-rtx-4090"].launch_price_usd
    assert found.given.watts == pytest.approx(0.7 * 450 + 60)
    assert found.cost.months is not None
    assert 10 < found.cost.months < 100
    for words in ("2026-09-22", "board power", "kWh", "3 tokens read"):
        assert any(words in text for text in found.assumptions), words


def test_two_cards_cost_and_draw_twice(answers: Answers, prices: Mapping[str, CloudPrice]) -> None:
    one = ask(answers, prices, "qwen3 32b", "RTX 3090").given
    two = ask(answers, prices, "qwen3 32b", "2x RTX 3090").given
    assert two.device_price == 2 * one.device_price
    assert two.watts - one.watts == pytest.approx(0.7 * 350)


def test_another_currency_wants_a_rate(answers: Answers, prices: Mapping[str, CloudPrice]) -> None:
    dollars = ask(answers, prices, "qwen3 32b", "RTX 3090")
    euros = ask(answers, prices, "qwen3 32b", "RTX 3090", currency="eur", rate=0.9)
    assert euros.currency == "EUR"
    assert euros.cost.cloud_per_mtok == pytest.approx(0.9 * dollars.cost.cloud_per_mtok)
    assert euros.cost.break_even_tokens == pytest.approx(dollars.cost.break_even_tokens)
    with pytest.raises(BadInput, match="not in EUR"):
        ask(answers, prices, "qwen3 32b", "RTX 3090", currency="EUR")


def test_what_the_asker_says_is_used(answers: Answers) -> None:
    said = {"device_price": 500.0, "watts": 100.0, "kwh_price": 0.4, "input_price": 1.0, "output_price": 2.0}
    found = ask(answers, {}, "qwen3 32b", "RTX 3090", **said)
    assert (found.given.device_price, found.given.watts, found.given.kwh_price) == (500.0, 100.0, 0.4)
    assert (found.given.input_price, found.given.output_price, found.price) == (1.0, 2.0, None)


@pytest.mark.parametrize(
    ("model", "on", "said", "kind", "words"),
    [
        ("qwen3 32b", "", {}, BadInput, "On which hardware"),
        ("qwen3 32b", "RTX 3065", {}, BadInput, "No hardware called"),
        ("deepseek r1", "RTX 3060 12GB", {}, Unanswerable, "will|would|needs|RAM"),
        ("smollm2 1.7b", "RTX 3090", {}, Unanswerable, "No API price"),
        ("qwen3 8b", "RTX 4090 D", {}, Unanswerable, "price of"),
        ("qwen3 32b", "RTX 3090", {"currency": "dollars"}, BadInput, "no currency"),
        ("qwen3 32b", "RTX 3090", {"currency": "EUR", "rate": 0.0}, BadInput, "rate"),
        ("qwen3 32b", "RTX 3090", {"kwh_price": -1.0}, BadInput, "kwh_price"),
    ],
)
def test_what_cannot_be_compared_says_what_is_missing(
    answers: Answers,
    prices: Mapping[str, CloudPrice],
    model: str,
    on: str,
    said: dict[str, object],
    kind: type[KnowledgeError],
    words: str,
) -> None:
    with pytest.raises(kind, match=words) as caught:
        ask(answers, prices, model, on, **said)
    assert caught.value.hint or caught.value.choices
