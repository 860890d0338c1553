"""The command line as a person uses it: exit codes, cards, JSON, and one clear line for what is wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.answers import Answers
from knowledge.half_asked import MOST_SUGGESTED


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An embedded store of this module's own, synced by the first command that needs it."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNLOCALAI_DATA", str(folder))
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("COLUMNS", "120")
        yield folder


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        (["fit", "qwen3 8b", "--on", "RTX 3060 12GB", "--ctx", "8192"], 0, "Runs comfortably"),
        (["fit", "llama 3.3 70b", "--on", "RTX 3060 12GB"], 1, "Will not run"),
        (["fit", "qwen3 30b a3b", "--on", "RTX 3060 12GB", "--ram", "32", "--ctx", "8192"], 0, "exps=CPU"),
        (["fit", "qwen3 8b on a 3060 12gb"], 0, "GeForce RTX 3060 12 GB"),
        (["fit", "qwen3 8b"], 0, "KV cache"),
        (["fit", "llama 3.1 8b", "--on", "RTX 4090", "--engines"], 0, "exllamav3"),
        (["fit", "gemma 3 27b", "--on", "RTX 3090", "--vision"], 0, "vision projector"),
        (["fit", "qwen3 32b", "--on", "RTX 4090", "--draft", "qwen3-0.6b"], 0, "with the draft"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--lora", "16:q,v"], 0, "LoRA"),
        (["fit", "qwen3 8b", "--on", "RTX 4090"], 0, "KL divergence"),
        (["fit", "llama 3.1 8b", "--on", "RTX 4090", "--engines"], 0, "Why they differ"),
        (
            ["cost", "--model", "qwen3.6 27b", "--hardware", "RTX 4090", "--tokens-per-month", "2e7"],
            0,
            "pays for itself",
        ),
        (["cost", "--model", "llama 3.3 70b", "--hardware", "2x3090"], 1, "cheaper than the electricity"),
        (["compare", "qwen3 32b", "--on", "RTX 3090", "--on", "RTX 4060 Ti 16GB"], 0, "GeForce RTX 3090"),
        (["best", "--on", "RTX 4090", "--use", "code", "--limit", "3"], 0, "Best on this rig"),
        (["define", "what", "is", "the", "kv", "cache"], 0, "KV cache"),
        (["define", "zxqv"], 1, "No term"),
        (["diagnose", "cudaMalloc failed: out of memory"], 0, "CUDA out of memory"),
        (["diagnose", "all is well today"], 1, "I don't know this one"),
        (["ask", "what is quantization?"], 0, "Quantization"),
        (["ask", "good morning to you"], 1, "neither about fit"),
        (["guide"], 0, "best-gpu-for-local-ai"),
        (["guide", "q4-or-q8"], 0, "Q8_0 is nearly twice the size"),
        (["guide", "best", "mac", "for", "local", "ai"], 0, "tok/s there"),
        (["guide", "kit-chat"], 0, "As the makers recommend"),
        (["guide", "--json"], 0, '"kind": "guide"'),
        (["guide", "q4-or-q8", "--json"], 0, '"disclosure": ""'),
        (["ask", "q4 or q8?"], 0, "Q8_0 is nearly twice the size"),
        (["ask", "what is strix halo"], 0, "See also: Best mini PC for local AI"),
        (["check"], 0, "The content is sound."),
        (["sync"], 0, "0 added, 0 changed, 0 removed"),
        (["upgrade"], 0, "tables"),
    ],
)
def test_cards_and_exit_codes(words: list[str], code: int, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == code
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fit", "qwen3 8b", "--on", "RTX 3065"], 2, "Did you mean"),
        (["fit", "no such thing 12x"], 2, "No model called"),
        (["fit", "qwen3 8b", "--on", "RTX 3060"], 2, "could be several things"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--ctx", "0"], 2, "Give 1 to"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--measured", "-1"], 2, "cannot be a measurement"),
        (["best", "--use", "chat"], 2, "On which hardware"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--ctx", "much"], 2, "invalid int value"),
        (["fit"], 2, "required: model"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--ram", "1e300"], 2, "give more than 0"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--ram", "-3"], 2, "give more than 0"),
        (["fit", "qwen3 8b", "RTX 4090"], 2, "--on 'RTX 4090'"),
        (["fly"], 2, "invalid choice"),
        ([], 2, "required: command"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--draft", "gemma 3 1b"], 2, "another tokenizer"),
        (["fit", "qwen3 8b", "--on", "RTX 4090", "--vision"], 2, "does not see images"),
        (["cost", "--model", "qwen3 32b", "--hardware", "RTX 3090", "--currency", "EUR"], 2, "not in EUR"),
        (["evaluate", "--truth", "no/such/folder"], 2, "is not a folder"),
    ],
)
def test_what_is_wrong_is_one_line_on_stderr(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""


@pytest.mark.parametrize(
    "words",
    [
        ["fit", "qwen3 8b", "--on", "RTX 4090"],
        ["fit", "qwen3 8b", "--on", "RTX 3065"],
        ["compare", "qwen3 8b", "--on", "RTX 4090"],
        ["best", "--on", "RTX 4090", "--limit", "2"],
        ["fit", "qwen3 8b", "--on", "RTX 4090", "--engines"],
        ["fit", "qwen3 8b", "--ctx", "much"],
        ["cost", "--model", "qwen3 32b", "--hardware", "RTX 3090"],
        ["fly"],
        [],
        ["ask", "what is vram"],
        ["define", "vram"],
        ["diagnose", "out of memory"],
        ["check"],
        ["sync"],
        ["upgrade"],
    ],
)
def test_every_command_speaks_json(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main([*words, "--json"])
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", [["fit", "--json"], ["fly", "--json"], ["fit", "x", "--ctx", "z", "--json"]])
def test_wrong_arguments_are_one_json_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    (line,) = captured.out.splitlines()
    error = json.loads(line)["error"]
    assert (error["code"], captured.err) == ("bad_input", "")
    assert "--help" in error["hint"]


def test_a_bad_database_url_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://localhost/x")
    assert main(["fit", "qwen3 8b"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_a_log_is_read_from_the_file_a_path_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "server.log"
    log.write_text("cudaMalloc failed: out of memory\n", encoding="utf-8")
    assert main(["diagnose", str(log)]) == 0
    assert "CUDA out of memory" in capsys.readouterr().out
    assert main(["diagnose", str(tmp_path / "none.log")]) == 2
    assert "cannot be read: No such file or directory. Give" in capsys.readouterr().err


def test_a_log_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("cudaMalloc failed: out of memory\n"))
    assert main(["diagnose", "-"]) == 0
    assert "CUDA out of memory" in capsys.readouterr().out


def test_batch_answers_line_by_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": 1, "op": "define", "text": "vram"}\nnonsense\n'))
    assert main(["batch"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["ok"] for row in rows] == [True, False]


def test_the_demo_answers_three_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    for heading in ("Will it run?", "What does it mean?", "What do I type?"):
        assert heading in out


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ("will qwen3 14b q4 fit in 12gb vram", ["comfortable"]),
        ("is 24 GB VRAM enough for llama 3.3 70b", ["no"]),
        ("2x 24gb gpus for llama 3.3 70b", ["comfortable"]),
    ],
)
def test_a_card_told_by_its_memory_alone(text: str, tiers: list[str], answers: Answers) -> None:
    """What fits is told; how fast it is cannot be, and is not guessed."""
    found = answers.ask(text)
    assert [fit.fit_tier for fit in found.fits] == tiers
    assert all(fit.decode_tok_s is None for fit in found.fits)


def test_what_runs_on_so_much_memory_is_told_for_a_usual_card(answers: Answers) -> None:
    """Models are ranked by speed, which memory alone does not tell: a card stands in, and the answer says so."""
    asked = answers.ask("I have 16GB of VRAM and 64GB RAM, which models can I run")
    assert len(asked.fits) == MOST_SUGGESTED
    assert all("no card was named" in fit.assumptions[0] and "16 GB" in fit.assumptions[0] for fit in asked.fits)
    assert "Which card" in answers.ask("I have 13GB of VRAM, which models can I run").open_text
