"""Machines in the preferences: what is kept is understood later as exactly what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.machines import Machine, saved_rig, shown_name, suggestions
from knowledge.answers import Answers
from knowledge.errors import BadInput


def test_every_device_is_kept_as_itself(answers: Answers) -> None:
    for device in answers.knowledge.devices.values():
        rig = saved_rig(answers, Machine(name=device.name))
        assert rig is not None
        (ask,) = answers.device_asks(answers.hardware_asks(rig.name))
        assert ask.device.id == device.id
        assert shown_name(answers, rig) == device.name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("rtx 3060 12gb", "GeForce RTX 3060 12 GB"),
        ("2x 3090", "2x GeForce RTX 3090"),
        ("3090 + 3060 12gb", "GeForce RTX 3090 + GeForce RTX 3060 12 GB"),
        ("m2 max 64gb", "Apple M2 Max (38-core GPU) 64GB"),
        ("", None),
    ],
)
def test_what_is_typed_is_kept_under_full_names(answers: Answers, typed: str, kept: str | None) -> None:
    rig = saved_rig(answers, Machine(name=typed))
    assert (rig.name if rig else None) == kept


def test_suggestions_can_be_kept_as_they_are(answers: Answers) -> None:
    for typed in ("3060", "2x 309", "rx 79", "m4", "ryzen ai"):
        found = suggestions(answers, typed)
        assert found
        for name in found:
            rig = saved_rig(answers, Machine(name=name))
            assert rig is not None


@given(name=st.text(max_size=150), ram=st.text(max_size=25))
def test_whatever_is_typed_is_kept_or_said_not_to_be(answers: Answers, name: str, ram: str) -> None:
    try:
        rig = saved_rig(answers, Machine(name=name[:120], ram=ram[:20]))
    except BadInput as error:
        assert error.subject in {"rig", "ram"}  # noqa: PT017 - either way is right
        return
    assert rig is None or answers.device_asks(answers.hardware_asks(rig.name))
