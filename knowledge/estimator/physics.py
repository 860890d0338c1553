"""The physics gate: measurements above what the memory or the arithmetic units can do, said in a sentence.

Every decoded token reads the active weights once, so decode cannot be faster than bandwidth over those bytes; a prompt
cannot be read faster than the operations it takes. Judges measurements and catalogue rows; estimates nothing.
"""

from __future__ import annotations

from knowledge.catalog import Device
from knowledge.estimator.device import is_cpu, matrix_flops
from knowledge.said import worded
from knowledge.units import GB

TOLERANCE = 1.05
"""Memory clocks are rounded and people overclock: five percent above the sheet is not called impossible."""
MATRIX_TOLERANCE = 2.0
"""int8 units do twice the fp16 rate, which prompt processing of quantised models may use in full."""
MAX_BYTES_PER_S = 30e12
"""No single device of 2026 has more memory bandwidth (a B300 has 8 TB/s; wafer-scale machines are not catalogued)."""


def roofline_flags(
    device: Device,
    *,
    read_bytes_per_token: float,
    active_params: float,
    decode_tok_s: float | None = None,
    prefill_tok_s: float | None = None,
    n_devices: int = 1,
    host_read_bytes: float = 0.0,
    host_bytes_per_s: float | None = None,
) -> tuple[str, ...]:
    """What is impossible in a measurement at batch 1 without speculative decoding; empty when nothing is.

    `read_bytes_per_token` are weights read from the device's memory, `host_read_bytes` from the host's; `active_params`
    the weights multiplied for one token.
    """
    out = []
    bandwidth = device.bandwidth_bytes_per_s
    if decode_tok_s is not None and bandwidth is not None:
        fastest_s = read_bytes_per_token / (bandwidth * n_devices)
        if host_read_bytes > 0 and host_bytes_per_s:
            fastest_s += host_read_bytes / host_bytes_per_s
        if fastest_s > 0 and decode_tok_s * fastest_s > TOLERANCE:
            out.append(
                worded(
                    "too_fast",
                    "{speed} tok/s is above the {limit} tok/s that reading {read} GB a token allows on {device}: "
                    "wrong device, model or quant, batched, or speculative decoding.",
                    speed=f"{decode_tok_s:.1f}",
                    limit=f"{1 / fastest_s:.1f}",
                    read=f"{(read_bytes_per_token + host_read_bytes) / GB:.1f}",
                    device=device.name,
                )
            )
    flops = None if is_cpu(device) else matrix_flops(device)
    if prefill_tok_s is not None and flops is not None and active_params > 0:
        limit = MATRIX_TOLERANCE * flops * n_devices / (2.0 * active_params)
        if prefill_tok_s > limit:
            out.append(
                f"{prefill_tok_s:.0f} tok/s of prompt is above the {limit:.0f} tok/s that {device.name}'s arithmetic "
                "allows: a cached prompt, or another model."
            )
    return tuple(out)


def device_flags(device: Device) -> tuple[str, ...]:
    """What contradicts itself in a device's facts."""
    out = []
    bandwidth, flops = device.bandwidth_bytes_per_s, device.fp16_flops
    if bandwidth is not None and not 1e9 <= bandwidth <= MAX_BYTES_PER_S:
        out.append(f"{device.name}: {bandwidth / GB:.1f} GB/s is no memory bandwidth of a device.")
    if bandwidth is not None and flops is not None and not 1.0 <= flops / bandwidth <= 1500.0:
        out.append(f"{device.name}: {flops / 1e12:.2f} TFLOPS do not go with {bandwidth / GB:.0f} GB/s.")
    if device.memory_bytes is not None and device.memory_bytes <= 0:
        out.append(f"{device.name}: memory is not more than nothing.")
    usual, options = device.memory_bytes, device.memory_options_bytes
    if usual is not None and options and usual not in options:
        out.append(f"{device.name}: its usual memory is not among the sizes it is sold with.")
    return tuple(out)
