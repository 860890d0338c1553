"""What CPU cores can do for a model: integer operations per second, and how much of the memory they can draw.

llama.cpp multiplies quantised weights on CPUs with the integer dot products of the instruction set, so the rate is
cores × clock × operations a cycle. Holds facts of microarchitectures and two formulas; knows no models and no speeds.
"""

from __future__ import annotations

import math

from knowledge.catalog import Device

OPS_PER_CYCLE: dict[str, float] = {
    "sandy-bridge": 24,  # 128-bit pmaddubsw, pmaddwd and paddd (Sandy and Ivy Bridge)
    "avx2": 64,  # the same in 256 bits, two multiplies a cycle (Haswell to Arrow Lake, Zen 2 and 3)
    "gracemont": 64,  # AVX-VNNI on two 128-bit units (efficiency cores, Alder Lake-N)
    "avx512": 128,  # 512-bit, two multiplies a cycle (Skylake-SP to Emerald Rapids, Granite Rapids)
    "zen": 32,  # 128-bit units (Zen, Zen+)
    "zen4": 128,  # vpdpbusd on 256-bit units
    "zen5": 256,  # on 512-bit units (desktop and server)
    "zen5-mobile": 128,  # on 256-bit units
    "cortex-a53": 8,
    "cortex-a72": 16,  # NEON without dot products
    "cortex-a55": 32,
    "cortex-a76": 64,  # two 128-bit sdot a cycle (A76, A78, Neoverse N1)
    "cortex-a720": 64,  # the same (A710, A720, AmpereOne)
    "cortex-x": 128,  # four (X2 to X4, Neoverse V1 and V2: Graviton 3 and 4, Grace)
    "oryon": 128,
    "apple-m1": 128,
    "apple-m2": 128,
}
"""8-bit integer multiplies and adds a cycle and core, at the peak of what the k-quant kernels of the usual builds use
(256-bit on Intel, even where VNNI exists). From the makers' optimisation guides (Intel 248966, AMD 57647,
Arm's software optimisation guides) and uops.info."""

MATRIX_FACTOR: dict[str, float] = {"cortex-a720": 2.0, "cortex-x": 2.0, "oryon": 2.0, "apple-m2": 2.0}
"""What smmla does beside sdot: a 2 x 8 by 8 x 2 product an instruction, of use only where several tokens are computed
together (Arm's architecture reference, FEAT_I8MM)."""
WITHOUT_SMMLA = frozenset({"ik_llama.cpp", "llamafile", "llama.cpp-2024"})
"""Engines whose prompt kernels are built of sdot on Arm."""

TYPICAL_OPS_PER_BYTE = 45.0
"""Operations per byte of bandwidth where the cores are not known: the median of the catalogue's CPUs."""
CORE_BYTES_PER_S = {"apple": 100e9, "": 40e9}
"""What one core can draw from memory, by maker (AnandTech measured 102 GB/s on an M1 Max in 2021; desktop Zen and Core
draw a third of it): its outstanding cache misses times the line over the latency."""

SUSTAINED_LOSS = 0.2
"""What the clock falls below boost, which is for a core or two, once all cores work: a tenth on an M2 Max (3.7 to 3.3
GHz, notebookcheck.net) and on cooled desktops, a third in laptops."""

REACHED_SHARE = 0.5
"""Share of the sheet's bandwidth that all cores reach in decoding: what one core draws is measured net of that loss."""

CPU_WORK: dict[str, float] = {
    "q4_0": 1.0,
    "q8_0": 1.0,
    "q4_1": 1.2,
    "iq4_nl": 1.2,
    "mxfp4": 1.2,
    "q2_k": 1.3,
    "q4_k": 1.4,
    "q5_0": 1.4,
    "q5_1": 1.5,
    "f16": 1.9,
    "bf16": 1.9,
    "f32": 1.9,
    "q3_k": 1.8,
    "q6_k": 1.9,
    "q5_k": 2.0,
    "iq4_xs": 2.0,
}
"""Relative work of one weight in a dot product on CPU cores, unpacking included, which a CPU does again for each
token of a prompt; codebook types (iq1–iq3) 4. Set once from the types' prompt speeds on one Ryzen 9 7950X."""

CPU_OPS_PER_WEIGHT = 6.0
"""Operations of the integer units that a weight of work 1 takes: two for the product, the rest unpacking and shuffling.
Reads go on meanwhile, so the two times do not add up but combine as a hypotenuse."""


def cpu_work(tensor_type: str) -> float:
    """Relative work of one weight of a tensor type in a dot product on CPU cores."""
    key = tensor_type.lower()
    return CPU_WORK.get(key, 4.0 if key.startswith(("iq1", "iq2", "iq3")) else 1.5)


def cpu_ops(device: Device, n_threads: int | None = None) -> float | None:
    """8-bit integer operations per second of `n_threads` cores (all performance cores if None); None: not known."""
    per_cycle = OPS_PER_CYCLE.get(device.cpu_arch)
    if per_cycle is None or not device.cpu_cores or not device.cpu_clock_hz:
        return None
    n_core = device.cpu_cores if n_threads is None else min(n_threads, device.cpu_cores)
    clock_hz = device.cpu_clock_hz * (1.0 - SUSTAINED_LOSS * n_core / device.cpu_cores)
    return n_core * clock_hz * per_cycle


def cpu_matrix_ops(device: Device, ops: float, engine: str) -> float:
    """8-bit operations per second of the same cores where a prompt's tokens are computed together."""
    return ops if engine in WITHOUT_SMMLA else ops * MATRIX_FACTOR.get(device.cpu_arch, 1.0)


def drawn_bytes_per_s(device: Device, peak: float, n_threads: int | None) -> float:
    """Memory bandwidth that `n_threads` cores reach of `peak`: few cores cannot keep enough reads under way."""
    if n_threads is None:
        return peak
    alone = n_threads / REACHED_SHARE * CORE_BYTES_PER_S.get(device.vendor.strip().lower(), CORE_BYTES_PER_S[""])
    return peak / math.hypot(1.0, peak / alone)
