"""Pinpoint + day → the one provision in force, or a named reason why not. Never a guess, never a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.catalog import Catalog, ProvisionRecord, VersionRecord
from index.query import Pinpoint
from ingest.norms import ArticleNumber, Item, Paragraph, Span
from ingest.numerals import ARTICLE, article_label, to_chinese
from ingest.paragraphs import split_paragraphs


class Reason(StrEnum):
    """Why a citation points at nothing."""

    LAW_NOT_HELD = "law_not_held"
    NO_SUCH_ARTICLE = "no_such_article"
    NO_SUCH_PARAGRAPH = "no_such_paragraph"
    NO_TEXT_ON_DATE = "no_text_on_date"
    AMBIGUOUS = "ambiguous"
    NOT_A_CITATION = "not_a_citation"


@dataclass(frozen=True, slots=True)
class Resolved:
    """One provision and the part of it that was asked for; ``quote`` is verbatim."""

    provision: ProvisionRecord
    version: VersionRecord
    label: str
    quote: str
    lead: str = ""
    paragraph: int | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A named reason and a sentence that helps."""

    reason: Reason
    message: str
    candidates: tuple[str, ...] = ()


Resolution = Resolved | Unresolved


def in_force(catalog: Catalog, law: str, on: date) -> VersionRecord | Unresolved:
    """The version of a law in force on a day."""
    versions = catalog.versions(law)
    if not versions:
        return Unresolved(Reason.LAW_NOT_HELD, f"库内没有《{law}》。请导入它的正式文本，或检查名称。")
    covering = [version for version in versions if version.covers(on)]
    if len(covering) == 1:
        return covering[0]
    if len(covering) > 1:
        dated = [version for version in covering if version.since is not None]
        if len(dated) == 1:
            return dated[0]
        names = tuple(version.id for version in covering)
        return Unresolved(
            Reason.AMBIGUOUS, f"《{law}》在 {on} 有 {len(names)} 个文本：{'、'.join(names)}。", names
        )
    first = versions[0]
    if first.since and on < first.since:
        message = f"《{law}》在 {on} 没有库内文本；库内最早的版本自 {first.since} 起施行。"
    else:
        last = versions[-1]
        by = f"，由《{last.repealed_by}》废止" if last.repealed_by else ""
        message = f"《{law}》自 {last.until} 起不再有效{by}；{on} 没有现行文本。"
    return Unresolved(Reason.NO_TEXT_ON_DATE, message, tuple(version.id for version in versions))


def resolve(pinpoint: Pinpoint, catalog: Catalog, on: date) -> Resolution:
    """Exactly one provision, or the reason why there is none."""
    if not pinpoint.law:
        return Unresolved(Reason.NOT_A_CITATION, "没有写明是哪部法规；请写成“食品安全法第一百二十四条”这样。")
    version = in_force(catalog, pinpoint.law, on)
    if isinstance(version, Unresolved):
        return version
    return resolve_in(version, pinpoint, catalog, on=on)


def resolve_in(
    version: VersionRecord, pinpoint: Pinpoint, catalog: Catalog, *, on: date | None = None
) -> Resolution:
    """The same within one version."""
    try:
        provision = catalog.provision(f"{version.id}#{pinpoint.article}")
    except KeyError:
        return _no_article(version, pinpoint.article, catalog)
    if on is not None and provision.since is not None and on < provision.since:
        message = f"《{version.law}》{provision.label}自 {provision.since} 起施行，{on} 尚未生效。"
        return Unresolved(Reason.NO_TEXT_ON_DATE, message, (provision.id,))
    if pinpoint.paragraph is None and pinpoint.item is None or not provision.text:
        return Resolved(provision, version, provision.label, provision.text or provision.gist)
    return _part(provision, version, pinpoint)


def _no_article(version: VersionRecord, number: ArticleNumber, catalog: Catalog) -> Unresolved:
    keys = [
        ArticleNumber.parse(p.key) for p in catalog.provisions(version.id) if p.key.replace("-", "").isdigit()
    ]
    if not version.has_text:
        message = f"《{version.law}》只收了 {len(keys)} 条要旨，没有{article_label(number)}的；导入正式文本后可查全文。"
    elif not keys:
        message = f"《{version.law}》没有条号，按标题分节；没有{article_label(number)}。"
    else:
        span = f"{article_label(min(keys))}至{article_label(max(keys))}"
        message = f"《{version.law}》（{version.date or '日期不详'}版本）没有{article_label(number)}；它有{span}，共 {len(keys)} 条。"
    return Unresolved(Reason.NO_SUCH_ARTICLE, message)


def paragraphs(provision: ProvisionRecord) -> tuple[Paragraph, ...]:
    """款 of an article; spans are offsets into its text."""
    label = ARTICLE.match(provision.text)
    return split_paragraphs(provision.text, Span(0, len(provision.text)), label[0] if label else "")


def part_label(article: str, paragraph: int | None, item: int | None) -> str:
    """第一百二十四条第一款第（五）项."""
    label = article
    if paragraph is not None:
        label += f"第{to_chinese(paragraph)}款"
    if item is not None:
        label += f"第（{to_chinese(item)}）项"
    return label


def _part(provision: ProvisionRecord, version: VersionRecord, pinpoint: Pinpoint) -> Resolution:
    parts = paragraphs(provision)
    wanted, item = pinpoint.paragraph, pinpoint.item
    if wanted is not None and not 1 <= wanted <= len(parts):
        message = f"《{version.law}》{provision.label}共 {len(parts)} 款，没有第{to_chinese(wanted)}款。"
        return Unresolved(Reason.NO_SUCH_PARAGRAPH, message, (provision.id,))
    chosen = [parts[wanted - 1]] if wanted is not None else [p for p in parts if p.items]
    if item is None:
        paragraph = chosen[0]
        text = paragraph.span.of(provision.text)
        return Resolved(provision, version, part_label(provision.label, wanted, None), text, "", wanted)
    found: list[tuple[Paragraph, Item]] = [(p, i) for p in chosen for i in p.items if i.number == item]
    if not found:
        message = (
            f"《{version.law}》{part_label(provision.label, wanted, None)}没有第（{to_chinese(item)}）项。"
        )
        return Unresolved(Reason.NO_SUCH_PARAGRAPH, message, (provision.id,))
    if len(found) > 1:
        names = tuple(part_label(provision.label, p.number, item) for p, _ in found)
        return Unresolved(Reason.AMBIGUOUS, f"{'、'.join(names)}都有，请写明款。", names)
    paragraph, entry = found[0]
    number = paragraph.number if wanted is not None or len(parts) > 1 else None
    return Resolved(
        provision,
        version,
        part_label(provision.label, number, item),
        entry.span.of(provision.text),
        paragraph.lead.of(provision.text),
        number,
        item,
    )
