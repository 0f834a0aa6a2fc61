"""Saved web pages of government sites: the document without navigation, scripts and buttons."""

from __future__ import annotations

import re
from typing import Any

from ingest.errors import Unreadable
from ingest.parsers.text import Mark, Text, from_lines
from ingest.sources import decode

FURNITURE = {
    "script",
    "style",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "select",
    "iframe",
    "noscript",
}
BLOCKS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "section",
    "article",
    "ul",
}
FURNITURE_LINE = re.compile(
    r"(打印|关闭|分享|收藏|字体|字号|【?\s*大\s*中\s*小\s*】?|当前位置|您的位置|首页|上一篇|下一篇|扫一扫|返回顶部|来源：\S{0,20}|浏览次数)"
    r"[\s:：>›|0-9\S]{0,40}"
)


def parse(data: bytes) -> Text:
    """Title and paragraphs of the main block of a page."""
    from lxml import html
    from lxml.etree import ParserError

    try:
        page = html.fromstring(re.sub(r"<\?xml[^>]*\?>", "", _text(data)))
    except (ParserError, ValueError) as error:
        raise Unreadable(f"网页读不出（{error}）；请用浏览器另存为网页后再导入。") from error
    title = _title(page)
    for element in list(page.iter()):
        if element.tag in FURNITURE and element.getparent() is not None:
            element.drop_tree()
    rows = [(line, Mark.TEXT, 0) for line in _lines(_main_block(page)) if not _is_furniture(line)]
    if title and not any(title in line for line, _, _ in rows[:3]):
        rows.insert(0, (title, Mark.TITLE, 1))
    return from_lines(rows)


def _text(data: bytes) -> str:
    match = re.search(rb"charset=[\"']?([\w-]+)", data[:2000])
    if match and match[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        return data.decode("gb18030", "replace")
    return decode(data)


def _title(page: Any) -> str:
    for path in ("//meta[@name='ArticleTitle']/@content", "//h1//text()", "//title//text()"):
        found = "".join(page.xpath(path)).strip()
        if found:
            return re.split(r"[_|\-—]", re.sub(r"\s+", " ", found))[0].strip()
    return ""


def _main_block(page: Any) -> Any:
    """The deepest block that holds most of the page's running text."""
    body = page.find(".//body")
    block = page if body is None else body
    while True:
        total = len(block.text_content())
        inner = max(
            (c for c in block if isinstance(c.tag, str)), key=lambda c: len(c.text_content()), default=None
        )
        if (
            inner is None
            or inner.tag in ("p", "table", "tr", "tbody")
            or len(inner.text_content()) < total * 0.7
        ):
            return block
        block = inner


def _lines(block: Any) -> list[str]:
    parts: list[str] = []

    def walk(element: Any) -> None:
        if not isinstance(element.tag, str):
            return
        if element.tag == "tr":
            parts.append("\n" + " | ".join(" ".join(c.text_content().split()) for c in element) + "\n")
            return
        if element.tag in BLOCKS:
            parts.append("\n")
        parts.append(re.sub(r"\s+", " ", element.text or ""))
        for child in element:
            walk(child)
            parts.append(re.sub(r"\s+", " ", child.tail or ""))
        if element.tag in BLOCKS:
            parts.append("\n")

    walk(block)
    return [line.strip() for line in "".join(parts).split("\n") if line.strip()]


def _is_furniture(line: str) -> bool:
    return len(line) <= 40 and FURNITURE_LINE.fullmatch(line) is not None
