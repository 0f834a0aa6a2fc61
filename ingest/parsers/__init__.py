"""Files of every format → Text. A parser is an entry in PARSERS; adding a format is adding a line."""

from __future__ import annotations

from collections.abc import Callable

from ingest.errors import Unreadable
from ingest.parsers import case, docx, html, markdown, pdf, plain, xlsx
from ingest.parsers.text import Text
from ingest.sources import Source

PARSERS: dict[str, Callable[[bytes], Text]] = {
    ".md": markdown.parse,
    ".markdown": markdown.parse,
    ".txt": plain.parse,
    ".docx": docx.parse,
    ".pdf": pdf.parse,
    ".html": html.parse,
    ".htm": html.parse,
    ".xlsx": xlsx.parse,
    ".yaml": case.parse,
}


def parse(source: Source) -> Text:
    """Text of a file; the content decides where it contradicts the name. Raises ``Unreadable``."""
    data = source.data()
    text = _parser(data, source.suffix)(data)
    if not text.body.strip():
        raise Unreadable("文件里没有文字。")
    return text


def _parser(data: bytes, suffix: str) -> Callable[[bytes], Text]:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "这是旧版 Word（.doc）或加密的 Office 文件；请用 Word/WPS 打开，另存为 .docx 再导入。"
        )
    if data.startswith(b"%PDF"):
        return pdf.parse
    if data.startswith(b"PK\x03\x04"):
        return xlsx.parse if suffix == ".xlsx" else docx.parse
    if suffix in (".docx", ".pdf", ".xlsx") and suffix in PARSERS:
        head = data[:400].lstrip().lower()
        if head.startswith((b"<html", b"<!doctype html")):
            return html.parse
        raise Unreadable(f"文件以 {suffix} 结尾，内容却不是；请确认文件完整，或另存后再导入。")
    if suffix not in PARSERS:
        raise Unreadable(f"不认识的格式“{suffix or '无后缀'}”；支持 {'、'.join(sorted(PARSERS))}。")
    return PARSERS[suffix]
