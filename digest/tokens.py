"""Signed tokens: links that confirm, unsubscribe and open preferences; return paths that name their mail; Message-IDs.

A token says for whom and for what, and nothing else: it changes nothing by itself, and whether its version is still the
subscriber's is the store's to say. Keys may be several: the first signs, all verify, so that one is changed in peace.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from itsdangerous import BadSignature, TimestampSigner

from digest.errors import TokenError

Purpose = Literal["confirm", "unsubscribe", "preferences"]

MAX_AGE_S: Final[dict[Purpose, int | None]] = {
    "confirm": 48 * 3600,
    "unsubscribe": None,  # whoever finds a mail of years ago may still leave
    "preferences": 90 * 24 * 3600,
}
TOKEN_MAX_CHARS: Final = 200
_VERP: Final = re.compile(r"([0-9a-z]{1,13})-(\d{4})-([a-z2-7]{16})", re.IGNORECASE)
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says: whose it is, and the version its subscriber had when it was made."""

    subscriber_id: int
    version: int


class Tokens:
    """Makes and reads tokens. `keys` newest first; at least one."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("tokens need a key")
        oldest_first = [key.encode() for key in reversed(keys)]
        self._keys = [key.encode() for key in keys]
        self._signers = {
            purpose: TimestampSigner(oldest_first, salt=f"digest {purpose}", digest_method=hashlib.sha256)
            for purpose in MAX_AGE_S
        }

    def make(self, purpose: Purpose, subscriber_id: int, version: int) -> str:
        """Return a token; letters, digits, `-`, `_` and `.` only."""
        return self._signers[purpose].sign(f"{_base36(subscriber_id)}-{_base36(version)}").decode("ascii")

    def read(self, purpose: Purpose, token: str) -> Claim:
        """Return what a token says. Raises TokenError: `forged` or `expired`.

        One that was made later than now is good: another machine's clock is ahead, or this one's was set back.
        """
        signer, max_age_s = self._signers[purpose], MAX_AGE_S[purpose]
        try:
            said, made_at = signer.unsign(token[:TOKEN_MAX_CHARS], return_timestamp=True)
            subscriber_id, version = (int(part, 36) for part in said.decode("ascii").split("-"))
        except (BadSignature, TypeError, ValueError) as error:
            raise TokenError("forged", "This link is not one of ours.", hint="Copy it whole from the mail.") from error
        if max_age_s is not None and signer.get_timestamp() - made_at.timestamp() > max_age_s:
            raise TokenError("expired", "This link has expired.", hint="Ask for a new one.")
        return Claim(subscriber_id, version)

    def return_path(self, mailbox: str, month: str, subscriber_id: int) -> str:
        """Return the envelope sender of one mail: `mailbox` (`bounces@example.org`) with the mail named after a plus.

        Case does not matter in it: some servers change it.
        """
        local, _, domain = mailbox.rpartition("@")
        named = f"{_base36(subscriber_id)}-{month[2:4]}{month[5:7]}"
        return f"{local}+{named}-{_short_mac(self._keys[0], named)}@{domain}"

    def read_return_path(self, address: str) -> tuple[str, int] | None:
        """Return (month, subscriber id) that a return path names, None where it is none of ours."""
        found = _VERP.fullmatch(address.rpartition("@")[0].rpartition("+")[2])
        if found is None:
            return None
        named = f"{found[1]}-{found[2]}".lower()
        if not any(hmac.compare_digest(_short_mac(key, named), found[3].lower()) for key in self._keys):
            return None
        return f"20{found[2][:2]}-{found[2][2:]}", int(found[1], 36)


class Links:
    """The addresses mailed to a subscriber. A GET of any of them changes nothing; the pages behind them do, on POST."""

    def __init__(self, public_url: str, tokens: Tokens) -> None:
        self._public_url = public_url
        self._tokens = tokens

    def to(self, purpose: Purpose, subscriber_id: int, version: int) -> str:
        """Return `PUBLIC_URL/PURPOSE/TOKEN`."""
        return f"{self._public_url}/{purpose}/{self._tokens.make(purpose, subscriber_id, version)}"


def message_id(message_key: str, month: str, subscriber_id: int, domain: str) -> str:
    """Return the Message-ID (without brackets) of an issue for a subscriber: the same however often it is made.

    It is keyed by the run, so that it tells nobody who the subscriber is and no change of secrets alters it.
    """
    mac = hmac.digest(bytes.fromhex(message_key), f"{month} {subscriber_id}".encode(), "sha256")
    return f"{base64.b32encode(mac[:20]).decode('ascii').lower()}.{month}@{domain}"


def _short_mac(key: bytes, named: str) -> str:
    mac = hmac.digest(key, f"return path {named}".encode(), "sha256")
    return base64.b32encode(mac[:10]).decode("ascii").lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
    return digits or "0"
