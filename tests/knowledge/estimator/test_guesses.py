"""A guess decides where a search for the longest context begins, never what it finds."""

from __future__ import annotations

from itertools import islice

from knowledge.answers import Answers
from knowledge.estimator import looks
from knowledge.estimator.fit import Case
from knowledge.estimator.guesses import longest_near

from .test_looks import cases

STEP = 256


def several(answers: Answers, count: int, seed: int) -> list[Case]:
    """Cases on several devices."""
    found = cases(answers.knowledge, 8 * count, seed)
    return list(islice((case for case in found if case.budget and len(case.budget.free_bytes) > 1), count))


def test_the_search_ends_where_what_holds_no_longer_does(answers: Answers) -> None:
    """Buffers with copies may fall as the context grows, so what holds may end more than once: any end will do."""
    n_looks = n_ends = 0
    for case in several(answers, 60, 11):
        most = max(case.shape.n_ctx_train, case.shape.n_ctx_rope) // STEP
        for comfortable in (False, True):
            asked: list[int] = []

            def holds(n_steps: int, case: Case = case, asked: list[int] = asked, all_of_it: bool = comfortable) -> bool:
                asked.append(n_steps)
                context = looks.at_n_ctx(case.request.context, n_steps * STEP)
                return looks.easily_held(case, context=context) if all_of_it else looks.is_held(case, context=context)

            near = longest_near(case, holds, STEP, most, comfortable=comfortable)
            n_looks += len(asked)
            n_ends += 1
            assert near == 0 or holds(near), case.request
            assert near == most or not holds(near + 1), case.request
    assert n_looks < 5 * n_ends, "halving takes about nine"


def test_nothing_is_the_longest_of_no_steps(answers: Answers) -> None:
    case = several(answers, 1, 12)[0]
    assert longest_near(case, lambda _: True, STEP, 0, comfortable=False) == 0
    assert longest_near(case, lambda _: False, STEP, 40, comfortable=False) == 0
    assert longest_near(case, lambda n_steps: n_steps <= 1, STEP, 40, comfortable=True) == 1
