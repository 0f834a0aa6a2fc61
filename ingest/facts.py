"""What a document says of itself: title, kind, issuer, number, dates, region, what it repeals.

Reads the header, the last articles and the wording of titles; the file name, the folder and a
metadata table are hints only, and a disagreement becomes a sentence for the report. Does not
decide what is in force on a day (validity.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ingest.norms import Facts, Kind
from ingest.numerals import ARTICLE, NUMERAL, article_number, to_int
from ingest.parsers.text import Mark, Text
from ingest.regions import CITIES, NATIONAL, place_of_title

YEAR = rf"(?:[12]\d{{3}}|[一二][{NUMERAL}]{{3}})"
DAY = re.compile(rf"({YEAR})\s*年\s*([{NUMERAL}]{{1,3}})\s*月\s*([{NUMERAL}]{{1,3}})\s*日")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
FILE_DATE = re.compile(r"[(（](\d{4}-\d{2}-\d{2})[)）]$")
COMMENCES = re.compile(
    rf"自\s*({YEAR}\s*年\s*[{NUMERAL}]{{1,3}}\s*月\s*[{NUMERAL}]{{1,3}}\s*日)\s*起?\s*(?:正式)?(?:施行|实施|生效|执行|试行)"
)
ON_ISSUE = re.compile(
    r"自(?:公布|发布|颁布|通过|印发|批准)之日(?:起)?(?:(?:满)?(\S{1,4}?)(日|个月)后)?\s*(?:起)?(?:施行|实施|生效|执行|试行)"
)
HEADER_COMMENCES = re.compile(
    rf"({YEAR}年[{NUMERAL}]{{1,3}}月[{NUMERAL}]{{1,3}}日)\s*起?\s*(?:施行|实施|生效)"
)
APART = re.compile(
    rf"((?:第[{NUMERAL}]+条(?:之[{NUMERAL}]+)?(?:第[{NUMERAL}]+款)?[、和及与]?)+)(?:的规定)?自\s*"
    rf"({YEAR}\s*年\s*[{NUMERAL}]{{1,3}}\s*月\s*[{NUMERAL}]{{1,3}}\s*日)\s*起?\s*(?:施行|实施|生效|执行)"
)
NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]{2,30}(?:令|公告)\s*(?:〔?\d{4}〕?年?)?\s*第\s*[\d一二三四五六七八九十百零〇]+\s*号"
    r"|[\u4e00-\u9fff]{1,12}[〔\[（(]\s*\d{4}\s*[〕\]）)]\s*\d+\s*号)"
)
PASSED = re.compile(r"通过|公布|发布|颁布|修订|修正|修改|批准|印发|令")
REPEAL = re.compile(
    r"((?:《[^》]{2,60}》[^《》。；]{0,40}){1,40}?)(?:同时|即行|一并|予以|相应|自本\S{1,4}施行之日起)\s*(?:废止|失效)"
)
AMENDED_AFTER = (
    200  # days from the header's last date to the file name's, above which an amendment is missing there
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A row of a metadata table that came with the files."""

    promulgated: date | None = None
    effective: date | None = None
    kind: str = ""


def parse_day(text: str) -> date | None:
    """First day named in a text (2021年7月15日, 二〇二一年七月十五日, 2021-07-15), or ``None``.

    >>> parse_day("自二〇二一年七月十五日起施行")
    datetime.date(2021, 7, 15)
    """
    for pattern in (DAY, ISO):
        if match := pattern.search(text):
            try:
                return date(to_int(match[1]), to_int(match[2]), to_int(match[3]))
            except ValueError:
                continue
    return None


def file_date(name: str) -> str:
    """The day in a file name, ISO, or "": 食品安全法(2021-04-29).md → 2021-04-29."""
    match = FILE_DATE.search(re.sub(r"\.\w{2,4}$", "", name).strip())
    return match[1] if match and parse_day(match[1]) else ""


def read_facts(
    text: Text, *, header: str, articles: Sequence[str], name: str, path: str, hint: Hint | None = None
) -> Facts:
    """Facts of a document: ``header`` is its front matter, ``articles`` its provisions as text."""
    stem = re.sub(r"\.\w{2,5}$", "", name)
    stem = FILE_DATE.sub("", stem).strip()
    is_case = "/案例/" in f"/{path}" or bool(re.search(r"(^|\n)(【?基本案情】?|典型意义)(\n|$)", text.body))
    title = stem if is_case else _title(text, header, stem)
    lines = header.split("\n")
    number = _number(lines)
    kind = Kind.CASE if is_case else _kind(title, header, number, path, bool(articles))
    promulgated, amendment = _last_change(lines)
    if kind is Kind.INTERPRETATION and not amendment and header.count("会议通过") > 1:
        amendment = "修正"  # the courts pass an amended interpretation again, under its old closing words
    named = parse_day(file_date(name))
    hinted = hint.promulgated if hint else None
    conflicts = []
    if promulgated and named and promulgated != named and kind is not Kind.CASE:
        conflicts.append(f"文件名的日期是 {named}，题注最后一次公布或修改是 {promulgated}。")
    issued = promulgated or named or hinted
    if promulgated and named and (named - promulgated).days > AMENDED_AFTER:
        issued, amendment = named, amendment or "修正"
    last = [re.sub(rf"^{ARTICLE.pattern}", "", article) for article in articles[-4:]]
    closing = "\n".join(last) if articles else text.body[-1500:]
    effective = _effective(lines, APART.sub("", closing), issued=issued, amendment=amendment)
    if effective == issued and issued and (amendment or not ON_ISSUE.search(closing)):
        # the text does not print its day: the table's, else that of publication after approval (file name)
        known = [hint.effective] if hint and hint.effective and hint.effective > issued else [issued, named]
        effective = max(day for day in known if day is not None)
    if hint and hint.effective and effective and hint.effective != effective:
        conflicts.append(f"附表写施行日期 {hint.effective}，正文读出 {effective}，以正文为准。")
    facts = Facts(
        title=title,
        kind=kind,
        issuer=_issuer(title, header, kind),
        number=number,
        promulgated=issued,
        amendment=amendment,
        effective=effective
        or (hint.effective if hint else None)
        or max(filter(None, (issued, named)), default=None),
        region=_region(title, path),
        repeals=_repeals(closing, title),
        per_article=_apart(closing),
        conflicts=tuple(conflicts),
    )
    return _as_stated(facts, text.stated) if text.stated else facts


def _as_stated(facts: Facts, stated: Mapping[str, str]) -> Facts:
    """What the file states of itself in fields goes before what was read from its wording.

    A date only in a document without a commencement of its own: what a law says of its days stands.
    """
    kind = Kind(stated["kind"]) if stated.get("kind") in list(Kind) else facts.kind
    named = replace(
        facts,
        title=stated.get("title", facts.title),
        kind=kind,
        number=stated.get("number", facts.number),
        issuer=stated.get("issuer", facts.issuer),
        region=stated.get("region", facts.region),
    )
    if kind not in (Kind.NORMATIVE, Kind.POLICY, Kind.CASE):
        return named
    day = parse_day(stated.get("date", "")) or facts.promulgated
    effective = None if kind is Kind.CASE else day  # a case teaches on every day
    return replace(named, promulgated=day, effective=effective, conflicts=())


def _title(text: Text, header: str, stem: str) -> str:
    marked = [line.span.of(text.body) for line in text.lines[:8] if line.mark in (Mark.TITLE, Mark.BOX)]
    plain_stem = _plain(stem)
    if marked and len(marked[0]) >= 3:
        return marked[0].strip()
    lines = [line.strip() for line in header.split("\n") if line.strip()][:8]
    for count in (1, 2, 3, 4):
        for first in range(max(0, len(lines) - count + 1)):
            joined = "".join(lines[first : first + count])
            if _plain(joined) == plain_stem or _plain(joined).removeprefix("中华人民共和国") == plain_stem:
                return joined
    return stem


def _plain(title: str) -> str:
    return re.sub(r"[\s《》〈〉<>（）()、，]+", "", title)


def _number(lines: Sequence[str]) -> str:
    found = ""
    for line in lines:
        for match in NUMBER.finditer(re.sub(r"\s+", "", line)):
            found = (
                re.sub(r"^.*?(?=国务院令|国家[\u4e00-\u9fff]{2,20}令|中华人民共和国)", "", match[0])
                or match[0]
            )
            found = re.sub(r"^(?:\S*?日)", "", found).removeprefix("中华人民共和国")
    return found


def _kind(title: str, header: str, number: str, path: str, has_articles: bool) -> Kind:
    where = f"/{path}"
    if (
        re.search(r"最高人民(法院|检察院)", title)
        or "/司法解释/" in where
        or number.startswith(("法释", "高检发释"))
    ):
        return Kind.INTERPRETATION
    if re.search(r"讲话|工作要点|工作方案|行动方案|规划纲要|指导意见|实施意见", title):
        return Kind.POLICY
    if "/DLC/" in where or place_of_title(title):
        return Kind.LOCAL if has_articles or "/DLC/" in where else Kind.NORMATIVE
    for folder, kind in (("行政法规", Kind.REGULATION), ("部门规章", Kind.RULE)):
        if f"/{folder}/" in where:
            return kind
    if "国务院令" in header or (title.startswith("国务院关于") and has_articles):
        return Kind.REGULATION
    if re.search(r"法(（[^）]*）)?$|修正案|宪法", title) and "办法" not in title[-4:]:
        return Kind.LAW
    if "全国人民代表大会" in header and not re.search(r"条例|办法|细则", title):
        return Kind.LAW
    if re.search(r"条例(（[^）]*）)?$", title):
        return Kind.REGULATION
    if has_articles and re.search(r"办法|规定|规则|细则|规范|规程|标准|目录", title):
        return Kind.RULE
    if re.search(
        r"/(法律|宪法|宪法相关法|民法典|民法商法|社会法|经济法|行政法|刑法|诉讼与非诉讼程序法)/", where
    ):
        return Kind.LAW
    if re.search(r"通知|通告|公告|批复|答复|决定|意见|命令|复函", title):
        return Kind.NORMATIVE
    return Kind.POLICY if not has_articles else Kind.NORMATIVE


def _last_change(lines: Sequence[str]) -> tuple[date | None, str]:
    """Day and kind of the last passing or amendment in a header."""
    best: date | None = None
    amendment = ""
    for line in re.split(r"[\n；;]|(?<=[）)])\s+|\s{2,}", "\n".join(lines)):
        compact = re.sub(r"\s+", "", line)
        change = "修正" if "修正" in compact else "修订" if re.search(r"修订(?!草案)|修改", compact) else ""
        for match in DAY.finditer(line):
            tail = compact[compact.find("日") :][:60]
            commences = re.match(r"日起?(?:施行|实施|生效)", tail)
            day = parse_day(match[0])
            if (
                day is None
                or commences
                or not PASSED.search(line)
                or line[: match.start()].rstrip().endswith("自")
            ):
                continue
            if best is None or day > best or (day == best and change):
                best, amendment = day, change
    return best, amendment


def _effective(lines: Sequence[str], closing: str, *, issued: date | None, amendment: str) -> date | None:
    """Commencement of this version.

    A partial amendment leaves the old commencement date in the last article; then the version
    runs from the amendment itself, unless the header names its day.
    """
    stated = [day for match in COMMENCES.finditer(closing) if (day := parse_day(match[1]))]
    headed = [
        day
        for line in lines
        for match in [*COMMENCES.finditer(line), *HEADER_COMMENCES.finditer(re.sub(r"\s+", "", line))]
        if (day := parse_day(match[1]))
    ]
    for day in (max(headed, default=None), stated[0] if stated else None):
        if day and (issued is None or day >= issued):
            return day
    if (relative := ON_ISSUE.search(closing)) and issued and not amendment:
        return _later(issued, relative[1], relative[2])
    if issued and (stated or headed or amendment or relative):
        return issued
    return max(headed, default=None) or (stated[0] if stated else None)


def _later(day: date, count: str | None, unit: str | None) -> date:
    if not count:
        return day
    try:
        number = to_int(count)
    except ValueError:
        return day
    if unit == "日":
        return day + timedelta(days=number)
    month = day.month - 1 + number
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def _apart(closing: str) -> tuple[tuple[str, date], ...]:
    """Articles that a text lets begin on a day of their own: 第五条、第六条自2027年1月1日起施行."""
    return tuple(
        (str(number), day)
        for match in APART.finditer(closing)
        if (day := parse_day(match[2]))
        for label in ARTICLE.finditer(match[1])
        if (number := article_number(label[0]))
    )


def _repeals(closing: str, title: str) -> tuple[str, ...]:
    own = _plain(title).removeprefix("中华人民共和国")
    found: list[str] = []
    for match in REPEAL.finditer(closing):
        for name in re.findall(r"《([^》]{2,60}(?:〈[^〉]*〉[^》]*)?)》", match[1]):
            if name not in found:
                found.append(name)
    return tuple(name for name in found if name and own is not None)


def _issuer(title: str, header: str, kind: Kind) -> str:
    compact = re.sub(r"\s+", "", header)
    for name in ("最高人民法院、最高人民检察院", "最高人民法院", "最高人民检察院"):
        if title.startswith(name):
            return name
    if kind is Kind.REGULATION:
        return "国务院"
    if kind is Kind.LAW:
        standing = "人民代表大会常务委员会" in compact and "全国人民代表大会第" not in compact
        return "全国人民代表大会常务委员会" if standing else "全国人民代表大会"
    if kind is Kind.LOCAL:
        place = place_of_title(title)
        return f"{place}人民代表大会常务委员会" if place else ""
    match = re.search(
        r"(国家[\u4e00-\u9fff]{2,16}?(?:总局|局|委员会|办公室)|[\u4e00-\u9fff]{2,10}部)(?=令|公告|第|发布)",
        compact,
    )
    return match[1] if match else ""


def _region(title: str, path: str) -> str:
    if place := place_of_title(title.removeprefix("《")):
        return place
    if match := re.search(r"DLC/([\u4e00-\u9fff]{2,3})地方法规", path):
        return next((p for p in CITIES if p.startswith(match[1])), match[1])
    return NATIONAL


def read_hints(table: str) -> Mapping[str, Hint]:
    """Rows of a metadata.tsv by title and by file name; unknown columns are left alone."""
    rows = [line.split("\t") for line in table.splitlines() if line.strip()]
    if not rows:
        return {}
    head = rows[0]
    hints: dict[str, Hint] = {}
    for row in rows[1:]:
        cells = dict(zip(head, row, strict=False))
        hint = Hint(
            promulgated=parse_day(cells.get("publish") or cells.get("date") or ""),
            effective=parse_day(cells.get("valid_from") or cells.get("effective") or ""),
            kind=cells.get("level", ""),
        )
        hints[cells.get("file") or f"{cells.get('name')}({cells.get('publish')}).md"] = hint
    return hints
