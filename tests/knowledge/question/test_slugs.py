"""Names as identifiers and without spaces: alone, in a sentence, and over the whole catalogue."""

from __future__ import annotations

import re

import pytest

from knowledge.catalog import Device
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.slugs import spread, unglued


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("rtx-3060-12gb", "rtx 3060 12gb"),
        ("rtx_5070_ti_laptop", "rtx 5070 ti laptop"),
        ("rtx2070superlaptop", "rtx2070super laptop"),
        ("rtx306012gb", "rtx3060 12gb"),
        ("3060-12gb", "3060 12gb"),
        ("i7-13700k", "i7-13700k"),
        ("xeon w-3400", "xeon w-3400"),
    ],
)
def test_a_name_alone_is_spread(written: str, meant: str) -> None:
    assert spread(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("qwen3-8b-q4_k_m on a 4090laptop", "qwen3-8b-q4_k_m on a 4090 laptop"),
        ("nvidia-nemotron-nano-9b-v2 on rtx-4090", "nvidia-nemotron-nano-9b-v2 on rtx-4090"),
        ("apple-m4-max-128gb", "apple m4 max 128gb"),
        ("a 7900 xtx24gb", "a 7900 xtx 24gb"),
        ("an rtx 4070 ti, 12gb", "an rtx 4070 ti, 12gb"),
    ],
)
def test_running_text_keeps_its_model_names(written: str, meant: str) -> None:
    assert unglued(written) == meant


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("rtx_5070_ti_laptop", "nvidia-geforce-rtx-5070-ti-laptop"),
        ("rtx2070superlaptop", "nvidia-geforce-rtx-2070-super-laptop"),
        ("GT 1030 DDR4", "nvidia-geforce-gt-1030-ddr4"),
        ("rtx-3060-8gb", "nvidia-geforce-rtx-3060-8-gb"),
        ("rx9060xt16gb", "amd-radeon-rx-9060-xt-16-gb"),
        ("Tesla V100 SXM2 32 GB", "nvidia-tesla-v100-sxm2-32-gb"),
    ],
)
def test_a_version_is_never_left_out_in_silence(index: NameIndex, text: str, id_: str) -> None:
    found = index.resolve("hardware", text)
    assert (found.ids, found.certain) == ((id_,), True)
    assert index.hardware(text).id == id_


@pytest.mark.parametrize(
    "question",
    [
        "Will Qwen3-8B run on rtx-3060-12gb?",
        "rtx_3060_12gb and qwen3-8b",
        "qwen3 8b, rtx306012gb",
        "qwen3 8b on 3060-12gb",
    ],
)
def test_a_sentence_reads_them_too(index: NameIndex, question: str) -> None:
    read = parse(question, index)
    assert read.model == "qwen3-8b"
    assert [mention.id for mention in read.hardware] == ["nvidia-geforce-rtx-3060-12-gb"]


def test_who_published_a_model_does_not_hide_which_it_is(index: NameIndex) -> None:
    for name in ("NVIDIA/Nemotron-Nano-12B-v2-VL", "will nvidia/Nemotron-Nano-12B-v2-VL run on a 4090"):
        assert index.resolve("model", name).ids[0] == parse(name, index).model == "nemotron-nano-12b-v2-vl"


def _identifiers(device: Device) -> tuple[str, ...]:
    short = re.sub(r"geforce |radeon |apple ", "", device.name.lower())
    glued = re.sub(r"(\d) gb", r"\1gb", short)
    return tuple(form.replace(" ", sign) for form in (short, glued) for sign in "-_")


def test_every_device_answers_to_its_name_as_an_identifier(index: NameIndex) -> None:
    """Sure of another device: never. Unsure: only where another has the same name and more memory."""
    unsure = 0
    for device in index.devices.values():
        for written in _identifiers(device):
            found = index.resolve("hardware", written)
            assert not found.certain or found.ids == (device.id,), written
            unsure += not found.certain
    assert unsure <= 0.03 * 4 * len(index.devices)
