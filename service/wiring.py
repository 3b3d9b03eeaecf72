"""Settings -> a ready Answerer. The only place where the real parts are made."""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

from index.errors import CrossEncoderMissing
from index.generation import Generation
from index.generations import read_current
from index.reranker import Reranker
from index.vectors import Embedder
from service.answerer import Answerer
from service.archive import Archive
from service.conversion import ENGINE, convert, find_converted
from service.current import Current
from service.draft import Drafter, Writer
from service.errors import last_line
from service.http.desk import Desk
from service.keys import Keys
from service.local_model import LocalModel
from service.prompt import Message, fixed_messages, opinion_messages
from service.second_opinion import EncoderOpinion, ModelOpinion, SecondOpinion
from service.settings import LOCAL, MODEL_ITSELF, Settings
from service.traces import make_tracer
from service.weights import PACKAGED_MODEL, find_weights, hash_weights

log = logging.getLogger("dateline.wiring")


def make_answerer(
    settings: Settings,
    *,
    report: Callable[[str], None],
    writer: Writer | None = None,
    embedder: Embedder | None = None,
    archive: Archive | None = None,
) -> Answerer:
    """Open the index and load the models side by side; `report` hears of long work.

    Given a `writer`, no language model is loaded and no answer is stored; given an `embedder`, none
    is loaded; given an `archive`, none is opened. Raises GenerationMissing and its kin,
    EmbeddingModelMissing, CrossEncoderMissing, ModelUnknown, ModelUnavailable.
    """
    read_current(settings.index)
    with _without_collections(), ThreadPoolExecutor(max_workers=1) as pool:
        chosen = [settings, settings.of_fallback] if writer is None else []
        loading = [pool.submit(make_local_model, each, report) for each in chosen if each]
        embedder = embedder or Embedder(settings.embedding_model)
        generation = Generation(
            settings.index, embedding_model=embedder.name, dimension=embedder.dimension
        )
        reranker = Reranker(settings.reranker) if settings.reranker else None
        opinion = make_opinion(settings.second_opinion) if settings.second_opinion else None
        loaded = zip(filter(None, chosen), loading, strict=True)
        drafters = [_make_drafter(each, local.result()) for each, local in loaded]
    return Answerer(
        generation,
        embedder,
        writer or drafters[0],
        fallback=drafters[1] if drafters[1:] else None,
        timeout=settings.timeout,
        archive=None if writer else archive or open_archive(settings),
        reranker=reranker,
        opinion=opinion,
    )


def make_opinion(name: str) -> SecondOpinion:
    """Whom the setting names, to read what the rules have kept; raises CrossEncoderMissing."""
    if name == MODEL_ITSELF:
        return ModelOpinion()
    try:
        return EncoderOpinion(name)
    except CrossEncoderMissing as error:
        raise CrossEncoderMissing(
            f"{name!r} cannot give a second opinion. {error} DATELINE_SECOND_OPINION names it; "
            f"there {MODEL_ITSELF!r} stands for the model that answers."
        ) from error


def open_archive(settings: Settings) -> Archive:
    """Where answers are stored."""
    return Archive(settings.data / "answers.sqlite")


def open_keys(settings: Settings) -> Keys:
    """Who may call."""
    return Keys(settings.data / "keys.json")


def make_desk(settings: Settings, *, report: Callable[[str], None]) -> Desk:
    """What the HTTP service works with; index and models are loaded once it runs.

    Raises GenerationMissing and its kin, KeysWrong.
    """
    read_current(settings.index)
    keys = open_keys(settings)
    keys.list()
    archive = open_archive(settings)  # one for both: the desk closes it, and its file is whole then
    return Desk(
        Current(lambda: _make_warm_answerer(settings, report, archive), settings.index),
        settings,
        archive=archive,
        keys=keys,
        tracer=make_tracer(settings.traces),
    )


def _make_warm_answerer(
    settings: Settings, report: Callable[[str], None], archive: Archive
) -> Answerer:
    """One that has searched once, for a service that says when it is ready."""
    answerer = make_answerer(settings, report=report, archive=archive)
    answerer.warm()
    return answerer


def make_drafter(settings: Settings, *, report: Callable[[str], None]) -> Drafter:
    """The model that the settings name, alone; raises ModelUnknown, ModelUnavailable."""
    return _make_drafter(settings, make_local_model(settings, report))


def _make_drafter(settings: Settings, local: LocalModel | None) -> Drafter:
    """`local` goes on to read the fixed part of each prompt while the first question comes in."""
    drafter = Drafter(settings, local=local)
    if local:
        prompts = [fixed_messages()]
        if settings.second_opinion == MODEL_ITSELF:
            prompts.append(opinion_messages("", "")[:-1])
        Thread(target=_warm, args=(local, prompts), daemon=True).start()
    return drafter


def _warm(local: LocalModel, prompts: Sequence[list[Message]]) -> None:
    """Read the fixed part of each prompt; where that fails, a question will fail or be slower."""
    try:
        for messages in prompts:
            local.warm(messages)
    except RuntimeError as error:
        log.warning("The embedded model did not get ready ahead (%s).", last_line(error))


def identify_model(settings: Settings) -> str:
    """The model's name; for a local one with the hash of its weights and the engine's version.

    Raises ModelUnknown, ModelUnavailable.
    """
    provider, _, name = settings.model.partition("/")
    if provider != LOCAL:
        return settings.model
    digest = hash_weights(name)
    return f"{settings.model}@{digest[:8]}+{ENGINE}"


@contextmanager
def _without_collections() -> Iterator[None]:
    """Make no search for garbage meanwhile, and none later among what was made.

    The models' libraries bring a million objects that stay for good: looking through them time and
    again while they are imported takes more than a second, and a tenth of one in the middle of an
    answer.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def make_local_model(settings: Settings, report: Callable[[str], None]) -> LocalModel | None:
    """The embedded model, where the settings' is one; raises ModelUnknown, ModelUnavailable."""
    provider, _, name = settings.model.partition("/")
    if provider != LOCAL:
        return None
    folder = settings.weights_folder
    converted = find_converted(name, folder) if name == PACKAGED_MODEL else None
    if converted is None:
        converted = convert(find_weights(name, folder, report=report), folder, report=report)
    return LocalModel(converted, threads=settings.threads)
