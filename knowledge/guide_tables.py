"""The tables of guides: what each budget buys, which rig runs which size of model, what file types and memory cost.

Rows are rigs of the catalogue, figures the estimator's, at 8k context and with nothing in RAM unless a table says so.
A table is data; `guides` sets it in type. Nothing is looked up outside the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from knowledge.asking import usual_quant
from knowledge.catalog import Knowledge, Model
from knowledge.errors import ContentError
from knowledge.estimator.engines import engine_by_name
from knowledge.estimator.fit import estimate
from knowledge.estimator.quality import quality_of
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest
from knowledge.guide_rigs import SHELVES, Rig, rigs
from knowledge.units import gib_text, gib_to_bytes, tok_s_text

GUIDE_N_CTX: Final = 8192
CLASSES: Final = {
    "8B": "qwen3-8b",
    "14B": "qwen3-14b",
    "30B MoE": "qwen3-30b-a3b",
    "32B": "qwen3-32b",
    "70B": "llama-3.3-70b-instruct",
    "120B MoE": "gpt-oss-120b",
}
"""The sizes people shop for and the model that stands for each, smallest first."""
QUANTS: Final = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "IQ3_XXS", "Q2_K", "IQ2_XXS")
MOST_ROWS: Final = 6
LEAST_TWO_DIGITS: Final = 9.95
LEAST_STEP: Final = 1.05
"""A dearer rig is worth a row where it is this much faster than the cheaper ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns, rows of texts, and a note beneath; `right` names the columns that are set flush right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    right: tuple[str, ...] = ()


class GuideTables:
    """Computes tables over one snapshot; estimates are remembered, tables share them."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._rigs = lru_cache(maxsize=len(SHELVES))(lambda shelf: rigs(knowledge, shelf))
        self._fit = lru_cache(maxsize=8192)(self._estimate)

    def forget(self) -> None:
        """Drop what was remembered for tables to share (5 MB after all pages)."""
        self._fit.cache_clear()

    def _estimate(self, size: str, rig: Rig, ram_gib: int) -> FitAnswer:
        model = self._model(size)
        quant = usual_quant(model, engine_by_name("llama.cpp"))
        context = ContextParams(n_ctx=GUIDE_N_CTX)
        ram_bytes = gib_to_bytes(ram_gib) if ram_gib else None
        return estimate(FitRequest(model=model, quant=quant, devices=(rig.ask,), ram_bytes=ram_bytes, context=context))

    def _model(self, size: str) -> Model:
        if size not in CLASSES:
            raise ContentError(
                f"there is no class of models '{size}'", subject=size, hint=f"One of {', '.join(CLASSES)}."
            )
        return self._knowledge.models[CLASSES[size]]

    def _shelf(self, shelf: str) -> tuple[Rig, ...]:
        if shelf not in SHELVES:
            raise ContentError(f"there is no shelf '{shelf}'", subject=shelf, hint=f"One of {', '.join(SHELVES)}.")
        return self._rigs(shelf)

    # ---- buying

    def budget(self, shelf: str, over_usd: int, to_usd: int) -> Table:
        """What a budget buys new, the largest and fastest first; `to_usd` 0 means no end."""
        found: list[tuple[tuple[int, float], Rig, str, FitAnswer]] = []
        for rig in self._shelf(shelf):
            if rig.used or rig.price_usd is None or not over_usd < rig.price_usd <= (to_usd or float("inf")):
                continue
            best = self._largest(rig)
            if best is not None:
                rank, size, answer = best
                found.append(((rank, _speed_of(answer)), rig, size, answer))
        found.sort(key=lambda row: row[0], reverse=True)
        rows = tuple(
            (rig.name, rig.memory_text, rig.price_text, rig.year_text, *self._value(rig), size, interval_text(answer))
            for _, rig, size, answer in _one_of_each_kind(found)[:MOST_ROWS]
        )
        columns = ("device", "memory", "price", "year", "8B tok/s", "per $100", "runs up to", "tok/s there")
        return Table(columns=columns, rows=rows, right=("memory", "price", "8B tok/s", "per $100"))

    def second_hand(self, shelf: str) -> Table:
        """What shops no longer sell and is worth a look: of each memory size the fastest, without a price of today."""
        best: dict[int, tuple[Rig, FitAnswer]] = {}
        for rig in self._shelf(shelf):
            answer = self._fit("8B", rig, 0)
            if rig.used and rig.count == 1 and answer.fit_tier == "comfortable":
                first = best.setdefault(rig.memory_bytes, (rig, answer))
                if _speed_of(answer) > _speed_of(first[1]):
                    best[rig.memory_bytes] = (rig, answer)
        rows = []
        for size in sorted(best)[-MOST_ROWS - 2 :]:
            rig, answer = best[size]
            largest = self._largest(rig)
            if largest is not None:
                speed = interval_text(largest[2])
                rows.append((rig.name, rig.memory_text, rig.year_text, interval_text(answer), largest[1], speed))
        columns = ("device", "memory", "year", "8B tok/s", "runs up to", "tok/s there")
        return Table(columns=columns, rows=tuple(rows), right=("memory",))

    def _value(self, rig: Rig) -> tuple[str, str]:
        """The speed of the smallest class, and that for each hundred dollars."""
        answer = self._fit("8B", rig, 0)
        if rig.price_usd is None or answer.decode_tok_s is None or answer.fit_tier == "no":
            return "–", "–"
        mid = answer.decode_tok_s.mid
        return f"{tok_s_text(mid)} ({answer.evidence})", _per_100(rig, answer)

    def _largest(self, rig: Rig) -> tuple[int, str, FitAnswer] | None:
        """The largest class a rig runs comfortably; the last of them whose weights are biggest."""
        found = None
        for rank, size in enumerate(CLASSES):
            answer = self._fit(size, rig, 0)
            if answer.fit_tier == "comfortable":
                found = (rank, size, answer)
        return found

    def for_class(self, shelf: str, size: str, ram_gib: int) -> Table:
        """Which rigs sold new run a class of models, each at its smallest memory that does, best buys first.

        What runs with trade-offs is listed where nothing runs comfortably, and where `ram_gib` says that the machine
        has that much RAM besides.
        """
        fits: dict[tuple[str, int], tuple[Rig, FitAnswer]] = {}
        for rig in self._shelf(shelf):
            if rig.used:
                continue
            answer = self._fit(size, rig, ram_gib)
            if answer.fit_tier in {"comfortable", "trade-offs"} and answer.decode_tok_s is not None:
                first = fits.setdefault((rig.device.id, rig.count), (rig, answer))
                if first[1].fit_tier != "comfortable" and answer.fit_tier == "comfortable":
                    fits[rig.device.id, rig.count] = (rig, answer)
        found = list(fits.values())
        comfortable = [row for row in found if row[1].fit_tier == "comfortable"]
        listed = found if ram_gib or not comfortable else comfortable
        chosen = _worth_buying(listed) if shelf == "gpu" else _fastest_by_memory(listed)
        rows = [
            (
                *(rig.name, rig.memory_text, rig.price_text, rig.year_text),
                *(_tier_text(fit), interval_text(fit), _per_100(rig, fit)),
            )
            for rig, fit in chosen
        ]
        columns = ("device", "memory", "price", "year", "verdict", "tok/s", "per $100")
        table = Table(
            columns=columns,
            rows=tuple(rows),
            note=self._class_note(size, ram_gib),
            right=("memory", "price", "per $100"),
        )
        return _without(_without(table, "verdict", "comfortable"), "per $100", "–")

    def _class_note(self, size: str, ram_gib: int) -> str:
        model = self._model(size)
        quant = usual_quant(model, engine_by_name("llama.cpp"))
        ram = f", {ram_gib} GB of RAM besides" if ram_gib else ""
        return f"{size} stands for {model.name} as {quant}, 8k context{ram}."

    # ---- memory and file types

    def memory(self, n_ctx: int) -> Table:
        """What each class needs at a context, and the smallest card of the shelf that holds it in the usual type."""
        rows = []
        for size in CLASSES:
            model = self._model(size)
            usual = usual_quant(model, engine_by_name("llama.cpp"))
            context = ContextParams(n_ctx=n_ctx)
            both = (usual, "Q8_0") if usual == "Q4_K_M" else (usual,)
            needs = [
                gib_text(estimate(FitRequest(model=model, quant=quant, context=context)).memory.total_bytes)
                for quant in both
            ]
            holds = (rig for rig in self._shelf("gpu") if self._fit(size, rig, 0).fit_tier == "comfortable")
            smallest = next((rig.memory_text for rig in holds), "none of one or two cards")
            rows.append((size, model.name, usual, needs[0], needs[1] if len(needs) > 1 else "–", smallest))
        columns = ("class", "model", "usual type", "needs", "as Q8_0", "smallest card")
        return Table(columns=columns, rows=tuple(rows), right=("needs", "as Q8_0"))

    def quants(self) -> Table:
        """Bits, sizes and published loss of the usual file types."""
        rows = []
        for quant in QUANTS:
            quality = quality_of(quant)
            sizes = (
                gib_text(estimate(FitRequest(model=self._model(size), quant=quant)).memory.weights_bytes)
                for size in ("8B", "32B", "70B")
            )
            perplexity = "–" if quality.perplexity_delta_pct is None else f"+{quality.perplexity_delta_pct:.3g} %"
            rows.append((quant, f"{self._knowledge.quants[quant].bpw:.2f}", *sizes, perplexity, quality.words))
        columns = ("type", "bits", "8B", "32B", "70B", "perplexity", "in words")
        note = quality_of("Q4_K_M").source + "."
        return Table(columns=columns, rows=tuple(rows), note=note, right=columns[1:6])


def interval_text(answer: FitAnswer) -> str:
    """A decode speed with its 80 % interval and evidence tier: `46 (41–52) E`."""
    speed = answer.decode_tok_s
    if speed is None:
        return "not known"
    return f"{tok_s_text(speed.mid)} ({tok_s_text(speed.low)}–{tok_s_text(speed.high)}) {answer.evidence}"


def _tier_text(answer: FitAnswer) -> str:
    return "comfortable" if answer.fit_tier == "comfortable" else "with trade-offs"


def _speed_of(answer: FitAnswer) -> float:
    return 0.0 if answer.decode_tok_s is None else float(answer.decode_tok_s.mid)


def _per_100(rig: Rig, answer: FitAnswer) -> str:
    """Tokens a second for a hundred dollars, in two digits."""
    if not rig.price_usd:
        return "–"
    value = 100 * _speed_of(answer) / rig.price_usd
    return f"{value:.1f}" if value < LEAST_TWO_DIGITS else f"{value:.0f}"


def _one_of_each_kind(
    found: Sequence[tuple[tuple[int, float], Rig, str, FitAnswer]],
) -> list[tuple[tuple[int, float], Rig, str, FitAnswer]]:
    """The rows without a second memory size or core count of what stands above at the same price."""
    seen: set[tuple[str, float | None]] = set()
    kept = []
    for row in found:
        rig = row[1]
        key = (rig.name.partition(" (")[0], rig.price_usd)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _without(table: Table, column: str, value: str) -> Table:
    """The table without a column that says the same everywhere."""
    at = table.columns.index(column)
    if not table.rows or any(row[at] != value for row in table.rows):
        return table
    rows = tuple((*row[:at], *row[at + 1 :]) for row in table.rows)
    return replace(table, columns=(*table.columns[:at], *table.columns[at + 1 :]), rows=rows)


def _worth_buying(fits: Iterable[tuple[Rig, FitAnswer]]) -> list[tuple[Rig, FitAnswer]]:
    """Cheapest first, each faster than every cheaper one; of a long line of steps some, with the first and the last."""
    by_price = sorted(fits, key=lambda row: (row[0].price_usd or float("inf"), -_speed_of(row[1])))
    kept: list[tuple[Rig, FitAnswer]] = []
    for row in by_price:
        if not kept or _speed_of(row[1]) > LEAST_STEP * _speed_of(kept[-1][1]):
            kept.append(row)
    if len(kept) <= MOST_ROWS + 2:
        return kept
    step = (len(kept) - 1) / (MOST_ROWS + 1)
    return [kept[round(at * step)] for at in range(MOST_ROWS + 2)]


def _fastest_by_memory(fits: Iterable[tuple[Rig, FitAnswer]]) -> list[tuple[Rig, FitAnswer]]:
    """The fastest rig of each memory size, smallest first: where prices are not known, memory is what they follow."""
    best: dict[int, tuple[Rig, FitAnswer]] = {}
    for row in sorted(fits, key=lambda row: -_speed_of(row[1])):
        best.setdefault(row[0].memory_bytes, row)
    return [best[size] for size in sorted(best)][: MOST_ROWS + 2]
