"""Pages ready to be read: guides, quick answers and kits with every figure and table computed from the snapshot.

`Guides` finds a page by id or by a question, and sets its tables as Markdown or as plain text for places that show no
tables. It estimates nothing itself: figures are `numbers`', tables `guide_tables`', costs `costs`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Page
from knowledge.cloud_prices import CloudPrice
from knowledge.costs import CostAnswer, CostAsk, cost_answer
from knowledge.errors import ContentError, KnowledgeError, UnknownName
from knowledge.estimator.fit import estimate
from knowledge.estimator.quality import loss_text, quality_of
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest, Interval
from knowledge.guide_rigs import unpriced
from knowledge.guide_tables import GUIDE_N_CTX, GuideTables, Table
from knowledge.numbers import Numbers
from knowledge.search.expressions import Expression, ExpressionError, render
from knowledge.search.page_entries import PAGE_FUNCTIONS
from knowledge.units import gib_to_bytes, tok_s_text

DISCLOSURE: Final = (
    "Disclosure: links to shops may be affiliate links. If you buy through one, the shop pays us a small commission; "
    "you pay no more, and what is recommended stays the same."
)
"""Shown with every page that links to a shop."""
NOTHING: Final = "Nothing in the catalogue, new and with a known price, belongs here."
TableStyle = Literal["markdown", "text"]
COST_RIGS: Final = (
    ("llama-3.1-8b-instruct", "nvidia-geforce-rtx-3060-12-gb", 1),
    ("qwen3-14b", "nvidia-geforce-rtx-5060-ti-16-gb", 1),
    ("qwen3-30b-a3b", "nvidia-geforce-rtx-3090", 1),
    ("qwen3-32b", "nvidia-geforce-rtx-4090", 1),
    ("llama-3.3-70b-instruct", "nvidia-geforce-rtx-4090", 2),
    ("gpt-oss-120b", "apple-m4-max-40c-gpu", 1),
)
"""Models and the rigs people buy for them, in the table of costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A page with its figures: `body` is Markdown, `disclosure` what must be shown with its shop links (else empty)."""

    page: Page
    body: str
    disclosure: str = ""


class Guides:
    """The pages of one snapshot; rendered ones are remembered."""

    def __init__(self, answers: Answers, prices: Mapping[str, CloudPrice]) -> None:
        self._answers = answers
        self._prices = prices
        self._numbers = Numbers(answers.knowledge)
        self._tables = GuideTables(answers.knowledge)
        self._rendered: dict[tuple[str, TableStyle], RenderedPage] = {}

    def named(self, text: str) -> Page:
        """The page of an id or a question; raises UnknownName with the nearest ones."""
        pages = self._answers.knowledge.pages
        found = text.strip().lower()
        if found in pages:
            return pages[found]
        if ids := self._answers.pages.find(text):
            return pages[ids[0]]
        scores = self._answers.pages.scores(text)
        near = sorted(scores, key=lambda id_: (-scores[id_], id_))[:3]
        raise UnknownName("page", text, choices=tuple(near))

    def render(self, page: Page, style: TableStyle = "markdown") -> RenderedPage:
        """The page with its figures; raises ContentError naming it where one cannot be computed."""
        key = (page.id, style)
        if key not in self._rendered:
            self._rendered[key] = self._render(page, style)
        return self._rendered[key]

    def render_all(self, style: TableStyle) -> None:
        """Render every page now, so that none is asked for the first time."""
        for page in self._answers.knowledge.pages.values():
            self.render(page, style)
        self._tables.forget()

    def _render(self, page: Page, style: TableStyle) -> RenderedPage:
        def value(expression: Expression) -> str:
            table = self._table(expression)
            if table is not None:
                return markdown_table(table) if style == "markdown" else f"```text\n{text_table(table)}\n```"
            return self._figure(expression)

        try:
            body = render(page.body, value, PAGE_FUNCTIONS)
        except (ExpressionError, KnowledgeError, KeyError) as error:
            raise ContentError(f"A number cannot be computed: {error}", subject=page.id) from error
        return RenderedPage(page=page, body=body, disclosure=DISCLOSURE if page.shops else "")

    # ---- figures

    def _figure(self, expression: Expression) -> str:
        args, knowledge = expression.args, self._answers.knowledge
        if expression.name == "price_usd":
            device = knowledge.devices[str(args[0])]
            if device.launch_price_usd is None:
                return "price not known"
            return f"${device.launch_price_usd:,.0f} at launch ({device.release_year})"
        if expression.name == "bpw":
            return f"{knowledge.quants[str(args[0])].bpw:.1f} bits"
        if expression.name == "loss":
            return loss_text(quality_of(str(args[0])))
        if expression.name == "unpriced":
            return ", ".join(unpriced(knowledge)[:6])
        if expression.name == "fits":
            return self._fits(str(args[0]), str(args[1]), str(args[2]), int(args[3]), int(args[4]))
        return self._numbers.value(expression)

    def _fits(self, model_id: str, quant: str, device_id: str, count: int, ram_gib: int) -> str:
        """The verdict in words with the speed: `runs comfortably, 46 tok/s (41–52, E)`."""
        knowledge = self._answers.knowledge
        request = FitRequest(
            model=knowledge.models[model_id],
            quant=quant,
            devices=(DeviceAsk(device=knowledge.devices[device_id], count=count),),
            ram_bytes=gib_to_bytes(ram_gib) if ram_gib else None,
            context=ContextParams(n_ctx=GUIDE_N_CTX),
        )
        answer = estimate(request)
        if answer.fit_tier == "no" or answer.decode_tok_s is None:
            return "will not run"
        words = "runs comfortably" if answer.fit_tier == "comfortable" else "runs with trade-offs"
        low, mid, high = (tok_s_text(value) for value in _bounds(answer.decode_tok_s))
        return f"{words}, {mid} tok/s ({low}–{high}, {answer.evidence})"

    # ---- tables

    def _table(self, expression: Expression) -> Table | None:
        args = expression.args
        if expression.name == "budget_table":
            return self._tables.budget(str(args[0]), int(args[1]), int(args[2]))
        if expression.name == "class_table":
            return self._tables.for_class(str(args[0]), str(args[1]), int(args[2]))
        if expression.name == "used_table":
            return self._tables.second_hand(str(args[0]))
        if expression.name == "memory_table":
            return self._tables.memory(int(args[0]))
        if expression.name == "quant_table":
            return self._tables.quants()
        return self._costs(int(args[0])) if expression.name == "cost_table" else None

    def _costs(self, tokens_per_month: int) -> Table:
        """Each rig of `COST_RIGS` against the API price of its model, at so many tokens written a month."""
        rows = []
        checked = ""
        for model, device, count in COST_RIGS:
            found = cost_answer(
                self._answers,
                self._prices,
                model=model,
                hardware=(HardwareAsk(name=device, count=count),),
                ask=CostAsk(tokens_per_month=tokens_per_month),
            )
            checked = found.price.checked if found.price else checked
            names = self._answers.knowledge
            rig = names.devices[device].name.removeprefix("GeForce ").removeprefix("Apple ")
            rows.append(
                (
                    names.models[model].name.removesuffix("-Instruct"),
                    f"2× {rig}" if count == 2 else rig.partition(" (")[0],
                    f"${found.given.device_price:,.0f}",
                    f"${found.cost.local_per_mtok:.2f}",
                    f"${found.cost.cloud_per_mtok:.2f}",
                    _paid_back(found),
                )
            )
        columns = ("model", "on", "price", "at home", "API", "paid back")
        note = (
            f"Dollars for a million tokens written and {found.given.inputs_per_output:g} million read; at home that is "
            f"electricity alone. {tokens_per_month / 1e6:g} million written a month. API prices of {checked}."
        )
        return Table(columns=columns, rows=tuple(rows), note=note, right=("price", "at home", "API"))


def _bounds(speed: Interval) -> tuple[float, float, float]:
    return speed.low, speed.mid, speed.high


def _paid_back(found: CostAnswer) -> str:
    cost = found.cost
    if cost.break_even_tokens is None:
        return "never: the API costs less than the electricity"
    if cost.months is None or not cost.reachable:
        return "not within its life"
    return f"after {cost.months:,.0f} months"


def markdown_table(table: Table) -> str:
    """A table as Markdown, its note in italics beneath."""
    if not table.rows:
        return f"*{NOTHING}*"
    rule = ("---:" if column in table.right else "---" for column in table.columns)
    lines = [" | ".join(row) for row in (table.columns, tuple(rule), *table.rows)]
    note = f"\n\n*{table.note}*" if table.note else ""
    return "\n".join(f"| {line} |" for line in lines) + note


def text_table(table: Table) -> str:
    """A table in columns of equal width, for places that show monospaced text."""
    if not table.rows:
        return NOTHING
    every = (table.columns, *table.rows)
    widths = [max(len(row[at]) for row in every) for at in range(len(table.columns))]
    right = [column in table.right for column in table.columns]
    lines = (
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in every
    )
    return "\n".join([*lines, *([table.note] if table.note else [])])
