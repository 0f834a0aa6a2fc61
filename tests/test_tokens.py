import jieba
import pytest
import rjieba

from index.tokens import tokens


@pytest.mark.parametrize(
    "text",
    ["小超市卖过期饼干罚多少", "违反本法第三十四条规定，处五万元以上十万元以下罚款", "特种设备使用单位"],
)
def test_the_fast_cut_is_jiebas_cut(text):
    jieba.setLogLevel(60)
    assert rjieba.cut_for_search(text) == jieba.lcut_for_search(text)


@pytest.mark.shared
def test_the_fast_cut_is_jiebas_cut_on_statutes(shared):
    lines = next((shared / "laws").rglob("广告法(2021-04-29).md")).read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if rjieba.cut(line) != jieba.lcut(line)] == []


def test_words_and_bigrams_never_meet():
    assert set(tokens("茶点")) == {"茶点", "#茶点"}
