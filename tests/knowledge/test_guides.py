"""Guides, quick answers and kits: every figure is the estimator's, every price dated or unknown, shops disclosed."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge, Page
from knowledge.cloud_prices import load_prices
from knowledge.costs import CostAsk, cost_answer
from knowledge.errors import ContentError, UnknownName
from knowledge.estimator.fit import estimate
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest
from knowledge.guide_rigs import SHELVES, Rig, rigs, unpriced
from knowledge.guide_tables import CLASSES, GuideTables, Table, interval_text
from knowledge.guides import COST_RIGS, DISCLOSURE, NOTHING, Guides, markdown_table, text_table
from knowledge.search.page_entries import MAX_ANSWER_WORDS
from knowledge.units import tok_s_text

SPEED = re.compile(r"(\d[\d.]*) \((\d[\d.]*)–(\d[\d.]*)\) (M~?|C|~|E)")


@pytest.fixture(scope="module")
def guides(answers: Answers) -> Guides:
    return Guides(answers, load_prices())


@pytest.fixture(scope="module")
def tables(knowledge: Knowledge) -> GuideTables:
    return GuideTables(knowledge)


def rig_of(knowledge: Knowledge, shelf: str, row: tuple[str, ...]) -> Rig:
    """The rig that a row of a table is about."""
    return next(rig for rig in rigs(knowledge, shelf) if (rig.name, rig.memory_text) == row[:2])


def test_there_are_enough_of_each_kind(knowledge: Knowledge) -> None:
    kinds = [page.kind for page in knowledge.pages.values()]
    assert kinds.count("guide") >= 6
    assert kinds.count("answer") >= 25
    assert kinds.count("kit") >= 8
    assert sum(bool(term.guides) for term in knowledge.terms.values()) >= 30


@pytest.mark.parametrize("style", ["markdown", "text"])
def test_every_page_is_rendered_whole(guides: Guides, knowledge: Knowledge, style: str) -> None:
    for page in knowledge.pages.values():
        found = guides.render(page, style)  # type: ignore[arg-type]
        assert "{{" not in found.body
        assert "no speed" not in found.body, page.id
        if page.kind == "answer":
            assert len(found.body.split()) <= MAX_ANSWER_WORDS, page.id
        if page.kind == "guide" and style == "markdown":
            assert "\n| ---" in found.body, page.id
            assert NOTHING not in found.body, page.id


@pytest.mark.parametrize("shelf", SHELVES)
@pytest.mark.parametrize("size", CLASSES)
def test_rows_of_a_class_are_what_the_estimator_says(
    tables: GuideTables, knowledge: Knowledge, shelf: str, size: str
) -> None:
    table = tables.for_class(shelf, size, 0)
    for row in table.rows:
        rig = rig_of(knowledge, shelf, row)
        quant = re.search(r" as (\S+),", table.note)
        assert quant is not None
        device = DeviceAsk(
            device=rig.device, count=rig.count, memory_bytes=rig.memory_bytes if rig.device.unified_memory else None
        )
        model = knowledge.models[CLASSES[size]]
        answer = estimate(FitRequest(model=model, quant=quant[1], devices=(device,), context=ContextParams(n_ctx=8192)))
        assert answer.fit_tier == ("trade-offs" if "with trade-offs" in row else "comfortable")
        assert interval_text(answer) in row
        assert not rig.used


def test_budgets_hold_their_price_and_nothing_old(tables: GuideTables, knowledge: Knowledge) -> None:
    bounds = (0, 300, 600, 1000, 2000, 5000)
    listed = []
    for over, to in pairwise(bounds):
        for row in tables.budget("gpu", over, to).rows:
            rig = rig_of(knowledge, "gpu", row)
            assert rig.price_usd is not None
            assert over < rig.price_usd <= to
            assert not rig.used
            assert "not checked" not in rig.device.price_basis
            listed.append(rig)
            speed = estimate(
                FitRequest(
                    model=knowledge.models["qwen3-8b"],
                    quant="Q4_K_M",
                    devices=(rig.ask,),
                    context=ContextParams(n_ctx=8192),
                )
            ).decode_tok_s
            assert speed is not None
            assert row[4].startswith(tok_s_text(speed.mid))
            assert float(row[5]) == pytest.approx(100 * speed.mid / rig.price_usd, rel=0.06, abs=0.5)
    assert len(listed) >= 15


def test_dearer_rows_of_a_class_are_faster(tables: GuideTables, knowledge: Knowledge) -> None:
    for size in ("8B", "14B", "32B"):
        rows = tables.for_class("gpu", size, 0).rows
        prices = [rig_of(knowledge, "gpu", row).price_usd or 0 for row in rows]
        speeds = [float(found[1]) for row in rows if (found := SPEED.search(" ".join(row)))]
        assert prices == sorted(prices)
        assert len(speeds) == len(rows) >= 3
        assert speeds == sorted(speeds)


def test_an_unknown_price_is_shown_and_never_guessed(knowledge: Knowledge) -> None:
    laptops = rigs(knowledge, "laptop")
    assert any(rig.price_usd is None and rig.price_text == "not known" for rig in laptops)
    assert all(rig.price_usd is not None for rig in rigs(knowledge, "gpu"))
    names = unpriced(knowledge)
    assert names
    assert not {rig.device.name for rig in rigs(knowledge, "gpu")} & set(names)


def test_the_price_of_a_mac_is_that_of_its_largest_memory(knowledge: Knowledge) -> None:
    macs = rigs(knowledge, "mac")
    assert any(rig.price_usd for rig in macs)
    for rig in macs:
        chip = rig.name.partition(" (")[0]
        same = (other for other in macs if other.name.partition(" (")[0] == chip)
        assert rig.price_usd is None or rig.memory_bytes == max(other.memory_bytes for other in same)


def test_two_cards_cost_twice_and_are_asked_as_two(knowledge: Knowledge) -> None:
    pairs = [rig for rig in rigs(knowledge, "gpu") if rig.count == 2]
    assert pairs
    for rig in pairs:
        assert rig.price_usd == 2 * (rig.device.launch_price_usd or 0)
        assert rig.ask.count == 2
        assert rig.name.startswith("2× ")


def test_memory_grows_with_context_and_names_a_card(tables: GuideTables) -> None:
    short, long = tables.memory(8192), tables.memory(32768)
    for one, other in zip(short.rows, long.rows, strict=True):
        assert float(one[3].split()[0]) < float(other[3].split()[0])
        assert "GB" in one[5]


def test_costs_are_those_of_the_cost_command(guides: Guides, answers: Answers) -> None:
    page = answers.knowledge.pages["cost-against-cloud"]
    body = guides.render(page).body
    for model, device, count in COST_RIGS:
        found = cost_answer(
            answers,
            load_prices(),
            model=model,
            hardware=(HardwareAsk(name=device, count=count),),
            ask=CostAsk(tokens_per_month=30_000_000),
        )
        name = answers.knowledge.models[model].name.removesuffix("-Instruct")
        line = next(line for line in body.splitlines() if line.startswith(f"| {name} "))
        assert f"${found.cost.local_per_mtok:.2f}" in line
        assert f"${found.cost.cloud_per_mtok:.2f}" in line
    assert "2026-" in body


@pytest.mark.parametrize(("shops", "disclosure"), [((), ""), (("https://shop.example/card",), DISCLOSURE)])
def test_a_shop_is_never_linked_without_the_disclosure(
    guides: Guides, knowledge: Knowledge, shops: tuple[str, ...], disclosure: str
) -> None:
    page = dataclasses.replace(knowledge.pages["q4-or-q8"], id=f"q{len(shops)}", shops=shops)
    assert guides.render(page).disclosure == disclosure


def test_no_shipped_page_links_a_shop_in_its_text(knowledge: Knowledge) -> None:
    for page in knowledge.pages.values():
        assert "http" not in re.sub(r"```.*?```", "", page.body, flags=re.DOTALL), page.id


def test_pages_are_named_by_id_or_by_question(guides: Guides) -> None:
    assert guides.named(" Q4-or-Q8 ").id == "q4-or-q8"
    assert guides.named("which graphics card should I buy for local AI?").id == "best-gpu-for-local-ai"
    with pytest.raises(UnknownName) as caught:
        guides.named("how do I bake bread")
    assert caught.value.code == "unknown_page" or "page" in caught.value.message


def test_what_cannot_be_computed_names_its_page(guides: Guides, knowledge: Knowledge) -> None:
    for expression in ('price_usd("no-such-card")', 'class_table("boat", "8B", 0)', 'class_table("gpu", "9B", 0)'):
        page = dataclasses.replace(knowledge.pages["q4-or-q8"], id=expression, body="{{ " + expression + " }}")
        with pytest.raises(ContentError, match="cannot be computed") as caught:
            guides.render(page)
        assert caught.value.subject == expression


def test_a_table_is_set_in_both_styles() -> None:
    table = Table(columns=("device", "tok/s"), rows=(("A", "5"), ("Longer", "12")), note="Note.", right=("tok/s",))
    assert markdown_table(table).splitlines() == [
        *("| device | tok/s |", "| --- | ---: |", "| A | 5 |", "| Longer | 12 |", "", "*Note.*"),
    ]
    assert text_table(table).splitlines() == ["device  tok/s", "A           5", "Longer     12", "Note."]
    empty = Table(columns=("device",), rows=())
    assert NOTHING in markdown_table(empty)
    assert text_table(empty) == NOTHING


@pytest.mark.parametrize(
    ("question", "page", "first"),
    [
        ("best gpu for local ai", "best-gpu-for-local-ai", True),
        ("q4 or q8?", "q4-or-q8", True),
        ("can I mix different GPUs?", "can-i-mix-gpus", True),
        ("what is strix halo", "best-mini-pc-for-local-ai", False),
        ("does ram speed matter for llms", "does-ram-speed-matter", True),
    ],
)
def test_ask_finds_the_page(answers: Answers, question: str, page: str, first: bool) -> None:
    asked = answers.ask(question)
    assert asked.pages[0].id == page
    assert asked.page_first == first


@pytest.mark.parametrize(
    "question",
    ["will qwen3 8b run on a 3060 12gb?", "good morning to you", "cudaMalloc failed: out of memory", "what is rope?"],
)
def test_ask_finds_no_page_where_there_is_none(answers: Answers, question: str) -> None:
    assert answers.ask(question).pages == ()


def page_texts(knowledge: Knowledge) -> list[Page]:
    return [page for page in knowledge.pages.values() if page.kind == "kit"]


def test_every_kit_says_whose_settings_it_gives(knowledge: Knowledge) -> None:
    for page in page_texts(knowledge):
        assert len(page.settings) >= 2, page.id
        assert all(one.source.startswith("https://") and any(c.isdigit() for c in one.values) for one in page.settings)
        assert "```" in page.body, page.id
