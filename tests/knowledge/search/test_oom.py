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
