"""run | gate: ask the questions, report what came of it, and say whether it is good enough."""

import argparse
import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from eval.cases import Case, Kind, choose, read_cases
from eval.commands.arguments import AddParser, add_asked, chosen, positive
from eval.commands.terminal import console, errors, read_corpus, show_progress
from eval.gate import Finding, read_baseline, read_floors, weigh
from eval.judge import Judge
from eval.recordings import Recorder
from eval.report import render_summary, write_report
from eval.run import describe, is_sample, run_cases
from eval.runs import Run, RunFolder, read_run
from eval.summary import Summary, summarise
from eval.targets import EndpointTarget, HereTarget, Target
from service.wiring import identify_model, make_drafter

PATIENCE = 600.0
"""Seconds for one answer in this process: what it says counts; `speed` measures its time."""


def _run(options: argparse.Namespace) -> int:
    run = _ask_all(options)
    summary = summarise(run)
    _report(options.out, run, summary, None, {})
    return 1 if any(result.error for result in run.results) else 0


def _gate(options: argparse.Namespace) -> int:
    floors, known = read_floors(), read_baseline()
    run = read_run(options.from_run) if options.from_run else _ask_all(options)
    summary = summarise(run)
    finding = weigh(run, summary, floors, known)
    _report(options.from_run or options.out, run, summary, finding, floors)
    return 0 if finding.passed else 1


def _report(
    folder: Path, run: Run, summary: Summary, finding: Finding | None, floors: Mapping[str, float]
) -> None:
    """Write and print what the run came to."""
    write_report(folder, run, summary, finding, floors)
    console.print(render_summary(run, summary, finding, floors))
    errors.print(f"report: {folder / 'report.html'}", markup=False, style="dim")


def _ask_all(options: argparse.Namespace) -> Run:
    """Ask every chosen case of the chosen target, with progress."""
    settings, corpus = chosen(options)
    cases = _choose_cases(options, sample=is_sample(corpus))
    recorder = judge = None
    with show_progress() as (report, bar):
        target_name = options.endpoint or identify_model(settings)
        info = describe(cases, target_name, corpus, repeat=options.repeat, judge=options.judge)
        folder = RunFolder(options.out, info, resume=options.resume)
        target: Target
        if options.endpoint:
            target = EndpointTarget(options.endpoint, key=settings.api_key)
        else:
            settings = settings.model_copy(update={"timeout": PATIENCE})
            make = partial(make_drafter, settings, report=report)
            recorder = Recorder(target_name, make, replay=not options.live)
            report("reading the articles")
            items = read_corpus(corpus)
            target = HereTarget(settings, items, cases, recorder=recorder, report=report)
        if options.judge:
            of_judge = settings.model_copy(update={"model": options.judge})
            judge = Judge(make_drafter(of_judge, report=report))
        run = asyncio.run(
            run_cases(
                cases,
                target,
                folder,
                sample=info.sample,
                repeat=options.repeat,
                concurrency=options.concurrency,
                judge=judge,
                advance=bar(len(cases) * options.repeat - len(folder.done)),
            )
        )
    if options.record and recorder:
        _record(recorder, run, whole=not (options.kind or options.id or options.resume))
    return run


def _choose_cases(options: argparse.Namespace, *, sample: bool) -> tuple[Case, ...]:
    """The cases that were asked for, without those that cannot be put to this target."""
    return tuple(
        case
        for case in choose(read_cases(), kinds=options.kind, ids=options.id)
        if (sample or not case.only) and not (options.endpoint and case.planted)
    )


def _record(recorder: Recorder, run: Run, *, whole: bool) -> None:
    """Store the replies of a run over the sample; a `whole` one's without those now unused."""
    if not run.info.sample:
        errors.print("not recorded: only replies over the sample articles are", style="yellow")
        return
    failed = any(result.error for result in run.results)
    count = recorder.save(drop_unused=whole and not failed)
    errors.print(f"{count} replies are recorded in {recorder.path}", markup=False)


def _add_run_options(command: argparse.ArgumentParser, out: Path) -> None:
    add = command.add_argument
    add(
        "--kind",
        action="append",
        default=[],
        choices=[kind.value for kind in Kind],
        help="only this kind; may repeat",
    )
    add("--id", action="append", default=[], metavar="ID", help="only this case; may repeat")
    add("--repeat", type=positive, default=1, metavar="N", help="ask each question N times")
    add("--concurrency", type=positive, default=4, metavar="N", help="questions at once")
    asked = add_asked(command)
    asked.add_argument("--endpoint", metavar="URL", help="ask a running service instead")
    add("--judge", metavar="MODEL", help="let this model give its verdict on each answer as well")
    add("--live", action="store_true", help="replay nothing")
    add(
        "--record", action="store_true", help="store the replies, so that the next run replays them"
    )
    add("--out", type=Path, default=out, metavar="DIR", help="the run's folder")
    add("--resume", action="store_true", help="go on with the run in --out")


def add_commands(add_parser: AddParser) -> None:
    """`run`, and `gate` with one argument more."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for name, run, about in (
        ("run", _run, "ask the questions and write a report"),
        ("gate", _gate, "the same, and fail where a score is too low or has fallen"),
    ):
        command = add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        _add_run_options(command, Path("data/eval") / stamp)
        if name == "gate":
            command.add_argument(
                "--from-run", type=Path, metavar="DIR", help="judge this run, ask nothing"
            )
