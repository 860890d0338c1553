"""The arguments of every command of `python -m knowledge`. Declared here, run in commands.py.

What cannot be read is raised as a BadInput, so that it is told like every other mistake: in one line, or as JSON.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn, TypeAlias

from knowledge.cli.fields import MAX_GIB
from knowledge.errors import BadInput


class Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise a BadInput that leads to the command's help."""
        text = f"{message[:1].upper()}{message[1:300]}."
        help_ = f"`{self.prog} --help` says what can be given."
        _, unknown, words = message.partition("unrecognized arguments: ")
        if unknown and not words.startswith("-"):
            help_ = f"A name of several words goes in quotes, hardware behind --on: --on '{words[:60]}'. {help_}"
        raise BadInput(text, subject=self.prog, hint=help_)


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # argparse gives its type no other name


def gib(text: str) -> float:
    """An amount of RAM in GiB. Raises what argparse turns into the argument's error."""
    value = float(text)
    if not 0 < value <= MAX_GIB:
        raise argparse.ArgumentTypeError(f"{text[:20]} GiB of RAM: give more than 0 and at most {MAX_GIB:,}")
    return value


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="python -m knowledge", description="What runs on which machine, what words and errors mean.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _store_commands(commands)
    _fit_commands(commands)
    _cost_command(commands)
    _text_commands(commands)
    _inspect_command(commands)
    evaluate = _add(commands, "evaluate", "the accuracy of the answers against measured rows")
    evaluate.add_argument("--truth", type=Path, required=True, help="folder laid out like the truth set")
    evaluate.add_argument(
        "--only", default="", help="parts to run, by comma: memory, speed, questions, asked, glossary, errors"
    )
    evaluate.add_argument("--gate", type=Path, help="recorded figures; exit 1 where one got worse")
    evaluate.add_argument("--record", type=Path, help="write the figures as the recorded ones")
    return parser


def _add(commands: Commands, name: str, text: str) -> Parser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("--json", action="store_true", help="print JSON")
    return command


def _store_commands(commands: Commands) -> None:
    _add(commands, "upgrade", "bring the store's tables to this version")
    _add(commands, "sync", "load the content files into the store, in one transaction")
    check = _add(commands, "check", "prove the content files: file, field and nearest valid value of every fault")
    check.add_argument("--content", type=Path, help="another content folder")
    move = _add(commands, "move", "carry everything over to another, empty store, counted and verified")
    move.add_argument("--from", dest="source", required=True, metavar="URL", help="the store to copy, left as it is")
    move.add_argument("--to", dest="target", default="", metavar="URL", help="an empty store; else DATABASE_URL")
    _add(commands, "demo", "sync the store and answer three questions")


def _fit_commands(commands: Commands) -> None:
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
    fit.add_argument("--threads", type=int, default=None, help="threads a CPU computes with (default: its fast cores)")
    fit.add_argument(
        "--measured-with",
        default="",
        metavar="MODEL QUANT TOK_S",
        help="a speed measured on this machine with another model: 'qwen3-8b Q4_K_M 62'",
    )
    fit.add_argument("--measured", type=float, default=None, help="tok/s you measured: recalibrates the answer")
    _beside_arguments(fit)
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
    compare.add_argument("--ram", type=gib, default=None)


def _inspect_command(commands: Commands) -> None:
    inspect = _add(commands, "inspect", "read an unknown model's published header: its shape, size, and what runs it")
    inspect.add_argument(
        "place", help="owner/repository on Hugging Face, ollama:name:tag, the address of a .gguf or config.json, a file"
    )
    _rig_arguments(inspect)
    inspect.add_argument("--quant", default="", help="file type, e.g. Q4_K_M; of a GGUF its own")
    inspect.add_argument("--as-yaml", action="store_true", help="print a proposed catalogue entry")


def _beside_arguments(fit: argparse.ArgumentParser) -> None:
    """What is loaded beside the model."""
    fit.add_argument("--vision", "--mmproj", action="store_true", help="load the vision projector too")
    fit.add_argument("--mmproj-type", default="f16", help="its type: f16, bf16, q8_0, f32")
    fit.add_argument("--no-mmproj-offload", action="store_true", help="keep the projector in RAM")
    fit.add_argument("--draft", default="", metavar="MODEL", help="a small model that drafts tokens, e.g. qwen3-0.6b")
    fit.add_argument("--mtp", action="store_true", help="draft with the model's own multi-token-prediction layers")
    fit.add_argument("--draft-quant", default="Q8_0", help="the draft's file type")
    fit.add_argument("--draft-max", type=int, default=None, help="tokens drafted before each check (16; MTP: 3)")
    fit.add_argument("--draft-acceptance", type=float, default=None, help="share of drafted tokens kept, 0 to 1")
    fit.add_argument(
        "--lora", action="append", default=[], help="an adapter: its rank (16, 16:q,v) or its file's size (160MB)"
    )


def _cost_command(commands: Commands) -> None:
    cost = _add(commands, "cost", "your own device against an API: when it has paid for itself, assumptions shown")
    cost.add_argument("--model", required=True, help="a model, as people call it")
    cost.add_argument("--hardware", "--on", required=True, help="hardware as people call it: '2x3090'")
    cost.add_argument("--quant", default="", help="file type, e.g. Q4_K_M")
    cost.add_argument("--ram", type=gib, default=None, help="RAM of the machine in GiB")
    cost.add_argument("--tokens-per-month", type=float, default=None, help="tokens you have written a month")
    cost.add_argument("--inputs-per-output", type=float, default=None, help="tokens read for each written (3)")
    cost.add_argument("--kwh-price", type=float, default=None, help="price of a kWh (0.17 dollars)")
    cost.add_argument("--device-price", type=float, default=None, help="what the device costs, in the currency")
    cost.add_argument("--watts", type=float, default=None, help="what the machine draws at work")
    cost.add_argument("--api-input", type=float, default=None, help="API price of a million tokens read")
    cost.add_argument("--api-output", type=float, default=None, help="API price of a million tokens written")
    cost.add_argument("--currency", default="USD", help="three letters; other than USD wants --rate")
    cost.add_argument("--rate", type=float, default=None, help="units of the currency a dollar")


def _rig_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--on",
        default="",
        metavar="HARDWARE",
        help="hardware as people call it: 'RTX 3060 12GB', '2x3090', 'M4 Max 64GB'",
    )
    command.add_argument("--ram", type=gib, default=None, help="RAM of the machine in GiB")


def _text_commands(commands: Commands) -> None:
    for name, text in (
        ("ask", "a question in your own words"),
        ("define", "what a word means"),
        ("diagnose", "what an error means and what to type; '-' reads the log from standard input"),
    ):
        _add(commands, name, text).add_argument("text", nargs="+")
    guide = _add(commands, "guide", "buyer guides, quick answers and prompting kits; without a name, their list")
    guide.add_argument("name", nargs="*", help="its id, or a question")
    _add(commands, "batch", "JSON Lines in, JSON Lines out")
