"""What is wrong with a body, as a list of problems with their place, and Discord's way of saying it. Pure.

The rules themselves stand in limits_*.py; here are the few checks they are made of. Lengths are counted in UTF-16
units, the strictest reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken: where, the API's code for it, and what was expected."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'body'}: {self.message}"


def invalid_form(problems: Iterable[Problem]) -> dict[str, Any]:
    """The body of a 400: code 50035, each problem under its path."""
    errors: dict[str, Any] = {}
    for problem in problems:
        at = errors
        for step in problem.path:
            at = at.setdefault(str(step), {})
        at.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return {"code": 50035, "message": "Invalid Form Body", "errors": errors}


def units(text: str) -> int:
    """Length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a JSON integer."""
    return isinstance(value, int) and not isinstance(value, bool)


def text(path: Path, value: object, low: int, high: int, *, blank: bool = False) -> Iterator[Problem]:
    """`value` is a string of `low` to `high` characters, not all of them `blank`; absent counts as empty."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        yield Problem(path, "BASE_TYPE_STRING", f"Must be a string, not {type(value).__name__}.")
        return
    n = units(value)
    if low > 0 and not (value if blank else value.strip()):
        yield Problem(path, "BASE_TYPE_REQUIRED", "This field is required.")
    elif n > high:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length, not {n}.")
    elif n < low:
        yield Problem(path, "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length, not {n}.")


def whole(path: Path, value: object, low: int, high: int) -> Iterator[Problem]:
    """`value` is absent or an integer in the range."""
    if value is None:
        return
    if not is_whole(value):
        yield Problem(path, "NUMBER_TYPE_COERCE", f"Value {str(value)[:40]!r} is not int.")
    elif not low <= value <= high:
        yield Problem(path, "NUMBER_TYPE_RANGE", f"Must be between {low} and {high}, not {value}.")


def one_of(path: Path, value: object, allowed: Collection[object]) -> Iterator[Problem]:
    """`value` is one of a few plain ones."""
    if isinstance(value, list | dict) or value not in allowed:
        yield Problem(
            path, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(map(str, allowed))}, not {str(value)[:40]!r}."
        )


def items(path: Path, value: object, low: int, high: int, found: list[Problem]) -> list[dict[str, Any]]:
    """The objects of a list of `low` to `high`; what is no such list goes to `found`. Absent counts as empty."""
    value = [] if value is None else value
    if not isinstance(value, list):
        found.append(Problem(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType."))
        return []
    if not low <= len(value) <= high:
        found.append(Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must have {low} to {high} items, not {len(value)}."))
    bad = [n for n, one in enumerate(value) if not isinstance(one, dict)]
    found += [Problem((*path, n), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.") for n in bad]
    return [one if isinstance(one, dict) else {} for one in value]


def unique(path: Path, values: Iterable[object], what: str) -> Iterator[Problem]:
    """No value stands twice; None is no value."""
    seen: set[object] = set()
    for value in values:
        if value is None:
            continue
        if value in seen:
            yield Problem(path, "DUPLICATE", f"{what} {str(value)[:60]!r} is used twice.")
        seen.add(value)


def url(
    path: Path, value: object, schemes: Collection[str] = ("http", "https", "attachment"), most: int = 2048
) -> Iterator[Problem]:
    """`value` is a link with one of the schemes."""
    yield from text(path, value, 1, most)
    if isinstance(value, str) and value and value.partition("://")[0] not in schemes:
        yield Problem(path, "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of {sorted(schemes)}.")
