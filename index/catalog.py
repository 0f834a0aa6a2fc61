"""Laws, versions, provisions, cross-references by id: one SQLite file per generation of the index.

Reading side is ``Catalog``; ``Writer`` fills the file. Ranks nothing (search.py) and resolves
nothing (resolve.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date  # a record has a field of that name
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest.gists import Newer
from ingest.norms import Kind, Status
from ingest.validity import Validity

SCHEMA = """
create table documents (path text primary key, sha256 text, root text, law text, date text, file_date text,
    facts text, body text, provisions text, fingerprint text, notes text, refs text);
create index documents_law on documents(law);
create table versions (id text primary key, law text, title text, date text, file_date text, kind text, issuer text,
    number text, promulgated text, amendment text, effective text, since text, until text, repealed_by text,
    region text, domains text, has_text integer, known_newer text, sources text, repeals text, body text);
create index versions_law on versions(law);
create table provisions (row integer primary key autoincrement, id text unique, version_id text, law text, key text, label text,
    headings text, text text, start integer, starts text, gist text, role text, breaches text, penalties text, asks text, terms text);
create index provisions_version on provisions(version_id);
create index provisions_law on provisions(law, key);
create table refs (source_id text, version_id text, law text, key text, relation text, wording text);
create index refs_source on refs(source_id);
create index refs_target on refs(law, key);
create table aliases (alias text primary key, law text);
create table skipped (path text primary key, sha256 text, reason text);
create table meta (name text primary key, value text);
"""
VERSION_COLUMNS = (
    "id, law, title, date, file_date, kind, issuer, number, promulgated, amendment, effective, since, until, "
    "repealed_by, region, domains, has_text, known_newer, sources"
)
PROVISION_COLUMNS = (
    "p.id, p.version_id, p.law, p.key, p.label, p.headings, p.text, p.start, coalesce(p.starts, v.since), v.until, p.gist, p.role, "
    "p.breaches, p.penalties, p.asks, p.terms"
)


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of one law with its interval ``since <= day < until``."""

    id: str
    law: str
    title: str
    date: str
    file_date: str
    kind: Kind
    issuer: str
    number: str
    promulgated: Date | None
    amendment: str
    effective: Date | None
    since: Date | None
    until: Date | None
    repealed_by: str
    region: str
    domains: tuple[str, ...]
    has_text: bool
    known_newer: tuple[Newer, ...]
    sources: tuple[str, ...]

    def status(self, on: Date) -> Status:
        """State of this version on a day."""
        return Validity(self.since, self.until, self.repealed_by).status(on)

    def covers(self, on: Date) -> bool:
        """Whether it is in force on a day."""
        return Validity(self.since, self.until).covers(on)


@dataclass(frozen=True, slots=True)
class ProvisionRecord:
    """One article or section; ``text`` is verbatim and empty where only a gist is held.

    ``since`` is the version's commencement, or the article's own where the text says so.
    """

    id: str
    version_id: str
    law: str
    key: str
    label: str
    headings: str
    text: str
    start: int
    since: Date | None
    until: Date | None
    gist: str = ""
    role: str = ""
    breaches: tuple[str, ...] = ()
    penalties: tuple[Mapping[str, Any], ...] = field(default=())
    asks: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """``source_id`` cites ``law`` ``key`` ("" for the whole law)."""

    source_id: str
    law: str
    key: str
    relation: str
    wording: str


def _day(text: str | None) -> Date | None:
    return Date.fromisoformat(text) if text else None


def _version(row: Sequence[Any]) -> VersionRecord:
    values = list(row)
    values[5] = Kind(values[5])
    for at in (8, 10, 11, 12):
        values[at] = _day(values[at])
    values[15], values[18] = tuple(json.loads(values[15])), tuple(json.loads(values[18]))
    values[17] = tuple(Newer(**entry) for entry in json.loads(values[17]))
    values[16] = bool(values[16])
    return VersionRecord(*values)


def _provision(row: Sequence[Any]) -> ProvisionRecord:
    values = list(row)
    values[8], values[9] = _day(values[8]), _day(values[9])
    for at in (12, 13, 14, 15):
        values[at] = tuple(json.loads(values[at])) if values[at] else ()
    return ProvisionRecord(*values)


def _bare(text: str) -> str:
    """Wording without blanks: two sources space a text differently."""
    return "".join(text.split())


class Catalog:
    """Read-only view of a catalogue file; usable from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def _all(self, sql: str, *values: Any) -> list[Any]:
        return self.db.execute(sql, values).fetchall()

    def laws(self) -> list[str]:
        """Keys of all laws, sorted."""
        return [row[0] for row in self._all("select distinct law from versions order by law")]

    def versions(self, law: str) -> list[VersionRecord]:
        """Versions of a law, oldest first."""
        rows = self._all(
            f"select {VERSION_COLUMNS} from versions where law = ? order by coalesce(since, ''), date, id",
            law,
        )
        return [_version(row) for row in rows]

    def version(self, version_id: str) -> VersionRecord:
        """One version; ``KeyError`` if it is not held."""
        rows = self._all(f"select {VERSION_COLUMNS} from versions where id = ?", version_id)
        if not rows:
            raise KeyError(version_id)
        return _version(rows[0])

    def all_versions(self) -> list[VersionRecord]:
        """Every version, by law and time."""
        return [
            _version(row)
            for row in self._all(f"select {VERSION_COLUMNS} from versions order by law, since, id")
        ]

    @cached_property
    def versions_by_id(self) -> dict[str, VersionRecord]:
        """Every version by id, read once."""
        return {version.id: version for version in self.all_versions()}

    def _provisions(self, where: str, *values: Any) -> list[ProvisionRecord]:
        sql = f"select {PROVISION_COLUMNS} from provisions p join versions v on v.id = p.version_id where {where}"
        return [_provision(row) for row in self._all(sql, *values)]

    def provisions(self, version_id: str) -> list[ProvisionRecord]:
        """Provisions of a version in the order of the text."""
        return self._provisions("p.version_id = ? order by p.start, p.row", version_id)

    def provision(self, provision_id: str) -> ProvisionRecord:
        """One provision; ``KeyError`` if it is not held."""
        found = self._provisions("p.id = ?", provision_id)
        if not found:
            raise KeyError(provision_id)
        return found[0]

    def latecomers(self) -> list[tuple[int, Date]]:
        """Rows of provisions that begin later than their version, with the day."""
        rows = self._all("select row, starts from provisions where starts is not null order by row")
        return [(row[0], Date.fromisoformat(row[1])) for row in rows]

    def wording_since(self, provision: ProvisionRecord) -> Date | None:
        """The day from which an article reads as it does now, through versions that left it alone (修正)."""
        since = provision.since
        for version in reversed(self.versions(provision.law)):
            if version.since is None or (since is not None and version.since >= since):
                continue
            rows = self._all(
                "select text from provisions where version_id = ? and key = ?", version.id, provision.key
            )
            if not rows or _bare(rows[0][0]) != _bare(provision.text):
                break
            since = version.since
        return since

    def by_rows(self, rows: Sequence[int]) -> list[ProvisionRecord]:
        """Provisions by catalogue row, in the order asked for."""
        marks = ",".join("?" * len(rows))
        sql = (
            f"select p.row, {PROVISION_COLUMNS} from provisions p join versions v on v.id = p.version_id "
            f"where p.row in ({marks})"
        )
        found = {row[0]: _provision(row[1:]) for row in self._all(sql, *rows)}
        return [found[row] for row in rows]

    def every_provision(self) -> list[ProvisionRecord]:
        """All provisions, in the order they were taken in."""
        return self._provisions("1 order by p.row")

    def body(self, version_id: str) -> str:
        """Whole text of a version, "" where only gists are held."""
        rows = self._all("select body from versions where id = ?", version_id)
        return str(rows[0][0] or "") if rows else ""

    def aliases(self) -> dict[str, str]:
        """Alias → law."""
        return dict(self._all("select alias, law from aliases order by alias"))

    def references_from(self, provision_id: str) -> list[ReferenceRecord]:
        """What a provision cites."""
        sql = "select source_id, law, key, relation, wording from refs where source_id = ? order by rowid"
        return [ReferenceRecord(*row) for row in self._all(sql, provision_id)]

    def references_to(self, law: str, key: str) -> list[ReferenceRecord]:
        """Who cites an article, provisions of open-ended versions first."""
        sql = (
            "select r.source_id, r.law, r.key, r.relation, r.wording from refs r join versions v on v.id = r.version_id "
            "where r.law = ? and r.key = ? order by v.until is not null, r.source_id"
        )
        return [ReferenceRecord(*row) for row in self._all(sql, law, key)]

    def partners(self, row: int) -> list[int]:
        """Rows of the provisions that a provision cites and of those that cite it, in every version held.

        A reference within a law means its own version.
        """
        rows = self._all("select id, version_id, law, key from provisions where row = ?", row)
        if not rows:
            return []
        identity, version, law, key = rows[0]
        sql = """
            select p.row from refs r join provisions p on p.law = r.law and p.key = r.key
            where r.source_id = ? and r.key != '' and (r.law != ? or p.version_id = ?)
            union select p.row from refs r join provisions p on p.id = r.source_id
            where r.law = ? and r.key = ? and (p.law != ? or p.version_id = ?)
            order by 1"""
        found = self._all(sql, identity, law, version, law, key, law, version)
        return [other for (other,) in found if other != row]

    def skipped(self) -> list[tuple[str, str]]:
        """Files that could not be read, and why."""
        return [(row[0], row[1]) for row in self._all("select path, reason from skipped order by path")]

    def notes(self) -> list[tuple[str, str]]:
        """Suspicious numbering and conflicting dates: (file, sentence)."""
        rows = self._all("select path, notes from documents where notes != '[]' order by path")
        return [(path, note) for path, notes in rows for note in json.loads(notes)]

    def corpus_faults(self) -> list[str]:
        """Sentences about records of the shipped corpus that were left out."""
        rows = self._all("select value from meta where name = 'corpus_faults'")
        return list(json.loads(rows[0][0])) if rows else []

    def stats(self) -> dict[str, int]:
        """Counts for the status command."""
        queries = {
            "documents": "select count(*) from documents",
            "laws": "select count(distinct law) from versions",
            "versions": "select count(*) from versions where has_text",
            "gist_only_versions": "select count(*) from versions where not has_text",
            "provisions": "select count(*) from provisions",
            "articles": "select count(*) from provisions where label like '第%条%' and text != ''",
            "gists": "select count(*) from provisions where gist != ''",
            "cases": "select count(*) from versions where kind = '案例'",
            "references": "select count(*) from refs",
            "skipped": "select count(*) from skipped",
        }
        return {name: int(self._all(sql)[0][0]) for name, sql in queries.items()}


class Writer:
    """Fills a catalogue file that nobody reads yet."""

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self.db = sqlite3.connect(path)
        self.db.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -200000;"
        )
        if fresh:
            self.db.executescript(SCHEMA)

    def run(self, sql: str, *values: Any) -> list[Any]:
        """One statement and its rows."""
        return self.db.execute(sql, values).fetchall()

    def many(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows; a row with a known key replaces the old one."""
        rows = list(rows)
        if rows:
            self.db.executemany(
                f"insert or replace into {table} values ({','.join('?' * len(rows[0]))})", rows
            )

    def close(self) -> None:
        """Write everything to disk."""
        self.db.commit()
        self.db.close()
