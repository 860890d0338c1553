"""What is said where nothing is computed."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Model
from knowledge.errors import Unanswerable
from knowledge.estimator.refusals import check_runtimes, no_shape


def model(kind: str, params: int | None) -> Model:
    return Model(id="m", name="M", family="m", org="o", kind=kind, sources=(), params_total=params)


@pytest.mark.parametrize(
    ("kind", "said", "hint"),
    [
        ("image", "M makes pictures; only language models", "ComfyUI"),
        ("video", "M makes video", "ComfyUI"),
        ("asr", "M writes down speech", "whisper.cpp"),
        ("tts", "M speaks", "makers' own program"),
        ("chat", "The shape of M is not known", "give them as a shape"),
    ],
)
def test_each_kind_is_told_what_it_is(kind: str, said: str, hint: str) -> None:
    error = no_shape(model(kind, None))
    assert said in str(error)
    assert hint in (error.hint or "")
    assert "billion" not in str(error)


def test_published_size_gives_the_least_the_weights_take() -> None:
    assert "Its 12 billion parameters alone take 22.4 GiB at 16 bits, 11.2 GiB at 8 bits, 5.6 GiB at 4 bits." in str(
        no_shape(model("image", 12_000_000_000))
    )


@pytest.mark.parametrize("name", ["google-tpu-v5e", "tenstorrent-blackhole-p150", "intel-gaudi-3", "amd-xdna-2-strix"])
def test_a_chip_that_no_engine_uses_gets_no_verdict(answers: Answers, name: str) -> None:
    hardware = (HardwareAsk(name=name),)
    with pytest.raises(Unanswerable, match="do not run on the"):
        answers.estimate(answers.request(model="qwen3-8b", hardware=hardware, quant="Q4_K_M"))
    with pytest.raises(Unanswerable, match="do not run on the"):
        answers.best(hardware)


def test_every_card_people_run_models_on_passes(answers: Answers) -> None:
    check_runtimes(
        device for device in answers.knowledge.devices.values() if device.kind in {"gpu", "soc", "igpu", "cpu"}
    )
