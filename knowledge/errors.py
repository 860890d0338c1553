"""Everything that can go wrong in `knowledge` and that a person can cause or mend.

    KnowledgeError
    ├── BadInput          a value out of range or of the wrong kind       (exit 2)
    │   ├── UnknownName   no model, device, quant, term of that name      (exit 2, nearest names as choices)
    │   └── Ambiguous     a name that may mean several things             (exit 2, the candidates as choices)
    ├── Unanswerable      the question is clear, the facts are missing    (exit 1)
    ├── ContentError      a content file is wrong: file, field, what is valid
    ├── StoreError        the database is absent, too old or unreachable
    └── FetchRefused      knowledge.net would not or could not fetch an address

Each carries a `subject` (what it is about) and a `hint` (what to do). Bugs are not in this tree: they raise plainly.
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of the tree. `message` says what is wrong, `subject` with what, `hint` what to do about it."""

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, *, subject: str = "", hint: str = "", choices: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.hint = hint
        self.choices = choices

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(KnowledgeError):
    """A value that cannot be worked with; `hint` names the valid range."""

    code = "bad_input"
    exit_code = 2


class UnknownName(BadInput):
    """No such model, device, quant or term; `choices` are the nearest names, best first."""

    def __init__(self, kind: str, name: str, *, choices: tuple[str, ...] = ()) -> None:
        hint = f"Did you mean {', '.join(choices[:3])}?" if choices else "Nothing known comes near."
        super().__init__(f"No {kind} called '{name[:80]}'.", subject=name[:80], hint=hint, choices=choices)
        self.code = f"unknown_{kind}"


class Ambiguous(BadInput):
    """A name that means several things; `choices` are their ids."""

    code = "ambiguous"


class Unanswerable(KnowledgeError):
    """The question is understood but a needed fact is unknown; nothing is guessed."""

    code = "unanswerable"


class ContentError(KnowledgeError):
    """A content file is wrong. `subject` is `file: field`."""

    code = "content"


class StoreError(KnowledgeError):
    """The store cannot be used as it is."""

    code = "store"


class FetchRefused(KnowledgeError):
    """An address was refused or did not answer within the caps.

    `reason`: refused (we do not go there), unreachable, timeout, redirects, too_big, damaged (the body), failed.
    """

    code = "fetch_refused"

    def __init__(self, message: str, *, subject: str = "", reason: str = "failed") -> None:
        super().__init__(message, subject=subject)
        self.reason = reason
