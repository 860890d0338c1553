"""The desk: hardware as people name it, answers remembered, the snapshot swapped when the content changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot import questions
from bot.app import BY_NAMES, by_names
from bot.commands import best, compare, define, fit, pulse, report, will_it_run
from bot.complete import names
from bot.desk import REMEMBERED_REPLIES, Desk, Lull, Snapshot
from bot.respond import Manner, rendered
from bot.say import say_in
from knowledge.catalog import Knowledge
from knowledge.errors import Ambiguous, BadInput, StoreError, UnknownName

EN = say_in("en-US")


@pytest.fixture(scope="module")
def desk(store_url: str) -> Desk:
    return Desk.open(store_url)


def test_every_id_that_autocomplete_offers_is_itself(desk: Desk) -> None:
    for id_ in desk.answers.knowledge.devices:
        assert [ask.name for ask in desk.answers.hardware_asks(id_)] == [id_]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RTX 3060 12GB", [("nvidia-geforce-rtx-3060-12-gb", 1)]),
        ("2x 3090", [("nvidia-geforce-rtx-3090", 2)]),
        ("rtx 3090 + rtx 3060 12GB", [("nvidia-geforce-rtx-3090", 1), ("nvidia-geforce-rtx-3060-12-gb", 1)]),
    ],
)
def test_hardware_as_people_name_it(desk: Desk, text: str, expected: list[tuple[str, int]]) -> None:
    assert [(ask.name, ask.count) for ask in desk.answers.hardware_asks(text)] == expected
    assert [ask.count for ask in desk.answers.hardware_asks(text, 2)] == [2 * count for _, count in expected]


def test_a_name_that_is_two_devices_is_asked(desk: Desk) -> None:
    with pytest.raises(Ambiguous) as asked:
        desk.answers.hardware_asks("rtx 3060")
    assert set(asked.value.choices) >= {"nvidia-geforce-rtx-3060-12-gb", "nvidia-geforce-rtx-3060-8-gb"}
    assert "RTX 3060" in desk.name_of(asked.value.choices[0])


def test_nothing_known_is_said(desk: Desk) -> None:
    with pytest.raises(UnknownName):
        desk.fit("qwen3-8b", "a toaster")


def test_fit_takes_what_was_said(desk: Desk) -> None:
    answer = desk.fit("qwen3-8b", "RTX 3060 12GB", quant="Q8_0", n_ctx=4096, ram_gib=32.0, type_kv="q8_0", count=2)
    request = answer.request
    assert (request.quant, request.context.n_ctx, request.context.type_k, request.context.type_v) == (
        "Q8_0",
        4096,
        "q8_0",
        "q8_0",
    )
    assert request.devices[0].count == 2
    assert request.ram_bytes == 32 * 2**30


def test_the_same_question_is_answered_once(desk: Desk) -> None:
    assert desk.fit("qwen3-8b", "RTX 3090") is desk.fit("qwen3-8b", "RTX 3090")
    assert desk.fit("qwen3-8b", "RTX 3090") is not desk.fit("qwen3-8b", "RTX 3090", n_ctx=2048)


def test_replies_are_remembered_drawn(desk: Desk) -> None:
    one = desk.once(fit.reply, say=EN, model="qwen3-8b", hardware="RTX 3090")
    remembered = desk._snapshot.replies
    again = desk.once(fit.reply, say=EN, model="qwen3-8b", hardware="RTX 3090")
    assert (again.drawn, again.about, again.chart, len(remembered)) == (one.drawn, one.about, one.chart, 1)
    made = fit.reply(desk, EN, model="qwen3-8b", hardware="RTX 3090")
    for private in (True, False):
        how = Manner(EN, private, 7)
        assert rendered(one, desk.signer, how) == rendered(made, desk.signer, how)
    assert (one.about, one.chart, one.shareable) == (made.about, made.chart, made.shareable)
    for number in range(REMEMBERED_REPLIES + 5):
        desk.once(define.reply, say=EN, term=f"nothing {number}")
    assert len(remembered) == REMEMBERED_REPLIES
    before = len(remembered._again)
    assert desk.once(fit.reply, say=EN, model="qwen3-8b", hardware="RTX 3090").drawn == one.drawn
    assert len(remembered._again) == before == 1  # it was asked again
    assert desk.once(fit.reply, say=EN, model="nothing", hardware="RTX 3090").failed


def test_engines_start_with_their_own_context(desk: Desk) -> None:
    llama = fit.reply(desk, EN, model="qwen3-8b", hardware="RTX 3060 12GB")
    studio = fit.reply(desk, EN, model="qwen3-8b", hardware="RTX 3060 12GB", engine="lm-studio")
    assert llama.cards[0].description != studio.cards[0].description


def test_compare_sets_columns_and_wants_two(desk: Desk) -> None:
    reply = compare.reply(
        desk, EN, model="qwen3-8b", first="RTX 3090", second="RTX 3060 12GB", quant="Q4_K_M", other_quant="Q8_0"
    )
    assert len(reply.cards[0].fields) == 4
    assert "Q8" in reply.cards[0].fields[2].name
    with pytest.raises(BadInput):
        compare.reply(desk, EN, model="qwen3-8b", first="RTX 3090")


def test_best_ranks_and_says_none(desk: Desk) -> None:
    reply = best.reply(desk, EN, hardware="RTX 3060 12GB")
    assert reply.cards[0].description.startswith("1. ")
    assert not reply.failed
    assert best.reply(desk, EN, hardware="RTX 3060 12GB", use="embedding", context=1_000_000).failed


def test_what_is_asked_by_names_needs_no_other_index(desk: Desk) -> None:
    """Commands of BY_NAMES are answered before the other indexes are there, and must not build them on the loop."""
    snapshot = Snapshot.of(desk.answers.knowledge)
    early = Desk(snapshot, lambda: snapshot, lambda: "")
    for reply in (
        fit.reply(early, EN, model="qwen3-8b", hardware="RTX 3060 12GB"),
        fit.reply(early, EN, model="qwen3 8", hardware="a toaster"),
        compare.reply(early, EN, model="qwen3-8b", first="RTX 3090", second="RTX 3060 12GB"),
    ):
        assert reply.cards
    assert names(early, "model", "qw")
    assert {"term_index", "error_index", "pages"}.isdisjoint(vars(snapshot.answers))
    assert sorted(BY_NAMES) == ["compare", "fit", "help", "privacy"], "a new one wants a line above"
    snapshot.warm()
    assert {"term_index", "error_index", "pages"} <= vars(snapshot.answers).keys()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"type": 2, "data": {"name": "fit"}}, True),
        ({"type": 4, "data": {"name": "fit"}}, True),
        ({"type": 2, "data": {"name": "ask"}}, False),
        ({"type": 3, "data": {"custom_id": "fit"}}, False),
    ],
)
def test_which_interactions_ask_by_names(data: dict[str, Any], expected: bool) -> None:
    assert by_names(data) is expected


async def test_names_are_known_before_the_rest_and_a_store_that_cannot_be_read_is_told_to_both(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.opening(store_url)
    await desk.until_named()
    assert "qwen3-8b" in desk.answers.knowledge.models
    await desk.until_open()
    assert desk.is_open

    def away(_: object) -> Knowledge:
        raise StoreError("away", subject="store")

    monkeypatch.setattr("bot.desk.load_knowledge", away)
    broken = Desk.opening(store_url)
    for wait in (broken.until_named, broken.until_open):
        with pytest.raises(StoreError):
            await wait()


async def test_refresh_swaps_the_snapshot_only_when_the_version_changed(desk: Desk) -> None:
    old = desk._snapshot
    loaded: list[str] = []

    def load() -> Any:
        loaded.append("new")
        return replace(old, version="new")

    other = Desk(old, load, lambda: "new")
    other._opened.set_result(None)
    assert await other.refresh()
    assert other.version == "new"
    assert not await other.refresh()
    assert loaded == ["new"]


async def test_watch_goes_on_while_the_store_is_away(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    calls: asyncio.Queue[None] = asyncio.Queue()

    def version() -> str:
        loop.call_soon_threadsafe(calls.put_nowait, None)
        raise StoreError("The store is away.")

    other = Desk(desk._snapshot, lambda: desk._snapshot, version)
    other._opened.set_result(None)
    watching = asyncio.create_task(other.watch(0.001))
    for _ in range(3):
        await asyncio.wait_for(calls.get(), 5)
    assert not watching.done()
    assert other.version == desk.version
    watching.cancel()
    assert "store away" in caplog.text


def test_what_came_out_lately_is_what_people_fetch_the_newest_first(desk: Desk) -> None:
    models = pulse.newest(desk)
    days = [model.release_date or "" for model in models]
    assert days == sorted(days, reverse=True)
    assert len(models) == pulse.NEW_MODELS
    least = min(model.downloads for model in models)
    passed = [one for one in desk.answers.knowledge.models.values() if one.kind in pulse.KINDS and one.shape
              and (one.release_date or "") >= days[-1] and one.downloads > least and one not in models]  # fmt: skip
    assert passed == []


@pytest.mark.parametrize("text", ["what is a kv cache", "hello everybody", "CUDA error: out of memory"])
def test_a_message_that_names_no_model_gets_no_other_answer(desk: Desk, text: str) -> None:
    assert will_it_run.reply(desk, EN, text=text).cards[0].title == "No model named"


@pytest.mark.parametrize(("speed", "doubted"), [(55.0, False), (9_999.0, True)])
def test_a_measurement_that_cannot_be_is_told_so(desk: Desk, speed: float, doubted: bool) -> None:
    asked = questions.asked_of(desk.fit("qwen3-8b", "RTX 3060 12GB").request)
    said = report.reply(desk, EN, speed=speed, asked=asked).cards[0].description
    assert ("batched, or speculative decoding" in said) is doubted


def test_a_burst_is_no_lull_and_passes() -> None:
    lull = Lull()
    assert lull.few(0.0)
    for number in range(8):
        lull.note(number / 100)
    assert lull.few(0.08)
    for _ in range(40):
        lull.note(0.1)
    assert not lull.few(0.2)
    assert lull.few(3.0)


@pytest.mark.parametrize(
    ("model", "hardware"),
    [("qwen3-8b", "rtx 3060 12gb"), ("llama-3.3-70b-instruct", "rtx 3060 12gb"), ("qwen3-30b-a3b", "2x rtx 3060 12gb")],
)
def test_a_card_is_made_of_the_detailed_answer_but_what_it_does_not_show(desk: Desk, model: str, hardware: str) -> None:
    shown = desk.fit(model, hardware)
    assert shown == replace(desk.answers.estimate(shown.request), max_n_ctx_at_20_tok_s=None)
