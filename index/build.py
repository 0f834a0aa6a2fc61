"""Build or update a knowledge base: files → documents → versions → catalogue and lexical index.

Works in a new generation folder and switches to it by replacing one small file at the very end, so
a reader sees the old knowledge base or the new one, whatever happens in between.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from index.assemble import assemble, link_versions, subject
from index.bm25 import Lexicon, Scorer
from index.catalog import Writer
from index.dense import Builder, Dense
from index.documents import parse_all, read_tables, store
from index.embed import SHIPPED, Embedder, open_embedder
from index.errors import Busy, CannotWrite
from index.everyday import unknown
from index.fields import Fields, fields
from ingest.facts import Hint
from ingest.gists import Norm, read_norms, read_pairs
from ingest.norms import law_key
from ingest.sources import Skipped, Source, gather

FORMAT = 4  # raised when a stored generation can no longer be read
DOCUMENTS = ("corpus/cases", "corpus/policies")  # parts of the corpus that are read like any file
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
    corpus: list[str] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)


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
    model: str = "",
    progress: Progress = lambda step, done, total: None,
    workers: int | None = None,
) -> Report:
    """Take ``paths`` and the shipped corpus into the knowledge base in ``home``.

    ``model`` is a name or folder as in ``embed.open_embedder``, "" for the shipped one.

    Raises ``Busy`` while another process writes, ``CannotWrite`` where the disk refuses, and
    ``ingest.IngestError`` for a path that does not exist; the old knowledge base then stays.
    """
    from filelock import FileLock, Timeout

    began = time.perf_counter()
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "writer.lock", timeout=0)
        with lock:
            report = _update(home, paths, corpus, model, progress, workers)
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
    home: Path,
    paths: Sequence[str | Path],
    corpus: Path | None,
    model: str,
    progress: Progress,
    workers: int | None,
) -> Report:
    report = Report()
    old = current(home)
    outdated = old is not None and _manifest(old).get("format") != FORMAT
    known = {} if outdated else _known(old)
    former = _former_files(old, paths) if outdated and old else []
    found = [*gather([*paths, *former]), *_corpus_documents(corpus)]
    sources = {s.path: s for s in found if isinstance(s, Source)}
    skipped = {s.path: s.reason for s in found if isinstance(s, Skipped)}
    report.files = len(found)
    fresh = [s for path, s in sorted(sources.items()) if known.get(path) != s.sha256]
    roots = (*(str(path).rstrip("/\\") for path in paths), *DOCUMENTS)
    gone = sorted(
        p
        for p in known
        if p not in sources and any(p == r or p.startswith((r + "/", r + "!/")) for r in roots)
    )
    report.unchanged, report.removed = len(sources) - len(fresh), len(gone)
    mark = _corpus_mark(corpus)
    embedder = open_embedder(model or SHIPPED)
    same = old is not None and (mark, embedder.name) == tuple(map(_manifest(old).get, ("corpus", "model")))
    if old is not None and same and not fresh and not gone:
        _recount(old, report, skipped)
        return report
    target = _new_generation(home, old)
    writer = Writer(target / "catalog.sqlite")
    touched = _take_in(writer, fresh, gone, read_tables(paths), report, progress, workers)
    writer.many("skipped", [(path, "", reason) for path, reason in sorted(skipped.items())])
    renewed = old is None or outdated or mark != _manifest(old).get("corpus")
    norms, touched = _concerned(writer, corpus, touched, renewed=renewed)
    assemble(writer, sorted(touched), norms, report.duplicates, progress)
    link_versions(writer)
    _write_aliases(writer, norms, _read_pairs(corpus, "aliases.tsv"))
    lexicon, dense = _index(writer, old, embedder, progress)
    lexicon.save(target / "bm25")
    dense.save(target / "dense")
    report.imported = len(fresh) - sum(1 for s in fresh if s.path in dict(report.skipped))
    report.versions, report.provisions = _sizes(writer)
    writer.close()
    unknown(_read_pairs(corpus, "terms.tsv"), Scorer(lexicon)).save(target / "everyday.json")
    report.changed = True
    _publish(home, target, mark, embedder.name)
    _recount(target, report, skipped)
    return report


def _take_in(
    writer: Writer,
    fresh: Sequence[Source],
    gone: Sequence[str],
    hints: Mapping[str, Hint],
    report: Report,
    progress: Progress,
    workers: int | None,
) -> set[str]:
    """Drop the files that are gone and keep the new ones; returns the laws that this touches."""
    touched = {
        row[0] for path in gone for row in writer.run("select law from documents where path = ?", path)
    }
    for path in gone:
        writer.run("delete from documents where path = ?", path)
        writer.run("delete from skipped where path = ?", path)
    for done, outcome in enumerate(parse_all(fresh, hints, workers), 1):
        progress("读取文件", done, len(fresh))
        touched |= store(writer, outcome)
        if isinstance(outcome, Skipped):
            report.skipped.append((outcome.path, outcome.reason))
    return touched


def _concerned(
    writer: Writer, corpus: Path | None, touched: set[str], *, renewed: bool
) -> tuple[list[Norm], set[str]]:
    """Norms to be laid beside the articles and every law to be written anew.

    All of them where the corpus is ``renewed``, otherwise those about the laws touched and their kin.
    """
    if renewed:
        norms, faults = _read_norms(corpus, lambda law: True)
        writer.many("meta", [("corpus_faults", json.dumps(faults, ensure_ascii=False))])
        gist_only = "select law from versions where not has_text or domains != '[]' or known_newer != '[]'"
        touched = touched | {norm.law for norm in norms} | {law for (law,) in writer.run(gist_only)}
        writer.run("delete from aliases")
    subjects = {subject(law) for law in touched}
    if not renewed:
        norms, _ = _read_norms(corpus, lambda law: subject(law) in subjects)
    held = [law for (law,) in writer.run("select distinct law from documents")]
    return norms, touched | {law for law in held if subject(law) in subjects}


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


def _publish(home: Path, target: Path, mark: str, model: str) -> None:
    """Write the manifest last, then switch to it in one step."""
    manifest = {
        "format": FORMAT,
        "generation": target.name,
        "corpus": mark,
        "model": model,
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
    report.corpus = catalog.corpus_faults()
    report.conflicts = [note for note in notes if "条号" not in note[1]]
    catalog.close()


# ---------------------------------------------------------------- corpus


def _corpus_documents(corpus: Path | None) -> Iterator[Source | Skipped]:
    """Teaching cases and policy cards, named by their place in the corpus wherever that lies."""
    for name in DOCUMENTS if corpus is not None else ():
        folder = str(corpus / name.removeprefix("corpus/"))  # type: ignore[operator]
        for found in gather([folder]) if Path(folder).is_dir() else ():
            yield replace(found, path=name + found.path.removeprefix(folder))


def _read_norms(corpus: Path | None, wanted: Callable[[str], bool]) -> tuple[list[Norm], list[str]]:
    """Norms of the corpus about ``wanted`` laws, and what is wrong with them."""
    return read_norms(corpus / "norms", wanted=wanted) if corpus is not None else ([], [])


def _read_pairs(corpus: Path | None, name: str) -> list[tuple[str, str]]:
    return read_pairs(corpus / name) if corpus is not None else []


def _write_aliases(writer: Writer, norms: Iterable[Norm], table: Iterable[tuple[str, str]]) -> None:
    held = {row[0] for row in writer.run("select distinct law from versions")}
    pairs = dict(writer.run("select alias, law from aliases"))
    pairs |= {alias: norm.law for norm in norms for alias in norm.aliases}
    pairs |= {alias: law_key(title) for alias, title in table}
    writer.run("delete from aliases")
    writer.many(
        "aliases", sorted((alias, law) for alias, law in pairs.items() if law in held and alias not in held)
    )


# ---------------------------------------------------------------- lexical index


def _sizes(writer: Writer) -> tuple[int, int]:
    return (
        writer.run("select count(*) from versions")[0][0],
        writer.run("select count(*) from provisions")[0][0],
    )


def _index(writer: Writer, old: Path | None, embedder: Embedder, progress: Progress) -> tuple[Lexicon, Dense]:
    """Index every provision that the generation before does not hold in the same row."""
    rows = {row[0] for row in writer.run("select row from provisions")}
    base, dense, keep = None, None, None
    known: set[int] = set()
    if old is not None and _usable(old, embedder):
        base, dense = Lexicon.open(old / "bm25"), Dense.open(old / "dense")
        last = int(base.rows.max()) if len(base.rows) else 0
        keep = np.array([row in rows for row in base.rows.tolist()], bool)
        known = {row for row in rows if row <= last}
    fresh = sorted(rows - known)
    total = len(fresh)
    builder = Builder(embedder)

    def documents() -> Iterator[tuple[int, list[str]]]:
        for done, (row, seen) in enumerate(_fields(writer, fresh), 1):
            if done % 2000 == 0 or done == total:
                progress("建立索引", done, total)
            builder.add(seen.body, seen.asks)
            yield row, seen.terms

    lexicon = Lexicon.build(documents(), base, keep)
    return lexicon, builder.finish(dense, keep)


def _usable(old: Path, embedder: Embedder) -> bool:
    """Whether the indexes of a generation can be built on."""
    manifest = _manifest(old)
    return manifest.get("format") == FORMAT and manifest.get("model") == embedder.name


def _fields(writer: Writer, rows: Sequence[int]) -> Iterator[tuple[int, Fields]]:
    """Rows of the catalogue with what the indexes see of them."""
    wanted = set(rows)
    sql = f"""
        select row, law, headings, label, text, gist, asks, terms from provisions
        where row >= {min(rows, default=0)} order by row"""
    for row, law, headings, label, text, gist, asks, terms in writer.db.execute(sql):
        if row in wanted:
            path = headings if text.startswith(label) or label.startswith("第") else f"{headings} {label}"
            questions, everyday = json.loads(asks or "[]"), json.loads(terms or "[]")
            yield row, fields(law, f"{path}\n{text}", gist=gist, asks=questions, everyday=everyday)
