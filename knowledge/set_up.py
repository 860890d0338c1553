"""Which programs a question wants to set up: a word of installing or using beside the name of a tool.

What is wrong with a program is the error matcher's business, what it is the glossary's. No text is made here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from knowledge import linear
from knowledge.catalog import Tool

MOST_CHARS: Final = 160
"""A longer text tells a story; who only wants to set a program up says so shortly."""

_CAN_IT: Final = linear.compile(r"^\W*(?:can|does|do|is|kann|puede|peut|pode|può|умеет|поддерживает)\b")
"""A question about what a program can, where it begins with that and names the program right behind."""
_BEGINNING: Final = 24

_SETTING_UP: Final = linear.compile(
    r"\b(?:install\w*|set(?:ting)? ?up|setup|configur\w*|deploy\w*|host|launch|download|getting started|"
    r"supports?|compatible|works? (?:on|with|in|under)|available (?:on|for)|"
    r"runs? on (?:windows|linux|mac\w*|android|amd|arm)|(?:in|with) docker|"
    r"(?:how|where) (?:do|can|to|should)(?: (?:i|you|we|one))? (?:get|use|run|start|download|try)|"
    r"einricht\w*|einstell\w*|instal\w*|benutz\w*|herunterladen|unterstützt|läuft (?:auf|unter)|"
    r"funktioniert (?:auf|mit|unter)|utiliser|télécharg\w*|compatibles?|prend en charge|fonctionne (?:sur|avec)|"
    r"usar|uso|usare|descarg\w*|soporta|funciona (?:en|con|no|na|com)|baix(?:o|ar)|suporta|"
    r"supporta|scaric\w*|funziona (?:su|con)|uruchomi\w*|zainstal\w*|kur\w*)\b"
    r"|установ|настро|запуст|скачать|поддержива|работает (?:на|с|под)"
    r"|安装|设置|怎么用|如何使用|支持|下载|使い方|インストール|導入|対応|ダウンロード|설치|사용법"
)
"""Installing, using, or asking whether it works somewhere: all of that the program's own card tells."""


def tools_to_set_up(text: str, tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """The tools a short text wants to install or use, in the order of the text; empty where it asks nothing such."""
    low = text.casefold()
    setting_up, can_it = _SETTING_UP.search(low) is not None, _CAN_IT.search(low) is not None
    if len(low) > MOST_CHARS or not (setting_up or can_it):
        return ()
    found = [(at, tool) for tool in tools if (at := _place(low, tool)) is not None]
    found.sort(key=lambda one: (one[0], one[1].id))
    return tuple(tool for at, tool in found if setting_up or at < _BEGINNING)


def tools_compared(text: str, tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """The programs a short text sets side by side ("jan or gpt4all?"); empty where it names fewer than two."""
    low = text.casefold()
    if len(low) > MOST_CHARS or not _EITHER.search(low):
        return ()
    found = sorted((at, tool.id, tool) for tool in tools if (at := _place(low, tool)) is not None)
    return tuple(tool for _, _, tool in found) if len(found) > 1 else ()


_EITHER: Final = linear.compile(r"\b(?:or|vs\.?|versus|and|between|better than|oder|und|o|y|ou|et|e)\b|или|还是|和|と")


def _place(low: str, tool: Tool) -> int | None:
    """Where the tool is named as a word of its own; None where it is not."""
    places = (_word(low, name.casefold()) for name in (tool.id, tool.name, *tool.aliases))
    return min((at for at in places if at is not None), default=None)


def _word(low: str, name: str) -> int | None:
    at = low.find(name)
    while at >= 0:
        before, after = low[at - 1 : at], low[at + len(name) : at + len(name) + 1]
        if not _sticks(before) and not _sticks(after):
            return at
        at = low.find(name, at + 1)
    return None


def _sticks(char: str) -> bool:
    """Whether a neighbouring character makes a name part of a longer word; scripts without spaces do not."""
    return char.isascii() and char.isalnum()
