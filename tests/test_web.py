"""The web page as a reader meets it, in a headless Chromium over a live service."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes import WordEmbedder
from http_service import QUESTION, WEAK, desk_of, make_local_app, open_once, serve
from playwright.sync_api import Browser, Page, expect
from web_page import (
    FOLLOW_UP,
    HOSTILE,
    STANDALONE,
    PageModel,
    Visit,
    answer_with,
    conversations,
    find_browser,
    focused,
    launch,
    write_articles,
)

from index.build import build
from index.sources import read_sources
from service.answerer import ABSTAINED, LATE, QUOTES
from service.errors import ModelTimedOut

EXECUTABLE = find_browser()
pytestmark = pytest.mark.skipif(
    EXECUTABLE is None, reason="the page's tests need Chromium: apt-get install chromium"
)

LIGHT = {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}}
DARK = {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}}
PHONE = {"color_scheme": "light", "viewport": {"width": 360, "height": 720}}

BRIDGE_QUESTION = "What is said of the old bridge of Lund?"
LANTERN_QUESTION = "Who was given a lantern at Oskar Point?"
FERRY_QUESTION = "How many people were aboard when the ferry Solvei ran aground?"
QUOTES_QUESTION = "Whom did the mayor of Tarn hand a medal?"
SCRIPT_TITLE = HOSTILE["title"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    articles = write_articles(folder / "articles")
    build(read_sources([str(articles)]), folder / "index", WordEmbedder())
    return folder / "index"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert EXECUTABLE
    with launch(EXECUTABLE) as browser:
        yield browser


@pytest.fixture(scope="module")
def site(index: Path) -> Iterator[Any]:
    """The service: its address, its model, its desk."""
    model = PageModel()
    app = make_local_app(index, model, address_rate="none")
    with serve(app) as url:
        yield SimpleNamespace(url=url, model=model, desk=desk_of(app))


@pytest.fixture
def model(site: Any) -> Iterator[PageModel]:
    yield site.model
    site.model.go_on.set()
    site.model.error_for.clear()


@pytest.fixture
def visit(browser: Browser, site: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A reader's visit, on a screen that the test may name; nothing may leave the service."""
    visit = Visit(browser, site.url, **getattr(request, "param", LIGHT))
    yield visit
    visit.close()


def test_a_question_is_asked_with_enter_and_sentences_arrive_one_by_one(
    visit: Visit, model: PageModel
) -> None:
    page = visit.open()
    question = page.locator("#question")
    expect(question).to_be_focused()
    question.fill(BRIDGE_QUESTION)
    question.press("Shift+Enter")
    expect(question).to_have_value(f"{BRIDGE_QUESTION}\n")
    model.go_on.clear()
    question.press("Enter")
    sentences = page.locator(".sentences > span")
    expect(sentences).to_have_count(1)
    expect(sentences).to_have_text("The old bridge of Lund was closed on Monday.[1]")
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator(".searched summary")).to_have_text("Looked at 5 passages of 5 articles")
    bridge = page.locator(".searched li", has_text="Bridge closed in Lund")
    expect(bridge).to_contain_text("Bridge closed in Lund · Coast Radio · ")
    expect(page.locator(".answer")).to_have_attribute("aria-live", "polite")
    first = sentences.element_handle()
    page.get_by_role("button", name="Quote 1: Bridge closed in Lund, Coast Radio").click()
    expect(page.locator("#reader mark")).to_contain_text("The old bridge of Lund was closed")
    model.go_on.set()
    expect(sentences).to_have_count(2)
    expect(page.locator("#send")).to_be_visible()
    assert first
    assert first.evaluate("element => element.isConnected")
    expect(page.locator("#announcer")).to_have_text("Done: 2 sentences, 2 quotes.")
    expect(page.locator(".sources li")).to_have_count(2)
    assert page.evaluate("shifted") < 0.01


def test_a_citation_opens_its_article_at_exactly_the_quote_and_markup_stays_text(
    visit: Visit, index: Path
) -> None:
    page = visit.open()
    turn = visit.ask(LANTERN_QUESTION)
    mark = turn.locator(".mark")
    mark.click()
    quoted = page.locator("#reader mark")
    expect(quoted).to_have_text(
        "🚢 Lieutenant Berit Falk was given a lantern by the harbour office of Oskar Point."
    )
    expect(page.locator("#reader-title")).to_have_text(SCRIPT_TITLE)
    expect(page.locator("#reader-title")).to_be_focused()
    expect(page.locator("#reader-origin")).to_have_text("Nobody & <b>Sons</b> · 21 September 2023")
    link = page.locator("#reader-more a")
    expect(link).to_have_attribute("href", "https://nobody.example/x")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    generation = open_once(index)
    [article] = [
        found
        for summary in generation.articles()
        if (found := generation.article(summary.id)) and found.title == SCRIPT_TITLE
    ]
    shown = page.locator("#reader-text p").all_text_contents()
    assert "\n\n".join(shown) == article.text
    assert "<b>harbour</b>" in article.text
    assert page.locator("#reader-text b, #reader img").count() == 0
    assert page.title() == "Dateline"
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(mark).to_be_focused()


def test_near_copies_are_named_and_open(visit: Visit) -> None:
    page = visit.open()
    turn = visit.ask(FERRY_QUESTION)
    expect(turn.locator(".sources li")).to_contain_text("also in: Solvei aground")
    turn.locator(".sources button").click()
    expect(page.locator("#reader-origin")).to_have_text("Harbour Times · 17 September 2023")
    page.locator("#reader-more").get_by_role("button", name="Solvei aground").click()
    expect(page.locator("#reader-origin")).to_have_text("Island Post · 18 September 2023")
    page.locator("#reader-close").click()
    expect(turn.locator(".sources button")).to_be_focused()


def test_a_follow_up_stays_in_its_conversation_and_a_reload_brings_it_back(visit: Visit) -> None:
    page = visit.open()
    visit.ask(QUESTION)
    turn = visit.ask(FOLLOW_UP)
    expect(turn.locator(".understood")).to_contain_text(STANDALONE)
    expect(turn.locator(".mark")).to_have_text("[1]")
    assert len(conversations(visit)) == 1
    page.get_by_role("button", name="This answer is right").last.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    page.reload()
    expect(page.locator(".turn h2")).to_have_text([QUESTION, FOLLOW_UP])
    expect(page.locator(".turn .mark")).to_have_text(["[1]", "[1]"])
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("button", name="Start a new conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    visit.ask(QUESTION)
    assert len(conversations(visit)) == 2


def test_what_the_articles_do_not_say_is_said_with_the_closest(visit: Visit) -> None:
    page = visit.open()
    turn = visit.ask(WEAK)
    expect(turn.locator(".opening")).to_have_text(ABSTAINED)
    expect(turn.locator(".mark")).to_have_count(0)
    closest = turn.locator(".after li button")
    expect(closest).to_have_count(4)
    title, quote = (closest.first.locator(part).text_content() or "" for part in ("cite", "q"))
    closest.first.click()
    expect(page.locator("#reader-title")).to_have_text(title)
    expect(page.locator("#reader mark")).to_have_text(quote)


def test_quotes_say_that_they_are_and_what_was_left_out_is_there_on_demand(visit: Visit) -> None:
    visit.open()
    turn = visit.ask(QUOTES_QUESTION)
    expect(turn.locator(".opening")).to_have_text(QUOTES)
    expect(turn.locator(".sentences")).to_contain_text("“Captain Ida Moen was handed a medal")
    left_out = turn.locator(".after details")
    expect(left_out.locator("li")).to_be_hidden()
    left_out.get_by_text("1 sentence left out: why").click()
    expect(left_out.locator("s")).to_have_text(
        "Captain Ida Moen was handed 300 medals by the mayor of Tarn."
    )
    expect(left_out.locator("li")).to_contain_text("number 300 is in no cited sentence")


def test_a_model_that_fails_is_told_with_the_quotes_in_its_place(
    visit: Visit, model: PageModel
) -> None:
    model.error_for["medal"] = ModelTimedOut("The model took too long; ask again.")
    visit.open()
    turn = visit.ask(QUESTION)
    expect(turn.locator(".opening")).to_have_text(LATE)
    expect(turn.locator(".notice")).to_contain_text("The model took too long; ask again.")


def test_an_opinion_and_a_comment_are_kept(visit: Visit, site: Any) -> None:
    page = visit.open()
    turn = visit.ask(QUESTION)
    turn.get_by_role("button", name="This answer is wrong").click()
    comment = turn.get_by_label("What is wrong with it?")
    expect(comment).to_be_focused()
    comment.fill("It was the <b>cook</b>.")
    comment.press("Enter")
    expect(turn.get_by_text("Thank you.")).to_be_visible()
    [answer] = page.evaluate("JSON.parse(sessionStorage['dateline.conversation']).answers")
    kept = site.desk.archive.read(answer)
    assert (kept.opinion, kept.comment) == ("wrong", "It was the <b>cook</b>.")


def test_an_answer_is_copied_with_its_sources(visit: Visit) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open()
    turn = visit.ask(QUESTION)
    turn.get_by_role("button", name="Copy with sources").click()
    expect(turn.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "Captain Ida Moen was handed a medal by the mayor of Tarn [1].\n\n"
        "[1] “Captain Ida Moen was handed a medal by the mayor of Tarn.”\n"
        "    Ferry aground at Tarn, Harbour Times, 17 September 2023, https://harbour.example/ferry"
    )


def test_an_answer_can_be_stopped(visit: Visit, model: PageModel, site: Any) -> None:
    page = visit.open()
    model.go_on.clear()
    page.locator("#question").fill(BRIDGE_QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".sentences > span")).to_have_count(1)
    page.locator("#stop").click()
    expect(page.locator(".turn .notice")).to_have_text("Stopped.")
    expect(page.locator(".sentences > span")).to_have_count(1)
    page.locator(".mark").click()
    expect(page.locator("#reader mark")).to_have_count(1)
    page.wait_for_timeout(100)
    assert site.desk.room.taken == 0


def test_examples_come_from_the_articles_and_ask(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator("#corpus")).to_have_text(
        re.compile(r"5 articles from 5 publishers, 17\s–\s22 September 2023")
    )
    page.locator("#examples").get_by_role("button", name=QUESTION).click()
    expect(page.locator(".turn h2")).to_have_text(QUESTION)
    expect(page.locator(".mark")).to_have_text("[1]")


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_is_asked_again_when_it_said(visit: Visit, status: int) -> None:
    page = visit.open()
    page.clock.install()
    page.route("**/chat", answer_with(status, "busy", "Too much to do.", **{"Retry-After": "3"}))
    turn = visit.ask(QUESTION)
    expect(turn.get_by_role("alert")).to_contain_text("Too much to do.")
    expect(turn.get_by_role("button", name="Ask again in 3 s")).to_be_disabled()
    page.clock.run_for(1_000)
    expect(turn.get_by_role("button", name="Ask again in 2 s")).to_be_disabled()
    page.clock.run_for(2_000)
    page.unroute("**/chat")
    turn.get_by_role("button", name="Ask again", exact=True).click()
    expect(page.locator(".mark")).to_have_count(1)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_refused_question_a_lost_network_and_a_stream_that_breaks_off_are_told(
    visit: Visit,
) -> None:
    page = visit.open()
    turn = visit.ask("?!")
    expect(turn.get_by_role("alert")).to_contain_text("The question is empty")
    visit.context.set_offline(True)
    turn = visit.ask(QUESTION)
    expect(turn.get_by_role("alert")).to_contain_text("There is no connection to the network")
    visit.context.set_offline(False)
    events = 'event: passages\ndata: {"question": "x", "passages": []}\n\n: still here\n\n'
    stream = {"content_type": "text/event-stream", "body": events}
    page.route("**/chat", lambda route: route.fulfill(**stream))
    turn = visit.ask(QUESTION)
    expect(turn.get_by_role("alert")).to_contain_text("The answer broke off")
    page.route("**/chat", lambda route: route.abort())
    turn = visit.ask(QUESTION)
    expect(turn.get_by_role("alert")).to_contain_text("The service cannot be reached")


def test_a_service_that_goes_silent_is_told(visit: Visit, model: PageModel) -> None:
    page = visit.open()
    page.clock.install()
    model.go_on.clear()
    page.locator("#question").fill(BRIDGE_QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".sentences > span")).to_have_count(1)
    page.clock.run_for(26_000)
    expect(page.get_by_role("alert")).to_contain_text("The service has gone silent")
    expect(page.locator(".sentences > span")).to_have_count(1)


def test_the_page_is_there_at_once_and_a_question_waits_until_all_is_loaded(visit: Visit) -> None:
    page = visit.page
    page.route("**/ready", answer_with(503, "not_ready", "Loading."))
    page.goto(visit.url)
    expect(page.locator("#readiness")).to_contain_text("Getting ready")
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".turn h2")).to_have_text(QUESTION)
    assert not [request for request in visit.sent if request.url.endswith("/chat")]
    page.unroute("**/ready")
    expect(page.locator(".mark")).to_have_count(1)
    expect(page.locator("#readiness")).to_be_hidden()


def test_a_key_is_asked_for_and_kept_in_the_tab(browser: Browser, index: Path) -> None:
    app = make_local_app(index, PageModel())
    key = desk_of(app).keys.add("anna", admin=False)
    with serve(app) as url:
        visit = Visit(browser, url, **LIGHT)
        page = visit.page
        page.goto(url)
        expect(page.locator("#key-title")).to_have_text("A key is needed")
        expect(page.get_by_label("Key", exact=True)).to_be_focused()
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#key-title")).to_have_text("That key is not known")
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="Not now").click()
        expect(page.locator("#corpus")).to_contain_text("A key is needed")
        page.locator("#question").fill(QUESTION)
        page.keyboard.press("Enter")
        page.get_by_label("Key", exact=True).fill(key)
        page.keyboard.press("Enter")
        expect(page.locator(".tools")).to_be_visible()
        page.reload()
        expect(page.locator(".mark")).to_have_count(1)
        expect(page.locator("#corpus")).to_contain_text("5 articles")
        assert page.evaluate("Object.values(localStorage).length") == 0
        visit.close()


def test_the_articles_are_listed_filtered_paged_and_found(visit: Visit) -> None:
    page = visit.page
    page.route(
        re.compile(r"/articles\?.*limit=20"),
        lambda route: route.continue_(url=route.request.url.replace("limit=20", "limit=2")),
    )
    visit.open("/#articles")
    titles = page.locator("#list .title")
    expect(page.locator("#found")).to_have_text("1 to 2 of 5 articles, the newest first")
    expect(titles.nth(1)).to_have_text(SCRIPT_TITLE)
    assert titles.first.evaluate("element => getComputedStyle(element).direction") == "rtl"
    page.get_by_role("button", name="Older articles").click()
    expect(titles).to_have_text(["Bridge closed in Lund", "Solvei aground"])
    expect(page.get_by_role("button", name="Newer articles")).to_be_visible()
    page.go_back()
    expect(titles.nth(1)).to_have_text(SCRIPT_TITLE)
    page.get_by_label("Publisher").select_option("Harbour Times")
    page.get_by_role("button", name="Show").click()
    expect(titles).to_have_text(["Ferry aground at Tarn"])
    titles.first.click()
    expect(page.locator("#reader-text")).to_contain_text("The ferry Solvei ran aground")
    page.keyboard.press("Escape")
    page.get_by_label("Publisher").select_option("")
    page.get_by_label("From").fill("2023-09-18")
    page.get_by_label("To", exact=True).fill("2023-09-19")
    page.get_by_label("To", exact=True).press("Enter")
    expect(titles).to_have_text(["Solvei aground"])
    visit.open("/#articles?q=bridge+pillars+inspectors")
    expect(titles.first).to_have_text("Bridge closed in Lund")
    titles.first.click()
    expect(page.locator("#reader mark").first).to_contain_text("The old bridge of Lund")


def test_an_article_that_is_gone_still_shows_what_was_quoted(visit: Visit) -> None:
    page = visit.open()
    turn = visit.ask(QUESTION)
    page.route("**/articles/**", answer_with(404, "not_found", "There is no such article."))
    turn.locator(".mark").click()
    expect(page.locator("#reader-text")).to_contain_text("no longer indexed")
    expect(page.locator("#reader blockquote")).to_contain_text("Captain Ida Moen was handed")


def test_everything_is_reached_by_keyboard_alone(visit: Visit) -> None:
    page = visit.open()
    page.locator("body").press("Shift+Tab")
    names = []
    for _ in range(5):
        names.append(focused(page))
        page.keyboard.press("Shift+Tab")
    assert names == [
        "Colours: as the system", "Articles", "Ask", "Dateline, to the questions",
        "Skip to the question",
    ]  # fmt: skip
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".tools")).to_be_visible()
    while not focused(page).startswith("Quote 1"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reader-title")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Close the article"
    page.keyboard.press("Enter")
    assert focused(page).startswith("Quote 1")


def test_the_colours_follow_the_system_or_the_reader(visit: Visit) -> None:
    page = visit.open()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(paper)
    assert light != dark
    button = page.get_by_role("button", name="Colours: as the system")
    button.click()
    assert page.evaluate(paper) == light
    page.reload()
    assert page.evaluate(paper) == light
    page.get_by_role("button", name="Colours: light").click()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(paper) == dark


def test_a_print_holds_the_answer_and_its_quotes_alone(visit: Visit) -> None:
    page = visit.open()
    visit.ask(QUESTION)
    page.emulate_media(media="print")
    for shown in (".answer", ".sources q"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in ("#composer", ".tools", ".masthead nav"):
        expect(page.locator(hidden)).to_be_hidden()


def check(page: Page) -> None:
    """No fault that axe finds, and no scrolling sideways."""
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => 0)))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "visit", [LIGHT, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True
)
def test_axe_finds_nothing_in_any_view(visit: Visit) -> None:
    page = visit.open()
    check(page)
    turn = visit.ask(BRIDGE_QUESTION)
    turn.locator(".searched summary").click()
    check(page)
    turn.locator(".mark").first.click()
    expect(page.locator("#reader mark")).to_have_count(1)
    check(page)
    page.keyboard.press("Escape")
    visit.ask(QUOTES_QUESTION).locator(".after summary").click()
    visit.ask(WEAK + " " + "Donaudampfschifffahrtsgesellschaft" * 12)
    page.route("**/chat", answer_with(503, "busy", "Too much to do.", **{"Retry-After": "60"}))
    visit.ask(QUESTION)
    check(page)
    visit.open("/#articles")
    expect(page.locator("#list li")).to_have_count(5)
    check(page)
