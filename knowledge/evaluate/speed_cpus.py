"""Cores, boost clock and microarchitecture of the processors that measured rows name, for evaluation only.

The catalogue lists memory platforms, of which a processor is one of many; a row names the processor itself. Facts from
the makers' product pages (AMD, Intel ARK, Apple, Arm); hybrid chips by their performance cores, as the engine counts.
"""

from __future__ import annotations

import re
from typing import TypedDict


class Cores(TypedDict, total=False):
    """The fields of catalog.Device that describe a CPU."""

    cpu_arch: str
    cpu_cores: int
    cpu_clock_hz: float


_CPUS: tuple[tuple[str, str, int, float], ...] = (
    # pattern in the row's name, microarchitecture, performance cores, boost clock in GHz
    (r"i5-11400H", "avx2", 6, 4.5),
    (r"i5-11400\b", "avx2", 6, 4.4),
    (r"i7-11700K", "avx2", 8, 5.0),
    (r"i7-11700", "avx2", 8, 4.9),
    (r"i7-12700", "avx2", 8, 4.9),
    (r"i5-13450HX", "avx2", 6, 4.6),
    (r"i7-13620H", "avx2", 6, 4.9),
    (r"i9-13980HX", "avx2", 8, 5.6),
    (r"i3-1315U", "avx2", 2, 4.5),
    (r"i5-14600K", "avx2", 6, 5.3),
    (r"Ultra 7 1[56]5U", "avx2", 2, 4.8),
    (r"Ultra 7 155H", "avx2", 6, 4.8),
    (r"Ultra 9 185H", "avx2", 6, 5.1),
    (r"Ultra 7 268V", "avx2", 4, 5.0),
    (r"i5-10310U", "avx2", 4, 4.4),
    (r"i5-2500", "sandy-bridge", 4, 3.7),
    (r"i7-3720QM", "sandy-bridge", 4, 3.6),
    (r"i5-4250U", "avx2", 2, 2.6),
    (r"i5-4570", "avx2", 4, 3.6),
    (r"i7-4600M", "avx2", 2, 3.6),
    (r"i7-4790", "avx2", 4, 4.0),
    (r"i5-6500T", "avx2", 4, 3.1),
    (r"i5-6600K", "avx2", 4, 3.9),
    (r"i7-6600U", "avx2", 2, 3.4),
    (r"i7-7600U", "avx2", 2, 3.9),
    (r"i7-7700T", "avx2", 4, 3.8),
    (r"i7-7700HQ", "avx2", 4, 3.8),
    (r"i5-8300H", "avx2", 4, 4.0),
    (r"i5-8350U", "avx2", 4, 3.6),
    (r"i5-8600", "avx2", 6, 4.3),
    (r"i7-8550U", "avx2", 4, 4.0),
    (r"i7-8565U", "avx2", 4, 4.6),
    (r"i7-8650U", "avx2", 4, 4.2),
    (r"i9-9900K", "avx2", 8, 5.0),
    (r"CoffeeLake-S", "avx2", 6, 4.3),
    (r"i5-10600K", "avx2", 6, 4.8),
    (r"i7-10750H", "avx2", 6, 5.0),
    (r"i7-10850H", "avx2", 6, 5.1),
    (r"EPYC 7352", "avx2", 24, 3.2),
    (r"EPYC 9135", "zen5", 16, 4.3),
    (r"EPYC 9454P", "zen4", 48, 3.8),
    (r"EPYC 9634", "zen4", 84, 3.7),
    (r"Ryzen 5 3550H", "zen", 4, 3.7),
    (r"Ryzen 5 3600", "avx2", 6, 4.2),
    (r"Ryzen 5 4600G", "avx2", 6, 4.2),
    (r"Ryzen 5 5600X", "avx2", 6, 4.6),
    (r"Ryzen 5 7430U", "avx2", 6, 4.3),
    (r"Ryzen 5 7535HS", "avx2", 6, 4.55),
    (r"Ryzen 7 4800H", "avx2", 8, 4.2),
    (r"Ryzen 7 4800U", "avx2", 8, 4.2),
    (r"Ryzen 7 5700G", "avx2", 8, 4.6),
    (r"Ryzen 7 5700U", "avx2", 8, 4.3),
    (r"Ryzen 7 5700X", "avx2", 8, 4.6),
    (r"Ryzen 7 5800H", "avx2", 8, 4.4),
    (r"Ryzen 7 5800X3D", "avx2", 8, 4.5),
    (r"Ryzen 7 7800X3D", "zen4", 8, 5.0),
    (r"Ryzen 7 7840U", "zen4", 8, 5.1),
    (r"Ryzen 7 8845HS", "zen4", 8, 5.1),
    (r"Ryzen 7 8745H", "zen4", 8, 4.9),
    (r"Ryzen 7 PRO 5750GE", "avx2", 8, 4.6),
    (r"Ryzen 7 PRO 8840U", "zen4", 8, 5.1),
    (r"Ryzen 9 3900X", "avx2", 12, 4.6),
    (r"Ryzen 9 PRO 3900", "avx2", 12, 4.3),
    (r"Ryzen 9 5900HX", "avx2", 8, 4.6),
    (r"Ryzen 9 5900X", "avx2", 12, 4.8),
    (r"Ryzen 9 5950X", "avx2", 16, 4.9),
    (r"Ryzen 9 7900X", "zen4", 12, 5.6),
    (r"Ryzen 9 7900\b", "zen4", 12, 5.4),
    (r"Ryzen 9 7940HS", "zen4", 8, 5.2),
    (r"Ryzen 9 7945HX", "zen4", 16, 5.4),
    (r"Ryzen 9 7950X", "zen4", 16, 5.7),
    (r"Ryzen 9 9950X3D", "zen5", 16, 5.7),
    (r"Ryzen AI 5 340", "zen5-mobile", 6, 4.8),
    (r"Ryzen AI 9 HX 370", "zen5-mobile", 12, 5.1),
    (r"Ryzen AI Max\+ 395", "zen5", 16, 5.1),
    (r"Threadripper 2970WX", "zen", 24, 4.2),
    (r"Threadripper 3960X", "avx2", 24, 4.5),
    (r"Threadripper 3970X", "avx2", 32, 4.5),
    (r"Threadripper PRO 3955WX", "avx2", 16, 4.3),
    (r"Threadripper PRO 7995WX", "zen4", 96, 5.1),
    (r"AmpereOne A192", "cortex-a720", 192, 3.2),
    (r"M1 Ultra", "apple-m1", 16, 3.2),
    (r"M2 Max", "apple-m2", 8, 3.5),
    (r"M3 CPU", "apple-m2", 4, 4.05),
    (r"M4 Max", "apple-m2", 12, 4.5),
    (r"M4 CPU", "apple-m2", 4, 4.4),
    (r"Minisforum MS-R1", "cortex-a720", 8, 2.6),
    (r"Orion O6", "cortex-a720", 8, 2.6),
    (r"GMKtek G3 Plus", "gracemont", 4, 3.6),
)


def cores_of(name: str) -> Cores:
    """The CPU facts of a processor by its name; empty where it is not known."""
    for pattern, arch, n_core, ghz in _CPUS:
        if re.search(pattern, name):
            return Cores(cpu_arch=arch, cpu_cores=n_core, cpu_clock_hz=ghz * 1e9)
    return Cores()
