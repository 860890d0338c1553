"""A strict, fast reader for the catalogue's YAML: plain data out, and the line every entry began on.

Strict: no tags, anchors or doubled keys, and only the plain values a newcomer expects (`no` is text, a date is text).
It knows nothing of models or devices; what the fields mean is `content_schema`'s business.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_PLAIN, _QUOTED = "plain", "quoted"
_WORDS: Final[dict[str, object]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d+)?|\.\d+)([eE][-+]?\d{1,2})?")
MAX_FILE_CHARS: Final = 4_000_000


class YamlError(Exception):
    """A file that cannot be read as the catalogue's YAML; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Entry(dict[str, Any]):
    """One mapping of a file, with the line it began on."""

    line: int = 0


class _Composer(yaml.CSafeLoader):
    """Libyaml's parser, told to tag a plain and a quoted scalar differently, and no more."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ANN401, ARG002 - the base class' own
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _QUOTED
        return "collection"

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:  # noqa: ANN401 - the base class' own
        """Nothing depends on where a value stands."""

    def ascend_resolver(self) -> None:
        """Nothing depends on where a value stands."""


def read_yaml(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return the data in `text`: lists, `Entry` mappings, text, numbers, booleans, None. Raises YamlError."""
    if len(text) > MAX_FILE_CHARS:
        raise YamlError(f"the file has {len(text)} characters, at most {MAX_FILE_CHARS} are read", 1)
    try:
        node = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(f"not YAML: {error.problem or error.context}", line) from error
    except yaml.YAMLError as error:
        raise YamlError(f"not YAML: {' '.join(str(error).split())[:200]}", 1) from error
    return None if node is None else _Builder().build(node)


class _Builder:
    """Builds the data of one file out of its nodes."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._plain: dict[str, object] = dict(_WORDS)

    def build(self, node: yaml.Node) -> Any:  # noqa: ANN401 - whatever the node holds
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise YamlError("anchors and references (&, *) are not used here: write the value out", line)
        self._seen.add(id(node))
        if node.tag != "collection":
            raise YamlError(f"tags like {node.tag} are not used here", line)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item) for item in node.value]
        return self._mapping(node, line)

    def _mapping(self, node: yaml.Node, line: int) -> Entry:
        entry = Entry()
        entry.line = line
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise YamlError("a field's name must be a word", key_node.start_mark.line + 1)
            if key in entry:
                raise YamlError(f"the field '{key}' stands twice", key_node.start_mark.line + 1)
            entry[key] = self.build(value_node)
        return entry

    def _scalar(self, node: yaml.ScalarNode) -> object:
        text: str = node.value
        if node.tag == _QUOTED:
            return text
        if node.tag != _PLAIN:
            raise YamlError(f"tags like {node.tag} are not used here", node.start_mark.line + 1)
        if text not in self._plain:
            self._plain[text] = _plain_value(text)
        return self._plain[text]


def _plain_value(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
