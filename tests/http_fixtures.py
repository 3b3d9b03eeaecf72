"""Fixtures of the tests of POST /chat and GET /search: a plugin of pytest, which they name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from http_service import ScriptedModel, make_local_app, write_index
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two articles."""
    return write_index(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
def client(index: Path, model: ScriptedModel) -> Iterator[TestClient]:
    """A client of the service with `model`; the service's own crashes are answers, as in use."""
    with TestClient(make_local_app(index, model), raise_server_exceptions=False) as client:
        yield client
