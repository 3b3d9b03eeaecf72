"""Settings -> a ready Answerer. The only place where the real parts are made."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

from index.generation import Generation
from index.manifest import read_manifest
from index.vectors import Embedder
from service.answer import Answerer
from service.draft import LOCAL, Drafter
from service.local_model import LocalModel
from service.prompt import fixed_messages
from service.settings import Settings
from service.weights import find_weights


def make_answerer(settings: Settings, *, report: Callable[[str], None]) -> Answerer:
    """Open the index and load both models side by side; `report` hears of long work.

    The embedded model goes on to read the fixed part of the prompt while the first question comes
    in. Raises GenerationMissing and its kin, EmbeddingModelMissing, ModelUnknown, ModelUnavailable.
    """
    read_manifest(settings.index)
    with _without_collections(), ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.submit(make_local_model, settings, report)
        embedder = Embedder(settings.embedding_model)
        generation = Generation(
            settings.index, embedding_model=embedder.name, dimension=embedder.dimension
        )
        local = loading.result()
        drafter = Drafter(settings, local=local)
    if local:
        Thread(target=local.warm, args=(fixed_messages(),), daemon=True).start()
    return Answerer(generation, embedder, drafter)


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
    """The embedded model, where the settings name one; raises ModelUnknown, ModelUnavailable."""
    provider, _, name = settings.model.partition("/")
    if provider != LOCAL:
        return None
    folder = settings.data / "models"
    weights = find_weights(name, folder, report=report)
    return LocalModel(weights, folder, threads=settings.threads, report=report)
