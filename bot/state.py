"""What a card was asked, packed and signed into the 100 characters of a `custom_id`: cards outlive every process.

    custom_id = op + payload + "." + MAC        op: one letter, what a press means (bot.presses lists them)

Names travel as 5-byte hashes of their ids, so that they survive a restart, another process and a changed catalogue.
The MAC covers op and payload, and the person where a press changes something for somebody. Pure: no clock, no Discord.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.text import units
from knowledge.catalog import Knowledge

LONGEST: Final = 100
VERSION: Final = 2
HASH_BYTES: Final = 5
MAC_BYTES: Final = 6
MOST_DEVICES: Final = 4
_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")
ENGINES: Final = ("llama.cpp", "ollama", "lm-studio", "vllm", "mlx", "exllamav3", "transformers")
CACHE_TYPES: Final = ("f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl", "bf16", "f32", "fp8")
USES: Final = ("chat", "code", "reasoning", "vlm", "embedding")
"""Positions in these go into packed states: append only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with every name resolved. `devices`: (id, count, memory in MiB or 0 for the usual).

    Empty text, 0 and () mean "not said". `more` shows the further selects.
    """

    model: str = ""
    devices: tuple[tuple[str, int, int], ...] = ()
    quant: str = ""
    n_ctx: int = 0
    ram_mib: int = 0
    engine: str = ""
    type_kv: str = ""
    use: str = ""
    more: bool = False


class Codes:
    """The hashes of all ids of a snapshot, there and back."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._ids = _by_hash((*knowledge.models, *knowledge.devices, *knowledge.quants))

    def pack(self, asked: Asked) -> bytes | None:
        """A question as bytes; None where it does not fit into a `custom_id`."""
        if len(asked.devices) > MOST_DEVICES:
            return None
        flags = (1 if asked.more else 0) | len(asked.devices) << 1
        fixed = bytes((VERSION, flags, _place(ENGINES, asked.engine), _place(CACHE_TYPES, asked.type_kv)))
        parts = [fixed, bytes((_place(USES, asked.use),)), code_of(asked.model), code_of(asked.quant)]
        parts += [_varint(asked.n_ctx), _varint(asked.ram_mib)]
        for id_, count, mib in asked.devices:
            parts += [code_of(id_), _varint(count), _varint(mib)]
        packed = b"".join(parts)
        return packed if len(packed) <= 62 else None

    def unpack(self, packed: bytes) -> Asked:
        """The question in the bytes. Raises ValueError where they are none, LookupError where a name is gone."""
        if len(packed) < 5 + 2 * HASH_BYTES or packed[0] != VERSION:
            raise ValueError("another version")
        flags, engine, cache, use = packed[1:5]
        at = 5 + 2 * HASH_BYTES
        model, quant = self._id(packed[5 : 5 + HASH_BYTES]), self._id(packed[5 + HASH_BYTES : at])
        n_ctx, at = _read_varint(packed, at)
        ram_mib, at = _read_varint(packed, at)
        devices = []
        for _ in range(flags >> 1 & 7):
            id_ = self._id(packed[at : at + HASH_BYTES])
            count, at = _read_varint(packed, at + HASH_BYTES)
            mib, at = _read_varint(packed, at)
            devices.append((id_, count, mib))
        return Asked(
            model=model, quant=quant, n_ctx=n_ctx, ram_mib=ram_mib, devices=tuple(devices), more=bool(flags & 1),
            engine=_at(ENGINES, engine), type_kv=_at(CACHE_TYPES, cache), use=_at(USES, use),
        )  # fmt: skip

    def _id(self, code: bytes) -> str:
        return self._ids[code]


def with_more(packed: bytes, *, more: bool) -> bytes:
    """A packed question with the further selects shown or not."""
    return bytes((packed[0], packed[1] & ~1 | more)) + packed[2:]


def state_text(packed: bytes) -> str:
    """A packed question as it stands in a `custom_id`."""
    return _base64(packed)


@lru_cache(maxsize=512)
def code_of(id_: str) -> bytes:
    """The hash an id travels as; five bytes of nothing for no id."""
    return hashlib.blake2b(id_.encode(), digest_size=HASH_BYTES).digest() if id_ else bytes(HASH_BYTES)


def _by_hash(ids: Iterable[str]) -> Mapping[bytes, str]:
    return {bytes(HASH_BYTES): ""} | {code_of.__wrapped__(id_): id_ for id_ in ids}


def _place(known: tuple[str, ...], one: str) -> int:
    return known.index(one) + 1 if one in known else 0


def _at(known: tuple[str, ...], place: int) -> str:
    return known[place - 1] if 0 < place <= len(known) else ""


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _read_varint(packed: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(packed) and shift < 64:
        byte = packed[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
    raise ValueError("cut off")


class Signer:
    """Makes and reads `custom_id`s under one key."""

    def __init__(self, key: bytes) -> None:
        own = hashlib.blake2b(key, digest_size=32, person=b"custom ids").digest()
        self._keyed = hashlib.blake2b(digest_size=MAC_BYTES, key=own)

    def sign(self, op: str, payload: str | bytes = "", user_id: int = 0) -> str:
        """The `custom_id` of a press; bound to a person where one is given. Raises ValueError beyond 100 characters."""
        text = payload if isinstance(payload, str) else _base64(payload)
        made = f"{op}{text}.{self._mac(op, text, user_id)}"
        if units(made) > LONGEST or len(op) != 1:
            raise ValueError("too long for a custom_id")
        return made

    def read(self, custom_id: str, user_id: int = 0) -> tuple[str, str] | None:
        """The op and payload of a `custom_id` that this key signed for everybody or for this person; else None."""
        body, _, mac = custom_id.rpartition(".")
        if not body or not body.isascii() or not mac.isascii():
            return None
        op, payload = body[0], body[1:]
        for owner in (0, user_id):
            if hmac.compare_digest(self._mac(op, payload, owner), mac):
                return op, payload
        return None

    def bound(self, custom_id: str, user_id: int) -> bool:
        """Whether a `custom_id` was signed for this person alone."""
        body, _, mac = custom_id.rpartition(".")
        return bool(body) and hmac.compare_digest(self._mac(body[0], body[1:], user_id).encode(), mac.encode())

    def _mac(self, op: str, payload: str, user_id: int) -> str:
        mac = self._keyed.copy()
        mac.update(f"{op}\0{payload}\0{user_id or ''}".encode())
        return _base64(mac.digest())


def payload_bytes(payload: str) -> bytes:
    """A payload that was bytes. Raises ValueError where it is none."""
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_URLSAFE, b"=").decode()
