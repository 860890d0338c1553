"""Finds literal text that every match of a pattern must contain, so that a scan for literals can stand before RE2.

It reads the part of RE2's syntax that signatures use. Where it cannot be sure it says so (None), which only costs time:
the pattern is then tried on every text. It matches nothing itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ESCAPED_CLASS: Final = frozenset("dDwWsSbBAzpPQEnrtfvax0123456789")
MIN_LITERAL_CHARS: Final = 3
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _:,;'\"/<>=@#%&!~-]+(?![?*+{])")
"""Letters that mean themselves, as many as stand together; read at once."""


@dataclass(slots=True)
class _Node:
    """What is known of a piece of pattern: its exact text, or texts of which one must stand in every match."""

    exact: str | None
    needs: frozenset[str] | None


def required_literals(pattern: str) -> frozenset[str] | None:
    """Give lower-case texts of which every match of `pattern` holds at least one; None where there are none."""
    needs = _Reader(pattern).alternation().needs
    if not needs or min(len(text) for text in needs) < MIN_LITERAL_CHARS:
        return None
    return needs


def _strength(needs: frozenset[str] | None) -> int:
    return min((len(text) for text in needs), default=0) if needs else 0


class _Reader:
    """A recursive-descent reader over one pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def alternation(self) -> _Node:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        if all(branch.needs for branch in branches):
            return _Node(None, frozenset(text for branch in branches for text in branch.needs or ()))
        return _Node(None, None)

    def sequence(self) -> _Node:
        run, best, exact = "", frozenset[str](), True
        while self.peek() not in {"", "|", ")"}:
            if plain := _PLAIN.match(self.pattern, self.at):
                run += plain.group().lower()
                self.at = plain.end()
                continue
            atom = self.atom()
            low, high = self.quantifier()
            if atom.exact is not None and low == high == 1:
                run += atom.exact
                continue
            exact = False
            if low >= 1 and atom.exact is not None:
                run += atom.exact
            best = max(best, frozenset({run} if run else ()), key=_strength)
            if low >= 1 and atom.exact is None and atom.needs:
                best = max(best, atom.needs, key=_strength)
            run = ""
        best = max(best, frozenset({run} if run else ()), key=_strength)
        return _Node(run if exact else None, best or None)

    def atom(self) -> _Node:
        char = self.peek()
        self.at += 1
        if char == "(":
            return self.group()
        if char == "[":
            return self.char_class()
        if char == "\\":
            escaped = self.peek()
            self.at += 1
            return _Node(None, None) if escaped in _ESCAPED_CLASS else self.literal(escaped)
        if char in ".^$":
            return _Node("" if char in "^$" else None, None)
        return self.literal(char)

    @staticmethod
    def literal(char: str) -> _Node:
        lowered = char.lower()
        return _Node(lowered, frozenset({lowered})) if lowered.isascii() else _Node(None, None)

    def group(self) -> _Node:
        if self.peek() == "?":
            while self.peek() not in {":", ")", ">", ""}:
                self.at += 1
            self.at += 1
        node = self.alternation()
        self.at += 1
        return node

    def char_class(self) -> _Node:
        start = self.at
        while self.peek() not in {"]", ""} or self.at == start:
            self.at += 2 if self.peek() == "\\" else 1
        members = self.pattern[start : self.at]
        self.at += 1
        alike = {member.lower() for member in members}
        return self.literal(members[0]) if len(alike) == 1 and members.isalpha() else _Node(None, None)

    def quantifier(self) -> tuple[int, int]:
        low, high = {"?": (0, 1), "*": (0, 9), "+": (1, 9)}.get(self.peek(), (1, 1))
        if (low, high) != (1, 1):
            self.at += 1
        elif self.peek() == "{":
            end = self.pattern.find("}", self.at)
            low = 1 if self.pattern[self.at + 1 : self.at + 2] not in {"0", ","} else 0
            high, self.at = 9, end + 1
        if self.peek() == "?" and (low, high) != (1, 1):
            self.at += 1
        return low, high
