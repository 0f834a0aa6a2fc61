"""Markdown as statute repositories use it: # title, header lines, <!-- INFO END -->, ## headings."""

from __future__ import annotations

import re

import yaml

from ingest.errors import Unreadable
from ingest.gists import LOADER
from ingest.parsers.text import Mark, Text, from_lines
from ingest.sources import decode

HEADING = re.compile(r"(#{1,6})\s+(.*)")
FRONT_MATTER = re.compile(r"\ufeff?---\s*\n(.*?)\n---\s*\n", re.S)
RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*")


def parse(data: bytes) -> Text:
    """Lines of a Markdown file; comments and table rules dropped, wording kept."""
    rows: list[tuple[str, Mark, int]] = []
    stated, wording = _front_matter(decode(data))
    for raw in wording.splitlines():
        line = raw.strip().lstrip("\ufeff")
        if line.startswith("<!--") and line.endswith("-->"):
            if "INFO END" in line:
                rows.append(("", Mark.FRONT_END, 0))
        elif match := HEADING.fullmatch(line):
            depth = len(match[1])
            rows.append((match[2].rstrip("# "), Mark.TITLE if depth == 1 else Mark.HEADING, depth))
        elif line.startswith("|") and line.count("|") > 1:
            if not RULE.fullmatch(line):
                rows.append((" | ".join(cell.strip() for cell in line.strip("|").split("|")), Mark.TABLE, 0))
        else:
            rows.append((re.sub(r"\*\*(.+?)\*\*", r"\1", line), Mark.TEXT, 0))
    return from_lines(rows, stated=stated)


def _front_matter(wording: str) -> tuple[dict[str, str], str]:
    """Fields between two lines of ---, and the rest."""
    match = FRONT_MATTER.match(wording)
    if match is None:
        return {}, wording
    try:
        fields = yaml.load(match[1], LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise Unreadable(f"文件开头 --- 之间的字段写法有误（{str(error).splitlines()[0]}）。") from error
    if not isinstance(fields, dict):
        return {}, wording
    stated = {str(name): str(value) for name, value in fields.items() if value}
    title = f"# {stated['title']}\n" if "title" in stated else ""
    return stated, title + wording[match.end() :]
