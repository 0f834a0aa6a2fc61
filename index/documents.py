"""Files → documents of the catalogue: read, take apart, keep. Several files at a time on several cores.

Knows nothing of versions (assemble.py) or generations (build.py).
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.catalog import Writer
from ingest.citations import references
from ingest.errors import Unreadable
from ingest.facts import Hint, file_date, read_facts, read_hints
from ingest.norms import Facts, Kind, LeafKind, law_key
from ingest.parsers import parse
from ingest.sources import Skipped, Source
from ingest.structure import outline
from ingest.validity import fingerprint


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file after parsing, ready to be stored."""

    source: Source
    law: str
    date: str
    facts: Facts
    body: str
    provisions: tuple[tuple[str, str, str, int, int], ...]  # key, label, headings, start, end
    notes: tuple[str, ...]
    refs: tuple[tuple[str, str, str, str, str], ...]


def read_tables(paths: Sequence[str | Path]) -> dict[str, Hint]:
    """Rows of the metadata tables that lie beside the files."""
    hints: dict[str, Hint] = {}
    for path in paths:
        table = Path(path) / "metadata.tsv"
        if table.is_file():
            hints.update(read_hints(table.read_text(encoding="utf-8", errors="replace")))
    return hints


def parse_all(
    sources: Sequence[Source], hints: Mapping[str, Hint], workers: int | None
) -> Iterator[Parsed | Skipped]:
    """Every file parsed, in order."""
    jobs = [(source, hints.get(source.name)) for source in sources]
    count = workers or os.cpu_count() or 1
    if len(jobs) < 40 or count == 1:
        yield from map(_parse_one, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(_parse_one, jobs, chunksize=16)


def _parse_one(job: tuple[Source, Hint | None]) -> Parsed | Skipped:
    source, hint = job
    try:
        text = parse(source)
    except Unreadable as error:
        return Skipped(source.path, str(error), source.sha256)
    except OSError as error:
        return Skipped(source.path, f"读不出文件（{error}）；请检查权限或磁盘。")
    is_case = "/案例/" in source.path
    provisions, leaves, notes = outline(text, case=is_case)
    header = "\n".join(leaf.span.of(text.body) for leaf in leaves if leaf.kind is LeafKind.FRONT)
    articles = [p.span.of(text.body) for p in provisions if p.number is not None]
    facts = read_facts(text, header=header, articles=articles, name=source.name, path=source.path, hint=hint)
    if facts.kind is Kind.CASE and not is_case:
        provisions, leaves, notes = outline(text, case=True)
    refs = tuple(
        (r.source, r.law, r.key, r.relation, r.wording)
        for p in provisions
        for r in references(p.key, p.span.of(text.body))
    )
    named = file_date(source.name)
    day = named or (facts.promulgated.isoformat() if facts.promulgated else "")
    rows = tuple((p.key, p.label, p.heading_path, p.span.start, p.span.end) for p in provisions)
    return Parsed(
        source,
        law_key(facts.title),
        day,
        facts,
        text.body,
        rows,
        (*text.notes, *notes, *facts.conflicts),
        refs,
    )


def store(writer: Writer, outcome: Parsed | Skipped) -> set[str]:
    """Keep one parsed file; returns the laws it touches."""
    if isinstance(outcome, Skipped):
        writer.many("skipped", [(outcome.path, outcome.sha256, outcome.reason)])
        before = writer.run("select law from documents where path = ?", outcome.path)
        writer.run("delete from documents where path = ?", outcome.path)
        return {row[0] for row in before}
    before = writer.run("select law from documents where path = ?", outcome.source.path)
    facts = asdict(outcome.facts)
    own = fingerprint([outcome.body[start:end] for _, _, _, start, end in outcome.provisions])
    writer.run("delete from skipped where path = ?", outcome.source.path)
    writer.many(
        "documents",
        [
            (
                outcome.source.path,
                outcome.source.sha256,
                "",
                outcome.law,
                outcome.date,
                file_date(outcome.source.name),
                json.dumps(facts, default=str, ensure_ascii=False),
                outcome.body,
                json.dumps(outcome.provisions, ensure_ascii=False),
                own,
                json.dumps(outcome.notes, ensure_ascii=False),
                json.dumps(outcome.refs, ensure_ascii=False),
            )
        ],
    )
    return {outcome.law, *(row[0] for row in before)}
