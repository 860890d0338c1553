"""Reads the figures out of an out-of-memory report, so that the estimator can say what would fit.

It takes what the log says and nothing more: what is not written stays None. It judges nothing and computes nothing
but units; names are given as written, whoever asks resolves them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from knowledge.search.pasted import plain, rejoined
from knowledge.units import GB, GIB, KIB, MIB

MAX_CHARS: Final = 400_000
"""Of a longer log only the last part of this size is read: programs die at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OomFacts:
    """What a log says about memory that ran out. Sizes are bytes; None is "the log does not say".

    `asked_bytes` is the allocation that failed (or the whole need, for Ollama's refusal), `free_bytes` what was left,
    `total_bytes` what the device has (on a Mac, what the GPU may use). `device`, `model` and `quant` are names as the
    log writes them, `count` how many such devices it lists, `fitting_n_ctx` the context that the engine says would fit.
    """

    where: Literal["gpu", "ram"]
    asked_bytes: int | None = None
    free_bytes: int | None = None
    total_bytes: int | None = None
    device: str | None = None
    model: str | None = None
    n_ctx: int | None = None
    n_gpu_layers: int | None = None
    quant: str | None = None
    count: int | None = None
    fitting_n_ctx: int | None = None


_UNITS: Final = {"gib": GIB, "mib": MIB, "kib": KIB, "gb": GB, "mb": 10**6, "kb": KIB, "b": 1, "": 1}
_SIZE = r"(\d{1,9}(?:\.\d{1,6})?)\s?(GiB|MiB|KiB|GB|MB)"
_BYTES = r"(\d{4,16})()"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern whose groups come in pairs of number and unit, one pair for each of `fields`."""

    pattern: re.Pattern[str]
    fields: tuple[str, ...]
    where: Literal["gpu", "ram"]


def _rule(pattern: str, *fields: str, where: Literal["gpu", "ram"] = "gpu") -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), fields, where)


# The last match of the first rule that matches gives the failure; the other rules only fill what is still unknown.
_FAILURES: Final = (
    _rule(rf"more system memory \({_SIZE}\) than is available \({_SIZE}\)", "asked_bytes", "free_bytes", where="ram"),
    _rule("failed to fit params to free device memory"),
    _rule(rf"allocating {_SIZE} on device \d{{1,3}}: \w{{3,12}}Malloc failed", "asked_bytes"),
    _rule(rf"failed to allocate CPU\w* buffer of size {_BYTES}", "asked_bytes", where="ram"),
    _rule(rf"failed to allocate \w{{3,20}} buffer of size {_BYTES}", "asked_bytes"),
    _rule(rf"cpu_buffer_type_alloc_buffer: failed to allocate buffer of size {_BYTES}", "asked_bytes", where="ram"),
    _rule(rf"Device memory allocation of size {_BYTES} failed", "asked_bytes"),
    _rule(rf"can't allocate {_BYTES} Bytes of memory on device", "asked_bytes"),
    _rule(rf"Tried to allocate {_SIZE}", "asked_bytes"),
    _rule(rf"{_SIZE} KV cache is needed, which is larger than the available KV cache memory \({_SIZE}\)",
          "asked_bytes", "free_bytes"),
    _rule(rf"Attempting to allocate {_BYTES} bytes which is greater than", "asked_bytes"),
    _rule(rf"Free memory on device.{{0,20}} \((\d{{1,4}}\.\d{{1,4}})(?=/[\d.]{{1,9}} GiB)()/{_SIZE}\) on startup"
          rf"(?: is less than desired GPU memory utilization \([\d.]{{1,6}}, {_SIZE}\))?",
          "free_bytes", "total_bytes", "asked_bytes"),
    _rule(r"No available memory for the cache blocks|Please try to increase --mem-fraction-static"),
    _rule(r"CUDA error.{0,200}out of memory|HIP out of memory|ErrorOutOfDeviceMemory|OutOfMemory\b|OutOfMemoryError"),
    _rule(r"Killed process \d{1,9} \([^)\n]{1,40}\).{0,80}anon-rss:(\d{1,12})(kB)", "asked_bytes", where="ram"),
    _rule(r"Out of memory: Killed process|oom-kill", where="ram"),
)  # fmt: skip
_DETAILS: Final = (
    _rule(rf"projected to use {_SIZE} of device memory vs\. {_SIZE} of free device memory",
          "asked_bytes", "free_bytes"),
    _rule(rf"total capacity of {_SIZE} of which {_SIZE} is free", "total_bytes", "free_bytes"),
    _rule(rf"{_SIZE} total capacity;", "total_bytes"),
    _rule(rf"; {_SIZE} free;", "free_bytes"),
    _rule(rf"using device [^\n]{{1,120}} - {_SIZE} free", "free_bytes"),
    _rule(rf"recommendedMaxWorkingSetSize\s*=\s*{_SIZE}", "total_bytes"),
    _rule(rf"max allowed: {_SIZE}", "total_bytes"),
    _rule(rf"VMM: \w{{2,3}},(?: Wave Size: \d{{2}},)? VRAM: {_SIZE}", "total_bytes"),
    _rule(rf'library=(?:CUDA|ROCm|Vulkan)\b[^\n]{{0,400}} total="{_SIZE}" available="{_SIZE}"',
          "total_bytes", "free_bytes"),
)  # fmt: skip
_NAMES: Final = (
    re.compile(r"using device \w{3,12} \(([^)\n]{3,80})\)"),
    re.compile(r"Device \d{1,2}: ([^,\n]{3,80}), (?:compute capability|gfx\d)"),
    re.compile(r"ggml_metal_\w{3,20}: GPU name:\s{1,4}([^\n]{3,60})"),
    re.compile(r"ggml_vulkan: \d = ([^|\n]{3,120})"),
    re.compile(r'library=(?:CUDA|ROCm|Vulkan)\b[^\n]{0,200} description="([^"\n]{3,80})"'),
    re.compile(r"\b(NVIDIA GeForce (?:RTX|GTX) \d{3,4}(?: Ti)?(?: SUPER)?)", re.IGNORECASE),
)
_TRADEMARK = re.compile(r"\((?:R|TM)\)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\s{1,3}\([^)]{0,80}\)")
_COUNT = re.compile(r"found (\d{1,2}) (?:CUDA|ROCm|SYCL) devices|ggml_vulkan: Found (\d{1,2}) Vulkan devices")
_FITTING = re.compile(r"estimated maximum model length is (\d{2,8})")
_FILE_TYPE = re.compile(r"file type {1,12}= (\w{2,12})(?: - (Small|Medium|Large))?")
_QUANT_OF_FILE = re.compile(
    r"[-._](I?Q\d\w{0,8}|BF16|F16|F32|MXFP4(?:_MOE)?)(?:-\d{5}-of-\d{5})?\.gguf\b", re.IGNORECASE
)
_MODEL = re.compile(
    r"general\.name\s{1,30}\w{0,10}\s{0,30}=\s([^\n]{2,80})|([\w.\-]{3,100})\.gguf\b|"
    r"\bmodel='([\w./\-]{3,100})'|(?:--model|vllm serve|ollama run) ([\w./:\-]{3,100})"
)
_N_CTX = re.compile(r"\bn_ctx\s{0,12}=\s{0,3}(\d{2,8})|(?:--ctx-size|--max-model-len|-c)[ =](\d{2,8})\b")
_LAYERS = re.compile(r"offload(?:ed|ing) (\d{1,4})(?:/\d{1,4})? (?:repeating )?layers")


def read_oom(text: str) -> OomFacts | None:
    """Read the memory figures of a report; None where the text shows no failed allocation."""
    text = plain(text[-MAX_CHARS:])
    facts = _read(text)
    if facts is None and (joined := rejoined(text)) != text:
        return _read(joined)
    return facts


def _read(text: str) -> OomFacts | None:
    for rule in _FAILURES:
        found = list(rule.pattern.finditer(text))
        if found:
            sizes = _sizes(rule, found[-1])
            break
    else:
        return None
    for detail in _DETAILS:
        match = detail.pattern.search(text)
        if match and rule.where == "gpu":
            sizes = {**_sizes(detail, match), **sizes}
    layers = _last(_LAYERS, text)
    n_ctx, count, fitting = _last(_N_CTX, text), _last(_COUNT, text), _last(_FITTING, text)
    return OomFacts(
        where=rule.where,
        asked_bytes=sizes.get("asked_bytes"),
        free_bytes=sizes.get("free_bytes"),
        total_bytes=sizes.get("total_bytes"),
        device=_device(text) if rule.where == "gpu" else None,
        model=_last(_MODEL, text),
        n_ctx=int(n_ctx) if n_ctx else None,
        n_gpu_layers=int(layers) if layers else None,
        quant=_quant(text),
        count=int(count) if count and rule.where == "gpu" else None,
        fitting_n_ctx=int(fitting) if fitting else None,
    )


def _sizes(rule: _Rule, match: re.Match[str]) -> dict[str, int]:
    groups = match.groups()
    pairs = zip(rule.fields, groups[::2], groups[1::2], strict=False)
    sizes = {field: (number, unit) for field, number, unit in pairs if number is not None}
    # "9.84/23.64 GiB" gives the unit once, with the last number
    common = next((unit for _, unit in sizes.values() if unit), "")
    return {field: round(float(number) * _UNITS[(unit or common).lower()]) for field, (number, unit) in sizes.items()}


def _device(text: str) -> str | None:
    names = (match[1].strip() for pattern in _NAMES if (match := pattern.search(text)))
    name = next(names, None)
    return _IN_BRACKETS.sub("", _TRADEMARK.sub("", name)).strip() if name else None


def _quant(text: str) -> str | None:
    """The file type: as the engine prints it ("Q4_K - Medium" is Q4_K_M), or as the file is called."""
    if printed := list(_FILE_TYPE.finditer(text)):
        return printed[-1][1] + (f"_{printed[-1][2][0]}" if printed[-1][2] else "")
    called = _last(_QUANT_OF_FILE, text)
    return called.upper() if called else None


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    """Give the first group that matched in the last match."""
    matches = list(pattern.finditer(text))
    return next(group for group in matches[-1].groups() if group).strip() if matches else None
