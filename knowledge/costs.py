"""The use case "is my own card cheaper than an API?": names, prices and speeds brought together for `estimator.cost`.

Speeds come from the same estimate as every answer, prices from the catalogue and `cloud_prices` unless the asker says
better ones. It does no arithmetic of its own beyond currency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Model
from knowledge.cloud_prices import CloudPrice
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.cost import (
    AMORTISE_MONTHS,
    INPUTS_PER_OUTPUT,
    KWH_PRICE_USD,
    POWER_SHARE,
    REST_OF_MACHINE_W,
    Cost,
    CostInputs,
    cost_of,
    machine_watts,
)
from knowledge.estimator.request import DeviceAsk, FitAnswer
from knowledge.said import worded


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAsk:
    """What an asker knows better than the tables. Prices are in the asker's currency; `rate` is its units a dollar."""

    tokens_per_month: float | None = None
    kwh_price: float | None = None
    device_price: float | None = None
    watts: float | None = None
    input_price: float | None = None
    output_price: float | None = None
    inputs_per_output: float = INPUTS_PER_OUTPUT
    currency: str = "USD"
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAnswer:
    """The comparison with what it rests on: the fit answer, the figures that went in and every assumption in words."""

    fit: FitAnswer
    given: CostInputs
    cost: Cost
    currency: str
    price: CloudPrice | None
    assumptions: tuple[str, ...]


def cost_answer(
    answers: Answers,
    prices: Mapping[str, CloudPrice],
    *,
    model: str,
    hardware: Sequence[HardwareAsk],
    quant: str = "",
    ram_gib: float | None = None,
    ask: CostAsk | None = None,
) -> CostAnswer:
    """Compare running a model on a rig with paying for its tokens. Raises BadInput or Unanswerable with what to say."""
    said = ask or CostAsk()
    if not hardware:
        raise BadInput("On which hardware?", subject="hardware", hint="Name it, e.g. 'RTX 3060 12GB'.")
    rate = _rate(said)
    request = answers.request(model=model, hardware=hardware, quant=quant, ram_gib=ram_gib)
    fit = answers.estimate(request, detailed=False)
    if fit.decode_tok_s is None or fit.prefill_tok_s is None:
        unknown = worded("speed_unknown", "its speed there is not known")
        why = fit.flags[0] if fit.fit_tier == "no" and fit.flags else unknown
        text = worded("cost_no_fit", "{model}: {why}.", model=request.model.name, why=why)
        hint = worded("cost_no_fit_hint", "Name other hardware.")
        raise Unanswerable(text, subject=request.model.id, hint=hint)
    notes: list[str] = []
    device_price = _device_price(request.devices, said, rate, notes)
    watts = _watts(request.devices, said, notes)
    price = _price_of(request.model, prices, said)
    given = CostInputs(
        device_price=device_price,
        watts=watts,
        kwh_price=KWH_PRICE_USD * rate if said.kwh_price is None else said.kwh_price,
        decode_tok_s=float(fit.decode_tok_s.mid),
        prefill_tok_s=float(fit.prefill_tok_s.mid),
        input_price=_said_or_listed(said.input_price, price.input_usd if price else 0.0, rate),
        output_price=_said_or_listed(said.output_price, price.output_usd if price else 0.0, rate),
        inputs_per_output=said.inputs_per_output,
        tokens_per_month=said.tokens_per_month,
    )
    notes += _notes(said, price, rate)
    return CostAnswer(
        fit=fit, given=given, cost=cost_of(given), currency=said.currency.upper(), price=price, assumptions=tuple(notes)
    )


def _rate(said: CostAsk) -> float:
    currency = said.currency.upper()
    if not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        hint = "Three letters, e.g. USD or EUR."
        raise BadInput(f"'{said.currency[:20]}' is no currency.", subject="currency", hint=hint)
    if said.rate is not None and not (math.isfinite(said.rate) and 0 < said.rate <= 1e6):
        raise BadInput(f"A rate of {said.rate:g}.", subject="rate", hint="Give more than 0, e.g. 0.92.")
    if currency == "USD":
        return 1.0
    if said.rate is None:
        hint = f"Say how many {currency} a dollar is with the rate, e.g. 0.92."
        raise BadInput(f"Prices are known in dollars, not in {currency}.", subject="rate", hint=hint)
    return said.rate


def _device_price(asks: Sequence[DeviceAsk], said: CostAsk, rate: float, notes: list[str]) -> float:
    if said.device_price is not None:
        return said.device_price
    total = 0.0
    for each in asks:
        if each.device.launch_price_usd is None:
            hint = worded("price_unknown_hint", "Say what it cost.")
            text = worded("price_unknown", "The price of {device} is not known.", device=each.device.name)
            raise Unanswerable(text, subject="device_price", hint=hint)
        total += each.device.launch_price_usd * each.count
        price = f"${each.device.launch_price_usd:,.0f} ({each.device.price_basis})"
        notes.append(worded("cost_price", "{device} at {price}", device=each.device.name, price=price))
    return total * rate


def _watts(asks: Sequence[DeviceAsk], said: CostAsk, notes: list[str]) -> float:
    if said.watts is not None:
        return said.watts
    total = 0.0
    unified = all(each.device.unified_memory for each in asks)
    for each in asks:
        if each.device.tdp_w is None:
            hint = worded("power_unknown_hint", "Say how many watts the machine draws.")
            text = worded("power_unknown", "The power of {device} is not known.", device=each.device.name)
            raise Unanswerable(text, subject="watts", hint=hint)
        total += machine_watts(each.device.tdp_w, each.count, unified=True)
    share, rest = f"{POWER_SHARE:.0%}", f"{REST_OF_MACHINE_W:.0f} W"
    if unified:
        text = "while it works it draws {share} of its board power; idle hours are not counted"
        notes.append(worded("cost_power", text, share=share))
        return total
    text = (
        "while it works it draws {share} of its board power, {rest} for the rest of the machine; idle hours are not "
        "counted"
    )
    notes.append(worded("cost_power_rest", text, share=share, rest=rest))
    return total + REST_OF_MACHINE_W


def _price_of(model: Model, prices: Mapping[str, CloudPrice], said: CostAsk) -> CloudPrice | None:
    """The listed price of a model or of the one it was tuned from; None where the asker says both prices."""
    if said.input_price is not None and said.output_price is not None:
        return None
    found = prices.get(model.id) or (prices.get(model.base_id) if model.base_id else None)
    if found is None:
        hint = worded("api_unknown_hint", "Say what a million tokens cost, read and written.")
        text = worded("api_unknown", "No API price of {model} is listed here.", model=model.name)
        raise Unanswerable(text, subject="input_price", hint=hint)
    return found


def _said_or_listed(said: float | None, listed_usd: float, rate: float) -> float:
    return listed_usd * rate if said is None else said


def _notes(said: CostAsk, price: CloudPrice | None, rate: float) -> list[str]:
    notes = [
        worded("cost_inputs", "{n} tokens read for each written", n=f"{said.inputs_per_output:g}"),
        worded("cost_lasts", "a device lasts {n} months", n=str(AMORTISE_MONTHS)),
    ]
    if said.kwh_price is None:
        notes.append(
            worded("cost_kwh", "electricity at {price} a kWh (US households, 2025)", price=f"${KWH_PRICE_USD:.2f}")
        )
    if price is not None:
        text = "API prices listed on {date}; they change weekly ({source})"
        notes.append(worded("cost_api", text, date=price.checked, source=price.source))
    if said.currency.upper() != "USD":
        notes.append(worded("cost_rate", "a dollar taken as {rate}", rate=f"{rate:g} {said.currency.upper()}"))
    notes.append(worded("cost_left_out", "resale, taxes, heat and the rest of the computer's price are not counted"))
    return notes
