"""Wording of a provision → paragraphs 款 with their items 项 and subitems 目."""

from __future__ import annotations

import re

from ingest.norms import Item, Paragraph, Span, Subitem
from ingest.numerals import to_int

BLANK = " \t\u3000\u2002\u2003\xa0"
ITEM = re.compile(rf"[（(][{BLANK}]*([一二三四五六七八九十百]{{1,4}})[{BLANK}]*[）)]")
SUBITEM = re.compile(r"(?:(\d{1,2})[.．、](?!\d)|[（(](\d{1,2})[）)])")


def split_paragraphs(body: str, span: Span, label: str = "") -> tuple[Paragraph, ...]:
    """款, 项 and 目 of a provision whose wording is ``body[span]``; the label is skipped."""
    builder = _ParagraphBuilder()
    position = span.start
    for number, raw in enumerate(span.of(body).split("\n")):
        start, end = position, position + len(raw)
        position = end + 1
        if number == 0 and label and raw.startswith(label):
            start += len(label)
        while start < end and body[start] in BLANK:
            start += 1
        if start < end:
            builder.add(body, start, end)
    return builder.finish()


class _ParagraphBuilder:
    """Collects lines of one provision into paragraphs."""

    def __init__(self) -> None:
        self.done: list[Paragraph] = []
        self.lead: Span | None = None
        self.items: list[tuple[int, str, int, int, list[Subitem]]] = []

    def add(self, body: str, start: int, end: int) -> None:
        line = body[start:end]
        if (item := ITEM.match(line)) and self.lead is not None:
            self.items.append((to_int(item[1]), item[0], start, end, []))
        elif (sub := SUBITEM.match(line)) and self.items:
            number, label, first, _, subitems = self.items[-1]
            subitems.append(Subitem(int(sub[1] or sub[2]), sub[0], Span(start, end)))
            self.items[-1] = (number, label, first, end, subitems)
        else:
            self._close()
            self.lead = Span(start, end)

    def _close(self) -> None:
        if self.lead is None:
            return
        items = tuple(Item(n, label, Span(s, e), tuple(subs)) for n, label, s, e, subs in self.items)
        end = items[-1].span.end if items else self.lead.end
        self.done.append(Paragraph(len(self.done) + 1, Span(self.lead.start, end), self.lead, items))
        self.items = []
        self.lead = None

    def finish(self) -> tuple[Paragraph, ...]:
        self._close()
        return tuple(self.done)
