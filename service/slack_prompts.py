"""The index -> suggested questions, made once for each generation."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from index.generation import Generation
from service.current import Current
from service.slack_text import to_markdown
from service.suggestions import suggest_questions

PROMPTS = 4
"""Suggested questions; Slack shows as many."""


class Prompts:
    """Suggests what the web page suggests."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-prompts")
        self._made: tuple[str, tuple[str, ...]] | None = None

    async def suggest(self) -> tuple[str, ...]:
        """Up to PROMPTS questions that the articles of the moment answer; none while they load."""
        if not self._current.ready:
            return ()
        generation = self._current.answerer.generation
        name = generation.manifest.id
        if self._made is None or self._made[0] != name:
            loop = asyncio.get_running_loop()
            self._made = name, await loop.run_in_executor(self._thread, _make, generation)
        return self._made[1]

    def close(self) -> None:
        """End its thread."""
        self._thread.shutdown()


def _make(generation: Generation) -> tuple[str, ...]:
    """Who chooses one says it in Slack: none that would act there."""
    questions = suggest_questions(generation, limit=2 * PROMPTS)
    return tuple(each for each in questions if to_markdown(each) == each)[:PROMPTS]
