"""Asks programs of this machine about a draft: SpamAssassin for its score, Chromium for its picture. No network.

Both are optional: where one is missing or fails, that is said and nothing else suffers.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from digest.checks import Check
from digest.message import Identity, MailTemplate, Reader, encoded
from digest.render import Rendered

log = logging.getLogger(__name__)

SPAM_MAX: Final = 1.0
TIMEOUT_S: Final = 90
_SCORE: Final = re.compile(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", re.MULTILINE)
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_STRICT: Final = (
    '<head><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)
"""A draft is strangers' words: no name is resolved, no script runs."""


def sample_mail(rendered: Rendered, identity: Identity, now: datetime, part: tuple[str, str] = ("", "")) -> bytes:
    """Return the draft as one reader would get it; `part` is (HTML, text) about the reader's machine."""
    template = MailTemplate(subject=rendered.subject, html=rendered.html, text=rendered.text, identity=identity)
    site = identity.archive_url
    reader = Reader(
        address=f"reader@{identity.domain}",
        message_id=f"preview.{int(now.timestamp())}@{identity.domain}",
        unsubscribe_url=f"{site}/unsubscribe",
        preferences_url=f"{site}/preferences",
        rig_html=encoded(part[0]),
        rig_text=encoded(part[1]),
    )
    return template.compose(reader, now=now)


def spam_check(mail: bytes) -> Check:
    """Return SpamAssassin's score, from its local rules alone."""
    program = shutil.which("spamassassin")
    if program is None:
        return Check(name="spam score", ok=None, words="SpamAssassin is not installed.")
    try:
        said = subprocess.run(  # noqa: S603 - the program found above, our own mail
            [program, "-t", "-L"], input=mail, capture_output=True, timeout=TIMEOUT_S, check=True
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("SpamAssassin could not judge: %s", error)
        return Check(name="spam score", ok=None, words="SpamAssassin could not judge.")
    found = _SCORE.search(said)
    if found is None:
        return Check(name="spam score", ok=None, words="SpamAssassin gave no score.")
    score = float(found[1])
    return Check(name="spam score", ok=score <= SPAM_MAX, words=f"SpamAssassin: {score:g} of 5 ({SPAM_MAX:g} at most).")


def picture_of(html: str, *, width: int = 700, height: int = 2600) -> bytes | None:
    """Return the top of a page as PNG, None where there is no Chromium or it fails."""
    program = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="digest-picture-") as folder:
        page, made = Path(folder, "page.html"), Path(folder, "page.png")
        page.write_text(html.replace("<head>", _STRICT, 1), encoding="utf-8")
        command = [program, *_FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={width},{height}"]
        try:
            subprocess.run(  # noqa: S603 - the program found above, a page of ours
                [*command, f"--screenshot={made}", page.as_uri()], capture_output=True, timeout=TIMEOUT_S, check=True
            )
            return made.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("No picture could be made: %s", error)
            return None
