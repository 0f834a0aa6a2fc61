"""Speed, memory and quality on real files, with a stock LlamaIndex pipeline in the same run.

``python -m app.bench ../shared`` builds a knowledge base of everything there and measures it; then a
stock hybrid pipeline and ours over the same files (officer questions' base), side by side.
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
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from index.evaluate import Search

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
        figures |= _stock(shared, Path(scratch))
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


def _finder(home: Path) -> Search:
    """Search of a knowledge base in the form that evaluation takes."""
    from index.evaluate import search_index
    from index.search import open_index

    return search_index(open_index(home), date.today())


def _searches(shared: Path, scratch: Path) -> dict[str, Any]:
    from index.evaluate import evaluate
    from index.search import open_index

    index = open_index(scratch / "home")
    today = date.today()
    questions = _questions(shared)
    times = _timed(lambda query: index.search(query, on=today), questions)
    pinned = _timed(
        lambda query: index.resolve(index.understand("食安法124条一款五项", today=today), on=today), questions
    )
    metrics = evaluate(questions, _finder(scratch / "home")).metrics["全部"]
    quality = {f"检索 {name}": round(value, 3) for name, value in metrics.items() if name != "questions"}
    return {**_percentiles("检索", times), **_percentiles("条号定位", pinned), **quality}


def _stock(shared: Path, scratch: Path) -> dict[str, Any]:
    """A stock hybrid pipeline and ours over the same files: time, size and quality of both.

    Stock is SentenceSplitter + BM25Retriever + Chroma through VectorStoreIndex, fused by
    QueryFusionRetriever, as the documentation builds it; it is handed jieba's words, for on plain
    Chinese its lexical half scores nothing. A chunk counts as a hit for every article whose first
    words it holds, which favours the stock side.
    """
    from index.evaluate import Found, evaluate

    paths = sorted(
        p for p in (shared / "laws").rglob("*.md") if "DLC" not in p.parts or "山东地方法规" in p.parts
    )
    began = time.perf_counter()
    retrieve, held = _stock_retriever(paths, scratch / "stock")
    built = time.perf_counter() - began
    seconds, _ = _child("--home", str(scratch / "same"), "ingest", *_same_files(paths, scratch))
    questions = _questions(shared)
    articles = _articles(paths)

    def stock(query: str, on: date | None) -> list[Found]:
        found = []
        for file, text, score in retrieve(query):
            law, day = articles[file][0], articles[file][1]
            labels = [label for label, start in articles[file][2] if start in text]
            found += [Found(f"{file}{label}", law, day, label, score) for label in labels or ["?"]]
        return found

    ours = _finder(scratch / "same")
    figures: dict[str, Any] = {
        f"同样的 {len(paths)} 个文件：现成流水线建库（秒，{held} 段）": round(built, 1),
        "同样的文件：本库建库（秒，含向量）": seconds,
    }
    for name, find in (("现成流水线", stock), ("本库", ours)):
        report = evaluate(questions, find)
        figures |= {f"同样的文件 {name} p50（毫秒）": round(report.p50_ms, 2)}
        figures |= {
            f"同样的文件 {name} {metric}": round(value, 3)
            for metric, value in report.metrics["全部"].items()
            if metric in ("hit_rate@1", "hit_rate@5", "recall@10", "mrr@10")
        }
    return figures


def _stock_retriever(
    paths: list[Path], folder: Path
) -> tuple[Callable[[str], list[tuple[str, str, float]]], int]:
    """(file, chunk, score) of the ten best chunks for a question, and the number of chunks."""
    import chromadb
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.core.schema import BaseNode, TextNode
    from llama_index.retrievers.bm25 import BM25Retriever
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from app.llama import TableEmbedding
    from index.tokens import words

    documents = [Document(text=p.read_text(encoding="utf-8"), metadata={"file": p.name}) for p in paths]
    nodes = SentenceSplitter(chunk_size=512, chunk_overlap=50).get_nodes_from_documents(documents)
    chunks = {node.node_id: node.get_content() for node in nodes}
    cut: list[BaseNode] = [
        TextNode(id_=node.node_id, text=" ".join(words(chunks[node.node_id])), metadata=node.metadata,
                 excluded_embed_metadata_keys=["file"])
        for node in nodes
    ]  # fmt: skip
    lexical = BM25Retriever.from_defaults(
        nodes=cut, similarity_top_k=10, token_pattern=r"\S+", skip_stemming=True, verbose=False
    )
    collection = chromadb.PersistentClient(path=str(folder)).create_collection(
        "stock", embedding_function=None
    )
    context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    dense = VectorStoreIndex(cut, storage_context=context, embed_model=TableEmbedding())
    hybrid = QueryFusionRetriever(
        [lexical, dense.as_retriever(similarity_top_k=10)],
        similarity_top_k=10, num_queries=1, mode=FUSION_MODES.RECIPROCAL_RANK, use_async=False, llm=MockLLM(),
    )  # fmt: skip

    def retrieve(query: str) -> list[tuple[str, str, float]]:
        found = hybrid.retrieve(" ".join(words(query)))
        return [(n.node.metadata["file"], chunks[n.node.node_id], float(n.score or 0)) for n in found]

    return retrieve, len(nodes)


def _articles(paths: list[Path]) -> dict[str, tuple[str, str, list[tuple[str, str]]]]:
    """File → law, date in its name, and (label, first words) of its articles."""
    from ingest.facts import file_date
    from ingest.norms import law_key
    from ingest.parsers import markdown
    from ingest.structure import outline

    found = {}
    for path in paths:
        text = markdown.parse(path.read_bytes())
        starts = [(p.label, text.body[p.span.start : p.span.start + 24]) for p in outline(text)[0]]
        title = path.stem.split("(")[0]
        found[path.name] = (law_key(title), file_date(path.name), starts)
    return found


def _same_files(paths: list[Path], scratch: Path) -> list[str]:
    """Copies of the files with their folders, for a knowledge base of exactly these."""
    root = paths[0].parents[1]
    while root.name != "laws":
        root = root.parent
    for path in paths:
        target = scratch / "same-files" / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return [str(scratch / "same-files")]


if __name__ == "__main__":
    main()
