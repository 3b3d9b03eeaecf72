"""The command line of the harness; `python -m eval --help` lists its commands."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.benchmarks import (
    PUBLISHED_MULTIHOP,
    PUBLISHED_RAGTRUTH,
    measure_clapnq,
    measure_multihop,
    measure_ragtruth,
)
from eval.calibration import calibrate
from eval.cases import Kind, choose, read_cases
from eval.complaints import draft_from_archive, drafts_from_file
from eval.entries import Half
from eval.errors import RunRefused
from eval.gate import Finding, baseline_of, read_baseline, read_floors, weigh, write_baseline
from eval.judge import Judge
from eval.recordings import Recorder
from eval.report import comparison_text, render_summary, write_comparison, write_report
from eval.retrieval import Dataset, index_dataset, measure_articles, read_dataset, search_all
from eval.run import ROOT, describe, run_cases
from eval.runs import Result, Run, RunFolder, read_run
from eval.speed import choose_questions, measure_speed, open_answerer, render_speed
from eval.summary import Estimate, Summary, summarise
from eval.targets import EndpointTarget, HereTarget, Target
from eval.verification import (
    Decision,
    PairKind,
    Share,
    decide,
    find_unsupported,
    read_pairs,
    read_sentences,
    share_kept,
    shares_right,
)
from index.articles import Article
from index.build import build
from index.errors import DatelineError
from index.ranking import RankedPassage
from index.sources import Found, read_sources
from index.vectors import Embedder
from service.answerer import Answerer
from service.settings import Settings, read_settings
from service.wiring import identify_model, make_answerer, make_drafter, open_archive

SAMPLE = ROOT / "articles"
HALVES: tuple[Half, ...] = get_args(Half)

console = Console(highlight=False)
WIDEST_TABLE = 110
"""Columns that a table takes even where the terminal is narrower: a cut figure says nothing."""

errors = Console(stderr=True, highlight=False, soft_wrap=True)


_told_with_their_questions = logging.NullHandler()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed or too bad, 2 asked wrongly."""
    options = _parser().parse_args(arguments)
    logging.getLogger("dateline").addHandler(_told_with_their_questions)
    try:
        code: int = options.run(options)
    except DatelineError as error:
        errors.print(f"error: {error}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        errors.print("interrupted; go on with --resume", style="yellow")
        return 130
    return code


def _run(options: argparse.Namespace) -> int:
    run = _ask_all(options)
    summary = summarise(run)
    _report(options.out, run, summary, None, {})
    return 0


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
    corpus = tuple(options.articles or [SAMPLE])
    sample = [path.resolve() for path in corpus] == [SAMPLE]
    cases = choose(read_cases(), kinds=options.kind, ids=options.id)
    cases = tuple(
        case
        for case in cases
        if (sample or not case.only) and not (options.endpoint and case.planted)
    )
    settings = read_settings()
    if options.model:
        settings = settings.model_copy(update={"model": options.model})
    target_name = options.endpoint or identify_model(settings)
    info = describe(cases, target_name, corpus, repeat=options.repeat, judge=options.judge)
    folder = RunFolder(options.out, info, resume=options.resume)
    recorder = None
    with _progress() as (report, bar):
        target: Target
        if options.endpoint:
            target = EndpointTarget(options.endpoint, key=settings.api_key)
        else:
            make = partial(make_drafter, settings, report=report)
            recorder = Recorder(target_name, make, replay=not options.live)
            target = HereTarget(settings, corpus, cases, recorder=recorder, report=report)
        judge = None
        if options.judge:
            of_judge = settings.model_copy(update={"model": options.judge})
            judge = Judge(make_drafter(of_judge, report=report))
        run = asyncio.run(
            run_cases(
                cases,
                target,
                folder,
                sample=sample,
                repeat=options.repeat,
                concurrency=options.concurrency,
                judge=judge,
                advance=bar(len(cases) * options.repeat - len(folder.done)),
            )
        )
    if options.record and recorder:
        if not sample:
            errors.print("not recorded: only replies over the sample articles are", style="yellow")
        else:
            whole = not (options.kind or options.id or options.resume) and not any(
                result.error for result in run.results
            )
            count = recorder.save(drop_unused=whole)
            errors.print(f"{count} replies are recorded in {recorder.path}", markup=False)
    return run


def _compare(options: argparse.Namespace) -> int:
    first, second = read_run(options.first), read_run(options.second)
    console.print(comparison_text(first, second), markup=False, soft_wrap=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_comparison(options.out, first, second)
    errors.print(f"report: {options.out}", markup=False, style="dim")
    return 0


def _baseline(options: argparse.Namespace) -> int:
    baseline = baseline_of(read_run(options.from_run))
    write_baseline(baseline)
    console.print(f"{len(baseline)} cases are the baseline now")
    return 0


def _add(options: argparse.Namespace) -> int:
    if options.answer:
        paths = [draft_from_archive(open_archive(read_settings()), options.answer)]
    else:
        paths = list(drafts_from_file(options.feedback))
    for path in paths:
        console.print(f"wrote {path}", markup=False)
    return 0


def _retrieval(options: argparse.Namespace) -> int:
    settings = read_settings()
    dataset = read_dataset(options.dataset)
    queries = [query for query in dataset.queries if query.id in dataset.qrels]
    with _progress() as (report, bar):
        found = _search(dataset, settings, options, report=report, bar=bar)
    figures = measure_articles(found, dataset.qrels)
    table = Table("measure", "articles", title=f"{options.dataset.name}: {len(queries)} queries")
    for name, value in figures.items():
        table.add_row(name, f"{value:.3f}")
    console.print(table)
    if (options.dataset / "queries.jsonl").is_file() and all(
        "evidence" in query.record for query in dataset.queries
    ):
        console.print(
            _multihop_table(measure_multihop(dataset.queries, found)),
            width=max(console.width, WIDEST_TABLE),
        )
    return 0


def _search(
    dataset: Dataset,
    settings: Settings,
    options: argparse.Namespace,
    *,
    report: Callable[[str], None],
    bar: Callable[[int], Callable[[object], None]],
) -> dict[str, tuple[RankedPassage, ...]]:
    embedder = Embedder(settings.embedding_model)
    with TemporaryDirectory(prefix="dateline-eval-") as aside:
        root = options.index or Path(aside)
        generation = index_dataset(dataset, root, embedder, report=report)
        advance = bar(len(dataset.queries))
        return search_all(dataset.queries, generation, embedder, advance=lambda: advance(None))


def _multihop_table(figures: dict[str, Estimate]) -> Table:
    columns = ("Hits@10", "Hits@4", "MRR@10", "FactRecall@10", "AllFacts@10", "DocRecall@10")
    table = Table("", *columns, title="facts found, null questions left out (MultiHop-RAG's rule)")
    ours = [figures[name] for name in columns]
    table.add_row("Dateline", *(f"{one.mean:.3f}" for one in ours))
    table.add_row("  95 % interval", *(f"{one.low:.3f}–{one.high:.3f}" for one in ours))
    for name, *published in PUBLISHED_MULTIHOP:
        table.add_row(name, *(f"{value:.3f}" for value in published), *["–"] * 3)
    table.caption = (
        f"{figures['characters'].mean:,.0f} characters in the first ten passages. The published "
        "rows were made with chunks of 256 tokens and a splitter's default overlap."
    )
    return table


def _clapnq(options: argparse.Namespace) -> int:
    settings = read_settings()
    with _progress() as (report, bar), TemporaryDirectory(prefix="dateline-eval-") as aside:
        recorder = Recorder(
            identify_model(settings), partial(make_drafter, settings, report=report), replay=False
        )
        embedder = Embedder(settings.embedding_model)
        places = iter(range(1_000_000))

        def answer_from(article: Article) -> Answerer:
            root = Path(aside) / str(next(places))
            build([Found(article, "clapnq")], root, embedder)
            there = settings.model_copy(update={"index": root})
            return make_answerer(there, report=report, writer=recorder)

        advance = bar(2 * (options.limit or 150))
        found = asyncio.run(
            measure_clapnq(
                options.dataset, answer_from, limit=options.limit, advance=lambda: advance(None)
            )
        )
    table = Table("", "share", "95 % interval", "questions", title="CLAPnq, one passage a question")
    for name, one in (("answered", found.answered), ("abstained", found.abstained)):
        table.add_row(name, f"{one.mean:.3f}", f"{one.low:.3f}–{one.high:.3f}", str(one.count))
    table.caption = ", ".join(f"{status}: {count}" for status, count in found.statuses.items())
    console.print(table)
    return 0


def _verify(options: argparse.Namespace) -> int:
    found = read_sources([str(SAMPLE)])
    sentences = read_sentences([one.article for one in found if isinstance(one, Found)])
    decisions = decide(read_pairs(sentences), sentences)
    halves: tuple[Half, ...] = (options.half,) if options.half else HALVES
    by_half = {half: [one for one in decisions if one.pair.half == half] for half in halves}
    console.print(_kinds_table(by_half))
    console.print(_found_table(by_half))
    if options.ragtruth:
        console.print(_ragtruth_table(options.ragtruth))
    if options.wrong:
        for one in (one for half in halves for one in by_half[half] if not one.right):
            console.print(_wrong_text(one), markup=False, soft_wrap=True)
    return 0


def _kinds_table(by_half: Mapping[Half, Sequence[Decision]]) -> Table:
    table = Table("kind", "supported", title="sentences decided right")
    for half in by_half:
        table.add_column(half, justify="right")
    shares = shares_right(one for decisions in by_half.values() for one in decisions)
    for kind in PairKind:
        found = [shares.get((kind, half), Share(0, 0)) for half in by_half]
        table.add_row(kind, "yes" if kind.supported else "no", *map(_share_text, found))
    return table


def _share_text(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.2f} of {share.count:>2}"


def _found_table(by_half: Mapping[Half, Sequence[Decision]]) -> Table:
    columns = ("pairs", "F1", "precision", "recall", "supported kept")
    table = Table("half", *columns, title="unsupported sentences found")
    rows: list[tuple[str, Sequence[Decision]]] = [*by_half.items()]
    if len(by_half) > 1:
        rows.append(("both", [one for _, decisions in rows for one in decisions]))
    for name, decisions in rows:
        found, kept = find_unsupported(decisions), share_kept(decisions)
        figures = (found.f1, found.precision, found.recall)
        shown = (f"{100 * figure:.1f}" for figure in figures)
        table.add_row(name, str(found.count), *shown, _share_text(kept))
    return table


def _wrong_text(decision: Decision) -> str:
    pair = decision.pair
    said = f"removed: {decision.reason}" if decision.reason else f"kept; says: {pair.says or '–'}"
    return f"{pair.half}, {pair.kind}: {pair.sentence}\n    {said}"


def _ragtruth(options: argparse.Namespace) -> int:
    console.print(_ragtruth_table(options.dataset))
    return 0


def _ragtruth_table(folder: Path) -> Table:
    """Our check on RAGTruth's answers beside the published ones."""
    with _progress() as (_, bar):
        advance = bar(427)
        found = measure_ragtruth(folder, advance=lambda: advance(None))
    table = Table("", "F1", "precision", "recall", "balanced", "AUROC")
    share = 2 * found.unsupported / (1 + found.unsupported)
    table.add_row(
        "Dateline's check",
        *(f"{100 * value:.1f}" for value in (found.f1, found.precision, found.recall)),
        f"{found.balanced_accuracy:.3f}",
        f"{found.auroc:.3f}",
    )
    table.add_row("flagging everything", f"{100 * share:.1f}", *["–"] * 4)
    for name, published in PUBLISHED_RAGTRUTH:
        table.add_row(name, f"{published:.1f}", *["–"] * 4)
    table.title = f"RAGTruth QA: unsupported answers found, {found.count} answers here"
    table.caption = "The published rows are of the full test set."
    return table


def _calibrate(options: argparse.Namespace) -> int:
    results = [
        result
        for result in read_run(options.run_folder).results
        if options.half in (None, result.case.half)
    ]
    table = Table(title="if evidence weaker than the threshold were no ground for an answer")
    for name in ("threshold", "answered", "right", "abstained rightly"):
        table.add_column(name, justify="right")
    for point in calibrate(results):
        shares = (point.answered, point.right, point.abstained)
        table.add_row(
            f"{point.threshold:.1f}", *("–" if one is None else f"{one:.3f}" for one in shares)
        )
    console.print(table)
    return 0


def _speed(options: argparse.Namespace) -> int:
    if options.json:
        _check_writable(options.json)
    corpus = tuple(options.articles or [SAMPLE])
    sample = [path.resolve() for path in corpus] == [SAMPLE]
    *cases, warming = choose_questions(read_cases(), limit=options.limit + 1, sample=sample)
    cases = cases or [warming]
    settings = read_settings()
    if options.model:
        settings = settings.model_copy(update={"model": options.model})
    info = describe(cases, identify_model(settings), corpus, repeat=1, judge=None)
    with _progress() as (report, bar), TemporaryDirectory(prefix="dateline-eval-") as aside:
        answerer = open_answerer(
            settings,
            corpus,
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


@contextmanager
def _progress() -> Iterator[
    tuple[Callable[[str], None], Callable[[int], Callable[[object], None]]]
]:
    """A line for what is done first, and a bar of given length that moves by one a call."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("getting ready", total=None)

        def report(text: str) -> None:
            progress.update(task, description=text)

        def bar(total: int) -> Callable[[object], None]:
            progress.update(task, description="asking", total=total)

            def advance(result: object) -> None:
                progress.advance(task)
                if isinstance(result, Result) and result.error:
                    errors.print(f"{result.case.id}: {result.error}", markup=False, style="yellow")

            return advance

        yield report, bar


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval", description="Measure Dateline on questions with known answers."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for name, run, about in (
        ("run", _run, "ask the questions and write a report"),
        ("gate", _gate, "the same, and fail where a score is too low or has fallen"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        _add_run_options(command, Path("data/eval") / stamp)
        if name == "gate":
            command.add_argument(
                "--from-run", type=Path, metavar="DIR", help="judge this run, ask nothing"
            )
    command = commands.add_parser("compare", help="what differs between two runs")
    command.add_argument("first", type=Path, metavar="A")
    command.add_argument("second", type=Path, metavar="B")
    command.add_argument("--out", type=Path, default=Path("data/eval/comparison.html"))
    command.set_defaults(run=_compare)
    command = commands.add_parser("baseline", help="make a run the one that others are measured by")
    command.add_argument("from_run", type=Path, metavar="DIR")
    command.set_defaults(run=_baseline)
    command = commands.add_parser("add", help="draft a case from an answer that was called wrong")
    group = command.add_mutually_exclusive_group(required=True)
    group.add_argument("--answer", metavar="ID", help="a stored answer")
    group.add_argument(
        "--from", dest="feedback", type=Path, metavar="FILE", help="feedback, .jsonl"
    )
    command.set_defaults(run=_add)
    command = commands.add_parser("retrieval", help="search a dataset in the BEIR layout")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.add_argument("--index", type=Path, metavar="DIR", help="keep the index here")
    command.set_defaults(run=_retrieval)
    command = commands.add_parser("clapnq", help="answering and abstaining, on CLAPnq's files")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.add_argument("--limit", type=int, metavar="N", help="questions of each half")
    command.set_defaults(run=_clapnq)
    command = commands.add_parser("ragtruth", help="the check of support, on RAGTruth's answers")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.set_defaults(run=_ragtruth)
    command = commands.add_parser("verify", help="the check of support, on hand-written sentences")
    command.add_argument("--half", choices=HALVES, help="only this half")
    command.add_argument("--wrong", action="store_true", help="list what was decided wrongly")
    command.add_argument(
        "--ragtruth", type=Path, metavar="DIR", help="its table on RAGTruth's answers as well"
    )
    command.set_defaults(run=_verify)
    command = commands.add_parser("calibrate", help="what a least strength of evidence would do")
    command.add_argument("run_folder", type=Path, metavar="DIR", help="a run's folder")
    command.add_argument("--half", choices=HALVES, help="only this half")
    command.set_defaults(run=_calibrate)
    command = commands.add_parser("speed", help="how long whole answers take, asked live")
    add = command.add_argument
    add("--limit", type=_positive, default=20, metavar="N", help="questions; always the same ones")
    add("--together", type=_positive, default=4, metavar="N", help="questions at once, after idle")
    add("--model", metavar="NAME", help="any litellm name, in place of DATELINE_MODEL")
    add(
        "--articles",
        type=Path,
        action="append",
        metavar="PATH",
        help="other articles than the sample",
    )
    add("--json", type=Path, metavar="FILE", help="write the figures here as well")
    command.set_defaults(run=_speed)
    return parser


def _add_run_options(command: argparse.ArgumentParser, out: Path) -> None:
    add = command.add_argument
    add(
        "--kind", action="append", default=[], choices=list(Kind), help="only this kind; may repeat"
    )
    add("--id", action="append", default=[], metavar="ID", help="only this case; may repeat")
    add("--repeat", type=_positive, default=1, metavar="N", help="ask each question N times")
    add("--concurrency", type=_positive, default=4, metavar="N", help="questions at once")
    add("--model", metavar="NAME", help="any litellm name, in place of DATELINE_MODEL")
    add(
        "--articles",
        type=Path,
        action="append",
        metavar="PATH",
        help="other articles than the sample",
    )
    add("--endpoint", metavar="URL", help="ask a running service instead")
    add("--judge", metavar="MODEL", help="let this model give its verdict on each answer as well")
    add("--live", action="store_true", help="replay nothing")
    add(
        "--record", action="store_true", help="store the replies, so that the next run replays them"
    )
    add("--out", type=Path, default=out, metavar="DIR", help="the run's folder")
    add("--resume", action="store_true", help="go on with the run in --out")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
