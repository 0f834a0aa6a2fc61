"""Question sets → Hit@k, Recall@k, MRR@10, nDCG@10 by kind of question, and time per question.

Hit@k: share of questions with a gold article among the first k. Recall@k: mean share of a question's
gold articles among the first k. Questions with no gold (unanswerable) are counted, not scored.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from index.errors import Incomparable
from ingest.gists import Norm
from ingest.norms import law_key
from ingest.numerals import article_number

if TYPE_CHECKING:
    from index.search import Index

BODY = 2.5  # weight of likeness to the wording beside the lexical share: most articles here have no questions
DOMAIN = "领域·"  # before the name of a domain among the groups
METRICS = ("hit_rate@1", "hit_rate@5", "recall@10", "recall@100", "mrr@10", "ndcg@10")


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as the metrics see it."""

    id: str
    law: str
    date: str
    article: str
    score: float


Search = Callable[[str, date | None], list[Found]]


@dataclass(frozen=True, slots=True)
class Report:
    """Metrics by group (全部, each kind, each domain as 领域·…), milliseconds, and the run line by line."""

    metrics: Mapping[str, Mapping[str, float]]
    p50_ms: float
    p95_ms: float
    run: Sequence[Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Metrics and times, without the run."""
        return {"metrics": self.metrics, "p50_ms": self.p50_ms, "p95_ms": self.p95_ms}

    def rows(self, *, domains: bool = True) -> list[list[str]]:
        """The metrics as rows of text, the heads first."""
        return [["类别", "题数", *METRICS]] + [
            [kind, str(int(values["questions"])), *(f"{values[m]:.3f}" for m in METRICS)]
            for kind, values in self.metrics.items()
            if domains or not kind.startswith(DOMAIN)
        ]

    def table(self) -> str:
        """A table for the terminal, by kind of question."""
        lines = ["\t".join(row) for row in self.rows(domains=False)]
        return "\n".join([*lines, f"每题 p50 {self.p50_ms:.1f} ms，p95 {self.p95_ms:.1f} ms"])


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of two runs: means, questions won and lost by the second, and p of the paired test."""

    metric: str
    first: float
    second: float
    won: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A question with no gold article among its first hits."""

    qid: str
    query: str
    wanted: Sequence[str]
    returned: Sequence[str]


def _gold(question: Mapping[str, Any]) -> dict[str, int]:
    """Names of the gold articles with their grade; a name is the id, or law|date|article."""
    gold = {}
    for entry in question["gold"]:
        if isinstance(entry, str):
            gold[entry] = 1
        else:
            gold[f"{entry['law']}|{entry['date']}|{entry['article']}"] = int(entry.get("grade", 1))
    return gold


def evaluate(questions: Sequence[Mapping[str, Any]], search: Search, *, depth: int = 100) -> Report:
    """Ask every question and score the hits with ranx."""
    times: list[float] = []
    lines: list[dict[str, Any]] = []
    for question in questions:
        began = time.perf_counter()
        as_of = question.get("as_of")
        hits = search(str(question["query"]), date.fromisoformat(as_of) if as_of else None)[:depth]
        times.append((time.perf_counter() - began) * 1000)
        rows = [
            {"id": h.id, "law": h.law, "date": h.date, "article": h.article, "score": h.score} for h in hits
        ]
        lines.append({"qid": question["qid"], "hits": rows, "ms": round(times[-1], 3)})
    groups: dict[str, list[int]] = defaultdict(list)
    for at, question in enumerate(questions):
        if question["gold"]:
            groups["全部"].append(at)
            if question.get("kind"):
                groups[str(question["kind"])].append(at)
            if question.get("domain"):
                groups[DOMAIN + str(question["domain"]).split("（")[0]].append(at)
    ordered = sorted(groups.items(), key=lambda group: group[0].startswith(DOMAIN))
    metrics = {kind: _score(questions, lines, places) for kind, places in ordered}
    times = sorted(times) or [0.0]
    return Report(metrics, times[len(times) // 2], times[int(len(times) * 0.95)], lines)


def compare(
    questions: Sequence[Mapping[str, Any]],
    first: Sequence[Mapping[str, Any]],
    second: Sequence[Mapping[str, Any]],
) -> list[Difference]:
    """Two runs of one question set side by side.

    p is that of Fisher's randomisation test, two-sided, on the questions both runs answered
    (Smucker, Allan and Carterette, 2007).
    """
    by_qid = [{str(line["qid"]): line for line in run} for run in (first, second)]
    scored = [q for q in questions if q["gold"] and all(str(q["qid"]) in lines for lines in by_qid)]
    if not scored:
        raise Incomparable("两次结果没有共同的题目；请确认它们出自同一份题集。")
    values = [_each(scored, [lines[str(q["qid"])] for q in scored]) for lines in by_qid]
    return [
        Difference(
            metric,
            float(values[0][metric].mean()),
            float(values[1][metric].mean()),
            int((values[1][metric] > values[0][metric]).sum()),
            int((values[1][metric] < values[0][metric]).sum()),
            _randomisation(values[0][metric], values[1][metric]),
        )
        for metric in METRICS
    ]


def _randomisation(first: Any, second: Any, *, rounds: int = 10_000) -> float:
    """Two-sided p of the mean difference under random exchange of the pairs; seeded."""
    import numpy as np

    difference = second - first
    if not difference.any():
        return 1.0
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (rounds, len(difference)))
    beyond = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    return float((beyond.sum() + 1) / (rounds + 1))


def failures(
    questions: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]], *, depth: int = 5
) -> list[Failure]:
    """Questions without a gold article among the first ``depth`` hits, with what came instead."""
    by_qid = {str(line["qid"]): line for line in lines}
    found = []
    for question in questions:
        line = by_qid.get(str(question["qid"]))
        if not question["gold"] or line is None:
            continue
        gold, names = _gold(question), _names(question, line)[:depth]
        if not gold.keys() & set(names):
            shown = [f"《{h['law']}》{h['article']}" for h in line["hits"][:depth]]
            wanted = [name.replace("|", " ") for name in gold]
            found.append(Failure(str(question["qid"]), str(question["query"]), wanted, shown))
    return found


def _names(question: Mapping[str, Any], line: Mapping[str, Any]) -> list[str]:
    """Hits of a question under the names its gold uses, each once."""
    by_id = bool(question["gold"]) and isinstance(question["gold"][0], str)
    ranked = [h["id"] if by_id else f"{h['law']}|{h['date']}|{h['article']}" for h in line["hits"]]
    return list(dict.fromkeys(ranked))


def _each(questions: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every metric for every question: name → array[questions]."""
    import numba

    numba.config.DISABLE_JIT = True  # type: ignore[attr-defined]  # compiling takes minutes on a fresh machine, computing seconds
    from ranx import Qrels, Run
    from ranx import evaluate as score

    qrels = Qrels({str(at): _gold(question) for at, question in enumerate(questions)})
    run: dict[str, dict[str, float]] = {}
    for at, (question, line) in enumerate(zip(questions, lines, strict=True)):
        names = _names(question, line)
        run[str(at)] = {name: float(len(names) - rank) for rank, name in enumerate(names)} or {"": 0.0}
    values = score(qrels, Run(run), list(METRICS), return_mean=False)
    return dict(values)


def _score(
    questions: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]], places: Sequence[int]
) -> dict[str, float]:
    values = _each([questions[at] for at in places], [lines[at] for at in places])
    return {"questions": float(len(places)), **{name: float(values[name].mean()) for name in METRICS}}


def search_index(index: Index, today: date) -> Search:
    """Search of a knowledge base as the metrics see it; a day the question names counts where none is given."""

    def find(query: str, on: date | None) -> list[Found]:
        taken = index.understand(query, today=today)
        hits = index.search(query, on=on or taken.day or today, top=100, query=taken)
        return [Found(h.id, h.provision.law, h.version.file_date, h.provision.label, h.score) for h in hits]

    return find


def search_articles(
    articles: Iterable[Mapping[str, Any]], *, norms: Iterable[Norm] = (), model: str = ""
) -> Search:
    """A temporary base of {id, law, article, chapter, text} lines, with the gists of ``norms`` beside them.

    Every article takes part in the lexical share and in the likeness, so one that shares no word with
    the question can be found. ``model`` is as in ``embed.open_embedder``, "" for the shipped one.
    """
    import numpy as np

    from index.bm25 import Lexicon, Scorer, best
    from index.dense import Builder
    from index.embed import SHIPPED, open_embedder
    from index.fields import fields
    from index.rank import ALIKE
    from index.tokens import tokens

    rows = list(articles)
    gists = {(norm.law, gist.key): gist for norm in norms for gist in norm.articles}
    embedder = open_embedder(model or SHIPPED)
    builder = Builder(embedder)

    def documents() -> Iterator[tuple[int, list[str]]]:
        for at, row in enumerate(rows):
            law, number = str(row["law"]), article_number(str(row["article"]))
            gist = gists.get((law_key(law), str(number)))
            leads = {"gist": gist.gist, "asks": gist.asks, "everyday": gist.terms} if gist else {}
            seen = fields(law, f"{row.get('chapter') or ''}\n{row['text']}", **leads)  # type: ignore[arg-type]
            builder.add(seen.body, seen.asks)
            yield at, seen.terms

    scorer = Scorer(Lexicon.build(documents()))
    vectors = builder.finish(None, None)
    everything = np.arange(len(rows))

    def search(query: str, on: date | None) -> list[Found]:
        lexical, _ = scorer.scores(tokens(query))
        body, ask = vectors.likeness(embedder.embed([query])[0], everything)
        likeness = BODY * np.maximum(body, 0) + np.maximum(ask - ALIKE, 0)
        scores = lexical / max(float(lexical.max(initial=0)), 1e-9) + likeness
        return [
            Found(str(rows[d]["id"]), str(rows[d]["law"]), "", str(rows[d]["article"]), float(scores[d]))
            for d in best(scores.astype(np.float32), 100).tolist()
        ]

    return search
