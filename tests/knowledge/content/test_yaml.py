"""The catalogue's YAML: what plain values mean, and what is refused with its line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.content_yaml import Entry, YamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 7", 7),
        ("a: -7", -7),
        ("a: 8.191", 8.191),
        ("a: 1e9", 1e9),
        ("a: .5", 0.5),
        ("a: true", True),
        ("a: null", None),
        ("a:", None),
        ('a: "8.0"', "8.0"),
        ("a: no", "no"),
        ("a: 2025-04-27", "2025-04-27"),
        ("a: 8.6.1", "8.6.1"),
        ("a: 007", "007"),
        ("a: 1_000", "1_000"),
        ("a: q4_k_m", "q4_k_m"),
        ("a: [1, x, 2.5]", [1, "x", 2.5]),
        ("a: {b: 1}", {"b": 1}),
        ("a: '7'", "7"),
        ("a: e5", "e5"),
        ("a: 0x10", "0x10"),
    ],
)
def test_values(text: str, value: object) -> None:
    found = read_yaml(text)["a"]
    assert found == value
    assert type(found) is type(value) or isinstance(found, Entry)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: [", 3, "not YAML"),
        ("a: 1\na: 2", 2, "'a' stands twice"),
        ("- {id: x}\n- {id: y, id: z}", 2, "'id' stands twice"),
        ("a: &x [1]\nb: *x", 1, "anchors"),
        ("a: !!python/name:os.system x", 1, "tags"),
        ("a: !thing [1]", 1, "tags"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("? [1]\n: 2", 1, "must be a word"),
        ("a: \x01", 1, "not YAML"),
        ("\t- a", 1, "not YAML"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, says: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert says in caught.value.message
    assert caught.value.line == line


def test_entries_know_their_line() -> None:
    data = read_yaml("family: A\nmodels:\n  - id: x\n    n: 1\n\n  - {id: y}\n")
    assert [entry.line for entry in data["models"]] == [3, 6]


def test_an_empty_file_is_nothing() -> None:
    assert read_yaml("") is None
    assert read_yaml("# only a comment\n") is None


def test_a_bomb_of_references_is_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(YamlError, match="anchors"):
        read_yaml("\n".join(lines))


_SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).map(lambda x: round(x, 3))
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
_DATA = st.recursive(
    _SCALARS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(data=st.dictionaries(_TEXTS, _DATA, max_size=5))
def test_what_is_written_with_quotes_is_read_back(data: dict[str, object]) -> None:
    class Quoting(yaml.SafeDumper):
        """Writes every text in quotes, so that nothing depends on how plain words are understood."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class' own
            return True

    Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
    assert read_yaml(yaml.dump(data, Dumper=Quoting, allow_unicode=True)) == data


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    line = 1
    try:
        read_yaml(text)
    except YamlError as error:
        line = error.line
    assert 1 <= line <= len(text.splitlines()) + 2
