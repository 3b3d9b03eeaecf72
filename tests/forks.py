"""Processes for tests, forked from one that has loaded the libraries.

A test run has one such process, which loads what is named before the first fork and nothing after.
"""

from multiprocessing import get_context

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "service.__main__",
        "litellm",
        "sentence_transformers",
        "fakes",
        "fake_provider",
        "index_writers",
        "slack_bots",
    ]
)
