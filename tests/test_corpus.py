from pathlib import Path

import pytest

from ingest.gists import problems, read_norms, read_pairs

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def test_every_file_is_well_formed():
    norms, faults = read_norms(CORPUS / "norms")
    assert faults == []
    assert all(ask.strip() for norm in norms for gist in norm.articles for ask in gist.asks)


def test_aliases_are_unique():
    aliases = [alias for alias, _ in read_pairs(CORPUS / "aliases.tsv")]
    assert len(aliases) == len(set(aliases))


GOOD = {"law": "茶法", "level": "法律", "articles": [{"article": "第一条", "role": "义务", "gist": "要热"}]}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"level": "法"}, "level"),
        ({"articles": [{"article": "1", "role": "义务", "gist": "热"}]}, "第一百二十四条"),
        ({"articles": [{"article": "第一条", "role": "规定", "gist": "热"}]}, "role"),
        (
            {
                "articles": [
                    {
                        "article": "第一条",
                        "role": "罚则",
                        "gist": "热",
                        "penalties": [{"fine": {"min": 9, "max": 1}}],
                    }
                ]
            },
            "大于上限",
        ),
        ({"articles": [{"article": "第一条", "role": "义务", "gist": "热" * 200}]}, "150"),
    ],
)
def test_a_lawyer_is_told_what_is_wrong(change, words):
    assert problems(GOOD, "茶法.yaml") == []
    (fault,) = problems({**GOOD, **change}, "茶法.yaml")
    assert words in fault
    assert "茶法.yaml" in fault
