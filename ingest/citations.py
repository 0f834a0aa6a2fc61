"""Citations in running text: 《…》第…条第…款第（…）项, 本法第…条, lists and ranges. No look-ups.

Says what is written and where. Whether the article exists and which version is meant is decided
by index/resolve.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.norms import ArticleNumber, Span
from ingest.numerals import NUMERAL, to_int

SELF = r"本(?:法|条例|办法|规定|规则|细则|解释|决定|准则|规范|暂行办法|实施办法)"
TOKEN = re.compile(
    rf"《(?P<title>[^《》\n]{{2,80}}(?:《[^《》\n]{{2,40}}》[^《》\n]{{0,40}})?)》"
    rf"|(?P<own>{SELF}|同法|该法|该条例|该办法)"
    rf"|第(?P<art>[{NUMERAL}]+)条(?:之(?P<sub>[{NUMERAL}]+))?"
    rf"(?:第(?P<par>[{NUMERAL}]+)款)?(?:第[（(]?(?P<item>[{NUMERAL}]+)[）)]?项)?"
    r"|(?P<near>前条|前款|前两款|本条)(?:第(?P<npar>[" + NUMERAL + r"]+)款)?"
    r"|(?P<stop>[。；\n])"
)
RANGE = re.compile(r"\s*(?:至|到|—|－|-)\s*$")
BETWEEN = re.compile(r"[、和及或与以，,至到\s]{0,4}")
PUNISHES = re.compile(r"罚款|责令|没收|警告|吊销|处罚|拘留")


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation as written; ``title`` is ``None`` where the text cites itself (``deictic`` says how)."""

    span: Span
    wording: str
    title: str | None
    article: ArticleNumber | None = None
    deictic: str = ""
    article_to: ArticleNumber | None = None
    paragraph: int | None = None
    item: int | None = None


def find_citations(text: str) -> list[Citation]:
    """All citations of articles and of whole norms in a text, in order."""
    found: list[Citation] = []
    title: str | None = None
    deictic = ""
    start = -1  # where the title of the running citation began
    end = -1
    for match in TOKEN.finditer(text):
        group = match.lastgroup
        if match["stop"]:
            title, deictic, start = None, "", -1
        elif match["title"]:
            title, deictic, start = match["title"], "", match.start()
            found.append(Citation(Span(*match.span()), match[0], title))
        elif match["own"]:
            title, deictic, start = (
                (title if match["own"][0] in "同该" else None),
                match["own"],
                match.start(),
            )
        elif match["near"]:
            number = to_int(match["npar"]) if match["npar"] else None
            found.append(Citation(Span(*match.span()), match[0], None, None, match["near"], paragraph=number))
        elif match["art"]:
            _add_article(text, match, found, title=title, deictic=deictic, start=start, end=end)
        end = match.end() if group != "stop" else -1
    return found


def _add_article(
    text: str,
    match: re.Match[str],
    found: list[Citation],
    *,
    title: str | None,
    deictic: str,
    start: int,
    end: int,
) -> None:
    number = ArticleNumber(to_int(match["art"]), to_int(match["sub"]) if match["sub"] else 0)
    gap = text[end : match.start()] if 0 <= end <= match.start() else ""
    last = found[-1] if found else None
    if last and last.article and RANGE.fullmatch(gap) and last.span.end == end:
        wording = text[last.span.start : match.end()]
        found[-1] = replace(last, span=Span(last.span.start, match.end()), wording=wording, article_to=number)
        return
    begin = match.start()
    if (
        start >= 0
        and last
        and last.title == title
        and last.article is None
        and last.span.end == match.start()
    ):
        begin = start
        found.pop()
    elif start >= 0 and end == match.start() and deictic:
        begin = start
    elif not deictic and title is None:
        deictic = "本法"
    found.append(
        Citation(
            Span(begin, match.end()),
            text[begin : match.end()],
            title,
            number,
            "" if title else deictic,
            paragraph=to_int(match["par"]) if match["par"] else None,
            item=to_int(match["item"]) if match["item"] else None,
        )
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """One provision cites another: ``law`` is "" for the own law, ``key`` "" for the law as a whole."""

    source: str
    law: str
    key: str
    relation: str
    wording: str


def references(key: str, text: str) -> Iterator[Reference]:
    """References of one provision: 罚则 where the sentence punishes a breach of the cited article,
    准用 where it borrows a rule, 引用 otherwise."""
    for citation in find_citations(text):
        if citation.article is None and citation.title is None:
            continue
        if citation.article is None:
            yield Reference(key, citation.title or "", "", "引用", citation.wording)
            continue
        relation = _relation(text, citation.span)
        last = citation.article_to.main if citation.article_to else citation.article.main
        numbers = [citation.article] + [
            ArticleNumber(n)
            for n in range(citation.article.main + 1, min(last, citation.article.main + 60) + 1)
        ]
        for number in numbers:
            yield Reference(key, citation.title or "", str(number), relation, citation.wording)


def _relation(text: str, span: Span) -> str:
    start = max(text.rfind("。", 0, span.start), text.rfind("\n", 0, span.start)) + 1
    end = text.find("。", span.end)
    before, after = text[start : span.start], text[span.end : end if end > 0 else len(text)]
    if ("违反" in before[-60:] or "有" in before[-6:]) and PUNISHES.search(after):
        return "罚则"
    if re.search(r"依照|按照|适用|参照", before[-12:]) and re.search(r"处罚|处理|执行|规定", after[:40]):
        return "准用"
    return "引用"
