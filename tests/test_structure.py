import re
from pathlib import Path

import pytest

from ingest.norms import ArticleNumber, LeafKind
from ingest.numerals import article_label
from ingest.parsers import parse
from ingest.parsers.markdown import parse as markdown
from ingest.sources import Source, gather
from ingest.structure import outline
from tests.conftest import NEW, SPEECH


def read(text: str):
    body = markdown(text.encode())
    return body.body, *outline(body)


def keys(text: str) -> list[str]:
    return [p.key for p in read(text)[1]]


def test_articles_paragraphs_items_subitems():
    body, provisions, _, notes = read(NEW)
    assert [p.key for p in provisions] == ["1", "2", "3", "4", "4-1", "5"]
    second = provisions[1]
    assert second.heading_path == "第一章 总则"
    assert [len(p.items) for p in second.paragraphs] == [2, 0]
    assert [s.label for s in second.paragraphs[0].items[1].subitems] == ["1.", "2."]
    assert second.paragraphs[1].span.of(body) == "学徒参照前款执行。"
    assert notes == ()


TABLE = [
    # two articles right after a marked header: the last part of a code in several files
    ("# 茶法\n\n附则\n\n<!-- INFO END -->\n\n##\n\n第九十条 甲。\n\n第九十一条 乙。", ["90", "91"]),
    # a line that opens with a reference is not an article
    ("第一条 甲。\n第二条 乙。\n第一条规定的情形除外。\n第三条 丙。", ["1", "2", "3"]),
    # two articles in one paragraph are torn apart at the end of the sentence
    ("第一条 甲。 第二条 乙。 第三条 丙。", ["1", "2", "3"]),
    # … also where the paragraph before does not open with its article
    ("第一条 甲。\n甲的后半。第二条 乙。\n第三条 丙。", ["1", "2", "3"]),
    # a citation inside a sentence tears nothing
    ("第一条 甲。\n依照第二条 处理，或者。\n第二条 乙。", ["1", "2"]),
    # a gap stays a gap
    ("第一条 甲。\n第三条 丙。", ["1", "3"]),
    # counting that starts again is a second part
    ("第一条 甲。\n第二条 乙。\n第一条 丙。\n第二条 丁。", ["1", "2", "p2.1", "p2.2"]),
    # no blank after the number, as in many Word files
    ("第一条甲的事。\n第二条乙的事。\n第三条丙的事。", ["1", "2", "3"]),
    # an attachment stays with its law
    ("第一条 甲。\n第二条 乙。\n附件：收费表\n茶 | 一元", ["1", "2", "a1"]),
    # a reply without articles becomes sections
    ("关于茶的批复\n你局来函收悉。\n一、可以喝。\n二、不可以倒。", ["s0", "s1", "s2"]),
]


@pytest.mark.parametrize("text, expected", TABLE)
def test_where_articles_begin(text, expected):
    assert keys(text) == expected


@pytest.mark.parametrize(
    "text, note",
    [
        ("第一条 甲。\n第三条 丙。", "条号不连续：第一条之后是第三条。"),
        ("第一条 甲。\n第二条 乙。\n第二条 丙。\n第三条 丁。", "条号重复或倒退：第二条之后是第二条。"),
    ],
)
def test_numbering_is_reported(text, note):
    assert note in read(text)[3]


def test_speech_is_divided_by_what_is_said():
    _, provisions, _, _ = read(SPEECH.replace("\n", "\n\n"))
    assert [p.label for p in provisions if p.label.count(">")][:2] == [
        "一、茶点监管开局良好 > 一是巡查有力有效",
        "一、茶点监管开局良好 > 二是宣传有声有色",
    ]


def lossless(text) -> bool:
    _, leaves, _ = outline(text)
    return "".join(leaf.span.of(text.body) for leaf in leaves) == text.body


def swallowed(text) -> list[str]:
    """Articles that stand inside the one before: their number follows it, after a full stop and before a blank."""
    found = []
    for provision in outline(text)[0]:
        if provision.number is not None:
            label = article_label(ArticleNumber(provision.number.main + 1))
            if re.search(rf"[。；]\s*{label}[ \u3000]+\S", provision.span.of(text.body)):
                found.append(label)
    return found


@pytest.mark.shared
def test_nothing_is_lost_or_glued_in_any_statute(shared: Path):
    lost, glued = [], []
    for source in gather([shared / "laws", shared / "laws_docx", shared / "samples"]):
        assert isinstance(source, Source), source
        text = parse(source)
        if not lossless(text) or any(leaf.kind not in LeafKind for leaf in outline(text)[1]):
            lost.append(source.path)
        glued += [f"{source.path} {label}" for label in swallowed(text)]
    assert lost == []
    assert glued == []


@pytest.mark.shared
def test_word_and_markdown_give_one_tree(shared: Path):
    md = next(gather([next((shared / "laws").rglob("广告法(2021-04-29).md"))]))
    word = next(gather([shared / "laws_docx" / "中华人民共和国广告法.docx"]))
    trees = []
    for source in (md, word):
        text = parse(source)
        trees.append(
            [
                (p.key, len(p.paragraphs), [len(q.items) for q in p.paragraphs])
                for p in outline(text)[0]
                if p.number
            ]
        )
    assert trees[0] == trees[1]
