"""What `ask` makes of a free text: where it is routed, and the answers of fit, glossary, errors and pages put together.

The answers themselves are `Answers`' methods; no index is held here and nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.asking import (
    PLAIN_CHARS,
    Asked,
    check_question,
    missing_in,
    on_cpu_alone,
)
from knowledge.either import alternatives, with_either_memory
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer
from knowledge.half_asked import (
    Source,
    best_there,
    enough_of,
    names_no_hardware,
    names_no_model,
    names_ram_alone,
    needs_for,
    with_stand_ins,
    without_card,
)
from knowledge.out_of_memory import out_of_memory
from knowledge.page_choice import choose_pages
from knowledge.question.cues import asks_costs, asks_for_a_model, asks_to_train, is_courtesy, is_follow_up, points_back
from knowledge.question.route import route
from knowledge.question.text import normalise
from knowledge.question.types import FitQuestion
from knowledge.said import joined, said_of, worded
from knowledge.search.courtesy import question_of
from knowledge.search.types import TermHit
from knowledge.set_up import tools_compared, tools_to_set_up
from knowledge.worth_telling import of_the_tool, worth_telling

NAMED_TERM = 0.5
"""A term found with this score is worth showing where a fit question lacks what it would take to answer it."""

ASKING_FOR_MODELS = frozenset({"which_models", "which_hardware"})
"""Who asks so about hardware wants to hear what runs there, whatever words the question names besides."""


def ask(answers: Source, text: str) -> Asked:
    """Route a free text to fit, definition or diagnosis, and answer it. Raises BadInput where it is empty."""
    text = check_question(text)
    said = question_of(text)
    if is_courtesy(said):
        return Asked(route="other", question=answers.parse(said))
    question, stands = on_cpu_alone(with_either_memory(said, answers.parse))
    if _plainly_fit(said, question):
        return _told(_fit(answers, question), stands)
    if points_back(said) and not (question.model or question.hardware):
        return _follow_up(question)
    terms = answers.term_hits(said)
    asked = _told(_routed(answers, text, said, question, terms), stands)
    pages, first = choose_pages(answers.pages, asked, said, terms, answers.knowledge)
    asked = replace(asked, pages=tuple(answers.knowledge.pages[id_] for id_ in pages), page_first=first)
    return _otherwise(answers, asked, said)


def _follow_up(question: FitQuestion) -> Asked:
    told = worded(
        "follow_up", "I answer each question by itself: say the model and the hardware again, all in one question."
    )
    return Asked(route="other", question=question, open_text=told)


def _otherwise(answers: Source, asked: Asked, text: str) -> Asked:
    """What is said where nothing was found: what runs on the machine named, or that no question before is known."""
    question = asked.question
    found = asked.fits or asked.terms or asked.errors or asked.tools or asked.pages
    if found or asked.route == "diagnose" or len(text) > PLAIN_CHARS or question.model_text:
        return asked
    if question.ram_gib or names_no_model(question):
        best = best_there(answers, question)
        return replace(best, question=replace(question, intent="which_models"))
    return _follow_up(question) if is_follow_up(text) else asked


def _told(asked: Asked, stands: tuple[str, ...]) -> Asked:
    """The answer with what stood in for things nobody named said in it."""
    if not stands or not asked.fits:
        return asked
    return replace(asked, fits=tuple(replace(fit, assumptions=(*stands, *fit.assumptions)) for fit in asked.fits))


def _plainly_fit(text: str, question: FitQuestion) -> bool:
    """Whether a text names all that a fit answer takes, and asks for one."""
    if len(text) > PLAIN_CHARS or not question.model or not question.hardware:
        return False
    return route(text, question) == "fit" and not asks_to_train(text) and not asks_costs(text)


def _routed(answers: Source, text: str, said: str, question: FitQuestion, terms: Sequence[TermHit]) -> Asked:
    """The answer by its kind. `said` is what `text` asks, without courtesy; a log is read as it was pasted."""
    knowledge = answers.knowledge
    errors = answers.error_hits(text if len(said) > PLAIN_CHARS or "\n" in said else said)
    where = route(said, question, terms=tuple(h.score for h in terms), errors=tuple(h.confidence for h in errors))
    if where == "fit":
        named = tuple(
            knowledge.terms[hit.id] for hit in terms if hit.score >= NAMED_TERM and _says(said, hit, question)
        )
        if named and names_no_model(question) and not _asks_what_runs(said, question):
            return Asked(route="fit", question=question, terms=named, open_text=missing_in(question))
        asked = _fit(answers, question)
        tools = () if asked.fits or question.hardware else tools_to_set_up(said, knowledge.tools.values())
        return asked if asked.fits else replace(asked, terms=named, tools=tools)
    if where == "diagnose":
        found = tuple((knowledge.errors[hit.id], hit.confidence) for hit in errors)
        found = of_the_tool(found, question.engine)
        return replace(_out_of_memory(answers, text, question), route=where, errors=found)
    tools = tools_to_set_up(said, knowledge.tools.values())
    if len(terms) < len(compared := tools_compared(said, knowledge.tools.values())):
        tools = compared
    telling = worth_telling(said, terms, knowledge)
    meant = tuple(knowledge.terms[hit.id] for hit in telling) if where == "define" else ()
    return Asked(route=where, question=question, terms=meant, tools=tools)


def _says(text: str, hit: TermHit, question: FitQuestion) -> bool:
    """Whether a text says a term's name, and not as a part of its hardware's or model's."""
    names = [m.name for m in question.hardware] + [question.model_text or "", question.model or ""]
    return hit.matched in normalise(text) and not any(hit.matched in normalise(name) for name in names)


def _asks_what_runs(text: str, question: FitQuestion) -> bool:
    """Whether a text that names hardware wants to hear what runs there, whatever words it names besides."""
    if question.intent in ASKING_FOR_MODELS or len(alternatives(question)) > 1:
        return True
    return len(text) <= PLAIN_CHARS and asks_for_a_model(normalise(text))


def _out_of_memory(answers: Source, text: str, question: FitQuestion) -> Asked:
    """What the estimator says to a log of memory run out: the same model on the same device, and what would fit."""
    found = out_of_memory(answers, text, question)
    if found is None:
        return Asked(route="diagnose", question=question)
    fits = (found.fit,) if found.fit is not None else ()
    return Asked(route="diagnose", question=question, open_text=found.told, fits=fits)


def _fit(answers: Source, question: FitQuestion) -> Asked:
    if names_no_model(question):
        return best_there(answers, question)
    questions, said = with_stand_ins(answers, question)
    if names_no_hardware(question) and _says_model(questions[0]):
        return needs_for(answers, questions, said)
    if names_ram_alone(question) and _says_model(questions[0]):
        on_cpu = [without_card(asked) for asked in questions]
        questions, said = [asked for asked, _ in on_cpu], (*said, *on_cpu[0][1])
    if missing := missing_in(questions[0]):
        return Asked(route="fit", question=question, open_text=missing)
    if len(questions) == 1 and (counted := enough_of(answers, questions[0])) is not None:
        return replace(counted, fits=tuple(replace(f, assumptions=(*said, *f.assumptions)) for f in counted.fits))
    found: list[FitAnswer] = []
    problems: list[str] = []
    for one in (one for asked in questions for one in alternatives(asked)):
        try:
            found.extend(answers.fits_for(one))
        except KnowledgeError as error:  # still a fit question: what is wrong with it is its answer
            problems.append(said_of(error.message, error.hint))
    fits = tuple(replace(fit, assumptions=(*said, *fit.assumptions)) for fit in found[:4])
    return Asked(route="fit", question=question, fits=fits, open_text="" if fits else joined(problems))


def _says_model(question: FitQuestion) -> bool:
    return question.model is not None or any(choice.field == "model" for choice in question.ambiguous)
