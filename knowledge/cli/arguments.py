"""The arguments of every command of `python -m knowledge`. Declared here, run in commands.py."""

from __future__ import annotations

import argparse
from pathlib import Path


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge", description="What runs on which machine, what words and errors mean."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _store_commands(commands)
    _fit_commands(commands)
    _text_commands(commands)
    evaluate = _add(commands, "evaluate", "the accuracy of the answers against measured rows")
    evaluate.add_argument("--truth", type=Path, required=True, help="folder laid out like the truth set")
    evaluate.add_argument(
        "--only", default="", help="parts to run, by comma: memory, speed, questions, glossary, errors"
    )
    evaluate.add_argument("--gate", type=Path, help="recorded figures; exit 1 where one got worse")
    evaluate.add_argument("--record", type=Path, help="write the figures as the recorded ones")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("--json", action="store_true", help="print JSON")
    return command


def _store_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _add(commands, "upgrade", "bring the store's tables to this version")
    _add(commands, "sync", "load the content files into the store, in one transaction")
    check = _add(commands, "check", "prove the content files: file, field and nearest valid value of every fault")
    check.add_argument("--content", type=Path, help="another content folder")
    _add(commands, "demo", "sync the store and answer three questions")


def _fit_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    fit = _add(commands, "fit", "whether a model runs on given hardware, how fast, and with which settings")
    fit.add_argument("model", help="a model, as people call it")
    _rig_arguments(fit)
    fit.add_argument("--quant", default="", help="file type, e.g. Q4_K_M")
    fit.add_argument("--ctx", type=int, default=None, help="context in tokens")
    fit.add_argument("--kv", default="", help="KV cache type, e.g. q8_0")
    fit.add_argument("--engine", default="", help="llama.cpp, ollama, lm-studio, vllm, mlx, exllamav3, transformers")
    fit.add_argument("--engines", action="store_true", help="every engine side by side")
    fit.add_argument("--prompt", type=int, default=512, help="prompt length in tokens, for the time to the first token")
    fit.add_argument("--depth", type=int, default=0, help="tokens already in the context")
    fit.add_argument("--ngl", type=int, default=None, help="layers on the GPU, instead of the planner's choice")
    fit.add_argument("--n-cpu-moe", type=int, default=None, help="layers whose experts stay in RAM")
    fit.add_argument("--measured", type=float, default=None, help="tok/s you measured: recalibrates the answer")
    best = _add(commands, "best", "the models that run best on a rig")
    _rig_arguments(best)
    best.add_argument("--use", default="chat", help="chat, code, reasoning, vlm, embedding")
    best.add_argument("--ctx", type=int, default=8192, help="context in tokens")
    best.add_argument("--limit", type=int, default=10, help="how many")
    compare = _add(commands, "compare", "one model on several devices, or several quants on one device")
    compare.add_argument("model")
    compare.add_argument(
        "--on", action="append", required=True, metavar="HARDWARE", help="a device; give it several times"
    )
    compare.add_argument("--quant", action="append", default=[], help="a file type; give it several times")
    compare.add_argument("--ctx", type=int, default=None)
    compare.add_argument("--ram", type=float, default=None)


def _rig_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--on",
        default="",
        metavar="HARDWARE",
        help="hardware as people call it: 'RTX 3060 12GB', '2x3090', 'M4 Max 64GB'",
    )
    command.add_argument("--ram", type=float, default=None, help="RAM of the machine in GiB")


def _text_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, text in (
        ("ask", "a question in your own words"),
        ("define", "what a word means"),
        ("diagnose", "what an error means and what to type; '-' reads the log from standard input"),
    ):
        _add(commands, name, text).add_argument("text", nargs="+")
    _add(commands, "batch", "JSON Lines in, JSON Lines out")
