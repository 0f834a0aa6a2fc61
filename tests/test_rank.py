from datetime import date
from pathlib import Path

import pytest

from index.build import build
from index.everyday import Everyday, unknown
from index.search import open_index
from tests.conftest import NEW, write

TODAY = date(2026, 1, 1)
LAW = (
    NEW + "\n\n第六条 本法所称“冷茶”，是指放置一日的茶。\n\n第七条 “冷茶”不得再热。\n\n第八条 茶杯应当消毒。"
)


def find(folder, question, top=5):
    return [hit.provision.key for hit in open_index(folder).search(question, on=TODAY, top=top)]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rank")
    write(folder / "texts", **{"茶点管理法(2020-05-06).md": LAW})
    corpus = write(folder / "corpus", **{"terms.tsv": "# 说法\n包浆杯\t茶杯 消毒\n茶杯\t消毒\n"})
    (corpus / "norms").mkdir()
    build(folder / "home", [folder / "texts"], corpus=corpus)
    return folder / "home"


def test_what_cites_a_hit_comes_up_behind_it(base):
    """第四条 punishes 第三条 and shares nothing with the question but what 第三条 says."""
    keys = find(base, "茶点摊摆放隔夜糕团", top=2)
    assert sorted(keys) == ["3", "4"]


def test_quoted_words_are_meant_literally_and_a_meaning_is_a_definition(base):
    assert find(base, "“冷茶”是什么意思")[0] == "6"
    assert set(find(base, "“冷茶”能不能再端出来", top=2)) == {"6", "7"}


def test_everyday_words_lead_to_the_statutory_ones(base):
    assert find(base, "包浆杯")[0] == "8"


def test_a_word_that_the_base_knows_is_not_replaced(base):
    index = open_index(base)
    assert "包浆杯" in index._ranker.everyday.words
    common = unknown([("茶点", "消毒")], index.scorer)
    assert common.words == {}


def test_the_longest_everyday_word_wins():
    table = Everyday([("肉", "肉类"), ("僵尸肉", "超过保质期")])
    assert table.statutory("卖僵尸肉和肉") == ["超过保质期", "肉类"]
    assert table.statutory("") == []


@pytest.mark.shared
def test_a_text_that_holds_the_question_word_for_word_wins(tmp_path, shared):
    """A slogan of a real speech beside the whole shipped corpus: no question leads there, the words do."""
    corpus = Path(__file__).resolve().parents[1] / "corpus"
    build(tmp_path / "home", [shared / "samples"], corpus=corpus)
    hits = open_index(tmp_path / "home").search("一抓两转指什么", on=TODAY, top=3)
    assert "一抓两转" in hits[0].provision.text
