"""Question + day → provisions in force that day, best first, each article of a law once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Lexicon, Scorer
from index.build import FORMAT, current
from index.catalog import Catalog, ProvisionRecord, VersionRecord
from index.dense import Dense
from index.embed import SHIPPED, Embedder, open_embedder
from index.errors import NotBuilt, Outdated
from index.everyday import Everyday
from index.query import Pinpoint, Query, Titles, understand
from index.rank import ASKING, Ranker, Weights
from index.rerank import LEADING, Reranker
from index.resolve import Resolution, Resolved, Unresolved, in_force, resolve
from index.tokens import tokens
from ingest.norms import ArticleNumber, Kind
from ingest.numerals import NUMERAL
from ingest.regions import applies

FAR = 99_991_231
LENGTH = 0.1  # BM25's b: articles that matter have more questions beside them and must not lose by it
LAW_NAMED = 1.5  # factor for articles of a law that the question names
LOCAL_ELSEWHERE = 0.6  # factor for local rules when no place, or another, is named
CHAPTER = re.compile(rf"第\s*[{NUMERAL}]+\s*[编章节]|[那这哪](?:几|一|些)[条章节]|一[章节]")
CHAPTER_WORDS = re.compile(rf"{CHAPTER.pattern}|关于|里面|里|中|有关|规定|列出|讲|的")
NUMBER_ASKED = re.compile(r"第几条|哪一?条|哪几条|第多少条")
SENTENCE = re.compile(r"[^。？！?!；;\n]+")
CASES_ASKED = re.compile(r"案例|判例|案件|类案")


@dataclass(frozen=True, slots=True)
class Hit:
    """A provision found, with the version it stands in and why."""

    id: str
    score: float
    provision: ProvisionRecord
    version: VersionRecord
    why: str
    coverage: float = 0.0  # unweighted score as a share of the idf of the question's words


class Index:
    """A knowledge base opened for reading; one generation, immutable."""

    def __init__(
        self, folder: Path, *, model: str = "", reranker: str = "", weights: Weights | None = None
    ) -> None:
        self.folder = folder
        self.model = model
        self.reranker = reranker
        self.weights = weights or Weights()
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if self.manifest.get("format") != FORMAT:
            raise Outdated(
                f"“{folder.parents[1]}”里的知识库是旧版程序建的；请运行 zhifa ingest（加上原来的文件夹）重建，约需几分钟。"
            )
        self.catalog = Catalog(folder / "catalog.sqlite")
        self.lexicon = Lexicon.open(folder / "bm25")
        self.dense = Dense.open(folder / "dense")

    @cached_property
    def embedder(self) -> Embedder:
        """The model that made the vectors; ``Outdated`` where another one is set now."""
        opened = open_embedder(self.model or SHIPPED)
        if opened.name != self.manifest["model"]:
            raise Outdated(
                f"知识库的向量是用 {self.manifest['model']} 做的，现在设的是 {opened.name}；请运行 zhifa ingest 重建，"
                "或改回 ZHIFA_MODEL。"
            )
        return opened

    @cached_property
    def titles(self) -> Titles:
        """Names of the laws held."""
        return Titles(self.catalog.laws(), self.catalog.aliases())

    @cached_property
    def scorer(self) -> Scorer:
        """Scores of the lexical index."""
        return Scorer(self.lexicon, b=LENGTH)

    @cached_property
    def _documents(self) -> tuple[NDArray[np.int32], list[VersionRecord], NDArray[np.int64]]:
        """Version of every document as a number, the versions, and a key of law and article (of a case, the case)."""
        versions = self.catalog.all_versions()
        numbers = {version.id: at for at, version in enumerate(versions)}
        rows = self.catalog.db.execute("select row, version_id, law || '#' || key from provisions").fetchall()
        of_row = {row: (numbers[version], hash_) for row, version, hash_ in rows}
        articles: dict[str, int] = {}
        order = [of_row[row] for row in self.lexicon.rows.tolist()]
        version_of = np.array([number for number, _ in order], np.int32)
        units = [versions[at].law if versions[at].kind is Kind.CASE else name for at, name in order]
        article_of = np.array([articles.setdefault(unit, len(articles)) for unit in units], np.int64)
        return version_of, versions, article_of

    @cached_property
    def _intervals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        _, versions, _ = self._documents
        since = [int(v.since.strftime("%Y%m%d")) if v.since else 0 for v in versions]
        until = [int(v.until.strftime("%Y%m%d")) if v.until else FAR for v in versions]
        return np.array(since), np.array(until)

    def understand(self, question: str, *, today: date) -> Query:
        """The question taken apart."""
        return understand(question, self.titles, today=today)

    def resolve(self, query: Query, *, on: date) -> list[tuple[Pinpoint, Resolution]]:
        """Every pinpoint of a question, resolved; a range gives one entry for each article."""
        return [(p, resolve(p, self.catalog, on)) for p in _spread(query.pinpoints)]

    def search(
        self, question: str, *, on: date, top: int = 10, region: str = "", query: Query | None = None
    ) -> list[Hit]:
        """Provisions in force on ``on``; pinpoints first, then by score, ties by id.

        Cases come only where the question asks for cases; ``cases`` finds those like it.
        """
        query = query or self.understand(question, today=on)
        first = [self._pinned(r) for _, r in self.resolve(query, on=on) if isinstance(r, Resolved)]
        first = first or self._under_heading(query, on) or self._by_content(query, on)
        hits = {hit.id: hit for hit in first}
        wanted = max(top, LEADING if self.reranker else 0) + len(hits)
        ranked = self._ranked(query, on=on, region=region or query.region, top=wanted)
        for hit in self._read_again(query, ranked):
            hits.setdefault(hit.id, hit)
        return list(hits.values())[:top]

    def _by_content(self, query: Query, on: date) -> list[Hit]:
        """《某法》里“……”是第几条: the best article of the law named, by the words of that sentence alone."""
        found = []
        for sentence in SENTENCE.findall(query.text) if query.laws else ():
            if not NUMBER_ASKED.search(sentence):
                continue
            asked = self.understand(sentence, today=on)
            if scope := self._scope(asked, on):
                inside = np.array([version.id in scope for version in self._documents[1]], np.float32)
                found += self._ranked(asked, on=on, region=query.region, top=1, kinds=inside)
        return found

    @cached_property
    def _second_look(self) -> Reranker:
        return Reranker(self.reranker)

    def _read_again(self, query: Query, hits: list[Hit]) -> list[Hit]:
        """The leading hits in the order of the cross-encoder, where one is set."""
        if not self.reranker or not hits:
            return hits
        head, rest = hits[:LEADING], hits[LEADING:]
        wordings = [f"{hit.provision.law} {hit.provision.text or hit.provision.gist}" for hit in head]
        scores = self._second_look.scores(query.rest, wordings)
        order = sorted(range(len(head)), key=lambda at: (-float(scores[at]), head[at].id))
        return [head[at] for at in order] + rest

    def cases(self, question: str, *, on: date, top: int = 3, query: Query | None = None) -> list[Hit]:
        """Cases like the question, best first, each once by its best section."""
        query = query or self.understand(question, today=on)
        return self._ranked(query, on=on, region=query.region, top=top, kinds=self._is_case)

    def _pinned(self, resolved: Resolved) -> Hit:
        return Hit(resolved.provision.id, 1000.0, resolved.provision, resolved.version, "pinpoint", 1.0)

    def _under_heading(self, query: Query, on: date) -> list[Hit]:
        """Articles of the chapter that a question names: 行政处罚法里关于听证的那几条, 广告法第二章."""
        asked = CHAPTER.search(query.rest)
        if asked is None:
            return []
        topic = re.sub(r"[^\u4e00-\u9fff]", "", ASKING.sub("", CHAPTER_WORDS.sub(" ", query.rest)))
        for law in query.laws:
            version = in_force(self.catalog, law, on)
            if isinstance(version, Unresolved):
                continue
            provisions = self.catalog.provisions(version.id)
            chosen = [p for p in provisions if _names(p.headings, asked[0], topic)]
            if chosen:
                return [Hit(p.id, 1000.0 - at, p, version, "heading", 1.0) for at, p in enumerate(chosen)]
        return []

    @cached_property
    def _ranker(self) -> Ranker:
        everyday = Everyday.open(self.folder / "everyday.json")
        return Ranker(
            self.scorer, self.dense, everyday, self._punishes(), self._partners, self._wording, self.weights
        )

    def _punishes(self) -> NDArray[np.float32]:
        """1 for documents that set a punishment."""
        sql = (
            "select row from provisions where role = '罚则' or penalties not in ('', '[]') "
            "or (role = '' and text like '%罚款%')"
        )
        rows = [row for (row,) in self.catalog.db.execute(sql)]
        return np.isin(self.lexicon.rows, rows).astype(np.float32)

    def _partners(self, document: int) -> list[int]:
        """Documents that one cites and those that cite it."""
        rows = self.catalog.partners(int(self.lexicon.rows[document]))
        return [self._document_of[row] for row in rows if row in self._document_of]

    def _wording(self, documents: Sequence[int]) -> list[str]:
        rows = [int(self.lexicon.rows[document]) for document in documents]
        return [f"{record.text}\n{record.gist}" for record in self.catalog.by_rows(rows)]

    @cached_property
    def _document_of(self) -> dict[int, int]:
        return {row: at for at, row in enumerate(self.lexicon.rows.tolist())}

    @cached_property
    def _latecomers(self) -> list[tuple[int, date]]:
        """Documents of articles that begin later than their version."""
        late = self.catalog.latecomers()
        return [(self._document_of[row], day) for row, day in late if row in self._document_of]

    def _ranked(
        self, query: Query, *, on: date, region: str, top: int, kinds: NDArray[np.float32] | None = None
    ) -> list[Hit]:
        scope = self._scope(query, on)
        if not tokens(query.rest) and not scope:
            return []
        version_of, versions, article_of = self._documents
        factor = self._factors(versions, on=on, region=region, scope=scope)
        if kinds is not None:
            factor = factor * kinds
        elif not CASES_ASKED.search(query.text):
            factor = factor * (1 - self._is_case)
        factor = factor[version_of]
        factor[[document for document, day in self._latecomers if on < day]] = 0
        ranking = self._ranker.rank(query.rest, self.embedder.embed([query.rest])[0], factor)
        unique: dict[int, int] = {}  # article → place in the ranking
        for at, article in enumerate(article_of[ranking.documents].tolist()):
            unique.setdefault(article, at)
            if len(unique) == top:
                break
        places = list(unique.values())
        documents = ranking.documents[places].tolist()
        records = self.catalog.by_rows([int(self.lexicon.rows[d]) for d in documents])
        mass = self.scorer.mass(tokens(ASKING.sub(" ", query.rest)) or tokens(query.rest))
        hits = [
            Hit(
                record.id,
                round(float(ranking.scores[at]), 4),
                record,
                versions[version_of[document]],
                "lexical",
                float(ranking.lexical[at]) / mass if mass else 0.0,
            )
            for at, document, record in zip(places, documents, records, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def _scope(self, query: Query, on: date) -> set[str]:
        """Versions of the laws the question names."""
        found = {in_force(self.catalog, law, on) for law in query.laws}
        return {version.id for version in found if not isinstance(version, Unresolved)}

    @cached_property
    def _regions(self) -> dict[str, NDArray[np.int64]]:
        """Versions of each place other than the whole country."""
        places: dict[str, list[int]] = {}
        for at, version in enumerate(self._documents[1]):
            if version.region != "全国":
                places.setdefault(version.region, []).append(at)
        return {region: np.array(members) for region, members in places.items()}

    @cached_property
    def _is_case(self) -> NDArray[np.float32]:
        """1 for versions that are cases."""
        return np.array([version.kind is Kind.CASE for version in self._documents[1]], np.float32)

    def _factors(
        self, versions: Sequence[VersionRecord], *, on: date, region: str, scope: set[str]
    ) -> NDArray[np.float32]:
        """Factor of every version: 0 when not in force, less for other places, more for laws named."""
        since, until = self._intervals
        day = int(on.strftime("%Y%m%d"))
        factor = ((since <= day) & (day < until)).astype(np.float32)
        for place, members in self._regions.items():
            if not applies(place, region):
                factor[members] *= LOCAL_ELSEWHERE
        if scope:
            boost = LAW_NAMED * 2 if len(scope) == 1 else LAW_NAMED
            factor[[at for at, version in enumerate(versions) if version.id in scope]] *= boost
        return factor


def _names(path: str, asked: str, topic: str) -> bool:
    """Whether a heading path (第六章 … / 第二节 听证) is the chapter asked for by number or by subject."""
    asked = re.sub(r"\s", "", asked)
    for heading in path.split(" / "):
        label, _, title = heading.partition(" ")
        if asked.startswith("第") and re.sub(r"\s", "", label) == asked:
            return True
        stem = re.sub(r"程序$|规定$|\s", "", title)
        if (
            len(stem) >= 2
            and topic
            and (stem == topic or topic in stem or (len(stem) >= 4 and stem in topic))
        ):
            return True
    return False


def _spread(pinpoints: Sequence[Pinpoint]) -> list[Pinpoint]:
    spread = []
    for pinpoint in pinpoints:
        last = pinpoint.article_to.main if pinpoint.article_to else pinpoint.article.main
        if pinpoint.article_to is None or last < pinpoint.article.main:
            spread.append(pinpoint)
            continue
        for number in range(pinpoint.article.main, min(last, pinpoint.article.main + 30) + 1):
            spread.append(Pinpoint(pinpoint.law, ArticleNumber(number)))
    return spread


def open_index(home: Path, *, model: str = "", reranker: str = "", weights: Weights | None = None) -> Index:
    """Open the knowledge base in ``home``; raises ``NotBuilt`` where there is none."""
    folder = current(home)
    if folder is None:
        raise NotBuilt(f"“{home}”里还没有知识库；请先运行 zhifa --home {home} ingest 文件或文件夹。")
    return Index(folder, model=model, reranker=reranker, weights=weights)
