"""A question -> an Answer, with a drafter that follows a script over a tiny real index."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

import pytest
from fakes import WordEmbedder, build_index, make_article, open_index

from index.generation import Filters, Generation
from service.answer import Answer, AnswerSentence, Trace
from service.answerer import ABSTAINED, CORRECTED, QUOTES, Answerer
from service.conversation import Turn
from service.draft import Drafter, Usage
from service.errors import ModelTimedOut, QuestionRefused
from service.prompt import Message

GIFTS = "Kim received five explosive drones from the governor of Primorye."
VEST = "The governor also gave Kim a bulletproof vest."
TRAIN = "The armoured train covered 250 kilometres to the border on Sunday."
MARCH = "A military band played a farewell march at the station in Artyom."
ARTICLES = [
    make_article(
        f"{GIFTS} {VEST}\n\nNothing else was handed over there.",
        article_id="gifts",
        title="Gifts for Kim",
        source="Wire",
        published="2023-09-17",
        url="https://wire.example/gifts",
    ),
    make_article(TRAIN, article_id="train", title="The train"),
    make_article(MARCH, article_id="march", title="The march"),
]
QUESTION = "Which gifts did Kim receive from the governor?"


class ScriptedDrafter:
    """Writes what it is told, a piece at a time, and remembers what it was asked."""

    model = "scripted"

    def __init__(self, *replies: str, fails: bool = False) -> None:
        self.replies = list(replies)
        self.fails = fails
        self.asked: list[list[Message]] = []
        self.pieces = 0
        self.closed = False

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        """The next reply in pieces of five characters, then its usage."""
        self.asked.append(messages)
        reply = self.replies.pop(0)
        try:
            for start in range(0, len(reply), 5):
                self.pieces += 1
                yield reply[start : start + 5]
                await asyncio.sleep(0)
            if self.fails:
                raise ModelTimedOut("too slow")
            yield Usage(100, max_tokens)
        finally:
            self.closed = True


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


def number_of(messages: list[Message], sentence: str) -> int:
    """The evidence number under which the model was shown a sentence."""
    lines = messages[-1]["content"].splitlines()
    return next(int(line[1 : line.index("]")]) for line in lines if sentence in line)


def answerer(generation: Generation, drafter: ScriptedDrafter) -> Answerer:
    return Answerer(generation, WordEmbedder(), cast("Drafter", drafter))


def ask(
    generation: Generation,
    drafter: ScriptedDrafter,
    question: str = QUESTION,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
) -> Answer:
    """The whole answer, after checking what holds of every answer."""
    answer = asyncio.run(
        answerer(generation, drafter).answer(question, history=history, filters=filters)
    )
    check_promises(answer, generation)
    return answer


def check_promises(answer: Answer, generation: Generation) -> None:
    """Exact quotes, numbers in the order of first use, and `text` made of the sentences."""
    for citation in answer.citations:
        article = generation.article(citation.article_id)
        assert article is not None
        assert article.version == citation.version
        assert citation.quote == article.text[citation.start : citation.end]
    used = [number for sentence in answer.sentences for number in sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.number for citation in answer.citations]
    assert [citation.number for citation in answer.citations] == list(
        range(1, len(answer.citations) + 1)
    )
    assert all(sentence.supported and sentence.citations for sentence in answer.sentences)
    assert (answer.status == "abstained") == (not answer.sentences) == bool(answer.closest)
    assert set(answer.timings_ms) >= {"standalone", "retrieve", "draft", "total"}
    assert answer.generation == generation.manifest.id
    assert answer.model == "scripted"


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
    assert answer.usage == Usage(100, 220)
    assert "first_sentence" in answer.timings_ms


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


def test_not_found_is_an_abstention_with_the_closest_articles(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("NOT FOUND"))
    assert (answer.status, answer.text, answer.removed) == ("abstained", ABSTAINED, ())
    assert answer.closest[0].article_id == "gifts"


def test_not_found_ends_the_draft(generation: Generation) -> None:
    drafter = ScriptedDrafter("Not found.\n" + "Kim received five explosive drones.\n" * 3)
    assert ask(generation, drafter).status == "abstained"
    assert drafter.pieces < 5
    assert drafter.closed


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


def test_nothing_supported_over_strong_evidence_quotes_it(generation: Generation) -> None:
    question = "Did Kim receive five explosive drones from the governor of Primorye?"
    draft = "Kim bought seven hats.\nPutin resigned."
    answer = ask(generation, ScriptedDrafter(draft), question)
    assert answer.status == "quotes"
    assert answer.text.startswith(f"{QUOTES} “{GIFTS}” [1]")
    assert 1 <= len(answer.citations) <= 3
    assert [removed.text for removed in answer.removed] == [
        "Kim bought seven hats.",
        "Putin resigned.",
    ]


def test_nothing_supported_over_weak_evidence_abstains(generation: Generation) -> None:
    answer = ask(
        generation, ScriptedDrafter("The cook made soup."), "what soup did the cook like best?"
    )
    assert (answer.status, answer.citations) == ("abstained", ())
    assert [removed.text for removed in answer.removed] == ["The cook made soup."]


def test_a_model_that_repeats_itself_is_stopped(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones.\n" * 500)
    answer = ask(generation, drafter)
    assert [s.text for s in answer.sentences].count("Kim received five explosive drones.") == 1
    assert drafter.pieces < 30
    assert drafter.closed


def test_a_follow_up_is_searched_for_as_the_model_rewrote_it(generation: Generation) -> None:
    drafter = ScriptedDrafter(QUESTION, "Kim received five explosive drones.")
    history = [Turn("user", "Who met Kim?"), Turn("assistant", "The governor.")]
    answer = ask(generation, drafter, "And what did he get?", history=history)
    assert (answer.question, answer.standalone_question) == ("And what did he get?", QUESTION)
    assert drafter.asked[1][-1]["content"].endswith(f"Question: {QUESTION}")


def test_only_supported_sentences_are_streamed_and_the_answer_last(generation: Generation) -> None:
    reply = "Kim ate soup.\nKim received five explosive drones.\nKim slept."

    async def collect() -> list[AnswerSentence | Trace | Answer]:
        drafter = ScriptedDrafter(reply)
        return [part async for part in answerer(generation, drafter).stream(QUESTION)]

    *sentences, trace, answer = asyncio.run(collect())
    assert isinstance(answer, Answer)
    assert isinstance(trace, Trace)
    assert trace.draft == reply
    assert GIFTS in [found.text for found in trace.evidence]
    assert trace.passages[0].passage.article.id == "gifts"
    assert sentences == list(answer.sentences)
    assert [removed.text for removed in answer.removed] == ["Kim ate soup.", "Kim slept."]


def test_a_sentence_comes_before_the_draft_ends(generation: Generation) -> None:
    async def first() -> tuple[int, ScriptedDrafter]:
        drafter = ScriptedDrafter("Kim received five explosive drones.\n" + "Kim slept.\n" * 50)
        async with aclosing(answerer(generation, drafter).stream(QUESTION)) as parts:
            async for part in parts:
                assert isinstance(part, AnswerSentence)
                break
            so_far = drafter.pieces
            assert not drafter.closed
        return so_far, drafter

    so_far, drafter = asyncio.run(first())
    assert drafter.pieces == so_far < 12
    assert drafter.closed


def test_a_failing_model_is_told_not_hidden(generation: Generation) -> None:
    with pytest.raises(ModelTimedOut, match="too slow"):
        ask(generation, ScriptedDrafter("Kim received five explosive drones.", fails=True))


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
        generation, drafter, "What did the governor give Kim, and how far did the train go?"
    )
    assert len(drafter.asked) == 2
    assert answer.text == (
        "Kim received five explosive drones from the governor [1]. "
        "The armoured train covered 250 kilometres to the border [2]."
    )
    assert [citation.quote for citation in answer.citations] == [GIFTS, TRAIN]


def test_what_was_not_asked_is_no_answer(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones from the governor.")
    answer = ask(generation, drafter, "What did Kim give the governor?")
    assert answer.text.startswith(CORRECTED)
    assert [one.reason for one in answer.removed] == [
        "who gave to whom is turned round: kim received"
    ]
