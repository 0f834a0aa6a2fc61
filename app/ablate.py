"""What each part of the ranking adds: a question set asked with everything, without each part, and with words alone.

``python -m app.ablate HOME QUESTIONS.jsonl [FIGURES.json]`` prints a table; the figures go into the
notebook. p is that of the paired test against the whole (index/evaluate.py).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from index.evaluate import Found, Report, Search, compare, evaluate, search_index
from index.rank import Weights
from index.search import Index, open_index

PARTS = {
    "words": "逐字含有问题里的词的靠前",
    "body": "与条文的相似度",
    "ask": "与问句的相似度",
    "punishes": "问处罚时罚则靠前",
    "quoted": "引号里的字照字面找",
    "cited": "互相引用的条一起上来",
    "everyday": "日常用语换成法条用语",
}
WHOLE, WORDS, TEXT = "全部", "只有词", "只有原文的词（BM25）"
SHOWN = ("hit_rate@1", "hit_rate@5", "recall@10", "mrr@10")


def variants() -> Iterator[tuple[str, Weights]]:
    """The whole, then without each part, then words alone."""
    yield WHOLE, Weights()
    for field in fields(Weights):
        yield f"去掉“{PARTS[field.name]}”", replace(Weights(), **{field.name: 0.0})
    yield WORDS, Weights(**dict.fromkeys(PARTS, 0.0))


def text_only(index: Index, today: date) -> Search:
    """Plain BM25 over titles and wordings of the versions in force, without anything of ours beside them."""
    import numpy as np

    from index.bm25 import Lexicon, Scorer, best
    from index.tokens import tokens

    ours = {key for key, v in index.catalog.versions_by_id.items() if v.sources[0].startswith("corpus/")}
    held = [p for p in index.catalog.every_provision() if p.text and p.version_id not in ours]
    titles = {law: tokens(law) * 2 for law in {p.law for p in held}}
    lexicon = Lexicon.build(
        (at, titles[p.law] + tokens(f"{p.headings}\n{p.text}")) for at, p in enumerate(held)
    )
    scorer, versions = Scorer(lexicon), index.catalog.versions_by_id

    def find(query: str, on: date | None) -> list[Found]:
        day = on or index.understand(query, today=today).day or today
        scores, _ = scorer.scores(tokens(query))
        live = {key for key, version in versions.items() if version.covers(day)}
        scores = scores * np.array([p.version_id in live for p in held], np.float32)
        return [
            Found(
                held[d].id,
                held[d].law,
                versions[held[d].version_id].file_date,
                held[d].label,
                float(scores[d]),
            )
            for d in best(scores, 100).tolist()
        ]

    return find


def ablate(home: Path, questions: Sequence[Mapping[str, Any]], today: date) -> dict[str, dict[str, Any]]:
    """Variant → metrics by kind and p against the whole (of MRR@10)."""
    found: dict[str, dict[str, Any]] = {}
    whole: Report | None = None
    searches = [(name, search_index(open_index(home, weights=w), today)) for name, w in variants()]
    for name, find in [*searches, (TEXT, text_only(open_index(home), today))]:
        report = evaluate(questions, find)
        whole = whole or report
        (mrr,) = [d for d in compare(questions, whole.run, report.run) if d.metric == "mrr@10"]
        found[name] = {"metrics": report.metrics, "p": round(mrr.p, 4)}
    return found


def main() -> None:
    """Print the table and keep the figures."""
    if len(sys.argv) < 3:
        click.echo("用法：python -m app.ablate 知识库文件夹 题集.jsonl [存到.json]")
        sys.exit(2)
    from app.assess import read_set

    figures = ablate(Path(sys.argv[1]), read_set(Path(sys.argv[2])), date.today())
    click.echo("\t".join(["", *SHOWN, "p"]))
    for name, values in figures.items():
        overall = values["metrics"]["全部"]
        click.echo("\t".join([name, *(f"{overall[m]:.3f}" for m in SHOWN), f"{values['p']:.4f}"]))
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
