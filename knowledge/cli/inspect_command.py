"""`inspect`: looks a model up where its publisher put it, and says at once what it needs and what runs it.

The only command that reaches the network, and only for headers. Nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
from dataclasses import replace

from knowledge.cli import store_commands
from knowledge.cli.terminal import console, fit_card
from knowledge.cli.views import answer_json
from knowledge.estimator.request import FitAnswer
from knowledge.inspect.inspection import USER_AGENT, Inspector
from knowledge.inspect.report import Inspection, as_json, as_yaml, lines, short_shape
from knowledge.net import GuardedClient


def run_inspect(args: argparse.Namespace) -> int:
    """Run the command; exit code 1 where the recount contradicts what is published, or the model does not fit."""
    found = asyncio.run(_look_up(args.place))
    if args.as_yaml:
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        print(as_yaml(found, today=today), end="")
        return 0
    answer = _fit(found, args) if args.on else None
    if args.json:
        said = as_json(found) | ({} if answer is None else {"fit": answer_json(answer)})
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for line in lines(found):
            print(line)
        if answer is not None:
            console().print(fit_card(answer))
    contradicted = found.difference is not None and not found.proved
    return 1 if contradicted or (answer is not None and answer.fit_tier == "no") else 0


async def _look_up(place: str) -> Inspection:
    async with GuardedClient(user_agent=USER_AGENT) as client:
        return await Inspector(client).inspect(place)


def _fit(found: Inspection, args: argparse.Namespace) -> FitAnswer:
    answers = store_commands.open_answers()
    request = answers.request(
        model=short_shape(found.shape),
        hardware=answers.hardware_asks(args.on),
        quant=args.quant or found.file_type,
        ram_gib=args.ram,
    )
    return answers.estimate(replace(request, model=found.model()))
