"""How the digest says things: months, parameter counts, licences, and the sentences of its verdicts. Pure text.

Short, plain, no superlatives. A sentence only says what the figures it was given show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from digest.fits import COARSE, Fit
from knowledge.catalog import Model
from knowledge.units import tokens_text

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LICENSES: Final = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "modified-mit": "modified MIT",
    "other": "its maker's own licence",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "cc-by-4.0": "CC BY 4.0",
    "gemma": "Gemma licence",
    "openmdw-1.1": "OpenMDW 1.1",
    "exaone": "EXAONE licence",
    "lfm1.0": "LFM licence",
    "nvidia-open-model-license": "NVIDIA open model licence",
    "nvidia-nemotron-open-model-license": "NVIDIA Nemotron licence",
    "llama3": "Llama 3 licence",
    "iquestcoder": "IQuest licence",
}
_KINDS: Final = {
    "vlm": "text and images",
    "code": "code",
    "reasoning": "reasoning",
    "embedding": "embeddings",
    "diffusion": "writes by diffusion",
    "base": "base model",
}


def month_name(month: str) -> str:
    """`2026-04` as `April 2026`."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def day_name(date: str | None) -> str:
    """`2026-04-15` as `15 April`, empty where unknown."""
    if not date or len(date) < 10:
        return ""
    return f"{int(date[8:10])} {_MONTHS[int(date[5:7]) - 1]}"


def params_text(count: int | None) -> str:
    """Return a parameter count as people say it: `36B`, `3.5B`, `270M`."""
    if not count:
        return ""
    if count >= 1e12:
        return f"{count / 1e12:.2g}T"
    if count >= 1e9:
        billions = count / 1e9
        return f"{billions:.1f}B" if billions < 10 else f"{billions:.0f}B"
    return f"{count / 1e6:.0f}M"


def size_word(model: Model) -> str:
    """Return a model's size as its makers write it, `35B-A3B`; empty where unknown."""
    total, active = params_text(model.params_total), params_text(model.params_active)
    sparse = bool(model.shape and model.shape.n_expert)
    return f"{total}-A{active}" if total and active and sparse else total


def license_text(license_id: str | None) -> str:
    """Return a licence as readers know it, empty where unknown."""
    return _LICENSES.get(license_id, license_id) if license_id else ""


def facts_of(model: Model) -> tuple[str, ...]:
    """Return the figures of a model that do not depend on a machine."""
    facts = []
    total, active = params_text(model.params_total), params_text(model.params_active)
    if total and model.shape is not None and model.shape.n_expert and active:
        facts.append(f"{total} parameters, {active} active")
    elif total:
        facts.append(f"{total} parameters")
    if model.shape is not None:
        facts.append(f"{tokens_text(model.shape.n_ctx_train)} context")
    if model.kind in _KINDS:
        facts.append(_KINDS[model.kind])
    if license_text(model.license):
        facts.append(license_text(model.license))
    return tuple(facts)


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names as a list in a sentence: `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 release`, `3 releases`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def verdict_on(fit: Fit, longest_n_ctx: int | None = None) -> str:
    """Say in a sentence or two what a model does on one rig; `longest_n_ctx` is the context it has room for."""
    if fit.tier is None:
        return "Its architecture has not been checked yet, so there is no figure for it."
    takes = f"{fit.quant} takes {fit.memory_text} with an 8k context"
    speed = f" and writes at about {fit.speed_text}" if fit.speed_text else ""
    if fit.tier == "comfortable":
        return f"{takes}{speed}.{_room(fit, longest_n_ctx)}"
    if fit.tier == "trade-offs":
        return f"{takes}{speed}, {_price(fit)}."
    return f"Even {fit.quant} needs {fit.memory_text}: more than {with_article(fit.rig.name)} has."


def _price(fit: Fit) -> str:
    """Say what the trade-off is."""
    if fit.quant in COARSE:
        return "but so coarse a file costs quality you will notice"
    if fit.in_ram:
        sparse = fit.model.shape is not None and fit.model.shape.n_expert > 0
        return "with most experts in RAM" if sparse else "with part of its layers in RAM"
    return "with little memory to spare"


def _room(fit: Fit, longest: int | None) -> str:
    if longest is None or longest < 2 * 8192:
        return ""
    trained = fit.model.shape.n_ctx_train if fit.model.shape else 0
    if longest >= trained:
        return f" Its whole context of {tokens_text(trained)} fits."
    return f" There is room for {longest // 1024}k of context."


def first_sentence(text: str) -> str:
    """Return the first sentence of a paragraph, on one line."""
    line = " ".join(text.replace("`", "").split())
    end = line.find(". ")
    return line if end < 0 else line[: end + 1]


def is_month(text: str) -> bool:
    """Whether a text is a month, `2026-04`."""
    return len(text) == 7 and text[4] == "-" and text[:4].isdigit() and text[5:].isdigit() and 1 <= int(text[5:]) <= 12


def with_article(name: str) -> str:
    """Return a machine's name with its article: letters spelled out sound by their first letter (`an RTX 3060`)."""
    word = name.split(maxsplit=1)[0] if name.split() else name
    spelled = word[:1].isupper() and not word[1:2].islower()
    sounds_open = word[:1] in "AEFHILMNORSX" if spelled else word[:1].lower() in "aeiou8"
    return f"{'an' if sounds_open else 'a'} {name}"


def sentence_start(text: str) -> str:
    """Return the text with its first letter as a sentence begins; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def display_name(name: str) -> str:
    """Return a release's name with a capital where its maker's repository has none (`granite 4.1`), save `gpt-oss`."""
    return name if name.startswith("gpt") else sentence_start(name)


def number_word(count: int) -> str:
    """Return a small count as a word."""
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)
