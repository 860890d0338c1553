"""Everything that can go wrong in `digest` and that a person can cause or mend.

    KnowledgeError (knowledge.errors)
    └── DigestError        base of this package's errors                        (exit 1)
        ├── SourceError    a source description is wrong: file, entry, field   (exit 2)
        ├── FeedError      a fetched document is no feed that can be trusted
        ├── RenderError    an issue cannot be rendered as it is
        │   └── MailTooBig its HTML is more than mail programs show
        ├── HeaderError    a value that cannot stand in a mail's header
        ├── TokenError     a link that is forged, expired or void
        └── MailerError    mails cannot leave, for now or (fatal) until somebody mends it

A failed source is data, not an exception: `collect` turns FeedError and FetchRefused into that source's record.
"""

from __future__ import annotations

from knowledge.errors import KnowledgeError


class DigestError(KnowledgeError):
    """Base of the package's errors; carries `subject` and `hint` like its parent."""

    code = "digest"


class SourceError(DigestError):
    """A source description cannot be used. `subject` is `file: id: field`."""

    code = "bad_source"
    exit_code = 2


class FeedError(DigestError):
    """A document that is no usable feed.

    `code` says why: empty, html, not_a_feed, too_big, hostile, bad_json, unreadable, no_links, no_headings; truncated
    stands beside the entries that were whole.
    """

    def __init__(self, code: str, message: str, *, subject: str = "", hint: str = "") -> None:
        super().__init__(message, subject=subject, hint=hint)
        self.code = code


class RenderError(DigestError):
    """An issue that cannot be rendered: too big, or a template asks for what is not there."""

    code = "render"


class MailTooBig(RenderError):
    """An issue whose HTML is more than mail programs show whole."""

    code = "too_big"


class HeaderError(DigestError):
    """A value with control characters, or too long, where a mail's header should be."""

    code = "bad_header"


class TokenError(DigestError):
    """A token that is not ours, for another purpose, expired, or void. Which of them is in `reason`."""

    code = "bad_token"

    def __init__(self, reason: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, subject="link", hint=hint)
        self.reason = reason


class MailerError(DigestError):
    """No connection to send on. `fatal`: trying again will not help before somebody changed something."""

    code = "mailer"

    def __init__(self, message: str, *, subject: str = "", hint: str = "", fatal: bool = False) -> None:
        super().__init__(message, subject=subject, hint=hint)
        self.fatal = fatal
