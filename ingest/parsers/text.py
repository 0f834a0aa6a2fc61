"""What every parser returns: the plain text of a file as lines with marks, and where it came from.

Does not know what a law is; structure.py reads meaning from these lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.norms import Span


class Mark(StrEnum):
    """What the file format itself says about a line; TEXT when it says nothing."""

    TEXT = "text"
    TITLE = "title"  # the document's title (Markdown #, Word style Title, HTML h1)
    HEADING = "heading"  # a heading below the title
    FRONT_END = "front_end"  # zero-width: what precedes is header (Markdown <!-- INFO END -->)
    TABLE = "table"  # a row of a table, cells joined by " | "
    BOX = "box"  # text box, page header


@dataclass(frozen=True, slots=True)
class Line:
    """One line or paragraph of a body; never contains a line break."""

    span: Span
    mark: Mark = Mark.TEXT
    level: int = 0  # depth of a HEADING, 1 is the title


@dataclass(frozen=True, slots=True)
class Text:
    """A file as plain text.

    ``body`` is the wording, lines joined by "\\n", markup removed, nothing else changed;
    ``lines`` are its non-empty lines in order; ``stated`` are fields in which the file names its
    own title, kind, number, issuer, date, region (front matter, a case's YAML).
    """

    body: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()  # what a reader must know (3 images were not read …)
    stated: Mapping[str, str] = field(default_factory=dict)


def from_lines(
    lines: list[tuple[str, Mark, int]], notes: tuple[str, ...] = (), stated: Mapping[str, str] | None = None
) -> Text:
    """Lay lines one after another and give each its span; blank lines are dropped, FRONT_END is kept."""
    placed: list[Line] = []
    parts: list[str] = []
    offset = 0
    for wording, mark, level in lines:
        wording = wording.replace("\r", " ").replace("\n", " ").strip()
        if mark is Mark.FRONT_END:
            placed.append(Line(Span(offset, offset), mark))
            continue
        if not wording:
            continue
        placed.append(Line(Span(offset, offset + len(wording)), mark, level))
        parts.append(wording)
        offset += len(wording) + 1
    return Text("\n".join(parts), tuple(placed), notes, stated or {})
