"""What a single answer says of machines with one memory: from which version on it holds, and what a Mac's limit keeps.

A name such as "M2 Max" says nothing of the memory, and the answer counts the most such a machine is sold with; so it
must say which versions it is true for. macOS leaves the GPU two thirds or three quarters of the memory until it is told
otherwise. It asks the same verdicts as `advice` with another size, and knows no formula of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from knowledge.errors import KnowledgeError
from knowledge.estimator.device import usable_memory_bytes, vendor_key
from knowledge.estimator.fit import Case, case_of
from knowledge.estimator.looks import is_comfortable, is_held
from knowledge.estimator.request import Change, DeviceAsk, FitAnswer, FitRequest
from knowledge.estimator.steps import first_that
from knowledge.said import worded
from knowledge.units import GIB, MIB, gib_text

_LEFT_TO_MACOS_BYTES = 4 * GIB
"""What macOS and its programs need at the least beside the GPU's share; an eighth of larger memories."""
_SMALL_MAC_BYTES = 36 * GIB
"""Up to this size macOS gives the GPU two thirds, beyond it three quarters."""


def unsaid_sizes(request: FitRequest) -> tuple[int, ...]:
    """The sizes a single machine with one memory is sold with, where nobody said which it is; none elsewhere."""
    ask = request.devices[0] if len(request.devices) == 1 else None
    if ask is None or request.ram_bytes is not None or ask.memory_bytes is not None or not ask.device.unified_memory:
        return ()
    sizes = tuple(sorted(ask.device.memory_options_bytes))
    return sizes if len(sizes) > 1 else ()


def memory_counted(request: FitRequest) -> Iterator[str]:
    """Which size was counted where nobody said one."""
    sizes = unsaid_sizes(request)
    if sizes:
        counted = gib_text(request.devices[0].device.memory_bytes or sizes[-1], 0)
        yield worded("memory_counted", "memory counted: {size}", size=counted)


def memory_unsaid(case: Case, answer: FitAnswer) -> Iterator[str]:
    """From which size on a verdict holds, where nobody said the size and not every version of the machine has it."""
    request, sizes = case.request, unsaid_sizes(case.request)
    if not sizes or answer.fit_tier in {None, "no"}:
        return
    ask, comfortable = request.devices[0], answer.fit_tier == "comfortable"

    def holds(size: int) -> bool:
        changed = _case_with(request, ask, size)
        return changed is not None and (is_comfortable(changed) if comfortable else is_held(changed))

    least = first_that(holds, sizes)
    if least is not None and least > sizes[0]:
        text = "how much memory it has was not said: true from {least} on"
        yield worded("memory_unsaid", text, least=gib_text(least, 0))


def wired_changes(request: FitRequest, rank: int) -> Iterator[Change]:
    """A Mac's GPU given more of the memory than macOS leaves it, where that makes a better verdict than `rank`."""
    ask = request.devices[0]
    own = ask.memory_bytes or request.ram_bytes or ask.device.memory_bytes
    if len(request.devices) > 1 or ask.count > 1 or vendor_key(ask.device) != "apple" or own is None:
        return
    if not ask.device.unified_memory or ask.device.segment == "phone":
        return
    share = own - max(_LEFT_TO_MACOS_BYTES, own // 8)
    # the same machine as one so large that macOS would leave its GPU that much
    alike = share * 3 // 2 if share * 3 // 2 <= _SMALL_MAC_BYTES else max(share * 4 // 3, _SMALL_MAC_BYTES + 1)
    if (usable_memory_bytes(ask.device, own) or 0) >= share:
        return
    changed = _case_with(request, ask, alike)
    if changed is not None and (is_comfortable(changed) if rank else is_held(changed)):
        command = f"sudo sysctl iogpu.wired_limit_mb={share // MIB}"
        text = "more of the memory for the GPU, until the next restart: {command}"
        yield Change(text=worded("change_wired", text, command=command), axis="wired", cost=0.9)


def _case_with(request: FitRequest, ask: DeviceAsk, size_bytes: int) -> Case | None:
    try:
        return case_of(replace(request, ram_bytes=size_bytes, devices=(replace(ask, memory_bytes=size_bytes),)))
    except KnowledgeError:
        return None
