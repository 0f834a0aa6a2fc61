from datetime import date

import pytest

from ingest.facts import parse_day
from ingest.norms import Kind, Status
from ingest.validity import Dated, link, same_text


def version(law: str, issued: str, effective: str = "", repeals: tuple[str, ...] = ()) -> Dated:
    day = date.fromisoformat(issued)
    return Dated(
        f"{law}@{issued}", law, Kind.LAW, day, date.fromisoformat(effective) if effective else day, repeals
    )


LINE = link(
    [
        version("茶法", "2010-01-01", "2010-06-01"),
        version("茶法", "2020-05-06", "2020-09-01", ("灯条例", "茶法")),
        version("灯条例", "2005-01-01"),
        version("灯条例", "2021-01-01"),
    ]
)


@pytest.mark.parametrize(
    "identity, day, status",
    [
        ("茶法@2010-01-01", "2010-05-31", Status.PENDING),
        ("茶法@2010-01-01", "2010-06-01", Status.IN_FORCE),
        ("茶法@2010-01-01", "2020-08-31", Status.IN_FORCE),
        ("茶法@2010-01-01", "2020-09-01", Status.AMENDED),
        ("茶法@2020-05-06", "2020-08-31", Status.PENDING),
        # repealed by the tea law; a later law of the same title is not
        ("灯条例@2005-01-01", "2020-08-31", Status.IN_FORCE),
        ("灯条例@2005-01-01", "2020-09-01", Status.REPEALED),
        ("灯条例@2021-01-01", "2026-01-01", Status.IN_FORCE),
        # a law that repeals its own predecessor does not repeal itself
        ("茶法@2020-05-06", "2026-01-01", Status.IN_FORCE),
    ],
)
def test_state_on_a_day(identity, day, status):
    assert LINE[identity].status(date.fromisoformat(day)) is status


def test_small_slips_are_one_text_only_under_one_date():
    first = "卖茶点的应当洗手并且戴帽子摆放整齐不得隔夜" * 20
    second = first.replace("整齐", "整其", 1)
    assert same_text(first, second, same_day=True)
    assert not same_text(first, second, same_day=False)
    assert same_text(first, first, same_day=False)


@pytest.mark.parametrize(
    "text, day",
    [("二〇二一年七月十五日", "2021-07-15"), ("2021 年 7 月 15 日", "2021-07-15"), ("2021年2月30日", None)],
)
def test_days(text, day):
    assert parse_day(text) == (date.fromisoformat(day) if day else None)
