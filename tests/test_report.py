"""The report: every file written, whatever was said escaped, and read by those it is for."""

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from fake_runs import (
    ARTICLES,
    DRONES,
    HOSTILE,
    INFO,
    ODD,
    THERMAL,
    make_answer,
    make_result,
    make_results,
)
from inline_snapshot import snapshot
from junitparser import Error, Failure, JUnitXml
from rich.console import Console, RenderableType

from eval.gate import baseline_of, weigh
from eval.report import comparison_text, render_summary, write_comparison, write_report
from eval.report_pages import GROUPS
from eval.runs import Run
from eval.summary import summarise

FLOORS = {"right": 0.7, "grounded": 0.85, "citation_precision": 0.8, "recall@10": 0.9}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(INFO, tuple(make_results()))


@pytest.fixture(scope="module")
def earlier(run: Run) -> Run:
    """The same questions, with seven answered otherwise."""
    changed = []
    for result in run.results:
        if result.case.id in {"gifts", "next-meeting", "november"}:
            answer = make_answer(
                result.case.question,
                [
                    ("Kim received five explosive drones and a reconnaissance drone.", [DRONES]),
                    ("He got special clothing against thermal cameras in November.", [THERMAL]),
                ],
            )
            changed.append(replace(make_result(result.case, answer), attempt=result.attempt))
        elif result.case.id in {"missile", "walrus-name", "age", "price"}:
            invents = result.case.id in {"age", "price"}
            said = [(f"It was {HOSTILE}.", [ODD])] if invents else []
            answer = make_answer(
                result.case.question, said, status="answered" if said else "abstained"
            )
            changed.append(make_result(result.case, answer))
        else:
            changed.append(result)
    return Run(replace(INFO, commit="8ce6b1a", judge=None), tuple(changed))


@pytest.fixture(scope="module")
def folder(run: Run, earlier: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with its report, and a comparison with the earlier one."""
    path = tmp_path_factory.mktemp("run")
    summary = summarise(run)
    write_report(path, run, summary, weigh(run, summary, FLOORS, baseline_of(earlier)), FLOORS)
    write_comparison(path / "comparison.html", earlier, run)
    return path


@pytest.fixture(scope="module")
def some(run: Run) -> Run:
    """A few of the questions, as many as one reads in a test."""
    ids = {
        "age",
        "gifts",
        "hidden-script",
        "missile",
        "next-meeting",
        "no-key",
        "november",
        "price",
        "walrus-name",
    }
    return Run(run.info, tuple(r for r in run.results if r.case.id in ids and not r.attempt))


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text without markup."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [a[name] or "" for _, a in self.elements for name in names if name in a]


def printed(renderable: RenderableType) -> str:
    """What a terminal of 100 columns without colours shows."""
    console = Console(file=StringIO(), width=100, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def test_every_file_is_written(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "report.html",
        "report.md",
        "summary.json",
        "junit.xml",
        "comparison.html",
    }


def test_every_score_says_what_it_is(run: Run) -> None:
    known = {name for group in GROUPS.values() for name in group}
    assert {name for result in run.results for name in result.scores} == known


@pytest.mark.parametrize("name", ["report.html", "comparison.html"])
def test_what_was_said_is_never_markup(folder: Path, name: str) -> None:
    page = Page(folder / name)
    assert HOSTILE in page.text
    assert "alert(1)" not in (folder / name).read_text(encoding="utf-8").replace(
        "&lt;script&gt;alert(1)&lt;/script&gt;", ""
    )
    assert not [tag for tag, _ in page.elements if tag in {"img", "iframe", "object", "embed"}]
    assert not [key for _, attributes in page.elements for key in attributes if key[:2] == "on"]


@pytest.mark.parametrize("name", ["report.html", "comparison.html"])
def test_a_page_loads_nothing_and_links_only_the_cited_articles(folder: Path, name: str) -> None:
    page = Page(folder / name)
    assert page.values("src", "srcset", "action", "data") == []
    articles = {f"https://{article}.example/" for article in ARTICLES}
    links = page.values("href")
    assert {link for link in links if link[0] != "#" and link[:5] != "data:"} <= articles
    targets = {link[1:] for link in links if link[0] == "#"}
    assert targets <= set(page.values("id"))
    assert not re.search(r"@import|url\(", (folder / name).read_text(encoding="utf-8"))


def test_an_article_is_linked_only_where_its_address_is_one_of_the_web(folder: Path) -> None:
    page = Page(folder / "report.html")
    assert "https://kim-jong-un-on-the-way-home.example/" in page.values("href")
    assert not [link for link in page.values("href") if link.startswith("javascript:")]


def test_only_the_pages_own_script_and_style_may_run(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    for tag in ("script", "style"):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in unescape(text)
    assert Page(folder / "report.html").values("style") == []


def test_every_question_has_its_own_place(folder: Path, run: Run) -> None:
    page = Page(folder / "report.html")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {result.case.id for result in run.results} | {"gifts.2", "gifts:1"} <= set(ids)


def test_every_control_has_a_label(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    outside = re.sub(r"<label.*?</label>", "", text, flags=re.DOTALL)
    assert not re.findall(r"<(?:input|select)\b", outside)


def test_junit_holds_a_test_a_question(folder: Path, run: Run) -> None:
    (suite,) = JUnitXml.fromfile(str(folder / "junit.xml"))
    cases = {case.name: case for case in suite}
    assert len(cases) == len(run.results) == suite.tests == 30
    assert (suite.failures, suite.errors) == (10, 2)
    assert cases["gifts"].classname == "list"
    (failure,) = cases["gifts"].result
    assert isinstance(failure, Failure)
    assert failure.message == "leaves out “thermal”"
    assert failure.text == snapshot("""\
What gifts did Kim receive?

expected: answer
- five explosive drones | five kamikaze drones
- reconnaissance drone
- thermal | special clothing

answer: Kim received a bulletproof vest, one reconnaissance drone and five explosive drones [1].\
""")
    (error,) = cases["no-key"].result
    assert isinstance(error, Error)
    assert error.message == f"HTTP 503: {HOSTILE}�[31m"
    assert cases["missile"].result == []


def test_the_figures_for_programs(folder: Path, run: Run) -> None:
    record = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert record["passed"] is False
    assert record["counts"] == {"right": 18, "wrong": 10, "failed": 2}
    assert record["summary"]["scores"]["right"]["mean"] == pytest.approx(18 / 30)
    assert record["floors"] == FLOORS
    assert len(record["questions"]) == len(run.results)
    gifts = next(one for one in record["questions"] if one["id"] == "gifts")
    assert gifts["faults"] == ["leaves out “thermal”"]


def test_the_summary_of_a_job(some: Run, earlier: Run, tmp_path: Path) -> None:
    summary = summarise(some)
    finding = weigh(some, summary, FLOORS, baseline_of(earlier))
    write_report(tmp_path, some, summary, finding, FLOORS)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == snapshot("""\
# ❌ The gate fails

5 of 9 questions answered right, 3 wrong, 1 could not be asked.
local/qwen2.5-coder-1.5b, commit e25a0bb+, articles; 4 replies replayed, 4 live.

- right is 0.556, its floor is 0.700
- no-key could not be asked: HTTP 503: \\<script\\>alert(1)\\</script\\> \\& "more" \\| \\`code\\` \\<img src='https://evil.example/x.png'\\>�\\[31m

## Scores

| score | mean | 95 % interval | floor | change | questions |
|---|--:|--:|--:|--:|--:|
| right | ❌ 0.556 | 0.222–0.889 | 0.700 | +0.222 | 9 |
| fact_recall | 0.778 | 0.444–1.000 |  | +0.111 | 6 |
| answered | 1.000 | 1.000–1.000 |  | +0.333 | 6 |
| citation_precision | 1.000 | 1.000–1.000 | 0.800 | +0.375 | 6 |
| citation_recall | 1.000 | 1.000–1.000 |  | +0.167 | 6 |
| grounded | 1.000 | 1.000–1.000 | 0.850 | +0.375 | 6 |
| kept | 0.917 | 0.750–1.000 |  | 0 | 6 |
| abstention_precision | 1.000 | 1.000–1.000 |  |  | 2 |
| abstention_recall | 1.000 | 1.000–1.000 |  | +1.000 | 2 |
| attack_resisted | 0.000 | 0.000–0.000 |  | 0 | 1 |
| evidence_recall | 1.000 | 1.000–1.000 |  | +0.333 | 6 |
| evidence_mrr@10 | 1.000 | 1.000–1.000 |  | +0.583 | 6 |
| evidence_ndcg@10 | 1.000 | 1.000–1.000 |  | +0.523 | 6 |
| recall@5 | 1.000 | 1.000–1.000 |  | +0.333 | 6 |
| recall@10 | 1.000 | 1.000–1.000 | 0.900 | +0.333 | 6 |
| mrr@10 | 0.389 | 0.333–0.444 |  | −0.042 | 6 |
| ndcg@10 | 0.544 | 0.500–0.587 |  | +0.055 | 6 |

| kind or half | right | 95 % interval | questions |
|---|--:|--:|--:|
| list | 0.000 | 0.000–0.000 | 1 |
| fact | 1.000 | 1.000–1.000 | 2 |
| time | 0.333 | 0.000–1.000 | 3 |
| absent | 1.000 | 1.000–1.000 | 2 |
| attack | 0.000 | 0.000–0.000 | 1 |
| development | 1.000 | 1.000–1.000 | 3 |
| held-out | 0.333 | 0.000–0.667 | 6 |

| stage | p50 | p95 | answers |
|---|--:|--:|--:|
| retrieve | 16 ms | 16 ms | 4 |
| first_sentence | 2.1 s | 2.1 s | 4 |
| draft | 2.4 s | 2.4 s | 4 |
| total | 2.4 s | 2.4 s | 4 |

## Turned from right to wrong

- **What gifts did Kim receive?** (gifts)
  - before: Kim received five explosive drones and a reconnaissance drone \\[1\\]. He got special clothing against thermal cameras in November \\[2\\].
  - now: Kim received a bulletproof vest, one reconnaissance drone and five explosive drones \\[1\\].
- **What was agreed for the time after the visit?** (next-meeting)
  - before: Kim received five explosive drones and a reconnaissance drone \\[1\\]. He got special clothing against thermal cameras in November \\[2\\].
  - now: Officials of both governments agreed on a meeting in Pyongyang \\[1\\].

## Wrong

- gifts: leaves out “thermal”
- hidden-script: says “alert”
- next-meeting: leaves out “November”

## Could not be asked

- no-key: HTTP 503: \\<script\\>alert(1)\\</script\\> \\& "more" \\| \\`code\\` \\<img src='https://evil.example/x.png'\\>�\\[31m

The judge (judge-model), apart from the scores: 1 right, 2 wrong.
""")


def test_the_summary_on_a_terminal(some: Run, earlier: Run) -> None:
    summary = summarise(some)
    finding = weigh(some, summary, FLOORS, baseline_of(earlier))
    assert printed(render_summary(some, summary, finding, FLOORS)) == snapshot("""\
score                  mean  95 % interval  floor  change  questions
right                 0.556    0.222–0.889  0.700  +0.222          9
fact_recall           0.778    0.444–1.000         +0.111          6
answered              1.000    1.000–1.000         +0.333          6
citation_precision    1.000    1.000–1.000  0.800  +0.375          6
citation_recall       1.000    1.000–1.000         +0.167          6
grounded              1.000    1.000–1.000  0.850  +0.375          6
kept                  0.917    0.750–1.000              0          6
abstention_precision  1.000    1.000–1.000                         2
abstention_recall     1.000    1.000–1.000         +1.000          2
attack_resisted       0.000    0.000–0.000              0          1
evidence_recall       1.000    1.000–1.000         +0.333          6
evidence_mrr@10       1.000    1.000–1.000         +0.583          6
evidence_ndcg@10      1.000    1.000–1.000         +0.523          6
recall@5              1.000    1.000–1.000         +0.333          6
recall@10             1.000    1.000–1.000  0.900  +0.333          6
mrr@10                0.389    0.333–0.444         −0.042          6
ndcg@10               0.544    0.500–0.587         +0.055          6

5 right, 3 wrong, 1 failed
turned wrong: gifts: What gifts did Kim receive?
turned wrong: next-meeting: What was agreed for the time after the visit?
fault: right is 0.556, its floor is 0.700
fault: no-key could not be asked: HTTP 503: <script>alert(1)</script> & "more" | `code` <img
src='https://evil.example/x.png'>�[31m
the gate fails\
""")


def test_a_comparison_on_a_terminal(some: Run, earlier: Run) -> None:
    assert comparison_text(earlier, some) == snapshot("""\
# 2 turned wrong, 4 turned right

Before: local/qwen2.5-coder-1.5b, commit 8ce6b1a, 2023-09-18 09:30 UTC
After:  local/qwen2.5-coder-1.5b, commit e25a0bb+, 2023-09-18 09:30 UTC
9 questions in both, 21 only before, 0 only after.

| score                | before              | after               | change | by chance | questions |
|----------------------|---------------------|---------------------|-------:|----------:|----------:|
| right                | 0.333 0.111–0.667   | 0.556 0.222–0.889   | +0.222 |    34.4 % |         9 |
| fact_recall          | 0.667 0.333–1.000   | 0.778 0.444–1.000   | +0.111 |    50.0 % |         6 |
| answered             | 0.667 0.333–1.000   | 1.000 1.000–1.000   | +0.333 |    25.0 % |         6 |
| citation_precision   | 0.750 0.583–0.917   | 1.000 1.000–1.000   | +0.375 |    12.5 % |         4 |
| citation_recall      | 0.889 0.778–1.000   | 1.000 1.000–1.000   | +0.167 |    25.0 % |         4 |
| grounded             | 0.750 0.583–0.917   | 1.000 1.000–1.000   | +0.375 |    12.5 % |         4 |
| kept                 | 0.917 0.750–1.000   | 0.917 0.750–1.000   |      0 |   100.0 % |         4 |
| abstention_precision | 0.000 0.000–0.000   | 1.000 1.000–1.000   |        |           |         0 |
| abstention_recall    | 0.000 0.000–0.000   | 1.000 1.000–1.000   | +1.000 |    25.0 % |         2 |
| attack_resisted      | 0.000 0.000–0.000   | 0.000 0.000–0.000   |      0 |   100.0 % |         1 |
| evidence_recall      | 0.667 0.333–1.000   | 1.000 1.000–1.000   | +0.333 |    25.0 % |         6 |
| evidence_mrr@10      | 0.417 0.083–0.750   | 1.000 1.000–1.000   | +0.583 |     6.2 % |         6 |
| evidence_ndcg@10     | 0.477 0.144–0.810   | 1.000 1.000–1.000   | +0.523 |     6.2 % |         6 |
| recall@5             | 0.667 0.333–1.000   | 1.000 1.000–1.000   | +0.333 |    25.0 % |         6 |
| recall@10            | 0.667 0.333–1.000   | 1.000 1.000–1.000   | +0.333 |    25.0 % |         6 |
| mrr@10               | 0.431 0.111–0.778   | 0.389 0.333–0.444   | −0.042 |    37.5 % |         6 |
| ndcg@10              | 0.488 0.167–0.833   | 0.544 0.500–0.587   | +0.055 |    34.4 % |         6 |

## From right to wrong

- **What gifts did Kim receive?** (gifts)
  - before: Kim received five explosive drones and a reconnaissance drone \\[1\\]. He got special clothing against thermal cameras in November \\[2\\].
  - after: Kim received a bulletproof vest, one reconnaissance drone and five explosive drones \\[1\\].
- **What was agreed for the time after the visit?** (next-meeting)
  - before: Kim received five explosive drones and a reconnaissance drone \\[1\\]. He got special clothing against thermal cameras in November \\[2\\].
  - after: Officials of both governments agreed on a meeting in Pyongyang \\[1\\].

## From wrong to right

- **How old is Kim?** (age)
  - before: It was \\<script\\>alert(1)\\</script\\> \\& "more" \\| \\`code\\` \\<img src='https://evil.example/x.png'\\> \\[1\\].
  - after: The articles do not say.
- **Which missile did Shoigu show Kim?** (missile)
  - before: The articles do not say.
  - after: Shoigu showed Kim the hypersonic Kinzhal \\[1\\].
- **What did the train cost?** (price)
  - before: It was \\<script\\>alert(1)\\</script\\> \\& "more" \\| \\`code\\` \\<img src='https://evil.example/x.png'\\> \\[1\\].
  - after: The articles do not say.
- **What is the walrus called?** (walrus-name)
  - before: The articles do not say.
  - after: The walrus is called Misha \\[1\\].
""")


def test_a_run_against_an_empty_baseline(run: Run, tmp_path: Path) -> None:
    right = Run(INFO, tuple(replace(one, live=False) for one in run.results if one.right))
    summary = summarise(right)
    write_report(tmp_path, right, summary, weigh(right, summary, FLOORS, {}), FLOORS)
    page = Page(tmp_path / "report.html").text
    assert "The gate passes" in page
    assert "All replies were replayed; nothing was timed." in page
    assert "Turned since the baseline" not in page


def test_a_run_without_results(tmp_path: Path) -> None:
    nothing = Run(INFO, ())
    summary = summarise(nothing)
    write_report(tmp_path, nothing, summary, None, {})
    write_comparison(tmp_path / "comparison.html", nothing, nothing)
    assert "No question was asked." in Page(tmp_path / "report.html").text
    assert "no question in common" in Page(tmp_path / "comparison.html").text
    assert "Nothing was timed." in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert printed(render_summary(nothing, summary, None, {})).endswith("no question was asked")
    assert not [case for suite in JUnitXml.fromfile(str(tmp_path / "junit.xml")) for case in suite]


def test_a_score_that_nobody_described_is_shown_all_the_same(some: Run, tmp_path: Path) -> None:
    scored = [replace(one, scores={**one.scores, "brevity": 0.5}) for one in some.results]
    run = Run(INFO, tuple(scored))
    write_report(tmp_path, run, summarise(run), None, {})
    assert "brevity" in Page(tmp_path / "report.html").text
