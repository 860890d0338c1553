"""Names alone: resolved, told apart, misspelt, unknown; every catalogue entry answers to its own name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import BadInput, UnknownName
from knowledge.question.completion import Kind
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("qwen3 8b", "qwen3-8b"),
        ("Qwen3-8B", "qwen3-8b"),
        ("QWEN 3 8B", "qwen3-8b"),
        ("qwen3:8b", "qwen3-8b"),
        ("qwen3-8b-q4_k_m", "qwen3-8b"),
        ("qwen36 27b", "qwen3.6-27b"),
        ("llama3.1:70b", "llama-3.1-70b-instruct"),
        ("gptoss 20b", "gpt-oss-20b"),
        ("oss-120b", "gpt-oss-120b"),
        ("deepseek r1", "deepseek-r1"),
        ("deepseekv3", "deepseek-v3"),
        ("gemma 3 27b", "gemma-3-27b-it"),
        ("phi4", "phi-4"),
        ("phi-4 14b", "phi-4"),
        ("mixtral 8x7b", "mixtral-8x7b-instruct-v0.1"),
        ("glm 4.5 air", "glm-4.5-air"),
        ("command r+", "c4ai-command-r-plus"),
        ("qwen3 235b", "qwen3-235b-a22b"),
        ("deepsek r1", "deepseek-r1"),
        ("mixtrall 8x7b", "mixtral-8x7b-instruct-v0.1"),
    ],
)
def test_popular_models_lead_to_the_original(index: NameIndex, text: str, id_: str) -> None:
    found = index.resolve("model", text)
    assert found.ids[0] == id_
    assert found.certain


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("m4", "apple-m4-10c-gpu"),
        ("tesla m4", "nvidia-tesla-m4"),
        ("RTX 3090", "nvidia-geforce-rtx-3090"),
        ("3090", "nvidia-geforce-rtx-3090"),
        ("rtx3090ti", "nvidia-geforce-rtx-3090-ti"),
        ("3060 12gb", "nvidia-geforce-rtx-3060-12-gb"),
        ("RTX 3060 8 GB", "nvidia-geforce-rtx-3060-8-gb"),
        ("4060ti 16g", "nvidia-geforce-rtx-4060-ti-16-gb"),
        ("4060 Ti 8GB", "nvidia-geforce-rtx-4060-ti-8-gb"),
        ("4070 ti super", "nvidia-geforce-rtx-4070-ti-super"),
        ("laptop 4090", "nvidia-geforce-rtx-4090-laptop"),
        ("4090 16gb", "nvidia-geforce-rtx-4090-laptop"),
        ("RTX 4090 48GB", "nvidia-geforce-rtx-4090-48gb-modded"),
        ("2080ti 22g", "nvidia-geforce-rtx-2080-ti-22gb-modded"),
        ("rtx pro 6000 max-q", "nvidia-rtx-pro-6000-blackwell-max-q"),
        ("modded 4090", "nvidia-geforce-rtx-4090-48gb-modded"),
        ("3060 ti gddr6x", "nvidia-geforce-rtx-3060-ti-gddr6x"),
        ("750 ti", "nvidia-geforce-gtx-750-ti"),
        ("r9700", "amd-radeon-ai-pro-r9700"),
        ("7900xtx", "amd-radeon-rx-7900-xtx"),
        ("a100 40gb pcie", "nvidia-a100-pcie-40-gb"),
        ("mi50 32gb", "amd-radeon-instinct-mi50-32-gb"),
        ("b580", "intel-arc-b580"),
        ("m3 max 36gb", "apple-m3-max-30c-gpu"),
        ("M3 Max 128GB", "apple-m3-max-40c-gpu"),
        ("m2 max 30 core", "apple-m2-max-30c-gpu"),
        ("mac mini m4 pro", "apple-m4-pro-20c-gpu"),
        ("strix halo", "amd-ryzen-ai-max-plus-395"),
        ("dgx spark", "nvidia-gb10"),
        ("pi 5", "raspberry-pi-5"),
        ("radeon 780m", "amd-ryzen-7-7840hs"),
        ("epyc 9354", "cpu-epyc-9004-genoa-ddr5-4800"),
    ],
)
def test_devices(index: NameIndex, text: str, id_: str) -> None:
    assert index.resolve("hardware", text).ids[0] == id_
    assert index.hardware(text).id in {id_, None}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("rtx 3060", {"nvidia-geforce-rtx-3060-12-gb", "nvidia-geforce-rtx-3060-8-gb"}),
        ("4060ti", {"nvidia-geforce-rtx-4060-ti-16-gb", "nvidia-geforce-rtx-4060-ti-8-gb"}),
        ("3080", {"nvidia-geforce-rtx-3080", "nvidia-geforce-rtx-3080-12-gb"}),
        ("m3 max", {"apple-m3-max-30c-gpu", "apple-m3-max-40c-gpu"}),
        ("m4 max", {"apple-m4-max-32c-gpu", "apple-m4-max-40c-gpu"}),
        ("mi50", {"amd-radeon-instinct-mi50", "amd-radeon-instinct-mi50-32-gb"}),
        ("a100", {"nvidia-a100-sxm4-80-gb", "nvidia-a100-sxm4-40-gb"}),
    ],
)
def test_a_device_that_could_be_two_is_not_guessed(index: NameIndex, text: str, ids: set[str]) -> None:
    found = index.resolve("hardware", text)
    assert not found.certain
    assert ids <= set(found.ids)
    assert index.hardware(text).id is None


@pytest.mark.parametrize("text", ["qwen3.5", "gemma 3", "llama", "granite 4.1"])
def test_a_series_is_not_guessed_but_offers_its_models(index: NameIndex, text: str) -> None:
    found = index.resolve("model", text)
    assert not found.certain
    assert len(found.ids) >= 3


@pytest.mark.parametrize("text", ["RTX 3065", "rtx 4095", "RX 7999 XTX"])
def test_an_unknown_number_never_becomes_its_neighbour(index: NameIndex, text: str) -> None:
    assert not index.resolve("hardware", text).certain
    assert index.nearest("hardware", text)


def test_nearest_names_are_close(index: NameIndex) -> None:
    assert all("3060" in name or "3070" in name for name in index.nearest("hardware", "RTX 3065"))
    assert index.nearest("model", "quen3 8b")[0] == "Qwen3-8B"


@pytest.mark.parametrize(("kind", "text"), [("model", "asdfghjkl"), ("hardware", "flux capacitor of doom"),
                                            ("hardware", "toaster"), ("model", "zzxxyyqq")])  # fmt: skip
def test_nothing_is_offered_for_what_nothing_is_like(index: NameIndex, kind: Kind, text: str) -> None:
    assert index.nearest(kind, text) == ()


def test_nonsense_resolves_to_nothing(index: NameIndex) -> None:
    found = index.resolve("model", "zzxxyyqq")
    assert not found.certain
    with pytest.raises(UnknownName):
        index.hardware("flux capacitor of doom")


def test_every_model_answers_to_its_id_and_name(index: NameIndex) -> None:
    assert all(index.resolve("model", id_).ids[0] == id_ for id_ in index.models)
    lost = [
        m.id
        for m in index.models.values()
        if m.id not in {*index.resolve("model", m.name).ids, *index.resolve("model", m.name).also}
    ]
    assert len(lost) <= 0.005 * len(index.models), lost


def test_every_device_answers_to_its_id_and_name(index: NameIndex) -> None:
    assert all(index.resolve("hardware", id_).ids[0] == id_ for id_ in index.devices)
    named = [d for d in index.devices.values() if d.kind in {"gpu", "soc"}]
    lost = [d.id for d in named if not _related(index, d.id, d.name)]
    assert len(lost) <= 0.03 * len(named), lost


def _related(index: NameIndex, id_: str, name: str) -> bool:
    """Whether a full name leads to the device or, for board revisions, to a sibling of the same memory."""
    found = index.resolve("hardware", name)
    if id_ in found.ids:
        return True
    return (
        bool(found.ids) and index.devices[found.ids[0]].memory_options_bytes == index.devices[id_].memory_options_bytes
    )


@pytest.mark.parametrize("kind", ["model", "hardware", "quant"])
def test_names_too_long_or_empty_are_bad_input(index: NameIndex, kind: str) -> None:
    with pytest.raises(BadInput, match="too long"):
        index.resolve(kind, "a" * 500)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="empty"):
        index.resolve(kind, "  ")  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "quant"), [("q4km", "Q4_K_M"), ("q8", "Q8_0"), ("4bit", "Q4_K_M"), ("fp16", "F16")])
def test_quants(index: NameIndex, text: str, quant: str) -> None:
    assert index.quant(text) == quant


@pytest.mark.parametrize(
    ("text", "id_", "certain"),
    [("5.0bpw", "exl2-5bpw", True), ("exl3 3.0bpw", "exl3-3bpw", True), ("4.65bpw", "exl2-4.5bpw", False)],
)
def test_bits_a_weight_lead_to_the_nearest_type(index: NameIndex, text: str, id_: str, certain: bool) -> None:
    found = index.resolve("quant", text)
    assert (found.ids[0], found.certain) == (id_, certain)


def test_an_unknown_quant_is_named(index: NameIndex) -> None:
    with pytest.raises(UnknownName):
        index.quant("platinum")


@given(text=st.text(min_size=1, max_size=60))
def test_no_text_breaks_resolving(index: NameIndex, text: str) -> None:
    for kind in ("model", "hardware"):
        try:
            found = index.resolve(kind, text)
        except BadInput:
            continue
        assert found.certain <= bool(found.ids)
        assert 0.0 <= found.score <= 1.0


@given(case=st.sampled_from(["upper", "lower", "title"]), separator=st.sampled_from([" ", "-", "_"]))
def test_aliases_do_not_change_the_answer(index: NameIndex, case: str, separator: str) -> None:
    written = getattr(separator.join(["llama", "3.3", "70b", "instruct"]), case)()
    assert index.resolve("model", written).ids[0] == "llama-3.3-70b-instruct"


@pytest.mark.parametrize(
    "id_",
    [
        "amd-radeon-rx-580-2048sp",
        "nvidia-a2",
        "nvidia-h100-cnx",
        "amd-ryzen-7-8845hs",
        "apple-iphone-14-pro",
        "raspberry-pi-ai-hat-plus-2",
    ],
)
def test_a_device_s_whole_name_is_that_device_alone(index: NameIndex, id_: str) -> None:
    name = index.devices[id_].name
    assert index.resolve("hardware", name).ids == (id_,)
    assert [mention.id for mention in index.hardware_list(name)] == [id_]
    assert index.hardware(name).id == id_


def test_every_device_s_whole_name_leads_to_it_or_asks(index: NameIndex) -> None:
    for device in index.devices.values():
        found = index.resolve("hardware", device.name)
        assert device.id in found.ids, device.name
        assert not found.certain or found.ids[0] == device.id, device.name


def test_several_devices_in_one_name_are_refused(index: NameIndex) -> None:
    with pytest.raises(BadInput, match="several devices"):
        index.hardware("2x3090 + 3060 12GB")
    assert index.hardware("3090, 3090").id == "nvidia-geforce-rtx-3090"


NAMED_LIKE_A_PROGRAM = {"gpt4all-j"}


def test_every_model_asked_about_by_its_name_is_that_model(index: NameIndex) -> None:
    missed = []
    for model in index.models.values():
        question = parse(f"will {model.name} run on a 4090", index)
        choices = {id_ for choice in question.ambiguous if choice.field == "model" for id_ in choice.choices}
        names = {index.models[id_].name for id_ in (question.model, *choices) if id_}
        if model.name not in {*names, *NAMED_LIKE_A_PROGRAM}:
            missed.append(model.name)
    assert missed == []
