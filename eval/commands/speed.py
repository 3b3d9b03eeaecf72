"""speed: how long whole answers take, asked live, idle and several at once."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eval.cases import read_cases
from eval.commands.arguments import AddParser, add_asked, chosen, positive
from eval.commands.terminal import console, errors, read_corpus, show_progress
from eval.errors import RunRefused
from eval.run import describe, is_sample
from eval.speed import FEWEST, Figures, Speed, choose_questions, measure_speed, open_answerer
from service.wiring import identify_model, make_drafter


def _speed(options: argparse.Namespace) -> int:
    if options.json:
        _check_writable(options.json)
    settings, corpus = chosen(options)
    *cases, warming = choose_questions(
        read_cases(), limit=options.limit + 1, sample=is_sample(corpus)
    )
    cases = cases or [warming]
    info = describe(cases, identify_model(settings), corpus, repeat=1, judge=None)
    with show_progress() as (report, bar), TemporaryDirectory(prefix="dateline-eval-") as aside:
        answerer = open_answerer(
            settings,
            read_corpus(corpus),
            Path(aside),
            make_writer=partial(make_drafter, settings, report=report),
            report=report,
        )
        speed = asyncio.run(
            measure_speed(
                answerer,
                warming,
                cases,
                together=options.together,
                report=report,
                advance=bar(2 * len(cases) + 1),
            )
        )
    console.print(render_speed(speed))
    if options.json:
        record = {"run": asdict(info), "threads": settings.threads, **asdict(speed)}
        text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        options.json.write_text(text, encoding="utf-8")
    for failure in speed.failures:
        errors.print(failure, markup=False, style="yellow")
    return 1 if speed.failures else 0


def _check_writable(path: Path) -> None:
    """Raise RunRefused before minutes are spent on figures that cannot be kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError as error:
        raise RunRefused(
            f"{path} cannot be written ({error.strerror}); name another file."
        ) from error


def render_speed(speed: Speed) -> RenderableType:
    """The figures side by side, idle and together, for a terminal."""
    rounds = speed.idle, speed.together
    table = Table(title=f"{speed.model}: {len(speed.questions)} questions, live")
    table.add_column("", no_wrap=True)
    for title in ("idle p50", "p95", f"{speed.at_once} at once p50", "p95"):
        table.add_column(title, justify="right")
    for name, spreads, digits in (
        ("first checked sentence, s", [one.first_sentence for one in rounds], 2),
        ("whole answer, s", [one.total for one in rounds], 2),
        ("retrieval with evidence, s", [one.retrieval for one in rounds], 3),
        ("waiting for the model's word, s", [one.waiting for one in rounds], 2),
    ):
        cells = [(one.p50, one.p95) if one else (None, None) for one in spreads]
        table.add_row(name, *(_figure(value, digits) for pair in cells for value in pair))
    table.add_section()
    for name, values, digits in (
        ("tokens in, an answer", [one.prompt_tokens for one in rounds], 0),
        ("tokens out, an answer", [one.completion_tokens for one in rounds], 0),
        ("tokens out/s, one answer", [one.tokens_per_second for one in rounds], 1),
        ("tokens out/s, all answers", [one.all_tokens_per_second for one in rounds], 1),
        ("questions a minute", [one.questions_per_minute for one in rounds], 1),
        ("answers", [one.answers for one in rounds], 0),
        ("  with a checked sentence", [_with_sentence(one) for one in rounds], 0),
        ("failed", [one.failed for one in rounds], 0),
    ):
        idle, together = (_figure(value, digits) for value in values)
        table.add_row(name, idle, "", together, "")
    return Group(table, *map(Text, _notes(speed)))


def _with_sentence(figures: Figures) -> int:
    return figures.first_sentence.count if figures.first_sentence else 0


def _notes(speed: Speed) -> Iterator[str]:
    first = speed.first
    yield (
        f"first question after start: first sentence {_figure(first.first_sentence, 2)} s, "
        f"whole answer {_figure(first.total, 2)} s"
    )
    if speed.resident is not None:
        yield f"memory at the end: {speed.resident / 1e9:.2f} GB"
    if len(speed.questions) < FEWEST:
        yield f"fewer than {FEWEST} questions: asked again, they are partly in the engine's cache"


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def add_commands(add_parser: AddParser) -> None:
    """`speed`."""
    command = add_parser("speed", help="how long whole answers take, asked live")
    add = command.add_argument
    add("--limit", type=positive, default=20, metavar="N", help="questions; always the same ones")
    add("--together", type=positive, default=4, metavar="N", help="questions at once, after idle")
    add_asked(command)
    add("--json", type=Path, metavar="FILE", help="write the figures here as well")
    command.set_defaults(run=_speed)
