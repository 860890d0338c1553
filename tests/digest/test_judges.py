"""Outside judges of three real months' mails: SpamAssassin, rspamd, caniemail, axe-core. None of them is ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.compose import stored
from digest.commands.rank import read_entries
from digest.compose import Material, context_of, issue_of
from digest.drafts import fitted
from digest.judges import SPAM_MAX, sample_mail, spam_check
from digest.personal import RigParts
from digest.placeholders import RIG_HTML
from digest.preview import SAMPLE, shown
from digest.render import HTML_MAX_BYTES, Rendered
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.answers import Answers
from knowledge.store.subscriber_rows import SavedRig
from tests.conftest import ROOT, TRUTH, skip_or_fail
from tests.digest.browsing import chromium, page_at
from tests.fakes.rspamd import Rspamd, rspamd

MONTHS = ("2025-12", "2026-02", "2026-04")
NOW = datetime.now(UTC)  # a mail dated long ago is suspect
SETTINGS = Settings.from_env({})
RIG = SavedRig(name="RTX 3060 12GB", ram_gib=32.0)
JUDGES = ROOT / "tests" / "judges"

MAIL_PROGRAMS = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*", "thunderbird.*", "protonmail.*", "samsung-email.*"]
ALLOWED = {
    "<body> element",
    "<style> element",
    "@media",
    "border-radius",
    "display:none",
    "height attribute",
    "height property",
    "lang attribute",
    "role attribute",
    "text-decoration",
    "text-decoration-color",
    "white-space",
    "width attribute",
    "word-break",
}
"""What some of these programs ignore without harm; docs/digest_issue.md says for each why."""

Mail = tuple[Rendered, tuple[str, str]]


@pytest.fixture(scope="module", params=[*MONTHS, *(f"{month}-with-entries" for month in MONTHS)])
def mail(request: pytest.FixtureRequest, answers: Answers) -> Mail:
    """Give a real month's issue, from the catalogue alone and with what sources showed, and its part for a machine."""
    month, _, told = request.param.partition("-with-")
    sources = {source.id: source for source in load_sources(SOURCES_DIR)}
    material = Material(sources=sources)
    if told:
        file = TRUTH / "digest" / f"entries-{month}.jsonl"
        if not file.is_file():
            pytest.skip("../shared/truth is not here")
        entries, theirs = stored(read_entries(file), month)
        material = Material(sources=sources | theirs, entries=entries, diagnoses={"cuda_oom_ggml": 41})
    context = context_of(month, answers=answers, material=material)
    _, rendered = fitted(issue_of(context), SETTINGS)
    part = RigParts(month, context.offers(), context.history, answers, SETTINGS)(RIG)
    return rendered, part


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rspamd]:
    """Give a running rspamd."""
    with rspamd(tmp_path_factory.mktemp("rspamd")) as running:
        yield running


def whole(mail: Mail) -> str:
    """Return the HTML a reader with a machine gets."""
    rendered, part = mail
    return rendered.html.replace(RIG_HTML, part[0])


def test_no_mail_is_cut(mail: Mail) -> None:
    assert len(whole(mail).encode()) <= HTML_MAX_BYTES


def test_spamassassin(mail: Mail) -> None:
    rendered, part = mail
    check = spam_check(sample_mail(rendered, SAMPLE, NOW, part))
    if check.ok is None:
        skip_or_fail(check.words)
    assert check.ok, check.words


def test_spamassassin_knows_spam() -> None:
    """The same judge condemns its own test string: a low score above means something."""
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    check = spam_check(f"Subject: x\r\n\r\n{gtube}\r\n".encode())
    if check.ok is None:
        skip_or_fail(check.words)
    assert check.ok is False
    assert float(check.words.split()[1]) > 100 * SPAM_MAX


@pytest.mark.parametrize("with_rig", [False, True])
def test_rspamd(mail: Mail, judge: Rspamd, with_rig: bool) -> None:
    rendered, part = mail
    said = judge.judge(sample_mail(rendered, SAMPLE, NOW, part if with_rig else ("", "")))
    told = {name: symbol["score"] for name, symbol in said["symbols"].items() if symbol["score"]}
    assert said["score"] <= 0, told
    assert said["action"] == "no action"


def test_caniemail(mail: Mail) -> None:
    """What the programs most people read mail with do not know is on the list, and nothing on the list is idle."""
    node = shutil.which("node")
    if node is None or not (JUDGES / "node_modules" / "caniemail").is_dir():
        skip_or_fail("caniemail is not installed")
    asked = json.dumps({"html": whole(mail), "clients": MAIL_PROGRAMS})
    command = [str(node), str(JUDGES / "mail_html.mjs")]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=120, check=True)
    errors: dict[str, list[str]] = json.loads(answer.stdout)["errors"]
    found = {feature for features in errors.values() for feature in features}
    assert found <= ALLOWED, {client: sorted(set(names) - ALLOWED) for client, names in errors.items()}
    assert len(found) > 5


@pytest.mark.chromium
def test_axe(mail: Mail, tmp_path: Path) -> None:
    """No serious finding and nothing wider than the window: on a desktop, a phone and in the dark."""
    axe = JUDGES / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.is_file():
        skip_or_fail("axe-core is not installed")
    file = tmp_path / "mail.html"
    file.write_text(shown(whole(mail), (), SETTINGS, "2026-04"), encoding="utf-8")
    with chromium() as browser:
        for width, scheme in ((700, "light"), (360, "light"), (700, "dark")):
            with page_at(file.as_uri(), width=width, scheme=scheme, browser=browser) as page:
                assert page.evaluate("document.documentElement.scrollWidth") == width
                page.add_script_tag(path=str(axe))
                found: list[dict[str, Any]] = page.evaluate("axe.run().then(all => all.violations)")
            bad = [one for one in found if one["impact"] in {"serious", "critical"}]
            assert not [(one["id"], node["html"][:160]) for one in bad for node in one["nodes"]], (width, scheme)
