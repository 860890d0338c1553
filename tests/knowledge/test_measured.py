"""What an asker says of their machine: threads, and a measurement with one model that corrects another's estimate."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.errors import BadInput, UnknownName
from knowledge.estimator.request import FitRequest
from knowledge.measured import Measured, measured_of, with_measured, with_threads


def request(answers: Answers, model: str = "qwen3-14b", hardware: str = "RTX 3060 12GB") -> FitRequest:
    """A question about a model on a machine."""
    return answers.request(model=model, hardware=[HardwareAsk(name=hardware)], quant="Q4_K_M", ram_gib=32)


def mid(answers: Answers, asked: FitRequest) -> float:
    """Decoding speed in the middle."""
    speed = answers.estimate(asked, detailed=False).decode_tok_s
    assert speed is not None
    return speed.mid


@pytest.mark.parametrize("share", [0.7, 1.3])
def test_a_machine_measured_slow_is_slow_with_other_models(answers: Answers, share: float) -> None:
    """A measurement off the estimate by a share moves another model the same way, not beyond it, and narrows it."""
    asked = request(answers)
    plain = answers.estimate(asked, detailed=False).decode_tok_s
    other = mid(answers, request(answers, "qwen3-8b"))
    told = with_measured(answers, asked, Measured(model="qwen3-8b", quant="Q4_K_M", tok_s=share * other))
    learnt = answers.estimate(told, detailed=False).decode_tok_s
    assert plain is not None
    assert learnt is not None
    moved = learnt.mid / plain.mid
    assert min(share, 1.0) < moved < max(share, 1.0)
    assert learnt.high / learnt.low < plain.high / plain.low


def test_threads_bound_a_processor(answers: Answers) -> None:
    """Two threads are slower than all of them."""
    asked = request(answers, "qwen3-8b", "Ryzen 9 7950X")
    assert mid(answers, with_threads(asked, 2)) < mid(answers, asked)
    with pytest.raises(BadInput, match="threads"):
        with_threads(asked, 0)


def test_measurements_as_text() -> None:
    """The model's words, its file type, the figure last."""
    assert measured_of("qwen3-8b Q4_K_M 62") == Measured(model="qwen3-8b", quant="Q4_K_M", tok_s=62.0)
    assert measured_of("qwen3-8b 62.5").tok_s == 62.5
    for text in ("", "62", "qwen3-8b fast", "qwen3-8b Q4_K_M -3"):
        with pytest.raises(BadInput):
            measured_of(text)


def test_a_measurement_of_nothing_known(answers: Answers) -> None:
    """Names are checked as everywhere; a speed no machine has is refused."""
    with pytest.raises(UnknownName):
        with_measured(answers, request(answers), Measured(model="no such model at all", tok_s=10))
    with pytest.raises(BadInput, match="tok/s"):
        with_measured(answers, request(answers), Measured(model="qwen3-8b", tok_s=0))
