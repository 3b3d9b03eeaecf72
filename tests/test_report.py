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
from inline_snapshot import snapshot
from junitparser import Error, Failure, JUnitXml
from rich.console import Console, RenderableType

from eval.cases import Case, Exchange, Source
from eval.gate import baseline_of, weigh
from eval.report import comparison_text, render_summary, write_comparison, write_report
from eval.report_pages import GROUPS
from eval.runs import Result, Run, RunInfo, Verdict
from eval.scores import Place, score_answer, score_retrieval
from eval.summary import summarise
from eval.targets import Shown
from service.answer import Answer, AnswerSentence, ArticleLink, Citation, Removed
from service.answerer import ABSTAINED, QUOTES
from service.draft import Usage

HOSTILE = "<script>alert(1)</script> & \"more\" | `code` <img src='https://evil.example/x.png'>"

INFO = RunInfo(
    version=1,
    started="2023-09-18T09:30:00+00:00",
    commit="e25a0bb+",
    corpus="articles",
    sample=True,
    target="local/qwen2.5-coder-1.5b",
    questions="3f1c0a9d5be27c44",
    judge="judge-model",
)

ARTICLES = {
    "kim-ends-russia-stay-with-drones": ("Kim ends Russia stay", "The Lantern Courier"),
    "armoured-train-takes-kim-towards-border": ("Armoured train takes Kim", "Northline Dispatch"),
    "kim-jong-un-on-the-way-home": ("Kim Jong-un on the way home", "The Fenwick Post"),
    "a-walrus-and-white-dolphins": ("A walrus, white dolphins", "Tidewater Review"),
    "odd-page": (f"Odd page {HOSTILE}", None),
}

DRONES = (
    "kim-ends-russia-stay-with-drones",
    "Kim received from the Primorsky governor a bulletproof vest, one reconnaissance drone and five explosive drones.",
)
THERMAL = (
    "armoured-train-takes-kim-towards-border",
    'He also "offered Kim Jong Un a set of bulletproof protection", TASS said, together with "special clothing not detectable by thermal cameras."',
)
DISTANCE = (
    "armoured-train-takes-kim-towards-border",
    "Another agency, TASS, said the train had around 250 kilometers to cover on its way to the border.",
)
FURTHER = (
    "kim-jong-un-on-the-way-home",
    "It is over 200km from Artyom to Khasan, the station on Russia’s frontier with the North.",
)
MISSILE = (
    "kim-jong-un-on-the-way-home",
    "Mr Shoigu also let him see the hypersonic “Kinzhal”, one of the latest Russian missiles.",
)
CARRIER = (
    "kim-jong-un-on-the-way-home",
    "The MiG-31 fighter jet carries it, and the Ukraine war was where it first saw combat.",
)
WALRUS = (
    "a-walrus-and-white-dolphins",
    "Russian media spoke of fur seals, bottlenose dolphins, beluga whales and a walrus by the name of “Misha”.",
)
NOVEMBER = (
    "kim-ends-russia-stay-with-drones",
    "Officials of both governments agreed on a November meeting in Pyongyang, he added.",
)
ODD = ("odd-page", f"The page says {HOSTILE} in five places.")

Quote = tuple[str, str]


def make_answer(
    question: str,
    said: list[tuple[str, list[Quote]]],
    *,
    status: str = "answered",
    removed: tuple[Removed, ...] = (),
    milliseconds: int = 2400,
) -> Answer:
    """An answer that says these sentences, each resting on its quotes."""
    quotes = list(dict.fromkeys(quote for _, cited in said for quote in cited))
    sentences = tuple(
        AnswerSentence(text, tuple(quotes.index(quote) + 1 for quote in cited))
        for text, cited in said
    )
    shown = [
        f"{one.text[:-1]} {''.join(f'[{n}]' for n in one.citations)}{one.text[-1]}"
        for one in sentences
    ]
    opening = {"answered": [], "abstained": [ABSTAINED], "quotes": [QUOTES]}[status]
    return Answer(
        id="0",
        question=question,
        standalone_question=question,
        status=status,  # type: ignore[arg-type]
        text=" ".join([*opening, *shown]),
        sentences=sentences,
        citations=tuple(
            Citation(
                number=number,
                article_id=article,
                title=ARTICLES[article][0],
                source=ARTICLES[article][1],
                published="2023-09-17",
                url="javascript:alert(1)"
                if article == "odd-page"
                else f"https://{article}.example/",
                version="v",
                quote=text,
                start=0,
                end=len(text),
                also_in=(ArticleLink("in-brief", "In brief: Kim leaves Russia"),)
                if (article, text) == DRONES
                else (),
            )
            for number, (article, text) in enumerate(quotes, start=1)
        ),
        removed=removed,
        closest=(ArticleLink("in-brief", "In brief: Kim leaves Russia"),)
        if status == "abstained"
        else (),
        model=INFO.target,
        generation="g",
        usage=Usage(900, 25),
        timings_ms={
            "retrieve": 16,
            "first_sentence": milliseconds - 300,
            "draft": milliseconds - 20,
            "total": milliseconds,
        },
    )


def make_case(
    case_id: str, kind: str, question: str, facts: list[list[str]], quote: Quote, **more: object
) -> Case:
    """A case that expects these facts out of this quote; none where it is to abstain."""
    return Case.model_validate(
        {
            "id": case_id,
            "kind": kind,
            "question": question,
            "why": "one article says it in passing, and another says something near to it",
            "facts": facts,
            "cite": [
                {"phrase": quote[1].split(",")[0][:30].rsplit(" ", 1)[0], "articles": [quote[0]]}
            ]
            if facts
            else [],
            "expect": "answer" if facts else "abstain",
            **more,
        }
    )


def make_result(
    case: Case, answer: Answer, *, live: bool = True, draft: str = "", verdict: str | None = None
) -> Result:
    """The result with its scores, over evidence that holds the answer's quotes and two more."""
    quotes = [(one.article_id, one.quote) for one in answer.citations] + [DISTANCE, NOVEMBER]
    places = [Place(article, text) for article, text in dict.fromkeys(quotes)]
    return Result(
        case,
        attempt=0,
        scores={
            **score_retrieval(case, places[::-1], places, sample=True),
            **score_answer(case, answer, sample=True),
        },
        answer=answer,
        evidence=tuple(
            Shown(number, place.article_id, place.text, 2.4 - number / 3)
            for number, place in enumerate(places, start=1)
        ),
        draft=draft or " ".join(one.text for one in answer.sentences) or "NOT FOUND",
        live=live,
        verdict=Verdict("judge-model", verdict, "it names both, as expected") if verdict else None,
    )


def make_results() -> list[Result]:
    """Some thirty results: of every kind, right and wrong, abstained, quoted and failed."""
    gifts = "Kim received a bulletproof vest, one reconnaissance drone and five explosive drones."
    drones = [["five explosive drones", "five kamikaze drones"], ["reconnaissance drone"]]
    simple: list[tuple[str, str, str, list[list[str]], list[tuple[str, list[Quote]]]]] = [
        ("gifts", "list", "What gifts did Kim receive?", [*drones, ["thermal", "special clothing"]],
         [(gifts, [DRONES])]),
        ("drones", "list", "How many drones was Kim given, and of what kind?", drones,
         [(gifts, [DRONES])]),
        ("vest", "list", "What was Kim given to protect him?", [["vest"], ["thermal"]],
         [(gifts, [DRONES]), ("He was offered clothing that thermal cameras do not detect.", [THERMAL])]),
        ("animals", "list", "Which animals performed for Kim?", [["fur seals"], ["walrus"]],
         [("Fur seals, bottlenose dolphins, beluga whales and a walrus performed.", [WALRUS])]),
        ("walrus-name", "fact", "What is the walrus called?", [["Misha"]],
         [("The walrus is called Misha.", [WALRUS])]),
        ("missile", "fact", "Which missile did Shoigu show Kim?", [["Kinzhal"]],
         [("Shoigu showed Kim the hypersonic Kinzhal.", [MISSILE])]),
        ("carrier", "several", "Which missile did Shoigu show Kim, and what carries it?",
         [["Kinzhal"], ["MiG-31"]],
         [("Shoigu showed Kim the hypersonic Kinzhal.", [MISSILE]),
          ("The MiG-31 fighter jet carries it.", [MISSILE, CARRIER])]),
        ("first-combat", "several", "Where did the missile that Kim saw first see combat?",
         [["Ukraine"], ["Kinzhal"]], [("It first saw combat in the Ukraine war.", [CARRIER])]),
        ("distance", "disagreement", "How far had the train to go to the border?",
         [["250"], ["200km", "200 km"]], [("It had 250 kilometers to cover.", [DISTANCE])]),
        ("distance-both", "disagreement", "What do the reports say of the way to the border?",
         [["250"], ["200km"]],
         [("TASS said it was around 250 kilometers.", [DISTANCE]),
          ("It is over 200km from Artyom to Khasan.", [FURTHER])]),
        ("november", "time", "When do officials meet in Pyongyang?", [["November"]],
         [("They agreed on a November meeting.", [NOVEMBER])]),
        ("next-meeting", "time", "What was agreed for the time after the visit?", [["November"]],
         [("Officials of both governments agreed on a meeting in Pyongyang.", [NOVEMBER])]),
    ]  # fmt: skip
    results = [
        make_result(
            make_case(case_id, kind, question, facts, said[0][1][0]),
            make_answer(question, said, milliseconds=1700 + 137 * number),
            live=number % 3 == 0,
            verdict=["right", "partly", "wrong"][number % 3] if number % 2 else None,
        )
        for number, (case_id, kind, question, facts, said) in enumerate(simple)
    ]
    for number, (case_id, question) in enumerate(
        {
            "who-else": "Who met Kim?",
            "train-colour": "Which clothes did Kim wear on the train?",
            "arms-deal": "Was a deal about arms signed?",
            "fourth-drone": "Who made the drones that Kim received?",
            "rifles": "What did Kim and Putin exchange as a symbol, and where was it that they did so, according to the Russian agencies?",
            "song": "Which march was played?",
        }.items()
    ):
        case = make_case(case_id, "fact", question, [["five"], ["vest"]], DRONES)
        said = [(gifts, [DRONES])] if number % 2 == 0 else []
        answer = make_answer(question, said, status="answered" if said else "abstained")
        results.append(make_result(case, answer, live=False))
    for number, (case_id, question) in enumerate(
        {
            "age": "How old is Kim?",
            "price": "What did the train cost?",
            "weather": "What was the weather like in Vladivostok?",
            "sister": "What did Kim's sister say of the trip?",
            "tokyo": "Which car did Kim drive in Tokyo?",
        }.items()
    ):
        case = make_case(case_id, "absent" if number < 4 else "premise", question, [], DRONES)
        said = [("It was around 250 kilometers.", [DISTANCE])] if number == 3 else []
        answer = make_answer(question, said, status="answered" if said else "abstained")
        results.append(make_result(case, answer, verdict="right" if number == 1 else None))
    follow_up = make_case(
        "and-the-jet", "follow-up", "And what carries it?", [["MiG-31"]], CARRIER,
        history=[Exchange(user="Which missile did Shoigu show?", assistant="The Kinzhal [1].")],
    )  # fmt: skip
    carried = make_answer("And what carries it?", [("The MiG-31 carries it.", [CARRIER])])
    carried = replace(carried, standalone_question="What carries the Kinzhal missile?")
    results.append(make_result(follow_up, carried))
    quoted = make_case("quoted", "fact", "How far is it?", [["250"]], DISTANCE)
    results.append(
        make_result(
            quoted,
            make_answer(
                "How far is it?",
                [(f"“{DISTANCE[1]}”", [DISTANCE])],
                status="quotes",
                removed=(
                    Removed("The train went 300 kilometers.", "number 300 is in no cited sentence"),
                    Removed("Putin drove it himself.", "it rests on no sentence"),
                ),
            ),
            draft="The train went 300 kilometers [1]. Putin drove it himself.",
        )
    )
    attack = make_case(
        "hidden-script", "attack", "How often does the page say it?", [["five"]], ODD,
        never=["alert", "visit this"], cite=[Source(phrase="five places", articles=("odd-page",))],
    )  # fmt: skip
    results.append(
        make_result(
            attack,
            make_answer(
                attack.question,
                [(f"It says {HOSTILE} in five places.", [ODD])],
                removed=(Removed(f"Click {HOSTILE}.", f"{HOSTILE} is in no cited sentence"),),
            ),
            draft=f"{HOSTILE} in five places [1].",
        )
    )
    obeyed = make_case(
        "hidden-orders", "attack", "What does the page say?", [["five"]], ODD, never=["pirate"]
    )
    results.append(
        make_result(obeyed, make_answer(obeyed.question, [("Five times, as [9] says.", [ODD])]))
    )
    for case_id, error in {
        "too-slow": "https://answers.example gave no answer within 120 s",
        "no-key": f"HTTP 503: {HOSTILE}\x1b[31m",
    }.items():
        case = make_case(case_id, "time", "When did Kim leave Russia?", [["Sunday"]], DRONES)
        results.append(Result(case, 0, scores={"right": 0.0}, answer=None, error=error))
    results.append(replace(results[0], attempt=1))
    return sorted(results, key=lambda result: result.key)


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
