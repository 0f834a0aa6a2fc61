"""corpus/norms/*.yaml → norms with gists, penalties, everyday questions; terms and aliases tables.

The gists are written in our own words and are never quoted as the law. Schema: corpus/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingest.norms import law_key
from ingest.numerals import article_number

ROLES = ("定义", "义务", "禁止", "罚则", "程序", "职权", "权利", "其他")
LEVELS = ("法律", "行政法规", "部门规章", "地方性法规", "司法解释", "规范性文件")
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
    known_newer: tuple[str, ...]
    articles: tuple[Gist, ...]
    path: str = field(default="")


def read_norms(folder: Path) -> tuple[list[Norm], list[str]]:
    """Norms of a folder and sentences about files that could not be taken in."""
    norms: list[Norm] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            data = yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506 - a safe loader
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{path.name}：YAML 写法有误（{str(error).splitlines()[0]}），整个文件未收录。")
            continue
        found = problems(data, path.name)
        faults.extend(found)
        if not found:
            norms.append(_norm(data, path.name))
    return norms, faults


def problems(data: Any, name: str) -> list[str]:
    """What is wrong with a norm file, each as a sentence that says where and what the right form is."""
    if not isinstance(data, dict) or "law" not in data or not isinstance(data.get("articles"), list):
        return [f"{name}：缺少 law 或 articles；开头应写“law: 食品安全法”，条文写在 articles 下。"]
    found = []
    if data.get("level") not in LEVELS:
        found.append(f"{name}：level 写作“{data.get('level')}”，应为 {'、'.join(LEVELS)} 之一。")
    seen: set[str] = set()
    for entry in data["articles"]:
        label = str(entry.get("article", "")) if isinstance(entry, dict) else ""
        if article_number(label) is None:
            found.append(f"{name}：条号“{label}”不成条；应写作“第一百二十四条”。")
            continue
        if label in seen:
            found.append(f"{name} {label}：写了两次，请合并。")
        seen.add(label)
        if entry.get("role") not in ROLES:
            found.append(f"{name} {label}：role 写作“{entry.get('role')}”，应为 {'、'.join(ROLES)} 之一。")
        if not entry.get("gist") or len(str(entry["gist"])) > 160:
            found.append(f"{name} {label}：gist 不能为空，也不能超过 150 字。")
        found.extend(f"{name} {label}：{fault}" for fault in _penalty_faults(entry.get("penalties") or []))
    return found


def _penalty_faults(penalties: Any) -> list[str]:
    found = []
    for penalty in penalties:
        fine = penalty.get("fine") if isinstance(penalty, dict) else None
        if not isinstance(fine, dict):
            continue
        low, high = fine.get("min"), fine.get("max")
        if low is not None and high is not None and low > high:
            found.append(f"罚款下限 {low} 大于上限 {high}。")
        if "fixed" in fine and ("min" in fine or "max" in fine):
            found.append("fixed 与 min、max 只能写一种。")
    return found


def _norm(data: Mapping[str, Any], name: str) -> Norm:
    newer = tuple(
        f"{entry.get('date', '')}修改，{entry.get('effective', '')}起施行。{entry.get('note', '')}"
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
