"""Takes the pictures of the mail: `python docs/mail_pictures.py [--month 2026-04] [--out docs/pictures]`.

It renders a month from the shipped catalogue and opens it in headless Chromium: desktop, phone, dark, and the preview
page maintainers use. Nothing is drawn here, and no network is used.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from digest.personal import RigParts  # noqa: E402 - the project beside this folder
from digest.placeholders import RIG_HTML  # noqa: E402
from digest.preview import preview_of, shown, write  # noqa: E402
from digest.settings import Settings  # noqa: E402
from knowledge.answers import Answers  # noqa: E402
from knowledge.content_loader import load_content  # noqa: E402
from knowledge.store.stores import open_stores  # noqa: E402
from knowledge.store.subscriber_rows import SavedRig  # noqa: E402
from knowledge.store.sync import sync  # noqa: E402

COLOURS = 160
Theme = Literal["light", "dark"]
VIEWS: tuple[tuple[str, int, int, Theme], ...] = (
    ("mail-desktop", 700, 2300, "light"),
    ("mail-phone", 360, 2300, "light"),
    ("mail-dark", 700, 2300, "dark"),
)


def small(png: bytes) -> bytes:
    """Return the same picture with a palette."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def shot(browser: Browser, page: Path, width: int, height: int, theme: Theme) -> bytes:
    """Return the top of a page."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.wait_for_timeout(500)
    made = opened.screenshot()
    context.close()
    return made


def take(month: str, rig: str, out: Path) -> list[Path]:
    """Take all pictures into `out` and return their paths."""
    settings, now = Settings.from_env({}), datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stores = open_stores(f"sqlite:///{folder}/x.db")
        sync(stores.engine, load_content())
        preview = preview_of(stores, settings, month, now=now)
        context = preview.draft.context
        part = RigParts(month, context.offers(), context.history, Answers(stores.knowledge()), settings)
        html = preview.draft.rendered.html.replace(RIG_HTML, part(SavedRig(name=rig))[0])
        mail = Path(folder, "mail.html")
        mail.write_text(shown(html, preview.draft.files, settings, month), encoding="utf-8")
        page = write(preview, settings, Path(folder))["page"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        made = {name: shot(browser, mail, width, height, theme) for name, width, height, theme in VIEWS}
        made["mail-preview"] = shot(browser, page, 1000, 1000, "light")
        browser.close()
        stores.close()
    out.mkdir(parents=True, exist_ok=True)
    for name, png in made.items():
        (out / f"{name}.png").write_bytes(small(png))
    return [out / f"{name}.png" for name in made]


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures and say how large they are."""
    parser = argparse.ArgumentParser(description="Take the pictures of the mail.")
    parser.add_argument("--month", default="2026-04")
    parser.add_argument("--rig", default="RTX 3060 12GB")
    parser.add_argument("--out", type=Path, default=DOCS / "pictures")
    args = parser.parse_args(argv)
    for path in take(args.month, args.rig, args.out):
        sys.stdout.write(f"{path} {path.stat().st_size / 1024:.0f} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
