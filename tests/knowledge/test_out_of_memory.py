"""Logs of memory that ran out, handed to the estimator: real forms of several engines, made up by us."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.answers import Answers
from knowledge.out_of_memory import out_of_memory

RTX_3060 = """  Device 0: NVIDIA GeForce RTX 3060, compute capability 8.6, VMM: yes, VRAM: 11909 MiB
srv    load_model: loading model '/models/Qwen3-32B-Q8_0.gguf'
allocating 33000.00 MiB on device 0: cudaMalloc failed: out of memory
"""
M2_PRO = """ggml_metal_device_init: GPU name:   Apple M2 Pro
ggml_metal_device_init: recommendedMaxWorkingSetSize  = 11453.25 MB
srv    load_model: loading model 'Qwen3-30B-A3B-Q4_K_M.gguf'
error: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)
"""
A770 = """ggml_vulkan: 0 = Intel(R) Arc(tm) A770 Graphics (DG2) (Intel open-source Mesa driver) | uma: 0 | fp16: 1
llama_model_loader: - kv   3:                               general.name str              = Qwen3 8B
ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory
"""


def test_what_is_too_large_is_told_its_cheapest_change(answers: Answers) -> None:
    found = answers.out_of_memory(RTX_3060)
    assert found is not None
    assert found.fit is not None
    assert found.fit.fit_tier == "no"
    assert found.fit.request.model.id == "qwen3-32b"
    assert found.fit.request.quant == "Q8_0"
    assert "32.23 GiB were asked for on NVIDIA GeForce RTX 3060" in found.told
    assert found.fit.changes[0].text in found.told


@pytest.mark.parametrize(("file", "setting"), [("Qwen3-14B-Q6_K", "(-ngl "), ("Qwen3-30B-A3B-Q4_K_M", "(--n-cpu-moe ")])
def test_what_fits_in_parts_is_told_how(answers: Answers, file: str, setting: str) -> None:
    log = RTX_3060.replace("Qwen3-32B-Q8_0", file)
    found = out_of_memory(answers, log, replace(answers.parse(log), ram_gib=64.0))
    assert found is not None
    assert setting in found.told


def test_a_macs_memory_is_read_off_its_working_set(answers: Answers) -> None:
    found = answers.out_of_memory(M2_PRO)
    assert found is not None
    assert found.fit is not None
    assert found.fit.fit_tier == "no", "a 16 GB machine, not the largest of its kind"


def test_a_driver_that_knows_fp16_is_no_file_type(answers: Answers) -> None:
    found = answers.out_of_memory(A770)
    assert found is not None
    assert found.fit is not None
    assert found.fit.request.quant != "FP16"
    assert "close what holds it" in found.told


@pytest.mark.parametrize(
    "log",
    ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", "Out of memory: Killed process 1 (a)"],
)
def test_without_names_only_the_figures_are_told(answers: Answers, log: str) -> None:
    found = answers.out_of_memory(log)
    assert found is not None
    assert found.fit is None
    assert found.told.startswith("Your log says")


@pytest.mark.parametrize("log", ["all slots are idle", "", "unknown model architecture: 'x'"])
def test_other_logs_are_none_of_its_business(answers: Answers, log: str) -> None:
    assert answers.out_of_memory(log) is None


def test_ask_says_the_same(answers: Answers) -> None:
    asked = answers.ask(RTX_3060)
    found = answers.out_of_memory(RTX_3060)
    assert found is not None
    assert asked.route == "diagnose"
    assert asked.open_text == found.told
