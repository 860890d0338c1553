"""Which pages stand with an answer, and whether the first of them is the answer: of what is bought or trained a guide.

Pages are found by their words in search/pages.py; here is what a question is about besides its words. Nothing is
rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from knowledge import linear
from knowledge.asking import PLAIN_CHARS, Asked
from knowledge.catalog import Knowledge
from knowledge.either import alternatives
from knowledge.question.buying import Goods, buys, read_budget, read_goods
from knowledge.question.cues import (
    asks_about_the_bot,
    asks_costs,
    asks_for_electricity,
    asks_for_pictures,
    asks_for_speech,
    asks_to_train,
    compares,
)
from knowledge.question.route import asks_meaning
from knowledge.question.types import FitQuestion
from knowledge.said import Said
from knowledge.search.pages import SURE, PageIndex
from knowledge.search.text import LITERAL, tokens
from knowledge.search.types import TermHit

GUIDE_OF_GOODS: Final[Mapping[Goods, str]] = {
    "gpu": "best-gpu-for-local-ai",
    "laptop": "best-laptop-for-local-ai",
    "mac": "best-mac-for-local-ai",
    "mini-pc": "best-mini-pc-for-local-ai",
    "pc": "best-gpu-for-local-ai",
}
"""The buyer guide of each kind of goods; what a PC is worth for models its card decides."""

TRAINING: Final = "how-much-vram-to-fine-tune"
PICTURES: Final = "images-and-video-at-home"
SPEECH: Final = "speech-at-home"
ABOUT: Final = "about-this-bot"
ELECTRICITY: Final = "electricity-cost"
QUANTS: Final = "choosing-a-quant"
SIMPLE_QUANTS: Final = "q4-or-q8"
_QUANTS: Final = linear.compile(r"\b(?:i?q[2-8](?:_(?:k(?:_(?:s|m|l|xl))?|[01]|xs|xxs|s|m|nl))?|mxfp4|nvfp4)\b")
_GOOD_FOR: Final = linear.compile(
    r"\b(?:usable|good enough|any good|worth|garbage|too (?:low|dumb|much)|quality|lobotomi\w+|brain ?dead"
    r"|brauchbar|utilisable|utilizável|usabile|стоит ли|годится)\b|可用|能用|使える|쓸만"
)
_WHICH_QUANT: Final = linear.compile(r"(?i)\b(?:which|what|best|right|good) (?:\w+ )?quant(?:i[sz]ation)?s?\b")
"""File types by their names; two of them are compared, and the guide has the table of all."""
_CARD_NAMES: Final = ("RTX", "GTX", "RX ", "ARC ")
"""What a card is called that the catalogue does not know: not out yet, or nobody's."""
PAGE_OF_KIND: Final[Mapping[str, str]] = {"image": PICTURES, "video": PICTURES, "tts": SPEECH, "asr": SPEECH}
"""What is told of models for which nothing is computed."""

BESIDE_RUNNING: Final = frozenset(
    {
        "cost-against-cloud",
        "electricity-cost",
        "is-local-cheaper-than-api",
        "is-my-data-private",
        "may-i-use-it-commercially",
        "ram-or-gpu",
        "rent-or-buy-a-gpu",
        "two-cards-in-one-case",
        "uncensored-models",
        "update-the-programs",
        "where-models-are-stored",
    }
)
"""Pages of what no answer about running a model tells, whatever model and card a question names besides."""

PAGE_OF_TERM: Final[Mapping[str, str]] = {
    "oom": "out-of-memory",
    "ocr": "read-scans-and-receipts",
    "abliteration": "uncensored-models",
    "coding-agent": "agents-with-local-models",
}
"""What tells who meets a thing what to do, where its meaning is not asked for."""

MEANT: Final = 0.5
"""A term with this score is what a question for a meaning asks about, before any page."""
CLOSE: Final = 0.75
"""From this score on a page found by its words goes before the guide of what is bought."""
MANY: Final = 8
"""A name of so many models is a family's."""
MOST_BARE_WORDS: Final = 5
"""Who writes more than so many words does not only name something."""
SIGNED: Final = 0.5
"""An error found with this confidence goes before a page."""


def choose_pages(
    index: PageIndex, asked: Asked, text: str, terms: Sequence[TermHit], knowledge: Knowledge
) -> tuple[tuple[str, ...], bool]:
    """The ids of the pages that answer a question, best first, and whether the first goes before all else found."""
    hits = index.hits(text)
    ids = [id_ for id_, _ in hits]
    score = hits[0][1] if hits else 0.0
    if _asks_of_a_quant(asked, text):
        return _with(QUANTS, ids, index, first=True), True
    if asked.errors and asked.errors[0][1] >= max(SIGNED, score * (score >= SURE)):
        return tuple(ids), False
    meaning = asks_meaning(text)
    sure_enough = score >= CLOSE or not asked.fits or asks_costs(text)
    beside_running = ids and ids[0] in BESIDE_RUNNING and sure_enough
    if beside_running and not (meaning and asked.route == "define"):
        return tuple(ids), True
    if meaning and terms and terms[0].score >= MEANT:
        return tuple(ids), False
    if len(text) <= PLAIN_CHARS and (told := _told(asked, text, knowledge)):
        first = not ids or score < CLOSE or told in {ABOUT, ELECTRICITY, TRAINING, PICTURES, SPEECH}
        first = first or (told == QUANTS and ids[0] != SIMPLE_QUANTS)
        beside = told in GUIDE_OF_GOODS.values() and bool(asked.fits) and _fits_answer(asked, text)
        return _with(told, ids, index, first=first), not beside and (not meaning or not asked.terms)
    weak = _mere_family(asked.question) or _mere_mac(asked.question) or (score >= CLOSE and _unasked(asked))
    answered = bool(asked.fits) and not weak
    if score >= SURE and not answered:
        return tuple(ids), True
    doubtful = asked.route == "diagnose" and score >= CLOSE  # no error is signed, or it would have gone before
    answered = answered or (asked.route == "diagnose" and not doubtful) or (bool(asked.tools) and score < CLOSE)
    of_terms = len(asked.terms) > 1 and compares(text)
    better = not (of_terms or _bare(text, asked)) or _of_tools(asked, knowledge)
    return tuple(ids), bool(ids) and better and not answered and not meaning


def _fits_answer(asked: Asked, text: str) -> bool:
    """Whether what runs on the hardware named says more than a buyer guide: it is compared, or not being bought."""
    compared = len(alternatives(asked.question)) > 1
    return not _mere_mac(asked.question) and (compared or (not buys(text) and not read_budget(text)))


def _mere_family(question: FitQuestion) -> bool:
    """Whether a question names a family and no model of it, nor hardware: what its models take hardly answers it."""
    open_model = next((choice for choice in question.ambiguous if choice.field == "model"), None)
    wide = open_model is not None and len(open_model.choices) >= MANY
    return wide and not question.hardware and question.intent == "fit"


def _of_term(asked: Asked, text: str) -> str:
    """The page that says what to do about the term found, where its meaning is not asked for; "" for none."""
    if asked.route != "define" or not asked.terms or asks_meaning(text) or _bare(text, asked):
        return ""
    return PAGE_OF_TERM.get(asked.terms[0].id, "")


def _asks_of_a_quant(asked: Asked, text: str) -> bool:
    """Whether a short text asks what a file type is good for, and names no model: "is iq3_xxs usable"."""
    question = asked.question
    named = question.quant and not question.model and not question.hardware and not question.engine
    return bool(named) and len(text) <= PLAIN_CHARS and _GOOD_FOR.search(text.lower()) is not None


def _unasked(asked: Asked) -> bool:
    """Whether what runs on the hardware named is told although no model was asked for: a near page says more."""
    return any(isinstance(one, Said) and one.key == "model_stand_in" for fit in asked.fits for one in fit.assumptions)


def _mere_mac(question: FitQuestion) -> bool:
    """Whether a question names hardware by its product alone ("a Mac mini"), and no model: which one, nobody knows."""
    named = question.model or question.model_text or any(one.field == "model" for one in question.ambiguous)
    return bool(question.hardware) and not named and not any(one.id or one.memory_gib for one in question.hardware)


def _told(asked: Asked, text: str, knowledge: Knowledge) -> str:
    """The page for what a question is about, whatever its words: buying, training, pictures, speech; "" for none."""
    if asks_about_the_bot(text):
        return ABOUT
    if of_term := _of_term(asked, text):
        return of_term
    if len(set(_QUANTS.findall(text.lower()))) > 1 or (asked.question.model is None and _WHICH_QUANT.search(text)):
        return QUANTS
    if asks_for_electricity(text):
        return ELECTRICITY
    if asks_to_train(text):
        return TRAINING
    question = asked.question
    meant = question.model or next((one.choices[0] for one in question.ambiguous if one.field == "model"), "")
    model = knowledge.models.get(meant)
    if model is not None and not asked.fits and model.kind in PAGE_OF_KIND:
        return PAGE_OF_KIND[model.kind]
    if question.model is None and asks_for_pictures(text):
        return PICTURES
    if question.model is None and asks_for_speech(text):
        return SPEECH
    owned = any(one.id or one.memory_gib for one in question.hardware)
    asks_model = question.model is not None or (question.intent == "which_models" and (owned or not question.hardware))
    if asks_model or asked.route == "diagnose":
        return ""
    goods = read_goods(text) or (_goods_named(question, knowledge) if buys(text) else None)
    return GUIDE_OF_GOODS[goods] if goods else ""


def _goods_named(question: FitQuestion, knowledge: Knowledge) -> Goods | None:
    """What the first device named is sold as."""
    open_ones = (choice.choices[0] for choice in question.ambiguous if choice.field == "hardware" and choice.choices)
    id_ = next((one.id for one in question.hardware if one.id), None) or next(open_ones, "")
    device = knowledge.devices.get(id_)
    if device is None:
        return "gpu" if any(one.name.upper().startswith(_CARD_NAMES) for one in question.hardware) else None
    if device.segment == "apple":
        return "mac"
    return "gpu" if device.kind == "gpu" else "mini-pc" if device.kind == "soc" else None


def _bare(text: str, asked: Asked) -> bool:
    """Whether a text names its terms and says hardly more: then they are asked about ("gguf??", "lora vs qlora")."""
    if len(text.split()) > MOST_BARE_WORDS:
        return False
    said = set(tokens(text))
    ways = (set(tokens(way)) for term in asked.terms for way in (term.term, *term.aliases))
    named = {token for way in ways if way <= said for token in way}
    left = {token for token in said if token not in named and not token.startswith(LITERAL)}
    return len(left) <= 1 and bool(named)


def _of_tools(asked: Asked, knowledge: Knowledge) -> bool:
    """Whether two programs are set side by side: which to take is more than what each of them is."""
    return len(asked.terms) > 1 and all(term.id.replace("-", ".") in knowledge.tools or term.id in knowledge.tools
                                        for term in asked.terms[:2])  # fmt: skip


def _with(page: str, ids: list[str], index: PageIndex, *, first: bool) -> tuple[str, ...]:
    """`ids` with a page that is there whatever the words, before or behind those found by them."""
    if page not in index.bags:
        return tuple(ids)
    others = [id_ for id_ in ids if id_ != page]
    return (page, *others) if first or page in ids[:1] else (*others, page)
