"""A case as YAML, the form of corpus/cases → a document with the headings of its trade."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.cases import Sanction, TeachingCase, read_case
from ingest.parsers.text import Mark, Text, from_lines
from ingest.sources import decode

NOTE = "（教学案例：人物、单位和情节均为虚构，所引法律真实。）"
MARK = "（虚构教学案例）"  # in the title, so that no list or quote can pass for a real case


def parse(data: bytes) -> Text:
    """The case as a document; raises ``Unreadable`` for any other YAML."""
    return as_text(read_case(decode(data), ""))


def as_text(case: TeachingCase) -> Text:
    """The case as a document with the headings of its trade, for the index and the page."""
    head = f"案由：{case.cause}。领域：{case.domain}。违法行为发生日：{case.act_date}。"
    sections: dict[str, Sequence[str]] = {
        "基本案情": [case.facts],
        "证据": case.evidence,
        "法律依据": [f"{cited}（{cited.role}）" for cited in case.citations],
        "处理结果": [case.outcome, *map(_spoken, case.sanctions)],
        "裁量理由": [case.reason],
        "典型意义": [case.significance],
        "教学要点": case.teaching_points,
        "讨论题": case.discussion,
        "易错点": case.pitfalls,
        "关键词": ["、".join(case.keywords)],
    }
    rows: list[tuple[str, Mark, int]] = [
        (case.title + MARK, Mark.TITLE, 1),
        (NOTE, Mark.TEXT, 0),
        (head, Mark.TEXT, 0),
    ]
    for heading, lines in sections.items():
        rows.append((heading, Mark.HEADING, 2))
        rows += [(line, Mark.TEXT, 0) for line in lines]
    stated = {"title": case.title + MARK, "kind": "案例", "date": case.act_date.isoformat()}
    return from_lines(rows, stated=stated)


def _spoken(sanction: Sanction) -> str:
    return (
        f"{sanction.kind} {sanction.amount:,.2f} 元".replace(".00 元", " 元")
        if sanction.amount is not None
        else sanction.kind
    )
