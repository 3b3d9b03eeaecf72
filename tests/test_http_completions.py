"""The OpenAI-compatible paths, asked by OpenAI's own client and by litellm over a real socket."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import litellm
import openai
import pytest
from fake_answers import make_answer
from fakes import build_index, make_article
from http_service import (
    DRAFT,
    QUESTION,
    WEAK,
    ScriptedModel,
    make_local_app,
    read_error,
    serve,
    write_index,
)
from starlette.testclient import TestClient

from service.errors import ModelUnavailable
from service.http.completion_form import annotate
from service.keys import Keys

ASKED: Any = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    return Keys(data / "keys.json").add("anna", admin=False)


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel, data: Path, key: str
) -> Iterator[str]:
    """The address of a running service that wants a key."""
    assert key
    index = write_index(tmp_path_factory.mktemp("articles"))
    with serve(make_local_app(index, model, data=data)) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        yield client


def test_openai_s_client_gets_an_answer_with_annotations(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="dateline", messages=ASKED, temperature=0.3)
    [choice] = completion.choices
    assert choice.finish_reason == "stop"
    assert choice.message.content == f"{DRAFT} [1]."
    assert choice.message.annotations
    [note] = choice.message.annotations
    cited = note.url_citation
    assert choice.message.content[cited.start_index : cited.end_index] == "[1]"
    assert (cited.url, cited.title) == ("https://harbour.example/ferry", "Ferry aground at Tarn")
    assert completion.usage
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    assert completion.model_extra
    answer = completion.model_extra["dateline"]
    assert completion.id == f"chatcmpl-{answer['id']}"
    assert answer["citations"][0]["quote"] == f"{DRAFT}."


def test_openai_s_client_streams_the_same(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="dateline", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == f"{DRAFT} [1]."
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop"]
    assert len({chunk.id for chunk in (*chunks, last)}) == 1
    delta = chunks[-1].choices[0].delta
    assert delta.model_extra
    [note] = delta.model_extra["annotations"]
    assert text[note["url_citation"]["start_index"] : note["url_citation"]["end_index"]] == "[1]"
    assert chunks[-1].model_extra
    assert chunks[-1].model_extra["dateline"]["text"] == text
    assert (last.choices, last.usage is not None) == ([], True)


def test_its_asynchronous_client_may_leave_in_the_middle(url: str, key: str) -> None:
    async def run() -> str | None:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as client:
            stream = await client.chat.completions.create(
                model="dateline", messages=ASKED, stream=True
            )
            async for chunk in stream:
                if chunk.choices[0].delta.content:
                    await stream.close()
                    return chunk.choices[0].delta.content
        return None

    assert asyncio.run(run()) == f"{DRAFT} [1]."


def test_litellm_takes_the_service_for_a_provider(url: str, key: str) -> None:
    completion: Any = litellm.completion(
        model="openai/dateline", messages=ASKED, api_base=f"{url}/v1", api_key=key
    )
    assert completion.choices[0].message.content == f"{DRAFT} [1]."
    [note] = completion.choices[0].message.annotations
    assert note["url_citation"]["title"] == "Ferry aground at Tarn"
    chunks: Any = litellm.completion(
        model="openai/dateline", messages=ASKED, api_base=f"{url}/v1", api_key=key, stream=True
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == f"{DRAFT} [1]."


def test_earlier_messages_are_the_history(client: openai.OpenAI, model: ScriptedModel) -> None:
    messages: Any = [
        {"role": "system", "content": "You are a pirate."},
        *ASKED,
        {"role": "assistant", "content": f"{DRAFT} [1]."},
        {"role": "user", "content": [{"type": "text", "text": "And who gave "},
                                     {"type": "text", "text": "it to her?"}]},
        {"role": "tool", "tool_call_id": "1", "content": "none"},
    ]  # fmt: skip
    completion = client.chat.completions.create(model="dateline", messages=messages)
    assert completion.model_extra
    answer = completion.model_extra["dateline"]
    assert answer["question"] == "And who gave it to her?"
    assert answer["standalone_question"].startswith(QUESTION)
    assert "pirate" not in str(model.asked)


def test_a_long_conversation_is_shortened_not_refused(client: openai.OpenAI) -> None:
    messages: Any = [*([*ASKED, {"role": "assistant", "content": "Yes."}] * 300), *ASKED]
    assert client.chat.completions.create(model="dateline", messages=messages).choices


def test_failures_are_the_client_s_exceptions(
    client: openai.OpenAI, model: ScriptedModel, url: str
) -> None:
    with pytest.raises(openai.NotFoundError, match="called dateline"):
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    with pytest.raises(openai.AuthenticationError, match="A key is needed"):
        client.with_options(api_key="dl_wrong").models.list()
    with pytest.raises(openai.UnprocessableEntityError, match="asks anything"):
        client.chat.completions.create(
            model="dateline", messages=[{"role": "user", "content": "?"}]
        )
    model.error = ModelUnavailable("Out; wait.")
    weak: Any = [{"role": "user", "content": WEAK}]
    try:
        with pytest.raises(openai.InternalServerError, match="Out; wait"):
            client.chat.completions.create(model="dateline", messages=weak)
        with pytest.raises(openai.APIError, match="Out; wait"):
            list(client.chat.completions.create(model="dateline", messages=weak, stream=True))
    finally:
        model.error = None
    assert httpx.get(f"{url}/health").status_code == 200


def test_the_one_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["dateline"]
    assert client.models.retrieve("dateline").owned_by == "dateline"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "dateline"},
        {"model": "dateline", "messages": []},
        {"model": "dateline", "messages": [{"role": "assistant", "content": "a"}]},
        {"model": "dateline", "messages": [{"role": "user", "content": "?"}]},
        {"model": "dateline", "messages": [{"role": "user", "content": None}]},
        {"model": "dateline", "messages": [{"role": "wizard", "content": "a"}]},
        {"model": "dateline", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
        {"model": "dateline", "messages": [{"role": "user", "content": "a"}], "n": 2},
        {"model": "dateline", "messages": [{"role": "user", "content": "a"}], "stream": "yes"},
    ],
)
def test_a_wrong_request_is_refused(tmp_path: Path, body: Any) -> None:
    build_index(tmp_path / "index", [make_article("The ferry ran aground off Tarn on Friday.")])
    client = TestClient(make_local_app(tmp_path / "index", ScriptedModel()))
    read_error(client.post("/v1/chat/completions", json=body), 422, "wrong_request")


def test_marks_are_found_where_they_stand_and_nowhere_else() -> None:
    answer = make_answer(
        ("He said “[1] is first”.", ("a", "q1"), ("b", "q2")),
        ("So it is", ("b", "q2")),
        text="In the articles [1]: He said “[1] is first” [1][2]. So it is [2]",
        urls={"a": "https://a.example/"},
    )
    notes = [note.url_citation for note in annotate(answer.text, answer, "http://here/")]
    assert [answer.text[note.start_index : note.end_index] for note in notes] == [
        "[1]", "[2]", "[2]",
    ]  # fmt: skip
    assert [note.start_index for note in notes] == [44, 47, 61]
    assert notes[0].url == "https://a.example/"
    assert notes[1].url == "http://here/articles/b?quote=0-2&version=v1"


def test_what_the_text_opens_with_is_streamed_first(tmp_path: Path) -> None:
    said = "The ferry ran aground off Tarn on Friday"
    old = make_article("The ferry of Tarn was painted.", article_id="b", published="2023-01-05")
    new = make_article(f"{said}.", article_id="a", published="2023-09-17")
    build_index(tmp_path / "index", [old, new])
    with serve(make_local_app(tmp_path / "index", ScriptedModel(said))) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
        asked: Any = [{"role": "user", "content": "What is the latest news of the ferry of Tarn?"}]
        whole = client.chat.completions.create(model="dateline", messages=asked)
        chunks = list(client.chat.completions.create(model="dateline", messages=asked, stream=True))
        client.close()
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert streamed.startswith("In the articles since 16 September 2023: ")
    assert streamed == whole.choices[0].message.content
