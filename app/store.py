"""People's work, kept apart from the index: what users marked as wrong. One SQLite file, numbered migrations.

The index may be deleted and built anew; this file may not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app.errors import AppError

FILE = "work.sqlite"
MIGRATIONS = (
    "create table feedback (id integer primary key, at text, question text, day text, region text, outcome text, wanted text)",
)


class CannotKeep(AppError):
    """The file of people's work cannot be written; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A question whose answer a user marked as wrong; ``wanted`` is what the user thinks right, or ""."""

    id: int
    at: str
    question: str
    day: date | None
    region: str
    outcome: str
    wanted: str


class Store:
    """Opens the file for each piece of work, so that several sessions share it."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=10)) as db, db:
                (done,) = db.execute("pragma user_version").fetchone()
                for number, sql in enumerate(MIGRATIONS[done:], done + 1):
                    db.execute(sql)
                    db.execute(f"pragma user_version = {number}")
                yield db
        except (OSError, sqlite3.Error) as error:
            raise CannotKeep(f"写不进“{self.path}”（{error}）；请检查文件夹的权限和磁盘空间。") from error

    def mark_wrong(self, question: str, *, day: date | None, region: str, outcome: str, wanted: str) -> None:
        """Keep a question whose answer is wrong."""
        row = (_now(), question, day.isoformat() if day else "", region, outcome, wanted.strip())
        with self._open() as db:
            db.execute(
                "insert into feedback (at, question, day, region, outcome, wanted) values (?, ?, ?, ?, ?, ?)",
                row,
            )

    def marked(self) -> list[Feedback]:
        """Questions marked as wrong, newest first."""
        with self._open() as db:
            rows = db.execute(
                "select id, at, question, day, region, outcome, wanted from feedback order by id desc"
            ).fetchall()
        return [Feedback(r[0], r[1], r[2], _day(r[3]), *r[4:]) for r in rows]

    def forget(self, number: int) -> None:
        """Delete one marked question."""
        with self._open() as db:
            db.execute("delete from feedback where id = ?", (number,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
