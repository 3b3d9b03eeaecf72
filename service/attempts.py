"""Question + evidence -> the checked sentences of a draft, and of further ones where that lacks."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from index.passages import split_sentences
from index.vectors import Embedder
from service.answer import Progress
from service.asked import find_mismatch
from service.citations import (
    CheckedSentence,
    DraftReader,
    DraftSentence,
    check,
    check_reworded,
    neighbours,
)
from service.claims import absent_names, absent_words
from service.draft import Usage
from service.errors import ModelReplyWrong
from service.evidence import Evidence, EvidenceSentence
from service.premises import find_correction
from service.prompt import NOT_FOUND, Message, again_messages, answer_messages, echoes
from service.quotes import STRONG, find_quotable
from service.relevance import check_answers
from service.replies import PASSING, Replies
from service.rereading import asks_more, belongs, is_nearer, shares, speaks_of, unread
from service.second_opinion import SecondOpinion
from service.unheard import NOTHING_UNHEARD, Unheard, find_unheard

BEST = 4
"""Sentences of the last look: a small model finds in few what it overlooks among many."""

GOES_ON = 0.5
"""Share of the question's words in the sentence before a quote that goes on from it."""

BESIDE = "it speaks of nothing that was asked"

_FOUND_NOTHING = re.compile(rf"\W*{NOT_FOUND}\b|.*\b{NOT_FOUND}\W*$|(?i:\W*{NOT_FOUND}\W*$)")
"""The model's word for it, at one end of its sentence; "the weapon was not found" is none."""


class Attempts:
    """What the model makes of a question, reading its evidence several times over.

    Where the model fails its failure is left in `progress`, and it is not asked again.
    """

    def __init__(
        self,
        question: str,
        evidence: Evidence,
        *,
        embedder: Embedder,
        replies: Replies,
        progress: Progress,
        opinion: SecondOpinion | None = None,
    ) -> None:
        self.denial: EvidenceSentence | None = None
        """What corrects the question, where the first looks find no answer."""
        self._question = question
        self._evidence = evidence
        self._embedder = embedder
        self._replies = replies
        self._progress = progress
        self._opinion = opinion
        self._readable = bool(evidence.sentences) and not absent_names(question, evidence.searched)
        """Whether the model is asked: not about a name that no article has."""
        self._unheard: Unheard = NOTHING_UNHEARD
        self._drafts = set[DraftSentence]()
        self._answered = list[CheckedSentence]()

    async def sentences(self) -> AsyncGenerator[CheckedSentence]:
        """All sentences that are written, each supported or with the reason why it goes."""
        for step in (self._draft(), self._look_closer(), self._read_on()):
            async with aclosing(step) as drafted:
                async for checked in drafted:
                    if checked.supported:
                        self._answered.append(checked)
                    yield checked

    async def _draft(self) -> AsyncGenerator[CheckedSentence]:
        """The sentences of a draft and, where none of them can stand, of a second one."""
        if not self._readable:
            return
        if absent := absent_words(self._question, self._evidence.searched):
            self._unheard = await asyncio.to_thread(
                find_unheard, absent, self._evidence.at_hand, self._embedder
            )
        for messages_for in (answer_messages, again_messages):
            async with aclosing(self._read(self._evidence, messages_for)) as sentences:
                async for checked, supported in sentences:
                    if echoes(checked.text):
                        continue  # a line of the prompt, and nothing that the model says
                    self._progress.unsupported |= not (
                        supported or find_mismatch(self._question, checked.text, [checked.text])
                    )
                    yield checked
            if self._answered:
                return

    async def _look_closer(self) -> AsyncGenerator[CheckedSentence]:
        """The sentences of a draft from the best evidence alone, where there is no answer yet."""
        if self._answered:
            return
        at_hand = self._evidence.at_hand
        self.denial = await asyncio.to_thread(find_correction, self._question, at_hand)
        if self.denial or not self._readable or self._is_quoted():
            return
        best = replace(self._evidence, sentences=self._evidence.sentences[:BEST])
        async with aclosing(self._read(best, answer_messages)) as sentences:
            async for checked, _ in sentences:
                beside = checked.supported and not self._speaks_of(checked)
                yield replace(checked, reason=BESIDE) if beside else checked

    def _speaks_of(self, checked: CheckedSentence) -> bool:
        """Whether it has a word of the question, or goes on from half of one of its sentences."""
        question = self._question
        return speaks_of(question, checked.text) or any(
            shares(question[start:end], before.text) >= GOES_ON
            for start, end in split_sentences(question)
            for found in checked.evidence
            for before in neighbours(found)[:1]
        )

    def _is_quoted(self) -> bool:
        """Whether strong evidence stands in for the drafts that could not be checked."""
        strong = self._progress.unsupported and self._evidence.strength >= STRONG
        return strong and bool(find_quotable(self._question, [self._evidence], anyhow=False))

    async def _read_on(self) -> AsyncGenerator[CheckedSentence]:
        """What the evidence that is not cited yet adds, where more was asked than is answered."""
        if not self._answered or not asks_more(self._question, self._answered):
            return
        rest = unread(self._evidence, self._answered)
        if not rest.sentences:
            return
        self._drafts.clear()  # their numbers mean other sentences
        places = {found.span: found for found in self._evidence.at_hand}
        async with aclosing(self._read(rest, answer_messages)) as sentences:
            async for further, _ in sentences:
                if further.supported and await self._adds(further):
                    cited = tuple(places.get(found.span, found) for found in further.evidence)
                    yield replace(further, evidence=cited)

    async def _adds(self, further: CheckedSentence) -> bool:
        """Whether a sentence of what is read on tells more, or better, than those before it."""
        if belongs(self._question, self._answered, further):
            return True
        texts = [self._question, further.text, *(sentence.text for sentence in self._answered)]
        vectors = await asyncio.to_thread(self._embedder.embed, texts)
        return is_nearer(vectors[0], vectors[2:], vectors[1], further)

    async def _read(
        self, shown: Evidence, messages_for: Callable[[str, Evidence], list[Message]]
    ) -> AsyncGenerator[tuple[CheckedSentence, bool]]:
        """Each new sentence of one draft, checked, and whether what is `shown` supports it."""
        progress = self._progress
        progress.draft += "\n" if progress.draft else ""
        messages = messages_for(self._question, shown)
        async with aclosing(_draft(messages, self._replies, progress)) as sentences:
            async for drafted in sentences:
                if drafted in self._drafts:
                    continue
                self._drafts.add(drafted)
                yield await self._decide(drafted, shown)

    async def _decide(
        self, drafted: DraftSentence, shown: Evidence
    ) -> tuple[CheckedSentence, bool]:
        """One sentence, checked, and whether what is `shown` supports it.

        A second opinion, where one is set, may doubt what the rules keep, and keep what they remove
        for its wording alone. Where it cannot be had their word stands, and the answer names the
        failure.
        """
        held = check(drafted, shown.sentences, question=self._question)
        checked = asked = self._check_answers(held)
        if self._opinion is None or self._progress.failure:
            return checked, held.supported
        if not checked.supported:
            reworded = check_reworded(drafted, shown.sentences, question=self._question)
            asked = self._check_answers(held if held.supported else reworded, reworded=True)
        if not asked.supported:
            return checked, held.supported
        quotes = [found.text for found in asked.evidence]
        try:
            doubt, usage = await self._opinion.find_doubt(asked.text, quotes, self._replies)
        except PASSING as error:
            self._progress.failure = error
            return checked, held.supported
        self._progress.usage += usage
        if doubt is None:
            return asked, True
        return replace(checked, reason=checked.reason or doubt), held.supported

    def _check_answers(
        self, supported: CheckedSentence, *, reworded: bool = False
    ) -> CheckedSentence:
        return check_answers(
            self._question,
            supported,
            unheard=self._unheard,
            searched=self._evidence.searched,
            reworded=reworded,
        )


async def _draft(
    messages: list[Message], replies: Replies, progress: Progress
) -> AsyncGenerator[DraftSentence]:
    """What the model writes, until it ends, finds nothing, repeats itself, rambles or fails.

    A model that has failed at this question is not asked again.
    """
    if progress.failure:
        return
    try:
        async with aclosing(_read(messages, replies, progress)) as read:
            async for sentence in read:
                yield sentence
    except PASSING as error:
        progress.failure = error


async def _read(
    messages: list[Message], replies: Replies, progress: Progress
) -> AsyncGenerator[DraftSentence]:
    """The sentences of one reply, until it finds nothing or repeats itself.

    Raises ModelFailed's kinds, ModelReplyWrong where there is no sentence.
    """
    written: set[str] = set()
    async with aclosing(_cut(messages, replies, progress)) as sentences:
        async for sentence in sentences:
            if _FOUND_NOTHING.match(sentence.text) or sentence.text in written:
                return
            written.add(sentence.text)
            yield sentence
    if not written:
        raise ModelReplyWrong(
            f"{replies.model} wrote no sentence; ask again, or set another model."
        )


async def _cut(
    messages: list[Message], replies: Replies, progress: Progress
) -> AsyncGenerator[DraftSentence]:
    """One reply as it comes, cut into sentences, until it ends or rambles."""
    reader = DraftReader()
    async with aclosing(replies.stream(messages)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Usage):
                progress.usage += piece
                continue
            progress.draft += piece
            for sentence in reader.feed(piece):
                yield sentence
            if reader.rambles:
                break
    for sentence in reader.finish():
        yield sentence
