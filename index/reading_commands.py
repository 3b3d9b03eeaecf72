"""The commands that read an index: generations | verify | info | list | search."""

import argparse
import json

from rich.markup import escape

from index.errors import DatelineError
from index.generation import Generation
from index.generations import current_folder, current_name, list_generations
from index.live import open_as_made
from index.manifest import read_intact, read_manifest
from index.part import Filters
from index.ranking import (
    DATE_WEIGHT,
    PUBLISHER_WEIGHT,
    RankedPassage,
    passage_record,
    rank,
)
from index.reranker import Reranker
from index.terminal import console, errors
from index.vectors import Embedder, engine_name


def show_info(options: argparse.Namespace) -> int:
    """What the index holds, whatever model it was made with, and what the model in use runs on."""
    engine = engine_name(options.embedding_model)
    generation = open_as_made(options.index)
    manifest = generation.manifest
    sources = generation.sources()
    if options.json:
        described = {
            "generation": manifest.id,
            "created": manifest.created,
            "embedding_model": manifest.embedding_model,
            "engine": engine,
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
    console.print(f"engine      {engine}")
    console.print(
        f"holds       {manifest.articles} articles, {manifest.passages} passages, "
        f"{manifest.sentences} sentences"
    )
    for source, count in sources:
        console.print(f"            {count:>6}  {escape(source)}")
    return 0


def show_search(options: argparse.Namespace) -> int:
    """The passages found for a query, and why."""
    embedder = Embedder(options.embedding_model)
    generation = Generation(
        options.index, embedding_model=embedder.name, dimension=embedder.dimension
    )
    filters = Filters(options.source, options.published_from, options.published_to)
    ranking = rank(
        generation,
        embedder,
        options.query,
        limit=options.limit,
        filters=filters,
        reranker=Reranker(options.reranker) if options.reranker else None,
    )
    if options.json:
        found = [
            passage_record(ranked) | ({"why": _explained(ranked)} if options.explain else {})
            for ranked in ranking.passages
        ]
        print(json.dumps({"passages": found}, ensure_ascii=False, indent=2))
        return 0
    for place, ranked in enumerate(ranking.passages, start=1):
        _print_passage(place, ranked, explain=options.explain)
    if not ranking.passages:
        console.print("no passage: the filters leave no article" if filters else "no passage")
    return 0


def _print_passage(place: int, ranked: RankedPassage, *, explain: bool) -> None:
    article = ranked.passage.article
    origin = ", ".join(str(part) for part in (article.source, article.published) if part)
    console.print(f"[bold]{place}. {escape(article.title)}[/bold]  {escape(origin)}")
    if explain:
        reasons = ", ".join(f"{name} {value}" for name, value in _explained(ranked).items())
        console.print(f"   [dim]score {ranked.score:.3f}: {reasons}[/dim]")
    if ranked.copies:
        others = ", ".join(copy.article.source or copy.article.id for copy in ranked.copies)
        console.print(f"   [dim]also in {escape(others)}[/dim]")
    console.print(f"   {escape(ranked.passage.text)}\n")


def _explained(ranked: RankedPassage) -> dict[str, object]:
    """What a passage's score is made of, without what adds nothing."""
    reasons: dict[str, object] = {
        "bm25": round(ranked.bm25, 3),
        "bm25 rank": ranked.word_rank,
        "cosine": round(ranked.cosine, 3),
        "cosine rank": ranked.vector_rank,
        "best sentence": round(ranked.best_sentence, 3),
        "reranker": round(ranked.reranked, 3) if ranked.reranked is not None else None,
        "publisher named": f"+{PUBLISHER_WEIGHT}" if ranked.named_publisher else None,
        "day named": f"+{DATE_WEIGHT}" if ranked.named_day else None,
        "after others of its story or publisher": round(-ranked.taken_off, 3) or None,
    }
    return {name: value for name, value in reasons.items() if value is not None}


def show_generations(options: argparse.Namespace) -> int:
    """The generations kept, the current one marked; 1 where one of them cannot be read."""
    names = list_generations(options.index)
    current = current_name(options.index)
    damaged = 0
    for name in names:
        mark = "*" if name == current else " "
        try:
            manifest = read_manifest(options.index / "generations" / name)
        except DatelineError as error:
            damaged += 1
            console.print(f"{mark} {name}  cannot be read")
            errors.print(f"[red]damaged:[/red] {escape(str(error))}")
        else:
            console.print(
                f"{mark} {name}  {manifest.articles} articles, {manifest.passages} passages, "
                f"{len(manifest.segments)} segments, made {manifest.created}"
            )
    current_folder(options.index)
    return int(damaged > 0)


def show_verify(options: argparse.Namespace) -> int:
    """Whether every file of every generation is as it was written."""
    current_folder(options.index)
    damaged = 0
    for name in list_generations(options.index):
        try:
            read_intact(options.index / "generations" / name)
        except DatelineError as error:
            damaged += 1
            errors.print(f"[red]damaged:[/red] {escape(str(error))}")
        else:
            console.print(f"intact: {name}")
    return int(damaged > 0)


def show_list(options: argparse.Namespace) -> int:
    """The articles in the index."""
    generation = open_as_made(options.index)
    filters = Filters(options.source, options.published_from, options.published_to)
    listed = [(found, generation.article(found.id)) for found in generation.articles(filters)]
    records = [
        {
            "id": found.id,
            "title": article.title,
            "source": article.source,
            "published": article.published.isoformat() if article.published else None,
            "url": article.url,
            "version": found.version,
            "origin": found.origin,
        }
        for found, article in listed
        if article
    ]
    if options.json:
        print(json.dumps({"articles": records}, ensure_ascii=False, indent=2))
        return 0
    for record in records:
        origin = ", ".join(filter(None, (record["source"], record["published"])))
        line = f"{record['id']}  {record['title']}" + (f"  ({origin})" if origin else "")
        console.print(escape(line))
    if not records:
        console.print("no article: the filters leave none" if filters else "no article")
    return 0
