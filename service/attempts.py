"""Question + evidence -> the checked sentences of a draft or, where none stands, of two."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from index.engine import Vectors
from index.vectors import Embedder
from service.answer import Progress
from service.asked import find_mismatch, find_unnamed
from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.claims import absent_words, read_claim
from service.draft import Usage
from service.errors import ModelReplyWrong
from service.evidence import Evidence
from service.prompt import NOT_FOUND, Message, again_messages, answer_messages, echoes
from service.replies import PASSING, Replies
from service.support.statement import surroundings
from service.words import holds_word, stem

SYNONYM = 0.65
"""Cosine of two words' vectors above which one may stand for the other: gift and present."""

TOLD = 0.8
"""Share of a sentence in one quote that makes up for a word of the question it has from nowhere."""

WORDS_KEPT = 10_000
"""Words whose vectors are kept, 15 MB: the words of a hundred of them took 90 ms a question."""

_word_vectors: WeakKeyDictionary[Embedder, dict[str, Vectors]] = WeakKeyDictionary()

_WHAT_DOES = re.compile(
    r"^(?:and |but |so )?what (?:did|does|do|has|have|had|will|would|can|could)\b"
    r"(?: (?:[\w'’-]+ ){1,6}?(?P<does>[a-z]+)"
    r"(?=\?| (?:at|in|on|with|for|to|from|about|when|during)\b))?",
    re.IGNORECASE,
)
"""A question for what somebody did, with the verb: what did they eat at the table?"""

_WHO_DOES = re.compile(r"^(?:and |but |so )?who (?P<does>[a-z]+)\b", re.IGNORECASE)
_WORDS_BUT_NAMES = re.compile(r"\b[a-z]{4,}")

_FOUND_NOTHING = re.compile(rf"\W*{NOT_FOUND}\b|.*\b{NOT_FOUND}\W*$|(?i:\W*{NOT_FOUND}\W*$)")
"""The model's word for it, at one end of its sentence; "the weapon was not found" is none."""


async def check_drafts(
    question: str,
    evidence: Evidence,
    *,
    embedder: Embedder,
    replies: Replies,
    progress: Progress,
) -> AsyncGenerator[CheckedSentence]:
    """The sentences of a draft and, where none of them can stand, of a second one.

    Where the model fails its failure is left in `progress`.
    """
    drafts = set[DraftSentence]()
    unheard = frozenset[str]()
    if absent := absent_words(question, evidence.searched):
        unheard = await asyncio.to_thread(_find_unheard, absent, evidence, embedder)
    for messages_for in (answer_messages, again_messages):
        stands = False
        messages = messages_for(question, evidence)
        progress.draft += "\n" if progress.draft else ""
        async with aclosing(_draft(messages, replies, progress)) as sentences:
            async for drafted in sentences:
                if drafted in drafts:
                    continue
                drafts.add(drafted)
                supported = check(drafted, evidence.sentences, question=question)
                progress.unsupported |= not (
                    supported.supported
                    or echoes(drafted.text)
                    or find_mismatch(question, drafted.text, [drafted.text])
                )
                checked = _check_answers(question, supported, unheard=unheard)
                stands |= checked.supported
                yield checked
        if stands:
            return


def _find_unheard(words: Sequence[str], evidence: Evidence, embedder: Embedder) -> frozenset[str]:
    """Stems of those words that the evidence has not nearly either."""
    texts = [found.text for found in (*evidence.sentences, *evidence.reserve)]
    heard = _embed_words(embedder, sorted({word for text in texts for word in text.split()}))
    nearest = (_embed_words(embedder, words) @ heard.T).max(axis=1)
    return frozenset(
        stem(word) for word, cosine in zip(words, nearest, strict=True) if cosine < SYNONYM
    )


def _embed_words(embedder: Embedder, words: Sequence[str]) -> Vectors:
    """Unit vectors float32 [words, d]; most of them are known from earlier questions."""
    known = _word_vectors.setdefault(embedder, {})
    new = [word for word in dict.fromkeys(words) if word not in known]
    if len(known) + len(new) > WORDS_KEPT:
        known.clear()
        new = list(dict.fromkeys(words))
    if new:
        known.update(zip(new, embedder.embed(new), strict=True))
    return np.stack([known[word] for word in words])


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


def _deed_asked(question: str, answer: str) -> str | None:
    """The stem of the deed that `answer` is about, whether it says so or not: eat, compose.

    It is what was done in "What did they eat?", and who did it where a bare name answers "Who …".
    """
    found = _WHAT_DOES.search(question)
    if found is None and not _WORDS_BUT_NAMES.search(answer):
        found = _WHO_DOES.search(question)
    return stem(found["does"]) if found and found["does"] else None


def _is_told(question: str, checked: CheckedSentence) -> bool:
    """Whether one quote has nearly all of a sentence, with a name or number not asked about.

    What somebody did to what is asked in the verb alone: "What did they eat?"
    """
    if _WHAT_DOES.search(question):
        return False
    asked, said = read_claim(question), read_claim(checked.text)
    names, numbers = said.names - asked.words, said.numbers - asked.numbers
    for found in checked.evidence:
        held = read_claim(found.text)
        share = sum(holds_word(held.words, word) for word in said.words)
        named = any(holds_word(held.words, name) for name in names)
        if share >= TOLD * len(said.words) and (named or numbers & held.numbers):
            return True
    return False


def _check_answers(
    question: str, checked: CheckedSentence, *, unheard: frozenset[str] = frozenset()
) -> CheckedSentence:
    """`checked` with the reason why it is no answer to `question`, where it is none.

    `unheard` are stems of the question that the articles do not speak of: a sentence that says
    them after the question has them from nowhere else.
    """
    if checked.reason is not None:
        return checked
    if (deed := _deed_asked(question, checked.text)) in unheard:
        return replace(checked, reason=f"the articles do not speak of {deed!r}")
    if (said := unheard & read_claim(checked.text).words) and not _is_told(question, checked):
        return replace(checked, reason=f"the articles do not speak of {min(said)!r}")
    quotes = [found.text for found in checked.evidence]
    around = "\n".join(map(surroundings, checked.evidence))
    reason = find_mismatch(question, checked.text, quotes) or find_unnamed(
        question, checked.text, around
    )
    return replace(checked, reason=reason)
