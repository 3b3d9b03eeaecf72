"""A question is kept once, claimed by one process at a time, and not forgotten before its reply."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import WriteFailed
from service.slack_events import Question
from service.slack_intake import KEPT
from service.slack_store import Claim, Post, SlackStore

ASKED = Question("T", "C", "1.1", "1.1", "UANN", "Who came?", enterprise="E")


def use(path: Path, work: Callable[[SlackStore], Awaitable[None]], *, waiting: int = 10) -> None:
    """Run `work` with a store of its own."""

    async def main() -> None:
        store = SlackStore(path / "slack.sqlite", waiting=waiting)
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(main())


async def claim(store: SlackStore, owner: str = "a", **more: float) -> Claim | None:
    return await store.claim(
        owner, seconds=more.get("seconds", 60), at_once=int(more.get("at_once", 9))
    )


def at(number: int, *, team: str = "T") -> Question:
    """Another question, in a thread of its own."""
    return replace(ASKED, team=team, ts=f"{number}.0", thread=f"{number}.0")


def test_a_question_is_kept_once_by_its_message_and_by_its_delivery(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        assert await store.add(ASKED, event="Ev1")
        assert not await store.add(ASKED, event="Ev2")
        assert not await store.add(replace(ASKED, ts="1.2"), event="Ev1")
        assert await store.add(replace(ASKED, team="T2"), event="Ev1")
        assert await store.add(replace(ASKED, ts="1.3"))

    use(tmp_path, work)


def test_a_claim_holds_the_question_as_it_was_asked(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        asked = replace(ASKED, way="command", notice="help", respond="https://x")
        await store.add(asked)
        found = await claim(store)
        assert found
        assert (found.question, found.takes, found.answer) == (asked, 1, None)
        assert await claim(store, "b") is None

    use(tmp_path, work)


def test_a_claim_that_runs_out_is_taken_by_another_with_what_there_is(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        first = await claim(store, seconds=0)
        assert first
        await store.keep_answer(first.id, "{}")
        await store.add_post(first.id, 0, Post("C", "2.0"))
        second = await claim(store, "b")
        assert second
        assert (second.id, second.takes, second.answer) == (first.id, 2, "{}")
        assert await store.posts(second.id) == [Post("C", "2.0")]
        renewal = await store.renew("a", [first.id], seconds=60)
        assert renewal.lost == {first.id}
        assert not renewal.stopped
        assert not (await store.renew("b", [second.id], seconds=60)).lost

    use(tmp_path, work)


def test_what_is_answered_is_not_claimed_again_and_its_words_are_gone(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        found = await claim(store, seconds=0)
        assert found
        await store.keep_answer(found.id, '{"text": "Kim came."}')
        await store.finish(found.id)
        assert await claim(store) is None
        assert not await store.add(ASKED)

    use(tmp_path, work)
    file = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    with sqlite3.connect(tmp_path / "slack.sqlite") as database:
        assert database.execute("SELECT text, respond, answer FROM questions").fetchall() == [
            ("", "", None)
        ]
    assert b"UANN" in file


def test_in_a_thread_questions_are_answered_in_their_order(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        await store.add(replace(ASKED, ts="1.2"))
        await store.add(at(5))
        first, other = await claim(store), await claim(store)
        assert first
        assert other
        assert (first.question.ts, other.question.ts) == ("1.1", "5.0")
        assert await claim(store) is None
        await store.finish(first.id)
        second = await claim(store)
        assert second
        assert second.question.ts == "1.2"

    use(tmp_path, work)


def test_a_busy_workspace_leaves_room_for_another(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        for number in range(5):
            await store.add(at(number))
        await store.add(at(9, team="T2"))
        teams = []
        while found := await claim(store, at_once=3):
            teams.append(found.question.team)
        assert teams == ["T", "T2", "T", "T"]

    use(tmp_path, work)


def test_one_question_more_than_may_wait_is_told_that_there_are_many(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        for number in range(3):
            await store.add(at(number))
        await store.add(at(7, team="T2"))
        told = await claim(store)
        assert told
        assert (told.question.ts, told.question.notice) == ("2.0", "busy")

    use(tmp_path, work, waiting=2)


def test_what_needs_no_answer_waits_for_no_room(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        for number in range(4):
            await store.add(at(number))
        await store.add(replace(at(7), notice="help"))
        told = [await claim(store, at_once=2) for _ in range(4)]
        assert [each and each.question.ts for each in told] == ["7.0", "0.0", "1.0", None]

    use(tmp_path, work)


def test_whoever_stood_still_holds_a_question_no_more(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        first = await claim(store, seconds=0)
        assert first
        assert await store.holds(first)
        second = await claim(store)
        assert second
        assert not await store.holds(first)
        assert await store.holds(second)
        await store.finish(second.id)
        assert not await store.holds(second)

    use(tmp_path, work)


def test_a_question_put_off_waits(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        found = await claim(store)
        assert found
        await store.release(found.id, "a", seconds=60)
        assert await claim(store) is None
        await store.release(found.id, "b")
        assert await claim(store) is None

    use(tmp_path, work)


def test_who_presses_the_button_stops_what_is_answered_in_the_thread(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        found = await claim(store)
        assert found
        await store.stop("T", "C", "9.9")
        assert not (await store.renew("a", [found.id], seconds=60)).stopped
        await store.stop("T", "C", "1.1")
        assert (await store.renew("a", [found.id], seconds=60)).stopped == {found.id}

    use(tmp_path, work)


def test_a_thread_is_somebody_s_until_people_talk_in_it(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        assert await store.find_asker("T", "C", "1.1") is None
        await store.add(ASKED)
        assert await store.find_asker("T", "C", "1.1") == "UANN"
        await store.leave_thread("T", "C", "1.1")
        assert await store.find_asker("T", "C", "1.1") is None
        await store.add(replace(ASKED, ts="1.2", asker="UBEN"))
        assert await store.find_asker("T", "C", "1.1") == "UBEN"
        await store.add(at(5), opens=False)
        assert await store.find_asker("T", "C", "5.0") is None

    use(tmp_path, work)


def test_a_noted_message_is_known(tmp_path: Path) -> None:
    async def work(store: SlackStore) -> None:
        await store.add(ASKED)
        await store.add_post("id", 0, Post("C", "2.0"))
        assert await store.is_known(Post("C", "2.0"))
        assert not await store.is_known(Post("D", "2.0"))

    use(tmp_path, work)


def test_what_was_answered_long_ago_is_forgotten_and_what_waits_is_not(tmp_path: Path) -> None:
    async def fill(store: SlackStore) -> None:
        await store.add(ASKED, event="Ev1")
        found = await claim(store)
        assert found
        await store.add_post(found.id, 0, Post("C", "2.0"))
        await store.finish(found.id)
        await store.add(at(5))

    use(tmp_path, fill)
    with sqlite3.connect(tmp_path / "slack.sqlite") as database:
        for table in ("questions", "deliveries", "threads"):
            database.execute(f"UPDATE {table} SET at = at - {KEPT + 1}")

    async def look(store: SlackStore) -> None:
        assert await store.add(ASKED, event="Ev1")
        assert not await store.is_known(Post("C", "2.0"))
        assert not await store.add(at(5))

    use(tmp_path, look)


def test_several_processes_may_share_the_file(tmp_path: Path) -> None:
    async def main() -> None:
        stores = [SlackStore(tmp_path / "slack.sqlite", waiting=99) for _ in range(4)]
        added = await asyncio.gather(
            *(store.add(at(number % 10), event=f"Ev{number}") for number in range(40) for store in stores)
        )  # fmt: skip
        assert sum(added) == 10
        claims = await asyncio.gather(*(claim(store, f"{n}") for n in range(5) for store in stores))
        ids = [found.id for found in claims if found]
        assert len(ids) == len(set(ids)) == 9
        for store in stores:
            await store.close()

    asyncio.run(main())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    async def work(store: SlackStore) -> None:
        with pytest.raises(WriteFailed, match="DATELINE_DATA"):
            await store.add(ASKED)

    use(tmp_path / "data", work)
