"""The model of a norm: Version → headings → Provision → Paragraph 款 → Item 项 → Subitem 目, with spans and ids.

Holds what a text says and where it says it. Does not read files (parsers/), does not find the
structure (structure.py) and does not decide what is in force when (validity.py).

Every span is a half-open pair of character offsets into ``Version.body``; ``body[span.start:span.end]``
is the authentic wording, so quoting and checking are string comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a document is; the order is the order of rank (效力位阶)."""

    LAW = "法律"
    REGULATION = "行政法规"
    INTERPRETATION = "司法解释"
    LOCAL = "地方性法规"
    RULE = "部门规章"
    NORMATIVE = "规范性文件"
    POLICY = "政策文件"
    CASE = "案例"


class Level(StrEnum):
    """Levels of heading above the article, outermost first."""

    PART = "编"
    SUBPART = "分编"
    CHAPTER = "章"
    SECTION = "节"
    TITLE = "标题"  # headings of documents without articles
    ATTACHMENT = "附件"


class Status(StrEnum):
    """State of a version on a day; the four states of the national database of laws."""

    PENDING = "尚未生效"
    IN_FORCE = "现行有效"
    AMENDED = "已修改"
    REPEALED = "已废止"


class LeafKind(StrEnum):
    """What a stretch of the body is."""

    FRONT = "front"  # title, list of amendments, contents
    HEADING = "heading"
    PROVISION = "provision"
    BACK = "back"  # signature, printed notes


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range of a body."""

    start: int
    end: int

    def of(self, body: str) -> str:
        """The wording at this place."""
        return body[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class ArticleNumber:
    """第一百二十四条之一 is ``ArticleNumber(124, 1)``."""

    main: int
    sub: int = 0

    def __str__(self) -> str:
        return f"{self.main}-{self.sub}" if self.sub else str(self.main)

    @classmethod
    def parse(cls, text: str) -> ArticleNumber:
        """Inverse of ``str``: ``"124-1"`` → ``ArticleNumber(124, 1)``."""
        main, _, sub = text.partition("-")
        return cls(int(main), int(sub or 0))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: 第一章 总则 is ``Heading(Level.CHAPTER, "第一章", "总则", span)``."""

    level: Level
    label: str
    title: str
    span: Span

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Subitem:
    """目: ``1.`` inside an item."""

    number: int
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """项: ``（五）`` with its subitems 目; ``span`` covers them."""

    number: int
    label: str
    span: Span
    subitems: tuple[Subitem, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """款: numbered from 1; ``span`` covers its items 项, ``lead`` only the words before them."""

    number: int
    span: Span
    lead: Span
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Provision:
    """The unit that is found and quoted: an article 条, or a section of a document without articles.

    ``label`` is as written (第一百二十四条之一); for a section it is the path of its headings joined
    by " > ". ``key`` is unique in the version: ``124``, ``124-1``, ``s3.2`` for sections, ``a1.2``
    for parts of an attachment 附件. ``span`` covers the label and the whole text.
    """

    key: str
    label: str
    number: ArticleNumber | None
    headings: tuple[Heading, ...]
    span: Span
    paragraphs: tuple[Paragraph, ...] = ()

    @property
    def heading_path(self) -> str:
        """第二章 食品安全风险监测 / 第一节 …, outermost first."""
        return " / ".join(str(heading) for heading in self.headings)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A stretch of the body; the leaves of a version, in order, are the body."""

    kind: LeafKind
    span: Span


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says of itself; every field may be unknown (``None`` or empty).

    ``title`` is as printed; ``number`` is 发文字号 or 令号; ``promulgated`` is the day of the last
    passing, amendment or issue named in the header; ``amendment`` is 修正, 修订 or empty;
    ``repeals`` are titles this document repeals; ``per_article`` are commencement dates that
    differ from ``effective`` (article key → day); ``conflicts`` are sentences for the report.
    """

    title: str
    kind: Kind
    issuer: str = ""
    number: str = ""
    promulgated: date | None = None
    amendment: str = ""
    effective: date | None = None
    repealed: date | None = None
    region: str = "全国"
    repeals: tuple[str, ...] = ()
    per_article: tuple[tuple[str, date], ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One text of one law.

    ``law`` is the title without a leading 中华人民共和国 and identifies the line of versions;
    ``date`` is the ISO day of passing or amendment of this version, or "" if nobody knows;
    ``file_date`` the day in the name of its source file, or "".
    """

    law: str
    date: str
    file_date: str
    facts: Facts
    body: str
    provisions: tuple[Provision, ...]
    leaves: tuple[Leaf, ...]
    notes: tuple[str, ...] = field(default=())  # suspicious numbering and the like, for the report

    @property
    def id(self) -> str:
        """食品安全法@2021-04-29."""
        return f"{self.law}@{self.date}"

    def provision_id(self, provision: Provision) -> str:
        """食品安全法@2021-04-29#124."""
        return f"{self.id}#{provision.key}"

    def text(self, provision: Provision) -> str:
        """Authentic wording of a provision, label included."""
        return provision.span.of(self.body)

    def with_facts(self, **changes: object) -> Version:
        """A copy whose facts differ in ``changes``."""
        return replace(self, facts=replace(self.facts, **changes))  # type: ignore[arg-type]

    def articles(self) -> Iterator[Provision]:
        """Provisions that are numbered articles."""
        return (provision for provision in self.provisions if provision.number is not None)


COUNTRY = "中华人民共和国"


def law_key(title: str) -> str:
    """Title by which versions of one law are recognised: no leading 中华人民共和国, no 《》, no blanks.

    >>> law_key("《中华人民共和国食品安全法》")
    '食品安全法'
    >>> law_key("中华人民共和国产品质量法（2018年修正本）")
    '产品质量法'
    """
    key = re.sub(r"\s+", "", title).replace("(", "（").replace(")", "）")
    if key.startswith("《") and key.endswith("》") and key.count("《") == 1:
        key = key[1:-1]
    key = re.sub(r"（\d{4}年?[^（）]{0,6}(修正|修订|修改)[^（）]{0,4}）$", "", key)
    return key.removeprefix(COUNTRY) or key
