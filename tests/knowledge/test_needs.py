"""A model asked about without hardware: its memory by file type, and rigs that hold what they are named for."""

from __future__ import annotations

import math

import pytest

from knowledge.answers import Answers
from knowledge.half_asked import USED
from knowledge.needs import CUDA_VENDOR, LARGE_QUANTS, PAIRED_BYTES, USUAL_QUANTS, quants_of

QUESTIONS = [
    ("how much vram for qwen3 32b", ["qwen3-32b"]),
    ("what do I need to run llama 3.3 70b", ["llama-3.3-70b-instruct"]),
    ("wie viel Speicher braucht Qwen3 14B", ["qwen3-14b"]),
    ("¿cuánta VRAM hace falta para gemma 3 12b?", ["gemma-3-12b-it"]),
    ("сколько видеопамяти нужно для qwen3 8b", ["qwen3-8b"]),
    ("qwen3 8bに必要なメモリは", ["qwen3-8b"]),
    ("qwen3 14b还是gemma 3 12b", ["qwen3-14b", "gemma-3-12b-it"]),
    ("différence entre qwen3 14b et gemma 3 12b", ["qwen3-14b", "gemma-3-12b-it"]),
]


@pytest.mark.parametrize(("text", "models"), QUESTIONS)
def test_a_model_alone_is_told_what_it_takes(answers: Answers, text: str, models: list[str]) -> None:
    asked = answers.ask(text)
    assert asked.route == "fit"
    assert [one.model.id for one in asked.needs] == models
    assert [fit.request.model.id for fit in asked.fits] == models
    assert not any(fit.request.devices for fit in asked.fits)


def test_more_bits_take_more_and_every_place_holds_it(answers: Answers) -> None:
    (found,) = answers.ask("hardware requirements for qwen3 32b").needs
    sizes = [need.total_bytes for need in found.needs]
    assert [need.quant for need in found.needs] == list(USUAL_QUANTS)
    assert sizes == sorted(sizes)
    assert {place.kind for place in found.places} >= {"new", "second_hand", "unified", "with_ram"}
    for place in found.places:
        assert place.answer.fit_tier in {"comfortable", "trade-offs"}
        assert (place.ram_gib is not None) == (place.kind == "with_ram")
        if place.ram_gib is None:
            assert place.rig.memory_bytes * place.rig.count >= found.alone.memory.total_bytes


def test_the_cheapest_card_comes_first(answers: Answers) -> None:
    (found,) = answers.ask("what card for qwen3 14b").needs
    new = [place.rig.price_usd or 0.0 for place in found.places if place.kind == "new"]
    assert new == sorted(new)
    dearer = [rig for rig in answers.shelves.new if (rig.price_usd or 0.0) < new[0]]
    assert all(rig.memory_bytes < 2 * found.alone.memory.total_bytes for rig in dearer)


def test_a_named_file_type_cache_and_context_are_kept(answers: Answers) -> None:
    (found,) = answers.ask("how much memory does qwen3 8b q8_0 take at 32k with a q8_0 kv cache").needs
    assert [need.quant for need in found.needs] == ["Q8_0"]
    assert found.alone.request.context.n_ctx == 32768


@pytest.mark.parametrize(("id_", "usual"), [("qwen3-235b-a22b", LARGE_QUANTS), ("gpt-oss-120b", ("MXFP4_MOE",))])
def test_large_models_are_told_in_few_bits_and_native_ones_as_published(
    answers: Answers, id_: str, usual: tuple[str, ...]
) -> None:
    quant = usual[-1]
    assert quants_of(answers.knowledge.models[id_], quant) == usual


def test_a_size_alone_is_told_for_models_that_stand_for_it(answers: Answers) -> None:
    asked = answers.ask("how much vram for a 70b")
    assert asked.needs
    assert all("no model was named" in fit.assumptions[0] for fit in asked.fits)


def test_hardware_alone_is_told_what_runs_there(answers: Answers) -> None:
    asked = answers.ask("old gtx 1080 ti, does anything work on it?")
    assert len({fit.request.model.id for fit in asked.fits}) > 2
    assert {fit.request.devices[0].device.id for fit in asked.fits} == {"nvidia-geforce-gtx-1080-ti"}


def test_two_cards_with_or_are_two_rigs(answers: Answers) -> None:
    asked = answers.ask("which models run on a 3090 or a 4060 ti 16gb")
    assert len({fit.request.devices[0].device.id for fit in asked.fits}) == 2
    assert all(len(fit.request.devices) == 1 for fit in asked.fits)


@pytest.mark.parametrize("size", [8, 12, 16, 24])
def test_the_usual_card_has_the_memory_it_stands_for(answers: Answers, size: int) -> None:
    rig = answers.shelves.usual_card(size)
    assert rig is not None
    assert rig.memory_bytes == size << 30
    assert answers.shelves.usual_card(13) is None


@pytest.mark.parametrize("text", ["what can i run on a 3060 12gb", "best local coding model for 16gb vram"])
def test_what_is_suggested_is_used_by_many_and_made_to_answer(answers: Answers, text: str) -> None:
    models = [fit.request.model for fit in answers.ask(text).fits]
    assert models
    assert all(model.downloads >= USED and not model.id.endswith(("-base", "-pt")) for model in models)


def test_two_used_cards_are_told_where_they_cost_less_than_one(answers: Answers) -> None:
    (found,) = answers.ask("what hardware for llama 3.3 70b").needs
    places = found.places
    single = min(
        place.rig.price_usd or math.inf
        for place in places
        if place.kind in {"new", "second_hand"} and place.rig.device.vendor == CUDA_VENDOR
    )
    pairs = [place.rig for place in places if place.kind == "pair"]
    assert "nvidia-geforce-rtx-3090" in {rig.device.id for rig in pairs}
    assert all(rig.price_usd is not None and rig.price_usd < single for rig in pairs)
    assert all(rig.memory_bytes >= PAIRED_BYTES for rig in pairs)
