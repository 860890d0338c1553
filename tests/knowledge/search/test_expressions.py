"""Number expressions: found, checked, replaced, never evaluated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.expressions import FUNCTIONS, THRESHOLDS, Expression, ExpressionError, expressions, render


def test_expressions_are_found_in_order_with_their_arguments() -> None:
    text = 'a {{ weights_gib("m", "Q4_K_M") }} b {{kv_gib("m",8192,"f16")}} c'
    found = expressions(text)
    assert [(e.name, e.args) for e in found] == [("weights_gib", ("m", "Q4_K_M")), ("kv_gib", ("m", 8192, "f16"))]
    assert text[found[0].start : found[0].end] == '{{ weights_gib("m", "Q4_K_M") }}'
    assert render(text, lambda e: f"<{e.name}>") == "a <weights_gib> b <kv_gib> c"


@pytest.mark.parametrize(
    "text",
    [
        "{{ weights_gib('m', 'Q4') }}",
        '{{ weights_gib("m") }}',
        '{{ weights_gib("m", 4) }}',
        '{{ __import__("os") }}',
        '{{ weights_gib("m", "q").x }}',
        '{{ threshold("speed") }}',
        '{{ weights_gib("m", "q") ',
        "{{ }}",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        expressions(text)


def test_braces_of_json_are_no_expressions() -> None:
    assert expressions("""`--hf-overrides '{"rope_scaling":{"factor":4.0}}'`""") == ()


@pytest.mark.parametrize("name", THRESHOLDS)
def test_every_threshold_is_accepted(name: str) -> None:
    assert expressions(f'{{{{ threshold("{name}") }}}}')[0].args == (name,)


@given(st.sampled_from(sorted(FUNCTIONS)), st.data())
def test_every_function_reads_back_what_was_written(name: str, data: st.DataObject) -> None:
    words = st.text(alphabet="abcXYZ019.-_ ", max_size=20)
    args: tuple[str | int, ...] = tuple(
        data.draw(words) if kind is str else data.draw(st.integers(0, 10**8)) for _, kind in FUNCTIONS[name]
    )
    if name == "threshold":
        args = (data.draw(st.sampled_from(THRESHOLDS)),)
    written = ", ".join(f'"{arg}"' if isinstance(arg, str) else str(arg) for arg in args)
    text = f"{{{{ {name}({written}) }}}}"
    assert expressions(text) == (Expression(name, args, 0, len(text)),)
