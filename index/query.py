"""What a question asks for: a pinpoint, a law, the day of the act, a region, and the words left over.

Recognises forms; whether a law or an article exists is resolve.py's business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.norms import ArticleNumber
from ingest.numerals import NUMERAL, to_int
from ingest.regions import find_place

N = rf"[{NUMERAL}]+"
PINPOINT = re.compile(
    rf"第?\s*(?P<a>{N})\s*(?:(?:[-–—~至到]|条?[至到])\s*第?(?P<b>{N}))?\s*条(?:\s*之\s*(?P<sub>{N}))?"
    rf"(?:\s*第?\s*(?P<p>{N})\s*款|\s*[（(](?P<p2>\d+)[）)](?=\s*[（(第]|\s*$))?"
    rf"(?:\s*第?\s*[（(]?\s*(?P<i>{N})\s*[）)]?\s*项|\s*[（(](?P<i2>{N})[）)])?"
    rf"(?:\s*第?\s*(?P<m>{N})\s*目)?"
)
BARE = re.compile(rf"(?P<a>\d{{1,4}})(?:[（(](?P<p2>\d+)[）)])(?:[（(](?P<i2>{N})[）)])?")
YEAR = r"(?:(?:19|20)\d\d|[一二][零〇一二三四五六七八九]{3})"
DATE = re.compile(
    rf"(?P<y>{YEAR})\s*(?:年|[-/.])\s*(?:(?P<m>{N})\s*(?:月份?|[-/.])\s*(?:(?P<d>{N})\s*(?:日|号)?)?)?"
)
RELATIVE = {"前年": 730, "去年": 365, "上个月": 30, "上月": 30, "上周": 7, "前天": 2, "昨天": 1}
PUNCTUATION = re.compile(r"[\s，。？！、；：,.?!;:《》〈〉“”\"'‘’（）()\[\]{}<>【】|/\\]+")
MAX_QUESTION = 10_000


@dataclass(frozen=True, slots=True)
class Pinpoint:
    """An article asked for by number; ``law`` is the key of the law named before it, or ""."""

    law: str
    article: ArticleNumber
    article_to: ArticleNumber | None = None
    paragraph: int | None = None
    item: int | None = None
    subitem: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question taken apart; ``laws`` are those named, ``rest`` the words to search for."""

    text: str
    pinpoints: tuple[Pinpoint, ...]
    laws: tuple[str, ...]
    unknown_titles: tuple[str, ...]
    day: date | None
    region: str
    rest: str
    problems: tuple[str, ...] = ()


class Titles:
    """Finds names of laws in a question: full titles, short ones, field abbreviations."""

    def __init__(self, laws: Iterable[str], aliases: Mapping[str, str]) -> None:
        self.laws = frozenset(laws)
        self.names: dict[str, str] = {}
        for law in sorted(self.laws):
            for name in _short_forms(law):
                self.names.setdefault(name, law)
        for law in sorted(self.laws):
            self.names[_plain(law)] = law
        for alias, law in sorted(aliases.items()):
            if law in self.laws:
                self.names.setdefault(_plain(alias), law)
        self.longest = max(map(len, self.names), default=0)
        self.starts = {name[:2] for name in self.names}

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, law) of every name in a text, longest first at each place."""
        found = []
        at = 0
        while at < len(text) - 1:
            if text[at : at + 2] in self.starts:
                for size in range(min(self.longest, len(text) - at), 1, -1):
                    law = self.names.get(text[at : at + size])
                    if law:
                        found.append((at, at + size, law))
                        at += size - 1
                        break
            at += 1
        return found

    def closest(self, name: str) -> list[str]:
        """Laws that an abbreviated or misspelt name most likely means; several are a draw."""
        name = _plain(name)
        if name in self.names:
            return [self.names[name]]
        ranked = [(rank, law) for law in sorted(self.laws) if (rank := _likeness(name, _plain(law)))]
        best = min((rank for rank, _ in ranked), default=None)
        return [law for rank, law in ranked if rank == best]


SUFFIXES = ("法", "条例", "办法", "规定", "细则", "解释", "规则", "意见", "决定", "规范")


def _plain(title: str) -> str:
    return re.sub(r"[\s《》〈〉（）()、，]", "", unicodedata.normalize("NFKC", title)).removeprefix(
        "中华人民共和国"
    )


def _short_forms(law: str) -> list[str]:
    """Forms that need no table: without (试行), without 中华人民共和国 inside, 暂行 dropped."""
    plain = _plain(law)
    forms = {plain.replace("中华人民共和国", ""), re.sub(r"试行$|暂行(?=办法|规定|条例)", "", plain)}
    forms.add(re.sub(r"^市场监督管理", "市监", plain))
    forms.add(re.sub(r"^市场监督管理", "市场监管", plain))
    forms.add(re.sub(r"监督管理条例$", "条例", plain))
    return sorted(form for form in forms if len(form) >= 3)


def _likeness(name: str, title: str) -> tuple[int, int, int] | None:
    """How well an abbreviation fits a title, smaller is better; ``None`` where it does not.

    An abbreviation keeps the first character and the order; its last word (办法, 规定 …) may be
    another only where enough of the rest is left to tell the law.
    """
    stem, title_stem = _stem(name), _stem(title)
    if len(name) < 2 or not stem or not title_stem:
        return None
    same_end = name[len(stem) :] == title[len(title_stem) :]
    local = 1 if re.match(r"[\u4e00-\u9fff]{2,5}[省市区县州]", title) else 0
    if stem[0] == title_stem[0] and _within(stem, title_stem) and (same_end or len(stem) >= 4):
        return (local + (0 if same_end else 2), len(title) - len(name), 0)
    if len(name) >= 5 and _misspelt(name, title):
        return (local, 1, 1)
    return None


def _stem(title: str) -> str:
    """Title without its kind: 食品安全法 → 食品安全."""
    plain = re.sub(r"试行$", "", title)
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if plain.endswith(suffix):
            return re.sub(r"(暂行|实施|若干|管理)$", "", plain.removesuffix(suffix)) or plain.removesuffix(
                suffix
            )
    return plain


def _within(short: str, title: str) -> bool:
    rest = iter(title)
    return all(character in rest for character in short)


def _misspelt(name: str, title: str) -> bool:
    """At most one character wrong, missing or too many."""
    if abs(len(name) - len(title)) > 1 or name[-1] != title[-1]:
        return False
    if len(name) == len(title):
        return sum(a != b for a, b in zip(name, title, strict=True)) == 1
    short, long = sorted((name, title), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def understand(question: str, titles: Titles, *, today: date) -> Query:
    """Take a question apart; linear in its length."""
    text = unicodedata.normalize("NFKC", question)[:MAX_QUESTION]
    named = titles.find(text)
    pinpoints, unknown, used = _pinpoints(text, named, titles)
    laws = list(dict.fromkeys([law for _, _, law in named] + [p.law for p in pinpoints if p.law]))
    day, problems, date_spans = _day(text, today)
    place = find_place(text)
    spans = [(s, e) for s, e, _ in named] + used + date_spans
    rest = _without(text, spans)
    region = place[0] if place else ""
    return Query(text, tuple(pinpoints), tuple(laws), tuple(unknown), day, region, rest, tuple(problems))


def _pinpoints(
    text: str, named: list[tuple[int, int, str]], titles: Titles
) -> tuple[list[Pinpoint], list[str], list[tuple[int, int]]]:
    found: list[Pinpoint] = []
    unknown: list[str] = []
    used: list[tuple[int, int]] = []
    matches = [*PINPOINT.finditer(text)]
    if not matches and named:
        matches = [m for m in BARE.finditer(text) if any(e == m.start() for _, e, _ in named)]
    for match in matches[:20]:
        groups = match.groupdict()
        law = _law_before(text, match.start(), named)
        if not law:
            law, name, start = _guess_before(text, match.start(), titles)
            if name and not law:
                unknown.append(name)
            if law:
                used.append((start, match.start()))
        if not law and not unknown and _is_count(text, match):
            continue
        if not law and found:
            law = found[-1].law
        numbers = {k: to_int(v) for k, v in groups.items() if v}
        last = ArticleNumber(numbers["b"]) if "b" in numbers else None
        if numbers["a"] == 0:
            continue
        found.append(
            Pinpoint(
                law,
                ArticleNumber(numbers["a"], numbers.get("sub", 0)),
                last,
                numbers.get("p", numbers.get("p2")),
                numbers.get("i", numbers.get("i2")),
                numbers.get("m"),
            )
        )
        used.append(match.span())
    return found, unknown, used


def _is_count(text: str, match: re.Match[str]) -> bool:
    """三条意见, 几十条线索: a number of things, not an article."""
    return not match[0].startswith("第")


def _law_before(text: str, at: int, named: list[tuple[int, int, str]]) -> str:
    best = ""
    for _start, end, law in named:
        if end <= at and len(PUNCTUATION.sub("", text[end:at])) <= 2:
            best = law
    return best


NAME = re.compile(r"《([^《》]{2,60}(?:《[^》]*》[^》]*)?)》\s*(?:的|中|里|里的)?\s*$")
LOOSE = re.compile(
    r"([\u4e00-\u9fff、]{2,40}?(?:法|条例|办法|规定|细则|解释|规则))\s*(?:的|中|里|里的|中的)?\s*$"
)


def _guess_before(text: str, at: int, titles: Titles) -> tuple[str, str, int]:
    """Law meant by the words right before a number: an abbreviation or a slip of the pen."""
    head = text[max(0, at - 80) : at]
    match = NAME.search(head) or LOOSE.search(head)
    if match is None:
        return "", "", at
    name = match[1]
    start = max(0, at - 80) + match.start()
    options = [name] if "《" in match[0] else [name[i:] for i in range(len(name) - 1)]
    for option in options:
        laws = titles.closest(option)
        if len(laws) == 1:
            return laws[0], option, start + match[0].find(option)
        if laws:
            break
    return "", name, start


def _day(text: str, today: date) -> tuple[date | None, list[str], list[tuple[int, int]]]:
    """Day of the act: the first plausible date; a month means its fifteenth, a year its middle."""
    spans: list[tuple[int, int]] = []
    problems: list[str] = []
    for match in DATE.finditer(text):
        if _in_title(text, match.start()) or not (match["m"] or match[0].rstrip().endswith("年")):
            continue
        year = to_int(match["y"])
        month = to_int(match["m"]) if match["m"] else 7
        day = to_int(match["d"]) if match["d"] else (15 if match["m"] else 1)
        try:
            found = date(year, month, day)
        except ValueError:
            problems.append(f"“{match[0].strip()}”不是一个真实的日期；请写成 2022-11-15 这样。")
            continue
        spans.append(match.span())
        return found, problems, spans
    for word, days in RELATIVE.items():
        at = text.find(word)
        if at >= 0:
            return today - timedelta(days=days), problems, [(at, at + len(word))]
    return None, problems, spans


def _in_title(text: str, at: int) -> bool:
    return text.rfind("《", 0, at) > text.rfind("》", 0, at)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept = list(text)
    for start, end in spans:
        kept[start:end] = " " * (end - start)
    return re.sub(r"\s+", " ", "".join(kept)).strip()
