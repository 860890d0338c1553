"""The script that takes the README's pictures still takes them, and they are small."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.bot.process import environment
from tests.conftest import ROOT, skip_or_fail

MOST_BYTES = 250 * 1024


@pytest.mark.chromium
def test_pictures_are_taken(tmp_path: Path, store_url: str) -> None:
    if shutil.which("chromium") is None:
        skip_or_fail("chromium is not installed")
    command = [sys.executable, str(ROOT / "docs" / "pictures.py"), "--out", str(tmp_path)]
    env = environment(tmp_path, DATABASE_URL=store_url)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    taken = sorted(tmp_path.glob("*.png"))
    assert {"commands", "autocomplete", "fit", "best", "phone"} <= {path.stem for path in taken}
    for path in taken:
        assert path.stat().st_size < MOST_BYTES
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 10  # something is on it
