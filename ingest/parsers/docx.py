"""Word files: paragraphs, tables in place, text boxes, and page headers that carry the title."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.errors import Unreadable
from ingest.parsers.text import Mark, Text, from_lines

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BREAKS = {f"{W}br", f"{W}cr"}
TITLE_STYLES = ("title", "标题", "heading 1")


def parse(data: bytes) -> Text:
    """Lines of a Word file in the order a reader sees them."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(io.BytesIO(data))
        rows = list(_block_rows(document.element.body))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, XMLSyntaxError) as error:
        raise Unreadable(f"Word 文件损坏，打不开（{error}）；请用 Word/WPS 修复后另存为 .docx。") from error
    return from_lines([*_header_title(document, rows), *rows])


def _block_rows(parent: Any) -> Iterator[tuple[str, Mark, int]]:
    for element in parent:
        if element.tag == f"{W}p":
            yield from _paragraph_rows(element)
        elif element.tag == f"{W}tbl":
            yield from _table_rows(element)
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml", f"{W}smartTag"):
            yield from _block_rows(element)


def _paragraph_rows(paragraph: Any) -> Iterator[tuple[str, Mark, int]]:
    mark = _mark(paragraph)
    lines: list[list[str]] = [[]]
    boxes: list[Any] = []
    _collect(paragraph, lines, boxes)
    for line in lines:
        yield "".join(line), mark, 1 if mark is Mark.TITLE else 2
    for box in boxes:
        for wording, _, level in _block_rows(box):
            yield wording, Mark.BOX, level


def _collect(element: Any, lines: list[list[str]], boxes: list[Any]) -> None:
    """Text of runs; deleted text and the second copy of drawings left out."""
    for child in element:
        tag = child.tag
        if tag == f"{W}t":
            lines[-1].append(child.text or "")
        elif tag == f"{W}tab":
            lines[-1].append(" ")
        elif tag in BREAKS:
            lines.append([])
        elif tag == f"{W}txbxContent":
            boxes.append(child)
        elif tag == f"{W}noBreakHyphen":
            lines[-1].append("-")
        elif tag not in (FALLBACK, f"{W}del", f"{W}pPr", f"{W}rPr", f"{W}moveFrom", f"{W}instrText"):
            _collect(child, lines, boxes)


def _mark(paragraph: Any) -> Mark:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    name = "" if style is None else str(style.get(f"{W}val")).lower()
    return Mark.TITLE if name in TITLE_STYLES else Mark.TEXT


def _table_rows(table: Any) -> Iterator[tuple[str, Mark, int]]:
    for row in table.iter(f"{W}tr"):
        cells = []
        for cell in row.findall(f"{W}tc"):
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart":
                continue
            cells.append(" ".join(wording for wording, _, _ in _block_rows(cell) if wording.strip()))
        if any(cells):
            yield " | ".join(cells), Mark.TABLE, 0


def _header_title(document: Any, rows: list[tuple[str, Mark, int]]) -> list[tuple[str, Mark, int]]:
    """A page header that names the document, where the body does not begin with a title."""
    opening = "".join(wording for wording, _, _ in rows[:6])
    for section in document.sections:
        for paragraph in section.header.paragraphs:
            title = paragraph.text.strip()
            if 4 <= len(title) <= 60 and title[-1] in "法例定则法释见知复" and title not in opening:
                return [(title, Mark.BOX, 0)]
    return []
