"""Requests from Slack over HTTP, and from others; installations by several workspaces."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fake_slack import FakeSlack, fake_slack
from fastapi import FastAPI
from fastapi.testclient import TestClient
from http_service import make_desk
from slack_bots import Answers, make_settings, running
from slack_deliveries import BOT, GENERAL, SECRET, TEAM, Json, envelope, message_event, signed

from service.http.app import make_app
from service.http.desk import Desk
from service.slack_http import add_slack
from service.slack_manifest import SCOPES, make_manifest

MENTION = f"<@{BOT}> what did Kim receive?"
BODY = json.dumps(message_event("1.1", MENTION)).encode()
GOOD = signed(BODY)[1]
NOT_UTF8 = b'{"text": "\xff\xfe what did Kim receive?"}'


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


def without(name: str) -> dict[str, str]:
    """The headers of a good request but one."""
    return {key: value for key, value in GOOD.items() if key != name}


BAD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "none": (BODY, {"content-type": "application/json"}),
    "no signature": (BODY, without("x-slack-signature")),
    "no timestamp": (BODY, without("x-slack-request-timestamp")),
    "old": signed(BODY, at=1_700_000_000),
    "of the future": signed(BODY, at=4_000_000_000),
    "wrong": (BODY, {**GOOD, "x-slack-signature": "v0=" + "0" * 64}),
    "of another secret": signed(BODY, secret="another"),
    "of another body": (BODY + b" ", GOOD),
    "empty": (BODY, {**GOOD, "x-slack-signature": ""}),
    "not ascii": (BODY, {**GOOD, "x-slack-signature": "v0=é".encode()}),
    "timestamp no number": (BODY, {**GOOD, "x-slack-request-timestamp": "yesterday"}),
    "timestamp of too many digits": (BODY, {**GOOD, "x-slack-request-timestamp": "1" * 5000}),
    "timestamp negative": (BODY, {**GOOD, "x-slack-request-timestamp": "-1700000000"}),
    "timestamp a fraction": (BODY, {**GOOD, "x-slack-request-timestamp": "1.5"}),
    "timestamp of other digits": (BODY, {**GOOD, "x-slack-request-timestamp": "١٢".encode()}),
    "body not utf-8": signed(NOT_UTF8),
    "no body": (b"", GOOD),
}


@pytest.mark.parametrize("name", BAD)
def test_a_request_that_slack_did_not_sign_gets_401_and_is_not_logged(
    name: str, slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body, headers = BAD[name]

    async def main() -> None:
        async with running(slack, tmp_path) as bot:
            response = await bot.http.post("/slack/events", content=body, headers=headers)
            assert response.status_code == 401
            assert response.json() == {"error": "invalid signature"}

    asyncio.run(main())
    assert "was not signed by Slack" in caplog.text
    assert "Kim" not in caplog.text
    assert slack.methods() == ["auth.test"]  # when the bot started


def test_slack_s_check_of_the_address_is_answered(slack: FakeSlack, tmp_path: Path) -> None:
    async def main() -> None:
        async with running(slack, tmp_path) as bot:
            asked = {"type": "url_verification", "token": "x", "challenge": "c4a11e46e"}
            response = await bot.deliver(asked)
            assert response.status_code == 200
            assert response.json() == {"challenge": "c4a11e46e"}

    asyncio.run(main())


def test_what_is_signed_and_no_json_is_refused(slack: FakeSlack, tmp_path: Path) -> None:
    async def main() -> None:
        async with running(slack, tmp_path) as bot:
            assert (await bot.deliver(b"{what did Kim receive?")).status_code == 400

    asyncio.run(main())


def test_where_a_question_cannot_be_kept_slack_delivers_it_again(
    slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A first delivery that was not handled does not count."""

    async def main() -> None:
        data = tmp_path / "data"
        data.write_text("no folder")
        async with running(slack, data) as bot:
            ts = slack.ask(MENTION)
            body = message_event(ts, MENTION)
            assert (await bot.deliver(body)).status_code == 500
            data.unlink()
            assert (await bot.deliver(body, again=1)).status_code == 200
            await bot.settled()
            assert len(slack.replies(GENERAL, ts)) == 1

    asyncio.run(main())
    assert "a listener failed: WriteFailed" in caplog.text
    assert "Kim" not in caplog.text


INSTALLED: dict[str, Any] = {
    "slack_bot_token": None,
    "slack_client_id": "1.2",
    "slack_client_secret": "c11e47",
}


def test_several_workspaces_install_the_bot_and_uninstall_it(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running(slack, tmp_path, **INSTALLED) as bot:
            for team in ("T1", "T2"):
                page = await bot.http.get("/slack/install")
                assert page.status_code == 200
                (address,) = re.findall(r'href="(https://slack\.com/oauth/[^"]+)"', page.text)
                assert f"scope={','.join(SCOPES)}" in address
                state = address.partition("state=")[2].partition("&")[0]
                back = {"code": f"code-{team}", "state": state}
                cookie = {"cookie": page.headers["set-cookie"].partition(";")[0]}
                forged = await bot.http.get("/slack/oauth_redirect", params={**back, "state": "x"})
                assert forged.status_code == 400
                done = await bot.http.get("/slack/oauth_redirect", params=back, headers=cookie)
                assert done.status_code == 200
                assert "Thank you" in done.text
            asked = [slack.ask(MENTION) for _ in "abc"]
            for team, ts in zip(("T1", "T2", "T3"), asked, strict=True):
                assert (await bot.deliver(message_event(ts, MENTION, team=team))).status_code == 200
            await bot.settled()
            assert [len(slack.replies(GENERAL, ts)) for ts in asked] == [1, 1, 0]
            by_token = {call.token for call in slack.calls if call.method == "chat.startStream"}
            assert by_token == {"xoxb-T1", "xoxb-T2"}
            gone = envelope({"type": "app_uninstalled"}, "Ev7", team="T1")
            await bot.deliver(gone)
            await asyncio.sleep(0.1)
            late = slack.ask(MENTION)
            await bot.deliver(message_event(late, MENTION, team="T1"))
            await bot.settled()
            assert slack.replies(GENERAL, late) == []

    asyncio.run(main())


def desk(data: Path, **settings: Any) -> Desk:
    """One with the settings of a bot."""
    known = make_settings(data, **settings).model_dump(exclude_unset=True, exclude={"data"})
    return make_desk(cast("Any", Answers()), data=data, **known)


def test_the_service_has_slack_s_routes_where_its_secret_is_set(tmp_path: Path) -> None:
    def routes(**settings: Any) -> set[str]:
        app = FastAPI()
        add_slack(app, desk(tmp_path, **settings))
        with TestClient(app) as client:
            paths = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
            return {path for path in paths if client.get(path).status_code != 404}

    assert routes() == {"/slack/events"}
    assert routes(slack_signing_secret=None) == set()
    assert routes(**INSTALLED) == {"/slack/events", "/slack/install", "/slack/oauth_redirect"}


def test_the_whole_service_takes_slack_s_requests_without_a_key(
    slack: FakeSlack, tmp_path: Path
) -> None:
    """The bot runs for as long as the application does; what proves itself needs no key."""
    body: Json = {"type": "url_verification", "challenge": "c"}
    here = desk(tmp_path, **INSTALLED)
    here.keys.add("somebody", admin=False)
    app = make_app(here)
    add_slack(app, here)
    with TestClient(app) as client:
        content, headers = signed(body, secret=SECRET)
        assert client.post("/slack/events", content=content, headers=headers).status_code == 200
        assert client.post("/slack/events", content=content).status_code == 401
        assert client.get("/slack/install").status_code == 200
        assert client.get("/search", params={"q": "x"}).status_code == 401
    assert slack.calls == []


def test_the_manifest_asks_for_no_more_than_is_used() -> None:
    manifest = make_manifest("https://dateline.example.org/")
    events = "https://dateline.example.org/slack/events"
    assert manifest["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert manifest["oauth_config"]["redirect_urls"] == [
        "https://dateline.example.org/slack/oauth_redirect"
    ]
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == events
    assert settings["interactivity"]["request_url"] == events
    assert manifest["features"]["slash_commands"][0]["url"] == events
    assert set(settings["event_subscriptions"]["bot_events"]) == {
        "agent_session_stopped",
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "message.channels",
        "message.groups",
        "message.im",
        "tokens_revoked",
    }
    assert "assistant_view" not in manifest["features"]


def test_the_manifest_keeps_the_lengths_that_slack_documents() -> None:
    for manifest in (make_manifest(None), make_manifest("https://dateline.example.org")):
        shown, features = manifest["display_information"], manifest["features"]
        (shortcut,), (command,) = features["shortcuts"], features["slash_commands"]
        lengths = [
            (shown["name"], 35),
            (shown["description"], 140),
            (features["agent_view"]["agent_description"], 300),
            (features["bot_user"]["display_name"], 80),
            (shortcut["name"], 24),
            (shortcut["description"], 150),
            (shortcut["callback_id"], 255),
            (command["command"], 32),
            (command["description"], 2000),
            (command["usage_hint"], 1000),
        ]
        assert [text for text, longest in lengths if not 0 < len(text) <= longest] == []
        assert re.fullmatch(r"[a-z0-9._-]+", features["bot_user"]["display_name"])
        assert set(manifest) == {"display_information", "features", "oauth_config", "settings"}


def test_for_socket_mode_the_manifest_names_no_address() -> None:
    manifest = make_manifest(None)
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(manifest)
    assert TEAM
