"""The command line of the index: python -m index build | info | search."""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.build import build, read_sources
from index.errors import DatelineError
from index.generation import Filters, Generation
from index.ranking import RankedPassage, passage_record, rank
from index.vectors import PACKAGED_MODEL, Embedder

_OUT = Path("data/index")
_MOST = 100  # passages of one search

console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 it failed, 2 asked wrongly."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack curly quotes
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (DatelineError, OSError) as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        errors.print("stopped; the index is as it was")
        return 130
    return code


def _build(options: argparse.Namespace) -> int:
    reading = read_sources(options.source)
    for reason in reading.refused:
        errors.print(f"[yellow]refused:[/yellow] {escape(reason)}")
    embedder = Embedder(options.embedding_model)
    columns = (TextColumn("embedding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("embedding", total=None)
        manifest = build(
            reading,
            options.out,
            embedder,
            advance=lambda done, total: progress.update(task, completed=done, total=total),
        )
    console.print(
        f"indexed {manifest.articles} articles ({manifest.passages} passages, "
        f"{manifest.sentences} sentences), refused {len(reading.refused)}: "
        f"generation {manifest.id} in {escape(str(options.out))}"
    )
    return 0


def _info(options: argparse.Namespace) -> int:
    embedder = Embedder(options.embedding_model)
    generation = Generation(
        options.index, embedding_model=embedder.name, dimension=embedder.dimension
    )
    manifest = generation.manifest
    sources = generation.sources()
    if options.json:
        described = {
            "generation": manifest.id,
            "created": manifest.created,
            "embedding_model": manifest.embedding_model,
            "dimension": manifest.dimension,
            "articles": manifest.articles,
            "passages": manifest.passages,
            "sentences": manifest.sentences,
            "sources": dict(sources),
        }
        print(json.dumps(described, ensure_ascii=False, indent=2))
        return 0
    console.print(f"generation  {manifest.id}, made {manifest.created}")
    console.print(f"model       {manifest.embedding_model}, {manifest.dimension} dimensions")
    console.print(
        f"holds       {manifest.articles} articles, {manifest.passages} passages, "
        f"{manifest.sentences} sentences"
    )
    for source, count in sources:
        console.print(f"            {count:>6}  {escape(source)}")
    return 0


def _search(options: argparse.Namespace) -> int:
    embedder = Embedder(options.embedding_model)
    generation = Generation(
        options.index, embedding_model=embedder.name, dimension=embedder.dimension
    )
    filters = Filters(options.source, options.published_from, options.published_to)
    ranking = rank(generation, embedder, options.query, limit=options.limit, filters=filters)
    if options.json:
        found = [passage_record(ranked) for ranked in ranking.passages]
        print(json.dumps({"passages": found}, ensure_ascii=False, indent=2))
        return 0
    for place, ranked in enumerate(ranking.passages, start=1):
        _print_passage(place, ranked)
    if not ranking.passages:
        console.print("no passage: the filters leave no article")
    return 0


def _print_passage(place: int, ranked: RankedPassage) -> None:
    article = ranked.passage.article
    origin = ", ".join(str(part) for part in (article.source, article.published) if part)
    why = ", ".join(
        f"{name} {value:.2f} (rank {order})"
        for name, value, order in (
            ("cosine", ranked.cosine, ranked.vector_rank),
            ("bm25", ranked.bm25, ranked.word_rank),
        )
        if value is not None
    )
    console.print(f"[bold]{place}. {escape(article.title)}[/bold]  {escape(origin)}")
    console.print(f"   [dim]score {ranked.score:.4f}: {why}[/dim]")
    console.print(f"   {escape(ranked.passage.text)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index", description="Index articles, and search in them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--embedding-model",
        default=PACKAGED_MODEL,
        metavar="MODEL",
        help=f"a sentence-transformers folder (default: the packaged {PACKAGED_MODEL})",
    )
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--index", type=Path, default=_OUT, help=f"its folder (default {_OUT})")
    reading.add_argument("--json", action="store_true", help="print JSON")

    command = commands.add_parser(
        "build", parents=[shared], help="make an index of files and folders"
    )
    command.add_argument(
        "source", nargs="+", type=Path, help=".md .txt .html .json .jsonl, or a folder of them"
    )
    command.add_argument("--out", type=Path, default=_OUT, help=f"where to (default {_OUT})")
    command.set_defaults(run=_build)

    command = commands.add_parser("info", parents=[shared, reading], help="what an index holds")
    command.set_defaults(run=_info)

    command = commands.add_parser("search", parents=[shared, reading], help="find passages")
    command.add_argument("query", type=_query)
    command.add_argument("--limit", type=_limit, default=10, help="how many (default 10)")
    command.add_argument("--source", type=_as_unicode, help="only articles of this publisher")
    for bound in ("from", "to"):
        command.add_argument(
            f"--published-{bound}", type=_day, metavar="YYYY-MM-DD", help="inclusive"
        )
    command.set_defaults(run=_search)
    return parser


def _query(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the query is empty")
    return _as_unicode(text)


def _as_unicode(text: str) -> str:
    """A question mark for each byte of the shell's that is no UTF-8."""
    return text.encode(errors="replace").decode()


def _limit(text: str) -> int:
    number = int(text)
    if not 1 <= number <= _MOST:
        raise argparse.ArgumentTypeError(f"between 1 and {_MOST}")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day written YYYY-MM-DD") from None


if __name__ == "__main__":
    sys.exit(main())
