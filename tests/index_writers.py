"""Work on an index for processes of their own: they write until killed, read until told, or run out of space."""

import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from fakes import WordEmbedder, found, make_article, open_index

import index.writing_commands
from index.__main__ import main
from index.articles import Article
from index.build import add, build, compact, remove
from index.errors import DatelineError
from index.generation import Generation
from index.generations import only_writer
from index.live import LiveIndex
from index.part import Pool
from index.words import query_terms

State = dict[str, str]
"""The version of each article by its id."""

TOPICS = "ferry train walrus harbour rain rate bank drone police sabre court snow".split()


class Writer:
    """Adds, removes, builds and compacts at random, and knows what the index must hold then."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)
        self.held = {
            summary.id: article
            for generation in ([open_index(root)] if (root / "CURRENT").exists() else [])
            for summary in generation.articles()
            if (article := generation.article(summary.id))
        }

    def step(self, tell: Callable[[str, State], None] = lambda _kind, _state: None) -> State:
        """One change to the index; `tell` hears before it what the index is to hold then."""
        kind = self.chance.choice(["add", "add", "remove", "compact", "build"])
        if kind in ("add", "build") or len(self.held) < 3:
            names = self.chance.sample([f"s{n}" for n in range(12)], 2)
            came = {name: self._story(name) for name in names}
            self.held |= came
            kind = "build" if kind == "build" else "add"
        elif kind == "remove":
            del self.held[(gone := self.chance.choice(sorted(self.held)))]
        tell(kind, self.state())
        if kind == "add":
            add(found(came.values()), self.root, WordEmbedder())
        elif kind == "build":
            build(found(self.held.values()), self.root, WordEmbedder())
        elif kind == "remove":
            remove([gone], self.root)
        else:
            compact(self.root)
        return self.state()

    def state(self) -> State:
        """What the index holds after the last step."""
        return {name: article.version for name, article in sorted(self.held.items())}

    def _story(self, name: str) -> Article:
        words = " ".join(self.chance.choices(TOPICS, k=30))
        return make_article(f"A story of {self.chance.random()}.\n\n{words}.", article_id=name)


def state_of(generation: Generation) -> State:
    """What a search for a word of every article finds; fails where anything is missing or doubled."""
    question = WordEmbedder().embed_question("story of the ferry")
    candidates = generation.candidates(question, query_terms("story"), [Pool(1_000)])
    stored = generation.passages([candidate.number for candidate in candidates])
    assert len(stored) == generation.manifest.passages
    state = {passage.article.id: passage.article.version for passage in stored}
    assert len(state) == generation.manifest.articles
    for passage in stored:
        assert len(passage.sentence_vectors) == len(passage.passage.sentences)
        assert generation.article(passage.article.id, passage.article.version) == passage.article
    return dict(sorted(state.items()))


def write_forever(root: Path, seed: int, journal: Path) -> None:
    """Change the index until killed; each line of the journal says what it is to hold next."""
    writer = Writer(root, seed)
    with journal.open("a", buffering=1) as lines:
        lines.write(json.dumps(["start", writer.state()]) + "\n")
        while True:
            writer.step(
                lambda kind, state: print(json.dumps([kind, state]), file=lines, flush=True)
            )


def read_until_told(root: Path, told: Connection) -> None:
    """Ask again and again until told to end; send back what was found in which generation."""
    embedder = WordEmbedder()
    live = LiveIndex(root, embedding_model=embedder.name, dimension=embedder.dimension)
    told.send("ready")
    seen: dict[str, State] = {}
    try:
        while not told.poll():
            for generation in (live.current(), open_index(root)):
                state = state_of(generation)
                assert seen.setdefault(generation.manifest.id, state) == state
            time.sleep(0.005)
        told.send(seen)
    except Exception as error:  # noqa: BLE001
        told.send(repr(error))


def run_out_of_space(root: Path, limits: list[int], tells: Connection) -> None:
    """Change the index while no file may exceed one limit after the other; tell what came of it."""
    writer = Writer(root, 1)
    for limit in limits:
        before, held = writer.state(), dict(writer.held)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            writer.step()
            said = "done"
        except DatelineError as error:
            said = f"{type(error).__name__}: {error}"
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        after = state_of(open_index(root))
        tells.send(
            (limit, said, before, writer.state(), after, sorted(p.name for p in root.iterdir()))
        )
        if after == before:
            writer.held = held
    tells.send(None)


def hold_the_lock(root: Path, tells: Connection) -> None:
    """Be the writer until killed."""
    with only_writer(root, "index build"):
        tells.send("holds")
        time.sleep(600)


def watch_folder(folder: Path, root: Path, out: Path) -> None:
    """Run `index watch` on the folder, with a model of words, until interrupted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with out.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    vars(index.writing_commands)["Embedder"] = lambda _model: WordEmbedder()
    sys.exit(main(["watch", str(folder), "--index", str(root)]))
