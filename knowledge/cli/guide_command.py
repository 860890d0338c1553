"""`guide`: the command that shows buyer guides, quick answers and kits, and their list. No figure is computed here."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from knowledge.answers import Answers
from knowledge.catalog import Page
from knowledge.cli.terminal import WIDTH, console
from knowledge.cli.views import page_json
from knowledge.cloud_prices import load_prices
from knowledge.guides import Guides, RenderedPage

_KINDS: Final = {"guide": "Buyer guides", "answer": "Quick answers", "kit": "Prompting kits"}


def run_guide(answers: Answers, args: argparse.Namespace) -> int:
    """Show one page, or the list of all where none is named. Raises UnknownName with the nearest ones."""
    name = " ".join(args.name)
    if not name.strip():
        return _list(answers, as_json=args.json)
    guides = Guides(answers, load_prices())
    found = guides.render(guides.named(name))
    if args.json:
        print(json.dumps(page_json(found), ensure_ascii=False, indent=2))
    else:
        console().print(page_card(found))
    return 0


def print_pages(answers: Answers, pages: Sequence[Page], *, answered: bool) -> None:
    """Show the best of the pages found for a question where nothing else answered it, and name the others."""
    out = console()
    if not answered:
        out.print(page_card(Guides(answers, load_prices()).render(pages[0])))
    for page in pages if answered else pages[1:]:
        out.print(f"See also: {page.title} (python -m knowledge guide {page.id})", highlight=False)


def _list(answers: Answers, *, as_json: bool) -> int:
    pages = sorted(answers.knowledge.pages.values(), key=lambda page: (list(_KINDS).index(page.kind), page.id))
    if as_json:
        print(json.dumps([{"id": p.id, "kind": p.kind, "title": p.title} for p in pages], ensure_ascii=False, indent=2))
        return 0
    for kind, heading in _KINDS.items():
        rows = Table.grid(padding=(0, 2))
        for page in pages:
            if page.kind == kind:
                rows.add_row(page.id, Text(page.title, style="dim"))
        console().print(Group(Text(heading, style="bold"), rows, Text()))
    return 0


def page_card(found: RenderedPage) -> Panel:
    """A page with its settings, what it links to, its sources, and the disclosure where it links to shops."""
    page = found.page
    body: list[RenderableType] = [Markdown(found.body)]
    if page.settings:
        rows = Table(title="As the makers recommend", title_justify="left", box=None, padding=(0, 2, 0, 0))
        rows.add_column("model")
        rows.add_column("settings")
        for one in page.settings:
            rows.add_row(one.model, one.values)
        body += [Text(), rows]
    links = [f"{name}: {', '.join(ids)}" for name, ids in _links(page) if ids]
    body += [Text(), Text("\n".join(links), style="dim")]
    sources = dict.fromkeys((*page.sources, *(one.source for one in page.settings)))
    body.append(Text(f"Sources: {', '.join(sources)}", style="dim"))
    if found.disclosure:
        body += [Text("\n".join(page.shops)), Text(found.disclosure, style="bold")]
    return Panel(Group(*body), title=page.title, border_style="cyan", width=WIDTH, padding=(1, 2))


def _links(page: Page) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("Words", page.terms), ("When it doesn't work", page.errors), ("See also", page.related))
