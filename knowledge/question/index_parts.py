"""Building the tables of the name index: every key with the ids it may mean, best first.

Runs once per content version; reading questions uses the finished tables (`names`). It reads catalogue facts only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from knowledge.catalog import Alias, Device, Model, QuantType
from knowledge.question import device_names, model_names
from knowledge.question.device_names import DeviceTraits
from knowledge.question.text import atoms_of, normalise, same_name_keys, squash

_GATED = """
    15pro 16pro 17pro 405b 8elite air ally allyx amber athene camel canary circuit command coral deck dia dolphin
    dualxeon e5 flashnext halo hermes hy3 hy4 inkling jan k2 k3 kimi l33 l3_3 laguna laser ling lucy lunaris
    lunarlake magnum mamba maverick medium3.5 meteorlakeigpu moonlight motif muse nemo neo nomic north nova orca
    penguin platypus reader ring rock5b scout seed snowflake solar spark stable starling step supernova tess thor
    trinity turbo v3.1 v3.2 v31 v32 v3_1 v3_2 vicuna virtuoso wan wizard x1e xelite xplus xtx z1e zephyr
"""
GATED_KEYS = frozenset(_GATED.split())
"""Words that also mean other things: taken for a name in running text only where nothing clearer stands there."""

_BANNED = """
    120b 13b 14b 1b 27b 30b 32b 3b 65b 70b 72b 7b 8b academic all area audio bar base bert big bilingual bolmo calm
    cat chat code coder core cuda data dense distil dots efficient embed embedding emo fast flash fleming flex giga
    gpt grin gui guru image infinity instruct intellect intern ising kat l3 large lfm lite llm mage mai math
    mathform max medium merge micro mini model models nano nosa nous nv open openmath opus plus points privasis pro
    quantum real rho riva sea search small sonnet super swe test text tiny ultra unlimited video vip vision vista
"""
BANNED_KEYS = frozenset(_BANNED.split())
"""Ordinary words some model has for a name; never looked for in running text (asked for alone, they resolve)."""

_SEEN = re.compile(r"seen:(\d+)")
_QUANTISED = re.compile(r"\bi?q[2-8](?:[_ ]?k|_\d|\b)|\d-?bits?\b|\b(?:fp8|nvfp4|mxfp4|awq|gptq|bf16|fp16|f16|ud-)")
_HAS_MEMORY = re.compile(r"\s*\b\d{1,4} ?gb?$")
_NOT_SCANNED = re.compile(
    r"\bddr\d?|\bcpu only\b|\bchannel\b|laptop|mobile|notebook|max-?q|max q$|\bpcie|\bsxm\d?|\bnvl\b"
)


@dataclass(frozen=True, slots=True)
class NameEntry:
    """What a key means. `ids` best first; `series` is set where the words name a series and no model of it.

    `group` is the device group whose members the words may mean. `rivals` are other models one may have meant.
    """

    kind: Literal["model", "hardware"]
    ids: tuple[str, ...]
    series: str = ""
    group: str = ""
    gated: bool = False
    rivals: tuple[str, ...] = ()


@dataclass(slots=True)
class _Ranked:
    """Candidates of one key while the table is built: id to the best rank it has there (smaller is better)."""

    ranks: dict[str, tuple[float, float]] = field(default_factory=dict)

    def offer(self, candidate: str, rank: float, tie: float) -> None:
        old = self.ranks.get(candidate)
        if old is None or (rank, tie) < old:
            self.ranks[candidate] = (rank, tie)

    def best_first(self) -> tuple[str, ...]:
        return tuple(sorted(self.ranks, key=lambda candidate: (self.ranks[candidate], candidate)))


def evidence_weight(evidence: str) -> float:
    """How much an alias counts: how often it was seen; a curated one as if seen 40 times; a generated one hardly."""
    seen = _SEEN.search(evidence)
    weight = float(seen.group(1)) if seen else 0.0
    return max(weight, 40.0) if "curated" in evidence else max(weight, 0.1)


def publishers(models: Mapping[str, Model]) -> frozenset[str]:
    """The words of all publishers' names, as they stand before a model's: `qwen_qwen3-8b`, `google_gemma-3-4b-it`."""
    names = [model.org or "" for model in models.values()]
    names += [repo.partition("/")[0] for model in models.values() for repo in model.repos]
    return frozenset(word for name in names for word in atoms_of(normalise(name)))


def _tuning_penalty(model: Model, models: Mapping[str, Model]) -> float:
    """What a fine-tune pays for a name shared with its base; an instruct version by the base's own makers is none."""
    if "abliterated" in model.id or "uncensored" in model.id:
        return 20.0
    base = models.get(model.base_id or "")
    return 10.0 if base is not None and base.org != model.org else 0.0


def model_table(models: Mapping[str, Model], aliases: Iterable[Alias]) -> dict[str, NameEntry]:
    """Keys of all models and series. Aliases that were seen or curated outrank names, names outrank shortened names."""
    ranked: dict[str, _Ranked] = {}
    also: dict[str, tuple[str, ...]] = {}
    for alias in aliases:
        if alias.kind != "model" or alias.id not in models:
            continue
        low = normalise(alias.text)
        if _QUANTISED.search(low) and not _QUANTISED.search(normalise(models[alias.id].name)):
            continue  # "qwen3-8b-q4_k_m": the name is found in it, and the quant must stay readable
        key = squash(low)
        weight = evidence_weight(alias.evidence)
        rank = -2.0 if weight >= 1 else 2.5
        for variant in same_name_keys(key):
            ranked.setdefault(variant, _Ranked()).offer(alias.id, rank, -weight)
            if alias.also and variant not in also:
                also[variant] = tuple(other for other in alias.also if other in models)
    series: dict[str, tuple[str, list[str]]] = {}
    for model in models.values():
        tie = -float(model.downloads)
        tuned = _tuning_penalty(model, models)
        best: dict[str, int] = {}
        for form in model_names.forms(model):
            if form.penalty < best.get(form.key, 99):
                best[form.key] = form.penalty
        for key, penalty in best.items():
            for variant in same_name_keys(key):
                ranked.setdefault(variant, _Ranked()).offer(model.id, penalty + (tuned if penalty else 0.0), tie)
        for key, shown in model_names.series_of(model):
            series.setdefault(key, (shown, []))[1].append(model.id)
    table = {
        key: NameEntry("model", found.best_first()[:6], gated=key in GATED_KEYS, rivals=also.get(key, ()))
        for key, found in ranked.items()
    }
    _add_series(table, series, models)
    return table


def _add_series(
    table: dict[str, NameEntry], series: Mapping[str, tuple[str, list[str]]], models: Mapping[str, Model]
) -> None:
    """Enter series names; one that is also a model's alias ("gemma3") is a series all the same where sizes abound."""
    for key, (shown, members) in series.items():
        ordered = sorted(members, key=lambda member: -models[member].downloads)
        old = table.get(key)
        if old is not None and models[old.ids[0]].name.lower().replace(" ", "-") == shown.lower():
            continue
        sizes = model_names.distinct_sizes(models[member] for member in members)
        if old is not None and sizes < model_names.SERIES_MIN_SIZES:
            table[key] = NameEntry("model", old.ids, gated=old.gated, rivals=tuple(ordered[:12]) if sizes > 1 else ())
            continue
        first = old.ids[:1] if old is not None else ()
        choices = (*first, *(member for member in ordered if member not in first))
        entry = NameEntry("model", choices, series=shown, gated=key in GATED_KEYS)
        for variant in same_name_keys(key):
            if variant == key or variant not in table:
                table[variant] = entry


def device_tables(
    devices: Mapping[str, Device], aliases: Iterable[Alias]
) -> tuple[dict[str, NameEntry], dict[str, tuple[DeviceTraits, ...]], dict[str, str]]:
    """Keys of all devices, their groups (members likeliest first), and the keys of all aliases as written."""
    wanted = [alias for alias in aliases if alias.kind == "hardware" and alias.id in devices]
    weights: dict[str, float] = {}
    for alias in wanted:
        weights[alias.id] = max(weights.get(alias.id, 0.0), evidence_weight(alias.evidence))
    read = {device.id: device_names.traits(device) for device in devices.values()}
    groups: dict[str, list[DeviceTraits]] = {}
    for member in read.values():
        groups.setdefault(member.group, []).append(member)
    ordered = {
        group: tuple(sorted(members, key=lambda m: (m.rare, m.laptop, m.max_q, -weights.get(m.id, 0.0), m.id)))
        for group, members in groups.items()
    }
    table: dict[str, NameEntry] = {}
    exact: dict[str, str] = {}
    offered: dict[str, _Ranked] = {}
    for alias in wanted:
        low = normalise(alias.text)
        key = squash(low)
        exact.setdefault(key, alias.id)
        if _NOT_SCANNED.search(low) or _HAS_MEMORY.search(low):
            continue
        own = -evidence_weight(alias.evidence) - weights[alias.id] / 1e6
        offered.setdefault(key, _Ranked()).offer(alias.id, 0.0, own)
        for other in alias.also:
            if other in devices:
                offered[key].offer(other, 1.0, 0.0)
    for key, found in offered.items():
        ids = found.best_first()
        table[key] = NameEntry("hardware", ids, group=read[ids[0]].group, gated=key in GATED_KEYS)
    _add_derived(table, devices, read, ordered)
    return table, ordered, exact


def _add_derived(
    table: dict[str, NameEntry],
    devices: Mapping[str, Device],
    read: Mapping[str, DeviceTraits],
    ordered: Mapping[str, tuple[DeviceTraits, ...]],
) -> None:
    """Enter what people call devices by their names alone: full names of all of them first, shortened ones after."""
    derived = [
        (place, key, device) for device in devices.values() for place, key in enumerate(device_names.keys(device))
    ]
    derived.sort(key=lambda row: row[0] >= _FULL_FORMS)
    for place, key, device in derived:
        group = read[device.id].group
        members = tuple(member.id for member in ordered[group])
        old = table.get(key)
        if old is None:
            table[key] = NameEntry("hardware", members, group=group, gated=key in GATED_KEYS)
        elif place == 0 and old.group != group and not read[device.id].laptop:
            ids = (*members, *(id_ for id_ in old.ids if id_ not in members))
            table[key] = NameEntry("hardware", ids, group=group)


_FULL_FORMS = 3
"""The first so many of a device's keys are its whole name, with or without the maker."""


def quant_table(quants: Mapping[str, QuantType], aliases: Iterable[Alias]) -> dict[str, str]:
    """Keys of quant names to ids; an alias that was seen outranks a generated one."""
    ranked: dict[str, _Ranked] = {}
    for quant in quants.values():
        for name in (quant.id, quant.name, *quant.aliases):
            ranked.setdefault(squash(normalise(name)), _Ranked()).offer(quant.id, 0.0, 0.0)
    for alias in aliases:
        if alias.kind == "quant" and alias.id in quants:
            key = squash(normalise(alias.text))
            ranked.setdefault(key, _Ranked()).offer(alias.id, 1.0, -evidence_weight(alias.evidence))
    return {key: found.best_first()[0] for key, found in ranked.items()}
