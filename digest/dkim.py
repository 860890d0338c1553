"""Signs mails (DKIM, RFC 6376 and 8463): RSA-2048 and Ed25519, by `cryptography`. It composes nothing.

relaxed/simple: header fields survive refolding; the body is quoted-printable without trailing blanks, which servers
have no reason to touch, and its hash is that of the very bytes sent. Fields are listed twice in `h=` so that nobody can
add a second From or List-Unsubscribe to a signed mail.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from knowledge.errors import BadInput

RSA_MIN_BITS: Final = 2048
_SPACES: Final = re.compile(rb"[ \t\r\n]+")
_SELECTOR: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?")
_B64_LINE: Final = 72


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key and the selector its public half is published under."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """The `a=` of its signatures."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, data: bytes) -> bytes:
        """Sign canonical data. Ed25519 signs its SHA-256, as RFC 8463 has it."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(data).digest())

    def record(self) -> str:
        """Return the TXT record to publish at SELECTOR._domainkey.DOMAIN."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode('ascii')}"
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode('ascii')}"


def load_key(selector: str, path: Path) -> DkimKey:
    """Load a private key in PEM. Raises BadInput that never shows any of it."""
    if not _SELECTOR.fullmatch(selector):
        raise BadInput("A DKIM selector is a host name's part.", subject="DIGEST_DKIM_KEYS", hint="Like s2026 or mail.")
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput(f"The DKIM key cannot be read: {why}.", subject=str(path)) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is left out on purpose: it may quote the key.
        raise BadInput(
            "The DKIM key is no private key in PEM without a password.", subject=str(path), hint=_HOW_TO
        ) from None
    if isinstance(private, RSAPrivateKey) and private.key_size >= RSA_MIN_BITS:
        return DkimKey(selector, private)
    if isinstance(private, Ed25519PrivateKey):
        return DkimKey(selector, private)
    raise BadInput(
        f"The DKIM key is neither RSA of {RSA_MIN_BITS} bits or more nor Ed25519.", subject=str(path), hint=_HOW_TO
    )


_HOW_TO: Final = "Make one with `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` or `-algorithm ed25519`."


def canonical(name: str, value: bytes) -> bytes:
    """Return a header field in relaxed form, with its line end."""
    return name.lower().encode("ascii") + b":" + _SPACES.sub(b" ", value).strip() + b"\r\n"


def body_hash(body: Sequence[bytes]) -> str:
    """Return the `bh=` of a body given in pieces, which ends in exactly one line end."""
    digest = hashlib.sha256()
    for piece in body:
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode("ascii")


class Signer:
    """Signs the fields named, in this order, for one domain with every key. The mail must have each of them once."""

    def __init__(self, domain: str, keys: Sequence[DkimKey], names: Sequence[str]) -> None:
        self._keys = tuple(keys)
        listed = [name.lower() for name in names for _ in range(2)]
        folded = ":".join(listed)
        lines: list[str] = [""]
        for part in folded.split(":"):
            if len(lines[-1]) + len(part) > _B64_LINE - 6:
                lines.append("")
            lines[-1] += part + ":"
        h = "\r\n ".join(lines).rstrip(":")
        self._heads = [
            f"v=1; a={key.algorithm}; c=relaxed/simple; d={domain};\r\n s={key.selector}; h={h};\r\n" for key in keys
        ]

    def sign(self, fields: bytes, body_hash: str, *, at_s: int) -> bytes:
        """Return the DKIM-Signature fields. `fields`: the named fields, canonical, in order; `at_s`: Unix time."""
        made = []
        for key, head in zip(self._keys, self._heads, strict=True):
            value = f"{head} t={at_s}; bh={body_hash};\r\n b=".encode("ascii")
            unsigned = fields + canonical("DKIM-Signature", value).removesuffix(b"\r\n")
            signature = base64.b64encode(key.sign(unsigned))
            folded = b"\r\n ".join(signature[at : at + _B64_LINE] for at in range(0, len(signature), _B64_LINE))
            made.append(b"DKIM-Signature: " + value + folded + b"\r\n")
        return b"".join(made)
