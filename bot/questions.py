"""Questions with every name resolved: of fit answers, packed states and rigs; and the data of a chart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards.fit import memory_free, memory_parts
from bot.state import Asked
from knowledge.answers import Answers, HardwareAsk
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import DeviceAsk, FitAnswer, FitRequest
from knowledge.store.rigs import Rig, RigDevice
from knowledge.units import GIB, MIB

CURVE_POINTS = 5
CONTEXTS = (2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576)
QUANTS = {
    "gguf": (
        "IQ2_M",
        "Q2_K",
        "IQ3_M",
        "Q3_K_M",
        "IQ4_XS",
        "Q4_0",
        "Q4_K_S",
        "Q4_K_M",
        "Q5_K_M",
        "Q6_K",
        "Q8_0",
        "BF16",
    ),
    "mlx": ("mlx-3bit", "mlx-4bit", "mlx-5bit", "mlx-6bit", "mlx-8bit", "mlx-bf16"),
    "exl": ("exl3-2.5bpw", "exl3-3bpw", "exl3-3.5bpw", "exl3-4bpw", "exl3-5bpw", "exl3-6bpw", "exl3-8bpw"),
    "hf": ("awq-int4", "gptq-int4", "bnb-4bit", "nvfp4", "fp8", "int8", "hf-16bit"),
}
"""What a select offers, by the format of the file in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """What a chart shows. `parts`: (which, bytes) in drawing order; `have_bytes` None where no hardware is named.

    `speeds`: (tokens already in the context, low, mid, high tok/s), by rising context; empty where it does not run.
    """

    title: str
    tier: str
    parts: tuple[tuple[str, int], ...]
    have_bytes: int | None
    speeds: tuple[tuple[int, float, float, float], ...] = ()

    @property
    def need_bytes(self) -> int:
        """All parts together."""
        return sum(size for _, size in self.parts)


def asked_of(request: FitRequest) -> Asked:
    """The question behind an answer."""
    return Asked(
        model=request.model.id,
        devices=tuple((ask.device.id, ask.count, (ask.memory_bytes or 0) // MIB) for ask in request.devices),
        quant=request.quant,
        n_ctx=request.context.n_ctx,
        ram_mib=(request.ram_bytes or 0) // MIB,
        engine=request.engine,
        type_kv="" if request.context.type_k == "f16" else request.context.type_k,
    )


def hardware_of(asked: Asked) -> tuple[HardwareAsk, ...]:
    """Its hardware as the core takes it."""
    return tuple(
        HardwareAsk(name=id_, count=count, memory_gib=mib / 1024 if mib else None) for id_, count, mib in asked.devices
    )


def answer_to(answers: Answers, asked: Asked) -> FitAnswer:
    """The answer to a resolved question. A quantisation that its engine does not read gives way to the engine's usual.

    Raises KnowledgeError where a name is gone, or nothing can be computed.
    """
    try:
        request = _request(answers, asked)
    except KnowledgeError:
        request = _request(answers, replace(asked, quant=""))
    context = request.context
    if asked.n_ctx:
        context = replace(context, n_ctx=asked.n_ctx)
    if asked.type_kv:
        context = replace(context, type_k=asked.type_kv, type_v=asked.type_kv)
    return answers.estimate_for_card(replace(request, context=context))


def _request(answers: Answers, asked: Asked) -> FitRequest:
    ram_gib = asked.ram_mib / 1024 if asked.ram_mib else None
    return answers.request(
        model=asked.model, hardware=hardware_of(asked), quant=asked.quant, ram_gib=ram_gib, engine=asked.engine
    )


def chart_data(answers: Answers, answer: FitAnswer) -> ChartData:
    """What a picture of an answer shows: its memory, and its speed at a few fillings of its context."""
    return ChartData(
        title=answer.request.model.name,
        tier=answer.fit_tier or "",
        parts=tuple((key.removeprefix("part."), size) for key, size in memory_parts(answer)),
        have_bytes=memory_free(answer),
        speeds=tuple(_speeds(answers, answer)),
    )


def _speeds(answers: Answers, answer: FitAnswer) -> Sequence[tuple[int, float, float, float]]:
    if answer.fit_tier in {None, "no"} or answer.written_tok_s is None:
        return ()
    request = answer.request
    found: list[tuple[int, float, float, float]] = []
    n_ctx = request.context.n_ctx
    for step in range(CURVE_POINTS):
        depth = (n_ctx - request.n_prompt) * step // (CURVE_POINTS - 1) if n_ctx > request.n_prompt else 0
        speed = answers.estimate(replace(request, depth=depth), detailed=False).decode_tok_s
        if speed is not None and (not found or depth > found[-1][0]):
            found.append((depth, float(speed.low), float(speed.mid), float(speed.high)))
    return found


def rig_of(user_id: int, asks: Sequence[DeviceAsk], ram_gib: float | None, engine: str) -> Rig:
    """A rig to be saved, from resolved devices."""
    devices = tuple(RigDevice(id=ask.device.id, count=ask.count, memory_bytes=ask.memory_bytes) for ask in asks)
    return Rig(
        user_id=user_id, devices=devices, ram_bytes=None if ram_gib is None else round(ram_gib * GIB), engine=engine
    )


def hardware_of_rig(rig: Rig) -> tuple[HardwareAsk, ...]:
    """A saved rig's hardware as the core takes it."""
    return tuple(
        HardwareAsk(name=one.id, count=one.count, memory_gib=one.memory_bytes / GIB if one.memory_bytes else None)
        for one in rig.devices
    )


def ram_of_rig(rig: Rig) -> float | None:
    """A saved rig's RAM in GiB."""
    return None if rig.ram_bytes is None else rig.ram_bytes / GIB


def contexts_for(n_ctx: int, n_ctx_train: int) -> list[int]:
    """The contexts a select offers: powers of two up to what the model was trained for, and the one asked about."""
    offered = {one for one in CONTEXTS if one <= max(n_ctx_train, 4096)}
    if n_ctx_train:
        offered.add(n_ctx_train)
    return sorted(offered | {n_ctx})


def quants_for(quant: str, formats: Sequence[str]) -> list[str]:
    """The quantisations a select offers, the one asked about among them. `formats`: those the engine reads."""
    offered = [one for kind in formats for one in QUANTS.get(kind, ())]
    return offered[:24] if quant in offered[:24] else [quant, *offered[:24]]


def check_hardware(answers: Answers, text: str) -> None:
    """Raise the error of a name that is no hardware, or several; nothing where it is one."""
    answers.device_asks(answers.hardware_asks(text))
