import json

import pytest
from click.testing import CliRunner

from app.cli import zhifa


@pytest.fixture
def run(desk, monkeypatch):
    monkeypatch.setenv("ZHIFA_TODAY", "2026-11-24")

    def call(*words):
        return CliRunner().invoke(zhifa, ["--home", str(desk.settings.home), *words])

    return call


def test_law_in_json(run):
    row = json.loads(run("law", "茶点管理法2条二项", "--json").output)
    assert (row["law"], row["date"], row["article"], row["paragraph"], row["item"]) == (
        "茶点管理法",
        "2020-05-06",
        "第二条",
        1,
        2,
    )


def test_law_not_there(run):
    result = run("law", "茶点管理法第九十条")
    assert result.exit_code == 1
    assert "没有第九十条" in result.output


def test_search_batch_has_the_agreed_form(run, tmp_path):
    (tmp_path / "in.jsonl").write_text(
        '{"qid": "1", "query": "洗手", "as_of": "2015-01-01"}\n', encoding="utf-8"
    )
    run("search", "--batch", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl"), "--top", "3")
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert set(row) == {"qid", "hits", "ms"}
    assert set(row["hits"][0]) == {"id", "law", "date", "article", "score"}
    assert row["hits"][0]["date"] == "2010-03-01"


def test_ask_batch_has_the_agreed_form(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"qid": 1, "query": "茶点管理法第二条第二款"}\n', encoding="utf-8")
    run("ask", "--batch", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl"))
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert {"qid", "answer", "refused", "citations", "warnings", "ms"} <= set(row)
    citation = row["citations"][0]
    assert (citation["article"], citation["paragraph"], citation["quote"]) == (
        "第二条",
        2,
        "学徒参照前款执行。",
    )


def test_eval_prints_metrics(run, tmp_path):
    question = {
        "qid": 1,
        "query": "隔夜糕团",
        "kind": "keyword",
        "gold": [{"law": "茶点管理法", "date": "2020-05-06", "article": "第三条", "grade": 2}],
    }
    (tmp_path / "q.jsonl").write_text(json.dumps(question, ensure_ascii=False), encoding="utf-8")
    report = json.loads(run("eval", str(tmp_path / "q.jsonl"), "--json").output)
    assert report["metrics"]["全部"]["recall@10"] == 1.0


def test_eval_with_articles_of_its_own(run, tmp_path):
    articles = [
        {"id": "a", "law": "茶法", "article": "第一条", "chapter": "", "text": "茶要热"},
        {"id": "b", "law": "茶法", "article": "第二条", "chapter": "", "text": "点要甜"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(a) for a in articles), encoding="utf-8")
    (tmp_path / "q.jsonl").write_text('{"qid": 0, "query": "甜的点心", "gold": ["b"]}', encoding="utf-8")
    out = run("eval", str(tmp_path / "q.jsonl"), "--corpus", str(tmp_path / "a.jsonl"), "--json").output
    assert json.loads(out)["metrics"]["全部"]["mrr@10"] == 1.0


def test_status_and_bad_date(run):
    assert json.loads(run("status", "--json").output)["laws"] == 3
    assert "不是日期" in run("ask", "茶", "--on", "2022-13-45").output
