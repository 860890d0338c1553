"""A ranked cell is its single answer: tier, bytes to the byte, speed; and a table's own rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge
from knowledge.errors import Unanswerable, UnknownName
from knowledge.estimator.cells import STANDARD_CONTEXTS, STANDARD_QUANTS, Cells
from knowledge.estimator.cells_rank import COMFORTABLE, NO, NOT_ASKED, OPEN, rank_cells, request_of
from knowledge.estimator.cells_rigs import AskedRig, rank_rigs
from knowledge.estimator.fit import estimate
from knowledge.estimator.request import ContextParams, DeviceAsk
from knowledge.units import GIB

QUANTS = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "IQ2_XS", "MXFP4_MOE")
RIGS = (
    ("RTX 3060 12GB", 32),
    ("RTX 3060 12GB", None),
    ("RTX 4060 Ti 8GB", 64),
    ("RTX 4090", 64),
    ("RTX 4090", 256),
    ("2x RTX 3090", 64),
    ("2x RTX 3090", None),
    ("4x RTX 4060 Ti 16GB", 128),
    ("M4 Max 64GB", None),
    ("Strix Halo 128GB", None),
    ("Ryzen 9 7950X", 64),
    ("Raspberry Pi 5", None),
)


@pytest.fixture(scope="module")
def cells(knowledge: Knowledge) -> Cells:
    """A third of the catalogue's models, with all there is of experts, recurrent state and latent attention."""
    models = [model for model in knowledge.models.values() if model.shape]
    some = np.random.default_rng(7).choice(len(models), len(models) // 3, replace=False)
    return Cells.build([models[at] for at in some], QUANTS)


def asks(answers: Answers, on: str) -> tuple[DeviceAsk, ...]:
    return answers.device_asks([HardwareAsk(name=on)])


def sample(where: npt.NDArray[np.bool_], count: int) -> list[tuple[int, int, int]]:
    """Indices of up to `count` cells for which `where` holds."""
    at = np.argwhere(where)
    some = np.random.default_rng(11).permutation(len(at))[:count]
    return [(int(model), int(quant), int(context)) for model, quant, context in at[some]]


@pytest.mark.parametrize(("on", "ram_gib"), RIGS)
def test_cells_equal_single_answers(cells: Cells, answers: Answers, on: str, ram_gib: int | None) -> None:
    devices, ram_bytes = asks(answers, on), None if ram_gib is None else ram_gib * GIB
    figures = rank_cells(cells, devices, ram_bytes)
    for model, quant, context in sample(figures.tier >= NO, 500):
        answer = estimate(request_of(cells, (model, quant, context), devices, ram_bytes))
        figure = figures.figure(model, quant, context)
        what = (cells.models[model].id, cells.quants[quant], cells.contexts[context])
        assert figure.fit_tier == answer.fit_tier, what
        assert figure.total_bytes == answer.memory.total_bytes, what
        assert figure.host_bytes == answer.memory.host_total_bytes, what
        if answer.decode_tok_s is None:
            assert figure.decode_tok_s is None, what
        else:
            assert figure.decode_tok_s == pytest.approx(answer.decode_tok_s.mid, rel=1e-9), what


CONTEXT_SETTINGS = (
    ContextParams(),
    ContextParams(type_k="q8_0", type_v="q4_0", n_parallel=4, n_ubatch=1024),
    ContextParams(flash_attn=False, n_parallel=3, kv_unified=True),
)


@pytest.mark.parametrize("context", CONTEXT_SETTINGS)
def test_any_device_any_settings(knowledge: Knowledge, context: ContextParams) -> None:
    """Devices of every kind and count, odd contexts, formats that are averages: still the single answer."""
    chosen = np.random.default_rng(13)
    models = [model for model in knowledge.models.values() if model.shape]
    devices = list(knowledge.devices.values())
    some = [models[at] for at in chosen.choice(len(models), 60, replace=False)]
    quants = ("Q4_K_M", "UD-Q4_K_XL", "mlx-4bit", "IQ4_KS", "i1-IQ3_XXS")
    table = Cells.build(some, quants, (100, 5000, 131072), context=context)
    n_compared = 0
    for at in chosen.choice(len(devices), 80, replace=False):
        rig = [DeviceAsk(device=devices[at], count=int(chosen.choice([1, 1, 1, 2, 3])))]
        ram_bytes = [None, 8 * GIB, 32 * GIB, 192 * GIB][int(chosen.integers(4))]
        try:
            figures = rank_cells(table, rig, ram_bytes)
        except Unanswerable:
            continue
        for model, quant, n_ctx in sample(figures.tier >= NO, 6):
            answer = estimate(request_of(table, (model, quant, n_ctx), rig, ram_bytes))
            figure = figures.figure(model, quant, n_ctx)
            speed = None if answer.decode_tok_s is None else pytest.approx(answer.decode_tok_s.mid, rel=1e-9)
            assert (figure.fit_tier, figure.total_bytes) == (answer.fit_tier, answer.memory.total_bytes)
            assert (figure.host_bytes, figure.decode_tok_s) == (answer.memory.host_total_bytes, speed)
            n_compared += 1
    assert n_compared > 300


def test_every_outcome_is_met(cells: Cells, answers: Answers) -> None:
    """The property above is worth something only if no, trade-offs and comfortable, offload and experts all occur."""
    figures = rank_cells(cells, asks(answers, "RTX 3060 12GB"), 32 * GIB)
    counts = {code: int((figures.tier == code).sum()) for code in (NO, 1, COMFORTABLE, NOT_ASKED)}
    assert all(count > 500 for count in counts.values()), counts
    on_host = (figures.tier == 1) & (figures.host_bytes > 4 * GIB)
    experts = np.array([(model.shape.n_expert if model.shape else 0) > 0 for model in cells.models])
    assert on_host[experts].sum() > 100
    assert on_host[~experts].sum() > 100


def test_a_context_beyond_training_is_not_asked(cells: Cells, answers: Answers) -> None:
    figures = rank_cells(cells, asks(answers, "RTX 4090"), None)
    at = np.argwhere(figures.tier == NOT_ASKED)[0]
    model, quant, context = (int(index) for index in at)
    shape = cells.models[model].shape
    assert shape is not None
    assert cells.contexts[context] > shape.n_ctx_train
    assert figures.figure(model, quant, context).fit_tier is None


def test_other_settings_are_compiled_in(knowledge: Knowledge, answers: Answers) -> None:
    models = [model for model in knowledge.models.values() if model.shape and model.shape.n_ctx_train >= 8192][:40]
    context = ContextParams(type_k="q8_0", type_v="q8_0", n_parallel=2, n_ubatch=256)
    cells = Cells.build(models, ("Q4_K_M",), (4096, 8192), context=context)
    devices = asks(answers, "RTX 3060 12GB")
    figures = rank_cells(cells, devices, 32 * GIB)
    for model in range(len(models)):
        answer = estimate(request_of(cells, (model, 0, 1), devices, 32 * GIB))
        figure = figures.figure(model, 0, 1)
        assert (figure.fit_tier, figure.total_bytes) == (answer.fit_tier, answer.memory.total_bytes)
        assert answer.request.context == replace(context, n_ctx=8192)


def test_models_of_one_layout_are_compiled_once(knowledge: Knowledge) -> None:
    models = [model for model in knowledge.models.values() if model.shape]
    twice = Cells.build([*models[:5], *models[:5]], ("Q4_K_M",), (2048,))
    assert len(twice.models) == 10
    assert len(twice.shapes) <= 5
    assert twice.layout[:5].tolist() == twice.layout[5:].tolist()


def test_edges_are_named(knowledge: Knowledge, answers: Answers) -> None:
    model = next(model for model in knowledge.models.values() if model.shape)
    with pytest.raises(UnknownName):
        Cells.build([model], ("Q99",), (2048,))
    unknown = replace(asks(answers, "RTX 4090")[0].device, memory_bytes=None)
    one = Cells.build([model], ("Q4_K_M",), (2048,))
    with pytest.raises(Unanswerable, match="not known"):
        rank_cells(one, [DeviceAsk(device=unknown)])
    no_speed = replace(asks(answers, "RTX 4090")[0].device, bandwidth_bytes_per_s=None)
    figure = rank_cells(one, [DeviceAsk(device=no_speed)]).figure(0, 0, 0)
    assert figure.decode_tok_s is None
    empty = rank_cells(Cells.build([], STANDARD_QUANTS, STANDARD_CONTEXTS), asks(answers, "RTX 4090"))
    assert empty.tier.shape == (0, len(STANDARD_QUANTS), len(STANDARD_CONTEXTS))


def test_unequal_devices_split_by_free_memory(cells: Cells, answers: Answers) -> None:
    devices = answers.device_asks([HardwareAsk(name="RTX 3060 12GB"), HardwareAsk(name="RTX 4090")])
    figures = rank_cells(cells, devices, 2 * GIB)
    runs = figures.tier > NO
    for model, quant, context in sample(runs, 200):
        answer = estimate(request_of(cells, (model, quant, context), devices, 2 * GIB))
        figure = figures.figure(model, quant, context)
        assert answer.decode_tok_s is not None
        assert (figure.fit_tier, figure.total_bytes) == (answer.fit_tier, answer.memory.total_bytes)
        assert figure.decode_tok_s == pytest.approx(answer.decode_tok_s.mid, rel=1e-9)
    assert 20 * int((figures.tier == OPEN).sum()) < int(runs.sum())


def test_open_cells_of_several_devices_ask_the_single_answer(cells: Cells, answers: Answers) -> None:
    devices = asks(answers, "2x RTX 3090")
    figures = rank_cells(cells, devices, 64 * GIB)
    for model, quant, context in sample(figures.tier == OPEN, 30):
        answer = estimate(request_of(cells, (model, quant, context), devices, 64 * GIB))
        assert figures.figure(model, quant, context).fit_tier == answer.fit_tier


def test_many_rigs_at_once_equal_each_alone(knowledge: Knowledge, answers: Answers) -> None:
    models = [model for model in knowledge.models.values() if model.shape][:120:2]
    cells = Cells.build(models, ("Q8_0", "Q4_K_M"), (8192, 65536))
    devices = [device for device in knowledge.devices.values() if device.memory_bytes][::3]
    rams = (None, 8 * GIB, 32 * GIB, 96 * GIB, 512 * GIB)
    rigs: list[AskedRig] = [((DeviceAsk(device=device),), ram) for device in devices for ram in rams]
    rigs += [(asks(answers, "2x RTX 3090"), 64 * GIB), (asks(answers, "Ryzen 9 7950X"), 64 * GIB)]
    tiers = rank_rigs(cells, rigs)
    assert tiers.shape == (len(rigs), len(models), 2, 2)
    for place in np.random.default_rng(3).permutation(len(rigs))[:300]:
        try:
            alone = rank_cells(cells, *rigs[place]).tier
        except Unanswerable:  # an NPU alone, whose memory is the machine's
            alone = np.full(tiers.shape[1:], NOT_ASKED, dtype=np.int8)
        assert np.array_equal(tiers[place], alone)
    assert np.array_equal(tiers[-2], rank_cells(cells, *rigs[-2]).tier)
    assert {NO, 1, COMFORTABLE, NOT_ASKED} <= set(np.unique(tiers[:-2]).tolist())


def test_rigs_without_an_answer_spoil_no_others(knowledge: Knowledge, answers: Answers) -> None:
    model = next(model for model in knowledge.models.values() if model.shape and model.shape.n_ctx_train >= 8192)
    cells = Cells.build([model], ("Q4_K_M",), (8192,))
    card = asks(answers, "RTX 4090")
    unknown = (DeviceAsk(device=replace(card[0].device, memory_bytes=None)),)
    tiers = rank_rigs(cells, [(card, -1), (unknown, 32 * GIB), (card * 20, None), (card, 32 * GIB)])
    assert (tiers[:3] == NOT_ASKED).all()
    assert np.array_equal(tiers[3], rank_cells(cells, card, 32 * GIB).tier)
    assert rank_rigs(Cells.build([], ("Q4_K_M",), (8192,)), [(card, None)]).shape == (1, 0, 1, 1)
