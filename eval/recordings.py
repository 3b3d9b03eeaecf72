"""Messages -> the reply that the model gave to exactly these before, or a live one.

A recording is found by the sha256 of the model (with its weights' hash and engine), the parameters
and the messages: whatever changes of them misses it, so no old reply can stand in for a new one.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.errors import RunRefused
from service.draft import MAX_TOKENS, Drafter, Usage
from service.prompt import Message

RECORDINGS = Path(__file__).parent / "recordings"

_asked: ContextVar[int] = ContextVar("asked", default=0)


@dataclass(frozen=True)
class Recording:
    """One reply; `question` is the last message's last line, for people who read the file."""

    key: str
    question: str
    reply: str
    usage: Usage


class Recorder:
    """A writer of drafts that replays what is recorded and asks the model for the rest."""

    def __init__(
        self,
        identity: str,
        make_drafter: Callable[[], Drafter],
        *,
        replay: bool = True,
        folder: Path = RECORDINGS,
    ) -> None:
        """`identity` names model, weights and engine; without `replay` every reply is live.

        Raises RunRefused for a damaged file.
        """
        self.model = identity.partition("@")[0]
        self.path = folder / f"{identity.replace('/', '--')}.jsonl"
        self.live: dict[str, Recording] = {}
        self._identity = identity
        self._make_drafter = make_drafter
        self._drafter: Drafter | None = None
        self._recorded = _read(self.path) if replay else {}
        self._used: set[str] = set()

    @property
    def asked(self) -> int:
        """How often this task has asked the model itself; questions are asked side by side."""
        return _asked.get()

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        """The recorded reply in one piece, or the model's own; see Drafter.stream."""
        key = self._key(messages, max_tokens)
        self._used.add(key)
        recorded = self._recorded.get(key)
        if recorded:
            yield recorded.reply
            yield recorded.usage
            return
        _asked.set(_asked.get() + 1)
        self._drafter = self._drafter or self._make_drafter()
        question = messages[-1]["content"].splitlines()[-1]
        pieces: list[str] = []
        usage = Usage()
        try:
            async with aclosing(self._drafter.stream(messages, max_tokens=max_tokens)) as parts:
                async for part in parts:
                    if isinstance(part, Usage):
                        usage = part
                    else:
                        pieces.append(part)
                    yield part
        except GeneratorExit:  # who reads has seen enough, and will again at the same place
            self.live[key] = Recording(key, question, "".join(pieces), usage)
            raise
        self.live[key] = Recording(key, question, "".join(pieces), usage)

    def save(self, *, drop_unused: bool) -> int:
        """Write the recorded replies and the live ones, in one rename; their count.

        After a run that asked everything, those that it did not use are stale and dropped.
        """
        known = {**self._recorded, **self.live}
        keys = self._used & set(known) if drop_unused else set(known)
        kept = [known[key] for key in sorted(keys)]
        lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in kept]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".part")
        aside.write_text("".join(lines), encoding="utf-8")
        aside.replace(self.path)
        return len(kept)

    def _key(self, messages: list[Message], max_tokens: int) -> str:
        asked = [self._identity, {"max_tokens": max_tokens, "temperature": 0}, messages]
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def _read(path: Path) -> dict[str, Recording]:
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = json.loads(line)
            found[record["key"]] = Recording(**{**record, "usage": Usage(**record["usage"])})
        except (ValueError, TypeError, KeyError) as error:
            raise RunRefused(
                f"{path}:{number}: this is no recording ({error}); take the file from the "
                "repository again, or delete it and record anew."
            ) from error
    return found
