"""The app's manifest, as Slack takes it when an app is made (pure)."""

from typing import Any

COMMAND = "/ask"
SHORTCUT = "ask_about_message"

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
)
"""To be mentioned, to be an agent, to see the threads that it is in, to write; nothing else."""

EVENTS = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
)
INSTALLED_EVENTS = ("app_uninstalled", "tokens_revoked")
"""Of workspaces that installed the app themselves, so that their tokens are forgotten."""

DESCRIPTION = (
    "Answers questions about news articles. Every sentence carries the exact quotes that it rests "
    "on, or the answer is that the articles do not say."
)

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"


def make_manifest(url: str | None) -> dict[str, Any]:
    """The manifest for the HTTP service at `url`, or for Socket Mode where there is none."""
    address = {"request_url": url.rstrip("/") + EVENTS_PATH} if url else {}
    command = {
        "command": COMMAND,
        "description": "Ask the news articles; only you see the answer",
        "usage_hint": "What gifts did Kim receive?",
        "should_escape": False,
    }
    command |= {"url": address["request_url"]} if url else {}
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    events = list(EVENTS)
    if url:
        oauth["redirect_urls"] = [url.rstrip("/") + REDIRECT_PATH]
        events += INSTALLED_EVENTS
    return {
        "display_information": {
            "name": "Dateline",
            "description": "Answers from news articles, with the exact quotes",
        },
        "features": {
            "agent_view": {
                "agent_description": DESCRIPTION,
            },
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "dateline", "always_online": True},
            "shortcuts": [
                {
                    "name": "Ask about this message",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Look for it in the news articles",
                }
            ],
            "slash_commands": [command],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**address, "bot_events": events},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
