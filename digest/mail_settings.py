"""Settings of sending, read from what `settings` hands over; every bad value is found, not only the first.

No secret is ever part of a message or a representation. Nothing is opened here but the question whether files exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Literal, TypeVar

from knowledge.errors import BadInput
from knowledge.store.delivery_rows import Lane

Security = Literal["starttls", "tls", "none"]
SECRET_MIN_CHARS: Final = 32
ALL_LANES: Final = "*"
TEST_TO_MAX: Final = 10

_BARE: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_LIMIT: Final = re.compile(r"(\d{1,9})/(\d{1,6})(?::(\d{1,3}))?")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how to connect. `ca_file` empty: the system's authorities. The password is never shown."""

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    hello_name: str = ""
    connections: int = 10
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mails leave and in whose name. `server` None: they are written into a folder. `lanes` are the limits.

    `secrets` newest first. `dkim_files` are (selector, file of the private key). What sending needs and is not set is
    named by `missing`.
    """

    server: SmtpServer | None = None
    from_address: str = ""
    from_name: str = "RUNLOCALAI"
    reply_to: str = ""
    bounces: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    dkim_domain: str = ""
    dkim_files: tuple[tuple[str, Path], ...] = ()
    lanes: tuple[Lane, ...] = ()
    lease_s: float = 60.0
    test_to: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of settings without which no mail can be composed."""
        needed = {"DIGEST_FROM": self.from_address, "DIGEST_SECRET": self.secrets}
        return tuple(name for name, value in needed.items() if not value)

    def require(self) -> None:
        """Raise BadInput naming everything that sending needs and nobody set."""
        if self.missing:
            names = " and ".join(self.missing)
            hint = f"DIGEST_FROM is an address like 'Name <digest@example.org>'; {_SECRET_HINT}"
            raise BadInput(f"To send mails, set {names}.", subject=", ".join(self.missing), hint=hint)


_SECRET_HINT: Final = (
    f"DIGEST_SECRET is {SECRET_MIN_CHARS} random characters or more (`openssl rand -hex 32`), several with commas "
    "between, newest first."
)


class Problems:
    """Collects what is wrong with settings, so that an operator mends all of it at once."""

    def __init__(self) -> None:
        self.found: list[BadInput] = []

    def read(self, name: str, source: Mapping[str, str], default: str, parse: Callable[[str], _T], hint: str) -> _T:
        """Return what `parse` makes of a setting; where it raises ValueError, note it and go on with the default.

        The message is the ValueError's own words and never repeats the value, which may be a secret.
        """
        text = source.get(name, "").strip()
        if text:
            try:
                return parse(text)
            except ValueError as error:
                self.found.append(BadInput(f"{name} {error}.", subject=name, hint=hint))
        return parse(default)

    def raise_all(self) -> None:
        """Raise one BadInput that tells all of them, if there are any."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            said = [f"{problem.message} {problem.hint}".rstrip() for problem in self.found]
            raise BadInput(
                "\n  ".join([f"{len(said)} settings cannot be used.", *said]),
                subject=", ".join(problem.subject for problem in self.found),
            )


def read_mail_settings(source: Mapping[str, str], problems: Problems) -> MailSettings:
    """Read the settings of sending; what is wrong goes to `problems`."""
    name, sender = problems.read("DIGEST_FROM", source, "", _named_address, "Like 'RUNLOCALAI <digest@example.org>'.")
    bare = "Give a bare address like digest@example.org."
    limit = problems.read("DIGEST_SEND_LIMIT", source, "", _limit, "Like 10000/3600: mails in so many seconds.")
    lanes = problems.read(
        "DIGEST_DOMAIN_LIMITS", source, "", _lanes, "Like 'gmail.com+googlemail.com=600/60:4, yahoo.com=100/60:2'."
    )
    return MailSettings(
        server=_server(source, problems),
        from_address=sender,
        from_name=name or "RUNLOCALAI",
        reply_to=problems.read("DIGEST_REPLY_TO", source, "", _bare_or_empty, bare),
        bounces=problems.read("DIGEST_BOUNCES", source, "", _bare_or_empty, bare) or sender,
        secrets=problems.read("DIGEST_SECRET", source, "", _secrets, _SECRET_HINT),
        dkim_domain=problems.read("DIGEST_DKIM_DOMAIN", source, "", _host_or_empty, "Like example.org.")
        or sender.rpartition("@")[2],
        dkim_files=problems.read("DIGEST_DKIM_KEYS", source, "", _key_files, "Like 's1=keys/rsa.pem,s2=keys/ed.pem'."),
        lanes=(*lanes, *limit),
        test_to=problems.read("DIGEST_TEST_TO", source, "", _addresses, "Like 'a@example.org, b@example.org'."),
        lease_s=problems.read("DIGEST_LEASE_S", source, "60", _between(2, 600), "Give seconds between 2 and 600."),
    )


def _server(source: Mapping[str, str], problems: Problems) -> SmtpServer | None:
    host = problems.read("SMTP_HOST", source, "", _host_or_empty, "Give the mail server's name, like smtp.example.org.")
    if not host:
        return None
    security = problems.read("SMTP_SECURITY", source, "starttls", _security, "Give starttls, tls or none.")
    if security == "none" and host not in _LOOPBACK:
        hint = "Only a server on this machine may be reached without TLS."
        problems.found.append(BadInput("SMTP_SECURITY is none.", subject="SMTP_SECURITY", hint=hint))
    usual = {"tls": "465", "starttls": "587", "none": "25"}[security]
    user, password = source.get("SMTP_USER", "").strip(), source.get("SMTP_PASSWORD", "")
    if bool(user) != bool(password) or not user.isprintable():
        hint = "Set both or neither."
        problems.found.append(BadInput("SMTP_USER and SMTP_PASSWORD belong together.", subject="SMTP_USER", hint=hint))
    return SmtpServer(
        host=host,
        port=int(problems.read("SMTP_PORT", source, usual, _between(1, 65535), "Give a port.")),
        security=security,
        user=user,
        password=password,
        ca_file=problems.read("SMTP_CA_FILE", source, "", _file_or_empty, "Give a file of PEM certificates."),
        hello_name=problems.read("SMTP_HELLO", source, "", _host_or_empty, "Give this machine's public name."),
        connections=int(problems.read("SMTP_CONNECTIONS", source, "10", _between(1, 100), "Give 1 to 100.")),
        timeout_s=problems.read("SMTP_TIMEOUT_S", source, "60", _between(1, 600), "Give seconds between 1 and 600."),
    )


def _named_address(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    name, address = parseaddr(text)
    if not _BARE.fullmatch(address) or not text.isprintable() or len(name) > 100:
        raise ValueError("is not an address with or without a name")
    return name, address


def _bare_or_empty(text: str) -> str:
    if text and not _BARE.fullmatch(text):
        raise ValueError("is not a bare address")
    return text


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if len(found) > TEST_TO_MAX or not all(map(_BARE.fullmatch, found)):
        raise ValueError(f"is no list of at most {TEST_TO_MAX} bare addresses")
    return found


def _host_or_empty(text: str) -> str:
    if text and not _HOST.fullmatch(text):
        raise ValueError("is not a host's name")
    return text.lower()


def _file_or_empty(text: str) -> str:
    if text and not Path(text).is_file():
        raise ValueError("names no file")
    return text


def _secrets(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if any(len(key) < SECRET_MIN_CHARS or len(set(key)) < 8 for key in keys):
        raise ValueError(f"has a key that is shorter than {SECRET_MIN_CHARS} characters or too plain")
    return keys


def _key_files(text: str) -> tuple[tuple[str, Path], ...]:
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    if any(not selector or not path for selector, _, path in pairs):
        raise ValueError("is not a list of selector=file")
    if any(not Path(path).is_file() for _, _, path in pairs):
        raise ValueError("names a file that is not there")
    return tuple((selector, Path(path)) for selector, _, path in pairs)


def _security(text: str) -> Security:
    for known in ("starttls", "tls", "none"):
        if text.lower() == known:
            return known
    raise ValueError("is none of starttls, tls, none")


def _between(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = float(text) if re.fullmatch(r"\d{1,7}(?:\.\d{1,3})?", text) else low - 1
        if not low <= number <= high:
            raise ValueError(f"is not a number from {low:g} to {high:g}")
        return number

    return parse


def _limit(text: str) -> tuple[Lane, ...]:
    if not text:
        return ()
    found = _LIMIT.fullmatch(text)
    if found is None or not int(found[1]) or not int(found[2]):
        raise ValueError("is not a number of mails in a number of seconds")
    return (Lane(name=ALL_LANES, limit=int(found[1]), window_s=int(found[2])),)


def _lanes(text: str) -> tuple[Lane, ...]:
    lanes = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        names, _, limit = part.partition("=")
        domains = tuple(name.strip().lower() for name in names.split("+"))
        found = _LIMIT.fullmatch(limit.strip())
        if found is None or not int(found[1]) or not int(found[2]) or not all(map(_HOST.fullmatch, domains)):
            raise ValueError("is not a list of domains with their limits")
        at_once = int(found[3]) if found[3] else None
        lanes.append(
            Lane(name=domains[0], domains=domains, limit=int(found[1]), window_s=int(found[2]), at_once=at_once)
        )
    if len({domain for lane in lanes for domain in lane.domains}) != sum(len(lane.domains) for lane in lanes):
        raise ValueError("names a domain twice")
    return tuple(lanes)
