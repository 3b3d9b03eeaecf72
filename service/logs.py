"""The log: one JSON object a line, with the request's id; no question's text is in it.

All of our modules and the libraries write to Python's logging; structlog renders it.
"""

import logging
import sys
from typing import TextIO

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


_LOUD = ("uvicorn.access", "httpx", "httpx2", "mcp", "sse_starlette", "slack_bolt", "LiteLLM")
"""Loggers that say at INFO what our own lines say, or more than they should."""


def _without_colours(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Uvicorn says each thing a second time, with a terminal's colours."""
    event.pop("color_message", None)
    return event


def set_up_logs(stream: TextIO | None = None) -> None:
    """Have every logger of the process write JSON lines to `stream`, stderr as a rule."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_colours,
                structlog.processors.dict_tracebacks,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
