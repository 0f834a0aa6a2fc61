"""Commands. Each imports what it needs inside itself, so that help answers at once."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.desk import Desk
    from app.settings import Settings
    from index.build import Report
    from index.search import Hit


def main() -> None:
    """Run the program; an expected error is one sentence and exit code 2."""
    from app.errors import AppError
    from index.errors import KnowledgeBaseError
    from ingest.errors import IngestError

    try:
        zhifa(prog_name="zhifa")
    except (IngestError, KnowledgeBaseError, AppError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)


class Day(click.ParamType[date]):
    """A date on the command line."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """``date`` of the text, or a sentence."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2022-11-15 这样。", param, ctx)


ON = click.option("--on", type=Day(), help="行为发生日；按当天有效的文本回答")
JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON")
BATCH = click.option(
    "--batch", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="问题文件，每行一个 JSON"
)
OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="结果文件，每行一个 JSON")


@click.group(help="执法大家谈：市场监管执法知识库。")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="知识库所在文件夹")
@click.pass_context
def zhifa(context: click.Context, home: Path | None) -> None:
    """Group of commands; the settings are read once here."""
    from app.settings import read_settings

    context.obj = read_settings(home)


@zhifa.command(help="把文件、文件夹、压缩包或网址收进知识库。")
@click.argument("paths", nargs=-1, required=True)
@JSON
@click.pass_obj
def ingest(settings: Settings, paths: tuple[str, ...], as_json: bool) -> None:
    """Build or update the knowledge base."""
    from app.desk import ingest as run

    with _progress() as advance:
        report = run(settings, list(paths), advance)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        _print_report(report)


class _progress:  # noqa: N801 - used as a function
    """A bar with rate and time left on a terminal; nothing where output is not a terminal."""

    def __enter__(self) -> Callable[[str, int, int], None]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        rate = TextColumn("{task.fields[rate]}")
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            rate,
            TextColumn("剩余"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.tasks: dict[str, Any] = {}
        self.bar.start()
        return self.advance

    def advance(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        if step not in self.tasks:
            self.tasks[step] = (self.bar.add_task(step, total=total, rate=""), time.perf_counter())
        task, began = self.tasks[step]
        rate = done / max(time.perf_counter() - began, 1e-3)
        self.bar.update(task, completed=done, total=total, rate=f"{rate:.0f}/秒")

    def __exit__(self, *error: object) -> None:
        self.bar.stop()


def _print_report(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="导入报告", show_header=False)
    for name, value in (
        ("文件", report.files),
        ("新收或更新", report.imported),
        ("未变", report.unchanged),
        ("移除", report.removed),
        ("版本", report.versions),
        ("条文（节）", report.provisions),
        ("跳过", len(report.skipped)),
        ("条号可疑", len(report.numbering)),
        ("日期等不一致", len(report.conflicts)),
        ("要旨库有误", len(report.corpus)),
        ("同一文本", len(report.duplicates)),
        ("用时", f"{report.seconds:.1f} 秒"),
    ):
        table.add_row(name, str(value))
    console = Console()
    console.print(table)
    faults = [("corpus/norms", fault) for fault in report.corpus]
    for title, rows in (
        ("跳过的文件", report.skipped),
        ("条号可疑", report.numbering),
        ("要旨库有误", faults),
    ):
        for path, reason in rows[:20]:
            console.print(f"{title}：{path}：{reason}", markup=False)
        if len(rows) > 20:
            console.print(f"{title}还有 {len(rows) - 20} 个，完整清单用 --json 查看。")


@zhifa.command(help="把条文嵌入 Chroma：默认放在知识库文件夹里，也可给服务器网址。")
@click.option("--chroma", default="", help="Chroma 服务器网址或文件夹")
@click.option(
    "--model", default="", help="sentence-transformers 模型名或文件夹；不给则用随程序附带的词向量表"
)
@click.pass_obj
def embed(settings: Settings, chroma: str, model: str) -> None:
    """Vectors of every provision."""
    from app.desk import embed as run

    with _progress() as advance:
        count = run(settings, chroma or settings.home / "vectors", model, lambda d, t: advance("嵌入", d, t))
    click.echo(f"Chroma 里现有 {count} 条。")


@zhifa.command(help="知识库里有什么。")
@JSON
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Counts, generation, disk size, newest text."""
    from app.desk import open_desk

    desk = open_desk(settings)
    folder = desk.index.folder
    facts: dict[str, Any] = {
        **desk.catalog.stats(),
        "generation": desk.index.manifest["generation"],
        "built": desk.index.manifest["built"],
        "disk_mb": round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6, 1),
        "newest": max((v.date for v in desk.catalog.all_versions()), default=""),
        "home": str(settings.home),
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    names = {
        "documents": "文件",
        "laws": "法规",
        "versions": "版本（全文）",
        "gist_only_versions": "版本（仅要旨）",
        "provisions": "条文（节）",
        "articles": "条",
        "gists": "要旨",
        "cases": "案例",
        "references": "引用关系",
        "skipped": "跳过的文件",
        "generation": "索引代次",
        "built": "建成时间",
        "disk_mb": "占用（MB）",
        "newest": "最新文本日期",
        "home": "位置",
    }
    for key, value in facts.items():
        click.echo(f"{names[key]}：{value}")


@zhifa.command(help="按条号查原文，如：zhifa law 食安法124条一款五项。")
@click.argument("text")
@ON
@JSON
@click.pass_obj
def law(settings: Settings, text: str, on: date | None, as_json: bool) -> None:
    """The exact provision, or a named reason."""
    from app.answer import quote, version_line
    from app.desk import open_desk
    from index.resolve import Resolved

    desk = open_desk(settings)
    found = desk.law(text, on=on)
    day = on or settings.today
    rows: list[dict[str, Any]] = []
    for _, resolution in found:
        if isinstance(resolution, Resolved):
            shown = quote(
                desk.catalog,
                resolution.provision,
                resolution.version,
                day,
                settings.today,
                label=resolution.label,
                text=resolution.quote,
                lead=resolution.lead,
            )
            rows.append(
                {
                    "found": True,
                    "id": shown.id,
                    "law": shown.law,
                    "date": shown.file_date,
                    "article": resolution.provision.label,
                    "paragraph": resolution.paragraph,
                    "item": resolution.item,
                    "citation": shown.citation,
                    "quote": resolution.quote,
                    "status": shown.status,
                    "effective": shown.effective,
                    "is_gist": shown.is_gist,
                }
            )
            if not as_json:
                click.echo(f"{shown.citation}\n{shown.text}\n— {version_line(shown)}")
        else:
            rows.append(
                {
                    "found": False,
                    "reason": resolution.reason.value,
                    "message": resolution.message,
                    "candidates": list(resolution.candidates),
                }
            )
            if not as_json:
                click.echo(resolution.message)
    if not rows:
        message = "没有读出条号；请写成“食品安全法第一百二十四条”或“食安法124条一款五项”这样。"
        rows = [{"found": False, "reason": "not_a_citation", "message": message, "candidates": []}]
        if not as_json:
            click.echo(message)
    if as_json:
        click.echo(json.dumps(rows[0] if len(rows) == 1 else rows, ensure_ascii=False))
    sys.exit(0 if rows[0]["found"] else 1)


def _hit_row(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "law": hit.provision.law,
        "date": hit.version.file_date,
        "article": hit.provision.label,
        "score": hit.score,
    }


def _as_of(row: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(row["as_of"]) if row.get("as_of") else None
    except (TypeError, ValueError) as error:
        where = row.get("qid", "一个问题")
        raise click.ClickException(
            f"{where} 的 as_of 写作“{row['as_of']}”，应为 2022-11-15 这样的日期。"
        ) from error


def _query(row: dict[str, Any]) -> str:
    if not isinstance(row.get("query"), str):
        raise click.ClickException(f"{row.get('qid', '一个问题')} 没有 query；每行应有 qid 和 query。")
    return str(row["query"])


def _run_batch(batch: Path, out: Path | None, work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    if out is None:
        raise click.UsageError("--batch 要和 --out 一起用：结果写到哪个文件？")
    from app.assess import read_lines

    with out.open("w", encoding="utf-8") as stream:
        for row in read_lines(batch):
            began = time.perf_counter()
            result = {"qid": row.get("qid"), **work(row)}
            result["ms"] = round((time.perf_counter() - began) * 1000, 3)
            stream.write(json.dumps(result, ensure_ascii=False) + "\n")


@zhifa.command(help="检索条文。")
@click.argument("question", required=False, default="")
@ON
@click.option("--top", default=10, show_default=True, help="返回多少条")
@JSON
@BATCH
@OUT
@click.pass_obj
def search(
    settings: Settings,
    question: str,
    on: date | None,
    top: int,
    as_json: bool,
    batch: Path | None,
    out: Path | None,
) -> None:
    """Ranked provisions."""
    from app.desk import open_desk

    desk = open_desk(settings)
    if batch is not None:
        desk.search("预热", top=1)
        _run_batch(
            batch,
            out,
            lambda row: {"hits": [_hit_row(h) for h in desk.search(_query(row), on=_as_of(row), top=top)]},
        )
        return
    hits = desk.search(question, on=on, top=top)
    if as_json:
        click.echo(json.dumps([_hit_row(hit) for hit in hits], ensure_ascii=False))
        return
    for rank, hit in enumerate(hits, 1):
        wording = (hit.provision.text or hit.provision.gist).replace("\n", " ")[:80]
        click.echo(f"{rank}. 《{hit.provision.law}》{hit.provision.label}（{hit.version.date}）{wording}")
    if not hits:
        from app.answer import REFUSAL

        click.echo(REFUSAL)


@zhifa.command(help="提问，得到引用原文的回答。")
@click.argument("question", required=False, default="")
@ON
@JSON
@BATCH
@OUT
@click.pass_obj
def ask(
    settings: Settings, question: str, on: date | None, as_json: bool, batch: Path | None, out: Path | None
) -> None:
    """A cited answer."""
    from app.desk import open_desk

    desk = open_desk(settings)
    if batch is not None:
        _run_batch(batch, out, lambda row: desk.ask(_query(row), on=_as_of(row)).to_dict())
        return
    answer = desk.ask(question, on=on)
    click.echo(json.dumps(answer.to_dict(), ensure_ascii=False) if as_json else answer.markdown())


@zhifa.command("eval", help="用一组问题衡量检索。")
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--corpus",
    "articles",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="条文文件，每行一个 JSON",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="另一次的结果文件（--out 存下的），逐项比较并检验差别",
)
@JSON
@OUT
@click.pass_obj
def evaluate(
    settings: Settings,
    questions: Path,
    articles: Path | None,
    against: Path | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Retrieval metrics of a question set."""
    from dataclasses import asdict, replace

    from app.assess import read_lines, read_run, read_set, to_jsonl
    from app.desk import open_desk
    from index.evaluate import compare, evaluate, search_articles, search_index
    from ingest.gists import read_norms

    rows = read_set(questions)
    earlier = read_run(against) if against is not None else []
    if articles is not None:
        norms, _ = read_norms(settings.corpus / "norms") if settings.corpus else ([], [])
        find = search_articles(read_lines(articles), norms=norms, model=settings.model)
    else:
        desk: Desk = open_desk(settings)
        desk.search("预热", top=1)
        find = search_index(desk.index, settings.today)
    report = evaluate(rows, find)
    if articles is None and settings.reranker:
        without = open_desk(replace(settings, reranker=""))
        plain = evaluate(rows, search_index(without.index, settings.today))
        earlier = earlier or [dict(line) for line in plain.run]
        click.echo(f"不用 {settings.reranker} 时：\n{plain.table()}\n用它时：", err=as_json)
    if out is not None:
        out.write_text(to_jsonl(report.run), encoding="utf-8")
    differences = compare(rows, earlier, report.run) if earlier else []
    if as_json:
        compared = {"against": [asdict(d) for d in differences]} if earlier else {}
        click.echo(json.dumps(report.to_dict() | compared, ensure_ascii=False))
        return
    click.echo(report.table())
    for d in differences:
        line = f"{d.metric}\t{d.first:.3f} → {d.second:.3f}\t胜 {d.won} 负 {d.lost}\tp = {d.p:.4f}"
        click.echo(line)


@zhifa.command(help="打开网页；知识库是空的就先建好。")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True)
@click.pass_obj
def serve(settings: Settings, host: str, port: int) -> None:
    """The web page."""
    from app.desk import ingest as run
    from app.desk import open_desk
    from index.build import current

    if current(settings.home) is None:
        click.echo("知识库是空的，先建随程序附带的要旨库，约需几秒……")
        with _progress() as advance:
            report = run(settings, [], advance)
        held = open_desk(settings).catalog.stats()
        click.echo(f"建好了：{held['gists']} 条要旨、{held['cases']} 个案例，用时 {report.seconds:.1f} 秒。")
    click.echo(f"正在打开网页，约需 10 秒：http://{host}:{port}")
    from app.ui import launch

    launch(open_desk(settings), host=host, port=port)


if __name__ == "__main__":
    main()
