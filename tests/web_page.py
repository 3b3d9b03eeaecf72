"""The page in a headless browser, over a live service with a scripted model, for its tests."""

import asyncio
import json
import shutil
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from http_service import BRIDGE, FERRY, ScriptedModel
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from service.prompt import Message

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

COPY = """---
title: Solvei aground
source: Island Post
date: 2023-09-18
---
The ferry Solvei ran aground off Tarn on Friday with 41 people aboard, the coast guard said on Friday.
"""
HOSTILE = {
    "title": "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>",
    "source": "Nobody & <b>Sons</b>",
    "published": "2023-09-21",
    "url": "https://nobody.example/x",
    "text": "🚢🌊 Ships were seen off Oskar Point, the <b>harbour</b> office of Oskar Point said.\n\n"
    "🚢 Lieutenant Berit Falk was given a lantern by the harbour office of Oskar Point.",
}
ARABIC = """---
title: العبّارة عادت إلى الميناء
source: الساحل
date: 2023-09-22
---
عادت العبّارة سولفي إلى ميناء تارن يوم الخميس بعد إصلاحها، كما أعلن خفر السواحل.
"""
ARTICLES = {
    "ferry.md": FERRY,
    "bridge.md": BRIDGE,
    "copy.md": COPY,
    "hostile.json": json.dumps(HOSTILE),
    "arabic.md": ARABIC,
}

REPLIES = {
    "hand a medal": ["Captain Ida Moen was handed 300 medals by the mayor of Tarn"],
    "medal": ["Captain Ida Moen was handed a medal by the mayor of Tarn"],
    "old bridge": [
        "The old bridge of Lund was closed on Monday",
        "Repairs of the bridge will take about six weeks",
    ],
    "aground": ["The ferry Solvei ran aground off Tarn on Friday with 41 people aboard"],
    "lantern": ["Lieutenant Berit Falk was given a lantern by the harbour office"],
}
"""What the model writes where a question has these words; nothing is found for any other."""

FOLLOW_UP = "And when did she get it?"
STANDALONE = "Who was handed a medal by the mayor of Tarn?"


class PageModel(ScriptedModel):
    """Answers by REPLIES, cites the evidence with a sentence's first words, waits between them."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.go_on.set()
        self.error_for: dict[str, Exception] = {}

    async def stream(self, messages: list[Message], *, max_tokens: int) -> AsyncGenerator[str]:
        assert max_tokens > 0
        self.asked.append(messages)
        prompt = messages[-1]["content"]
        question = prompt.rsplit("Question: ", 1)[-1]
        if FOLLOW_UP in prompt and "Question: " not in prompt:
            yield STANDALONE
            return
        for words, error in self.error_for.items():
            if words in question:
                raise error
        said = next((reply for words, reply in REPLIES.items() if words in question), None)
        if said is None:
            yield "NOT FOUND"
            return
        for place, sentence in enumerate(said):
            if place:
                await asyncio.to_thread(self.go_on.wait, 10)
            yield f"{sentence} [{_number(prompt, sentence)}].\n"


def _number(prompt: str, sentence: str) -> str:
    start = sentence[:16]
    for line in prompt.splitlines():
        if line.startswith("[") and start in line:
            return line[1 : line.index("]")]
    return "1"


def find_browser() -> str | None:
    """Where a Chromium is, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def launch(executable: str) -> Iterator[Browser]:
    """A headless Chromium that talks to nobody by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-background-networking", "--no-proxy-server"],
        )
        try:
            yield browser
        finally:
            browser.close()


SHIFTS = """
globalThis.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    globalThis.shifted += entry.hadRecentInput ? 0 : entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
"""


class Visit:
    """A page that is open, what it sends, and what must not happen on it."""

    def __init__(self, browser: Browser, url: str, **screen: Any) -> None:
        self.url = url
        self.context = browser.new_context(**screen)
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(SHIFTS)
        self.sent: list[Request] = []
        self.faults: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.sent.append(request))  # noqa: PLW0108  a method, not a list's
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.faults.append(message.text)

    def close(self) -> None:
        """Leave; nothing may have failed, and nothing may have gone to another address."""
        self.context.close()
        assert not self.faults
        assert {
            request.url for request in self.sent if not request.url.startswith(self.url)
        } == set()

    def open(self, path: str = "/") -> Page:
        """The page, ready."""
        self.page.goto(self.url + path)
        self.page.locator("#corpus").filter(has_text="article").wait_for(state="attached")
        return self.page

    def ask(self, question: str) -> Any:
        """Ask, and wait for the end of the answer; the turn."""
        self.page.locator("#question").fill(question)
        self.page.keyboard.press("Enter")
        turn = self.page.locator(".turn").last
        self.page.locator("#send").wait_for()
        return turn


def write_articles(folder: Path) -> Path:
    """The articles as files."""
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def conversations(visit: Visit) -> set[str]:
    """The conversations that the page has asked in."""
    asked = [request.post_data or "" for request in visit.sent if request.url.endswith("/chat")]
    return {json.loads(body)["conversation_id"] for body in asked}


def focused(page: Page) -> str:
    """What a screen reader would call the element that has the focus."""
    name: str = page.evaluate(
        "document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
    )
    return name


def answer_with(status: int, code: str, message: str, **headers: str) -> Any:
    """A route's handler that refuses."""

    def handle(route: Route) -> None:
        route.fulfill(
            status=status, headers=headers, json={"error": {"code": code, "message": message}}
        )

    return handle
