"""Discord's limits, each at its boundary: what is taken just so, and refused one beyond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.standin.limits_commands import command_problems
from bot.standin.limits_message import callback_problems, message_problems
from bot.standin.payloads import AUTOCOMPLETE, COMMAND, COMPONENT, COMPONENTS_V2, MODAL
from bot.standin.problems import invalid_form

Json = dict[str, Any]


def embed(**parts: Any) -> Json:
    return {"type": 4, "data": {"embeds": [parts]}}


def rows(*parts: Json) -> Json:
    return {"type": 4, "data": {"content": "x", "components": list(parts)}}


def layout(*parts: Json, **more: Any) -> Json:
    return {"type": 4, "data": {"flags": COMPONENTS_V2, "components": list(parts), **more}}


def button(**more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "a", "custom_id": "a", **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def select(**more: Any) -> Json:
    return row({"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}], **more})


def options(n: int) -> list[Json]:
    return [{"label": str(k), "value": str(k)} for k in range(n)]


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def box(*parts: Json, **more: Any) -> Json:
    return {"type": 17, "components": list(parts), **more}


def picture(url: str = "https://example.org/a.png", **more: Any) -> Json:
    return {"media": {"url": url}, **more}


def section(n: int = 1, **more: Any) -> Json:
    return {"type": 9, "components": [text()] * n, "accessory": button(), **more}


def modal(*parts: Json, **more: Any) -> Json:
    return {"type": 9, "data": {"custom_id": "m", "title": "M", "components": list(parts), **more}}


def label(part: Json | None = None, **more: Any) -> Json:
    return {"type": 18, "label": "L", "component": part or {"type": 4, "custom_id": "t", "style": 1}, **more}


def choices(*given_: Json) -> Json:
    return {"type": 8, "data": {"choices": list(given_)}}


FILE = {"attachments": [{"id": 0, "filename": "a.png"}]}

TAKEN: list[Json] = [
    {"type": 5, "data": {"flags": 64}},
    {"type": 6},
    {"type": 7, "data": {"components": []}},
    embed(title="x" * 256, description="y" * 4096),
    embed(title="𝕏" * 128),
    embed(fields=[{"name": "n" * 100, "value": "v" * 100}] * 25),
    choices(),
    choices(*[{"name": "x" * 100, "value": "y" * 100}] * 25),
    choices({"name": "a", "value": 1.5}),
    rows(row(*[button(custom_id=str(n), label="x" * 80) for n in range(5)])),
    rows(row(button(style=5, custom_id=None, url="https://example.org"))),
    rows(row(button(label=None, emoji={"name": "👍"}, custom_id="x" * 100))),
    rows(select(options=options(25), placeholder="x" * 150, max_values=25, min_values=0)),
    rows(row({"type": 5, "custom_id": "u"})),
    rows(*[row(button(custom_id=str(n))) for n in range(5)]),
    layout(text("x" * 4000)),
    layout(box(*[text()] * 39)),
    layout(section(3), {"type": 14, "spacing": 2}, box(text(), accent_color=0xFFFFFF)),
    layout({"type": 12, "items": [picture(description="x" * 1024)] * 10}),
    layout({"type": 12, "items": [picture("attachment://a.png")]}, **FILE),
    layout({"type": 13, "file": {"url": "attachment://a.png"}}, **FILE),
    layout(section(accessory={"type": 11, **picture()})),
    modal(label()),
    modal(label({"type": 21, "custom_id": "r", "options": options(10)}), label({"type": 23, "custom_id": "c"})),
    modal(row({"type": 4, "custom_id": "t", "style": 2, "label": "x" * 45, "max_length": 4000, "value": "y" * 4000})),
    modal(label({"type": 19, "custom_id": "f", "min_values": 0, "max_values": 10}, description="x" * 100)),
    modal(label({"type": 3, "custom_id": "s", "options": options(25)}), text()),
]

REFUSED: list[tuple[Json, str]] = [
    ({"type": 3}, "type"),
    ({"type": True}, "type"),
    ({"type": 4, "data": {"content": ""}}, "empty message"),
    ({"type": 4, "data": {"content": "x" * 2001}}, "data.content: Must be 2000 or fewer"),
    ({"type": 4, "data": {"content": 7}}, "Must be a string"),
    ({"type": 4, "data": {"embeds": [{"title": "x"}] * 11}}, "data.embeds: Must have 0 to 10"),
    ({"type": 4, "data": {"embeds": "x"}}, "iterables"),
    ({"type": 4, "data": {"embeds": [7]}}, "dictionaries"),
    (embed(title="x" * 257), "title"),
    (embed(description="x" * 4097), "description"),
    (embed(title="𝕏" * 129), "title"),
    (embed(fields=[{"name": "a", "value": "x" * 1025}]), "data.embeds.0.fields.0.value"),
    (embed(fields=[{"name": "x" * 257, "value": "x"}]), "name"),
    (embed(fields=[{"name": "", "value": "x"}]), "required"),
    (embed(fields=[{"name": "a", "value": "b"}] * 26), "fields: Must have 0 to 25"),
    (embed(description="x" * 4000, footer={"text": "y" * 2001}), "6001 characters"),
    (embed(description="x", footer={"text": "y" * 2049}), "footer"),
    (embed(description="x", author={"name": "y" * 257}), "author"),
    (embed(description="x", color=2**24), "color"),
    (embed(title="x", url="javascript:alert(1)"), "url"),
    (embed(), "needs something"),
    (choices(*[{"name": "a", "value": "b"}] * 26), "0 to 25"),
    (choices({"name": "", "value": "b"}), "name"),
    (choices({"name": "x" * 101, "value": "b"}), "name"),
    (choices({"name": "a", "value": "x" * 101}), "value"),
    ({"type": 8, "data": {}}, "required"),
    (rows(row()), "1 to 5"),
    (rows(row(*[button(custom_id=str(n)) for n in range(6)])), "1 to 5"),
    (rows(*[row(button(custom_id=str(n))) for n in range(6)]), "0 to 5"),
    (rows(row(button(), button())), "used twice"),
    (rows(row(button(label="x" * 81))), "label"),
    (rows(row(button(label=None))), "label or an emoji"),
    (rows(row(button(custom_id="x" * 101))), "custom_id"),
    (rows(row(button(custom_id=None))), "custom_id"),
    (rows(row(button(style=9))), "style"),
    (rows(row(button(style=5, custom_id=None, url="ftp://x"))), "Scheme"),
    (rows(row(button(style=5, url="https://example.org"))), "no custom id"),
    (rows(row(button(url="https://example.org"))), "Only a link"),
    (rows(row(*select()["components"], button())), "fills its row"),
    (rows(select(options=options(26))), "1 to 25"),
    (rows(select(options=[])), "1 to 25"),
    (rows(select(options=[*options(2), {"label": "0", "value": "0"}])), "used twice"),
    (rows(select(options=[{"label": "x" * 101, "value": "a"}])), "label"),
    (rows(select(options=[{"label": "a", "value": "a", "description": "x" * 101}])), "description"),
    (rows(select(options=[{**one, "default": True} for one in options(2)])), "defaults"),
    (rows(select(placeholder="x" * 151)), "placeholder"),
    (rows(select(min_values=2)), "min_values"),
    (rows(select(max_values=26)), "max_values"),
    (rows(text()), "type"),
    (rows(button()), "type"),
    (layout(text("x" * 4001)), "4000"),
    (layout(text("x" * 2001), text("x" * 2000)), "4001 characters shown"),
    (layout(box(*[text()] * 40)), "41 components"),
    (layout(box(box(text()))), "type"),
    (layout(box()), "1 to 40"),
    (layout(text(), content="x"), "IS_COMPONENTS_V2"),
    (layout(text(), embeds=[{"title": "x"}]), "IS_COMPONENTS_V2"),
    (layout(text("")), "required"),
    (layout(section(4)), "1 to 3"),
    (layout(section(accessory=None)), "accessory"),
    (layout(section(accessory=text())), "type"),
    (layout({"type": 14, "spacing": 3}), "spacing"),
    (layout(box(text(), accent_color=-1)), "accent_color"),
    (layout({"type": 12, "items": []}), "1 to 10"),
    (layout({"type": 12, "items": [picture()] * 11}), "1 to 10"),
    (layout({"type": 12, "items": [picture("attachment://b.png")]}, **FILE), "comes with this message"),
    (layout({"type": 13, "file": {"url": "https://example.org/a"}}), "Scheme"),
    (layout({"type": 99}), "type"),
    (layout({**text(), "id": 1}, {**text(), "id": 1}), "used twice"),
    (layout(text(), attachments=[{"id": n, "filename": "a"} for n in range(11)]), "0 to 10"),
    (modal(), "1 to 5"),
    (modal(*[text()] * 6), "1 to 5"),
    (modal(label(), title="x" * 46), "title"),
    (modal(label(), title=""), "title"),
    (modal(label(), custom_id="x" * 101), "custom_id"),
    (modal(label(), label()), "used twice"),
    (modal(label(label="x" * 46)), "label"),
    (modal(label(description="x" * 101)), "description"),
    (modal(label(button())), "type"),
    (modal(label({"type": 4, "custom_id": "t", "style": 3})), "style"),
    (modal(label({"type": 4, "custom_id": "t", "style": 1, "max_length": 4001})), "max_length"),
    (modal(label({"type": 4, "custom_id": "t", "style": 1, "max_length": 3, "value": "1234"})), "value"),
    (modal(label({"type": 4, "custom_id": "t", "style": 1, "placeholder": "x" * 101})), "placeholder"),
    (modal(label({"type": 21, "custom_id": "r", "options": options(1)})), "2 to 10"),
    (modal(label({"type": 22, "custom_id": "r", "options": options(11)})), "1 to 10"),
    (modal(label({"type": 19, "custom_id": "f", "max_values": 11})), "max_values"),
    (modal(row({"type": 4, "custom_id": "t", "style": 1})), "label"),
    (modal(row(button())), "type"),
]


@pytest.mark.parametrize("body", TAKEN)
def test_bodies_that_discord_takes(body: Json) -> None:
    assert callback_problems(body) == []


@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_bodies_that_discord_refuses(body: Json, said: str) -> None:
    problems = callback_problems(body)
    assert said in " ".join(map(str, problems))


@pytest.mark.parametrize(
    ("kind", "answers"),
    [(COMMAND, {4, 5, 9, 12}), (COMPONENT, {4, 5, 6, 7, 9, 12}), (AUTOCOMPLETE, {8}), (MODAL, {4, 5, 6, 7, 12})],
)
def test_which_callback_answers_what(kind: int, answers: set[int]) -> None:
    taken = {
        number for number in range(14) if "one of" not in str(callback_problems({"type": number, "data": {}}, kind)[:1])
    }
    assert taken == answers


def test_edits_may_name_little_and_keep_their_files() -> None:
    assert message_problems({}, edit=True) == []
    shows = {"components": [{"type": 13, "file": {"url": "attachment://a.txt"}}]}
    assert message_problems(shows, edit=True, v2=True, known=("a.txt",)) == []
    assert message_problems(shows, edit=True, v2=True)
    assert message_problems({"content": "x"}, edit=True, v2=True)


def test_errors_are_nested_as_discord_has_them() -> None:
    body = invalid_form(callback_problems(embed(title="x" * 257)))
    assert body["code"] == 50035
    (error,) = body["errors"]["data"]["embeds"]["0"]["title"]["_errors"]
    assert error["code"] == "BASE_TYPE_MAX_LENGTH"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 30) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "components", "component", "accessory", "items", "media", "options", "content", "label"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([4, 7, 8, 9]))
def test_any_body_is_judged_and_never_a_fault(data: Any, kind: int) -> None:
    body = data if isinstance(data, dict) else {"components": data, "choices": data}
    problems = callback_problems({"type": kind, "data": {"flags": COMPONENTS_V2, **body}})
    assert all(problem.message and problem.code for problem in problems)


# commands


def command(**more: Any) -> Json:
    return {"name": "fit", "description": "d", "type": 1, **more}


def opt(**more: Any) -> Json:
    return {"name": "o", "description": "d", "type": 3, **more}


@pytest.mark.parametrize(
    "commands",
    [
        [command(name=f"c{n}") for n in range(100)],
        [{"name": "Explain this error", "type": 3}, {"name": "Greet", "type": 2}],
        [{"name": f"M {n}", "type": 3} for n in range(15)],
        [command(description="x" * 100, options=[opt(name=f"o{n}") for n in range(25)])],
        [command(options=[opt(choices=[{"name": str(n), "value": str(n)} for n in range(25)])])],
        [command(options=[opt(name="set", type=2, options=[opt(name="it", type=1, options=[opt()])])])],
        [command(name_localizations={"de": "passt"}, description_localizations={"fr": "d"})],
        [command(name="größe"), command(name="合う")],
    ],
)
def test_commands_that_discord_takes(commands: list[Mapping[str, Any]]) -> None:
    assert command_problems(commands) == []


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ([command(name=f"c{n}") for n in range(101)], "101 commands"),
        ([{"name": f"M {n}", "type": 3} for n in range(16)], "16 commands"),
        ([command(), command()], "used twice"),
        ([command(name="Fit")], "invalid"),
        ([command(name="a b")], "invalid"),
        ([command(name="x" * 33)], "32 or fewer"),
        ([command(description="")], "required"),
        ([command(description="x" * 101)], "100 or fewer"),
        ([{"name": "M", "type": 3, "description": "d"}], "neither"),
        ([command(options=[opt(name=f"o{n}") for n in range(26)])], "0 to 25"),
        ([command(options=[opt(), opt()])], "used twice"),
        ([command(options=[opt(), opt(name="p", required=True)])], "come first"),
        ([command(options=[opt(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])], "0 to 25"),
        ([command(options=[opt(choices=[{"name": "a", "value": "x" * 101}])])], "value"),
        ([command(options=[opt(choices=[{"name": "a", "value": "a"}], autocomplete=True)])], "Choices or autocomplete"),
        ([command(options=[opt(max_length=6001)])], "max_length"),
        ([command(options=[opt(type=12)])], "type"),
        ([command(options=[opt(name="set", type=1), opt()])], "do not mix"),
        ([command(options=[opt(type=2, options=[opt(type=2, options=[opt(type=1)])])])], "Nested"),
        ([command(name_localizations={"xx": "passt"})], "no locale"),
        ([command(name_localizations={"de": "Passt"})], "invalid"),
        ([command(contexts=[3])], "contexts"),
        ([command(integration_types=[2])], "integration_types"),
        ([command(description="x" * 100, options=[
            opt(name=f"o{n}", choices=[{"name": f"{k}" * 60, "value": "v" * 60} for k in range(9)]) for n in range(9)
        ])], "characters, at most 8000"),
    ],
)  # fmt: skip
def test_commands_that_discord_refuses(commands: list[Mapping[str, Any]], said: str) -> None:
    assert said in " ".join(map(str, command_problems(commands)))
