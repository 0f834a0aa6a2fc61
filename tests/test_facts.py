from datetime import date

import pytest

from ingest.facts import Hint, read_facts
from ingest.norms import Kind
from ingest.parsers.plain import parse

TABLE = [
    # first passing: the last article names the day
    (
        "茶法\n2010年3月1日 全国人民代表大会常务委员会第二次会议通过",
        "本法自2010年6月1日起施行。",
        None,
        "2010-03-01",
        "",
        "2010-06-01",
    ),
    # partial amendment: the last article keeps the old day, the version runs from the amendment
    (
        "茶法\n2010年3月1日通过\n2018年5月6日第三次会议修正",
        "本法自2010年6月1日起施行。",
        None,
        "2018-05-06",
        "修正",
        "2018-05-06",
    ),
    # … unless the table knows the day of the amending decision
    (
        "茶法\n2010年3月1日通过\n2018年5月6日第三次会议修正",
        "本法自2010年6月1日起施行。",
        "2018-10-01",
        "2018-05-06",
        "修正",
        "2018-10-01",
    ),
    # a judicial interpretation passed again: the old day in its last article is no longer its own
    (
        "茶解释\n2006年12月30日 第1412次会议通过\n2020年12月23日 第1823次会议通过",
        "本解释自2007年2月1日起施行。",
        "2021-01-01",
        "2020-12-23",
        "",
        "2021-01-01",
    ),
    # full revision: a new commencement
    (
        "茶法\n2010年3月1日通过\n2020年5月6日修订",
        "本法自2020年9月1日起施行。",
        None,
        "2020-05-06",
        "修订",
        "2020-09-01",
    ),
    # Chinese numerals, and thirty days after issue
    (
        "茶办法\n二〇一二年三月一日国家茶叶局令第5号公布",
        "本办法自公布之日起30日后施行。",
        None,
        "2012-03-01",
        "",
        "2012-03-31",
    ),
    (
        "茶办法\n2012年3月1日公布\n2012年4月1日 施行",
        "本办法由国家茶叶局解释。",
        None,
        "2012-03-01",
        "",
        "2012-04-01",
    ),
]


@pytest.mark.parametrize("header, last, hinted, issued, amendment, effective", TABLE)
def test_dates(header, last, hinted, issued, amendment, effective):
    hint = Hint(effective=date.fromisoformat(hinted)) if hinted else None
    text = parse(f"{header}\n第一条 甲。\n第二条 {last}".encode())
    facts = read_facts(
        text, header=header, articles=["第一条 甲。", f"第二条 {last}"], name="茶.md", path="茶.md", hint=hint
    )
    assert facts.promulgated == date.fromisoformat(issued)
    assert facts.amendment == amendment
    assert facts.effective == date.fromisoformat(effective)


@pytest.mark.parametrize(
    "title, header, path, kind, region",
    [
        ("中华人民共和国茶法", "全国人民代表大会常务委员会通过", "茶.md", Kind.LAW, "全国"),
        ("茶叶条例", "国务院令第9号公布", "茶.md", Kind.REGULATION, "全国"),
        ("茶叶管理办法", "国家茶叶局令第5号公布", "茶.md", Kind.RULE, "全国"),
        ("青岛市茶叶条例", "青岛市人民代表大会常务委员会通过", "茶.md", Kind.LOCAL, "青岛市"),
        ("最高人民法院关于审理茶叶案件的解释", "", "茶.md", Kind.INTERPRETATION, "全国"),
    ],
)
def test_kind_and_region(title, header, path, kind, region):
    text = parse(f"{title}\n{header}\n第一条 甲。".encode())
    facts = read_facts(
        text, header=f"{title}\n{header}", articles=["第一条 甲。"], name=f"{title}.md", path=path
    )
    assert (facts.title, facts.kind, facts.region) == (title, kind, region)


def test_repeals_and_conflict():
    last = "第二条 本法自2020年1月1日起施行。《灯条例》、《伞条例》同时废止。"
    text = parse(f"茶法\n2019年5月1日通过\n第一条 甲。\n{last}".encode())
    facts = read_facts(
        text,
        header="茶法\n2019年5月1日通过",
        articles=["第一条 甲。", last],
        name="茶法(2019-06-02).md",
        path="茶法.md",
    )
    assert facts.repeals == ("灯条例", "伞条例")
    assert "2019-06-02" in facts.conflicts[0]


def test_an_interpretation_passed_again_runs_from_the_day_of_the_table():
    header = "最高人民法院关于查阅茶单的规定\n2002年11月4日 第1254次会议通过\n2020年12月23日 第1823次会议通过"
    facts = read_facts(
        parse(header.encode()),
        header=header,
        articles=["第九条 本规定自公布之日起施行。"],
        name="最高人民法院关于查阅茶单的规定(2020-12-29).md",
        path="司法解释/x.md",
        hint=Hint(effective=date(2021, 1, 1)),
    )
    assert (facts.amendment, facts.effective) == ("修正", date(2021, 1, 1))
