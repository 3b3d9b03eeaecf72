"""Cases, answers and results by hand, with only what a test says."""

from typing import Any, Literal

import pytest

from eval.cases import Case
from eval.runs import VERSION, Result, Run, RunInfo
from eval.scores import Scores
from service.answer import Answer, AnswerSentence, ArticleLink, Citation, Closest, Removed
from service.draft import Usage

Quote = tuple[str, str]
"""The id of an article and what is quoted from it."""

INFO = RunInfo(
    version=VERSION,
    started="2023-09-17T12:00:00+00:00",
    commit="abc1234",
    corpus="articles",
    sample=True,
    target="local/tiny",
    questions="0123456789abcdef",
)


def make_case(case_id: str = "drones", **fields: Any) -> Case:
    """A case of a fact about five drones, `fields` apart."""
    record: dict[str, Any] = {
        "id": case_id,
        "kind": "fact",
        "question": "How many drones did Kim receive?",
        "why": "a plain number",
    }
    if fields.get("expect", "answer") == "answer":
        record["facts"] = [["5 drones", "5 explosive drones"]]
        record["cite"] = [{"phrase": "five explosive drones", "articles": ["gifts"]}]
    return Case.model_validate({**record, **fields})


def near(title: str, quote: str = "Kim left.") -> Closest:
    """What comes nearest where the articles do not say, of an article without an address."""
    return Closest(title, title, "The Wire", "2023-09-17", None, "v1", quote, 0, len(quote))


def make_answer(
    *said: tuple[str, *tuple[Quote, ...]],
    status: Literal["answered", "abstained", "quotes"] = "answered",
    text: str | None = None,
    removed: int = 0,
    urls: dict[str, str] | None = None,
    also_in: tuple[str, ...] = (),
    timings_ms: dict[str, int] | None = None,
    usage: Usage | None = None,
) -> Answer:
    """An answer that says each text with its quotes; articles are called "About" and their id.

    `urls` are of articles by id, `also_in` names further articles with every quote.
    """
    numbers: dict[Quote, int] = {}
    sentences = []
    for words, *quotes in said:
        cited = tuple(numbers.setdefault(quote, len(numbers) + 1) for quote in quotes)
        sentences.append(AnswerSentence(words, cited))
    citations = [
        Citation(
            number=number,
            article_id=article_id,
            title=f"About {article_id}",
            source=None,
            published="2023-09-17",
            url=(urls or {}).get(article_id),
            version="v1",
            quote=quote,
            start=0,
            end=len(quote),
            also_in=tuple(ArticleLink(one, one) for one in also_in),
        )
        for (article_id, quote), number in numbers.items()
    ]
    return Answer(
        id="0123456789abcdef",
        question="How many drones did Kim receive?",
        standalone_question="How many drones did Kim receive?",
        status=status,
        text=text if text is not None else " ".join(sentence.text for sentence in sentences),
        sentences=tuple(sentences),
        citations=tuple(citations),
        removed=tuple(Removed(f"Removed {n}.", "it cites nothing") for n in range(removed)),
        closest=(),
        model="local/tiny",
        generation="g1",
        usage=usage or Usage(),
        timings_ms=timings_ms or {},
    )


def make_result(
    case_id: str = "drones",
    scores: Scores | None = None,
    *,
    attempt: int = 0,
    error: str | None = None,
    **fields: Any,
) -> Result:
    """A result with these scores, right unless they say otherwise."""
    answer = None if error else make_answer(("Kim received 5 drones.", ("gifts", "5 drones")))
    known: dict[str, Any] = {
        "case": make_case(case_id),
        "attempt": attempt,
        "scores": {"right": 1.0} if scores is None else scores,
        "answer": answer,
        "error": error,
    }
    return Result(**{**known, **fields})


def make_run(*results: Result) -> Run:
    """A run of these results."""
    return Run(INFO, results)


DRONES = "Kim received five explosive drones from the governor of Primorye."
OTHERS = "The army showed five explosive drones to reporters in May."
VEST = "The governor also gave Kim a bulletproof vest."

FACT = make_case()
VEST_TOO = make_case(
    facts=[["5 drones", "5 explosive drones"], ["bulletproof vest"]],
    cite=[
        {"phrase": "five explosive drones", "articles": ["gifts", "home"]},
        {"phrase": "bulletproof vest", "articles": ["gifts"]},
    ],
    kind="list",
)
ABSENT = make_case(kind="absent", expect="abstain")
EITHER = make_case(kind="premise", expect="either", facts=[["no agreement"]])


def approximately(expected: dict[str, float | None]) -> dict[str, object]:
    """Scores as they are compared."""
    return {name: v if v is None else pytest.approx(v) for name, v in expected.items()}
