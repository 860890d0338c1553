"""What the estimator derives from a device's facts: generation, backend, shader rate, memory a model may use.

Everything here follows from `catalog.Device` alone; constants name their source. This module knows no speeds (that is
`speed`), no model sizes, and never guesses a missing fact: what is unknown comes back as None.
"""

from __future__ import annotations

import re

from knowledge.catalog import Device
from knowledge.units import GIB, MIB

_NVIDIA_ARCH = {
    "kepler": "kepler",
    "maxwell": "maxwell",
    "pascal": "pascal",
    "volta": "volta",
    "turing": "turing",
    "ampere": "ampere",
    "ada": "ada",
    "hopper": "hopper",
    "blackwell": "blackwell",
}
_AMD_GFX = (
    ("gfx115", "rdna35"),
    ("gfx12", "rdna4"),
    ("gfx11", "rdna3"),
    ("gfx103", "rdna2"),
    ("gfx101", "rdna1"),
    ("gfx94", "cdna"),
    ("gfx95", "cdna"),
    ("gfx908", "cdna"),
    ("gfx90a", "cdna"),
    ("gfx90", "vega"),
)
_AMD_ARCH = (
    ("cdna", "cdna"),
    ("rdna 4", "rdna4"),
    ("rdna 3", "rdna3"),
    ("rdna 2", "rdna2"),
    ("rdna 1", "rdna1"),
    ("gcn 5", "vega"),
    ("gcn", "gcn"),
)

# fp32 operations a cycle of one SM's lanes, over those of its tensor cores in dense fp16, by compute capability:
# NVIDIA's architecture white papers (Volta to Blackwell) and the Jetson Orin and Thor data sheets.
_NVIDIA_SHADER_SHARE = {
    "7.0": 128 / 1024,
    "7.2": 128 / 1024,
    "7.5": 128 / 1024,
    "8.0": 128 / 2048,
    "8.6": 256 / 1024,
    "8.7": 256 / 2048,
    "8.9": 256 / 1024,
    "9.0": 256 / 4096,
    "10.0": 256 / 8192,
    "10.3": 256 / 8192,
    "11.0": 256 / 8192,
    "12.0": 256 / 1024,
    "12.1": 256 / 1024,
}
# The same of AMD's compute units with matrix cores: CDNA 1 and 2 have 1,024 to 128 lanes' operations, CDNA 3 twice,
# CDNA 4 four times as many (AMD's CDNA white papers). Packed fp32, which doubles the sheets' figure from CDNA 2 on, is
# of no use to unpack integers.
_CDNA_SHADER_SHARE = {"gfx94": 128 / 2048, "gfx95": 128 / 4096, "gfx9": 128 / 1024}
_MATRIX_BASIS = (
    "tensor",
    "sm*",
    "xmx fp16",
    "xmx int8",
    "xmx/dp4a",
    "wmma fp16",
    "matrix",
    "cu*512",
    "cu*1024",
    "int8 tops",
)
"""What `fp16_basis` says where the rate is that of matrix units and not of the shader lanes."""

CUDA_OVERHEAD_BYTES = 450 * MIB
"""CUDA context, cuBLAS handles and code: measured about 450 MiB on an RTX 4090, 300–600 MiB elsewhere."""
ROCM_OVERHEAD_BYTES = 550 * MIB
"""HIP context and rocBLAS/hipBLASLt code objects on a discrete card; taken a little above CUDA's."""
VULKAN_OVERHEAD_BYTES = 250 * MIB
"""Vulkan device, pipelines and descriptor pools on a discrete card."""
APU_OVERHEAD_BYTES = 2 * GIB
"""Strix Halo with Vulkan: 1.7–2.5 GiB beyond the planner's own count (ROCm on the same box has shown far more)."""
METAL_OVERHEAD_BYTES = 256 * MIB
"""Metal device, pipelines and residency sets."""

OS_RESERVE_BYTES = 2 * GIB
"""What an idle system keeps for itself where model and system share the memory or the model sits in RAM."""


def vendor_key(device: Device) -> str:
    """`nvidia`, `amd`, `intel`, `apple`, `qualcomm` … in lower case."""
    return device.vendor.strip().lower()


def is_cpu(device: Device) -> bool:
    """Whether the device computes on CPU cores only."""
    return device.kind == "cpu"


def two_dies(device: Device) -> bool:
    """Whether the processor is two chips joined as one: Apple's Ultras (newsroom, 2022-03-08)."""
    return vendor_key(device) == "apple" and "Ultra" in device.name


def _nvidia_generation(device: Device) -> str:
    arch = device.arch.lower()
    base = next((name for key, name in _NVIDIA_ARCH.items() if key in arch), "nvidia")
    if base == "nvidia":
        base = {"12": "blackwell", "11": "blackwell", "10": "blackwell", "9": "hopper"}.get(
            device.compute_cap.partition(".")[0], "nvidia"
        )
    if base in {"ampere", "blackwell"}:
        if device.kind in {"soc", "igpu"}:
            return f"{base}-soc"
        if device.memory_type.upper().startswith("HBM") or device.compute_cap in {"8.0", "10.0", "10.3"}:
            return f"{base}-hbm"
    if base == "turing" and device.fp16_basis and not _of_matrix_units(device):
        return "turing-gtx"
    return base


def _amd_generation(device: Device) -> str:
    for prefix, name in _AMD_GFX:
        if device.gfx.startswith(prefix):
            return name
    arch = device.arch.lower()
    return next((name for key, name in _AMD_ARCH if key in arch), "gcn")


def _intel_generation(device: Device) -> str:
    arch = device.arch.lower()
    if "xe2" in arch or "xe3" in arch:
        return "xe2"
    return "xe" if device.kind == "gpu" else "xe-igpu"


_APPLE_A = {"15": "m2", "16": "m2", "17": "m3", "18": "m4", "19": "m5"}
"""Generation of the M chip whose GPU cores an A chip has (Apple's Metal feature set tables: families 7 to 10)."""


def generation(device: Device) -> str:
    """Name the architecture generation that decides kernels and efficiency, as a short key.

    `pascal`, `ampere-hbm`, `blackwell`, `rdna3`, `m4`, `xe2`, `adreno`, `cpu`; `npu` and `accelerator` by kind;
    `other` when nothing is known. Apple's is the chip's number, AMD's comes from the gfx target before the name.
    """
    if device.kind in {"cpu", "npu", "accelerator"}:
        return device.kind
    vendor = vendor_key(device)
    if vendor == "nvidia":
        return _nvidia_generation(device)
    if vendor == "amd":
        return _amd_generation(device)
    if vendor == "intel":
        return _intel_generation(device)
    if vendor == "apple":
        found = re.search(r"\bM(\d)\b", device.name)
        phone = re.search(r"\bA(\d\d)\b", device.name)
        return f"m{found[1]}" if found else _APPLE_A.get(phone[1], "m1") if phone else "m1"
    return "adreno" if vendor == "qualcomm" else "other"


def default_backend(device: Device) -> str:
    """Name the backend most people run this device with when they do not say one.

    cuda, metal, vulkan, opencl or cpu. AMD's is Vulkan: llama.cpp's release builds for it need no ROCm install, and
    it covers every card since GCN. Phones run on their CPU cores, as the apps for them do, Apple's on Metal.
    """
    vendor = vendor_key(device)
    if is_cpu(device) or (device.segment == "phone" and vendor != "apple"):
        return "cpu"
    if vendor == "nvidia":
        old = device.compute_cap and float(device.compute_cap) < 5.0
        return "vulkan" if old else "cuda"
    if vendor == "apple":
        return "metal"
    if device.backends and device.kind != "gpu" and vendor not in {"amd", "intel"}:
        return next((b for b in ("vulkan", "opencl", "cpu") if b in device.backends), "cpu")
    return "vulkan"


def bandwidth(device: Device) -> float | None:
    """Theoretical peak memory bandwidth in bytes per second, or None where it is not known."""
    return device.bandwidth_bytes_per_s


def _of_matrix_units(device: Device) -> bool:
    """Whether the fp16 rate stated is that of matrix units."""
    basis = device.fp16_basis.lower()
    return any(word in basis for word in _MATRIX_BASIS)


def _shader_share(device: Device, basis: str) -> float:
    """fp32 rate of the shader lanes over the fp16 rate stated; `basis` tells matrix units, packed fp16 or fp32."""
    if not _of_matrix_units(device):
        return 1.0 if "fp32" in basis or generation(device) == "gcn" else 0.5
    vendor = vendor_key(device)
    if vendor == "nvidia":
        return _NVIDIA_SHADER_SHARE.get(device.compute_cap, 1 / 4) * (2 if _halved(device) else 1)
    if vendor == "amd" and "matrix" in basis:
        return next((share for prefix, share in _CDNA_SHADER_SHARE.items() if device.gfx.startswith(prefix)), 1 / 8)
    return 1 / 4 if "cu*512" in basis else 1 / 8


def shader_flops(device: Device) -> float | None:
    """fp32 operations per second of the ordinary shader lanes (which de-quantise weights), or None if unknown.

    The catalogue's fp16 rate may be that of matrix units; this undoes their factor for the generation.
    """
    flops = device.fp16_flops
    if flops is None or device.kind in {"cpu", "npu", "accelerator"}:
        return None
    return flops * _shader_share(device, device.fp16_basis.lower())


_SIDE_ISSUE = {"volta", "turing", "turing-gtx", "ampere-hbm", "rdna3", "rdna35", "rdna4"}
"""Generations that issue a second operation beside each fp32 one: separate int32 lanes (Volta, Turing, GA100) or dual
issue (RDNA 3 and later). Ampere's and later GeForce fp32 figures already count both halves."""


def unpack_ops(device: Device) -> float | None:
    """Operations per second available to unpack quantised weights: shader lanes, both issue ports; None if unknown."""
    flops = shader_flops(device)
    return None if flops is None else flops * (2 if generation(device) in _SIDE_ISSUE else 1)


_NEURAL_ACCELERATOR = {"m5", "m6"}
NEURAL_ACCELERATOR_FACTOR = 4.0
"""Apple: the M5's GPU has "over 4x the peak GPU compute performance for AI compared to M4" (newsroom, 2025-10-15)."""


def matrix_flops(device: Device) -> float | None:
    """Operations per second of the fastest units a large fp16 product can use, fp16 accumulation; None if unknown.

    The catalogue states GeForce cards with fp32 accumulation, half their fp16 rate; llama.cpp's quantised products use
    int8 units that are not halved, so the full rate is what GeForce and workstation cards have in common. Where int8
    units do more than twice the fp16 rate (Pascal's `dp4a` beside an fp16 rate of 1/64), half of theirs counts.
    """
    flops = device.fp16_flops
    if flops is None or is_cpu(device):
        return None
    if generation(device) in _NEURAL_ACCELERATOR:
        return flops * NEURAL_ACCELERATOR_FACTOR
    return max(flops * 2 if _halved(device) else flops, (device.int8_ops or 0.0) / 2)


def _halved(device: Device) -> bool:
    """Whether the rate stated is a GeForce card's with fp32 accumulation, half of what its tensor cores can do."""
    basis = device.fp16_basis.lower()
    return vendor_key(device) == "nvidia" and ("half rate" in basis or "boost/2" in basis)


def _is_strix_halo(device: Device) -> bool:
    return device.gfx == "gfx1151"


def usable_memory_bytes(
    device: Device, memory_bytes: int | None = None, ram_bytes: int | None = None, *, os_name: str = ""
) -> int | None:
    """Bytes a model may occupy on `device`, before driver overhead and the engine's own margin.

    `memory_bytes` is what this unit has (else the catalogue's usual size); `ram_bytes` the machine's RAM, which counts
    where memory is shared; `os_name` (`linux`, `windows`, `macos`) matters for AMD's shared memory. None: unknown.

    - discrete GPU: all of it.
    - Apple: the wired limit macOS sets by default, 2/3 up to 36 GB and 3/4 above (iogpu.wired_limit_mb raises it).
    - AMD and Intel shared memory: half the RAM, the Linux GTT and Windows default; Strix Halo 3/4, what its firmware
      and Windows' variable graphics memory offer at most, and less than a tuned GTT (108–120 of 128 GB).
    - NVIDIA SoCs: all but what firmware and system keep, a tenth (CUDA sees 119.7 of a DGX Spark's 128 GiB, 61.4 of an
      AGX Orin's 64, before anything runs); phones and CPUs: all but what the system keeps.
    """
    own = memory_bytes if memory_bytes is not None else device.memory_bytes
    if device.kind == "gpu" or device.kind in {"npu", "accelerator"}:
        return own
    shared = own if memory_bytes is not None or ram_bytes is None else ram_bytes
    if shared is None:
        return None
    vendor = vendor_key(device)
    if vendor == "apple":
        return shared * 2 // 3 if shared <= 36 * GIB else shared * 3 // 4
    if device.kind != "cpu" and vendor in {"amd", "intel"}:
        if _is_strix_halo(device):
            return shared * 3 // 4 if os_name != "linux" else max(shared * 3 // 4, shared - 16 * GIB)
        return shared // 2
    kept = shared * 3 // 32 if vendor == "nvidia" and device.kind != "cpu" else shared // 16
    return max(0, shared - max(OS_RESERVE_BYTES, kept))


def overhead_bytes(device: Device, backend: str | None = None) -> int:
    """Driver and runtime memory outside the engine's plan, per device; the engine's 1,024 MiB margin is not in it."""
    key = backend or default_backend(device)
    if key == "cpu":
        return 0
    if key == "metal":
        return METAL_OVERHEAD_BYTES
    if _is_strix_halo(device):
        return APU_OVERHEAD_BYTES
    return {"cuda": CUDA_OVERHEAD_BYTES, "rocm": ROCM_OVERHEAD_BYTES}.get(key, VULKAN_OVERHEAD_BYTES)
