"""Questions put to the service's parts in this process and to services over real HTTP."""

import asyncio
import gc
import json
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from fake_answers import INFO, make_answer, make_case
from fake_provider import Script, hangs, provide, refuses, sends, unused_url
from fakes import WordEmbedder, build_index, make_article, open_index
from fastapi import FastAPI
from http_service import app_over

import eval.targets
import service.wiring
from eval.cases import Case
from eval.errors import TargetFailed
from eval.recordings import Recorder
from eval.run import run_cases
from eval.runs import RunFolder
from eval.scores import Place
from eval.targets import EndpointTarget, HereTarget, Reply, Target
from index.errors import DatelineError
from index.sources import read_sources
from service.answerer import Answerer
from service.draft import MAX_TOKENS, Drafter, Usage
from service.errors import ModelTimedOut
from service.prompt import Message
from service.settings import Settings

DRONES = "Kim received five explosive drones from the governor of Primorye."
MARCH = "A military band played a farewell march at the station in Artyom."
PLANTED = "The governor kept a secret goat in the station of Artyom."
FACT = make_case(question="How many drones did Kim receive from the governor?")
FOLLOW_UP = make_case(
    "march",
    kind="follow-up",
    question="And what did Kim hear there?",
    history=[{"user": "Where did he leave?", "assistant": "At the station in Artyom."}],
)
GOAT = make_case("goat", question="Who kept a secret goat in the station?", planted=True)


class CopyingDrafter:
    """Answers with the first sentence of evidence; a follow-up is about the march. Or fails."""

    model = "local/copying"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[list[Message]] = []

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        self.asked.append(messages)
        if self.error:
            raise self.error
        await asyncio.sleep(0.01)
        if max_tokens < MAX_TOKENS:
            yield "What did the military band play at the station in Artyom?"
        else:
            lines = messages[-1]["content"].splitlines()
            yield next(line for line in lines if line.startswith("[1]")).removeprefix("[1] ")
        yield Usage(10, 5)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two articles, and a planted one; vectors that count words in place of the model's."""
    for folder, name, text in (
        ("corpus", "gifts", DRONES),
        ("corpus", "march", MARCH),
        ("planted", "goat", PLANTED),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.md").write_text(
            f"---\nid: {name}\ntitle: About {name}\n---\n{text}\n"
        )
    monkeypatch.setattr(eval.targets, "PLANTED", tmp_path / "planted")
    for module in (eval.targets, service.wiring):
        monkeypatch.setattr(module, "Embedder", WordEmbedder)
    return tmp_path / "corpus"


def here(
    corpus: Path, cases: Sequence[Case], drafter: CopyingDrafter, reports: list[str] | None = None
) -> HereTarget:
    """The parts over `corpus`, with recordings beside it."""
    recorder = Recorder(
        "local/copying@1", lambda: cast("Drafter", drafter), folder=corpus.parent / "recordings"
    )
    told = [] if reports is None else reports
    return HereTarget(
        Settings(), tuple(read_sources([str(corpus)])), cases, recorder=recorder, report=told.append
    )


def ask(target: Target, case: Case = FACT) -> Reply:
    return asyncio.run(target.ask(case))


def test_the_parts_here_tell_every_step(corpus: Path) -> None:
    drafter = CopyingDrafter()
    target = here(corpus, [FACT], drafter)
    reply = ask(target)
    assert target.name == "local/copying"
    assert reply.answer.status == "answered"
    assert [citation.quote for citation in reply.answer.citations] == [DRONES]
    assert reply.answer.usage == Usage(10, 5)
    assert reply.draft == DRONES
    assert {place.article_id for place in reply.passages} == {"gifts", "march"}
    assert reply.passages[0] == Place("gifts", DRONES)
    assert (reply.evidence[0].number, reply.evidence[0].article_id) == (1, "gifts")
    assert reply.evidence[0].text == DRONES
    assert reply.live


def test_vectors_are_the_same_on_every_machine(corpus: Path) -> None:
    target = here(corpus, [FACT], CopyingDrafter())
    embedders = [answerer.embedder for answerer in target._answerers.values()]
    assert [cast("WordEmbedder", embedder).exact for embedder in embedders] == [True]


def test_passages_are_those_for_the_question_as_it_was_understood(corpus: Path) -> None:
    reply = ask(here(corpus, [FOLLOW_UP], CopyingDrafter()), FOLLOW_UP)
    assert reply.answer.standalone_question.startswith("What did the military band")
    assert reply.passages[0] == Place("march", MARCH)


def test_planted_articles_are_there_for_the_cases_that_ask_for_them(corpus: Path) -> None:
    reports: list[str] = []
    target = here(corpus, [FACT, GOAT], CopyingDrafter(), reports)
    assert [one for one in reports if "indexing" in one] == [
        "indexing the corpus",
        "indexing the corpus and the planted articles",
    ]
    assert {place.article_id for place in ask(target).passages} == {"gifts", "march"}
    assert {place.article_id for place in ask(target, GOAT).passages} == {"gifts", "march", "goat"}
    assert ask(target, GOAT).answer.citations[0].quote == PLANTED
    only_planted: list[str] = []
    here(corpus, [GOAT], CopyingDrafter(), only_planted)
    assert len([one for one in only_planted if "indexing" in one]) == 1


def test_what_was_replayed_is_told_beside_what_is_live(corpus: Path) -> None:
    first = here(corpus, [FACT], CopyingDrafter())
    assert ask(first).live
    first._recorder.save(drop_unused=True)
    drafter = CopyingDrafter()
    target = here(corpus, [FACT, FOLLOW_UP], drafter)

    async def side_by_side() -> list[Reply]:
        return list(await asyncio.gather(*map(target.ask, [FOLLOW_UP, FACT, FOLLOW_UP, FACT])))

    replies = asyncio.run(side_by_side())
    assert [reply.live for reply in replies] == [True, False, True, False]
    assert all(FACT.question not in asked[-1]["content"] for asked in drafter.asked)


def test_a_model_that_fails_is_told(corpus: Path) -> None:
    with pytest.raises(TargetFailed, match="too slow"):
        ask(here(corpus, [FACT], CopyingDrafter(ModelTimedOut("too slow"))))


def test_a_corpus_without_articles_is_refused(corpus: Path) -> None:
    (corpus.parent / "empty").mkdir()
    with pytest.raises(DatelineError):
        here(corpus.parent / "empty", [FACT], CopyingDrafter())
    with pytest.raises(DatelineError):
        here(corpus.parent / "nowhere", [FACT], CopyingDrafter())


def test_a_run_of_the_parts_here_comes_back_whole(corpus: Path) -> None:
    run = asyncio.run(
        run_cases(
            [FACT, FOLLOW_UP],
            here(corpus, [FACT, FOLLOW_UP], CopyingDrafter()),
            RunFolder(corpus.parent / "run", INFO, resume=False),
            sample=True,
            repeat=1,
            concurrency=2,
            judge=None,
            advance=lambda _: None,
        )
    )
    fact, _ = run.results
    assert (fact.error, fact.right) == (None, True)
    assert (fact.scores["recall@5"], fact.scores["evidence_recall"]) == (1.0, 1.0)
    assert 0 < fact.evidence[0].score < 10


def test_the_indexes_go_with_the_target(corpus: Path) -> None:
    target = here(corpus, [FACT], CopyingDrafter())
    folder = Path(target._folder.name)
    assert (folder / "plain").is_dir()
    target._folder.cleanup()
    del target
    gc.collect()
    assert not folder.exists()


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """The address of a service behind the server that it has in use."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)


def test_a_running_service_is_asked_with_its_history(tmp_path: Path) -> None:
    articles = [make_article(DRONES, article_id="gifts"), make_article(MARCH, article_id="march")]
    build_index(tmp_path, articles)
    drafter = CopyingDrafter()
    answerer = Answerer(open_index(tmp_path), WordEmbedder(), drafter)
    with serve(app_over(answerer)) as url:
        target = EndpointTarget(f"{url}/")
        reply = ask(target, FACT)
        follow_up = ask(EndpointTarget(url), FOLLOW_UP)
    assert target.name == url
    assert [citation.quote for citation in reply.answer.citations] == [DRONES]
    assert (reply.passages, reply.evidence, reply.live) == ((), (), True)
    assert reply.answer.usage == Usage(10, 5)
    assert follow_up.answer.citations[0].quote == MARCH
    assert "user: Where did he leave? | assistant: At the" in drafter.asked[1][-1]["content"]


ANSWER = asdict(make_answer(("Five drones.", ("gifts", DRONES)), timings_ms={"total": 3}))


def test_a_reply_of_the_right_shape_with_more_in_it() -> None:
    with provide(sends("application/json", json.dumps({**ANSWER, "more": 1}))) as provider:
        reply = ask(EndpointTarget(provider.url, key="secret"))
    assert asdict(reply.answer) == ANSWER
    assert provider.requests == [{"question": FACT.question, "history": []}]


def test_the_key_is_sent() -> None:
    seen: list[str | None] = []

    def script(connection: object) -> None:
        headers = connection.headers  # type: ignore[attr-defined]
        seen.append(headers["Authorization"])
        sends("application/json", json.dumps(ANSWER))(connection)  # type: ignore[arg-type]

    with provide(script) as provider:
        ask(EndpointTarget(provider.url, key="secret"))
        ask(EndpointTarget(provider.url))
    assert seen == ["Bearer secret", None]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (refuses(500), "HTTP 500: .*No, says the provider"),
        (refuses(429), "HTTP 429"),
        (
            sends("text/html", "<h1>" + "Bad gateway " * 100, status=502),
            "HTTP 502: <h1>Bad.{,300}$",
        ),
        (sends("text/html", "<h1>It works</h1>"), "the reply is no answer: its body: Invalid JSON"),
        (sends("application/json", ""), "the reply is no answer: its body"),
        (sends("application/json", "[]"), "the reply is no answer: its body"),
        (sends("application/json", '{"text": "Five."}'), "the reply is no answer: id: "),
        (
            sends("application/json", json.dumps({**ANSWER, "status": "fine"})),
            "the reply is no answer: status: ",
        ),
        (
            sends("application/json", json.dumps({**ANSWER, "citations": [{"number": 1}]})),
            "the reply is no answer: citations.0.article_id: ",
        ),
        (sends("text/plain", "", status=307, Location="/elsewhere"), "the reply is no answer"),
        (hangs, "gave no answer within 0 s"),
    ],
)
def test_what_is_no_answer_is_told(script: Script, message: str) -> None:
    with provide(script) as provider, pytest.raises(TargetFailed, match=message):
        ask(EndpointTarget(provider.url, timeout=0.2))


def test_a_service_that_is_down_is_named() -> None:
    url = unused_url()
    with pytest.raises(TargetFailed, match=f"{url} cannot be reached"):
        ask(EndpointTarget(url))


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "/chat", "http://[::1"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(TargetFailed, match=r"localhost|/chat|\[::1"):
        ask(EndpointTarget(url))


def test_planted_articles_are_not_asked_for_elsewhere() -> None:
    with provide(sends("application/json", json.dumps(ANSWER))) as provider:
        with pytest.raises(TargetFailed, match="planted"):
            ask(EndpointTarget(provider.url), GOAT)
        assert provider.requests == []
