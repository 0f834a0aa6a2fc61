import pytest

from ingest.regions import applies, find_place, place_of_title


@pytest.mark.parametrize(
    "text, place",
    [
        ("济南老城区一个面馆", "济南市"),
        ("即墨一家海鲜店短斤少两", "青岛市"),
        ("山东的小饭桌要不要登记", "山东省"),
        ("在青岛开店，按山东省的条例罚吗", "青岛市"),  # the narrower place decides
        ("普洱茶过期了", None),  # goods, not a place
        ("普洱市的茶厂", "普洱市"),
        ("超市卖过期饼干", None),
    ],
)
def test_place_in_a_question(text, place):
    found = find_place(text)
    assert (found and found[0]) == place


@pytest.mark.parametrize(
    "title, place",
    [
        ("青岛市城市供水条例", "青岛市"),
        ("重庆市城市供水节水管理条例", "重庆市"),
        ("深圳经济特区消费者权益保护条例", "深圳市"),
        ("山东省实施《产品质量法》办法", "山东省"),
        ("长阳土家族自治县城镇管理条例", "长阳土家族自治县"),
        ("城市供水条例", ""),
        ("市场主体登记管理条例", ""),
    ],
)
def test_place_of_a_title(title, place):
    assert place_of_title(title) == place


def test_where_a_rule_applies():
    assert applies("全国", "青岛市")
    assert applies("山东省", "青岛市")
    assert applies("青岛市", "山东省")  # asked for the province: its cities' rules may be meant
    assert not applies("烟台市", "青岛市")
    assert not applies("青岛市", "")
