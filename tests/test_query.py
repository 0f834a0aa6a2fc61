from datetime import date

import pytest

from index.query import Titles, understand

LAWS = [
    "食品安全法",
    "食品安全法实施条例",
    "广告法",
    "行政处罚法",
    "消费者权益保护法",
    "消防法",
    "特种设备安全法",
    "市场监督管理投诉举报处理暂行办法",
    "公司法",
    "国家赔偿法",
    "山东省消费者权益保护条例",
]
TITLES = Titles(LAWS, {"消法": "消费者权益保护法", "特设法": "特种设备安全法", "食安法": "食品安全法"})
TODAY = date(2026, 11, 24)

PINPOINTS = [
    ("食安法124条一款五项", ("食品安全法", "124", 1, 5)),
    ("广告法28(2)(三)", ("广告法", "28", 2, 3)),
    ("《中华人民共和国广告法》第二十八条第二款第（三）项", ("广告法", "28", 2, 3)),
    ("广告法第２８条", ("广告法", "28", None, None)),
    ("食品安全法第一百二十四条之一", ("食品安全法", "124-1", None, None)),
    ("食品安全法一百〇三条", ("食品安全法", "103", None, None)),
    ("《消法》五十五条 退一赔三", ("消费者权益保护法", "55", None, None)),
    ("特设法 第八十四条 （三）", ("特种设备安全法", "84", None, 3)),
    ("市监投诉举报处理规定 二十一条，终止调解那个", ("市场监督管理投诉举报处理暂行办法", "21", None, None)),
    ("国赔法39条 时效", ("国家赔偿法", "39", None, None)),
    ("消费者权意保护法第55条", ("消费者权益保护法", "55", None, None)),
]


@pytest.mark.parametrize("text, expected", PINPOINTS)
def test_pinpoints_as_people_type_them(text, expected):
    (pinpoint,) = understand(text, TITLES, today=TODAY).pinpoints
    assert (pinpoint.law, str(pinpoint.article), pinpoint.paragraph, pinpoint.item) == expected


def test_range_and_number_of_things():
    (pinpoint,) = understand("行政处罚法33-36条", TITLES, today=TODAY).pinpoints
    assert (str(pinpoint.article), str(pinpoint.article_to)) == ("33", "36")
    assert understand("提了三条意见", TITLES, today=TODAY).pinpoints == ()


@pytest.mark.parametrize(
    "text, day",
    [
        ("2022年11月查到的", date(2022, 11, 15)),
        ("二〇二二年六月三日", date(2022, 6, 3)),
        ("2024-06-03收到", date(2024, 6, 3)),
        ("去年的事", date(2025, 11, 24)),
        ("罚款2022元", None),
    ],
)
def test_day_of_the_act(text, day):
    assert understand(text, TITLES, today=TODAY).day == day


def test_impossible_date_is_a_sentence():
    assert "不是一个真实的日期" in understand("2022年13月45日", TITLES, today=TODAY).problems[0]


@pytest.mark.parametrize(
    "text", ["问" * 10_000, "？？！！", "<script>alert(1)</script>", "{{7*7}}", "《" * 3000, "第" * 9000]
)
def test_odd_questions_are_taken_calmly(text):
    assert understand(text, TITLES, today=TODAY).pinpoints == ()
