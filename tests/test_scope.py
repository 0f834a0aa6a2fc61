import pytest

from index.scope import outside

OUT = [
    ("泰国那边卖假药按他们国家的法罚多少泰铢", "外国"),
    ("按美国的法律，虚假广告赔多少", "外国"),
    ("GB 2762里大米镉的限量是多少毫克每公斤", "GB 2762"),
    ("锅炉的安全技术规范要求水位表几个，列一下", "技术指标"),
    ("我们省的裁量基准，无照经营从轻那一档是几万", "裁量基准"),
    ("免罚清单具体有哪些事项", "免罚清单"),
]
IN = [
    "进口的日本零食没有中文标签，怎么罚",  # goods from abroad, law from here
    "不符合GB 7718的标签要罚多少",  # a fine, not a figure of the standard
    "产品不符合强制性国家标准，最高罚多少",
    "小超市卖过期饼干罚多少",
    "国家标准的复审周期最多几年",  # a duty about standards stands in the law on standards
    "进口奶酪按国外标准验行不行",
    "轻微免罚清单在哪看",
    "处罚裁量基准要不要公开",  # asks for a duty, not for the contents
]


@pytest.mark.parametrize("question, words", OUT)
def test_what_lies_outside(question, words):
    assert words in outside(question, ["食品安全法"])


@pytest.mark.parametrize("question", IN)
def test_what_does_not(question):
    assert outside(question, ["食品安全法"]) == ""


def test_a_list_that_is_held_is_not_outside():
    assert outside("免罚清单具体有哪些事项", ["某市市场监管免罚清单（2023版）"]) == ""
