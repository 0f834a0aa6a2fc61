"""PDF files with a text layer; hard-wrapped lines are joined into paragraphs."""

from __future__ import annotations

import io
import re
from collections import Counter

from ingest.errors import Unreadable
from ingest.parsers.text import Mark, Text, from_lines

PAGE_NUMBER = re.compile(r"[-—–\s]*(第\s*)?\d{1,4}(\s*页)?(\s*[/共]\s*\d+\s*页?)?[-—–\s]*")
OPENING = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[编章节条]|[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+、|附件|\d+[.．、]"
)


def parse(data: bytes) -> Text:
    """Paragraphs of a PDF; ``Unreadable`` for encrypted files and scans without text."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("PDF 有密码；请解除密码后再导入。")
        pages = [(page.extract_text() or "").splitlines() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError) as error:
        raise Unreadable(f"PDF 损坏，读不出（{error}）；请重新获取文件。") from error
    if sum(len(line.strip()) for page in pages for line in page) < 10 * max(1, len(pages)) // 2:
        raise Unreadable("PDF 里没有文字，多半是扫描件；请先做文字识别（OCR）再导入。")
    return from_lines([(line, Mark.TEXT, 0) for line in _paragraphs(_content(pages))])


def _content(pages: list[list[str]]) -> list[str]:
    """Lines without page numbers and running heads."""
    edges = Counter(line.strip() for page in pages for line in (page[:1] + page[-1:]))
    running = {line for line, count in edges.items() if count >= 3 and count > len(pages) // 2}
    return [
        line.strip()
        for page in pages
        for line in page
        if line.strip() and line.strip() not in running and not PAGE_NUMBER.fullmatch(line)
    ]


def _paragraphs(lines: list[str]) -> list[str]:
    width = max((len(line) for line in lines), default=0)
    joined: list[str] = []
    open_line = False
    for line in lines:
        if open_line and not OPENING.match(line):
            joined[-1] += line
        else:
            joined.append(line)
        open_line = len(line) >= width * 0.8 and line[-1] not in "。：；！？"
    return joined
