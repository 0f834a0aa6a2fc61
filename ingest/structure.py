"""Text → Version: headings, articles 条 or sections, paragraphs 款, items 项; nothing lost, nothing torn.

The body is cut into consecutive leaves, so the leaves in order *are* the body. An article begins
only where its number continues the count (or the wording cannot be a reference); every gap and
repeat is noted. Does not read files (parsers/), judge dates (facts.py) or split for search (chunks.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.norms import (
    ArticleNumber,
    Facts,
    Heading,
    Kind,
    Leaf,
    LeafKind,
    Level,
    Provision,
    Span,
    Version,
)
from ingest.numerals import ARTICLE, NUMERAL, article_number, to_int
from ingest.paragraphs import BLANK, ITEM, SUBITEM, split_paragraphs
from ingest.parsers.text import Line, Mark, Text

HEADING = re.compile(rf"第[{BLANK}]*([{NUMERAL}]+)[{BLANK}]*(编|分编|章|节)([{BLANK}]*)(.*)")
ENUMERATED = re.compile(r"([一二三四五六七八九十]{1,3})、")
ATTACHMENT = re.compile(
    rf"附[{BLANK}]*(?:件|录|表|图)?[{BLANK}]*([{NUMERAL}]*)[{BLANK}]*(?:[:：]|$|[{BLANK}]+\S{{1,40}}$)"
)
ORAL = re.compile(r"([一二三四五六七八九十]{1,2})是(?!否|的|指的|指[：，])")
CASE_HEADINGS = re.compile(
    r"[【［\[]?(案例[一二三四五六七八九十百\d]+.*|基本案情|案情简介|案情|裁判结果|裁判要点|裁判理由|处理结果|处罚结果|"
    r"典型意义|案件评析|法律依据|关联索引|相关法条|关键词|裁判要旨|法条链接|争议焦点|案例分析|申请人请求|违法事实|"
    r"当事人基本情况|调查与处理|办案启示|指导意义|诉讼过程|参考案例|仲裁委员会处理结果|律师点评|法官说法|推荐理由|专家点评)"
    r"[】］\]]?[:：]?"
)
CLOSING = re.compile(r"[。；：！？，、,;:!?]$")
REFERENCE_TAIL = re.compile(
    rf"(?:第[{NUMERAL}]+[款项]|[至和或及、的，,）)》”]|规定|所列|所称|中的|以及|之规定|修改|内容)"
)
SENTENCE_ARTICLE = re.compile(
    rf"(?<=[。；：”）)])[{BLANK}]*(?=第[{NUMERAL}]+条(?:之[{NUMERAL}]+)?[{BLANK}]+\S)"
)
LEVELS = {"编": Level.PART, "分编": Level.SUBPART, "章": Level.CHAPTER, "节": Level.SECTION}
DEPTH = {level: depth for depth, level in enumerate(Level)}
LONG_SECTION = 400  # characters; above it a section is divided at its own numbered headings


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line, or part of one where two articles share a line."""

    start: int
    end: int
    mark: Mark
    level: int
    text: str


@dataclass(slots=True)
class _Cut:
    """Where a leaf begins, and what it is."""

    at: int
    kind: LeafKind
    provision: Provision | None = None


def read(text: Text, *, law: str, facts: Facts, date: str = "", file_date: str = "") -> Version:
    """Structure of a document as a ``Version``; ``facts.kind`` CASE reads it by the headings of cases."""
    provisions, leaves, notes = outline(text, case=facts.kind is Kind.CASE)
    return Version(law, date, file_date, facts, text.body, provisions, leaves, (*text.notes, *notes))


def outline(
    text: Text, *, case: bool = False
) -> tuple[tuple[Provision, ...], tuple[Leaf, ...], tuple[str, ...]]:
    """Provisions, leaves and notes of a text: by articles where it has them, otherwise by its headings."""
    pieces = _pieces(text)
    front = _front_end(text)
    starts = {} if case else _article_starts(pieces, front)
    notes: list[str] = []
    cuts = (
        _cut_articles(text.body, pieces, front, starts, notes)
        if starts
        else _cut_sections(text.body, pieces, front, case=case)
    )
    return _lay(text.body, cuts), _leaves(text.body, cuts), tuple(notes)


# ---------------------------------------------------------------- lines


def _pieces(text: Text) -> list[_Piece]:
    pieces: list[_Piece] = []
    before: ArticleNumber | None = None
    for line in text.lines:
        if line.mark is Mark.FRONT_END:
            continue
        parts = _split_line(text.body, line, before)
        for part in parts:
            number = article_number(part.text)
            before = number if number and (before is None or number > before) else before
        pieces.extend(parts)
    return pieces


def _split_line(body: str, line: Line, before: ArticleNumber | None) -> list[_Piece]:
    """Divide a line at articles that begin after the end of a sentence and continue the count."""
    wording = line.span.of(body)
    expected = article_number(wording) or before
    cuts = [0]
    if expected is not None and "第" in wording:
        for match in SENTENCE_ARTICLE.finditer(wording):
            number = article_number(wording[match.end() :])
            if number is not None and _follows(expected, number):
                cuts.append(match.end())
                expected = number
    bounds = [*cuts, len(wording)]
    start = line.span.start
    return [
        _Piece(start + low, start + high, line.mark, line.level, wording[low:high])
        for low, high in zip(bounds, bounds[1:], strict=False)
    ]


def _front_end(text: Text) -> int | None:
    """Offset at which the format itself says the header ends, if it does."""
    return next((line.span.start for line in text.lines if line.mark is Mark.FRONT_END), None)


def _follows(before: ArticleNumber, after: ArticleNumber) -> bool:
    return after in (
        ArticleNumber(before.main + 1),
        ArticleNumber(before.main, before.sub + 1),
    )


# ---------------------------------------------------------------- documents with articles


def _article_starts(pieces: Sequence[_Piece], front: int | None) -> dict[int, ArticleNumber]:
    """Which pieces begin an article: piece index → number.

    A line that only refers to an article (第十条规定的…) is told apart by the count: it neither
    continues the numbering nor stands before a blank.
    """
    candidates = _candidates(pieces, front)
    strong = [number for _, number, is_strong in candidates if is_strong]
    whole = _is_numbered(strong or [number for _, number, _ in candidates])
    if not whole and not _opens_with_articles(pieces, front, candidates):
        return {}
    starts: dict[int, ArticleNumber] = {}
    previous: ArticleNumber | None = None
    for position, (index, number, is_strong) in enumerate(candidates):
        if previous is None or _follows(previous, number):
            accept = previous is not None or is_strong or number.main == 1
        elif not is_strong:
            accept = False
        else:
            later = {n for _, n, s in candidates[position + 1 :] if s}
            awaited = ArticleNumber(previous.main + 1)
            accept = not (number > awaited and awaited in later)
        if accept:
            starts[index] = number
            previous = number
    return starts


def _candidates(pieces: Sequence[_Piece], front: int | None) -> list[tuple[int, ArticleNumber, bool]]:
    found = []
    for index, piece in enumerate(pieces):
        if not piece.text.startswith("第") or (front is not None and piece.start < front):
            continue
        match = ARTICLE.match(piece.text)
        if match is None:
            continue
        number = article_number(piece.text)
        assert number is not None  # the same pattern matched
        rest = piece.text[match.end() :]
        strong = not rest or rest[0] in BLANK + "【［["
        if strong or not REFERENCE_TAIL.match(rest):
            found.append((index, number, strong))
    return found


def _opens_with_articles(
    pieces: Sequence[_Piece], front: int | None, candidates: Sequence[tuple[int, ArticleNumber, bool]]
) -> bool:
    """Whether the first words after a marked header are an article that the next one follows: a short part of a code."""
    if front is None or len(candidates) < 2:
        return False
    body = (i for i, piece in enumerate(pieces) if piece.start >= front and _says(piece))
    (first, number, strong), (_, following, _) = candidates[:2]
    return strong and next(body, None) == first and _follows(number, following)


def _says(piece: _Piece) -> bool:
    """Whether a line says anything: a heading mark alone does not."""
    return bool(piece.text.strip("# "))


def _is_numbered(numbers: Sequence[ArticleNumber]) -> bool:
    """Whether these numbers are the articles of a document rather than a few quotations."""
    if not numbers:
        return False
    steps = sum(_follows(a, b) for a, b in zip(numbers, numbers[1:], strict=False))
    return numbers[0].main == 1 or steps >= 2


def _cut_articles(
    body: str,
    pieces: Sequence[_Piece],
    front: int | None,
    starts: dict[int, ArticleNumber],
    notes: list[str],
) -> list[_Cut]:
    """Cuts of a document with articles, in order."""
    first = min(starts)
    heads = _headings_before_articles(pieces, starts, front)
    body_start = _body_start(pieces, first, heads, front)
    cuts = [_Cut(0, LeafKind.FRONT)]
    if body_start < len(pieces) and body_start < first and body_start not in heads:
        cuts.append(_Cut(pieces[body_start].start, LeafKind.PROVISION, _provision("s0", "序言", None, ())))
    stack: list[Heading] = []
    counter = _Counter(notes)
    attachments = _Attachments()
    for index in range(body_start, len(pieces)):
        piece = pieces[index]
        if index in starts:
            cuts.append(counter.cut(piece, starts[index], tuple(stack), attachments))
        elif index in heads and not attachments.open:
            heading = heads[index]
            stack = [h for h in stack if DEPTH[h.level] < DEPTH[heading.level]] + [heading]
            cuts.append(_Cut(piece.start, LeafKind.HEADING))
        elif counter.previous is not None and index > max(starts):
            if attachments.begins(piece):
                cuts.append(attachments.cut(piece))
            elif not attachments.open and _is_signature(piece):
                cuts.append(_Cut(piece.start, LeafKind.BACK))
    return cuts


class _Counter:
    """Numbers articles as they come and notes gaps, repeats and restarts."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.previous: ArticleNumber | None = None
        self.previous_label = ""
        self.part = 1
        self.seen: dict[str, int] = {}

    def cut(
        self, piece: _Piece, number: ArticleNumber, headings: tuple[Heading, ...], attachments: _Attachments
    ) -> _Cut:
        match = ARTICLE.match(piece.text)
        assert match is not None
        label = re.sub(r"\s+", "", match[0])
        self._judge(number, label)
        key = str(number) if self.part == 1 else f"p{self.part}.{number}"
        repeat = self.seen.get(key, 0)
        self.seen[key] = repeat + 1
        key += f"~{repeat + 1}" if repeat else ""
        shown = label if self.part == 1 else f"第{self.part}部分 > {label}"
        own = number if self.part == 1 else None
        self.previous, self.previous_label = number, label
        attachments.open = False
        return _Cut(piece.start, LeafKind.PROVISION, _provision(key, shown, own, headings))

    def _judge(self, number: ArticleNumber, label: str) -> None:
        before = self.previous
        if before is None or _follows(before, number):
            if before is None and number.main != 1:
                self.notes.append(f"条号从{label}开始，之前的条文不在文件里。")
            return
        if number == ArticleNumber(1) and before.main > 1:
            self.part += 1
            self.notes.append(f"{self.previous_label}之后条号从第一条重新开始，按第{self.part}部分收录。")
        elif number <= before:
            self.notes.append(f"条号重复或倒退：{self.previous_label}之后是{label}。")
        else:
            self.notes.append(f"条号不连续：{self.previous_label}之后是{label}。")


class _Attachments:
    """附件 after the last article; its parts are provisions of their own."""

    def __init__(self) -> None:
        self.count = 0
        self.open = False

    def begins(self, piece: _Piece) -> bool:
        return len(piece.text) <= 60 and ATTACHMENT.match(piece.text) is not None

    def cut(self, piece: _Piece) -> _Cut:
        self.count += 1
        self.open = True
        heading = Heading(Level.ATTACHMENT, "附件", piece.text, Span(piece.start, piece.end))
        label = re.sub(r"\s+", " ", piece.text).rstrip(":：")
        return _Cut(piece.start, LeafKind.PROVISION, _provision(f"a{self.count}", label, None, (heading,)))


def _provision(
    key: str, label: str, number: ArticleNumber | None, headings: tuple[Heading, ...]
) -> Provision:
    return Provision(key, label, number, headings, Span(0, 0))


def _heading(piece: _Piece) -> Heading | None:
    """A heading line of a statute, or ``None``."""
    match = HEADING.match(piece.text)
    if match is None or len(piece.text) > 60 or CLOSING.search(piece.text):
        return None
    if not match[3] and match[4] and (REFERENCE_TAIL.match(match[4]) or piece.mark is Mark.TABLE):
        return None
    label = re.sub(rf"[{BLANK}]+", "", piece.text[: match.start(3)])
    title = re.sub(rf"[{BLANK}]+", _keep_latin_gap, match[4].strip())
    return Heading(LEVELS[match[2]], label, title, Span(piece.start, piece.end))


def _keep_latin_gap(match: re.Match[str]) -> str:
    return "" if len(match.string) <= 6 else " "


def _headings_before_articles(
    pieces: Sequence[_Piece], starts: dict[int, ArticleNumber], front: int | None
) -> dict[int, Heading]:
    """Heading lines: 第X章 anywhere below the header, and bare short lines directly before an article."""
    heads: dict[int, Heading] = {}
    floor = front or 0
    last = max(starts)
    next_is_start = False
    for index in range(last, -1, -1):
        piece = pieces[index]
        if index in starts:
            next_is_start = True
            continue
        if piece.start < floor:
            break
        heading = _heading(piece)
        if heading is None and next_is_start and index > 0:
            heading = _bare_heading(piece, is_front=index < min(starts))
        if heading is not None:
            heads[index] = heading
        else:
            next_is_start = False
    return heads


def _bare_heading(piece: _Piece, *, is_front: bool) -> Heading | None:
    """总则, 一、管辖 … : short, without punctuation, right before an article."""
    title = re.sub(rf"[{BLANK}]+", "", piece.text)
    match = ENUMERATED.match(title)
    plain = title[match.end() :] if match else title
    if (
        piece.mark is Mark.TABLE
        or len(plain) > 25
        or re.search(r"[。；：，！？:;,!?（(）)]", plain)
        or not plain
    ):
        return None
    if is_front and not match and plain not in ("总则", "一般规定"):
        return None
    if piece.mark is Mark.TITLE or re.match(r"\d|[（(]", plain):
        return None
    label = match[0] if match else ""
    return Heading(Level.CHAPTER, label, plain, Span(piece.start, piece.end))


def _body_start(pieces: Sequence[_Piece], first: int, heads: dict[int, Heading], front: int | None) -> int:
    """Index of the first piece that is not header, title or table of contents."""
    if front is not None:
        return next(
            (i for i, piece in enumerate(pieces) if piece.start >= front and _says(piece)), len(pieces)
        )
    start = first
    while start > 0 and start - 1 in heads:
        start -= 1
    preamble = start
    while preamble > 0 and _is_preamble(pieces[preamble - 1]):
        preamble -= 1
    return preamble


def _is_preamble(piece: _Piece) -> bool:
    return (
        piece.mark is Mark.TEXT
        and len(piece.text) > 25
        and piece.text[-1] in "。：；"
        and piece.text[0] != "第"
    )


def _is_signature(piece: _Piece) -> bool:
    return len(piece.text) <= 30 and bool(
        re.fullmatch(
            r"(?:[二〇○零一\d]{4}年[一二三四五六七八九十\d]{1,3}月[一二三四五六七八九十\d]{1,3}日)",
            piece.text,
        )
    )


# ---------------------------------------------------------------- documents with sections


@dataclass(frozen=True, slots=True)
class _Mark:
    """A section heading: rank 1 is outermost; ``title`` is what a reader would call it."""

    at: int
    rank: int
    title: str
    is_attachment: bool = False


def _cut_sections(body: str, pieces: Sequence[_Piece], front: int | None, *, case: bool) -> list[_Cut]:
    """Cuts of a document without articles: sections by its own headings."""
    start = _section_start(pieces, front)
    cuts = [_Cut(0, LeafKind.FRONT)]
    if start >= len(pieces):
        return cuts
    marks = _case_marks(pieces[start:]) if case else _section_marks(body, pieces[start:])
    marks = _thin(body, marks)
    if not marks or marks[0].at > pieces[start].start:
        cuts.append(_Cut(pieces[start].start, LeafKind.PROVISION, _provision("s0", "正文", None, ())))
    path: list[tuple[int, str, str]] = []  # rank, key, title
    counts: dict[str, int] = {}
    for mark in marks:
        path = [step for step in path if step[0] < mark.rank]
        parent = path[-1][1] if path else ("a" if mark.is_attachment else "s")
        counts[parent] = counts.get(parent, 0) + 1
        key = f"{parent}.{counts[parent]}" if path else f"{parent}{counts[parent]}"
        path.append((mark.rank, key, mark.title))
        headings = tuple(Heading(Level.TITLE, "", title, Span(mark.at, mark.at)) for _, _, title in path[:-1])
        label = " > ".join(title for _, _, title in path)
        cuts.append(_Cut(mark.at, LeafKind.PROVISION, _provision(key, label, None, headings)))
    return cuts


def _section_start(pieces: Sequence[_Piece], front: int | None) -> int:
    if front is not None:
        return next(
            (i for i, piece in enumerate(pieces) if piece.start >= front and _says(piece)), len(pieces)
        )
    index = 0
    while index < len(pieces) and _is_header_line(pieces[index], index):
        index += 1
    return index


def _is_header_line(piece: _Piece, index: int) -> bool:
    if piece.mark in (Mark.TITLE, Mark.BOX):
        return True
    if ENUMERATED.match(piece.text) or ITEM.match(piece.text) or len(piece.text) > 60:
        return False
    is_dated = bool(re.search(r"\d{4}年|〔|令|号|公布|发布|通过|施行", piece.text))
    return not CLOSING.search(piece.text) and (index == 0 or is_dated or len(piece.text) < 25) and index < 12


def _case_marks(pieces: Sequence[_Piece]) -> list[_Mark]:
    marks = []
    for piece in pieces:
        plain = piece.text.strip()
        if piece.mark is Mark.HEADING:
            marks.append(_Mark(piece.start, 1, _short(plain)))
        elif len(plain) <= 30 and (match := CASE_HEADINGS.match(plain)) and len(match[0]) >= len(plain) - 1:
            marks.append(_Mark(piece.start, 1, _short(plain.strip("【】[]［］:："))))
        elif re.match(r"【[^】]{2,8}】", plain):
            marks.append(_Mark(piece.start, 1, plain[1 : plain.index("】")]))
    return marks


def _section_marks(body: str, pieces: Sequence[_Piece]) -> list[_Mark]:
    """Headings by the usual ladder 一、 （一） 1. （1）, spoken 一是, and coined sentence headings."""
    marks: list[_Mark] = []
    spoken: list[int] = []
    for piece in pieces:
        plain = piece.text
        if piece.mark is Mark.TABLE:
            continue
        if (heading := _heading(piece)) is not None:
            marks.append(_Mark(piece.start, DEPTH[heading.level] - 9, str(heading)))
        elif ENUMERATED.match(plain):
            marks.append(_Mark(piece.start, 1, _short(plain)))
        elif piece.mark is Mark.HEADING:
            marks.append(_Mark(piece.start, 1 if piece.level <= 2 else 2, _short(plain)))
        elif ATTACHMENT.match(plain) and len(plain) <= 60:
            marks.append(_Mark(piece.start, -20, _short(plain), is_attachment=True))
        elif ITEM.match(plain):
            marks.append(_Mark(piece.start, 2, _short(plain)))
        elif SUBITEM.match(plain):
            marks.append(_Mark(piece.start, 4, _short(plain)))
        else:
            marks.extend(_spoken_marks(piece, spoken))
            continue
        spoken.clear()
    return marks


def _spoken_marks(piece: _Piece, counts: list[int]) -> list[_Mark]:
    """一是…。 at the start of a sentence, and under it short two-clause sentences (…，上下联动。).

    ``counts`` holds the last number at each depth of counting and is carried from line to line:
    a second 一是 before 二是 opens a list inside the first.
    """
    marks: list[_Mark] = []
    for match in SENTENCE.finditer(piece.text):
        plain = match[0].strip()
        at = piece.start + match.start()
        if oral := ORAL.match(plain):
            if (depth := _spoken_depth(to_int(oral[1]), counts)) is not None:
                marks.append(_Mark(at, 3 + 2 * depth, _short(plain)))
        elif counts and COINED.fullmatch(plain):
            marks.append(_Mark(at, 2 + 2 * len(counts), _short(plain)))
    return marks


def _spoken_depth(number: int, counts: list[int]) -> int | None:
    """Depth at which ``number`` continues or opens a count, or ``None`` when it does neither."""
    for depth in range(len(counts) - 1, -1, -1):
        if counts[depth] == number - 1:
            del counts[depth + 1 :]
            counts[depth] = number
            return depth
    if counts and 1 < number <= counts[-1]:  # the count before was a list inside a sentence
        counts[-1] = number
        return len(counts) - 1
    if number != 1:
        return None
    counts.append(1)
    return len(counts) - 1


COINED = re.compile(r"[^，。！？；：、\d]{3,14}，[^，。！？；：、\d]{4,6}[。]|要[^，。！？；：、\d]{2,6}[。]")
SENTENCE = re.compile(r"[^。！？]+[。！？]+[”’）)]?|[^。！？]+$")


def _thin(body: str, marks: Sequence[_Mark]) -> list[_Mark]:
    """Keep sub-headings only where their section is long; short lists of items stay in one section."""
    kept: list[_Mark] = []
    for index, mark in enumerate(marks):
        if not kept or mark.rank <= kept[0].rank or mark.rank >= 3 and mark.rank % 2:
            kept.append(mark)
            continue
        parent = next((m for m in reversed(kept) if m.rank < mark.rank), None)
        if parent is None:
            kept.append(mark)
            continue
        end = next((m.at for m in marks[index:] if m.rank <= parent.rank), len(body))
        if end - parent.at > LONG_SECTION:
            kept.append(mark)
    return kept


def _short(text: str) -> str:
    """First clause of a heading, at most 40 characters."""
    plain = re.sub(rf"[{BLANK}]+", " ", text).strip()
    sentence = re.split(r"[。！？]", plain, maxsplit=1)[0]
    if len(sentence) <= 40:
        return sentence.rstrip("：:")
    clause = re.split(r"[，；：]", sentence, maxsplit=1)[0]
    return clause if len(clause) <= 40 else clause[:39] + "…"


# ---------------------------------------------------------------- leaves


def _ordered(cuts: Sequence[_Cut]) -> list[_Cut]:
    """Cuts at distinct places in order; the later of two at one place stands."""
    unique = {cut.at: cut for cut in cuts}
    return [unique[at] for at in sorted(unique)]


def _spans(body: str, cuts: Sequence[_Cut]) -> list[tuple[_Cut, Span]]:
    ordered = _ordered(cuts)
    ends = [cut.at for cut in ordered[1:]] + [len(body)]
    return [(cut, Span(cut.at, end)) for cut, end in zip(ordered, ends, strict=True)]


def _lay(body: str, cuts: Sequence[_Cut]) -> tuple[Provision, ...]:
    laid = []
    for cut, span in _spans(body, cuts):
        if cut.provision is None:
            continue
        end = span.end
        while end > span.start and body[end - 1].isspace():
            end -= 1
        own = Span(span.start, end)
        if cut.kind is LeafKind.PROVISION and own.start < own.end:
            base = cut.provision
            label = re.match(ARTICLE, body[own.start : own.end])
            printed = label[0] if label and (base.number is not None or base.key.startswith("p")) else ""
            laid.append(
                Provision(
                    base.key,
                    base.label,
                    base.number,
                    base.headings,
                    own,
                    split_paragraphs(body, own, printed),
                )
            )
    return tuple(laid)


def _leaves(body: str, cuts: Sequence[_Cut]) -> tuple[Leaf, ...]:
    return tuple(Leaf(cut.kind, span) for cut, span in _spans(body, cuts))
