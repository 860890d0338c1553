"""Running a model at home against paying for tokens: when the device has paid for itself, every assumption shown.

Energy: the device draws a share of its board power while it works (`POWER_SHARE`), the rest of the machine
`REST_OF_MACHINE_W`. A million written tokens take 10⁶ / decode seconds and, with `inputs_per_output` tokens read for
each, that many times 10⁶ / prefill seconds more. What a token saves is the cloud's price less the electricity; the
device has paid for itself after price / saving tokens. Idle hours, heat, resale, taxes and the value of privacy are not
counted. Currency is the asker's: prices in dollars are turned by the rate given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from knowledge.errors import BadInput

POWER_SHARE = 0.7
"""Share of its board power a GPU draws while decoding. Decoding waits for memory, so cards stay below their limit; at
batch one 0.5 to 0.9 of it is what start-up-to-finish wall meters show. Assumed; say `watts` where you know them."""
REST_OF_MACHINE_W = 60.0
"""What board, processor, memory and supply losses add to a discrete card while it works. Assumed."""
KWH_PRICE_USD = 0.17
"""US households paid about 17 cents a kWh in 2025 (US Energy Information Administration, Electric Power Monthly)."""
INPUTS_PER_OUTPUT = 3.0
"""Tokens read for each token written, in chats with some history. Assumed."""
AMORTISE_MONTHS = 36
"""How long a device is taken to last in "tokens a month to break even"."""
SECONDS_A_MONTH = 30 * 24 * 3600
MAX_MONTHS = 1200
LEAST_SAVING = 1e-6
"""A saving on a million tokens below this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostInputs:
    """What a comparison rests on: prices in one currency, speeds in tok/s, `watts` of the whole machine at work.

    `input_price`, `output_price` are the cloud's for a million tokens.
    """

    device_price: float
    watts: float
    kwh_price: float
    decode_tok_s: float
    prefill_tok_s: float
    input_price: float
    output_price: float
    inputs_per_output: float = INPUTS_PER_OUTPUT
    tokens_per_month: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The comparison for a million written tokens, with what is read for them.

    `break_even_tokens` (written tokens until the device is paid) and what follows from it are None where the cloud is
    cheaper than the electricity. `months` needs tokens a month. `most_tokens_per_month` is what the device can write.
    """

    local_per_mtok: float
    cloud_per_mtok: float
    kwh_per_mtok: float
    break_even_tokens: float | None
    break_even_tokens_per_month: float | None
    most_tokens_per_month: float
    months: float | None = None
    reachable: bool = False


def cost_of(given: CostInputs) -> Cost:
    """Compare. Raises BadInput naming the figure that is out of range."""
    _check(given)
    seconds = 1e6 / given.decode_tok_s + given.inputs_per_output * 1e6 / given.prefill_tok_s
    kwh = given.watts * seconds / 3.6e6
    local = kwh * given.kwh_price
    cloud = given.output_price + given.inputs_per_output * given.input_price
    most = SECONDS_A_MONTH * 1e6 / seconds
    saving = cloud - local
    if saving <= LEAST_SAVING:
        return Cost(
            local_per_mtok=local,
            cloud_per_mtok=cloud,
            kwh_per_mtok=kwh,
            break_even_tokens=None,
            break_even_tokens_per_month=None,
            most_tokens_per_month=most,
        )
    tokens = given.device_price / saving * 1e6
    a_month = given.tokens_per_month
    months = tokens / a_month if a_month else None
    return Cost(
        local_per_mtok=local,
        cloud_per_mtok=cloud,
        kwh_per_mtok=kwh,
        break_even_tokens=tokens,
        break_even_tokens_per_month=tokens / AMORTISE_MONTHS,
        most_tokens_per_month=most,
        months=months if months is not None and months <= MAX_MONTHS else None,
        reachable=tokens / AMORTISE_MONTHS <= most and (a_month is None or a_month <= most),
    )


_RANGES = {
    "device_price": (0.0, 1e7),
    "watts": (0.1, 1e5),
    "kwh_price": (0.0, 100.0),
    "input_price": (0.0, 1e4),
    "output_price": (0.0, 1e4),
    "inputs_per_output": (0.0, 1e4),
    "tokens_per_month": (1.0, 1e13),
}


def _check(given: CostInputs) -> None:
    for name, (low, high) in _RANGES.items():
        value = getattr(given, name)
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            hint = f"Give {low:g} to {high:g}."
            raise BadInput(f"{name} of {value:g} is out of range.", subject=name, hint=hint)
    for name in ("decode_tok_s", "prefill_tok_s"):
        if not getattr(given, name) > 0:
            raise BadInput(f"{name} must be more than nothing.", subject=name, hint="Give a speed above 0.")


def machine_watts(board_w: float, count: int, *, unified: bool) -> float:
    """Watts of a machine at work: its devices' share of their board power, and the rest of a desktop around a card."""
    return POWER_SHARE * board_w * count + (0.0 if unified else REST_OF_MACHINE_W)
