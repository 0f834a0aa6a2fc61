"""Plain text in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

from ingest.parsers.text import Mark, Text, from_lines
from ingest.sources import decode


def parse(data: bytes) -> Text:
    """Lines of a text file."""
    return from_lines([(line.replace("\f", ""), Mark.TEXT, 0) for line in decode(data).splitlines()])
