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
from typing import Any

from ingest.gists import Norm
from ingest.norms import law_key
from ingest.numerals import article_number

BODY = 2.5  # weight of likeness to the wording beside the lexical share: most articles here have no questions
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
    """Metrics by kind, milliseconds, and the run line by line."""

    metrics: Mapping[str, Mapping[str, float]]
    p50_ms: float
    p95_ms: float
    run: Sequence[Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Metrics and times, without the run."""
        return {"metrics": self.metrics, "p50_ms": self.p50_ms, "p95_ms": self.p95_ms}

    def table(self) -> str:
        """A table for the terminal."""
        lines = ["\t".join(["类别", "题数", *METRICS])]
        for kind, values in self.metrics.items():
            lines.append(
                "\t".join([kind, str(int(values["questions"])), *(f"{values[m]:.3f}" for m in METRICS)])
            )
        return "\n".join([*lines, f"每题 p50 {self.p50_ms:.1f} ms，p95 {self.p95_ms:.1f} ms"])


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
    metrics = {kind: _score(questions, lines, places) for kind, places in groups.items()}
    ordered = sorted(times) or [0.0]
    return Report(metrics, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], lines)


def _score(
    questions: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]], places: Sequence[int]
) -> dict[str, float]:
    from ranx import Qrels, Run
    from ranx import evaluate as score

    qrels = Qrels({str(at): _gold(questions[at]) for at in places})
    run: dict[str, dict[str, float]] = {}
    for at in places:
        by_id = isinstance(questions[at]["gold"][0], str)
        ranked = [h["id"] if by_id else f"{h['law']}|{h['date']}|{h['article']}" for h in lines[at]["hits"]]
        unique = list(dict.fromkeys(ranked))
        run[str(at)] = {name: float(len(unique) - rank) for rank, name in enumerate(unique)} or {"": 0.0}
    values = score(qrels, Run(run), list(METRICS))
    return {"questions": float(len(places)), **{name: float(values[name]) for name in METRICS}}


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
    from index.rank import ALIKE, ASK
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
        likeness = BODY * np.maximum(body, 0) + ASK * np.maximum(ask - ALIKE, 0)
        scores = lexical / max(float(lexical.max(initial=0)), 1e-9) + likeness
        return [
            Found(str(rows[d]["id"]), str(rows[d]["law"]), "", str(rows[d]["article"]), float(scores[d]))
            for d in best(scores.astype(np.float32), 100).tolist()
        ]

    return search
