"""Excel workbooks: every row of every sheet as one table line."""

from __future__ import annotations

import io
import zipfile

from ingest.errors import Unreadable
from ingest.parsers.text import Mark, Text, from_lines


def parse(data: bytes) -> Text:
    """Rows of all sheets, cells joined by " | "."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Unreadable(f"Excel 文件打不开（{error}）；请另存为 .xlsx 再导入。") from error
    rows: list[tuple[str, Mark, int]] = []
    for sheet in book.worksheets:
        rows.append((sheet.title, Mark.HEADING, 2))
        for cells in sheet.iter_rows(values_only=True):
            wording = " | ".join("" if cell is None else str(cell) for cell in cells)
            if wording.strip(" |"):
                rows.append((wording, Mark.TABLE, 0))
    return from_lines(rows)
