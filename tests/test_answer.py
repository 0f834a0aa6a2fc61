from datetime import date

import pytest

from app.answer import REFUSAL, Outcome


def test_found_quotes_word_for_word_with_its_duty(desk):
    answer = desk.ask("茶点摊摆放隔夜糕团怎么罚款")
    assert answer.outcome is Outcome.FOUND
    assert {"第三条", "第四条"} <= {q.label for q in answer.quotes}
    for quote in answer.quotes:
        assert quote.text in desk.catalog.body(quote.id.split("#")[0])


@pytest.mark.parametrize(
    "question, on, outcome",
    [
        ("茶点管理法第九十条", None, Outcome.NO_ARTICLE),
        ("茶点管理法第一条", date(2000, 1, 1), Outcome.NO_TEXT_ON_DATE),
        ("《月饼管理法》第一条", None, Outcome.OUTSIDE),
        ("火星移民签证需要哪些材料", None, Outcome.OUTSIDE),
        ("？！。", None, Outcome.OUTSIDE),
    ],
)
def test_the_other_three_outcomes(desk, question, on, outcome):
    answer = desk.ask(question, on=on)
    assert answer.outcome is outcome
    assert answer.refused
    assert answer.quotes == ()


def test_one_refusal(desk):
    assert desk.ask("火星移民签证需要哪些材料").conclusion == REFUSAL


def test_the_law_of_the_day(desk):
    hits = desk.search("洗手 隔夜糕团 罚款", on=date(2015, 1, 1))
    assert hits
    assert all(hit.version.covers(date(2015, 1, 1)) for hit in hits)
    (quote,) = desk.ask("茶点管理法第二条", on=date(2015, 1, 1)).quotes
    assert "已有改动" in quote.changed_since


def test_a_speech_answers_with_its_sentence(desk):
    answer = desk.ask("三净指什么")
    assert "手净、台净、碗净" in answer.conclusion
    assert "宣传有声有色" in answer.quotes[0].citation


def test_an_article_is_shown_once(desk):
    hits = desk.search("茶点 洗手")
    names = [(h.provision.law, h.provision.key) for h in hits]
    assert len(names) == len(set(names))


def test_duplicate_of_markup_is_escaped(desk):
    from app.tabs.ask import render

    page = render(desk, "<script>alert(1)</script> {{7*7}} 茶点", "", "")
    assert "<script>" not in page
    assert "不是日期" in render(desk, "茶点", "2022-13-45", "")


@pytest.fixture
def superseded(tmp_path):
    """A desk, by day, over a text of which a newer one is known and not held."""
    from app.desk import ingest, open_desk
    from app.settings import Settings
    from tests.conftest import NEW, write

    write(tmp_path / "texts", **{"茶点管理法(2020-05-06).md": NEW})
    record = (
        "law: 茶点管理法\nversion: 2020-05-06\nlevel: 法律\ndomains: [食品]\n"
        "known_newer: [{date: 2025-09-12, effective: 2025-12-01, note: 新文本未收}]\narticles: []\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶点管理法.yaml": record})

    def on(today):
        settings = Settings(tmp_path / "home", tmp_path / "corpus", today)
        ingest(settings, [str(tmp_path / "texts")], lambda *step: None)
        return open_desk(settings)

    return on


# the newer text is not held: before its day the old one is in force, from that day on it is not
@pytest.mark.parametrize(
    "day, status",
    [(date(2025, 11, 30), "现行有效"), (date(2025, 12, 1), "已有新文本，库内未收")],
)
def test_a_text_known_to_be_replaced_is_not_called_in_force(superseded, day, status):
    from app.tabs.laws import version_html

    answer = superseded(date(2026, 11, 24)).ask("茶点管理法第三条", on=day)
    assert answer.quotes[0].status == status
    assert "新文本未收" in answer.warnings[0]
    desk = superseded(day)
    assert status in version_html(desk.catalog.versions("茶点管理法")[0], desk)


def test_duty_and_penalty_stand_together_from_the_gists_alone(tmp_path):
    from app.desk import ingest, open_desk
    from app.settings import Settings
    from tests.conftest import write

    record = """
law: 茶点管理法
version: 2020-05-06
level: 法律
domains: [食品]
articles:
  - {article: 第三条, role: 禁止, gist: 隔夜的糕团不许摆, asks: [昨天的糕能摆吗, 隔天的团子行不行]}
  - {article: 第四条, role: 罚则, gist: 摆隔夜糕团罚二千到五千元, breaches: [第三条], asks: [摆了隔夜糕团罚几千, 糕团过夜被查要罚吗]}
"""
    write(tmp_path / "corpus" / "norms", **{"茶点管理法.yaml": record})
    settings = Settings(tmp_path / "home", tmp_path / "corpus", date(2026, 11, 24))
    ingest(settings, [], lambda *step: None)
    answer = open_desk(settings).ask("茶点管理法第三条")
    assert [quote.label for quote in answer.related] == ["第四条"]
