"""Models that are compared: what each is, and how fast all of them run on one common card.

A model's needs are `needs`', its facts the catalogue's; an estimate is whatever callable the caller hands in. Which
models are compared is read elsewhere, and which of them is the better is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from knowledge.catalog import Device, Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import DeviceAsk, FitAnswer
from knowledge.needs import Estimate, Needs
from knowledge.units import gib_text, gib_to_bytes, tokens_text

COMMON_RIGS: Final = (
    ("nvidia-geforce-rtx-3060-12-gb", 32),
    ("nvidia-geforce-rtx-3090", 64),
    ("nvidia-geforce-rtx-5090", 96),
    ("nvidia-rtx-pro-6000-blackwell", 256),
)
"""Cards people have, the smallest first, each with the RAM (GiB) of a machine around it."""


def on_common(found: Sequence[Needs], devices: Mapping[str, Device], estimate: Estimate) -> tuple[Needs, ...]:
    """The needs with the answers on the smallest common card that runs all of them well, else on the largest.

    As they are where fewer than two are compared.
    """
    if len(found) < 2:
        return tuple(found)
    best: tuple[FitAnswer | None, ...] = ()
    for id_, ram_gib in COMMON_RIGS:
        if id_ not in devices:
            continue
        best = tuple(_on(one, devices[id_], ram_gib, estimate) for one in found)
        if all(answer is not None and answer.fit_tier == "comfortable" for answer in best):
            break
    return tuple(replace(one, common=answer) for one, answer in zip(found, best, strict=True)) if best else tuple(found)


def _on(one: Needs, device: Device, ram_gib: int, estimate: Estimate) -> FitAnswer | None:
    """The answer on one card; None where the engine does not run there."""
    request = replace(one.alone.request, devices=(DeviceAsk(device=device),), ram_bytes=gib_to_bytes(ram_gib))
    try:
        return estimate(request)
    except KnowledgeError:
        return None


def params_text(model: Model) -> str:
    """How many parameters a model has, and how many of them work on a token: "30.5B, 3.3B active"; "" if not known."""
    if model.params_total is None:
        return ""
    total = count_text(model.params_total)
    return f"{total}, {count_text(model.params_active)} active" if model.params_active else total


def count_text(count: int) -> str:
    """A count of parameters as people write it: "8.0B", "270M"."""
    return f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"


def context_text(model: Model) -> str:
    """The context a model was trained for; "" where its shape is not known."""
    return tokens_text(model.shape.n_ctx_train) if model.shape is not None else ""


def device_text(device: Device) -> str:
    """What a compared device is, without words: its memory, bandwidth, power, launch price and year."""
    said = [gib_text(device.memory_bytes) if device.memory_bytes and not device.unified_memory else ""]
    said.append(f"{device.bandwidth_bytes_per_s / 1e9:,.0f} GB/s" if device.bandwidth_bytes_per_s else "")
    said.append(f"{device.tdp_w:,.0f} W" if device.tdp_w else "")
    said.append(f"${device.launch_price_usd:,.0f}" if device.launch_price_usd else "")
    said.append(str(device.release_year) if device.release_year else "")
    return " · ".join(text for text in said if text)


def is_moe(model: Model) -> bool:
    """Whether a model is a mixture of experts."""
    return model.shape is not None and model.shape.n_expert > 0
