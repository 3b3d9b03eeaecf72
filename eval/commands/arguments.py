"""Arguments that several commands take -> what they mean."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from eval.entries import Half
from eval.run import SAMPLE
from service.settings import Settings, read_settings

AddParser = Callable[..., argparse.ArgumentParser]
"""Makes a command's parser, given its name and `help`."""

HALVES: tuple[Half, ...] = get_args(Half)


def add_asked(command: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """What to ask, and about what: see `chosen`. The group is of what may stand for the model."""
    command.add_argument(
        "--articles",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="other articles than the sample; may repeat",
    )
    asked = command.add_mutually_exclusive_group()
    add_model(asked)
    return asked


def add_model(command: argparse._ActionsContainer) -> None:
    """The model to ask: see `chosen_settings`."""
    command.add_argument(
        "--model", metavar="NAME", help="any litellm name, in place of DATELINE_MODEL"
    )


def chosen(options: argparse.Namespace) -> tuple[Settings, tuple[Path, ...]]:
    """The environment's settings with the model that was named, and the articles, or the sample.

    Raises SettingWrong.
    """
    return chosen_settings(options), tuple(options.articles) or (SAMPLE,)


def chosen_settings(options: argparse.Namespace) -> Settings:
    """The environment's settings with the model that was named; raises SettingWrong."""
    settings = read_settings()
    return settings.model_copy(update={"model": options.model}) if options.model else settings


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)
