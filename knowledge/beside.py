"""What is loaded beside a model, from names as people write them: a draft by its name, an adapter as "16:q,v".

It resolves and checks words; sizes and speeds are the estimator's. Used by the command line, the batch protocol and
any other face that lets people ask for a projector, a draft or an adapter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.answers import Answers
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.request import DraftAsk, Extras, FitRequest, LoraAsk
from knowledge.units import GIB, MIB

MODEL_DRAFT_MAX = 16
MTP_DRAFT_MAX = 3
"""Tokens drafted a check at most where nobody says: for a draft model, and for a model's own layers."""

_SIZES = {"gib": GIB, "gb": 10**9, "mib": MIB, "mb": 10**6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an asker said of things beside the model, as words; `draft` "mtp" means the model's own layers."""

    vision: bool = False
    projector_type: str = "f16"
    projector_on_host: bool = False
    draft: str = ""
    draft_quant: str = "Q8_0"
    draft_max: int | None = None
    draft_acceptance: float | None = None
    lora: tuple[str, ...] = ()


def with_beside(answers: Answers, request: FitRequest, said: Beside) -> FitRequest:
    """The request with what is loaded beside its model; as it is where nothing is. Raises as name resolving does."""
    if not (said.vision or said.draft or said.lora):
        return request
    extras = Extras(
        vision=said.vision,
        projector_type=said.projector_type.lower(),
        projector_on_host=said.projector_on_host,
        draft=_draft(answers, said) if said.draft else None,
        loras=tuple(lora_of(text) for text in said.lora),
    )
    return replace(request, extras=extras)


def _draft(answers: Answers, said: Beside) -> DraftAsk:
    if said.draft.strip().lower() == "mtp":
        n_max = MTP_DRAFT_MAX if said.draft_max is None else said.draft_max
        return DraftAsk(n_max=n_max, acceptance=said.draft_acceptance)
    model = answers.model_named(said.draft)
    if model.shape is None:
        hint = "Name another draft model."
        raise Unanswerable(f"The shape of {model.name} is not known.", subject=model.id, hint=hint)
    return DraftAsk(
        shape=model.shape,
        name=model.name,
        family=model.family,
        quant=answers.quant_named(said.draft_quant),
        gguf_repo=model.gguf_repo or "",
        n_max=MODEL_DRAFT_MAX if said.draft_max is None else said.draft_max,
        acceptance=said.draft_acceptance,
    )


def lora_of(text: str) -> LoraAsk:
    """An adapter as written: a rank ("16"), a rank and its targets ("16:q,v"), or a file's size ("160MB")."""
    low = text.strip().lower().replace(" ", "")
    for unit, factor in _SIZES.items():
        number = low.removesuffix(unit)
        if number != low and number.replace(".", "", 1).isdigit() and len(number) < 12:
            size = round(float(number) * factor)
            if size:
                return LoraAsk(file_bytes=size)
    rank, _, targets = low.removeprefix("r=").removeprefix("r").partition(":")
    if not rank.isdecimal() or len(rank) > 6:
        hint = "Give a rank ('16'), a rank and targets ('16:q,v'), or the file's size ('160MB')."
        raise BadInput(f"'{text[:40]}' is no LoRA adapter.", subject="lora", hint=hint)
    return LoraAsk(rank=int(rank), targets=tuple(part for part in targets.split(",") if part))
