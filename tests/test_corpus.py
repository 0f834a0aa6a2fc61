from collections import Counter
from pathlib import Path

import pytest
import yaml

from ingest.gists import faults_of, read_norms, read_pairs

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def test_every_file_is_well_formed():
    norms, faults = read_norms(CORPUS / "norms")
    assert faults == []
    assert all(ask.strip() for norm in norms for gist in norm.articles for ask in gist.asks)


def test_everyday_words_have_one_line_each_and_say_more_than_themselves():
    rows = [
        line.split("\t")
        for line in (CORPUS / "terms.tsv").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert [
        row for row in rows if len(row) != 2 or len(row[0]) < 2 or not 1 <= len(row[1].split(" ")) <= 5
    ] == []
    assert [word for word, times in Counter(row[0] for row in rows).items() if times > 1] == []
    assert [row for row in rows if row[0] in row[1].split(" ")] == []


def test_aliases_are_unique():
    aliases = [alias for alias, _ in read_pairs(CORPUS / "aliases.tsv")]
    assert len(aliases) == len(set(aliases))


GOOD = {"article": "第一条", "role": "义务", "gist": "要热", "asks": ["茶摊的茶凉了行不行", "茶要多热"]}
NORM = {"law": "茶法", "level": "法律", "domains": ["食品"], "articles": [GOOD]}

OF_THE_FILE = [
    ({"level": "法"}, "level"),
    ({"domains": ["茶"]}, "领域表"),
    ({"articles": "第一条"}, "缺少 law 或 articles"),
]
OF_AN_ARTICLE = [
    ({"article": "1"}, "第一百二十四条"),
    ({"role": "规定"}, "role"),
    ({"gist": "热" * 200}, "150"),
    ({"asks": ["茶摊的茶凉了行不行"]}, "至少写 2 句"),
    ({"asks": ["茶要多热", "茶要多热"]}, "已经写过"),
    ({"terms": ["茶"]}, "两个字以上"),
    ({"breaches": ["34"]}, "第三十四条"),
    ({"penalties": [{"fine": {"max": 1}}]}, "when"),
    ({"penalties": [{"when": "茶凉", "fine": {"min": 9, "max": 1}}]}, "大于上限"),
    ({"penalties": [{"when": "茶凉", "fine": {"fixed": 9, "max": 1}}]}, "只能写一种"),
    ({"penalties": [{"when": "茶凉", "fine": {"about": 9}}]}, "不认识 about"),
    ({"penalties": [{"when": "茶凉", "fines": 9}]}, "不认识 fines"),
]


@pytest.mark.parametrize("change, words", OF_THE_FILE)
def test_a_fault_of_the_file(change, words):
    assert faults_of(NORM, "茶法.yaml") == {}
    found = faults_of({**NORM, **change}, "茶法.yaml")
    assert words in found[""][0]
    assert "茶法.yaml" in found[""][0]


@pytest.mark.parametrize("change, words", OF_AN_ARTICLE)
def test_a_fault_of_an_article(change, words):
    found = faults_of({**NORM, "articles": [{**GOOD, **change}]}, "茶法.yaml")
    ((label, (fault,)),) = found.items()
    assert label
    assert words in fault
    assert "茶法.yaml" in fault


def test_an_article_with_a_fault_is_left_out_and_the_rest_taken_in(tmp_path):
    second = {**GOOD, "article": "第二条", "role": "规定", "asks": ["点心凉了行不行", "点心要多热"]}
    text = yaml.safe_dump({**NORM, "articles": [GOOD, second]}, allow_unicode=True)
    (tmp_path / "茶法.yaml").write_text(text, encoding="utf-8")
    (norm,), (fault,) = read_norms(tmp_path)
    assert [gist.label for gist in norm.articles] == ["第一条"]
    assert "第二条" in fault
