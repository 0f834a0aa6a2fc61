"""Question sets at the desk: read one, run it, compare two runs, turn marked questions into a set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.desk import Desk
from app.errors import AppError
from app.store import Feedback
from index.evaluate import Found, Report, evaluate, search_index
from index.resolve import Resolved


class WrongSet(AppError):
    """A question set cannot be used; the sentence says which line and what is wrong."""


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongSet(f"“{path.name}”不是 UTF-8 文本；请另存为 UTF-8 的 JSONL。") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise WrongSet(f"“{path.name}”第 {number} 行不是 JSON（{error}）。") from error
        if not isinstance(row, dict):
            raise WrongSet(f'“{path.name}”第 {number} 行应是一个对象，如 {{"qid": …, "query": …}}。')
        yield row


def read_set(path: Path) -> list[dict[str, Any]]:
    """A question set: lines with ``qid``, ``query`` and ``gold``; ``as_of``, ``kind``, ``domain`` if they have them."""
    rows = []
    for number, row in enumerate(read_lines(path), 1):
        if missing := [name for name in ("qid", "query", "gold") if name not in row]:
            raise WrongSet(f"“{path.name}”第 {number} 题没有 {'、'.join(missing)}。")
        rows.append(row)
    if not any(row["gold"] for row in rows):
        raise WrongSet(f"“{path.name}”里没有一题写了标准答案（gold），无法评测。")
    return rows


def read_run(path: Path) -> list[dict[str, Any]]:
    """A saved run: lines with ``qid`` and ``hits``."""
    rows = list(read_lines(path))
    if not rows or any("hits" not in row or "qid" not in row for row in rows):
        raise WrongSet(f"“{path.name}”不是评测结果；请选 eval --out 或评测页存下的文件。")
    return rows


def run_set(
    desk: Desk,
    questions: Sequence[Mapping[str, Any]],
    step: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Ask every question of the desk."""
    find, done = search_index(desk.index, desk.settings.today), 0

    def counted(query: str, on: date | None) -> list[Found]:
        nonlocal done
        done += 1
        step(done, len(questions))
        return find(query, on)

    return evaluate(questions, counted)


def as_set(desk: Desk, marked: Iterable[Feedback]) -> list[dict[str, Any]]:
    """Marked questions as lines of a set; gold where the user's words cite exactly one provision held."""
    rows = []
    for entry in marked:
        gold = []
        for _, resolution in desk.law(entry.wanted, on=entry.day) if entry.wanted else ():
            if isinstance(resolution, Resolved):
                version, provision = resolution.version, resolution.provision
                gold.append(
                    {"law": version.law, "date": version.file_date, "article": provision.label, "grade": 2}
                )
        day = entry.day.isoformat() if entry.day else ""
        rows.append(
            {"qid": f"U-{entry.id}", "query": entry.question, "kind": "用户标错", "gold": gold, "as_of": day}
        )
    return rows


def to_jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as JSONL."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
