"""Build or update a knowledge base: files → documents → versions → catalogue and lexical index.

Works in a new generation folder and switches to it by replacing one small file at the very end, so
a reader sees the old knowledge base or the new one, whatever happens in between.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from index.bm25 import Lexicon
from index.catalog import Writer
from index.errors import Busy, CannotWrite
from index.tokens import tokens
from ingest.citations import references
from ingest.errors import Unreadable
from ingest.facts import Hint, file_date, read_facts, read_hints
from ingest.gists import Gist, Norm, read_norms, read_pairs
from ingest.norms import ArticleNumber, Facts, Kind, LeafKind, law_key
from ingest.numerals import article_label
from ingest.parsers import parse
from ingest.sources import Skipped, Source, gather
from ingest.structure import outline
from ingest.validity import Dated, fingerprint, link, same_text

FORMAT = 2  # raised when a stored generation can no longer be read
Progress = Callable[[str, int, int], None]  # step, done, total


@dataclass(slots=True)
class Report:
    """What a run did, for the table and for JSON."""

    files: int = 0
    imported: int = 0
    unchanged: int = 0
    removed: int = 0
    versions: int = 0
    provisions: int = 0
    seconds: float = 0.0
    changed: bool = False
    skipped: list[tuple[str, str]] = field(default_factory=list)
    numbering: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file after parsing, ready to be stored."""

    source: Source
    law: str
    date: str
    facts: Facts
    body: str
    provisions: tuple[tuple[str, str, str, int, int], ...]  # key, label, headings, start, end
    notes: tuple[str, ...]
    refs: tuple[tuple[str, str, str, str, str], ...]


def current(home: Path) -> Path | None:
    """Folder of the generation in use, or ``None`` where nothing has been built."""
    try:
        name = (home / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    folder = home / "generations" / name
    return folder if (folder / "manifest.json").exists() else None


def build(
    home: Path,
    paths: Sequence[str | Path],
    *,
    corpus: Path | None = None,
    progress: Progress = lambda step, done, total: None,
    workers: int | None = None,
) -> Report:
    """Take ``paths`` and the shipped corpus into the knowledge base in ``home``.

    Raises ``Busy`` while another process writes, ``CannotWrite`` where the disk refuses, and
    ``ingest.IngestError`` for a path that does not exist; the old knowledge base then stays.
    """
    from filelock import FileLock, Timeout

    began = time.perf_counter()
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "writer.lock", timeout=0)
        with lock:
            report = _update(home, paths, corpus, progress, workers)
    except Timeout as error:
        raise Busy(f"另一个进程正在更新“{home}”；请等它结束再试。知识库没有改动。") from error
    except (OSError, sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        _sweep(home)
        raise CannotWrite(
            f"写不进“{home}”（{error}）；请检查磁盘空间和写权限。原来的知识库没有改动。"
        ) from error
    report.seconds = time.perf_counter() - began
    return report


def _update(
    home: Path, paths: Sequence[str | Path], corpus: Path | None, progress: Progress, workers: int | None
) -> Report:
    report = Report()
    old = current(home)
    outdated = old is not None and _manifest(old).get("format") != FORMAT
    known = {} if outdated else _known(old)
    found = list(gather([*paths, *(_former_files(old, paths) if outdated and old else [])]))
    sources = {s.path: s for s in found if isinstance(s, Source)}
    skipped = {s.path: s.reason for s in found if isinstance(s, Skipped)}
    report.files = len(found)
    fresh = [s for path, s in sorted(sources.items()) if known.get(path) != s.sha256]
    roots = tuple(str(path).rstrip("/\\") for path in paths)
    gone = sorted(
        p
        for p in known
        if p not in sources and any(p == r or p.startswith((r + "/", r + "!/")) for r in roots)
    )
    report.unchanged, report.removed = len(sources) - len(fresh), len(gone)
    mark = _corpus_mark(corpus)
    if old is not None and not fresh and not gone and mark == _manifest(old).get("corpus"):
        _recount(old, report, skipped)
        return report
    target = _new_generation(home, old)
    writer = Writer(target / "catalog.sqlite")
    hints = _hints(paths)
    touched = {
        row[0] for path in gone for row in writer.run("select law from documents where path = ?", path)
    }
    for path in gone:
        writer.run("delete from documents where path = ?", path)
        writer.run("delete from skipped where path = ?", path)
    for done, outcome in enumerate(_parse_all(fresh, hints, workers), 1):
        progress("读取文件", done, len(fresh))
        touched |= _store(writer, outcome, report)
    writer.many("skipped", [(path, "", reason) for path, reason in sorted(skipped.items())])
    norms, terms, aliases = _read_corpus(corpus, report)
    touched |= {norm.law for norm in norms}
    touched |= {
        r[0] for r in writer.run("select law from versions where not has_text or known_newer != '[]'")
    }
    _assemble(writer, sorted(touched), norms, report, progress)
    _link(writer)
    _write_aliases(writer, norms, aliases)
    lexicon = _index(writer, old, progress)
    lexicon.save(target / "bm25")
    report.imported = len(fresh) - sum(1 for s in fresh if s.path in dict(report.skipped))
    report.versions, report.provisions = _sizes(writer)
    writer.close()
    _write_terms(target, terms)
    report.changed = True
    _publish(home, target, mark)
    _recount(target, report, skipped)
    return report


def _known(old: Path | None) -> dict[str, str]:
    if old is None:
        return {}
    db = sqlite3.connect(f"{(old / 'catalog.sqlite').resolve().as_uri()}?mode=ro", uri=True)
    try:
        known = dict(db.execute("select path, sha256 from documents").fetchall())
        known.update(db.execute("select path, sha256 from skipped where sha256 != ''").fetchall())
        return known
    finally:
        db.close()


def _former_files(old: Path, paths: Sequence[str | Path]) -> list[str]:
    """Files of a generation in an older format that are still there: they are read again."""
    given = {str(path) for path in paths}
    files = sorted({path.split("!/")[0] for path in _known(old)})
    return [
        f
        for f in files
        if Path(f).exists() and not any(f == g or f.startswith(g.rstrip("/") + "/") for g in given)
    ]


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def _corpus_mark(corpus: Path | None) -> str:
    """Hash of the shipped corpus and of the stored format."""
    digest = hashlib.sha256(str(FORMAT).encode())
    if corpus is not None and corpus.is_dir():
        for path in sorted(corpus.rglob("*")):
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _new_generation(home: Path, old: Path | None) -> Path:
    _sweep(home)
    number = int(old.name[1:]) + 1 if old else 1
    target = home / "generations" / f"g{number:06d}"
    target.mkdir(parents=True)
    if old is not None and _manifest(old).get("format") == FORMAT:
        shutil.copyfile(old / "catalog.sqlite", target / "catalog.sqlite")
    return target


def _sweep(home: Path) -> None:
    """Remove generations that were never finished or are no longer in use."""
    keep = current(home)
    for folder in sorted((home / "generations").glob("g*")):
        if keep is None or folder.name != keep.name:
            shutil.rmtree(folder, ignore_errors=True)


def _publish(home: Path, target: Path, mark: str) -> None:
    """Write the manifest last, then switch to it in one step."""
    manifest = {
        "format": FORMAT,
        "generation": target.name,
        "corpus": mark,
        "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    pointer = home / "CURRENT.new"
    pointer.write_text(target.name, encoding="utf-8")
    os.replace(pointer, home / "CURRENT")


def _recount(folder: Path, report: Report, skipped: Mapping[str, str]) -> None:
    from index.catalog import Catalog

    catalog = Catalog(folder / "catalog.sqlite")
    stats = catalog.stats()
    report.versions, report.provisions = stats["versions"], stats["provisions"]
    report.skipped = sorted({**dict(catalog.skipped()), **skipped}.items())
    notes = catalog.notes()
    report.numbering = [note for note in notes if "条号" in note[1]]
    report.conflicts = [note for note in notes if "条号" not in note[1]]
    catalog.close()


# ---------------------------------------------------------------- files


def _hints(paths: Sequence[str | Path]) -> dict[str, Hint]:
    hints: dict[str, Hint] = {}
    for path in paths:
        table = Path(path) / "metadata.tsv"
        if table.is_file():
            hints.update(read_hints(table.read_text(encoding="utf-8", errors="replace")))
    return hints


def _parse_all(
    sources: Sequence[Source], hints: Mapping[str, Hint], workers: int | None
) -> Iterator[Parsed | Skipped]:
    jobs = [(source, hints.get(source.name)) for source in sources]
    count = workers or os.cpu_count() or 1
    if len(jobs) < 40 or count == 1:
        yield from map(_parse_one, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(_parse_one, jobs, chunksize=16)


def _parse_one(job: tuple[Source, Hint | None]) -> Parsed | Skipped:
    source, hint = job
    try:
        text = parse(source)
    except (Unreadable, OSError) as error:
        return Skipped(source.path, str(error))
    is_case = "/案例/" in source.path
    provisions, leaves, notes = outline(text, case=is_case)
    header = "\n".join(leaf.span.of(text.body) for leaf in leaves if leaf.kind is LeafKind.FRONT)
    articles = [p.span.of(text.body) for p in provisions if p.number is not None]
    facts = read_facts(text, header=header, articles=articles, name=source.name, path=source.path, hint=hint)
    if facts.kind is Kind.CASE and not is_case:
        provisions, leaves, notes = outline(text, case=True)
    refs = tuple(
        (r.source, r.law, r.key, r.relation, r.wording)
        for p in provisions
        for r in references(p.key, p.span.of(text.body))
    )
    named = file_date(source.name)
    day = named or (facts.promulgated.isoformat() if facts.promulgated else "")
    rows = tuple((p.key, p.label, p.heading_path, p.span.start, p.span.end) for p in provisions)
    return Parsed(
        source,
        law_key(facts.title),
        day,
        facts,
        text.body,
        rows,
        (*text.notes, *notes, *facts.conflicts),
        refs,
    )


def _store(writer: Writer, outcome: Parsed | Skipped, report: Report) -> set[str]:
    """Keep one parsed file; returns the laws it touches."""
    if isinstance(outcome, Skipped):
        report.skipped.append((outcome.path, outcome.reason))
        writer.many("skipped", [(outcome.path, "", outcome.reason)])
        before = writer.run("select law from documents where path = ?", outcome.path)
        writer.run("delete from documents where path = ?", outcome.path)
        return {row[0] for row in before}
    before = writer.run("select law from documents where path = ?", outcome.source.path)
    facts = asdict(outcome.facts)
    own = fingerprint([outcome.body[start:end] for _, _, _, start, end in outcome.provisions])
    writer.run("delete from skipped where path = ?", outcome.source.path)
    writer.many(
        "documents",
        [
            (
                outcome.source.path,
                outcome.source.sha256,
                "",
                outcome.law,
                outcome.date,
                file_date(outcome.source.name),
                json.dumps(facts, default=str, ensure_ascii=False),
                outcome.body,
                json.dumps(outcome.provisions, ensure_ascii=False),
                own,
                json.dumps(outcome.notes, ensure_ascii=False),
                json.dumps(outcome.refs, ensure_ascii=False),
            )
        ],
    )
    return {outcome.law, *(row[0] for row in before)}


# ---------------------------------------------------------------- versions


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


def _assemble(
    writer: Writer, laws: Sequence[str], norms: Sequence[Norm], report: Report, progress: Progress
) -> None:
    by_law: dict[str, list[Norm]] = defaultdict(list)
    for norm in norms:
        by_law[norm.law].append(norm)
    for done, law in enumerate(laws, 1):
        if done % 50 == 0 or done == len(laws):
            progress("整理版本", done, len(laws))
        for table in ("provisions", "refs"):
            writer.run(
                f"delete from {table} where version_id in (select id from versions where law = ?)", law
            )
        writer.run("delete from versions where law = ?", law)
        drafts = _drafts(writer, law, report)
        _write_versions(writer, law, drafts, by_law.get(law, []))


def _drafts(writer: Writer, law: str, report: Report) -> list[_Draft]:
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
        )
        twin = next((d for d in drafts if _is_twin(d, draft)), None)
        part = next((d for d in drafts if _is_part(d, draft)), None)
        if twin is not None:
            report.duplicates.append((draft.sources[0], twin.sources[0]))
            twin.sources += draft.sources
        elif part is not None:
            _join(part, draft)
        else:
            drafts.append(draft)
    for draft in drafts:
        draft.provisions.sort(key=lambda p: p[3])
    return drafts


def _is_twin(first: _Draft, second: _Draft) -> bool:
    same_day = first.date == second.date or not first.date or not second.date
    return same_text(first.fingerprint, second.fingerprint, same_day=same_day)


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


def _write_versions(writer: Writer, law: str, drafts: Sequence[_Draft], norms: Sequence[Norm]) -> None:
    taken: set[str] = set()
    gists = _assign(drafts, norms)
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
    """Gists for each text: those written for its date, and inherited ones where the wording is alike."""
    result: dict[int, tuple[Norm | None, dict[str, Gist]]] = {}
    if not norms or not drafts:
        return result
    for norm in norms:
        own = next((d for d in drafts if norm.version and norm.version in (d.date, d.file_date)), drafts[-1])
        wording = {p[0]: own.body[p[3] : p[4]] for p in own.provisions}
        for draft in drafts:
            chosen = {}
            for gist in norm.articles:
                if draft is own:
                    chosen[gist.key] = gist
                elif match := _heir(draft, gist.key, wording.get(gist.key, "")):
                    chosen[match] = gist
            before = result.get(id(draft), (None, {}))
            result[id(draft)] = (norm if draft is own else before[0], {**before[1], **chosen})
    return result


def _heir(draft: _Draft, key: str, wording: str) -> str | None:
    """Key of the article of another version that says much the same."""
    if not wording:
        return None
    for k, _, _, start, end in draft.provisions:
        if k == key:
            pairs = [{t[i : i + 2] for i in range(len(t) - 1)} for t in (draft.body[start:end], wording)]
            return key if len(pairs[0] & pairs[1]) > 0.6 * min(map(len, pairs)) else None
    return None


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
                _json(norm.known_newer if norm else []),
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
        ],
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
                norm.effective or norm.version or None,
                None,
                None,
                "",
                norm.region,
                _json(norm.domains),
                0,
                _json(norm.known_newer),
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


def _link(writer: Writer) -> None:
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


# ---------------------------------------------------------------- corpus


def _read_corpus(
    corpus: Path | None, report: Report
) -> tuple[list[Norm], list[tuple[str, str]], list[tuple[str, str]]]:
    if corpus is None or not corpus.is_dir():
        return [], [], []
    norms, faults = read_norms(corpus / "norms")
    report.conflicts += [("corpus/norms", fault) for fault in faults]
    return norms, read_pairs(corpus / "terms.tsv"), read_pairs(corpus / "aliases.tsv")


def _write_aliases(writer: Writer, norms: Iterable[Norm], table: Iterable[tuple[str, str]]) -> None:
    held = {row[0] for row in writer.run("select distinct law from versions")}
    pairs = {alias: norm.law for norm in norms for alias in norm.aliases}
    pairs |= {alias: law_key(title) for alias, title in table}
    writer.run("delete from aliases")
    writer.many(
        "aliases", sorted((alias, law) for alias, law in pairs.items() if law in held and alias not in held)
    )


def _write_terms(target: Path, terms: Sequence[tuple[str, str]]) -> None:
    (target / "terms.json").write_text(_json(terms), encoding="utf-8")


# ---------------------------------------------------------------- lexical index


def _sizes(writer: Writer) -> tuple[int, int]:
    return (
        writer.run("select count(*) from versions")[0][0],
        writer.run("select count(*) from provisions")[0][0],
    )


def _index(writer: Writer, old: Path | None, progress: Progress) -> Lexicon:
    """Index every provision that the generation before does not hold in the same row."""
    rows = {row[0] for row in writer.run("select row from provisions")}
    base, keep = None, None
    known: set[int] = set()
    if old is not None and _manifest(old).get("format") == FORMAT and (old / "bm25" / "bm25.json").exists():
        base = Lexicon.open(old / "bm25")
        last = int(base.rows.max()) if len(base.rows) else 0
        keep = np.array([row in rows for row in base.rows.tolist()], bool)
        known = {row for row in rows if row <= last}
    fresh = sorted(rows - known)
    total = len(fresh)

    def documents() -> Iterator[tuple[int, list[str]]]:
        for done, row in enumerate(_fields(writer, fresh), 1):
            if done % 2000 == 0 or done == total:
                progress("建立索引", done, total)
            yield row

    return Lexicon.build(documents(), base, keep)


def _fields(writer: Writer, rows: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Tokens of each provision: title twice, headings, wording, gist, questions, terms twice."""
    titles: dict[str, list[str]] = {}
    wanted = set(rows)
    sql = "select row, law, headings, label, text, gist, asks, terms from provisions order by row"
    first = min(rows, default=0)
    for row, law, headings, label, text, gist, asks, terms in writer.db.execute(
        sql.replace("order", f"where row >= {first} order")
    ):
        if row not in wanted:
            continue
        if law not in titles:
            titles[law] = tokens(law) * 2
        path = headings if text.startswith(label) or label.startswith("第") else f"{headings} {label}"
        extra = (
            f"{gist}\n{chr(10).join(json.loads(asks or '[]'))}\n"
            + f"{' '.join(json.loads(terms or '[]'))}\n" * 2
        )
        yield row, titles[law] + tokens(f"{path}\n{text}\n{extra if gist else ''}")
