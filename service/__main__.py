"""The command line of the service: python -m service ask | chat | api | prepare."""

import argparse
import asyncio
import io
import logging
import sys
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from json import dumps

import uvicorn
from rich.console import Console
from rich.markup import escape

from index.errors import DatelineError
from service.answer import Answer, AnswerSentence
from service.answerer import Answerer
from service.api import make_app
from service.conversation import check_question
from service.errors import QuestionRefused
from service.footnotes import render_answer, render_status
from service.settings import read_settings
from service.wiring import make_answerer, make_local_model

_LAST_PORT = 65535

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 it failed, 2 asked wrongly."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack curly quotes
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except QuestionRefused as error:
        _say(error)
        return 2
    except DatelineError as error:
        _say(error)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


class _Warnings(logging.Handler):
    """Shows the log's warnings as the errors are shown."""

    def emit(self, record: logging.LogRecord) -> None:
        errors.print(f"[yellow]warning:[/yellow] {escape(record.getMessage())}")


_warnings = _Warnings()


def _ask(options: argparse.Namespace) -> int:
    check_question(options.question)
    logging.getLogger("dateline").addHandler(_warnings)
    answer = asyncio.run(_answer_with_status(_load(), options.question))
    if options.json:
        print(dumps(asdict(answer), ensure_ascii=False, indent=2))
    else:
        console.print(render_answer(answer))
        errors.print(render_status(answer))
    return 0


def _chat(_: argparse.Namespace) -> int:
    logging.getLogger("dateline").addHandler(_warnings)
    answerer = _load()
    console.print("Ask about the articles; an empty line ends.", style="dim")
    with asyncio.Runner() as runner:
        _converse(answerer, runner)
    return 0


def _converse(answerer: Answerer, runner: asyncio.Runner) -> None:
    """Question after question; Ctrl-C ends the wait for one, as no thread's wait would."""
    conversation = uuid.uuid4().hex
    while question := _read_line().strip():
        try:
            answer = runner.run(_answer_with_status(answerer, question, conversation))
        except DatelineError as error:
            _say(error)
            continue
        if answer.standalone_question != answer.question:
            console.print(f"searched for: {escape(answer.standalone_question)}", style="dim")
        console.print(render_answer(answer))


def _api(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app = make_app(_load())
    uvicorn.run(app, host=options.host, port=options.port, log_config=None)
    return 0


def _prepare(_: argparse.Namespace) -> int:
    settings = read_settings()
    models = [make_local_model(each, _report) for each in (settings, settings.of_fallback) if each]
    errors.print("the embedded model is ready" if any(models) else "no embedded model is set")
    return 0


async def _answer_with_status(
    answerer: Answerer, question: str, conversation: str | None = None
) -> Answer:
    """The answer, with a line on the terminal while it is made: the sentences so far."""
    with errors.status("looking in the articles and asking the model …") as status:
        async for part in answerer.stream(question, conversation=conversation):
            if isinstance(part, Answer):
                return part
            if isinstance(part, AnswerSentence):
                status.update(escape(part.text))
    raise AssertionError("a stream ends with its answer")


def _load() -> Answerer:
    with errors.status("loading the models …"):
        return make_answerer(read_settings(), report=_report)


def _read_line() -> str:
    try:
        return console.input("[bold]> [/bold]")
    except EOFError:
        return ""


def _report(work: str) -> None:
    errors.print(f"{escape(work)} …", style="dim")


def _say(error: DatelineError) -> None:
    errors.print(f"[red]error:[/red] {escape(str(error))}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Answer questions from the indexed articles, with the exact quotes.",
        epilog="Settings are environment variables, DATELINE_MODEL and others: see README.md.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("ask", help="answer one question")
    command.add_argument("question", help="one argument: put it into quotes")
    command.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    command.set_defaults(run=_ask)
    command = commands.add_parser("chat", help="a conversation on the terminal")
    command.set_defaults(run=_chat)
    command = commands.add_parser("api", help="serve POST /chat, GET /search and GET /health")
    command.add_argument("--host", default="127.0.0.1", help="address (default 127.0.0.1)")
    command.add_argument("--port", type=_port, default=8000, help="port (default 8000)")
    command.set_defaults(run=_api)
    command = commands.add_parser("prepare", help="join and convert the embedded model, once")
    command.set_defaults(run=_prepare)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_LAST_PORT}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
