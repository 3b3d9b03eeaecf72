"""A run, its figures and the gate's finding -> the report: for people, for CI and for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eval.cases import Kind
from eval.gate import CHANCE, Finding, Turned
from eval.report_pages import GROUPS, Question, figure, interval, printable, render, signed
from eval.runs import Result, Run
from eval.summary import Estimate, Estimates, Summary, chance_of_fall, estimate_all


@dataclass(frozen=True)
class Row:
    """One score of a run."""

    name: str
    meaning: str
    estimate: Estimate
    floor: float | None
    change: float | None

    @property
    def passes(self) -> bool:
        return self.floor is None or self.estimate.mean >= self.floor - 1e-9


@dataclass(frozen=True)
class Change:
    """One score of two runs; `change` and `chance` are over the `pairs` that have it in both."""

    name: str
    meaning: str
    before: Estimate | None
    after: Estimate | None
    change: float
    chance: float
    """How likely so great a change this way is by chance alone."""
    pairs: int

    @property
    def certain(self) -> bool:
        return self.chance < CHANCE


_Scored = TypeVar("_Scored", Row, Change)


def write_report(
    folder: Path,
    run: Run,
    summary: Summary,
    finding: Finding | None,
    floors: Mapping[str, float],
) -> None:
    """Write report.html, report.md, summary.json and junit.xml into the run's folder."""
    questions = _questions(run, finding)
    context = {
        "run": run,
        "summary": summary,
        "finding": finding,
        "groups": _grouped(_rows(summary, finding, floors)),
        "questions": questions,
        "counts": _counts(questions),
        "by_kind": {kind: summary.by_kind[kind] for kind in Kind if kind in summary.by_kind},
    }
    for name in ("report.html", "report.md"):
        (folder / name).write_text(render(f"{name}.jinja", context), encoding="utf-8")
    record = {
        "run": asdict(run.info),
        "passed": finding.passed if finding else None,
        "counts": _counts(questions),
        "summary": asdict(summary),
        "floors": dict(floors),
        "finding": asdict(finding) if finding else None,
        "questions": [
            {
                "id": question.result.case.id,
                "attempt": question.result.attempt,
                "kind": question.result.case.kind,
                "half": question.result.case.half,
                "outcome": question.outcome,
                "faults": question.faults,
                "scores": question.result.scores,
            }
            for question in questions
        ],
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")
    _junit(questions).write(str(folder / "junit.xml"), pretty=True)


def render_summary(
    run: Run, summary: Summary, finding: Finding | None, floors: Mapping[str, float]
) -> RenderableType:
    """The scores, what the gate says of them and which questions turned, for a terminal."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title in ("score", "mean", "95 % interval", "floor", "change", "questions"):
        table.add_column(title, justify="left" if title == "score" else "right")
    for row in _rows(summary, finding, floors):
        table.add_row(
            row.name,
            Text(figure(row.estimate.mean), style="" if row.passes else "red"),
            interval(row.estimate),
            figure(row.floor),
            signed(row.change),
            str(row.estimate.count),
        )
    counts = _counts(_questions(run, finding))
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    lines: list[RenderableType] = [table, Text(f"\n{told or 'no question was asked'}")]
    if finding:
        lines += [Text(f"turned wrong: {one.case_id}: {one.question}") for one in finding.to_wrong]
        lines += [Text(f"fault: {printable(fault)}", style="red") for fault in finding.faults]
        lines.append(
            Text("the gate passes", style="bold green")
            if finding.passed
            else Text("the gate fails", style="bold red")
        )
    return Group(*lines)


def write_comparison(path: Path, a: Run, b: Run) -> None:
    """Write one page with how `b` differs from `a`."""
    path.write_text(render("comparison.html.jinja", _comparison(a, b)), encoding="utf-8")


def comparison_text(a: Run, b: Run) -> str:
    """How `b` differs from `a`, as Markdown whose tables stand straight on a terminal."""
    return render("comparison.md.jinja", _comparison(a, b))


def _comparison(a: Run, b: Run) -> dict[str, object]:
    before, after = a.by_case(), b.by_case()
    both = [(Question(before[key]), Question(after[key])) for key in before if key in after]
    return {
        "a": a.info,
        "b": b.info,
        "both": len(both),
        "only_a": len(before) - len(both),
        "only_b": len(after) - len(both),
        "groups": _grouped(_changes([(x.result, y.result) for x, y in both])),
        "to_wrong": [pair for pair in both if pair[0].result.right and not pair[1].result.right],
        "to_right": [pair for pair in both if pair[1].result.right and not pair[0].result.right],
    }


def _changes(both: Sequence[tuple[Result, Result]]) -> list[Change]:
    before, after = [old for old, _ in both], [new for _, new in both]
    estimates = estimate_all(before), estimate_all(after)
    changes = []
    for name, meaning in _order({**estimates[0], **estimates[1]}):
        old, new = _by_case(before, name), _by_case(after, name)
        pairs = [(old[case_id], new[case_id]) for case_id in sorted(old.keys() & new.keys())]
        olds, news = [first for first, _ in pairs], [second for _, second in pairs]
        change = (sum(news) - sum(olds)) / len(pairs) if pairs else 0.0
        chance = chance_of_fall(olds, news) if change < 0 else chance_of_fall(news, olds)
        first, second = (one.get(name) for one in estimates)
        changes.append(Change(name, meaning, first, second, change, chance, len(pairs)))
    return changes


def _by_case(results: Iterable[Result], name: str) -> dict[str, float]:
    """One score of each case that has it, the mean of its attempts."""
    values: dict[str, list[float]] = {}
    for result in results:
        value = result.scores.get(name)
        if value is not None:
            values.setdefault(result.case.id, []).append(value)
    return {case_id: sum(found) / len(found) for case_id, found in values.items()}


def _order(scores: Estimates) -> list[tuple[str, str]]:
    """Names and meanings in the order of GROUPS; those that it does not know come last."""
    known = {name: meaning for group in GROUPS.values() for name, meaning in group.items()}
    names = [*(name for name in known if name in scores), *(n for n in scores if n not in known)]
    return [(name, known.get(name, "")) for name in names]


def _grouped(rows: Iterable[_Scored]) -> dict[str, list[_Scored]]:
    titles = {name: title for title, group in GROUPS.items() for name in group}
    groups: dict[str, list[_Scored]] = {}
    for row in rows:
        groups.setdefault(titles.get(row.name, "Others"), []).append(row)
    return groups


def _rows(summary: Summary, finding: Finding | None, floors: Mapping[str, float]) -> list[Row]:
    changes = finding.changes if finding else {}
    return [
        Row(name, meaning, summary.scores[name], floors.get(name), changes.get(name))
        for name, meaning in _order(summary.scores)
    ]


def _questions(run: Run, finding: Finding | None) -> list[Question]:
    """Every result, with how it turned."""
    turned: dict[tuple[str, bool], Turned] = {}
    if finding:
        turned |= {(one.case_id, False): one for one in finding.to_wrong}
        turned |= {(one.case_id, True): one for one in finding.to_right}
    return [Question(one, turned.get((one.case.id, one.right))) for one in run.results]


def _counts(questions: Iterable[Question]) -> dict[str, int]:
    outcomes = [question.outcome for question in questions]
    return {outcome: outcomes.count(outcome) for outcome in ("right", "wrong", "failed")}


def _junit(questions: Sequence[Question]) -> JUnitXml:
    suite = TestSuite("questions")
    for question in questions:
        answer = question.result.answer
        live = question.result.live and answer is not None
        test = TestCase(question.anchor, question.result.case.kind.value)
        test.time = answer.timings_ms.get("total", 0) / 1000 if answer and live else 0.0
        if question.outcome == "failed":
            test.result = [Error(printable(question.text), "failed")]
        elif question.outcome == "wrong":
            failure = Failure(printable("; ".join(question.faults)), "wrong")
            facts = "\n".join(f"- {' | '.join(fact)}" for fact in question.result.case.facts)
            failure.text = printable(
                f"{question.result.case.question}\n\n"
                f"expected: {question.result.case.expect}\n{facts}\n\nanswer: {question.text}"
            )
            test.result = [failure]
        suite.add_testcase(test)
    xml = JUnitXml("dateline")
    xml.add_testsuite(suite)
    return xml
