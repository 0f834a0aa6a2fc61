from datetime import date

import pytest

from index.resolve import Reason, Resolved

NOW, THEN = date(2026, 1, 1), date(2015, 1, 1)

FOUND = [
    ("茶点管理法第三条", NOW, "第三条", "第三条 茶点摊不得摆放隔夜糕团。"),
    ("茶点管理法第三条", THEN, "第三条", "第三条 违反本法第二条规定的，处一百元罚款。"),
    ("茶点管理法2条二项", NOW, "第二条第一款第（二）项", "（二）戴帽子：\n1.布帽；\n2.纸帽。"),
    ("茶点管理法第二条第二款", NOW, "第二条第二款", "学徒参照前款执行。"),
    ("茶点管理法第四条之一", NOW, "第四条之一", "第四条之一 对学徒，可以减半。"),
]


@pytest.mark.parametrize("text, on, label, quote", FOUND)
def test_exactly_one_provision(desk, text, on, label, quote):
    ((_, found),) = desk.law(text, on=on)
    assert isinstance(found, Resolved)
    assert (found.label, found.quote) == (label, quote)
    assert quote in desk.catalog.body(found.version.id)


MISSING = [
    ("茶点管理法第九条", NOW, Reason.NO_SUCH_ARTICLE, "第一条至第五条"),
    ("茶点管理法第三条第二款", NOW, Reason.NO_SUCH_PARAGRAPH, "共 1 款"),
    ("茶点管理法第一条", date(2000, 1, 1), Reason.NO_TEXT_ON_DATE, "自 2010-06-01 起施行"),
    ("灯笼条例第一条", NOW, Reason.NO_TEXT_ON_DATE, "由《茶点管理法》废止"),
    ("《月饼管理法》第一条", NOW, Reason.NOT_A_CITATION, ""),
]


@pytest.mark.parametrize("text, on, reason, words", MISSING)
def test_a_named_reason(desk, text, on, reason, words):
    ((_, found),) = desk.law(text, on=on)
    assert found.reason is reason
    assert words in found.message
