"""docs/commands.md and docs/settings.md say what the code says, and every setting read is documented."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["knowledge", "digest", "bot"])
def test_every_variable_read_is_documented(package: str) -> None:
    code = (ROOT / package / "settings.py").read_text(encoding="utf-8")
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:RUNLOCALAI|DIGEST|DISCORD|DATABASE)_[A-Z_]+)"', code))
    assert read
    assert {name for name in read if f"`{name}`" not in documented} == set()


@pytest.mark.parametrize("package", ["knowledge", "digest", "bot"])
def test_only_settings_modules_read_the_environment(package: str) -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "settings.py" and re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    ]
    assert readers == []


def test_the_readme_begins_with_the_two_commands() -> None:
    top = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:6])
    assert "make run" in top
    assert "make test" in top
