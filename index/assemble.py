"""Documents → versions: one text from several files, one line of versions a law, gists beside the articles.

A gist is written for one version. An article of another version with the same wording has the whole
of it; one with the same duty in other words inherits only the questions and words that lead to it,
never the gist or the penalties.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from index.catalog import Writer
from ingest.gists import BREACH, Gist, Norm
from ingest.norms import ArticleNumber, Kind, law_key
from ingest.numerals import ARTICLE, article_label, article_number
from ingest.validity import Dated, link, same_text

ALIKE = 0.35  # likeness of wording from which two articles have the same duty
FITS = 0.45  # share of a gist's character pairs in an article from which it is about that article
BREAKS_OFF = 0.97  # length from which a copy of a text counts as whole


@dataclass(slots=True)
class _Draft:
    """A version in the making: one text, or several parts of one, from one or more files."""

    law: str
    date: str
    file_date: str
    facts: dict[str, Any]
    body: str
    provisions: list[tuple[str, str, str, int, int]]
    refs: list[tuple[str, str, str, str, str]]
    fingerprint: str
    sources: list[str]
    days: set[str]  # under which its files know it


def assemble(
    writer: Writer,
    laws: Sequence[str],
    norms: Sequence[Norm],
    duplicates: list[tuple[str, str]],
    progress: Callable[[str, int, int], None],
) -> None:
    """Write the versions of ``laws`` anew; pairs of files with one text go into ``duplicates``."""
    by_law: dict[str, list[Norm]] = defaultdict(list)
    by_subject: dict[str, list[Norm]] = defaultdict(list)
    for norm in norms:
        by_law[norm.law].append(norm)
        by_subject[subject(norm.law)].append(norm)
    for done, law in enumerate(laws, 1):
        if done % 50 == 0 or done == len(laws):
            progress("整理版本", done, len(laws))
        for table in ("provisions", "refs"):
            writer.run(
                f"delete from {table} where version_id in (select id from versions where law = ?)", law
            )
        writer.run("delete from versions where law = ?", law)
        drafts = _drafts(writer, law, duplicates)
        own = by_law.get(law, [])
        kin = [] if own or not drafts else by_subject.get(subject(law), [])
        _write_versions(writer, law, drafts, own, [(norm, _wording(writer, norm)) for norm in kin])


def subject(title: str) -> str:
    """What a title is about, by which a law and the one that replaced it are told to be kin.

    >>> subject("信访工作条例") == subject("信访条例"), subject("禁止垄断协议暂行规定")
    (True, '禁止垄断协议规定')
    """
    return re.sub(r"工作(?=条例)|若干问题|暂行|（试行）|中华人民共和国", "", title)


def _wording(writer: Writer, norm: Norm) -> dict[str, str]:
    """Articles of the text that a norm was written for, where it is held."""
    drafts = _drafts(writer, norm.law, [])
    draft = _own(drafts, norm)
    return {p[0]: draft.body[p[3] : p[4]] for p in draft.provisions} if draft else {}


def _own(drafts: Sequence[_Draft], norm: Norm) -> _Draft | None:
    """The text a norm was written for: the one of its date, else the newest unless that is plainly older."""
    for draft in drafts:
        if norm.version and norm.version in draft.days:
            return draft
    newest = [draft for draft in drafts if draft.date == drafts[-1].date]
    last = max(newest, key=lambda draft: len(draft.provisions)) if newest else None
    older = last is not None and bool(norm.version and last.date) and last.date[:4] < norm.version[:4]
    return None if older else last


def _drafts(writer: Writer, law: str, duplicates: list[tuple[str, str]]) -> list[_Draft]:
    rows = writer.run(
        "select law, date, file_date, facts, body, provisions, refs, fingerprint, path from documents "
        "where law = ? order by file_date = '', date, path",
        law,
    )
    drafts: list[_Draft] = []
    for row in rows:
        draft = _Draft(
            row[0],
            row[1],
            row[2],
            json.loads(row[3]),
            row[4],
            [tuple(p) for p in json.loads(row[5])],
            [tuple(r) for r in json.loads(row[6])],
            row[7],
            [row[8]],
            {row[1], row[2], str(json.loads(row[3])["effective"])},
        )
        twin = next((d for d in drafts if _is_twin(d, draft)), None)
        part = next((d for d in drafts if _is_part(d, draft)), None)
        if twin is not None:
            duplicates.append((draft.sources[0], twin.sources[0]))
            _merge(twin, draft)
        elif part is not None:
            _join(part, draft)
        else:
            drafts.append(draft)
    for draft in drafts:
        draft.provisions.sort(key=lambda p: p[3])
    return drafts


def _is_twin(first: _Draft, second: _Draft) -> bool:
    if first.file_date and second.file_date and first.file_date != second.file_date:
        return False
    same_day = first.date == second.date or not first.date or not second.date
    return same_text(first.fingerprint, second.fingerprint, same_day=same_day)


def _merge(kept: _Draft, copy: _Draft) -> None:
    """One text from two files: all sources, and the body that does not break off."""
    kept.sources += copy.sources
    kept.days |= copy.days
    if len(copy.fingerprint) * BREAKS_OFF > len(kept.fingerprint):
        kept.body, kept.provisions, kept.refs = copy.body, copy.provisions, copy.refs
        kept.fingerprint = copy.fingerprint


def _is_part(first: _Draft, second: _Draft) -> bool:
    """Parts of one code in several files: same title and date, article numbers that never meet."""
    keys = [{p[0] for p in draft.provisions if p[0][0].isdigit()} for draft in (first, second)]
    return bool(first.date == second.date and keys[0] and keys[1] and not keys[0] & keys[1])


def _join(whole: _Draft, part: _Draft) -> None:
    offset = len(whole.body) + 1
    mine = {p[0] for p in whole.provisions}
    whole.provisions += [
        (k, label, h, s + offset, e + offset) for k, label, h, s, e in part.provisions if k not in mine
    ]
    whole.refs += part.refs
    whole.body += "\n" + part.body
    whole.fingerprint += part.fingerprint
    whole.sources += part.sources


def _write_versions(
    writer: Writer,
    law: str,
    drafts: Sequence[_Draft],
    norms: Sequence[Norm],
    kin: Sequence[tuple[Norm, Mapping[str, str]]],
) -> None:
    taken: set[str] = set()
    gists = _assign(drafts, norms)
    for draft in drafts if kin else ():
        for relative, wording in kin:
            leads = _inherited(draft, relative.articles, wording, whole=False)
            gists[id(draft)] = (None, {**leads, **gists[id(draft)][1]})
    domains = list(dict.fromkeys(domain for norm in norms for domain in norm.domains))
    for draft in drafts:
        identity = f"{law}@{draft.date}"
        while identity in taken:
            identity += "~"
        taken.add(identity)
        norm, texts = gists.get(id(draft), (None, {}))
        _write_version(writer, identity, draft, norm, texts, domains)
    if not drafts:
        for norm in norms:
            _write_gists(writer, norm)


def _assign(
    drafts: Sequence[_Draft], norms: Sequence[Norm]
) -> dict[int, tuple[Norm | None, dict[str, Gist]]]:
    """Gists for each text: those written for its date, and what other texts of the law inherit."""
    result: dict[int, tuple[Norm | None, dict[str, Gist]]] = {id(draft): (None, {}) for draft in drafts}
    for norm in norms if drafts else ():
        own = _own(drafts, norm)
        wording = {p[0]: own.body[p[3] : p[4]] for p in own.provisions} if own else {}
        for draft in drafts:
            before = result[id(draft)]
            if draft is own:
                chosen = {gist.key: gist for gist in norm.articles}
            else:
                chosen = _inherited(draft, norm.articles, wording)
            result[id(draft)] = (norm if draft is own else before[0], {**before[1], **chosen})
    return result


def _inherited(
    draft: _Draft, gists: Sequence[Gist], wording: Mapping[str, str], *, whole: bool = True
) -> dict[str, Gist]:
    """What the articles of another text take from ``gists``, each from the most alike.

    The gist itself only where the wording is the same and ``whole`` allows it. An article that
    punishes and is like none takes the questions of one that punishes the same duty.
    """
    origins = _origins(draft, gists, wording)
    taken = {
        key: replace(gist, key=key) if whole and likeness == 1 else _only_questions(gist, key)
        for key, (likeness, gist) in origins.items()
    }
    return _by_duty(draft, gists, origins) | taken


def _by_duty(
    draft: _Draft, gists: Sequence[Gist], origins: Mapping[str, tuple[float, Gist]]
) -> dict[str, Gist]:
    """Questions for articles that punish, by the duty they name: both texts punish its breach."""
    punishing: dict[str, list[Gist]] = defaultdict(list)
    for gist in gists:
        for breach in gist.breaches:
            match = BREACH.match(breach)
            number = article_number(match["article"]) if match and not match["law"] else None
            if number:
                punishing[str(number)].append(gist)
    texts = {p[0]: draft.body[p[3] : p[4]] for p in draft.provisions}
    taken: dict[str, Gist] = {}
    for source, law, key, relation, _ in draft.refs:
        if relation != "罚则" or law or source in origins or key not in origins:
            continue
        for gist in punishing.get(origins[key][1].key, ()):
            asks = dict.fromkeys((*(taken[source].asks if source in taken else ()), *gist.asks))
            if "款" in texts.get(source, ""):
                taken[source] = Gist(gist.label, source, gist.role, "", asks=tuple(asks), terms=gist.terms)
    return taken


def _origins(
    draft: _Draft, gists: Sequence[Gist], wording: Mapping[str, str]
) -> dict[str, tuple[float, Gist]]:
    """Article of a text → how like it the most alike gist is, and that gist.

    Where the text that a gist was written for is not held, its own words tell which article it is about.
    """
    texts = {p[0]: draft.body[p[3] : p[4]] for p in draft.provisions if p[0][0].isdigit()}
    pairs = {key: _pairs(text) for key, text in texts.items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for key in sorted(pairs):
        for pair in pairs[key]:
            holders[pair].append(key)
    best: dict[str, tuple[float, Gist]] = {}
    for gist in gists:
        words = wording.get(gist.key, "")
        own = _pairs(words or gist.gist)
        shared: dict[str, int] = defaultdict(int)
        for pair in own:
            for key in holders.get(pair, ()):
                shared[key] += 1
        ranked = [
            (_likeness(n, len(own), len(pairs[key])) if words else _fit(n, len(own)), key == gist.key, key)
            for key, n in shared.items()
        ]
        if ranked:
            likeness, _, key = max(ranked)
            if likeness >= ALIKE and likeness > best.get(key, (0.0, gist))[0]:
                best[key] = (likeness, gist)
    return best


def _pairs(text: str) -> set[str]:
    """Character pairs of an article without its number."""
    plain = "".join(c for c in ARTICLE.sub("", text, count=1) if c.isalnum())
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def _likeness(shared: int, first: int, second: int) -> float:
    """Dice coefficient of the character pairs of two articles, or half their overlap coefficient.

    A duty to which a revision added paragraphs still holds its old wording: 0.35 is a Dice coefficient
    of 0.35, or seven in ten pairs of the shorter article found in the longer.
    """
    return max(2 * shared / (first + second), shared / min(first, second) / 2)


def _fit(shared: int, gist: int) -> float:
    """Likeness of an article to a gist whose own text is not held, on the scale of ``_likeness`` below 1."""
    return min(0.99, shared / gist * ALIKE / FITS)


def _only_questions(gist: Gist, key: str) -> Gist:
    return Gist(gist.label, key, gist.role, "", asks=gist.asks, terms=gist.terms)


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)


def _write_version(
    writer: Writer,
    identity: str,
    draft: _Draft,
    norm: Norm | None,
    gists: Mapping[str, Gist],
    domains: Sequence[str],
) -> None:
    facts = draft.facts
    apart = dict(facts["per_article"])
    writer.many(
        "versions",
        [
            (
                identity,
                draft.law,
                facts["title"],
                draft.date,
                draft.file_date,
                facts["kind"],
                facts["issuer"],
                facts["number"],
                facts["promulgated"],
                facts["amendment"],
                facts["effective"],
                None,
                None,
                "",
                facts["region"],
                _json(domains),
                1,
                _json([asdict(newer) for newer in norm.known_newer] if norm else []),
                _json(sorted(draft.sources)),
                _json(facts["repeals"]),
                draft.body,
            )
        ],
    )
    writer.many(
        "provisions",
        [
            (
                None,
                f"{identity}#{key}",
                identity,
                draft.law,
                key,
                label,
                headings,
                draft.body[start:end],
                start,
                apart.get(key),
                *_gist_columns(gists.get(key)),
            )
            for key, label, headings, start, end in draft.provisions
        ],
    )
    writer.many(
        "refs",
        [
            (f"{identity}#{source}", identity, law_key(law) if law else draft.law, key, relation, wording)
            for source, law, key, relation, wording in draft.refs
        ]
        + [row for gist in gists.values() for row in _pairs_of(draft.law, identity, gist)],
    )


def _gist_columns(gist: Gist | None) -> tuple[str, ...]:
    if gist is None:
        return ("", "", "", "", "", "")
    return (
        gist.gist,
        gist.role,
        _json(gist.breaches),
        _json(gist.penalties),
        _json(gist.asks),
        _json(gist.terms),
    )


def _write_gists(writer: Writer, norm: Norm) -> None:
    """A law of which only gists are held."""
    identity = f"{norm.law}@{norm.version}"
    writer.many(
        "versions",
        [
            (
                identity,
                norm.law,
                norm.law,
                norm.version,
                norm.version,
                norm.level,
                norm.issuer,
                "",
                norm.version or None,
                "",
                max(norm.effective, norm.version) or None,
                None,
                None,
                "",
                norm.region,
                _json(norm.domains),
                0,
                _json([asdict(newer) for newer in norm.known_newer]),
                _json([f"corpus/norms/{norm.path}"]),
                "[]",
                "",
            )
        ],
    )
    writer.many(
        "provisions",
        [
            (
                None,
                f"{identity}#{gist.key}",
                identity,
                norm.law,
                gist.key,
                article_label(ArticleNumber.parse(gist.key)),
                "",
                "",
                at,
                None,
                *_gist_columns(gist),
            )
            for at, gist in enumerate(norm.articles)
        ],
    )
    writer.many("refs", [row for gist in norm.articles for row in _pairs_of(norm.law, identity, gist)])


def _pairs_of(own: str, identity: str, gist: Gist) -> Iterator[tuple[str, ...]]:
    """The duties an article punishes, as references: its own wording seldom names them all."""
    for breach in gist.breaches:
        match = BREACH.match(breach)
        number = article_number(match["article"]) if match else None
        if match and number:
            law = law_key(match["law"]) if match["law"] else own
            yield f"{identity}#{gist.key}", identity, law, str(number), "罚则", breach


def link_versions(writer: Writer) -> None:
    """Give every version its interval."""
    rows = writer.run("select id, law, kind, promulgated, effective, repeals from versions")
    validity = link(
        Dated(r[0], r[1], Kind(r[2]), _day(r[3]), _day(r[4]), tuple(json.loads(r[5]))) for r in rows
    )
    writer.db.executemany(
        "update versions set since = ?, until = ?, repealed_by = ? where id = ?",
        [
            (v.since and v.since.isoformat(), v.until and v.until.isoformat(), v.repealed_by, identity)
            for identity, v in sorted(validity.items())
        ],
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
