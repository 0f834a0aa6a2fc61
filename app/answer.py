"""Hits → an answer that stands on quoted provisions, or says that it cannot.

Composes from the store alone; no model writes here. What is quoted is the wording of the text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from index.catalog import Catalog, ProvisionRecord, VersionRecord
from index.query import Query
from index.resolve import Reason, Resolved, Unresolved, in_force
from index.scope import outside
from index.search import Hit, Index
from index.tokens import tokens
from ingest.norms import COUNTRY, Kind, Status

NO_GROUND = "库内无依据"
REFUSAL = NO_GROUND + "：没有找到能够回答这个问题的条文。请换一种说法，写明行为或法规名称，或先导入相关文件。"
NOTICE = "仅供参考，以正式文本为准。"
ENOUGH = 0.025  # share of a perfect match below which nothing found is taken for an answer
QUOTES = 4
SUPERSEDED = "已有新文本，库内未收"
RELATED = 4
CASES = 3
ALIKE = 1.45  # score of a case, of at most 4, from which it is shown
COVERS = 0.3  # or the share of the question's words that it holds


class Outcome(StrEnum):
    """The four ways a question can end."""

    FOUND = "found"
    NO_ARTICLE = "no_article"
    NO_TEXT_ON_DATE = "no_text_on_date"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Quote:
    """One provision as it is shown: ``text`` verbatim, or our gist where ``is_gist``."""

    id: str
    title: str
    label: str
    text: str
    is_gist: bool
    role: str
    version_date: str
    effective: str
    status: str
    source: str
    issuer_number: str
    gist: str
    changed_since: str
    citation: str
    law: str = ""
    file_date: str = ""
    paragraph: int | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, on which day's law, standing on which quotes."""

    question: str
    on: date
    outcome: Outcome
    conclusion: str
    quotes: tuple[Quote, ...] = ()
    related: tuple[Quote, ...] = ()
    warnings: tuple[str, ...] = ()
    cases: tuple[Quote, ...] = ()
    notice: str = NOTICE
    ms: float = field(default=0.0)

    @property
    def refused(self) -> bool:
        """Whether the knowledge base has no ground for an answer."""
        return self.outcome is not Outcome.FOUND

    def to_dict(self) -> dict[str, Any]:
        """The form of the command line's JSON."""
        return {
            "answer": self.markdown(),
            "refused": self.refused,
            "outcome": self.outcome.value,
            "on": self.on.isoformat(),
            "citations": [
                {
                    "law": q.law,
                    "date": q.file_date,
                    "article": q.label.split("条")[0] + "条" if q.paragraph or q.item else q.label,
                    "paragraph": q.paragraph,
                    "item": q.item,
                    "quote": "" if q.is_gist else q.text,
                    "citation": q.citation,
                    "status": q.status,
                    "id": q.id,
                }
                for q in self.quotes
            ],
            "cases": [{"title": q.law, "quote": q.text, "id": q.id} for q in self.cases],
            "warnings": list(self.warnings),
            "ms": round(self.ms, 2),
        }

    def markdown(self) -> str:
        """The answer as a page a person reads."""
        parts = [self.conclusion]
        for quote in self.quotes:
            mark = "（要旨，非原文；原文见国家法律法规数据库）" if quote.is_gist else ""
            body = "\n".join(f"> {line}" for line in quote.text.split("\n"))
            parts.append(f"**{quote.citation}**{mark}\n{body}\n— {version_line(quote)}")
            if quote.changed_since:
                parts.append(quote.changed_since)
        if self.related:
            parts.append("相关条文：" + "；".join(quote.citation for quote in self.related))
        if self.cases:
            parts.append("相似案例：" + "；".join(f"《{quote.law}》" for quote in self.cases))
        parts += [f"注意：{warning}" for warning in self.warnings]
        return "\n\n".join([*parts, self.notice])


def version_line(quote: Quote) -> str:
    """2021-04-29 版本，2021-04-29 起施行，现行有效；来源：… — of a case only where it comes from."""
    if quote.status == Kind.CASE:
        return f"案例；来源：{quote.source}"
    pieces = [f"{quote.version_date or '日期不详'} 版本"]
    pieces += [f"{quote.effective} 起施行"] if quote.effective else []
    pieces += [quote.issuer_number] if quote.issuer_number else []
    return "，".join([*pieces, quote.status]) + f"；来源：{quote.source}"


def compose(index: Index, question: str, *, on: date | None, today: date, region: str = "") -> Answer:
    """Answer a question with the law of ``on``, else of the day the question names, else of today."""
    began = time.perf_counter()
    query = index.understand(question, today=today)
    day = on or query.day or today
    answer = _answer(index, query, question=question, day=day, today=today, region=region)
    return Answer(
        question,
        day,
        answer.outcome,
        answer.conclusion,
        answer.quotes,
        answer.related,
        (*query.problems, *answer.warnings),
        _cases(index, query, day, today) if answer.outcome is Outcome.FOUND else (),
        ms=(time.perf_counter() - began) * 1000,
    )


def _answer(index: Index, query: Query, *, question: str, day: date, today: date, region: str) -> Answer:
    if not tokens(question) and not query.pinpoints:
        return Answer(question, day, Outcome.OUTSIDE, "问题里没有文字；请写明想查的行为、法规或条号。")
    if query.pinpoints:
        return _pinpointed(index, query, question=question, day=day, today=today, region=region)
    if query.unknown_titles:
        name = query.unknown_titles[0]
        return Answer(question, day, Outcome.OUTSIDE, f"库内没有《{name}》。请导入它的正式文本，或检查名称。")
    if reason := outside(question, index.catalog.laws()):
        return Answer(question, day, Outcome.OUTSIDE, f"{NO_GROUND}：{reason}")
    hits = index.search(question, on=day, top=QUOTES + RELATED, region=region, query=query)
    if not hits or hits[0].coverage < ENOUGH:
        return Answer(question, day, Outcome.OUTSIDE, REFUSAL, related=_quotes(index, hits[:3], day, today))
    return _found(index, hits, query=query, question=question, day=day, today=today)


def _pinpointed(index: Index, query: Query, *, question: str, day: date, today: date, region: str) -> Answer:
    resolutions = [r for _, r in index.resolve(query, on=day)]
    resolved = [r for r in resolutions if isinstance(r, Resolved)]
    failed = [r for r in resolutions if isinstance(r, Unresolved)]
    if not resolved:
        named = failed[0]
        outcome = {
            Reason.LAW_NOT_HELD: Outcome.OUTSIDE,
            Reason.NO_TEXT_ON_DATE: Outcome.NO_TEXT_ON_DATE,
            Reason.NOT_A_CITATION: Outcome.OUTSIDE,
        }.get(named.reason, Outcome.NO_ARTICLE)
        message = named.message
        if named.reason is Reason.NOT_A_CITATION and query.unknown_titles:
            message = f"库内没有《{query.unknown_titles[0]}》。请导入它的正式文本，或检查名称。"
        return Answer(question, day, outcome, message)
    quotes = tuple(
        quote(
            index.catalog,
            r.provision,
            r.version,
            day,
            today,
            label=r.label,
            text=r.quote,
            paragraph=r.paragraph,
            item=r.item,
            lead=r.lead,
        )
        for r in resolved
    )
    partners = _partners(index.catalog, resolved[0].provision, resolved[0].version, day)
    related = [quote(index.catalog, p, v, day, today) for p, v in partners[:RELATED]]
    conclusion = quotes[0].gist or f"{quotes[0].citation}，{quotes[0].status}："
    return Answer(
        question,
        day,
        Outcome.FOUND,
        conclusion,
        quotes,
        tuple(related),
        (*(f.message for f in failed), *_warnings(resolved[0].version, day, today)),
    )


def _found(
    index: Index, hits: Sequence[Hit], *, query: Query, question: str, day: date, today: date
) -> Answer:
    top = hits[0]
    chosen: dict[str, tuple[ProvisionRecord, VersionRecord]] = {top.id: (top.provision, top.version)}
    for provision, version in _partners(index.catalog, top.provision, top.version, day)[:2]:
        chosen.setdefault(provision.id, (provision, version))
    for hit in hits[1:]:
        if len(chosen) < QUOTES and hit.score > 0.5 * top.score:
            chosen.setdefault(hit.id, (hit.provision, hit.version))
    quotes = tuple(quote(index.catalog, p, v, day, today) for p, v in chosen.values())
    related = [h for h in hits if h.id not in chosen][:RELATED]
    best = quotes[0]
    conclusion = best.gist or _key_sentence(query.rest or question, top.provision)
    return Answer(
        question,
        day,
        Outcome.FOUND,
        conclusion,
        quotes,
        _quotes(index, related, day, today),
        _warnings(top.version, day, today),
    )


def _cases(index: Index, query: Query, day: date, today: date) -> tuple[Quote, ...]:
    """Cases that share enough with the question to be worth reading beside the law."""
    hits = index.cases(query.text, on=day, top=CASES, query=query)
    return _quotes(index, [hit for hit in hits if hit.score >= ALIKE or hit.coverage >= COVERS], day, today)


def _quotes(index: Index, hits: Sequence[Hit], day: date, today: date) -> tuple[Quote, ...]:
    return tuple(quote(index.catalog, h.provision, h.version, day, today) for h in hits)


def _key_sentence(question: str, provision: ProvisionRecord) -> str:
    """The sentence of a provision that shares most with the question, verbatim."""
    asked = set(tokens(question))
    sentences = re.findall(r"[^。！？\n]+[。！？]?[”’）]*", provision.text) or [provision.text]
    shared = [len(asked & set(tokens(sentence))) for sentence in sentences]
    return sentences[shared.index(max(shared))].strip()  # type: ignore[no-any-return]


def _partners(
    catalog: Catalog, provision: ProvisionRecord, version: VersionRecord, day: date
) -> list[tuple[ProvisionRecord, VersionRecord]]:
    """Penalty articles of a duty, duties of a penalty: provisions in force that the graph ties together."""
    pairs: list[tuple[ProvisionRecord, VersionRecord]] = []
    for reference in catalog.references_from(provision.id):
        if reference.relation == "罚则" and reference.key:
            target = in_force(catalog, reference.law, day)
            if isinstance(target, VersionRecord):
                pairs += _get(catalog, f"{target.id}#{reference.key}")
    for reference in catalog.references_to(provision.law, provision.key):
        if reference.relation == "罚则":
            found = _get(catalog, reference.source_id)
            pairs += [(p, v) for p, v in found if v.covers(day)]
    unique = {p.id: (p, v) for p, v in pairs if p.id != provision.id}
    return sorted(unique.values(), key=lambda pair: (pair[1].id != version.id, pair[0].start, pair[0].id))


def _get(catalog: Catalog, provision_id: str) -> list[tuple[ProvisionRecord, VersionRecord]]:
    try:
        provision = catalog.provision(provision_id)
    except KeyError:
        return []
    return [(provision, catalog.version(provision.version_id))]


def full_title(version: VersionRecord) -> str:
    """Title in full for citations: 中华人民共和国 is kept where the text prints it."""
    title: str = re.sub(r"\s+", "", version.title)
    if not version.has_text and version.kind is Kind.LAW and not title.startswith(COUNTRY):
        return COUNTRY + title
    return title


def quote(
    catalog: Catalog,
    provision: ProvisionRecord,
    version: VersionRecord,
    day: date,
    today: date,
    *,
    label: str = "",
    text: str = "",
    paragraph: int | None = None,
    item: int | None = None,
    lead: str = "",
) -> Quote:
    """A provision as a quote on a day; ``lead`` are the words of the 款 before an item."""
    shown = label or provision.label
    title = full_title(version)
    is_article = provision.key[0].isdigit()
    wording = "\n".join(part for part in (lead, text or provision.text or provision.gist) if part)
    return Quote(
        id=provision.id,
        title=title,
        label=shown,
        text=wording,
        is_gist=not provision.text,
        role=provision.role,
        version_date=version.date,
        effective=version.since.isoformat() if version.since else "",
        status=status_on(version, day),
        source=version.sources[0] if version.sources else "",
        issuer_number=version.number,
        gist=provision.gist,
        changed_since=_changed(catalog, provision, version, today),
        citation=f"《{title}》{shown}" if is_article else f"《{title}》“{shown}”",
        law=version.law,
        file_date=version.file_date,
        paragraph=paragraph,
        item=item,
    )


def _changed(catalog: Catalog, provision: ProvisionRecord, version: VersionRecord, today: date) -> str:
    """Whether the article reads differently today."""
    if version.covers(today) or version.since and version.since > today:
        return ""
    now = in_force(catalog, version.law, today)
    if isinstance(now, Unresolved):
        return f"该文本现已失效：{now.message}"
    found = _get(catalog, f"{now.id}#{provision.key}")
    if found and found[0][0].text == provision.text:
        return f"此条在现行文本（{now.date} 版本）中没有变化。"
    return f"此条在现行文本（{now.date} 版本，{now.since} 起施行）中已有改动；新旧适用请按行政处罚法第三十七条判断。"


def status_on(version: VersionRecord, day: date) -> str:
    """State of a version on a day, and whether a text is known to have replaced it that is not held.

    A case is neither in force nor repealed: it is called a case.
    """
    if version.kind is Kind.CASE:
        return Kind.CASE.value
    state = version.status(day)
    starts = [newer.effective for newer in version.known_newer if newer.effective]
    if state is Status.IN_FORCE and any(start <= day.isoformat() for start in starts):
        return SUPERSEDED
    return state.value


def _warnings(version: VersionRecord, day: date, today: date) -> tuple[str, ...]:
    warnings = [f"《{version.law}》已知有更新的文本而库内未收：{newer}" for newer in version.known_newer]
    if day > today:
        warnings.append(f"{day} 在今天（{today}）之后；届时法律可能已有变化。")
    return tuple(warnings)
