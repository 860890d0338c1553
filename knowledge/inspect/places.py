"""Which place a person means: a repository on Hugging Face, a model of the Ollama library, an address, a local file.

Pure: reads the text, opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from knowledge.errors import BadInput

Kind = Literal["hf", "ollama", "url", "file"]

HUB = "https://huggingface.co"
OLLAMA = "https://registry.ollama.ai"
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_OLLAMA_NAME = re.compile(r"([a-z0-9][\w.-]{0,60}/)?[a-z0-9][\w.-]{0,60}(:[\w.-]{1,60})?")
MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look. `name` is a repository, a library name with its tag, an address or a path; `file` one in it."""

    kind: Kind
    name: str
    file: str = ""


def place_of(text: str) -> Place:
    """Read what a person gave. Raises BadInput with the forms that are understood."""
    said = text.strip()
    if not said or len(said) > MAX_CHARS or any(ord(char) < 32 for char in said):
        raise _unclear(said)
    if said.startswith("ollama:") or "ollama.com/library/" in said:
        name = said.removeprefix("ollama:").rpartition("/library/")[2].partition("?")[0]
        if _OLLAMA_NAME.fullmatch(name):
            return Place("ollama", name if ":" in name else f"{name}:latest")
        raise _unclear(said)
    if said.startswith(("hf.co/", "huggingface.co/")):
        said = f"https://{said}"
    if said.startswith(("http://", "https://")):
        return _address(said)
    if _REPO.fullmatch(said.removeprefix("hf:")) and not said.endswith((".gguf", ".json", ".safetensors")):
        return Place("hf", said.removeprefix("hf:"))
    if said.endswith((".gguf", ".json", ".safetensors")) or said.startswith(("/", "./", "../")):
        return Place("file", said)
    raise _unclear(said)


def _address(url: str) -> Place:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _unclear(url) from error
    if parts.hostname in {"huggingface.co", "hf.co", "www.huggingface.co"}:
        owner, _, rest = unquote(parts.path).strip("/").partition("/")
        repo, _, inside = rest.partition("/")
        if not _REPO.fullmatch(f"{owner}/{repo}"):
            raise _unclear(url)
        file = inside.split("/", 2)[2] if inside.startswith(("blob/", "resolve/")) and inside.count("/") > 1 else ""
        return Place("hf", f"{owner}/{repo}", file)
    return Place("url", url)


def _unclear(text: str) -> BadInput:
    return BadInput(
        f"'{text[:80]}' names no model to look at.",
        subject=text[:80],
        hint="Give owner/repository, ollama:name:tag, the address of a .gguf or config.json, or a file.",
    )
