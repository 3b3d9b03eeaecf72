"""What a terminal shows, as text."""

import io

from fake_answers import near
from rich.console import Console, RenderableType

from service.answer import Answer, AnswerSentence, ArticleLink, Citation, Closest, Removed
from service.draft import Usage
from service.footnotes import render_answer, render_status


def shown(renderable: RenderableType) -> str:
    """The text that a plain console prints."""
    console = Console(file=io.StringIO(), width=76, color_system=None, highlight=False)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def make_answer(
    text: str,
    *,
    citations: tuple[Citation, ...] = (),
    removed: tuple[Removed, ...] = (),
    closest: tuple[Closest, ...] = (),
) -> Answer:
    return Answer(
        id="1",
        question="What?",
        standalone_question="What?",
        status="abstained" if closest else "answered",
        text=text,
        sentences=(AnswerSentence(text, (1,)),),
        citations=citations,
        removed=removed,
        closest=closest,
        model="local/m",
        generation="g1",
        usage=Usage(),
        timings_ms={"total": 1234},
    )


def make_citation(number: int, title: str, quote: str, *, bare: bool = False) -> Citation:
    return Citation(
        number=number,
        article_id="a",
        title=title,
        source=None if bare else "Wire",
        published=None if bare else "2023-09-17",
        url=None if bare else "https://wire.example/a",
        version="v",
        quote=quote,
        start=0,
        end=len(quote),
        also_in=() if bare else (ArticleLink("b", "Copy one"), ArticleLink("c", "Copy two")),
    )


def test_an_answer_with_its_footnotes() -> None:
    answer = make_answer(
        "Kim got drones [1]. He left [2].",
        citations=(
            make_citation(1, "Gifts", "Kim received drones."),
            make_citation(2, "In brief", "Kim left.", bare=True),
        ),
        removed=(Removed("Kim got hats.", "it cites nothing"),),
    )
    assert shown(render_answer(answer)) == (
        "Kim got drones [1]. He left [2].\n"
        "\n"
        "[1] Gifts — Wire, 2023-09-17\n"
        f"{'    “Kim received drones.”':76}\n"
        f"{'    also in: Copy one; Copy two':76}\n"
        f"{'    https://wire.example/a':76}\n"
        "[2] In brief\n"
        f"{'    “Kim left.”':76}\n"
        "left out: Kim got hats. (it cites nothing)\n"
    )


def test_an_abstention_shows_what_comes_nearest() -> None:
    answer = make_answer("The articles do not say.", closest=(near("Gifts", "Kim left."),))
    assert shown(render_answer(answer)) == (
        "The articles do not say.\n\nThe closest that they say:\n· Gifts — The Wire, 2023-09-17\n"
        f"{'    “Kim left.”':76}\n"
    )


def test_nothing_from_an_article_is_read_as_markup() -> None:
    hostile = "[red]x[/red] [/] [link=https://evil.example]y :bomb:"
    answer = make_answer(
        hostile,
        citations=(make_citation(1, hostile, hostile, bare=True),),
        removed=(Removed(hostile, hostile),),
        closest=(near(hostile, hostile),),
    )
    text = " ".join(shown(render_answer(answer)).split())
    assert text.count(hostile) == 7


def test_the_status_line() -> None:
    assert shown(render_status(make_answer("x"))) == "local/m, 1.2 s, index g1\n"
