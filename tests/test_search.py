from datetime import date

import pytest

NOW = date(2026, 11, 24)


@pytest.mark.parametrize(
    "question, keys",
    [
        ("茶点管理法里关于罚则的那几条", ["4", "4-1", "5"]),
        ("茶点管理法第二章", ["4", "4-1", "5"]),
        ("茶点管理法总则这一章讲什么", ["1", "2", "3"]),
    ],
)
def test_a_chapter_asked_for_by_name_or_number(desk, question, keys):
    hits = desk.search(question, on=NOW, top=len(keys))
    assert [hit.provision.key for hit in hits] == keys


def test_an_old_day_shows_no_later_version(desk):
    hits = desk.search("茶点 罚款 洗手", on=date(2015, 1, 1))
    assert hits
    assert all(hit.version.covers(date(2015, 1, 1)) for hit in hits)


def test_ties_are_broken_by_id(desk):
    runs = [[hit.id for hit in desk.search("茶点", on=NOW)] for _ in range(2)]
    assert runs[0] == runs[1]


def test_an_article_asked_for_by_its_content_is_sought_with_its_own_sentence(desk):
    """The second sentence has more words in common with another article; it does not draw the first one away."""
    hits = desk.search("《茶点管理法》里“隔夜”在第几条？学徒洗手、戴布帽纸帽应当遵守的规定呢", on=NOW, top=3)
    assert [hit.provision.key for hit in hits[:2]] == ["3", "2"]
