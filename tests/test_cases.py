import datetime
import shutil
from pathlib import Path

import pytest
import yaml

from ingest.cases import Lesson, fine_faults, read_case
from ingest.errors import Unreadable
from ingest.gists import Gist, Norm, read_norms
from ingest.parsers.case import as_text

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
FILES = sorted((CORPUS / "cases").glob("*.yaml"))
CASE = {
    "title": "某茶摊摆放隔夜糕团案",
    "fictional": True,
    "domain": "食品",
    "cause": "摆放隔夜糕团",
    "act_date": datetime.date(2023, 4, 18),
    "kind": "一般",
    "facts": "某区某茶摊把头天剩下的十二块糕团摆在柜台上卖。",
    "evidence": ["现场笔录"],
    "citations": [
        {"law": "茶点管理法", "version": "2020-05-06", "article": "第三条", "role": "违法依据"},
        {"law": "茶点管理法", "version": "2020-05-06", "article": "第四条", "role": "处罚依据"},
    ],
    "decision": {
        "outcome": "行政处罚",
        "penalties": [
            {"kind": "罚款", "amount": 3000, "article": "茶点管理法第四条", "tier": "摆放隔夜糕团"}
        ],
    },
    "discretion": {"tier": "一般", "reason": "初次被查，数量不多。"},
    "significance": "小摊也要守规矩。",
    "teaching_points": ["隔夜糕团不得摆放。"],
    "discussion": ["送人算不算卖？"],
    "pitfalls": ["把学徒当成当事人。"],
    "keywords": ["糕团"],
}
FINE = {"when": "摆放隔夜糕团", "fine": {"min": 2000, "max": 5000}}
TIMES = {"when": "卖出的", "fine": {"multiple_of": "货值金额", "min": 2, "max": 5}}
GIST = Gist("第四条", "4", "罚则", "罚", penalties=(FINE, TIMES))
NORM = Norm("茶点管理法", "2020-05-06", "法律", "", "", "全国", (), (), (), (GIST,))


def text(**changes):
    return yaml.safe_dump({**CASE, **changes}, allow_unicode=True)


def test_a_case_is_read_and_laid_out_with_the_headings_of_its_trade():
    case = read_case(text(), "食品-01.yaml")
    assert (case.key, case.lesson, case.act_date) == ("食品-01", Lesson.ORDINARY, datetime.date(2023, 4, 18))
    body = as_text(case).body
    for words in (
        "虚构",
        "基本案情",
        "十二块糕团",
        "罚款 3,000 元",
        "《茶点管理法》（2020-05-06版本）第四条",
    ):
        assert words in body


WRONG = [
    ({"fictional": False}, "fictional"),
    ({"domain": "糕团"}, "领域表"),
    ({"act_date": "去年"}, "act_date"),
    ({"kind": "普通"}, "kind"),
    ({"kind": "陷阱"}, "trap"),
    ({"evidence": []}, "evidence"),
    ({"keywords": list("一二三四五六七八")}, "最多 7 个"),
    ({"facts": "联系电话13812345678。"}, "手机号"),
    ({"citations": [{"law": "茶点管理法", "article": "3", "role": "违法依据"}]}, "第三十四条"),
    ({"citations": [{"law": "茶点管理法", "article": "第三条", "role": "依据"}]}, "role"),
    ({"citations": [{"law": "茶点管理法", "article": "第三条", "role": "违法依据"}]}, "没有处罚依据"),
    ({"decision": {"outcome": "罚"}}, "outcome"),
    ({"decision": {"outcome": "行政处罚", "penalties": [{"kind": "罚款"}]}}, "amount"),
    ({"discretion": {}}, "reason"),
]


@pytest.mark.parametrize("change, words", WRONG)
def test_a_fault_names_the_field_and_the_form(change, words):
    with pytest.raises(Unreadable, match=words):
        read_case(text(**change), "食品-01.yaml")


def test_another_yaml_is_no_case():
    with pytest.raises(Unreadable, match="不是案例文件"):
        read_case("a: 1", "x.yaml")
    with pytest.raises(Unreadable, match="YAML"):
        read_case("a: [1", "x.yaml")


# outcome, amount, base, tier → inside the tier or the words of the fault; 30 % of 2,000–5,000 is 900
FINES = [
    ("行政处罚", 2000, None, "摆放隔夜糕团", ""),
    ("行政处罚", 5001, None, "摆放隔夜糕团", "不在这一档"),
    ("从轻处罚", 2900, None, "摆放隔夜糕团", ""),
    ("从轻处罚", 2901, None, "摆放隔夜糕团", "标为从轻"),
    ("从重处罚", 4100, None, "摆放隔夜糕团", ""),
    ("从重处罚", 4099, None, "摆放隔夜糕团", "标为从重"),
    ("减轻处罚", 1999, None, "摆放隔夜糕团", ""),
    ("减轻处罚", 2000, None, "摆放隔夜糕团", "低于下限"),
    ("行政处罚", 600, 150, "卖出的", ""),
    ("行政处罚", 800, 150, "卖出的", "300—750"),
    ("行政处罚", 600, None, "卖出的", "base"),
    ("行政处罚", 600, None, "吃掉的", "没有“吃掉的”这一档"),
]


@pytest.mark.parametrize("outcome, amount, base, tier, words", FINES)
def test_a_fine_lies_inside_the_tier_it_names(outcome, amount, base, tier, words):
    penalty = {"kind": "罚款", "amount": amount, "article": "茶点管理法第四条", "tier": tier, "base": base}
    case = read_case(text(decision={"outcome": outcome, "penalties": [penalty]}), "食品-01.yaml")
    found = fine_faults(case, [NORM])
    assert (words in found[0]) if words else found == []


@pytest.fixture(scope="module")
def shipped():
    return [read_case(path.read_text(encoding="utf-8"), path.name) for path in FILES]


def test_shipped_cases_are_complete_and_their_fines_inside_the_law(shipped):
    norms, _ = read_norms(CORPUS / "norms")
    assert [fault for case in shipped for fault in fine_faults(case, norms)] == []
    assert len({case.title for case in shipped}) == len(shipped)


def test_a_case_is_found_beside_the_law_never_instead_of_it(tmp_path, texts):
    from app.desk import ingest, open_desk
    from app.settings import Settings
    from tests.conftest import write

    corpus = tmp_path / "corpus"
    write(corpus / "cases", **{"食品-01.yaml": text(), "食品-02.yaml": text(title="", cause="")})
    settings = Settings(tmp_path / "home", corpus, datetime.date(2026, 11, 24))
    report = ingest(settings, [str(texts)], lambda *step: None)
    desk = open_desk(settings)
    assert [(path.rsplit("/", 1)[-1], reason) for path, reason in report.skipped] == [
        ("食品-02.yaml", "缺少 title。缺少 cause。")
    ]
    assert desk.catalog.stats()["cases"] == 1
    answer = desk.ask("茶摊摆放十二块隔夜糕团怎么罚")
    assert {quote.law for quote in answer.quotes} == {"茶点管理法"}
    assert [quote.law for quote in answer.cases] == ["某茶摊摆放隔夜糕团案（虚构教学案例）"]
    assert all(not hit.version.law.startswith(CASE["title"]) for hit in desk.search("隔夜糕团", top=20))
    assert any(hit.version.law.startswith(CASE["title"]) for hit in desk.search("隔夜糕团的案例", top=20))
    assert ingest(settings, [str(texts)], lambda *step: None).changed is False
    assert answer.cases[0].status == "案例"
    assert answer.cases[0].source == "corpus/cases/食品-01.yaml"
    shutil.rmtree(corpus / "cases")
    assert ingest(settings, [], lambda *step: None).changed
    assert open_desk(settings).catalog.stats()["cases"] == 0


def test_a_policy_card_says_its_own_facts(tmp_path):
    from app.desk import ingest, open_desk
    from app.settings import Settings
    from tests.conftest import write

    card = (
        "---\ntitle: 关于茶摊整治的意见\nnumber: 茶办〔2024〕3号\nissuer: 茶点办公室\ndate: 2024-05-06\n"
        "source: 政府网站\nregion: 青岛市\n---\n以下为要点。\n\n## 一、查隔夜糕团\n\n每周查一次。\n"
    )
    write(tmp_path / "corpus" / "policies", **{"茶摊整治.md": card})
    settings = Settings(tmp_path / "home", tmp_path / "corpus", datetime.date(2026, 11, 24))
    ingest(settings, [], lambda *step: None)
    (version,) = open_desk(settings).catalog.versions("关于茶摊整治的意见")
    assert (version.number, version.issuer, version.region) == ("茶办〔2024〕3号", "茶点办公室", "青岛市")
    assert version.since == datetime.date(2024, 5, 6)


def test_fields_before_a_law_do_not_move_its_commencement(tmp_path):
    from app.desk import ingest, open_desk
    from app.settings import Settings
    from tests.conftest import NEW, write

    write(
        tmp_path / "texts",
        **{"茶点管理法(2020-05-06).md": "---\ntitle: 茶点管理法\ndate: 2024-01-01\n---\n" + NEW},
    )
    settings = Settings(tmp_path / "home", None, datetime.date(2026, 11, 24))
    ingest(settings, [str(tmp_path / "texts")], lambda *step: None)
    (version,) = open_desk(settings).catalog.versions("茶点管理法")
    assert (version.date, version.since) == ("2020-05-06", datetime.date(2020, 9, 1))
