"""Socket Mode, over a real websocket; the command that serves it and prints the manifest."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fake_slack import FakeSlack, fake_slack
from forks import FORKS
from http_service import make_desk
from slack_bots import Answers
from slack_deliveries import BOT, GENERAL, TOKEN, command_body, message_event

from service.__main__ import main
from service.answerer import Answerer
from service.current import Current
from service.errors import SettingWrong, SlackFailed
from service.http.desk import Desk
from service.settings import Settings
from service.slack_manifest import make_manifest
from service.slack_socket import check_socket, serve_socket

MENTION = f"<@{BOT}> what did Kim receive?"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


def desk(data: Path) -> Desk:
    """One with the settings of Socket Mode."""
    answerer = cast("Any", Answers())
    return make_desk(answerer, data=data, slack_bot_token=TOKEN, slack_app_token="xapp-1")


def serve_while(people: Callable[[], None], here: Desk, url: str) -> None:
    """Answer over Socket Mode until `people`, in a thread of theirs, are done."""

    async def serve() -> None:
        serving = asyncio.create_task(serve_socket(here, base_url=url))
        await asyncio.to_thread(people)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(serve())


def test_questions_come_and_are_acknowledged_over_the_socket(
    slack: FakeSlack, tmp_path: Path
) -> None:
    def people() -> None:
        slack.wait(lambda: slack.connected)
        ts = slack.ask(MENTION)
        envelopes = [
            slack.push("events_api", message_event(ts, MENTION)),
            slack.push("events_api", message_event(ts, MENTION, kind="app_mention")),
            slack.push("slash_commands", command_body(" ", slack.respond)),
        ]
        slack.wait(lambda: set(envelopes) <= set(slack.acks))
        slack.wait(
            lambda: slack.replies(GENERAL, ts) and not slack.replies(GENERAL, ts)[0].streaming
        )
        assert slack.replies(GENERAL, ts)[0].shown.endswith("(Right) (Wrong)")
        assert "Ask me a question" in slack.acks[envelopes[2]]["payload"]["text"]
        assert len(slack.replies(GENERAL, ts)) == 1

    serve_while(people, desk(tmp_path), slack.url)


def test_what_is_asked_while_the_models_load_is_answered(slack: FakeSlack, tmp_path: Path) -> None:
    loaded = threading.Event()
    here = desk(tmp_path)
    answerer = here.answerer

    def load() -> Answerer:
        assert loaded.wait(10)
        return answerer

    here.current = Current(load)

    def people() -> None:
        slack.wait(lambda: slack.connected)
        ts = slack.ask(MENTION)
        envelope = slack.push("events_api", message_event(ts, MENTION))
        slack.wait(lambda: envelope in slack.acks)
        assert slack.replies(GENERAL, ts) == []
        loaded.set()
        slack.wait(lambda: "(Right)" in "".join(one.shown for one in slack.replies(GENERAL, ts)))

    serve_while(people, here, slack.url)


@pytest.mark.parametrize("farewell", ["told", ""])
def test_a_connection_that_ends_is_made_again(
    farewell: str, slack: FakeSlack, tmp_path: Path
) -> None:
    def people() -> None:
        slack.wait(lambda: slack.connected)
        slack.end_connection(told=bool(farewell))
        slack.wait(lambda: slack.connected, 20)
        ts = slack.ask(MENTION)
        envelope = slack.push("events_api", message_event(ts, MENTION))
        slack.wait(lambda: envelope in slack.acks)
        slack.wait(lambda: "(Right)" in "".join(one.shown for one in slack.replies(GENERAL, ts)))

    serve_while(people, desk(tmp_path), slack.url)


def test_where_a_question_cannot_be_kept_the_socket_does_not_acknowledge_it(
    slack: FakeSlack, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.write_text("no folder")

    def people() -> None:
        slack.wait(lambda: slack.connected)
        ts = slack.ask(MENTION)
        lost = slack.push("events_api", message_event(ts, MENTION))
        time.sleep(0.5)
        assert lost not in slack.acks
        data.unlink()
        envelope = slack.push("events_api", message_event(ts, MENTION))
        slack.wait(lambda: envelope in slack.acks)
        slack.wait(lambda: "(Right)" in "".join(one.shown for one in slack.replies(GENERAL, ts)))

    serve_while(people, desk(data), slack.url)


def serve_alone(url: str, data: Path) -> None:
    """A process that answers over Socket Mode."""
    asyncio.run(serve_socket(desk(data), base_url=url))


def test_a_process_that_is_told_to_end_does_so(slack: FakeSlack, tmp_path: Path) -> None:
    child = FORKS.Process(target=serve_alone, args=(slack.url, tmp_path), daemon=True)
    child.start()
    slack.wait(lambda: slack.connected, 60)
    ts = slack.ask(MENTION)
    slack.push("events_api", message_event(ts, MENTION))
    slack.wait(lambda: "(Right)" in "".join(one.shown for one in slack.replies(GENERAL, ts)))
    child.terminate()
    child.join(15)
    assert child.exitcode == 0


def test_a_refused_token_is_named(slack: FakeSlack, tmp_path: Path) -> None:
    slack.faults[0] = "fail"
    with pytest.raises(SlackFailed, match=r"refuses the bot's tokens \(internal_error\)"):
        asyncio.run(serve_socket(desk(tmp_path), base_url=slack.url))


def test_an_unreachable_slack_is_named(slack: FakeSlack, tmp_path: Path) -> None:
    slack.faults[0] = "drop"
    with pytest.raises(SlackFailed, match="Slack cannot be reached"):
        asyncio.run(serve_socket(desk(tmp_path), base_url=slack.url))


def test_without_the_app_s_token_it_says_which_to_set() -> None:
    with pytest.raises(SettingWrong, match="DATELINE_SLACK_APP_TOKEN is not set"):
        check_socket(Settings())


def test_the_command_says_which_setting_lacks_before_it_loads_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATELINE_SLACK_APP_TOKEN", raising=False)
    assert main(["slack"]) == 1
    assert "DATELINE_SLACK_APP_TOKEN is not set" in capsys.readouterr().err


@pytest.mark.parametrize("url", [None, "https://dateline.example.org"])
def test_the_command_prints_the_manifest(
    url: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["slack", "--manifest", *(["--url", url] if url else [])]) == 0
    assert json.loads(capsys.readouterr().out) == make_manifest(url)


@pytest.mark.parametrize(
    "url", ["dateline.example.org", "http://dateline.example.org", "https://a b"]
)
def test_an_address_that_slack_would_refuse_is_asked_wrongly(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["slack", "--manifest", "--url", url])
    assert ended.value.code == 2
    assert "begins with https://" in capsys.readouterr().err


def test_tokens_that_are_mixed_up_are_told_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_SLACK_APP_TOKEN", "xoxb-1")
    assert main(["slack"]) == 1
    told = capsys.readouterr().err
    assert "DATELINE_SLACK_APP_TOKEN is set to a value, which is wrong" in told
    assert "the app-level token begins with xapp-" in told
    assert "xoxb-1" not in told
