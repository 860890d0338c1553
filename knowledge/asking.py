"""What is asked and what came of it: the records of `answers`, its limits, and small steps between names and requests.

No index is held here and nothing is answered; `answers.Answers` does both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge import linear
from knowledge.catalog import Device, ErrorClass, Model, Page, QuantType, Term, Tool
from knowledge.errors import Ambiguous, BadInput, UnknownName
from knowledge.estimator.engines import Engine, engine_by_name, published_quant
from knowledge.estimator.file_types import native_quant
from knowledge.estimator.model import shape_from_mapping
from knowledge.estimator.request import DeviceAsk, FitAnswer, FitRequest
from knowledge.needs import Needs
from knowledge.question.route import Route
from knowledge.question.text import clean
from knowledge.question.types import FitQuestion, HardwareMention, OpenChoice
from knowledge.said import worded
from knowledge.units import gib_to_bytes

NameKind = Literal["model", "hardware", "quant"]
ChoiceKind = Literal["model", "hardware", "quant", "term", "error"]

SURE_SCORE = 0.9
"""A name read with less than this is a guess: it is offered as "did you mean", never answered for."""

MAX_QUESTION_CHARS = 1_000_000
"""Of a longer text the beginning, where people explain, and the end, where programs die, are read."""

MAX_REMEMBERED = 4096
"""How many answers one snapshot remembers; the oldest goes first."""

ANY_GPU = "GPU"
"""What a text's parser calls a card of which only the memory is said."""

MOST_GIB = 1024.0

PLAIN_CHARS = 240
"""A short text that names a model and hardware and reads as a fit question needs no look at glossary and errors."""

USES: dict[str, tuple[str, ...]] = {
    "chat": ("chat", "vlm", "reasoning"),
    "code": ("code",),
    "reasoning": ("reasoning",),
    "vlm": ("vlm",),
    "embedding": ("embedding",),
}
"""What `best` can be asked for, and the catalogue's kinds that serve it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareAsk:
    """Hardware as an asker names it: a name or id, how many, and how much memory each has where that was said (GiB)."""

    name: str
    count: int = 1
    memory_gib: float | None = None


def kinds_for(use: str) -> tuple[str, ...]:
    """The catalogue's kinds that serve a use; BadInput with the valid ones where there is no such use."""
    kinds = USES.get(use)
    if kinds is None:
        raise BadInput(f"There is no use '{use[:40]}'.", subject="use", hint=f"One of {', '.join(USES)}.")
    return kinds


def check_question(text: str) -> str:
    """Give what is read of a free text; BadInput where it is empty."""
    text = clean(text)
    if not text.strip():
        raise BadInput("There is no question.", subject="text", hint="Ask, e.g. 'will qwen3 8b run on a 3060 12GB?'")
    if len(text) <= MAX_QUESTION_CHARS:
        return text
    return text[: MAX_QUESTION_CHARS // 4] + "\n" + text[-3 * MAX_QUESTION_CHARS // 4 + 1 :]


_USE_WORDS = (
    ("embedding", linear.compile(r"(?i)\bembed|向量|埋め込み|임베딩|эмбеддинг")),
    (
        "vlm",
        linear.compile(
            r"(?i)\bvision\b|\bvlm\b|\bimages?\b|\bpictures?\b|\bphotos?\b|\bscreenshots?\b|multimodal|\bbilder\b"
            r"|im[aá]gen(?:es)?\b|imagens?\b|immagini|картин|изображ|图|画像|이미지|그림"
        ),
    ),
    (
        "code",
        linear.compile(
            r"(?i)\bcod(?:e|es|ing|ers?|en)\b|\bprogram|\bpython\b|\bjavascript\b|\btypescript\b|\brust\b|\bjava\b|c\+\+"
            r"|\bsql\b|\bdevelop|\bsoftware\b|\bgithub\b|copilot|\bcline\b|代码|编程|写码|программ|код(?:а|е|инг|ить)?\b"
            r"|código|codice|kodow|yazılım|kodlama|コード|コーディング|プログラ|코딩|코드|개발"
        ),
    ),
    (
        "reasoning",
        linear.compile(r"(?i)\breasoning\b|\bthinking\b|\bmaths?\b|\bmathe|matem[aá]t|математ|数学|수학|推理|推論"),
    ),
)


def use_of(text: str) -> str:
    """What a question for a model wants it for, as `best` calls it."""
    return next((use for use, words in _USE_WORDS if words.search(text)), "chat")


def asks_of(mentions: Sequence[HardwareMention]) -> list[HardwareAsk]:
    """The hardware of a text that is known, as an asker names it; a card told by its memory alone is."""
    return [
        HardwareAsk(name=m.id or m.name, count=m.count, memory_gib=m.memory_gib)
        for m in mentions
        if m.id or (m.name == ANY_GPU and m.memory_gib)
    ]


def any_gpu(item: HardwareAsk) -> DeviceAsk | None:
    """A card known by its memory alone ("12 GB of VRAM"): what fits can be told, how fast it is cannot."""
    if item.name != ANY_GPU or not item.memory_gib or not 0 < item.memory_gib <= MOST_GIB:
        return None
    name = f"a GPU with {item.memory_gib:g} GB"
    id_ = f"gpu-{item.memory_gib:g}gb"
    device = Device(
        id=id_,
        name=name,
        vendor="NVIDIA",  # most are, and CUDA's own share of the memory is the largest
        kind="gpu",
        segment="",
        sources=(),
        memory_bytes=gib_to_bytes(item.memory_gib),
        backends=("cuda", "vulkan"),
    )
    return DeviceAsk(device=device, count=item.count)


def which_device(text: str, choice: OpenChoice, devices: Mapping[str, Device]) -> Ambiguous:
    """The error of a hardware name with several meanings, the first four named."""
    names = ", ".join(devices[id_].name for id_ in choice.choices[:4])
    return Ambiguous(several(text), subject=text[:80], hint=f"Say which: {names}.", choices=choice.choices)


def missing_in(question: FitQuestion) -> str:
    """What a fit question does not say, in a sentence; empty where it can be answered."""
    open_fields = {choice.field for choice in question.ambiguous}
    missing = []
    wants_model = question.intent == "which_models" and not question.model_text
    if question.model is None and "model" not in open_fields and not wants_model:
        unknown = worded("missing_this_model", "which model '{name}' is", name=question.model_text or "")
        missing.append(unknown if question.model_text else worded("missing_model", "which model"))
    named = bool(asks_of(question.hardware)) or "hardware" in open_fields
    needs_none = question.intent in {"requirements", "which_hardware"} or bool(question.other_models)
    if not named and (not needs_none or question.hardware):
        missing.append(worded("missing_hardware", "which hardware"))
    if len(missing) == 2:
        return worded(
            "missing_two", "Not said or not known: {first} and {second}.", first=missing[0], second=missing[1]
        )
    return worded("missing_one", "Not said or not known: {what}.", what=missing[0]) if missing else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `ask` made of a text: where it was routed, and the answers found (some empty).

    `pages` are the guides and quick answers that answer the very question, whatever its route; mostly there is none.
    `page_first` says that the first of them is the answer, before the words and errors the question also names.
    `needs` say what a model takes where no hardware was named; `fits` are then their answers without hardware. `tools`
    are the programs it wants to set up, and go before `terms`.
    """

    route: Route
    question: FitQuestion
    fits: tuple[FitAnswer, ...] = ()
    terms: tuple[Term, ...] = ()
    errors: tuple[tuple[ErrorClass, float], ...] = ()
    open_text: str = ""
    pages: tuple[Page, ...] = ()
    page_first: bool = False
    needs: tuple[Needs, ...] = ()
    tools: tuple[Tool, ...] = ()


_NO_GPU = linear.compile(
    r"(?i)\b(?:no|without(?: an?y?)?|ohne|sans|sin|sem|senza|bez|zonder) (?:dedicated |eigene )?(?:gpus?"
    r"|graphics card|vram|grafikkarte|carte graphique|tarjeta (?:gr[aá]fica|de v[ií]deo)"
    r"|placa (?:de v[ií]deo|gr[aá]fica)|scheda (?:video|grafica)|videokaart|karty graficznej)\b"
    r"|\bcpu[- ](?:only|inference)\b"
    r"|\b(?:on|with|using|auf|auf der|sur|sur le|en|en la|na|no|nur|solo|only|just) (?:the |my |a )?cpu\b"
    r"|без видеокарты|на процессоре|на cpu|无显卡|没有显卡|纯cpu|用cpu跑|gpuなし|gpu無し|cpuだけ|cpuのみ|gpu 없이"
)


def on_cpu_alone(question: FitQuestion) -> tuple[FitQuestion, tuple[str, ...]]:
    """The question with the machine's CPU as its hardware where it says that there is no GPU, and what is said of that.

    Else as it is.
    """
    if any(m.id for m in question.hardware) or not _NO_GPU.search(question.text):
        return question, ()
    ram_gib = question.ram_gib or next((m.memory_gib for m in question.hardware if m.memory_gib), None)
    ddr5 = "ddr5" in question.text.lower()
    id_ = "cpu-dual-channel-ddr5-5600" if ddr5 else "cpu-dual-channel-ddr4-3200"
    kind = "DDR5-5600" if ddr5 else "DDR4-3200"
    template = "which processor was not said; computed for a desktop's two channels of {kind}"
    said = worded("processor_stand_in", template, kind=kind)
    return replace(question, hardware=(HardwareMention(id=id_, name="CPU"),), ram_gib=ram_gib), (said,)


_ENGINE_OF_FORMAT = {"exl": "exllamav3", "mlx": "mlx", "hf": "vllm"}


def engine_for(name: str, file_type: str, quants: Mapping[str, QuantType]) -> Engine:
    """The engine named, or the one that a file type is made for; BadInput where the engine named cannot load it."""
    known = quants.get(file_type)
    made_for = known.format if known else "exl" if file_type.endswith("bpw") else "gguf"
    if not name:
        usual = "transformers" if file_type.startswith("bnb") else _ENGINE_OF_FORMAT.get(made_for, "llama.cpp")
        return engine_by_name(usual)
    engine = engine_by_name(name)
    loads_too = engine.id == "vllm" or file_type.upper() in _SIXTEEN_BITS
    if file_type and made_for not in engine.formats and not (made_for == "gguf" and loads_too):
        own = "Q4_K_M" if engine.uses_llama_cpp else engine.default_quant
        other = _ENGINE_OF_FORMAT.get(made_for, "llama.cpp")
        hint = worded("cannot_load_hint", "Take {own}, or the engine it is made for: {other}.", own=own, other=other)
        text = worded("cannot_load", "{engine} cannot load {quant}.", engine=engine.name, quant=file_type)
        raise BadInput(text, subject="quant", hint=hint)
    return engine


_SIXTEEN_BITS = frozenset({"F16", "BF16", "F32"})
"""Types that are no quantisation: every engine loads such weights in its own format."""

_BITS_ALONE = linear.compile(r"(?i)^\s*q?([2-8])(?:[ -]?bits?)?\s*$")
_BITS_OF_ENGINE: Mapping[str, Mapping[str, str]] = {
    "mlx": {bits: f"mlx-{bits}bit" for bits in "234568"},
    "exllamav3": {bits: f"exl3-{bits}bpw" for bits in "234568"},
    "transformers": {"4": "bnb-4bit", "8": "bnb-8bit"},
    "vllm": {"4": "awq-int4", "8": "fp8"},
}
"""What so many bits a weight usually are in an engine that has its own formats."""


def engines_own(quant: str, engine: str) -> str:
    """`quant` in the engine's own format where it only says how many bits: "4-bit" for MLX is `mlx-4bit`."""
    bits = _BITS_ALONE.search(quant) if engine else None
    if bits is None:
        return quant
    return _BITS_OF_ENGINE.get(engine_by_name(engine).id, {}).get(bits.group(1), quant)


def usual_quant(model: Model, engine: Engine) -> str:
    """The file type people run a model in when they do not say one: the one it is published in, else the engine's."""
    if "hf" in engine.formats:
        return published_quant(model) or engine.default_quant
    native = native_quant(model.shape) if model.shape is not None and engine.uses_llama_cpp else None
    return native or engine.default_quant


def possible_quant(model: Model, file_type: str) -> str:
    """The file type, as it is; BadInput where no file of this model can have it."""
    if file_type.upper().startswith("MXFP4") and model.shape is not None and not model.shape.n_expert:
        hint = "Take Q4_K_M, or another type for models without experts."
        raise BadInput(f"{file_type} packs experts, and {model.name} has none.", subject="quant", hint=hint)
    return file_type


def several(text: str) -> str:
    """That a name could mean several things, in a sentence."""
    return f"'{text[:80]}' could be several things."


def known_engine(name: str | None) -> tuple[str, tuple[str, ...]]:
    """The engine to answer for, and what must be said where the one named has no rules of its own here."""
    if not name:
        return "", ()
    try:
        return engine_by_name(name).id, ()
    except UnknownName:
        return "", (
            worded("engine_unknown", "{engine} has no rules of its own here: answered for llama.cpp", engine=name[:40]),
        )


def without_model(request: FitRequest) -> tuple[object, ...]:
    """A hashable form of everything in a request but its model."""
    devices = tuple((ask.device.id, ask.count, ask.memory_bytes) for ask in request.devices)
    rest = (request.engine, request.backend, request.n_prompt, request.depth, request.n_gpu_layers, request.n_cpu_moe)
    told = (request.measured_tok_s, request.n_threads, request.learnt)
    return (request.quant, devices, request.ram_bytes, request.context, *rest, *told, request.extras)


def model_of_shape(data: Mapping[str, object]) -> Model:
    """A nameless model of a shape the asker gave."""
    shape = shape_from_mapping(data)
    return Model(
        id="given-shape",
        name="the given shape",
        family="",
        org="",
        kind="chat",
        sources=("given by the asker",),
        shape=shape,
    )


def meanings(question: FitQuestion) -> list[tuple[str, tuple[HardwareMention, ...]]]:
    """Each model with each hardware that a question could mean: one pair, or one for each thing an open name is."""
    models = [question.model] if question.model else []
    hardware: list[tuple[HardwareMention, ...]] = [question.hardware]
    for choice in question.ambiguous:
        if choice.field == "model":
            models = list(choice.choices[:8])
        elif choice.field == "hardware":
            ids = spread(choice.choices) if choice.text.startswith("Apple ") else choice.choices[:4]
            hardware = [with_device(question.hardware, choice.text, id_) for id_ in ids]
    return [(model, mentions) for model in models[:8] for mentions in hardware[:4]]


def spread(ids: Sequence[str], most: int = 4) -> tuple[str, ...]:
    """So many of `ids` that stand in order of age, from the first to the last: a MacBook may be of any year."""
    if len(ids) <= most:
        return tuple(ids)
    return tuple(ids[at * (len(ids) - 1) // (most - 1)] for at in range(most))


def with_device(mentions: Sequence[HardwareMention], text: str, id_: str) -> tuple[HardwareMention, ...]:
    """The mentions with the open one settled as `id_`; appended where it is not among them."""
    out = [replace(m, id=id_) if m.name == text or m.id is None else m for m in mentions]
    if not any(m.id == id_ for m in out):
        out.append(HardwareMention(id=id_, name=text))
    return tuple(out)


def suggested(question: FitQuestion, fits: tuple[FitAnswer, ...]) -> Asked:
    """The answer to "what runs on …?": the best models there, or what is missing to rank them."""
    name_it = worded(
        "name_the_card",
        "Which card is it? Models are ranked by what they write a second there, and memory alone does not tell.",
    )
    return Asked(route="fit", question=question, fits=fits, open_text="" if fits else name_it)
