"""Questions packed and signed: they come back as they were, fit into an id, and cannot be made up or borrowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.state import CACHE_TYPES, ENGINES, LONGEST, USES, Asked, Codes, Signer, code_of, payload_bytes
from knowledge.catalog import Knowledge
from knowledge.content_loader import load_content
from knowledge.settings import CONTENT_DIR
from tests.bot.samples import DEVICE, MODEL

SMALL = Knowledge(
    models={MODEL.id: MODEL}, devices={DEVICE.id: DEVICE}, quants={}, aliases=(), terms={}, errors={}, tools={},
    content_version="",
)  # fmt: skip
CODES = Codes(SMALL)
SIGNER = Signer(b"a key")
DEVICES = st.lists(st.tuples(st.just(DEVICE.id), st.integers(1, 16), st.integers(0, 16_777_216)), max_size=4).map(tuple)
ASKED = st.builds(
    Asked,
    model=st.sampled_from(["", MODEL.id]),
    devices=DEVICES,
    n_ctx=st.integers(0, 16_777_216),
    ram_mib=st.integers(0, 16_777_216),
    engine=st.sampled_from(["", *ENGINES]),
    type_kv=st.sampled_from(["", *CACHE_TYPES]),
    use=st.sampled_from(["", *USES]),
    more=st.booleans(),
)


@given(ASKED)
def test_a_question_comes_back_as_it_was_and_fits(asked: Asked) -> None:
    packed = CODES.pack(asked)
    if packed is None:
        assert len(asked.devices) > 2
        return
    assert CODES.unpack(packed) == asked
    custom_id = SIGNER.sign("f", packed)
    assert len(custom_id) <= LONGEST
    assert len(SIGNER.sign("y", "fit:" + custom_id[1:].rpartition(".")[0], 2**62)) <= LONGEST
    found = SIGNER.read(custom_id)
    assert found is not None
    assert CODES.unpack(payload_bytes(found[1])) == asked


@given(st.binary(max_size=80))
def test_other_bytes_are_refused_or_mean_something(packed: bytes) -> None:
    try:
        asked = CODES.unpack(packed)
    except (ValueError, LookupError):
        return
    assert isinstance(asked, Asked)


def test_no_two_names_of_the_content_have_one_hash() -> None:
    content = load_content(CONTENT_DIR)
    ids = {one.id for kind in (content.models, content.devices) for one in kind} | {one.id for one in content.quants}
    assert len(ids) > 2000
    assert len({code_of(id_) for id_ in ids}) == len(ids)


@given(st.text(max_size=110), st.integers(0, 2**63))
def test_nothing_unsigned_is_read(custom_id: str, user_id: int) -> None:
    assert SIGNER.read(custom_id, user_id) is None
    assert not SIGNER.bound(custom_id, user_id)


@pytest.mark.parametrize("op", ["y", "F", "A"])
def test_what_is_one_persons_is_nobody_elses(op: str) -> None:
    custom_id = SIGNER.sign(op, "payload", 7)
    assert SIGNER.read(custom_id, 7) == (op, "payload")
    assert SIGNER.bound(custom_id, 7)
    assert SIGNER.read(custom_id, 8) is None
    assert not SIGNER.bound(SIGNER.sign(op, "payload"), 7)


@given(st.integers(0, 40), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_letter_is_noticed(at: int, letter: str) -> None:
    custom_id = SIGNER.sign("f", b"0123456789abcdefgh")
    at %= len(custom_id)
    if custom_id[at] != letter:
        assert SIGNER.read(custom_id[:at] + letter + custom_id[at + 1 :]) is None


def test_another_key_reads_nothing_and_too_long_is_refused() -> None:
    assert Signer(b"another").read(SIGNER.sign("f", "x")) is None
    with pytest.raises(ValueError, match="too long"):
        SIGNER.sign("f", "x" * 95)
