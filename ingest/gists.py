"""corpus/norms/*.yaml → norms with gists, penalties, everyday questions; terms and aliases tables.

The gists are written in our own words and are never quoted as the law. Schema: corpus/README.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingest.norms import law_key
from ingest.numerals import article_number

ROLES = ("定义", "义务", "禁止", "罚则", "程序", "职权", "权利", "其他")
LEVELS = ("法律", "行政法规", "部门规章", "地方性法规", "司法解释", "规范性文件")
DOMAINS = tuple(
    [
        "食品",
        "农产品",
        "药品",
        "医疗器械",
        "化妆品",
        "特殊食品",
        "广告",
        "价格",
        "竞争",
        "反垄断",
        "消费者",
        "网络交易",
        "合同",
        "质量",
        "特种设备",
        "计量",
        "标准",
        "认证",
        "检验检测",
        "登记",
        "信用",
        "知识产权",
        "直销传销",
        "数据与个人信息",
        "行政执法",
        "复议诉讼",
        "刑事",
        "民事",
        "烟草",
        "盐业",
        "野生动物",
        "渔业",
        "农资",
        "畜牧兽医",
        "粮食",
        "旅游",
        "文化",
        "教育",
        "卫生",
        "房地产物业",
        "能源公用",
        "消防安全",
        "环保资源",
        "交通物流",
        "金融",
        "劳动",
        "公务员监督",
        "招投标",
        "外商投资",
        "进出口",
    ]
)
PENALTY = frozenset({"when", "fine", "also", "person", "note"})
FINE = frozenset({"min", "max", "fixed", "multiple_of", "percent_of"})
BREACH = re.compile(
    r"(?P<law>《[^》]+(?:《[^》]*》[^》]*)?》)?"
    r"(?P<article>第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?)"
)
LAW_LINE = re.compile(r"^law:[ ]*(.+?)[ ]*$", re.M)
ASKED = 2  # questions that every article but 职权 and 其他 needs
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Gist:
    """What an article requires or costs, in our words, with the questions that lead to it."""

    label: str
    key: str
    role: str
    gist: str
    penalties: tuple[Mapping[str, Any], ...] = ()
    breaches: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Newer:
    """A later text of a law that is known of and not held; days as YYYY-MM-DD, "" where not known."""

    date: str
    effective: str
    note: str = ""

    def __str__(self) -> str:
        days = [f"{self.date}修改" if self.date else "", f"{self.effective}起施行" if self.effective else ""]
        return "，".join(filter(None, days)) + "。" + self.note


@dataclass(frozen=True, slots=True)
class Norm:
    """Gists of one version of one law."""

    law: str
    version: str
    level: str
    issuer: str
    effective: str
    region: str
    domains: tuple[str, ...]
    aliases: tuple[str, ...]
    known_newer: tuple[Newer, ...]
    articles: tuple[Gist, ...]
    path: str = field(default="")


def read_norms(
    folder: Path, *, wanted: Callable[[str], bool] = lambda law: True
) -> tuple[list[Norm], list[str]]:
    """Norms of a folder and sentences about files that could not be taken in; only of ``wanted`` laws."""
    norms: list[Norm] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            wording = path.read_text(encoding="utf-8")
            law = LAW_LINE.search(wording)
            if law is not None and not wanted(law_key(law[1].strip("\"' "))):
                continue
            data = yaml.load(wording, LOADER)  # noqa: S506 - a safe loader
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{path.name}：YAML 写法有误（{str(error).splitlines()[0]}），整个文件未收录。")
            continue
        found = faults_of(data, path.name)
        faults.extend(sentence for sentences in found.values() for sentence in sentences)
        if "" not in found:
            sound = [entry for entry in data["articles"] if str(entry.get("article", "")) not in found]
            norms.append(_norm({**data, "articles": sound}, path.name))
    return norms, faults


def faults_of(data: Any, name: str) -> dict[str, list[str]]:
    """What is wrong with a norm file, by article ("" for the file as a whole).

    Each fault is a sentence that says where and what the right form is. An article with a fault is
    left out, the others are taken in; a fault of the whole file leaves the file out.
    """
    if not isinstance(data, dict) or "law" not in data or not isinstance(data.get("articles"), list):
        return {"": [f"{name}：缺少 law 或 articles；开头应写“law: 食品安全法”，条文写在 articles 下。"]}
    found: dict[str, list[str]] = defaultdict(list)
    if data.get("level") not in LEVELS:
        found[""].append(f"{name}：level 写作“{data.get('level')}”，应为 {'、'.join(LEVELS)} 之一。")
    for domain in data.get("domains") or ["（空）"]:
        if domain not in DOMAINS:
            listed = "、".join(DOMAINS)
            found[""].append(f"{name}：domains 里的“{domain}”不在领域表里；领域有：{listed}。")
    seen: set[str] = set()
    asked: dict[str, str] = {}
    for entry in data["articles"]:
        label = str(entry.get("article", "")) if isinstance(entry, dict) else ""
        if article_number(label) is None:
            found[label or "？"].append(f"{name}：条号“{label}”不成条；应写作“第一百二十四条”。")
            continue
        sentences = _article_faults(entry) + _penalty_faults(entry.get("penalties") or [])
        sentences += _ask_faults(entry, asked)
        if label in seen:
            sentences.append("写了两次，请合并。")
        seen.add(label)
        if sentences:
            found[label] += [f"{name} {label}：{sentence}" for sentence in sentences]
    return dict(found)


def _article_faults(entry: Mapping[str, Any]) -> list[str]:
    found = []
    if entry.get("role") not in ROLES:
        found.append(f"role 写作“{entry.get('role')}”，应为 {'、'.join(ROLES)} 之一。")
    if not entry.get("gist") or len(str(entry["gist"])) > 160:
        found.append("gist 不能为空，也不能超过 150 字。")
    return found


def _ask_faults(entry: Mapping[str, Any], asked: dict[str, str]) -> list[str]:
    """What is wrong with an article's questions and words; ``asked`` remembers where each question stands."""
    found = []
    asks, terms = entry.get("asks") or [], entry.get("terms") or []
    if entry.get("role") not in ("职权", "其他") and len(asks) < ASKED:
        found.append(f"asks 只有 {len(asks)} 句，至少写 {ASKED} 句平常人的问法，如“小超市卖过期饼干罚多少”。")
    for ask in asks:
        if not isinstance(ask, str) or len(ask) < 4:
            found.append(f"asks 里的“{ask}”不成一句话。")
        elif ask in asked:
            found.append(f"“{ask}”在{asked[ask]}已经写过；一句问法只放在最能回答它的那一条。")
        else:
            asked[ask] = str(entry.get("article"))
    found += [f"terms 里的“{term}”应是两个字以上的词。" for term in terms if len(str(term)) < 2]
    found += [
        f"breaches 里的“{breach}”应写成“第三十四条”或“《食品安全法》第三十四条”。"
        for breach in entry.get("breaches") or []
        if not BREACH.match(str(breach))
    ]
    return found


def _penalty_faults(penalties: Any) -> list[str]:
    found = []
    for penalty in penalties:
        if not isinstance(penalty, dict) or not penalty.get("when"):
            found.append("penalties 的每一档都要写 when，如“货值金额不足一万元”。")
            continue
        if unknown := sorted(set(penalty) - PENALTY):
            found.append(f"penalties 里不认识 {'、'.join(unknown)}；可用 {'、'.join(sorted(PENALTY))}。")
        fine = penalty.get("fine")
        if not isinstance(fine, dict):
            continue
        low, high = fine.get("min"), fine.get("max")
        if low is not None and high is not None and low > high:
            found.append(f"罚款下限 {low} 大于上限 {high}。")
        if unknown := sorted(set(fine) - FINE):
            found.append(f"fine 里不认识 {'、'.join(unknown)}；可用 {'、'.join(sorted(FINE))}。")
        if "fixed" in fine and ("min" in fine or "max" in fine):
            found.append("fixed 与 min、max 只能写一种。")
    return found


def _norm(data: Mapping[str, Any], name: str) -> Norm:
    newer = tuple(
        Newer(*(str(entry.get(name) or "") for name in ("date", "effective", "note")))
        for entry in data.get("known_newer") or []
        if isinstance(entry, dict)
    )
    return Norm(
        law=law_key(str(data["law"])),
        version=str(data.get("version") or ""),
        level=str(data["level"]),
        issuer=str(data.get("issuer") or ""),
        effective=str(data.get("effective") or ""),
        region=str(data.get("region") or "全国"),
        domains=tuple(map(str, data.get("domains") or ())),
        aliases=tuple(map(str, data.get("aliases") or ())),
        known_newer=newer,
        articles=tuple(_gist(entry) for entry in data["articles"]),
        path=name,
    )


def _gist(entry: Mapping[str, Any]) -> Gist:
    label = str(entry["article"])
    return Gist(
        label=label,
        key=str(article_number(label)),
        role=str(entry["role"]),
        gist=str(entry["gist"]),
        penalties=tuple(entry.get("penalties") or ()),
        breaches=tuple(map(str, entry.get("breaches") or ())),
        asks=tuple(map(str, entry.get("asks") or ())),
        terms=tuple(map(str, entry.get("terms") or ())),
    )


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Rows of a two-column table (terms.tsv, aliases.tsv); lines that start with # are notes."""
    if not path.exists():
        return []
    rows = (
        line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    return [(row[0].strip(), row[1].strip()) for row in rows if len(row) >= 2 and row[0].strip()]
