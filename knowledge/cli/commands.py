"""What each command of `python -m knowledge` does: read arguments, ask `Answers`, print a card or JSON.

Exit codes: 0 done, 1 the answer is no or something failed, 2 bad input. No answer is computed here.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.answers import Answers, HardwareAsk
from knowledge.beside import Beside, with_beside
from knowledge.cli import store_commands
from knowledge.cli.asked import print_asked
from knowledge.cli.batch import error_json, run_alone
from knowledge.cli.tables import compare_table, engines_table, rank_table, why_of
from knowledge.cli.terminal import console, error_card, fit_card, term_card
from knowledge.cli.views import answer_json, asked_json, error_class_json, ranked_json, term_json
from knowledge.errors import BadInput, KnowledgeError
from knowledge.estimator.engines import ENGINES
from knowledge.estimator.rank import counted_on
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest
from knowledge.measured import measured_of, with_measured, with_threads
from knowledge.numbers import Numbers

MAX_STDIN_CHARS = 26 * 1024 * 1024
_LOG_PATH = re.compile(r"(?:~|\.{0,2})?[/\\]\S+|\S+\.(?:log|txt)")
"""A word that is a path: no error message is one word beginning with a slash or ending in .log."""


def run(args: argparse.Namespace) -> int:
    """Run one command; returns its exit code. Errors a person can cause become one clear line (or JSON)."""
    try:
        return COMMANDS[args.command](args)
    except KnowledgeError as error:
        return tell(error, as_json=args.json)


def tell(error: KnowledgeError, *, as_json: bool) -> int:
    """Say what is wrong in one line, or as one line of JSON; returns the exit code."""
    if as_json:
        print(json.dumps({"ok": False, "error": error_json(error)}, ensure_ascii=False))
    else:
        print(str(error), file=sys.stderr)
    return error.exit_code


def _print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _hardware(answers: Answers, text: str) -> tuple[HardwareAsk, ...]:
    if not text.strip():
        return ()
    return answers.hardware_asks(text)


def _fit_request(answers: Answers, args: argparse.Namespace, engine: str) -> FitRequest:
    context = None
    if args.ctx is not None or args.kv:
        context = ContextParams(
            n_ctx=args.ctx if args.ctx is not None else 8192, type_k=args.kv or "f16", type_v=args.kv or "f16"
        )
    request = answers.request(
        model=args.model,
        hardware=_hardware(answers, args.on),
        quant=args.quant,
        ram_gib=args.ram,
        context=context,
        engine=engine,
        n_prompt=args.prompt,
        depth=args.depth,
        n_gpu_layers=args.ngl,
        n_cpu_moe=args.n_cpu_moe,
        measured_tok_s=args.measured,
    )
    request = with_threads(request, args.threads)
    request = with_measured(answers, request, measured_of(args.measured_with) if args.measured_with else None)
    return with_beside(answers, request, _beside(args))


def _beside(args: argparse.Namespace) -> Beside:
    return Beside(
        vision=args.vision,
        projector_type=args.mmproj_type,
        projector_on_host=args.no_mmproj_offload,
        draft="mtp" if args.mtp else args.draft,
        draft_quant=args.draft_quant,
        draft_max=args.draft_max,
        draft_acceptance=args.draft_acceptance,
        lora=tuple(args.lora),
    )


def _fit(args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    _split_model(answers, args)
    if args.engines:
        return _fit_engines(answers, args)
    answer = answers.estimate(_fit_request(answers, args, args.engine))
    if args.json:
        _print_json(answer_json(answer))
    else:
        console().print(fit_card(answer))
    return 1 if answer.fit_tier == "no" else 0


def _split_model(answers: Answers, args: argparse.Namespace) -> None:
    """Take hardware out of the model's words where none was given apart: `fit "kimi k2 on a 3060 12gb"`."""
    if args.on:
        return
    question = answers.parse(args.model)
    if question.hardware and question.model:
        args.on = " + ".join(
            f"{m.count}x {m.id or m.name}" if m.count > 1 else m.id or m.name for m in question.hardware
        )
        args.model = question.model


def _fit_engines(answers: Answers, args: argparse.Namespace) -> int:
    rows: list[tuple[str, FitAnswer | str]] = []
    asked = args.quant
    for id_, engine in ENGINES.items():
        try:
            args.quant = asked if engine.uses_llama_cpp else ""
            rows.append((id_, answers.estimate(_fit_request(answers, args, id_))))
        except KnowledgeError as error:
            rows.append((id_, str(error)))
    if args.json:
        _print_json({id_: a if isinstance(a, str) else answer_json(a) | {"why": why_of(rows, a)} for id_, a in rows})
    else:
        console().print(engines_table(rows))
    return 0 if any(not isinstance(a, str) and a.fit_tier != "no" for _, a in rows) else 1


def _cost(args: argparse.Namespace) -> int:
    from knowledge.cli.cost_command import run_cost  # tables and prices no other command needs

    return run_cost(store_commands.open_answers(), args)


def _guide(args: argparse.Namespace) -> int:
    from knowledge.cli.guide_command import run_guide  # tables and prices no other command needs

    return run_guide(store_commands.open_answers(), args)


def _best(args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    asks = _hardware(answers, args.on)
    ranked = answers.best(asks, ram_gib=args.ram, use=args.use, n_ctx=args.ctx, limit=args.limit)
    if args.json:
        _print_json([ranked_json(row) for row in ranked])
    else:
        console().print(rank_table(ranked, "" if args.ram else counted_on(ranked, answers.device_asks(asks))))
    return 0 if ranked else 1


def _compare(args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    rows: list[FitAnswer] = []
    for on in args.on:
        for quant in args.quant or [""]:
            context = None if args.ctx is None else ContextParams(n_ctx=args.ctx)
            request = answers.request(
                model=args.model, hardware=_hardware(answers, on), quant=quant, ram_gib=args.ram, context=context
            )
            rows.append(answers.estimate(request))
    if args.json:
        _print_json([answer_json(row) for row in rows])
    else:
        console().print(compare_table(rows))
    return 0 if any(row.fit_tier != "no" for row in rows) else 1


def _text(args: argparse.Namespace) -> str:
    text = " ".join(args.text)
    if text.strip() == "-":
        text = sys.stdin.read(MAX_STDIN_CHARS)
    return text


def _log(args: argparse.Namespace) -> str:
    """A pasted log, standard input, or the file that a lone path names. Raises BadInput where it cannot be read."""
    text = _text(args).strip()
    if not _LOG_PATH.fullmatch(text):
        return text
    try:
        with Path(text).open(encoding="utf-8", errors="replace") as log:
            return log.read(MAX_STDIN_CHARS)
    except OSError as error:
        hint = "Give the log's own text, a file, or '-' and the log on standard input."
        raise BadInput(f"{text[:200]} cannot be read: {error.strerror}.", subject="text", hint=hint) from error


def _define(args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    numbers = Numbers(answers.knowledge)
    terms = [numbers.term(term) for term in answers.define(_text(args))]
    if args.json:
        _print_json([term_json(term) for term in terms])
    elif terms:
        for term in terms[:2]:
            console().print(term_card(term))
    else:
        print("No term of the glossary is meant by that.")
    return 0 if terms else 1


def _diagnose(args: argparse.Namespace) -> int:
    text = _log(args)
    answers = store_commands.open_answers()
    found = answers.diagnose(text)
    if args.json:
        _print_json([error_class_json(error, confidence) for error, confidence in found])
    elif found:
        console().print(error_card(*found[0]))
        if (memory := answers.out_of_memory(text)) is not None:
            console().print(memory.told)
        for error, confidence in found[1:]:
            print(f"Less likely: {error.title} ({confidence:.0%})")
    else:
        print("I don't know this one. Paste the whole log, with the command you typed and the engine's version.")
    return 0 if found else 1


def _ask(args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    asked = answers.ask(_text(args))
    if args.json:
        _print_json(asked_json(asked))
    else:
        print_asked(answers, asked)
    return 0 if asked.fits or asked.terms or asked.errors or asked.pages or asked.tools else 1


def _batch(_args: argparse.Namespace) -> int:
    answers = store_commands.open_answers()
    for line in run_alone(answers, sys.stdin):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


def _demo(_args: argparse.Namespace) -> int:
    answers = store_commands.open_answers(show=True)
    out = console()
    out.rule("Will it run?")
    fit = answers.ask("will qwen3 30b a3b q4_k_m run on a 3060 12gb with 32gb ram at 16k?")
    for answer in fit.fits[:1]:
        out.print(fit_card(answer))
    out.rule("What does it mean?")
    print_asked(answers, answers.ask("what is the kv cache?"))
    out.rule("What do I type?")
    log = "alloc_tensor_range: allocating 5120.00 MiB on device 0: cudaMalloc failed: out of memory"
    for error, confidence in answers.diagnose(log)[:1]:
        out.print(error_card(error, confidence))
    if not fit.fits:
        raise BadInput(
            "The demo's question could not be answered.", subject="demo", hint="Run `python -m knowledge check`."
        )
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    from knowledge.cli.evaluate_command import run_evaluate  # brings in the fitting code: not needed to answer

    return run_evaluate(args)


def _inspect(args: argparse.Namespace) -> int:
    from knowledge.cli.inspect_command import run_inspect  # brings in the network client: not needed to answer

    return run_inspect(args)


COMMANDS: dict[str, Callable[[Any], int]] = {
    "upgrade": store_commands.run_upgrade,
    "sync": store_commands.run_sync,
    "check": store_commands.run_check,
    "move": store_commands.run_move,
    "demo": _demo,
    "fit": _fit,
    "best": _best,
    "compare": _compare,
    "cost": _cost,
    "ask": _ask,
    "define": _define,
    "diagnose": _diagnose,
    "guide": _guide,
    "batch": _batch,
    "inspect": _inspect,
    "evaluate": _evaluate,
}
