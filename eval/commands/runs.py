"""compare | baseline | calibrate: what runs that are done come to."""

import argparse
from pathlib import Path

from rich.table import Table

from eval.calibration import calibrate
from eval.commands.arguments import HALVES, AddParser
from eval.commands.terminal import console, errors
from eval.gate import baseline_of, write_baseline
from eval.report import comparison_text, write_comparison
from eval.runs import read_run


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


def add_commands(add_parser: AddParser) -> None:
    """`compare`, `baseline` and `calibrate`."""
    command = add_parser("compare", help="what differs between two runs")
    command.add_argument("first", type=Path, metavar="A", help="a run's folder")
    command.add_argument("second", type=Path, metavar="B", help="another's")
    command.add_argument(
        "--out",
        type=Path,
        default=Path("data/eval/comparison.html"),
        metavar="FILE",
        help="the comparison as a page (default %(default)s)",
    )
    command.set_defaults(run=_compare)
    command = add_parser("baseline", help="make a run the one that others are measured by")
    command.add_argument("from_run", type=Path, metavar="DIR", help="a run's folder")
    command.set_defaults(run=_baseline)
    command = add_parser("calibrate", help="what a least strength of evidence would do")
    command.add_argument("run_folder", type=Path, metavar="DIR", help="a run's folder")
    command.add_argument("--half", choices=HALVES, help="only this half")
    command.set_defaults(run=_calibrate)
