from dataclasses import fields
from datetime import date

import pytest

from app.ablate import ablate
from app.assess import WrongSet, as_set, read_run, read_set, run_set, to_jsonl
from app.store import CannotKeep, Store
from index.errors import Incomparable
from index.evaluate import compare, failures, search_articles
from index.rank import Weights
from ingest.gists import Gist, Norm


def question(qid, *gold):
    return {"qid": qid, "query": f"问{qid}", "gold": list(gold)}


def line(qid, *ids):
    return {
        "qid": qid,
        "hits": [{"id": i, "law": "法", "date": "", "article": i, "score": 1.0} for i in ids],
    }


def test_two_runs_side_by_side():
    """Ten questions; the second run finds the first hit on all of them, the first on two."""
    questions = [question(str(n), "a") for n in range(10)]
    first = [line(str(n), *("ab" if n < 2 else "ba")) for n in range(10)]
    second = [line(str(n), "a", "b") for n in range(10)]
    top, five, *_ = compare(questions, first, second)
    assert (top.metric, top.first, top.second, top.won, top.lost) == ("hit_rate@1", 0.2, 1.0, 8, 0)
    assert top.p == pytest.approx(2 * 0.5**8, abs=0.003)  # all eight exchanges alike
    assert (five.first, five.second, five.p) == (1.0, 1.0, 1.0)


def test_runs_of_different_sets_cannot_be_compared():
    with pytest.raises(Incomparable, match="同一份题集"):
        compare([question("1", "a")], [line("1", "a")], [line("2", "a")])


def test_failures_say_what_came_instead():
    questions = [question("1", "a"), question("2", "b"), {"qid": "3", "query": "无", "gold": []}]
    (failed,) = failures(questions, [line("1", "a"), line("2", "x"), line("3")])
    assert (failed.qid, failed.wanted, failed.returned) == ("2", ["b"], ["《法》x"])


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "第 1 行不是 JSON"),
        ("[]", "应是一个对象"),
        ('{"qid": 1, "query": "问"}', "第 1 题没有 gold"),
        ('{"qid": 1, "query": "问", "gold": []}', "没有一题写了标准答案"),
        ("", "没有一题写了标准答案"),
    ],
)
def test_a_set_that_cannot_be_used(tmp_path, text, words):
    path = tmp_path / "题.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSet, match=words):
        read_set(path)


def test_a_set_in_another_encoding_and_a_run_that_is_none(tmp_path):
    path = tmp_path / "题.jsonl"
    path.write_bytes('{"qid": "题"}'.encode("gb18030"))
    with pytest.raises(WrongSet, match="UTF-8"):
        read_set(path)
    path.write_text('{"qid": 1}', encoding="utf-8")
    with pytest.raises(WrongSet, match="不是评测结果"):
        read_run(path)


def test_a_set_is_run_with_metrics_by_kind_and_domain(desk):
    gold = [{"law": "茶点管理法", "date": "2020-05-06", "article": "第四条"}]
    rows = [
        {"qid": "1", "query": "隔夜糕团罚多少", "gold": gold, "kind": "数字", "domain": "食品（茶点）"},
        {"qid": "2", "query": "今天几号", "gold": []},
    ]
    steps = []
    report = run_set(desk, rows, lambda done, of: steps.append((done, of)))
    assert list(report.metrics) == ["全部", "数字", "领域·食品"]
    assert report.metrics["全部"]["hit_rate@1"] == 1.0
    assert steps == [(1, 2), (2, 2)]
    assert "领域" not in report.table()


def test_marked_questions_become_a_set(desk, tmp_path):
    store = Store(tmp_path / "新文件夹")
    store.mark_wrong("摆隔夜糕团怎么罚", day=None, region="", outcome="库内无依据", wanted="茶点管理法第四条")
    store.mark_wrong("茶凉了", day=None, region="", outcome="有依据", wanted="")
    store.forget(2)
    (row,) = as_set(desk, store.marked())
    assert (row["query"], row["kind"]) == ("摆隔夜糕团怎么罚", "用户标错")
    assert [(g["law"], g["article"]) for g in row["gold"]] == [("茶点管理法", "第四条")]
    path = tmp_path / "题.jsonl"
    path.write_text(to_jsonl([row]), encoding="utf-8")
    assert read_set(path)[0]["qid"] == "U-1"


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "文件").write_text("", encoding="utf-8")
    with pytest.raises(CannotKeep, match="写不进"):
        Store(tmp_path / "文件").marked()


def test_articles_of_a_file_are_found_by_the_gists_beside_them():
    articles = [
        {"id": str(n), "law": "茶法", "article": f"第{cn}条", "chapter": "", "text": text}
        for n, (cn, text) in enumerate(
            [("一", "制作者应当清洁双手。"), ("二", "茶具应当消毒。"), ("三", "茶叶应当干燥。")]
        )
    ]
    gist = Gist("第二条", "2", "义务", "杯子要消毒", asks=("紫砂壶里长毛了", "盖碗没烫就端上来"))
    norm = Norm("茶法", "", "法律", "", "", "全国", ("食品",), (), (), (gist,))
    plain, led = search_articles(articles), search_articles(articles, norms=[norm])
    assert led("紫砂壶里长毛", None)[0].id == "1"
    assert "1" not in [found.id for found in plain("紫砂壶里长毛", None)[:1]]


def test_every_part_of_the_ranking_is_left_out_once(desk):
    gold = [{"law": "茶点管理法", "date": "2020-05-06", "article": "第四条"}]
    figures = ablate(
        desk.settings.home, [{"qid": "1", "query": "隔夜糕团罚多少", "gold": gold}], date(2026, 1, 1)
    )
    assert len(figures) == len(fields(Weights)) + 3  # the whole, words alone, the text alone
    assert figures["全部"]["p"] == 1.0
    assert all(0 <= one["metrics"]["全部"]["mrr@10"] <= 1 for one in figures.values())
