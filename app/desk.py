"""Opens everything once: the one object that the command line, the page and the tests use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.answer import Answer, compose
from app.settings import Settings
from index.build import Progress, Report, build
from index.catalog import Catalog
from index.query import Pinpoint
from index.resolve import Resolution
from index.search import Hit, Index, open_index


@dataclass(frozen=True, slots=True)
class Desk:
    """A knowledge base at work; holds no state of any user."""

    settings: Settings
    index: Index

    @property
    def catalog(self) -> Catalog:
        """Laws, versions and provisions."""
        return self.index.catalog

    def ask(self, question: str, *, on: date | None = None, region: str = "") -> Answer:
        """Answer a question from the store."""
        return compose(self.index, question, on=on, today=self.settings.today, region=region)

    def search(self, question: str, *, on: date | None = None, top: int = 10, region: str = "") -> list[Hit]:
        """Provisions in force on ``on``, else on the day the question names, else today."""
        query = self.index.understand(question, today=self.settings.today)
        day = on or query.day or self.settings.today
        return self.index.search(question, on=day, top=top, region=region, query=query)

    def law(self, text: str, *, on: date | None = None) -> list[tuple[Pinpoint, Resolution]]:
        """Provisions cited in a text, resolved for a day."""
        query = self.index.understand(text, today=self.settings.today)
        return self.index.resolve(query, on=on or query.day or self.settings.today)


def open_desk(settings: Settings) -> Desk:
    """Open the knowledge base in ``settings.home``; raises ``index.errors.NotBuilt``."""
    return Desk(settings, open_index(settings.home, model=settings.model, reranker=settings.reranker))


def embed(settings: Settings, location: str | Path, model: str, progress: Callable[[int, int], None]) -> int:
    """Put every provision into Chroma and return how many it holds; what has not changed is left alone."""
    from index.embed import SHIPPED, open_embedder
    from index.vectors import Entry, Vectors

    catalog = open_index(settings.home, model=settings.model).catalog
    versions = catalog.versions_by_id
    entries = []
    for p in catalog.every_provision():
        version = versions[p.version_id]
        since, until = _number(version.since, 0), _number(version.until, 99991231)
        entries.append(Entry(p.id, f"{p.law} {p.headings}\n{p.text or p.gist}", p.law, p.label, since, until))
    embedder = open_embedder(model or settings.model or SHIPPED)
    vectors = Vectors(location, name=f"zhifa-{embedder.name}"[:60])
    vectors.update(entries, embedder.embed, progress)
    return int(vectors.collection.count())


def _number(day: date | None, unknown: int) -> int:
    return int(day.strftime("%Y%m%d")) if day else unknown


def ingest(settings: Settings, paths: list[str], progress: Progress) -> Report:
    """Build or update the knowledge base from files."""
    return build(Path(settings.home), paths, corpus=settings.corpus, model=settings.model, progress=progress)
