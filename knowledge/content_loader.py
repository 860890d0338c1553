"""Reads the content folder into records and into `Knowledge`, and checks it: the only door to the curated files.

`load_content` gives everything or raises; `check` lists every problem at once. The formats' rules are in
`content_schema` (YAML) and `search.entries` (Markdown); links between entries in `content_links`, arithmetic in
`content_physics`, search promises in `content_search`, the glossary's figures in `content_numbers`. It writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from knowledge.catalog import ErrorClass, Knowledge, Model, ModelShape, Page, Term
from knowledge.cloud_prices import FILE as PRICES
from knowledge.cloud_prices import load_prices, price_problems
from knowledge.content_links import absence_problems, ambiguity_problems, link_problems, reference_problems
from knowledge.content_schema import ALIAS, DEVICE, HIDDEN, MODEL, QUANT, TOOL, Schema, nearest, read_entry
from knowledge.content_types import Content, Place, Problem
from knowledge.content_yaml import Entry, YamlError, read_yaml
from knowledge.errors import ContentError
from knowledge.precompiled import open_shelf
from knowledge.search.entries import error_from_markdown, term_from_markdown
from knowledge.search.page_entries import FOLDERS, page_from_markdown
from knowledge.settings import CONTENT_DIR

Record = TypeVar("Record")
ALIAS_FILES: Final = {"models.yaml": "model", "hardware.yaml": "hardware", "quants.yaml": "quant"}
MAX_MARKDOWN_BYTES: Final = 100_000


def load_content(content_dir: Path = CONTENT_DIR) -> Content:
    """Read all content. Raises ContentError with the first problem's file, entry and field: nothing is half-loaded."""
    problems: list[Problem] = []
    content = _Reader(content_dir, problems).read()
    problems.extend(link_problems(content))
    if problems:
        more = f" ({len(problems) - 1} more: `python -m knowledge check` lists them.)" if len(problems) > 1 else ""
        first = problems[0]
        raise ContentError(str(first) + more, subject=f"{first.file}: {first.field}", hint="")
    return content


def check(content_dir: Path = CONTENT_DIR) -> list[Problem]:
    """List everything that is wrong with the content, in the order of its files; empty when it is sound."""
    from knowledge.content_numbers import number_problems  # the estimator and the indexes: not needed to load
    from knowledge.content_pages import page_link_problems, page_problems
    from knowledge.content_physics import physics_problems
    from knowledge.content_search import search_problems

    problems: list[Problem] = []
    content = _Reader(content_dir, problems).read()
    links = (link_problems, absence_problems, reference_problems, page_link_problems)
    for rule in (*links, ambiguity_problems, physics_problems, search_problems):
        problems.extend(rule(content))
    problems.extend(price_problems(content_dir, {model.id for model in content.models}))
    prose = ("glossary/", "errors/", *(f"{folder}/" for folder in FOLDERS))
    if all(problem.file.startswith(prose) for problem in problems):  # figures are tried on a sound catalogue only
        unsound = frozenset(problem.entry for problem in problems)
        knowledge = build_knowledge(content)
        problems.extend(number_problems(content, knowledge, unsound))
        if content.pages:
            prices = load_prices(content_dir) if (content_dir / PRICES).is_file() else {}
            problems.extend(page_problems(content, knowledge, prices, unsound))
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.entry, problem.field))


def load_knowledge(content_dir: Path = CONTENT_DIR) -> Knowledge:
    """Read the snapshot straight from the files, without a store."""
    return build_knowledge(load_content(content_dir))


def build_knowledge(content: Content) -> Knowledge:
    """Make the snapshot of content that was read from files."""
    return snapshot(content, content_version(content))


def snapshot(content: Content, version: str) -> Knowledge:
    """Make the snapshot: everything by id, in the order of the ids, so that files and store give the same one.

    What was compiled of its models before is looked up from now on.
    """
    open_shelf()
    return Knowledge(
        models=_by_id(_sharing_shapes(content.models)),
        devices=_by_id(content.devices),
        quants=_by_id(content.quants),
        aliases=tuple(sorted(content.aliases, key=lambda alias: (alias.kind, alias.text))),
        terms=_by_id(content.terms),
        errors=_by_id(content.errors),
        tools=_by_id(content.tools),
        pages=_by_id(content.pages),
        content_version=version,
    )


def _sharing_shapes(models: Iterable[Model]) -> Iterator[Model]:
    """Models with one shape hold the same: figures are remembered by it, and equal ones are compared field by field."""
    known: dict[ModelShape, ModelShape] = {}
    for model in models:
        shape = None if model.shape is None else known.setdefault(model.shape, model.shape)
        yield model if shape is model.shape else replace(model, shape=shape)


def record_hash(record: object) -> str:
    """Hash one record: two are equal exactly when their fields are."""
    return hashlib.sha256(msgspec.json.encode(record, order="deterministic")).hexdigest()


def content_version(content: Content) -> str:
    """Hash all content, whatever the order of its files."""
    return version_of(record_hash(record) for _, records in kinds(content) for record in records)


def version_of(hashes: Iterable[str]) -> str:
    """Hash the hashes of all records, in any order."""
    return hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()[:32]


def kinds(content: Content) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give each kind of content with its records, in the order they are synced."""
    yield "model", content.models
    yield "device", content.devices
    yield "quant", content.quants
    yield "alias", content.aliases
    yield "term", content.terms
    yield "error_class", content.errors
    yield "tool", content.tools
    yield "page", content.pages


def _by_id(records: Iterable[Any]) -> Mapping[str, Any]:
    return {record.id: record for record in sorted(records, key=lambda record: str(record.id))}


class _Reader:
    """Reads one content folder, noting problems and going on."""

    def __init__(self, root: Path, problems: list[Problem]) -> None:
        if not root.is_dir():
            raise ContentError(f"There is no content folder {root.name}.", subject=str(root), hint="Reinstall.")
        self._root = root
        self._problems = problems
        self._places: dict[tuple[str, str], Place] = {}

    def read(self) -> Content:
        return Content(
            models=tuple(self._listed("model", MODEL, self._files("models", ".yaml"), "models", "family")),
            devices=tuple(self._listed("device", DEVICE, self._files("hardware", ".yaml"), "devices", "vendor")),
            quants=tuple(self._listed("quant", QUANT, self._one("quants.yaml"))),
            aliases=tuple(self._aliases()),
            terms=tuple(self._markdown("term", "glossary", term_from_markdown)),
            errors=tuple(self._markdown("error", "errors", error_from_markdown)),
            tools=tuple(self._listed("tool", TOOL, self._files("tools", ".yaml"), "tools")),
            pages=tuple(page for folder in FOLDERS for page in self._pages(folder)),
            places=self._places,
        )

    def _files(self, folder: str, suffix: str) -> list[Path]:
        paths = sorted(path for path in (self._root / folder).glob("*") if not path.name.startswith("."))
        for stray in (path for path in paths if path.suffix != suffix):
            self._note(stray, f"only {suffix} files belong here")
        return [path for path in paths if path.suffix == suffix]

    def _one(self, name: str) -> list[Path]:
        path = self._root / name
        return [path] if path.is_file() else []

    def _note(self, path: Path, message: str, hint: str = "", line: int = 0) -> None:
        self._problems.append(Problem(file=self._name(path), message=message, hint=hint, line=line))

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _text(self, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            self._note(path, "is not UTF-8 text")
        except OSError as error:
            self._note(path, f"cannot be read ({error.strerror})")
        return None

    def _listed(
        self, kind: str, schema: Schema[Record], paths: list[Path], list_name: str = "", shared: str = ""
    ) -> Iterator[Record]:
        """Read the entries of YAML files: one list, or named lists and one field shared by all their entries."""
        for path in paths:
            for entry in self._entries(path, list_name, shared):
                place = Place(file=self._name(path), line=entry.line)
                record = read_entry(schema, entry, place, self._problems)
                if record is not None and self._is_new(kind, str(entry.get("id")), place):
                    yield record

    def _aliases(self) -> Iterator[Any]:
        for path in self._files("aliases", ".yaml"):
            kind = ALIAS_FILES.get(path.name)
            if kind is None:
                self._note(path, "is not an alias file", nearest(path.name, ALIAS_FILES))
                continue
            for entry in self._entries(path, "aliases", ""):
                place = Place(file=self._name(path), line=entry.line)
                record = read_entry(ALIAS, {**entry, "kind": kind}, place, self._problems)
                if record is not None and self._is_new(f"alias of {kind}", record.text.casefold(), place):
                    yield record

    def _is_new(self, kind: str, key: str, place: Place) -> bool:
        first = self._places.setdefault((kind, key), place)
        if first is not place:
            where = f"{first.file}:{first.line}" if first.line else first.file
            self._problems.append(place.problem(key, "id", f"stands twice: first in {where}", "Remove one of them."))
        return first is place

    def _entries(self, path: Path, list_name: str, shared: str) -> list[Entry]:
        text = self._text(path)
        if text is None:
            return []
        try:
            data = read_yaml(text)
        except YamlError as error:
            self._note(path, error.message, line=error.line)
            return []
        common: dict[str, Any] = {}
        if isinstance(data, Entry):
            common, data = self._header(path, data, list_name, shared)
        if not isinstance(data, list):
            self._note(path, f"must hold a list of entries{f' called {list_name!r}' if list_name else ''}")
            return []
        for stray in (item for item in data if not isinstance(item, Entry)):
            self._note(path, f"an entry must be fields with values, not {stray!r:.60}")
        entries = [item for item in data if isinstance(item, Entry)]
        for entry in entries:
            for name, value in common.items():
                entry.setdefault(name, value)
        return entries

    def _header(self, path: Path, data: Entry, list_name: str, shared: str) -> tuple[dict[str, Any], object]:
        """Split a file's mapping into the field all its entries share and their list (quants: every list in it)."""
        if not list_name:
            lists = [items for items in data.values() if isinstance(items, list)]
            return {}, [item for items in lists for item in items] if len(lists) == len(data) else None
        known = {list_name, shared} - {""}
        for name in data.keys() - known:
            self._note(path, f"no such field '{name}' at the top", nearest(name, known), data.line)
        if shared and shared not in data:
            self._note(path, f"the field '{shared}' is missing at the top", line=data.line)
        return {name: data[name] for name in (shared,) if name in data}, data.get(list_name)

    def _pages(self, folder: str) -> Iterator[Any]:
        return self._markdown("page", folder, lambda text, id_: page_from_markdown(text, id_, FOLDERS[folder]))

    def _markdown(self, kind: str, folder: str, parse: Callable[[str, str], Term | ErrorClass | Page]) -> Iterator[Any]:
        for path in self._files(folder, ".md"):
            place = Place(file=self._name(path))
            if path.stat().st_size > MAX_MARKDOWN_BYTES:
                self._note(path, f"is larger than {MAX_MARKDOWN_BYTES} bytes")
                continue
            text = self._text(path)
            if text is None:
                continue
            if hidden := HIDDEN.search(text):
                self._note(path, f"holds the control or invisible character U+{ord(hidden[0]):04X}")
                continue
            try:
                record = parse(text, path.stem)
            except ContentError as error:
                field, message = _field_and_message(error)
                self._problems.append(place.problem(path.stem, field, message, error.hint))
                continue
            if self._is_new(kind, record.id, place):
                yield record


def _field_and_message(error: ContentError) -> tuple[str, str]:
    """Take the entry's name off a message, which the problem says itself."""
    field = error.subject.partition(": ")[2]
    message = error.message.removeprefix(f"{error.subject}: ").rstrip(".")
    return field, message
