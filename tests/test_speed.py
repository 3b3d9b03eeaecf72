"""How long answers take: the figures by hand, and a model that takes its time and counts words."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_answers import make_case
from fakes import WordEmbedder
from inline_snapshot import snapshot
from rich.console import Console

import eval.commands.speed
import eval.speed
import service.wiring
from eval.__main__ import main
from eval.cases import Case, read_cases
from eval.commands.speed import render_speed
from eval.errors import CaseRefused, TargetFailed
from eval.speed import (
    Asked,
    Figures,
    Speed,
    Spread,
    Written,
    ask_all,
    choose_questions,
    measure,
    measure_speed,
    open_answerer,
    spread,
)
from index.sources import read_sources
from service.answerer import Answerer
from service.draft import MAX_TOKENS, Usage
from service.errors import ModelTimedOut, ModelUnavailable
from service.prompt import Message
from service.settings import Settings

DRONES = "Kim received five explosive drones from the governor of Primorye."
CASES = tuple(
    make_case(case_id, question=f"Which drones did Kim receive from the governor {case_id}?")
    for case_id in ("today", "again", "there")
)
PAUSE = 0.05
"""Seconds that the model takes to its first word, and once more to its last."""


class SlowWriter:
    """Copies the first sentence of evidence in two pieces; one reply at a time, like the engine."""

    model = "local/slow"

    def __init__(
        self, error: Exception | None = None, *, fails: str = "", gathered: int = 1
    ) -> None:
        """Replies to a question with `fails` in it end with `error`.

        The first reply begins when as many as `gathered` have been asked for.
        """
        self.error = error
        self.fails = fails
        self._gathered = gathered
        self._begin = asyncio.Event()
        self.most = self.open = self.asked = 0
        self._turn = asyncio.Lock()

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        assert max_tokens == MAX_TOKENS
        self.asked += 1
        self.open += 1
        self.most = max(self.most, self.open)
        if self.asked >= self._gathered:
            self._begin.set()
        try:
            async with self._turn:
                await self._begin.wait()
                await asyncio.sleep(PAUSE)
                if self.error and self.fails in messages[-1]["content"]:
                    raise self.error
                lines = messages[-1]["content"].splitlines()
                words = next(line for line in lines if line.startswith("[1]")).removeprefix("[1] ")
                yield words[:10]
                await asyncio.sleep(PAUSE)
                yield words[10:]
            yield Usage(100, 20)
        finally:
            self.open -= 1


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One article, and vectors that count words in place of the model's."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "gifts.md").write_text(f"---\nid: gifts\ntitle: About gifts\n---\n{DRONES}\n")
    for module in (eval.speed, service.wiring):
        monkeypatch.setattr(module, "Embedder", WordEmbedder)
    return folder


def open_over(corpus: Path, writer: SlowWriter) -> Answerer:
    return open_answerer(
        Settings(),
        read_sources([str(corpus)]),
        corpus.parent / "index",
        make_writer=lambda: writer,
        report=print,
    )


def run(
    corpus: Path, writer: SlowWriter, *, at_once: int, cases: tuple[Case, ...] = CASES
) -> tuple[tuple[Asked, ...], float]:
    answerer = open_over(corpus, writer)
    return asyncio.run(ask_all(answerer, cases, at_once=at_once, advance=lambda _: None))


def test_a_question_is_timed_by_the_clock_of_its_reader(corpus: Path) -> None:
    asked, seconds = run(corpus, SlowWriter(), at_once=1)
    assert [one.case_id for one in asked] == ["today", "again", "there"]
    for one in asked:
        (reply,) = one.replies
        assert min(reply.waiting, reply.writing) > 0.9 * PAUSE
        assert one.first_sentence is not None
        assert reply.waiting + reply.writing <= one.first_sentence <= one.total
        assert 0 <= one.retrieval <= one.total
        assert (one.usage, one.error) == (Usage(100, 20), None)
    assert sum(one.total for one in asked) <= seconds


@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_so_many_questions_are_asked_at_once(corpus: Path, at_once: int) -> None:
    writer = SlowWriter(gathered=min(at_once, 3))
    asked, _ = run(corpus, writer, at_once=at_once)
    assert len(asked) == writer.asked == 3
    assert writer.most == min(at_once, 3)


def test_who_waits_in_line_is_told_apart_from_who_is_served(corpus: Path) -> None:
    asked, seconds = run(corpus, SlowWriter(gathered=3), at_once=3)
    first, second, third = sorted(one.replies[0].waiting for one in asked)
    # each waits for its own first word, and for both pauses of those before it
    assert first > 0.9 * PAUSE
    assert second > 2.9 * PAUSE
    assert third > 4.9 * PAUSE
    assert all(one.replies[0].writing < third for one in asked)
    assert seconds < sum(one.total for one in asked)


def test_a_question_that_fails_does_not_end_the_others(corpus: Path) -> None:
    asked, _ = run(corpus, SlowWriter(ModelTimedOut("too slow"), fails="again"), at_once=1)
    assert [(one.case_id, one.error) for one in asked] == [
        ("today", None), ("again", "too slow"), ("there", None),
    ]  # fmt: skip


def test_an_answer_without_the_model_has_waited_for_nothing(corpus: Path) -> None:
    case = make_case("macron", question="What did the French president Macron say?")
    asked, seconds = run(corpus, SlowWriter(), at_once=1, cases=(case,))
    assert (asked[0].first_sentence, asked[0].replies, asked[0].usage) == (None, (), Usage())
    found = measure(asked, seconds)
    assert (found.answers, found.first_sentence, found.waiting) == (1, None, None)
    assert (found.prompt_tokens, found.all_tokens_per_second) == (None, None)


def test_the_first_question_stands_apart(corpus: Path) -> None:
    told: list[str] = []
    asked: list[Asked] = []
    speed = asyncio.run(
        measure_speed(
            open_over(corpus, SlowWriter()),
            CASES[0],
            CASES[1:],
            together=2,
            report=told.append,
            advance=asked.append,
        )
    )
    assert told == ["asking the first question", "asking one at a time", "asking 2 at once"]
    assert [one.case_id for one in asked[:3]] == ["today", "again", "there"]
    assert (len(asked), speed.first) == (5, asked[0])
    assert (speed.model, speed.at_once, speed.questions) == ("local/slow", 2, ("again", "there"))
    assert (speed.idle.answers, speed.together.answers, speed.failures) == (2, 2, ())


def test_a_first_question_that_fails_ends_it(corpus: Path) -> None:
    writer = SlowWriter(ModelUnavailable("It is down."))
    measuring = measure_speed(
        open_over(corpus, writer), CASES[0], CASES, together=2, report=print, advance=print
    )
    with pytest.raises(TargetFailed, match="It is down"):
        asyncio.run(measuring)
    assert writer.asked == 1


def test_a_corpus_that_is_not_there_is_refused_before_the_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(eval.commands.speed, "make_drafter", load)
    assert main(["speed", "--articles", "nowhere"]) == 1
    assert "nowhere does not exist" in capsys.readouterr().err


def test_the_figures_of_a_round() -> None:
    quick = Asked("a", 2.0, 1.5, 0.25, (Written(1.0, 0.5),), Usage(800, 10))
    twice = Asked("b", 4.0, 2.5, 0.75, (Written(1.0, 1.0), Written(2.0, 1.0)), Usage(1000, 20))
    unknown = Asked("c", 3.0, None, 0.5, (Written(2.0, 0.0),), Usage())
    failed = Asked("d", error="too slow")
    assert measure([quick, twice, unknown, failed], 12.0) == Figures(
        answers=3,
        failed=1,
        first_sentence=Spread(2.0, 2.45, 2),  # 1.5 + 0.95 × (2.5 − 1.5)
        total=Spread(3.0, 3.9, 3),  # 3 + 0.9 × (4 − 3)
        retrieval=Spread(0.5, 0.725, 3),
        waiting=Spread(2.0, 2.9, 3),  # 1, 2 and 1 + 2
        prompt_tokens=900,
        completion_tokens=15,
        tokens_per_second=15.0,  # 10 / 0.5 and 20 / 2
        all_tokens_per_second=2.5,  # 30 / 12
        questions_per_minute=15.0,  # 3 in 12 s
    )
    nothing = measure([failed], 10.0)
    assert (nothing.answers, nothing.failed, nothing.total) == (0, 1, None)
    assert nothing.questions_per_minute == 0


def test_a_spread_is_interpolated_and_none_of_nothing() -> None:
    assert spread([]) is None
    assert spread([7.0]) == Spread(7.0, 7.0, 1)
    assert spread([float(n) for n in range(21)]) == Spread(10.0, 19.0, 21)


def test_the_questions_are_always_the_same_by_turns_of_the_kinds() -> None:
    cases = read_cases()
    chosen = choose_questions(cases, limit=20, sample=True)
    assert [case.kind for case in chosen] == ["fact", "list"] * 10
    assert choose_questions(reversed(cases), limit=20, sample=True) == chosen
    assert choose_questions(cases, limit=5, sample=True) == chosen[:5]
    less = [case for case in cases if case.id != chosen[0].id]
    assert len(set(choose_questions(less, limit=20, sample=True)) - set(chosen)) == 1
    every = choose_questions(cases, limit=1000, sample=True)
    assert sorted(case.id for case in every) == sorted(
        case.id for case in cases if case.kind in {"fact", "list"}
    )


def test_what_only_the_sample_can_answer_is_asked_of_the_sample_only() -> None:
    cases = [*CASES, make_case("only-here", only="sample")]
    assert len(choose_questions(cases, limit=9, sample=True)) == 4
    assert set(choose_questions(cases, limit=9, sample=False)) == set(CASES)
    with pytest.raises(CaseRefused, match="no question of the kinds fact and list"):
        choose_questions([make_case(kind="time")], limit=9, sample=True)


MEASURE = """
import mmap
from eval.speed import resident_memory
with mmap.mmap(-1, 200_000_000) as ballast:
    before = resident_memory()
    ballast.write(b"x" * 200_000_000)
    print(before, resident_memory())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="the system does not say")
def test_memory_is_in_bytes() -> None:
    """In a process of its own: other tests' threads take and free memory in this one."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE], check=True, capture_output=True, text=True
    )
    before, after = map(int, ran.stdout.split())
    assert 10_000_000 < before < after < 100_000_000_000
    assert 190_000_000 < after - before < 220_000_000


FIGURES = Figures(
    answers=2,
    failed=0,
    first_sentence=Spread(2.25, 3.5, 1),
    total=Spread(2.5, 3.75, 2),
    retrieval=Spread(0.016, 0.02, 2),
    waiting=Spread(1.0, 1.5, 2),
    prompt_tokens=870,
    completion_tokens=24,
    tokens_per_second=17.25,
    all_tokens_per_second=9.5,
    questions_per_minute=24.0,
)
SPEED = Speed(
    model="local/slow",
    at_once=4,
    questions=("again", "there"),
    first=Asked("today", 6.0, 5.5),
    idle=FIGURES,
    together=replace(FIGURES, waiting=None, completion_tokens=None, failed=1),
    failures=("again: too slow",),
    resident=3_030_000_000,
)


def render(speed: Speed) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(render_speed(speed))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def test_the_figures_on_a_terminal() -> None:
    assert render(SPEED) == snapshot("""\
                        local/slow: 2 questions, live
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━━━━┳━━━━━━━┓
┃                                 ┃ idle p50 ┃   p95 ┃ 4 at once p50 ┃   p95 ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━━━━╇━━━━━━━┩
│ first checked sentence, s       │     2.25 │  3.50 │          2.25 │  3.50 │
│ whole answer, s                 │     2.50 │  3.75 │          2.50 │  3.75 │
│ retrieval with evidence, s      │    0.016 │ 0.020 │         0.016 │ 0.020 │
│ waiting for the model's word, s │     1.00 │  1.50 │             – │     – │
├─────────────────────────────────┼──────────┼───────┼───────────────┼───────┤
│ tokens in, an answer            │      870 │       │           870 │       │
│ tokens out, an answer           │       24 │       │             – │       │
│ tokens out/s, one answer        │     17.2 │       │          17.2 │       │
│ tokens out/s, all answers       │      9.5 │       │           9.5 │       │
│ questions a minute              │     24.0 │       │          24.0 │       │
│ answers                         │        2 │       │             2 │       │
│   with a checked sentence       │        1 │       │             1 │       │
│ failed                          │        0 │       │             1 │       │
└─────────────────────────────────┴──────────┴───────┴───────────────┴───────┘
first question after start: first sentence 5.50 s, whole answer 6.00 s
memory at the end: 3.03 GB
fewer than 10 questions: asked again, they are partly in the engine's cache\
""")


def test_what_does_not_apply_is_not_said() -> None:
    many = replace(SPEED, resident=None, questions=tuple(map(str, range(10))))
    assert "memory" not in render(many)
    assert "cache" not in render(many)


@pytest.fixture
def command(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command line over the one article, with a model that takes its time."""
    monkeypatch.chdir(corpus.parent)
    monkeypatch.setattr(eval.commands.speed, "read_cases", lambda: CASES)
    monkeypatch.setattr(
        eval.commands.speed, "identify_model", lambda settings: f"{settings.model}@1"
    )
    monkeypatch.setattr(eval.commands.speed, "make_drafter", lambda *_, **__: SlowWriter())
    return corpus


def test_the_command_prints_the_figures_and_keeps_them(
    command: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = Path("new") / "speed.json"
    code = main(
        ["speed", "--articles", str(command), "--limit", "2", "--together", "2",
         "--model", "local/slow", "--json", str(out)]
    )  # fmt: skip
    said = capsys.readouterr()
    assert code == 0
    assert "local/slow: 2 questions, live" in said.out
    assert "2 at once p50" in said.out
    kept = json.loads(out.read_text())
    assert kept["run"]["target"] == "local/slow@1"
    assert kept["run"]["corpus"] == "corpus"
    assert kept["first"]["case_id"] not in kept["questions"]
    assert len(kept["questions"]) == 2
    assert kept["idle"]["completion_tokens"] == kept["together"]["completion_tokens"] == 20
    assert not Path("data").exists()  # no answer is stored


def test_the_only_question_is_asked_all_the_same(
    command: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(eval.commands.speed, "read_cases", lambda: CASES[:1])
    assert main(["speed", "--articles", str(command)]) == 0
    assert "1 questions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("writer", "more", "told"),
    [
        (SlowWriter(ModelUnavailable("It is down.")), [], "error: It is down."),
        (SlowWriter(), ["--json", "."], "error: . cannot be written (Is a directory)"),
        (SlowWriter(), ["--articles", "nowhere"], "error: nowhere"),
    ],
    ids=["a model that fails", "a file that cannot be", "no articles"],
)
def test_what_cannot_be_measured_is_told_in_one_line(
    *,
    command: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    writer: SlowWriter,
    more: list[str],
    told: str,
) -> None:
    monkeypatch.setattr(eval.commands.speed, "make_drafter", lambda *_, **__: writer)
    monkeypatch.setattr(logging.getLogger("dateline"), "propagate", False)
    monkeypatch.setattr(logging.getLogger("dateline"), "handlers", [])
    assert main(["speed", "--articles", str(command), *more]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.strip().splitlines()
    assert line.startswith(told)


def test_a_question_that_failed_later_is_told_below_the_figures(
    command: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, first = choose_questions(CASES, limit=3, sample=False)
    other = next(case.id for case in CASES if case != first)
    writer = SlowWriter(ModelTimedOut("too slow"), fails=f"governor {other}")
    monkeypatch.setattr(eval.commands.speed, "make_drafter", lambda *_, **__: writer)
    assert main(["speed", "--articles", str(command), "--limit", "2"]) == 1
    said = capsys.readouterr()
    assert "questions a minute" in said.out
    assert said.err.strip().splitlines()[-2:] == [f"{other}: too slow"] * 2
