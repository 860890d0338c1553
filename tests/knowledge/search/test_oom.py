"""Figures read out of out-of-memory logs of every engine, and nothing invented where a log is silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.oom import OomFacts, read_oom
from knowledge.units import GIB, MIB

GGML = """llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3060) - 11009 MiB free
llama_model_loader: - kv   2:                               general.name str              = Qwen3 14B
load_tensors: offloading 40 repeating layers to GPU
llama_context: n_ctx         = 40960
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 6400.00 MiB on device 0: cudaMalloc failed: out of memory
alloc_tensor_range: failed to allocate CUDA0 buffer of size 6710886400
"""
TORCH = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 23.50 GiB "
    "of which 512.00 MiB is free."
)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            GGML,
            OomFacts(
                where="gpu",
                asked_bytes=6400 * MIB,
                free_bytes=11009 * MIB,
                device="NVIDIA GeForce RTX 3060",
                model="Qwen3 14B",
                n_ctx=40960,
                n_gpu_layers=40,
            ),
        ),
        (TORCH, OomFacts(where="gpu", asked_bytes=GIB * 3 // 2, free_bytes=512 * MIB, total_bytes=GIB * 47 // 2)),
        (
            "Error: model requires more system memory (10.5 GiB) than is available (6.25 GiB)",
            OomFacts(where="ram", asked_bytes=GIB * 21 // 2, free_bytes=GIB * 25 // 4),
        ),
        (
            "ggml_vulkan: Device memory allocation of size 5368709120 failed.",
            OomFacts(where="gpu", asked_bytes=5368709120),
        ),
        (
            "ValueError: Free memory on device (9.5/23.5 GiB) on startup is less than desired GPU memory utilization",
            OomFacts(where="gpu", free_bytes=GIB * 19 // 2, total_bytes=GIB * 47 // 2),
        ),
        (
            (
                "ValueError: Free memory on device cuda:0 (20.0/24.0 GiB) on startup is less than desired GPU memory "
                "utilization (0.9, 21.5 GiB)."
            ),
            OomFacts(where="gpu", free_bytes=20 * GIB, total_bytes=24 * GIB, asked_bytes=GIB * 43 // 2),
        ),
        (
            (
                "  Device 0: AMD Radeon RX 7800 XT, gfx1101 (0x1101), VMM: no, Wave Size: 32, VRAM: 16384 MiB\n"
                "loading model 'gemma-3-27b-it-Q4_K_M.gguf'\n"
                "allocating 15900.00 MiB on device 0: hipMalloc failed: out of memory"
            ),
            OomFacts(
                where="gpu",
                asked_bytes=15900 * MIB,
                total_bytes=16 * GIB,
                device="AMD Radeon RX 7800 XT",
                model="gemma-3-27b-it-Q4_K_M",
                quant="Q4_K_M",
            ),
        ),
        (
            (
                "ggml_vulkan: 0 = Intel(R) Arc(tm) A770 Graphics (DG2) (Intel open-source Mesa driver) | fp16: 1\n"
                "print_info: file type   = Q5_K - Small\n"
                "ggml_vulkan: Device memory allocation of size 1073741824 failed."
            ),
            OomFacts(where="gpu", asked_bytes=GIB, device="Intel Arc A770 Graphics", quant="Q5_K_S"),
        ),
        (
            (
                "params_fit_impl: projected to use 27648 MiB of device memory vs. 15360 MiB of free device memory\n"
                "failed to fit params to free device memory: n_gpu_layers already set by user to 99, abort"
            ),
            OomFacts(where="gpu", asked_bytes=27 * GIB, free_bytes=15 * GIB),
        ),
        (
            (
                "(5.5 GiB KV cache is needed, which is larger than the available KV cache memory (3.0 GiB). "
                "Based on the available memory, the estimated maximum model length is 22640."
            ),
            OomFacts(where="gpu", asked_bytes=GIB * 11 // 2, free_bytes=3 * GIB, fitting_n_ctx=22640),
        ),
        (
            (
                'inference compute id=0 library=CUDA compute=8.9 name=CUDA0 description="NVIDIA GeForce RTX 4070" '
                'driver=13.0 total="12.0 GiB" available="10.5 GiB"\nCUDA error: out of memory'
            ),
            OomFacts(where="gpu", total_bytes=12 * GIB, free_bytes=GIB * 21 // 2, device="NVIDIA GeForce RTX 4070"),
        ),
        ("can't allocate 9663676416 Bytes of memory on device", OomFacts(where="gpu", asked_bytes=9 * GIB)),
        ("ValueError: No available memory for the cache blocks.", OomFacts(where="gpu")),
        (
            "Out of memory: Killed process 7 (llama-server) total-vm:9kB, anon-rss:1048576kB",
            OomFacts(where="ram", asked_bytes=GIB),
        ),
        ("error: ErrorOutOfDeviceMemory", OomFacts(where="gpu")),
        ("Out of memory: Killed process 4711 (python3)", OomFacts(where="ram")),
    ],
)
def test_figures_are_read(log: str, expected: OomFacts) -> None:
    assert read_oom(log) == expected


@pytest.mark.parametrize(
    "log", ["", "Segmentation fault", "load_tensors: offloaded 33/33 layers to GPU", "12 GiB free"]
)
def test_where_nothing_failed_nothing_is_read(log: str) -> None:
    assert read_oom(log) is None


@given(st.text(max_size=200), st.floats(0.1, 900.0))
def test_the_asked_size_survives_any_surroundings(noise: str, size: float) -> None:
    asked = round(size, 2)
    facts = read_oom(f"{noise}\nCUDA out of memory. Tried to allocate {asked:.2f} GiB.\n")
    assert facts is not None
    assert facts.asked_bytes == round(asked * GIB)
