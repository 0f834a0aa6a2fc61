"""评测: run a question set, see metrics and failures, compare with another run; questions marked as wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from app.assess import as_set, read_run, read_set, run_set, to_jsonl
from app.desk import Desk
from app.errors import AppError
from app.store import Feedback, Store
from app.tabs.panel import Panel
from index.errors import KnowledgeBaseError
from index.evaluate import DOMAIN, Difference, Failure, Report, compare, failures

NAMES = {
    "hit_rate@1": "首条命中",
    "hit_rate@5": "前五命中",
    "recall@10": "前十召回",
    "recall@100": "前百召回",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}
SHOWN = 100  # failures on the page; the rest are in the file
SURE = 0.05


def build(desk: Desk) -> Panel:
    """Components and events of the tab."""
    store = Store(desk.settings.home)
    gr.Markdown(
        "上传题集（JSONL，每行 `qid`、`query`、`gold`），看检索答得怎样；再选另一次的结果可逐项比较。"
    )
    with gr.Row():
        questions = gr.File(label="题集", file_types=[".jsonl"], elem_id="z-set", height=110)
        earlier = gr.File(label="另一次的结果（可不选）", file_types=[".jsonl"], elem_id="z-run", height=110)
    go = gr.Button("评测", variant="primary", elem_id="z-assess")
    shown = gr.HTML(elem_id="z-report")
    saved = gr.File(label="这一次的结果", visible=False, interactive=False, elem_id="z-saved")
    with gr.Accordion("用户标错的问题", open=False):
        marked = gr.HTML(elem_id="z-marked")
        with gr.Row():
            refresh = gr.Button("刷新")
            export = gr.Button("存成题集")
        exported = gr.File(label="题集", visible=False, interactive=False)

    def assess(path: str | None, other: str | None, progress: gr.Progress = gr.Progress()) -> tuple[str, Any]:  # noqa: B008
        if not path:
            return _stop("请先选一份题集。"), gr.File(visible=False)
        try:
            rows = read_set(Path(path))
            before = read_run(Path(other)) if other else []
            report = run_set(desk, rows, lambda done, of: progress((done, of), desc="提问", unit="题"))
            differences = compare(rows, before, report.run) if before else []
        except (AppError, KnowledgeBaseError) as error:
            return _stop(str(error)), gr.File(visible=False)
        page = report_html(report, differences, failures(rows, report.run))
        return page, gr.File(value=_write("评测结果.jsonl", to_jsonl(report.run)), visible=True)

    def list_marked() -> str:
        try:
            return marked_html(store.marked())
        except AppError as error:
            return _stop(str(error))

    def export_marked() -> tuple[str, Any]:
        try:
            rows = as_set(desk, store.marked())
        except AppError as error:
            return _stop(str(error)), gr.File(visible=False)
        return list_marked(), gr.File(value=_write("标错题集.jsonl", to_jsonl(rows)), visible=True)

    go.click(assess, [questions, earlier], [shown, saved])
    refresh.click(list_marked, None, marked)
    export.click(export_marked, None, [marked, exported])
    return Panel()


def report_html(report: Report, differences: Sequence[Difference], failed: Sequence[Failure]) -> str:
    """Metrics with bars, the comparison, and the questions that failed."""
    heads, *rows = report.rows()
    heads = [NAMES.get(head, head) for head in heads]
    cells = [[escape(row[0]), row[1], *map(_bar, row[2:])] for row in rows]
    domains = [row for row in cells if row[0].startswith(DOMAIN)]
    parts = [
        f'<div class="z-meta">每题 p50 {report.p50_ms:.1f} 毫秒，p95 {report.p95_ms:.1f} 毫秒</div>',
        _table(heads, [row for row in cells if row not in domains]),
    ]
    if domains:
        parts.append(f'<details class="z-quote"><summary>按领域</summary>{_table(heads, domains)}</details>')
    if differences:
        body = [
            [NAMES[d.metric], f"{d.first:.3f}", f"{d.second:.3f}", f"胜 {d.won} 负 {d.lost}", _verdict(d)]
            for d in differences
        ]
        parts.append("<h4>与另一次比较</h4>" + _table(["指标", "另一次", "这一次", "逐题", "差别"], body))
    parts.append(f"<h4>前五条里没有标准答案的题：{len(failed)} 道</h4>")
    parts += [
        f'<details class="z-quote"><summary>{escape(one.query)}</summary>'
        f'<div class="z-meta">应为：{escape("；".join(one.wanted))}</div>'
        f'<div class="z-meta">返回：{escape("；".join(one.returned) or "没有")}</div></details>'
        for one in failed[:SHOWN]
    ]
    return "".join(parts)


def marked_html(entries: Sequence[Feedback]) -> str:
    """Questions marked as wrong."""
    if not entries:
        return '<div class="z-meta">还没有。问答页每个回答下面可以标错。</div>'
    rows = [[escape(e.at[:10]), escape(e.question), escape(e.outcome), escape(e.wanted)] for e in entries]
    return _table(["日期", "问题", "当时的结果", "应当是"], rows)


def _verdict(difference: Difference) -> str:
    """Whether the difference is more than chance."""
    if difference.p >= SURE:
        return f"说不准（p = {difference.p:.3f}）"
    return f"{'变好' if difference.second > difference.first else '变差'}（p = {difference.p:.4f}）"


def _bar(value: str) -> str:
    share = min(100.0, max(0.0, float(value) * 100))
    return f'<span class="z-bar" style="background-size: {share:.0f}% 100%">{value}</span>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="z-scroll"><table class="z-table"><tr>{head}</tr>{body}</table></div>'


def _stop(sentence: str) -> str:
    return f'<div class="z-banner stop">{escape(sentence)}</div>'


def _write(name: str, text: str) -> str:
    path = Path(tempfile.mkdtemp(prefix="zhifa-")) / name
    path.write_text(text, encoding="utf-8")
    return str(path)
