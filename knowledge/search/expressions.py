"""Number expressions of glossary entries, `{{ name("arg", 8192) }}`: found, parsed and checked here.

It does not compute them: whoever renders an entry asks the estimator for the value of each parsed expression. Nothing
is evaluated as code; an expression is a known name with literal arguments, and anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

Arg = str | int
Functions = Mapping[str, tuple[tuple[str, type[Arg]], ...]]
"""Names of expressions with their arguments in order."""
_TEXT: Final = str
_COUNT: Final = int

FUNCTIONS: Final[Functions] = {
    "decode_tok_s": (("model", _TEXT), ("quant", _TEXT), ("device", _TEXT)),
    "prefill_tok_s": (("model", _TEXT), ("quant", _TEXT), ("device", _TEXT)),
    "ttft_s": (("model", _TEXT), ("quant", _TEXT), ("device", _TEXT), ("n_prompt", _COUNT)),
    "max_n_ctx": (("model", _TEXT), ("quant", _TEXT), ("device", _TEXT)),
    "total_gib": (("model", _TEXT), ("quant", _TEXT), ("device", _TEXT), ("n_ctx", _COUNT)),
    "weights_gib": (("model", _TEXT), ("quant", _TEXT)),
    "file_gib": (("model", _TEXT), ("quant", _TEXT)),
    "kv_gib": (("model", _TEXT), ("n_ctx", _COUNT), ("type", _TEXT)),
    "bandwidth_gb_s": (("device", _TEXT),),
    "threshold": (("name", _TEXT),),
}
"""Every expression an entry may hold, with its arguments in order. All render with unit (`62 tok/s`, `4.6 GiB`)."""

THRESHOLDS: Final = (
    "realtime_low_ms",
    "realtime_high_ms",
    "voice_ms",
    "completion_ms",
    "chat_slow_tok_s",
    "chat_fluid_tok_s",
)
"""The names `threshold(...)` knows; the values live with the product's verdicts, not here."""

_BRACES = re.compile(r"\{\{(.{0,200}?)\}\}", re.DOTALL)
_CALL = re.compile(r"\s*([a-z_0-9]+)\(([^()]*)\)\s*")
_ARG = re.compile(r'"([^"]*)"|(\d{1,9})')


@dataclass(frozen=True, slots=True)
class Expression:
    """One parsed expression: its function and literal arguments, and where in the text it stands."""

    name: str
    args: tuple[Arg, ...]
    start: int
    end: int


class ExpressionError(ValueError):
    """An expression that cannot be rendered; the message says which and what is valid."""


def expressions(text: str, functions: Functions = FUNCTIONS) -> tuple[Expression, ...]:
    """All expressions in `text`, in order; raises ExpressionError for the first one that is not valid."""
    if "{{" in _BRACES.sub("", text):
        raise ExpressionError("an expression is not closed: every {{ needs its }}")
    return tuple(_parse(match, functions) for match in _BRACES.finditer(text))


def render(text: str, value: Callable[[Expression], str], functions: Functions = FUNCTIONS) -> str:
    """Replace every expression in `text` by what `value` says for it; raises ExpressionError as `expressions` does."""
    parts: list[str] = []
    at = 0
    for expression in expressions(text, functions):
        parts += [text[at : expression.start], value(expression)]
        at = expression.end
    return "".join([*parts, text[at:]])


def _parse(match: re.Match[str], functions: Functions) -> Expression:
    call = _CALL.fullmatch(match[1])
    if call is None or call[1] not in functions:
        raise ExpressionError(f"{match[0]} is none of: {', '.join(f'{name}(…)' for name in functions)}")
    expected = functions[call[1]]
    signature = f"{call[1]}({', '.join(name for name, _ in expected)})"
    args = tuple(_argument(part.strip(), match[0]) for part in call[2].split(",")) if call[2].strip() else ()
    if [type(arg) for arg in args] != [kind for _, kind in expected]:
        raise ExpressionError(f"{match[0]} must be {signature}: names in double quotes, counts as plain integers")
    if call[1] == "threshold" and args[0] not in THRESHOLDS:
        raise ExpressionError(f"{match[0]}: the thresholds are {', '.join(THRESHOLDS)}")
    return Expression(call[1], args, match.start(), match.end())


def _argument(text: str, whole: str) -> Arg:
    match = _ARG.fullmatch(text)
    if match is None:
        raise ExpressionError(f'{whole}: an argument is "text" in double quotes or a plain integer, not {text[:40]}')
    return match[1] if match[1] is not None else int(match[2])
