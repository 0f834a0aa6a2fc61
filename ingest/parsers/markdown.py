"""Markdown as statute repositories use it: # title, header lines, <!-- INFO END -->, ## headings."""

from __future__ import annotations

import re

from ingest.parsers.text import Mark, Text, from_lines
from ingest.sources import decode

HEADING = re.compile(r"(#{1,6})\s+(.*)")
RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*")


def parse(data: bytes) -> Text:
    """Lines of a Markdown file; comments and table rules dropped, wording kept."""
    rows: list[tuple[str, Mark, int]] = []
    for raw in decode(data).splitlines():
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
    return from_lines(rows)
