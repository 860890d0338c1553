"""Takes secrets out of pasted text before it is echoed or stored: tokens, home folders, mail and network addresses.

It cannot know every secret; it removes the forms that logs of local AI tools show. The text stays readable.
"""

from __future__ import annotations

from typing import Any, Final

import re2

_RULES: Final[tuple[tuple[str, str], ...]] = (
    (r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(-----END [A-Z ]{0,30}PRIVATE KEY-----)?", "<private key>"),
    (r"\bhf_[A-Za-z0-9]{8,}", "<Hugging Face token>"),
    (r"\bsk-[A-Za-z0-9_\-]{8,}", "<API key>"),
    (r"\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{16,}", "<GitHub token>"),
    (
        r"\bglpat-[A-Za-z0-9_\-]{16,}|\bxox[abprs]-[A-Za-z0-9\-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_\-]{30,}",
        "<token>",
    ),
    (r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*", "<token>"),
    (r"\b[MNO][A-Za-z0-9_\-]{22,35}\.[A-Za-z0-9_\-]{6,7}\.[A-Za-z0-9_\-]{27,45}", "<Discord token>"),
    (r"(?i)\b(authorization:\s*(?:bearer|basic)|bearer)\s+[A-Za-z0-9._~+/=\-]{8,}", r"\1 <token>"),
    (
        r"(?i)\b([a-z_]{0,30}(?:api_?key|token|secret|password|passwd))(\s*[=:]\s*)[\"']?[^\s\"'<>,;]{6,}",
        r"\1\2<secret>",
    ),
    (r"(?i)(://)[^/\s:@]{1,60}:[^/\s@]{1,100}@", r"\1<secret>@"),
    (r"\b[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,60}(\.[A-Za-z0-9\-]{1,60}){1,6}\b", "<mail address>"),
    (r"(/home/|/Users/|/mnt/[a-z]/Users/|/media/)[^/\s:'\"]{1,64}", r"\1<user>"),
    (r"(?i)([a-z]:(?:\\|/){1,2}Users(?:\\|/){1,2})[^\\/\s:'\"]{1,64}", r"\1<user>"),
    (r"\b([0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\b", "<address>"),
)
_IPV4: Final = r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b"
_LOCAL: Final = ("127.", "0.0.0.0", "255.")  # noqa: S104 - compared with, never bound to


def _compile(pattern: str) -> Any:  # noqa: ANN401 - re2 ships no types
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


_COMPILED: Final = tuple((_compile(pattern), replacement) for pattern, replacement in _RULES)
_COMPILED_IPV4: Final = _compile(_IPV4)


def redact(text: str) -> str:
    """Replace what may be secret or private in `text`; runs in linear time. Loopback addresses stay."""
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    return str(_COMPILED_IPV4.sub(_address, text))


def _address(match: Any) -> str:  # noqa: ANN401 - re2 ships no types
    whole = str(match.group(0))
    parts = [int(part) for part in match.groups()]
    return whole if whole.startswith(_LOCAL) or max(parts) > 255 or max(parts[:2]) < 10 else "<address>"
