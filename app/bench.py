"""Speed, memory and quality on real files, with a stock LlamaIndex pipeline in the same run.

``python -m app.bench ../shared`` builds a knowledge base of everything there, measures it, and puts
a stock SentenceSplitter + BM25Retriever (given jieba) over part of the same files beside it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

STOCK_ARTICLES = 20_000
ZHIFA = [sys.executable, "-m", "app.cli"]


def main() -> None:
    """Measure and print a table and JSON."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared").resolve()
    if not (shared / "laws").is_dir():
        click.echo(f"没有找到 {shared}/laws；请给出存放真实法规的文件夹：python -m app.bench 文件夹")
        sys.exit(2)
    with tempfile.TemporaryDirectory() as scratch:
        figures = {
            **_builds(shared, Path(scratch)),
            **_cold(Path(scratch)),
            **_searches(shared, Path(scratch)),
        }
        figures |= _stock(shared, Path(scratch), figures)
    for name, value in figures.items():
        click.echo(f"{name}：{value}")
    click.echo(json.dumps(figures, ensure_ascii=False))


def _child(*words: str) -> tuple[float, float]:
    """Seconds and peak memory (GB) of a command in a process of its own."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *ZHIFA, *words], check=True, capture_output=True, text=True
    )
    return round(time.perf_counter() - began, 2), round(int(done.stdout.split()[-1]) / 1e6, 2)


def _builds(shared: Path, scratch: Path) -> dict[str, Any]:
    laws = scratch / "files"
    shutil.copytree(shared / "laws", laws / "laws")
    home = [
        "--home",
        str(scratch / "home"),
        "ingest",
        str(laws),
        str(shared / "laws_docx"),
        str(shared / "samples"),
    ]
    seconds, memory = _child(*home)
    again, _ = _child(*home)
    law = next((laws / "laws").rglob("广告法(*.md"))
    law.write_text(law.read_text(encoding="utf-8") + "\n（核对用）\n", encoding="utf-8")
    changed, _ = _child(*home)
    return {
        "全量建库（秒，上限 240）": seconds, "建库内存峰值（GB，上限 3）": memory,
        "未变再跑（秒，上限 5）": again, "改一部法（秒，上限 5）": changed,
    }  # fmt: skip


def _cold(scratch: Path) -> dict[str, Any]:
    home = ["--home", str(scratch / "home")]
    return {
        "zhifa --help（秒，上限 0.3）": _child("--help")[0],
        "zhifa law（秒，上限 1）": _child(*home, "law", "食安法124条一款五项")[0],
        "zhifa ask（秒，上限 3）": _child(*home, "ask", "小超市卖过期饼干罚多少")[0],
    }


def _questions(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "bench" / "officer_dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [question for question in map(json.loads, lines) if question["gold"]]


def _percentiles(name: str, times: list[float]) -> dict[str, Any]:
    times = sorted(times)
    return {
        f"{name} p50（毫秒）": round(times[len(times) // 2], 2),
        f"{name} p95（毫秒）": round(times[int(len(times) * 0.95)], 2),
    }


def _timed(work: Callable[[str], Any], questions: list[dict[str, Any]]) -> list[float]:
    work("预热")
    times = []
    for question in questions:
        began = time.perf_counter()
        work(question["query"])
        times.append((time.perf_counter() - began) * 1000)
    return times


def _searches(shared: Path, scratch: Path) -> dict[str, Any]:
    from index.evaluate import Found, evaluate
    from index.search import open_index

    index = open_index(scratch / "home")
    today = date.today()
    questions = _questions(shared)

    def find(query: str, on: date | None) -> list[Found]:
        taken = index.understand(query, today=today)
        hits = index.search(query, on=on or taken.day or today, top=100, query=taken)
        return [Found(h.id, h.provision.law, h.version.file_date, h.provision.label, h.score) for h in hits]

    times = _timed(lambda query: index.search(query, on=today), questions)
    pinned = _timed(
        lambda query: index.resolve(index.understand("食安法124条一款五项", today=today), on=today), questions
    )
    metrics = evaluate(questions, find).metrics["全部"]
    quality = {f"检索 {name}": round(value, 3) for name, value in metrics.items() if name != "questions"}
    return {**_percentiles("检索", times), **_percentiles("条号定位", pinned), **quality}


def _stock(shared: Path, scratch: Path, ours: dict[str, Any]) -> dict[str, Any]:
    """A stock pipeline over the first files, as people build it from the documentation."""
    from llama_index.core import Document
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.retrievers.bm25 import BM25Retriever

    from index.tokens import words

    began = time.perf_counter()
    paths = sorted(p for p in (shared / "laws").rglob("*.md") if "DLC" not in p.parts)
    documents = [Document(text=p.read_text(encoding="utf-8"), metadata={"file": p.name}) for p in paths]
    nodes = SentenceSplitter(chunk_size=512, chunk_overlap=50).get_nodes_from_documents(documents)[
        :STOCK_ARTICLES
    ]
    retriever = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=10, tokenizer=words, verbose=False)
    built = time.perf_counter() - began
    times = _timed(retriever.retrieve, _questions(shared))
    figures = _percentiles("现成流水线", times)
    ratio = round(figures["现成流水线 p50（毫秒）"] / ours["检索 p50（毫秒）"], 2)
    return {
        f"现成流水线建索引（秒，{len(nodes)} 段）": round(built, 1),
        **figures,
        "检索 p50 之比（现成 / 本库）": ratio,
    }


if __name__ == "__main__":
    main()
