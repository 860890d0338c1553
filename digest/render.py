"""Sets an issue in type: HTML, plain text and subject from templates/. The only home of jinja2 in this package.

Undefined names are errors, everything is escaped, styles are inlined. It decides nothing about content.
"""

from __future__ import annotations

import functools
import textwrap
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import css_inline
import jinja2

from digest.charts import height_of
from digest.errors import MailTooBig, RenderError
from digest.issue import Issue
from digest.languages import ENGLISH, words_in
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from digest.settings import TEMPLATES_DIR, Settings

HTML_MAX_BYTES: Final = 90_000
"""Gmail cuts a message at about 102 kB; this leaves room for headers and encoding."""

RIG_PART_BYTES: Final = 16_000
"""Of that, left for the part about a reader's machine."""

UNBROKEN_MAX: Final = 12
TEXT_WIDTH: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An issue in type. What is each reader's own still stands in it as placeholders (`digest.placeholders`)."""

    subject: str
    html: str
    text: str


@functools.cache
def environment(folder: Path = TEMPLATES_DIR, language: str = ENGLISH) -> jinja2.Environment:
    """Return the template environment of a language, made once: strict, escaping HTML, reading only its folder.

    Templates say what is to be said in English, as `{{ _("…") }}` or in a `trans` block; errors and the like, which
    come as values, as `{{ … | said }}`.
    """
    words = words_in(language)
    made = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals["lang"] = words.language
    made.install_gettext_callables(words.say, words.say_counted, newstyle=True)  # type: ignore[attr-defined]
    made.filters["said"] = words.say
    made.filters["day"] = words.day
    made.filters["month"] = words.month
    made.filters["wrapped"] = wrapped
    made.filters["unbroken"] = unbroken
    made.filters["chart_height"] = height_of
    return made


def wrapped(text: str, indent: int = 0) -> str:
    """Return text broken into lines of the mail's width, all indented."""
    pad = " " * indent
    if sum(unicodedata.east_asian_width(char) == "W" for char in text) > len(text) // 2:  # no blanks to break at
        return "\n".join(pad + text[at : at + TEXT_WIDTH // 2] for at in range(0, len(text), TEXT_WIDTH // 2))
    return textwrap.fill(
        text, TEXT_WIDTH, initial_indent=pad, subsequent_indent=pad, break_long_words=False, break_on_hyphens=False
    )


def unbroken(text: str) -> str:
    """Return a short figure (`41 tok/s`) with spaces that do not break; longer words may."""
    return text.replace(" ", "\u00a0") if len(text) <= UNBROKEN_MAX else text


def render(issue: Issue, settings: Settings, folder: Path = TEMPLATES_DIR) -> Rendered:
    """Render an issue. Raises RenderError where a template asks for what is not there, or the mail grew too big."""
    values = {
        "issue": issue,
        "public_url": settings.public_url,
        "unsubscribe_url": UNSUBSCRIBE,
        "preferences_url": PREFERENCES,
        "rig_html": RIG_HTML,
        "rig_text": RIG_TEXT,
    }
    templates = environment(folder)
    try:
        subject = templates.get_template("digest/subject.txt").render(values).strip()
        text = templates.get_template("digest/issue.txt").render(values)
        raw = templates.get_template("digest/issue.html").render(values)
    except jinja2.TemplateError as error:
        raise RenderError(f"The template cannot be rendered: {error}", subject=issue.month) from error
    if "\n" in subject or "\r" in subject:
        raise RenderError("The subject has more than one line.", subject=issue.month)
    html = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False).inline(raw)
    size = len(html.encode())
    room = HTML_MAX_BYTES if issue.rig_name else HTML_MAX_BYTES - RIG_PART_BYTES
    if size > room:
        raise MailTooBig(
            f"The mail's HTML is {size:,} bytes; beyond {room:,} mail programs may cut it.", subject=issue.month
        )
    return Rendered(subject=subject, html=html, text=_tidy(text))


def render_letter(
    name: str, values: dict[str, object], folder: Path = TEMPLATES_DIR, language: str = ENGLISH
) -> Rendered:
    """Render a mail of its own (mail/NAME: a confirmation, say). Raises RenderError where a value is missing."""
    templates = environment(folder, language)
    try:
        subject = templates.get_template(f"mail/{name}/subject.txt").render(values).strip()
        text = templates.get_template(f"mail/{name}/body.txt").render(values)
        raw = templates.get_template(f"mail/{name}/body.html").render(values)
    except jinja2.TemplateError as error:
        raise RenderError(f"The template cannot be rendered: {error}", subject=name) from error
    html = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False).inline(raw)
    return Rendered(subject=" ".join(subject.split()), html=html, text=_tidy(text))


def render_page(name: str, values: Mapping[str, object], folder: Path = TEMPLATES_DIR) -> str:
    """Render a page for maintainers as it is, styles and all. Raises RenderError where a value is missing."""
    try:
        return environment(folder).get_template(name).render(values)
    except jinja2.TemplateError as error:
        raise RenderError(f"The template cannot be rendered: {error}", subject=name) from error


def _tidy(text: str) -> str:
    """Return the text without trailing blanks and without more than one empty line in a row."""
    lines: list[str] = []
    for line in text.splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip() + "\n"
