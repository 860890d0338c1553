"""How well names and questions are read: figures over the questions and aliases in the truth folder.

A row's expected names are set against what was parsed by the catalogue itself: an expected "Apple M2" is met by any M2,
an expected "RTX 3060" of 12 GB by the 12 GB card. The rows were looked at while the rules were written, so these
figures are in-sample; their names say so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.route import route
from knowledge.question.text import normalise, squash
from knowledge.question.types import FitQuestion, HardwareMention

Row = Mapping[str, Any]

_FIELDS = ("quant", "context", "ram", "engine", "engine_named", "kv")


@dataclass(slots=True)
class _Counts:
    """Agreements and disagreements of one field."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, expected: object, found: object) -> None:
        """Count one row: both None counts nothing, a wrong value counts as both wrong and missed."""
        if expected is None and found is None:
            return
        if expected is not None and found is not None and _same_value(expected, found):
            self.right += 1
            return
        self.wrong += found is not None
        self.missed += expected is not None

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1.0 where the field never occurs."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def evaluate_questions(truth_dir: Path, index: NameIndex) -> dict[str, Any]:
    """The figures of the questions, and of the aliases where `truth_dir`'s sibling `facts` has them."""
    rows = list(read_rows(truth_dir / "fit_questions.jsonl"))
    fields = {name: _Counts() for name in _FIELDS}
    models = hardware = both = silent = 0
    for row in rows:
        question = parse(str(row["text"]), index)
        expected = row["expected"]
        model_right = same_model(expected["model"], question, index)
        hardware_right = same_hardware(expected["hardware"], question.hardware, index)
        models += model_right
        hardware += hardware_right
        both += model_right and hardware_right
        silent += silently_wrong(expected, question, index)
        _count_fields(fields, str(row["text"]), expected, question)
    report: dict[str, Any] = {
        "rows": len(rows),
        "in_sample_model_right": models / len(rows),
        "in_sample_hardware_right": hardware / len(rows),
        "in_sample_all_right": both / len(rows),
        "silent_wrong_pct": 100 * silent / len(rows),
        **{f"in_sample_{name}_f1": counts.f1 for name, counts in fields.items()},
    }
    report["in_sample_routed_without_search_right"] = routed_right(truth_dir, index)
    aliases = truth_dir.parent / "facts" / "aliases.csv"
    if aliases.is_file():
        report |= alias_figures(aliases, index)
    return report


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _count_fields(fields: Mapping[str, _Counts], text: str, expected: Row, question: FitQuestion) -> None:
    fields["quant"].add(expected["quant"], question.quant)
    fields["context"].add(expected["context"], question.n_ctx)
    fields["ram"].add(expected["ram_gb"], question.ram_gib)
    fields["engine"].add(expected["engine"], question.engine)
    fields["kv"].add(expected["kv_type"], question.type_k)
    engine = expected["engine"]
    if engine is None or squash(normalise(engine))[:4] in squash(normalise(text)):
        fields["engine_named"].add(engine, question.engine)


def _same_value(expected: object, found: object) -> bool:
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) <= 0.01 * abs(expected)
    return str(expected).lower().replace("fp16", "f16") == str(found).lower().replace("fp16", "f16")


def same_model(expected: str | None, question: FitQuestion, index: NameIndex) -> bool:
    """Whether the parsed model is the expected one: the same words, or a model those words resolve to."""
    if expected is None:
        return question.model is None and question.model_text is None
    want = _plain(expected)
    if question.model is None:
        return question.model_text is not None and _plain(question.model_text) == want
    if want in {_plain(question.model), _plain(index.models[question.model].name)}:
        return True
    return question.model in _alike(index.resolve("model", expected).ids, index)


def _alike(ids: tuple[str, ...], index: NameIndex) -> set[str]:
    """`ids` and the models that share the first one's family and size: base and instruct versions answer alike."""
    if not ids:
        return set()
    first = index.models[ids[0]]
    same = {
        m.id
        for m in index.models.values()
        if m.family == first.family and m.params_total == first.params_total is not None
    }
    return {ids[0], *same}


def same_hardware(expected: list[Row], found: tuple[HardwareMention, ...], index: NameIndex) -> bool:
    """Whether the mentions are the expected devices with their counts, none missing and none too many."""
    left = list(found)
    for row in expected:
        match = next((mention for mention in left if same_device(row, mention, index)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def same_device(expected: Row, mention: HardwareMention, index: NameIndex) -> bool:
    """Whether one mention is the expected device: name, count, and memory where both say it."""
    if mention.count != expected["count"]:
        return False
    memory = expected.get("vram")
    if memory and mention.memory_gib and abs(memory - mention.memory_gib) > 0.5:
        return False
    name = str(expected["name"])
    if _plain(name) == _plain(mention.name):
        return True
    if mention.id is None:
        return False
    wanted = index.hardware_list(f"{name} {memory}gb") if memory else ()
    ids = {m.id for m in wanted} | set(index.resolve("hardware", name).ids)
    return mention.id in ids


def silently_wrong(expected: Row, question: FitQuestion, index: NameIndex) -> bool:
    """Whether a wrong model or device was taken without saying that it is open."""
    open_fields = {choice.field for choice in question.ambiguous}
    model = (
        question.model is not None
        and expected["model"] is not None
        and not same_model(expected["model"], question, index)
    )
    if model and "model" not in open_fields:
        return True
    known = [mention for mention in question.hardware if mention.id is not None]
    wrong = any(not any(same_device(row, mention, index) for row in expected["hardware"]) for mention in known)
    return wrong and "hardware" not in open_fields


def _plain(name: str) -> str:
    return squash(normalise(name)).replace("_", "").removeprefix("apple")


def routed_right(truth_dir: Path, index: NameIndex) -> float:
    """The share of fit questions and error reports routed rightly by their text alone, without help from search."""
    right = rows = 0
    for name, where in (("fit_questions.jsonl", "fit"), ("errors.jsonl", "diagnose")):
        for row in read_rows(truth_dir / name):
            if row.get("label") == "none" or not str(row["text"]).strip():
                continue
            rows += 1
            right += route(str(row["text"]), parse(str(row["text"]), index)) == where
    return right / rows if rows else 1.0


def alias_figures(path: Path, index: NameIndex) -> dict[str, Any]:
    """How many aliases seen in real text lead to their id first, and how many ambiguous ones come back as such."""
    seen = first = marked = told = 0
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        known = {"model": index.models, "hardware": index.devices}.get(row["kind"])
        if known is None or row["id"] not in known:
            continue
        found = index.resolve("model" if row["kind"] == "model" else "hardware", row["alias"])
        if "seen" in row["evidence"]:
            seen += 1
            first += bool(found.ids) and found.ids[0] == row["id"]
        if row["ambiguous"] and row["kind"] == "hardware":
            marked += 1
            told += not found.certain or _same_in_answers(row, index)
    return {
        "aliases_seen": seen,
        "aliases_seen_first_right": first / seen if seen else 1.0,
        "aliases_ambiguous": marked,
        "aliases_ambiguous_told_share": told / marked if marked else 1.0,
    }


def _same_in_answers(row: Row, index: NameIndex) -> bool:
    """Whether what an ambiguous alias may mean answers alike: a board revision of the same memory and bandwidth."""
    devices = [index.devices[id_] for id_ in (row["id"], *row["ambiguous"].split(";")) if id_ in index.devices]
    return (
        len({(d.memory_options_bytes if not d.unified_memory else (), d.bandwidth_bytes_per_s) for d in devices}) <= 1
    )
