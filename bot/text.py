"""Text that is safe to show in Discord: user text made inert, curated Markdown tamed, secrets redacted, lengths cut.

Pure functions. Lengths are UTF-16 units, the strictest way Discord may count. Nothing here knows embeds or sends a
thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

LINK_HOSTS = frozenset(
    {
        "arxiv.org",
        "developer.apple.com",
        "developer.nvidia.com",
        "docs.nvidia.com",
        "docs.ollama.com",
        "docs.vllm.ai",
        "github.com",
        "huggingface.co",
        "lmstudio.ai",
        "ml-explore.github.io",
        "ollama.com",
        "pytorch.org",
        "rocm.docs.amd.com",
        "runlocalai.co",
        "www.runlocalai.co",
    }
)
"""Hosts a card may link to. Any other address is shown as its host name, unlinked."""

MOST_ACCENTS = 2
SHORT = 400
"""Texts of so many characters are remembered as they are shown."""

_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
HARMLESS = re.compile(
    "[\\n -~\u00a0-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25ff"
    "\u3001-\u3029\u3030\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u4e00-\u9fff\uff01-\uff60]*"
)
"""Letters, signs and blocks that most texts are made of: nothing in these ranges is unseen or stands on another."""

_MARKDOWN = re.compile(r"([\\`*_~|>#\[\]()<-])")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_FENCE = re.compile(r"(```.*?```)", re.DOTALL)
_MASKED_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((\S{1,600}?)\)")
_BARE_LINK = re.compile(r"(?<![(<\w])https?://[^\s<>)\]]{1,600}")
_MENTION = re.compile(r"<(?=[@#:/ait])")
_SOFT_BREAK = re.compile(r"(?<=\S)\n(?=[^\s>#*+|-])(?!\d{1,3}[.)] )")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_SECRETS = (
    (re.compile(r"\b[A-Za-z0-9_-]{23,30}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{25,}"), "[discord token]"),
    (re.compile(r"\bhf_[A-Za-z0-9]{20,}"), "[hugging face token]"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"), "[api key]"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}"), "[github token]"),
    (re.compile(r"(?i)\b(bearer|bot)[ \t]+[A-Za-z0-9._~+/-]{20,}"), r"\1 [token]"),
    (re.compile(r"(/(?:interactions|webhooks)/\d{5,25}/)[A-Za-z0-9._-]{8,}"), r"\1[token]"),
    (re.compile(r"(?i)(://[^\s:/@]{1,64}:)[^\s@/]{1,128}@"), r"\1[password]@"),
)


def units(text: str) -> int:
    """Length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def inert(text: str) -> str:
    """Drop what one cannot see but Discord obeys: controls, zero-width and direction marks, floods of accents."""
    if (text.isascii() and text.isprintable()) or HARMLESS.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").replace("\t", " ")
    categories = {char: unicodedata.category(char) for char in set(text)}
    unwanted = {char for char, category in categories.items() if category in _CONTROLS and char != "\n"}
    if unwanted:
        text = text.translate(dict.fromkeys(map(ord, unwanted)))
    if "Mn" not in categories.values():
        return text
    kept: list[str] = []
    accents = 0
    for char in text:
        accents = accents + 1 if categories[char] == "Mn" else 0
        if accents <= MOST_ACCENTS:
            kept.append(char)
    return "".join(kept)


def cut(text: str, limit: int) -> str:
    """`text` within `limit` units, ended at a sentence or word with an ellipsis; an open code fence is closed."""
    if units(text) <= limit:
        return text
    room = max(limit - 6, 1)
    short = text[:room]
    while units(short) > room:
        short = short[:-1]
    for mark, least in (("\n", 0.7), (". ", 0.6), (" ", 0.5)):
        at = short.rfind(mark)
        if at >= room * least:
            short = short[: at + (mark == ". ")]
            break
    fenced = short.count("```") % 2 == 1
    end = " …" if short.rstrip().endswith((".", "!", "?")) else "…"
    return f"{short.rstrip()}{end}" + ("\n```" if fenced else "") if limit > 7 else short


def code(text: str, limit: int = 100) -> str:
    """User text as inline code, in which Discord parses nothing."""
    line = " ".join(inert(text).replace("`", "ˋ").split())
    return f"`{cut(line, limit)}`" if line else "`(nothing)`"


def fence(text: str, limit: int = 1000, language: str = "") -> str:
    """`text` as a code block that it cannot break out of."""
    body = cut(inert(text).replace("```", "ˋˋˋ").strip("\n"), limit - len(language) - 8)
    return f"```{language}\n{body}\n```"


def plain(text: str, limit: int = 256) -> str:
    """A name or a sentence from data, shown literally: Markdown escaped, mentions and addresses made inert."""
    return _plain(text, limit) if len(text) <= SHORT else _plain.__wrapped__(text, limit)


@lru_cache(maxsize=1024)
def _plain(text: str, limit: int) -> str:
    """`plain`, remembered: cards name the same models and devices and say the same sentences again and again."""
    line = " ".join(inert(text).split()).replace("@", "＠").replace("://", "：//")
    return cut(_MARKDOWN.sub(r"\\\1", line), limit)


def label(text: str, limit: int = 100) -> str:
    """Text for places that parse no Markdown: choices, buttons, footers."""
    return cut(" ".join(inert(text).split()), limit)


def allowed_link(url: str) -> bool:
    """Whether a card may link to `url`."""
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in LINK_HOSTS and parts.username is None and parts.port is None


def link(name: str, url: str) -> str:
    """A masked link where the host is allowed, else the name and the host as plain text."""
    if allowed_link(url) and not re.search(r"[\s()<>]", url):
        return f"[{plain(name, 120)}]({url})"
    host = urlsplit(url).hostname or ""
    shown = plain(name, 120)
    return shown if not host or host.removeprefix("www.") in name else f"{shown} ({plain(host, 80)})"


def markdown(text: str, limit: int) -> str:
    """Curated Markdown for a card: mentions and foreign links neutralised, headings set bold, code left as it is.

    Discord breaks a line wherever the source does, so the line ends inside a paragraph become blanks.
    """
    out: list[str] = []
    at = 0
    pieces = _FENCE.split(inert(text).strip())
    clean = "".join(piece if piece.startswith("```") else _SOFT_BREAK.sub(" ", piece) for piece in pieces)
    for span in _CODE.finditer(clean):
        out += [_tame(clean[at : span.start()]), span.group()]
        at = span.end()
    out.append(_tame(clean[at:]))
    return cut("".join(out), limit)


def _tame(text: str) -> str:
    text = _MENTION.sub("‹", text).replace("@everyone", "＠everyone").replace("@here", "＠here")
    text = _BARE_LINK.sub(
        lambda found: found.group() if allowed_link(found.group()) else code(found.group(), 200), text
    )
    text = _MASKED_LINK.sub(lambda found: link(found.group(1), found.group(2)), text)
    return _HEADING.sub(r"**\1**", text)


def redact(text: str) -> str:
    """Replace what looks like a credential: tokens of Discord, Hugging Face, OpenAI, GitHub; passwords in addresses."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def bullets(lines: Iterable[str]) -> str:
    """Lines as a Markdown list."""
    return "\n".join(f"- {line}" for line in lines if line)
