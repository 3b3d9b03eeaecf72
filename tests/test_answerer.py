"""A question -> an Answer, with a drafter that follows a script over a tiny real index."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, make_article, open_index
from scripted import (
    ARTICLES,
    GIFTS,
    QUESTION,
    TRAIN,
    VEST,
    ScriptedDrafter,
    answerer,
    ask,
    check_promises,
    number_of,
)

from index.generation import Generation
from index.part import Filters
from service.answer import Answer, AnswerSentence, Cited, Opening, Progress, Searched, Trace
from service.answerer import ABSTAINED, CORRECTED, LATE, Answerer, Part
from service.archive import Archive
from service.conversation import Turn
from service.draft import Drafter, Usage
from service.errors import (
    ModelUnavailable,
    QuestionRefused,
)
from service.evidence import EvidenceSentence, Span
from service.prompt import Message


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


def test_answered(generation: Generation) -> None:
    drafter = ScriptedDrafter(
        "Kim received a bulletproof vest.\nKim received five explosive drones.\n"
        "Kim received six hats.\nKim received a bulletproof vest."
    )
    answer = ask(generation, drafter)
    assert answer.status == "answered"
    assert answer.text == (
        "Kim received a bulletproof vest [1]. Kim received five explosive drones [2]."
    )
    assert [citation.quote for citation in answer.citations] == [VEST, GIFTS]
    assert [(removed.text, removed.reason) for removed in answer.removed] == [
        ("Kim received six hats.", "it cites nothing")
    ]
    first = answer.citations[0]
    assert (first.article_id, first.title, first.source, first.published, first.url) == (
        "gifts", "Gifts for Kim", "Wire", "2023-09-17", "https://wire.example/gifts",
    )  # fmt: skip
    assert answer.usage == Usage(200, 440), "a draft, and another from what it does not cite"
    assert "first_sentence" in answer.timings_ms


def test_the_date_of_a_weekday_stands_before_the_answer(tmp_path: Path) -> None:
    left = "Kim left the station in Artyom on Friday."
    build_index(tmp_path, [make_article(f"{left} A band played.", published="2023-09-17")])
    drafter = ScriptedDrafter("Kim left the station in Artyom on Friday [1].")

    async def opened() -> list[str]:
        asked = answerer(open_index(tmp_path), drafter).stream("When did Kim leave Artyom?")
        async with aclosing(asked) as parts:
            return [
                part.text
                async for part in parts
                if isinstance(part, Opening | AnswerSentence | Answer)
            ]

    before = "By the day of publishing, Friday is 15 September 2023:"
    assert asyncio.run(opened()) == [before, left, f"{before} {left[:-1]} [1]."]


def test_warming_up_asks_no_model_and_takes_an_index_without_evidence(
    generation: Generation, tmp_path: Path
) -> None:
    drafter = ScriptedDrafter("NOT FOUND")
    answerer(generation, drafter).warm()
    build_index(tmp_path, [make_article("It sank.")])
    answerer(open_index(tmp_path), drafter).warm()
    assert drafter.asked == []


def test_the_marks_that_the_model_wrote_are_numbered_anew(generation: Generation) -> None:
    probe = ScriptedDrafter("NOT FOUND")
    ask(generation, probe)
    train, gifts = (number_of(probe.asked[0], sentence) for sentence in (TRAIN, GIFTS))
    answer = ask(
        generation,
        ScriptedDrafter(
            f"The armoured train covered 250 kilometres [{train}].\n"
            f"Kim received five explosive drones [{gifts}]."
        ),
        "What did the train with the drones do?",
    )
    assert answer.text.startswith(
        "The armoured train covered 250 kilometres [1]. Kim received five explosive drones [2]."
    )


def test_left_out_parts_of_a_list_are_added_as_quotes(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("Kim received five explosive drones.\n"))
    assert [sentence.text for sentence in answer.sentences] == [
        "Kim received five explosive drones.",
        VEST,
    ]


def test_not_found_is_an_abstention_with_what_comes_nearest(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("NOT FOUND"))
    assert (answer.status, answer.text, answer.removed) == ("abstained", ABSTAINED, ())
    assert answer.closest[0].article_id == "gifts"
    places = {(near.article_id, near.start) for near in answer.closest}
    assert len(places) == len(answer.closest) == 4
    for near in answer.closest:
        article = generation.article(near.article_id)
        assert article is not None
        assert (near.version, near.title) == (article.version, article.title)
        assert near.quote == article.text[near.start : near.end] != ""


IT_ADDED = "It added that the governor offered him a fur hat."
QUOTABLE = "Did Kim receive five explosive drones from the governor of Primorye?"
"""A question whose evidence is strong."""


def test_a_name_that_no_article_holds_asks_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    answer = ask(generation, drafter, "What did Macron say about the drones for Kim?")
    assert (answer.status, drafter.asked) == ("abstained", [])


def test_filters_that_leave_nothing_ask_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    answer = asyncio.run(
        answerer(generation, drafter).answer(QUESTION, filters=Filters(source="Nobody"))
    )
    assert (answer.status, answer.closest, drafter.asked) == ("abstained", (), [])


def test_a_follow_up_is_searched_for_as_the_model_rewrote_it(generation: Generation) -> None:
    drafter = ScriptedDrafter(QUESTION, "Kim received five explosive drones.")
    history = [Turn("user", "Who met Kim?"), Turn("assistant", "The governor.")]
    answer = ask(generation, drafter, "And what did he get?", history=history)
    assert (answer.question, answer.standalone_question) == ("And what did he get?", QUESTION)
    assert drafter.asked[1][-1]["content"].endswith(f"Question: {QUESTION}")


def test_only_supported_sentences_are_streamed_and_the_answer_last(generation: Generation) -> None:
    reply = "Kim ate soup.\nKim received five explosive drones.\nKim slept."

    async def collect() -> list[Part]:
        drafter = ScriptedDrafter(reply)
        return [part async for part in answerer(generation, drafter).stream(QUESTION)]

    searched, *parts, trace, answer = asyncio.run(collect())
    assert isinstance(answer, Answer)
    assert isinstance(trace, Trace)
    assert searched == Searched(QUESTION, trace.passages)
    assert trace.draft == f"{reply}\nNOT FOUND"
    exchange, further = trace.exchanges
    assert (exchange.reply, further.reply) == (reply, "NOT FOUND")
    assert GIFTS in exchange.messages[-1]["content"]
    assert exchange.started <= exchange.ended
    assert [(one.text, one.reason is None) for one in trace.verdicts] == [
        ("Kim ate soup.", False),
        ("Kim received five explosive drones.", True),
        ("Kim slept.", False),
    ]
    assert GIFTS in [found.text for found in trace.evidence]
    assert trace.passages[0].passage.article.id == "gifts"
    assert tuple(parts[1::2]) == answer.sentences
    for cited, sentence in zip(parts[::2], answer.sentences, strict=True):
        assert isinstance(cited, Cited)
        assert [one.number for one in cited.citations] == list(sentence.citations)
        assert set(cited.citations) <= set(answer.citations)
    assert [removed.text for removed in answer.removed] == ["Kim ate soup.", "Kim slept."]


def test_a_sentence_comes_before_the_draft_ends(generation: Generation) -> None:
    async def first() -> tuple[int, ScriptedDrafter]:
        drafter = ScriptedDrafter("Kim received five explosive drones.\n" + "Kim slept.\n" * 50)
        async with aclosing(answerer(generation, drafter).stream(QUESTION)) as parts:
            async for part in parts:
                if isinstance(part, AnswerSentence):
                    break
            so_far = drafter.pieces
            assert not drafter.closed
        return so_far, drafter

    so_far, drafter = asyncio.run(first())
    assert drafter.pieces == so_far < 12
    assert drafter.closed


class SlowDrafter(ScriptedDrafter):
    """Waits before each reply."""

    def __init__(self, *replies: str, seconds: float) -> None:
        super().__init__(*replies)
        self.seconds = seconds

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        await asyncio.sleep(self.seconds)
        async for part in super().stream(messages, max_tokens=max_tokens):
            yield part


def test_all_replies_to_a_question_share_its_time(generation: Generation) -> None:
    drafter = SlowDrafter(QUOTABLE, "Kim received five explosive drones.", seconds=0.3)
    history = [Turn("user", QUOTABLE), Turn("assistant", "Yes.")]
    started = time.monotonic()
    answer = asyncio.run(
        Answerer(generation, WordEmbedder(), drafter, timeout=0.5).answer("Is it?", history=history)
    )
    assert 0.45 < time.monotonic() - started < 5
    assert (answer.status, answer.standalone_question) == ("quotes", QUOTABLE)
    assert answer.text.startswith(LATE)
    assert answer.failure is not None
    assert answer.failure.message == (
        "scripted did not finish its reply within 0.5 s; ask again, or raise DATELINE_TIMEOUT."
    )


def test_the_answer_names_the_model_that_wrote_it(generation: Generation) -> None:
    first = ScriptedDrafter("", fails=ModelUnavailable("gone"))
    second = ScriptedDrafter("Kim received five explosive drones.")
    second.model = "second"
    asked = Answerer(generation, WordEmbedder(), first, fallback=second)
    answer = asyncio.run(asked.answer(QUESTION))
    assert (answer.status, answer.model, answer.failure) == ("answered", "second", None)
    assert asked.model == "scripted"


def test_a_refused_question_asks_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    with pytest.raises(QuestionRefused):
        ask(generation, drafter, " ?! ")
    assert drafter.asked == []


def test_questions_side_by_side_keep_apart(generation: Generation) -> None:
    drafts = {
        QUESTION: "Kim received five explosive drones.",
        "How far did the armoured train go?": "The armoured train covered 250 kilometres.",
        "What did the band play at the station?": "A military band played a farewell march.",
    }

    async def all_at_once() -> list[Answer]:
        return await asyncio.gather(
            *(
                answerer(generation, ScriptedDrafter(draft)).answer(question)
                for question, draft in drafts.items()
            )
        )

    for answer, (question, draft) in zip(asyncio.run(all_at_once()), drafts.items(), strict=True):
        check_promises(answer, generation)
        assert (answer.question, answer.sentences[0].text) == (question, draft)


def test_a_double_question_is_asked_in_two_parts(generation: Generation) -> None:
    drafter = ScriptedDrafter(
        "Kim received five explosive drones from the governor.",
        "The armoured train covered 250 kilometres to the border.",
    )
    answer = ask(
        generation, drafter, "What did Kim receive from the governor, and how far did the train go?"
    )
    assert len(drafter.asked) == 2
    assert answer.text == (
        "Kim received five explosive drones from the governor [1]. "
        "The armoured train covered 250 kilometres to the border [2]."
    )
    assert [citation.quote for citation in answer.citations] == [GIFTS, TRAIN]


KEPT = "Kim received five explosive drones."
FALSE = "Which explosive drones did Kim give the governor?"
"""A question that takes for granted what the articles say the other way round."""


@pytest.mark.parametrize("reply", ["NOT FOUND", "Kim gave the governor six hats.", GIFTS])
def test_a_false_premise_is_corrected_by_a_quote(generation: Generation, reply: str) -> None:
    answer = ask(generation, ScriptedDrafter(reply), FALSE)
    assert answer.status == "answered"
    assert answer.text == f"{CORRECTED} {GIFTS[:-1]} [1]."
    assert [citation.quote for citation in answer.citations] == [GIFTS]


def test_what_corrects_both_parts_of_a_question_stands_once(generation: Generation) -> None:
    both = f"{FALSE[:-1]} and how many explosive drones did Kim give the governor?"
    answer = ask(generation, ScriptedDrafter("NOT FOUND"), both)
    assert answer.text == f"{CORRECTED} {GIFTS[:-1]} [1]."


def test_an_answer_corrects_nothing(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter(GIFTS))
    assert not answer.text.startswith(CORRECTED)
    question = "Which five explosive drones did Kim receive from the mayor?"
    assert ask(generation, ScriptedDrafter("NOT FOUND"), question).text.startswith(CORRECTED)
    question = "Which drones did Kim receive from the mayor?"
    assert ask(generation, ScriptedDrafter(KEPT), question).text == f"{KEPT[:-1]} [1]."


def test_a_quote_keeps_its_number_through_a_conversation(
    generation: Generation, tmp_path: Path
) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    drafts = (
        "Kim received five explosive drones from the governor.",
        "NOT FOUND",
        "What did the governor give Kim?",
        "The governor gave Kim a bulletproof vest.\nKim received five explosive drones.",
    )
    drafter = ScriptedDrafter(*drafts)
    service = Answerer(generation, WordEmbedder(), cast("Drafter", drafter), archive=archive)
    first = asyncio.run(service.answer("What drones did Kim receive?", conversation="c"))
    second = asyncio.run(service.answer("And what else did he get?", conversation="c"))
    known = {cited.quote: cited.number for cited in first.citations}
    numbers = {cited.quote: cited.number for cited in second.citations}
    assert known[GIFTS] == numbers[GIFTS] == 1
    assert VEST in numbers
    assert numbers[VEST] not in known.values() or known.get(VEST) == numbers[VEST]
    assert second.standalone_question == "What did the governor give Kim?"
    assert f"[{numbers[VEST]}]" in second.text


def test_a_further_quote_is_introduced_by_publisher_and_day() -> None:
    def found(
        article_id: str, published: str | None, source: str | None, text: str = GIFTS
    ) -> EvidenceSentence:
        article = make_article(text, article_id=article_id, source=source, published=published)
        vector = np.zeros(4, dtype=np.float32)
        return EvidenceSentence(1, Span(article, 0, len(text)), 1.0, vector)

    progress = Progress()
    progress.cite(GIFTS, [found("a", "2023-09-17", "Wire")])
    for introduced, other in [
        (GIFTS, found("a", "2023-09-17", "Wire")),
        (f"Post, 16 September 2023: {GIFTS}", found("b", "2023-09-16", "Post")),
        (f"Post, 18 September 2023, later: {GIFTS}", found("c", "2023-09-18", "Post")),
        (f"Post: {GIFTS}", found("d", None, "Post")),
        (GIFTS, found("e", "2023-09-18", None)),
        (f"Wire, 17 September 2023: “{IT_ADDED}”", found("a", "2023-09-17", "Wire", IT_ADDED)),
        (f"“{IT_ADDED}”", found("e", None, None, IT_ADDED)),
    ]:
        assert progress.introduced(other) == introduced


def test_a_question_in_small_letters_is_asked_as_it_would_be_printed(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter(GIFTS)
    answer = ask(generation, drafter, QUESTION.lower().rstrip("?"))
    assert drafter.asked[0][-1]["content"].endswith(f"Question: {QUESTION}")
    assert answer.question == answer.standalone_question == QUESTION.lower().rstrip("?")
    assert answer.sentences[0].text == GIFTS
