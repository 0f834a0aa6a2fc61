"""corpus/cases/*.yaml → teaching cases: invented for teaching, the law in them real.

Checks a case by itself and against the gists (a fine must lie inside the tier it names). Whether a
cited version was in force on the day of the act is for whoever holds the versions. Schema: corpus/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import yaml

from ingest.errors import Unreadable
from ingest.gists import DOMAINS, LOADER, Gist, Norm
from ingest.norms import law_key
from ingest.numerals import article_number


class Lesson(StrEnum):
    """What a case is there to teach."""

    ORDINARY = "一般"
    NO_PENALTY = "不予处罚"
    REDUCED = "减轻"
    LIGHTER = "从轻"
    TRANSFER = "移送"
    TRAP = "陷阱"


class CitedAs(StrEnum):
    """Part that a cited article plays in a decision."""

    BREACH = "违法依据"
    PENALTY = "处罚依据"
    PROCEDURE = "程序"
    DISCRETION = "裁量"


OUTCOMES = [
    "行政处罚",
    "从轻处罚",
    "减轻处罚",
    "从重处罚",
    "不予处罚",
    "移送公安机关",
    "撤销",
    "不予立案",
    "移送管辖",
]
EDGE = 0.3  # share of a range that counts as its lower or upper part
TRAPS = ("版本", "主体", "时效", "一事不再罚", "听证", "管辖", "定性")
TEXTS = ("title", "cause", "facts", "significance")
LISTS = ("evidence", "teaching_points", "discussion", "pitfalls", "keywords")
PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx]|\d{16,19})(?!\d)")
PARAGRAPH = re.compile(r"第[一二三四五六七八九十]+款")
ITEM = re.compile(r"（[一二三四五六七八九十]+）")
LAW_ARTICLE = re.compile(
    r"^(?P<law>.+?)(?P<article>第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?)$"
)


@dataclass(frozen=True, slots=True)
class CitedLaw:
    """An article as a case cites it; ``paragraph`` and ``item`` as written (第一款, （五）) or empty."""

    law: str
    version: str
    article: str
    role: CitedAs
    paragraph: str = ""
    item: str = ""

    def __str__(self) -> str:
        item = f"第{self.item}项" if self.item else ""
        return f"《{self.law}》（{self.version}版本）{self.article}{self.paragraph}{item}"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One part of a decision; ``amount`` and ``base`` in yuan, ``tier`` the words of the gist's tier.

    ``within`` is the range of a text that has no gist.
    """

    kind: str
    amount: float | None = None
    article: str = ""
    tier: str = ""
    base: float | None = None
    within: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TeachingCase:
    """A case for teaching, complete by the schema."""

    key: str
    title: str
    domain: str
    cause: str
    act_date: date
    lesson: Lesson
    trap: str
    facts: str
    evidence: tuple[str, ...]
    citations: tuple[CitedLaw, ...]
    outcome: str
    sanctions: tuple[Sanction, ...]
    discretion: str
    reason: str
    significance: str
    teaching_points: tuple[str, ...]
    discussion: tuple[str, ...]
    pitfalls: tuple[str, ...]
    keywords: tuple[str, ...]


def read_case(wording: str, name: str) -> TeachingCase:
    """A case file; raises ``Unreadable`` with every fault where it is not complete."""
    try:
        data = yaml.load(wording, LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise Unreadable(f"YAML 写法有误（{str(error).splitlines()[0]}）。") from error
    if not isinstance(data, dict) or "facts" not in data or "citations" not in data:
        raise Unreadable(
            "不是案例文件：案例的 YAML 至少有 title、facts、citations；写法见 corpus/README.md。"
        )
    if faults := case_faults(data, wording):
        raise Unreadable("".join(faults))
    return _case(data, re.sub(r"\.ya?ml$", "", name))


def case_faults(data: Mapping[str, Any], wording: str = "") -> list[str]:
    """What is missing or wrong in a case, each a sentence that says where and how to write it."""
    found = []
    if data.get("fictional") is not True:
        found.append("缺少 fictional: true；教学案例必须标明是虚构的。")
    found += [f"缺少 {key}。" for key in TEXTS if not str(data.get(key) or "").strip()]
    found += [f"{key} 应是一个列表，至少一项。" for key in LISTS if not _texts(data.get(key))]
    if data.get("domain") not in DOMAINS:
        found.append(f"domain 写作“{data.get('domain')}”，不在领域表里。")
    if not isinstance(data.get("act_date"), date):
        found.append("act_date 应写成 2023-04-18 这样。")
    if data.get("kind") not in list(Lesson):
        found.append(f"kind 写作“{data.get('kind')}”，应为 {'、'.join(Lesson)} 之一。")
    if (data.get("kind") == Lesson.TRAP) != (data.get("trap") in TRAPS):
        found.append(f"kind 为陷阱时 trap 应为 {'、'.join(TRAPS)} 之一，否则留空。")
    if len(_texts(data.get("keywords"))) > 7:
        found.append("keywords 最多 7 个。")
    if PERSONAL.search(wording):
        found.append("出现了像手机号、身份证号或银行卡号的数字；请删去。")
    return found + _citation_faults(data.get("citations")) + _decision_faults(data)


def _texts(value: Any) -> list[str]:
    return [str(entry) for entry in value if str(entry).strip()] if isinstance(value, list) else []


def _citation_faults(citations: Any) -> list[str]:
    if not isinstance(citations, list) or not citations:
        return ["citations 为空；至少写一条违法依据。"]
    found = []
    for cited in citations:
        if (
            not isinstance(cited, dict)
            or not cited.get("law")
            or article_number(str(cited.get("article"))) is None
        ):
            found.append(
                f"citations 里的“{cited}”应写 law 和 article，如 {{law: 食品安全法, article: 第三十四条}}。"
            )
            continue
        where = f"{cited['law']}{cited['article']}"
        if cited.get("role") not in list(CitedAs):
            found.append(f"{where} 的 role 应为 {'、'.join(CitedAs)} 之一。")
        if cited.get("paragraph") and not PARAGRAPH.fullmatch(str(cited["paragraph"])):
            found.append(f"{where} 的 paragraph 应写成“第一款”。")
        if cited.get("item") and not ITEM.fullmatch(str(cited["item"])):
            found.append(f"{where} 的 item 应写成“（五）”。")
    return found


def _decision_faults(data: Mapping[str, Any]) -> list[str]:
    decision = data.get("decision")
    if not isinstance(decision, dict) or decision.get("outcome") not in OUTCOMES:
        return [f"decision.outcome 应为 {'、'.join(OUTCOMES)} 之一。"]
    found = []
    roles = {cited.get("role") for cited in data.get("citations") or [] if isinstance(cited, dict)}
    penalties = decision.get("penalties") or []
    if penalties and CitedAs.PENALTY not in roles:
        found.append("有处罚而 citations 里没有处罚依据。")
    for penalty in penalties:
        if not isinstance(penalty, dict) or not penalty.get("kind"):
            found.append(f"decision.penalties 里的“{penalty}”要写 kind，如 {{kind: 罚款, amount: 5000}}。")
        elif penalty["kind"] == "罚款" and not _is_number(penalty.get("amount")):
            found.append("罚款要写 amount（元）。")
        elif penalty["kind"] == "罚款" and not (
            penalty.get("article") and (penalty.get("tier") or penalty.get("within"))
        ):
            found.append(
                "罚款要写 article 和 tier（要旨里那一档的 when），没有要旨的文本写 within: {min: , max: }。"
            )
    discretion = data.get("discretion")
    if not isinstance(discretion, dict) or not discretion.get("reason"):
        found.append("缺少 discretion.reason（裁量理由）。")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _case(data: Mapping[str, Any], key: str) -> TeachingCase:
    decision, discretion = data["decision"], data["discretion"]
    lists = {name: tuple(_texts(data[name])) for name in LISTS}
    return TeachingCase(
        key=key,
        title=str(data["title"]).strip(),
        domain=str(data["domain"]),
        cause=str(data["cause"]).strip(),
        act_date=data["act_date"],
        lesson=Lesson(data["kind"]),
        trap=str(data.get("trap") or ""),
        facts=str(data["facts"]).strip(),
        citations=tuple(_cited(entry) for entry in data["citations"]),
        outcome=str(decision["outcome"]),
        sanctions=tuple(_sanction(entry) for entry in decision.get("penalties") or ()),
        discretion=str(discretion.get("tier") or ""),
        reason=str(discretion["reason"]),
        significance=str(data["significance"]).strip(),
        **lists,
    )


def _cited(entry: Mapping[str, Any]) -> CitedLaw:
    return CitedLaw(
        law_key(str(entry["law"])),
        str(entry.get("version") or ""),
        str(entry["article"]),
        CitedAs(entry["role"]),
        str(entry.get("paragraph") or ""),
        str(entry.get("item") or ""),
    )


def _sanction(entry: Mapping[str, Any]) -> Sanction:
    within = entry.get("within")
    return Sanction(
        str(entry["kind"]),
        entry.get("amount"),
        str(entry.get("article") or ""),
        str(entry.get("tier") or ""),
        entry.get("base"),
        (float(within.get("min", 0)), float(within["max"])) if within else None,
    )


def fine_faults(case: TeachingCase, norms: Iterable[Norm]) -> list[str]:
    """Fines of a case that lie outside the tier they name, as sentences.

    减轻 lies below the tier, 从轻 in its lower and 从重 in its upper part (行政处罚法 32, 33;
    30 % as in the discretion rules of the market-supervision authorities).
    """
    held = {(norm.law, gist.label): gist for norm in norms for gist in norm.articles}
    found = []
    for sanction in case.sanctions:
        if sanction.kind == "罚款" and sanction.amount is not None:
            fault = _fine_fault(sanction, case.outcome, held)
            found += (
                [f"{case.key}：罚款 {sanction.amount:g} 元（{sanction.article}）{fault}"] if fault else []
            )
    return found


def _fine_fault(sanction: Sanction, outcome: str, held: Mapping[tuple[str, str], Gist]) -> str:
    if sanction.within is not None:
        return _fault(sanction.amount or 0, sanction.within, outcome)
    match = LAW_ARTICLE.match(sanction.article)
    if match is None:
        return "的 article 应写成“食品安全法第一百二十四条”。"
    gist = held.get((law_key(match["law"]), match["article"]))
    if gist is None:
        return "：要旨库没有这一条；请改写 within。"
    ranges = [_range(fine, sanction.base) for fine in _fines(gist, sanction.tier)]
    if not ranges or None in ranges:
        tiers = "；".join(str(tier["when"]) for tier in gist.penalties)
        return f"：没有“{sanction.tier}”这一档，或按倍数的没写 base；这条的各档：{tiers}。"
    faults = [_fault(sanction.amount or 0, span, outcome) for span in ranges if span]
    return faults[0] if all(faults) else ""


def _fines(gist: Gist, when: str) -> list[Mapping[str, Any]]:
    """Fines of a tier: of the party, and of the person liable with it."""
    tiers = [tier for tier in gist.penalties if tier["when"] == when]
    holders = [*tiers, *(tier["person"] for tier in tiers if isinstance(tier.get("person"), dict))]
    return [holder["fine"] for holder in holders if holder.get("fine")]


def _range(fine: Mapping[str, Any], base: float | None) -> tuple[float, float] | None:
    """Lowest and highest amount of a tier, in yuan."""
    unit = 1.0
    if "multiple_of" in fine or "percent_of" in fine:
        if base is None:
            return None
        unit = base / 100 if "percent_of" in fine else base
    low, high = fine.get("fixed", fine.get("min", 0)), fine.get("fixed", fine.get("max", float("inf")))
    return low * unit, high * unit


def _fault(amount: float, bounds: tuple[float, float], outcome: str) -> str:
    low, high = bounds
    shown = f"{low:g}—{high:g} 元"
    if outcome == "减轻处罚":
        return "" if amount < low else f"标为减轻，应低于下限；这一档是 {shown}。"
    if not low <= amount <= high:
        return f"不在这一档之内；这一档是 {shown}。"
    edge = EDGE * (high - low)
    if outcome == "从轻处罚" and amount > low + edge:
        return f"标为从轻，应在下面 30 % 之内；这一档是 {shown}。"
    if outcome == "从重处罚" and amount < high - edge:
        return f"标为从重，应在上面 30 % 之内；这一档是 {shown}。"
    return ""
