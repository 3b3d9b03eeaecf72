"""The command line: python -m service ask | chat | api | mcp | slack | keys | prepare."""

import argparse
import asyncio
import io
import ipaddress
import logging
import signal
import sys
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from json import dumps

import uvicorn
from rich.console import Console
from rich.markup import escape

from index.closed_pipe import ends_when_unread
from index.errors import DatelineError
from service.answer import Answer, AnswerSentence
from service.answerer import Answerer
from service.conversation import check_question
from service.errors import QuestionRefused
from service.footnotes import render_answer, render_status
from service.http.app import VERSION, make_app
from service.http.chat import GRACE_SECONDS
from service.http.desk import Desk
from service.http.guard import ANY_HOST, LOOPBACK_HOSTS
from service.http.tools import make_tools
from service.logs import set_up_logs
from service.settings import Settings, read_settings
from service.slack_http import add_slack
from service.slack_manifest import make_manifest
from service.slack_socket import check_socket, serve_socket
from service.wiring import make_answerer, make_desk, make_local_model, open_keys

_LAST_PORT = 65535

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@ends_when_unread()
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
    # A container's first process would not hear it before the server listens, and a clean end is 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = read_settings()
    desk = make_desk(settings, report=_report)
    set_up_logs()
    _warn_of_openness(options.host, desk.keys.in_use)
    app = make_app(desk, hosts=_hosts(options.host, settings))
    add_slack(app, desk)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=options.host,
            port=options.port,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(settings.proxies),
            timeout_graceful_shutdown=round(GRACE_SECONDS) + 2,
        )
    )
    desk.stop = lambda: setattr(server, "should_exit", True)
    server.run()
    if isinstance(desk.fault, DatelineError):
        raise desk.fault
    return 0 if server.started and desk.fault is None else 1


def _mcp(_: argparse.Namespace) -> int:
    set_up_logs()
    desk = make_desk(read_settings(), report=_report)
    asyncio.run(_serve_tools(desk))
    return 0


async def _serve_tools(desk: Desk) -> None:
    """MCP on standard input and output; new generations are taken up meanwhile."""
    await desk.current.load()
    following = asyncio.create_task(desk.current.follow())
    try:
        await make_tools(desk, VERSION).run_stdio_async()
    finally:
        following.cancel()
        desk.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hosts(host: str, settings: Settings) -> Sequence[str]:
    """The names that a service on `host` is called by; any where none are set, unless on loopback.

    On loopback nothing else stands between the service and a page whose name leads there.
    """
    if settings.hosts or _is_loopback(host):
        return (*settings.hosts, *LOOPBACK_HOSTS, host)
    return ANY_HOST


def _warn_of_openness(host: str, keys_in_use: bool) -> None:  # noqa: FBT001
    """Say loudly that anybody who reaches the address can ask, where that is so."""
    if keys_in_use or _is_loopback(host):
        return
    logging.getLogger("dateline.http").warning(
        "NO KEY IS NEEDED: everybody who reaches %s can ask at your cost. Make a key with "
        "`python -m service keys add NAME`, or listen on 127.0.0.1.",
        host,
    )
    errors.rule("[bold red]open to everybody[/bold red]", style="red")
    errors.print(
        f"Everybody who reaches {escape(host)} can ask, at your cost. Make a key: "
        "[bold]python -m service keys add NAME[/bold]"
    )
    errors.rule(style="red")


def _keys_add(options: argparse.Namespace) -> int:
    key = open_keys(read_settings()).add(options.name, admin=options.admin)
    errors.print("This is the key; it is not stored and cannot be shown again:")
    print(key)
    return 0


def _keys_list(_: argparse.Namespace) -> int:
    for record in open_keys(read_settings()).list():
        print(f"{record.name}\t{'admin' if record.admin else '-'}\t{record.made}")
    return 0


def _keys_remove(options: argparse.Namespace) -> int:
    open_keys(read_settings()).remove(options.name)
    errors.print(f"{options.name} opens nothing any more")
    return 0


def _slack(options: argparse.Namespace) -> int:
    if options.manifest or options.url:
        print(dumps(make_manifest(options.url), ensure_ascii=False, indent=2))
        return 0
    settings = read_settings()
    check_socket(settings)
    set_up_logs()
    asyncio.run(serve_socket(make_desk(settings, report=_report)))
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
    command = commands.add_parser("api", help="serve HTTP: questions, articles, answers")
    command.add_argument("--host", default="127.0.0.1", help="address (default 127.0.0.1)")
    command.add_argument("--port", type=_port, default=8000, help="port (default 8000)")
    command.set_defaults(run=_api)
    command = commands.add_parser("mcp", help="the articles as tools, on standard input and output")
    command.set_defaults(run=_mcp)
    _add_keys(commands.add_parser("keys", help="who may call the HTTP service"))
    command = commands.add_parser(
        "slack",
        help="answer in Slack, over Socket Mode",
        description="Answer in Slack over Socket Mode, with the tokens DATELINE_SLACK_BOT_TOKEN "
        "(xoxb-…) and DATELINE_SLACK_APP_TOKEN (xapp-…). Over HTTP the bot is part of `api`, "
        "where DATELINE_SLACK_SIGNING_SECRET is set. README.md leads to them step by step.",
    )
    command.add_argument("--manifest", action="store_true", help="print the app's manifest and end")
    command.add_argument(
        "--url", type=_address, help="print it for the HTTP service at this https address"
    )
    command.set_defaults(run=_slack)
    command = commands.add_parser("prepare", help="join and convert the embedded model, once")
    command.set_defaults(run=_prepare)
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("add", help="make a key and print it, once")
    command.add_argument("name", help="whose it is: small letters, digits, hyphens")
    command.add_argument("--admin", action="store_true", help="may add and remove articles")
    command.set_defaults(run=_keys_add)
    command = commands.add_parser("list", help="names, scopes and days of making")
    command.set_defaults(run=_keys_list)
    command = commands.add_parser("remove", help="have a key open nothing any more")
    command.add_argument("name")
    command.set_defaults(run=_keys_remove)


def _address(text: str) -> str:
    if not text.startswith("https://") or len(text.split()) != 1:
        raise argparse.ArgumentTypeError("Slack takes an address that begins with https://")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_LAST_PORT}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
