"""How many of a card a model takes: "how many 3090s for DeepSeek V3" is asked of the estimator one count after another.

It reads the cue words and counts; names are read and estimates made by those who hand them in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from knowledge import linear
from knowledge.estimator.budget import MAX_DEVICES
from knowledge.estimator.request import FitAnswer, FitRequest
from knowledge.said import worded

MOST_TRIED: Final = 12
"""Counts tried from the first whose memory could do."""

_HOW_MANY: Final = linear.compile(
    r"\b(?:how many|wie ?viele|cu[aá]ntas|cu[aá]ntos|quantas|quantos|combien de|quante|quanti|ile|hoeveel)\b|\bkaç "
    r"|сколько|几张|几块|几个|多少张|多少块|何枚|何台|何個|몇 ?(?:장|개)"
)
_OF_OTHER_THINGS: Final = linear.compile(
    r"\b(?:how many|wie ?viele|cu[aá]nt[ao]s|quant[aoie]s?|combien de|ile|hoeveel|kaç) (?:\w+ )?"
    r"(?:tok\w*|layers?|v?ram|gb|gigs?|gigabytes?|param\w*|bits?|watts?|hours?|threads?|cores?|users?|people|experts?"
    r"|models?|modelle|modelos|schichten|capas|couches|personas|usuarios|nutzer)\b"
    r"|сколько (?:видео)?памят|сколько токен|сколько (?:слоёв|озу)|多少(?:显存|内存|token)"
)


def asks_how_many(text: str) -> bool:
    """Whether a text asks for a count of devices: not of tokens, layers or gigabytes."""
    low = text.lower()
    return _HOW_MANY.search(low) is not None and _OF_OTHER_THINGS.search(low) is None


def with_enough(one: FitAnswer, estimate: Callable[[FitRequest], FitAnswer]) -> FitRequest | None:
    """The request of `one`, an answer on a single device, on the fewest such devices that hold all of its model.

    None where no count that people have does. Raises what the estimator raises.
    """
    if not one.available_bytes or len(one.request.devices) != 1:
        return None
    least = _least(one)
    for count in range(least, min(least + MOST_TRIED, MAX_DEVICES + 1)):
        request = replace(one.request, devices=(replace(one.request.devices[0], count=count),))
        answer = estimate(request)
        if answer.fit_tier not in {None, "no"} and _holds_all(answer):
            return request
    return None


def told(request: FitRequest) -> str:
    """What is said with the answer on the fewest devices."""
    ask = request.devices[0]
    template = "{count} × {device} is the least that holds all of it"
    return worded("least_count", template, count=str(ask.count), device=ask.device.name)


def told_none(one: FitAnswer) -> str:
    """What is said where one machine does not hold enough of them."""
    template = "It would take at least {count} × {device}, more than one machine has."
    return worded("least_count_beyond", template, count=str(_least(one)), device=one.request.devices[0].device.name)


def _least(one: FitAnswer) -> int:
    """How many have the memory for what one holds and leaves in RAM; none of it is lost at the borders."""
    whole = one.memory.total_bytes + one.memory.host_total_bytes
    return max(-(-whole // (one.available_bytes or whole)), 1)


def _holds_all(answer: FitAnswer) -> bool:
    """Whether every layer is on the devices; the table of words may stay in RAM."""
    layers = answer.request.model.shape.n_layer if answer.request.model.shape else 0
    on_devices = answer.n_gpu_layers is None or answer.n_gpu_layers >= layers
    return on_devices and not answer.n_cpu_moe and not answer.memory.host_kv_cache_bytes
