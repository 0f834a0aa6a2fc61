import pytest

from ingest.citations import find_citations, references

TABLE = [
    ("依照《茶法》第三条第二款第（一）项处罚", [("茶法", "3", None, 2, 1)]),
    ("违反本法第三条、第五条至第七条规定的", [(None, "3", None, None, None), (None, "5", "7", None, None)]),
    ("《实施〈茶法〉办法》第一百二十四条之一", [("实施〈茶法〉办法", "124-1", None, None, None)]),
    ("《茶法》第三条和第四条", [("茶法", "3", None, None, None), ("茶法", "4", None, None, None)]),
    ("《茶法》另有规定。依照第九条", [("茶法", None, None, None, None), (None, "9", None, None, None)]),
]


@pytest.mark.parametrize("text, expected", TABLE)
def test_citations_as_written(text, expected):
    found = find_citations(text)
    assert [
        (
            c.title,
            str(c.article) if c.article else None,
            str(c.article_to) if c.article_to else None,
            c.paragraph,
            c.item,
        )
        for c in found
    ] == expected
    assert all(c.span.of(text) == c.wording for c in found)


def test_penalty_is_told_from_plain_reference():
    relations = {
        r.key: r.relation
        for r in references("9", "违反本法第三条规定的，处五百元罚款。第四条另有规定的除外。")
    }
    assert relations == {"3": "罚则", "4": "引用"}
