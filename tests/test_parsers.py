import io

import docx
import openpyxl
import pytest

from ingest.errors import Unreadable
from ingest.parsers import docx as word
from ingest.parsers import html, pdf, xlsx
from ingest.parsers.text import Mark


def word_file(build) -> bytes:
    document = docx.Document()
    build(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_word_keeps_order_tables_and_line_breaks():
    def build(document):
        document.add_paragraph("茶点条例")
        document.add_paragraph("第一条 茶要热。").add_run().add_break()
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "绿茶", "五元"
        document.add_paragraph("第二条 点要甜。")

    text = word.parse(word_file(build))
    assert text.body.split("\n") == ["茶点条例", "第一条 茶要热。", "绿茶 | 五元", "第二条 点要甜。"]
    assert text.lines[2].mark is Mark.TABLE


def test_word_header_that_carries_the_title():
    def build(document):
        document.sections[0].header.paragraphs[0].text = "茶点管理条例"
        document.add_paragraph("第一条 茶要热。")

    assert word.parse(word_file(build)).body.startswith("茶点管理条例\n")


PAGE = """<html><head><meta name="ArticleTitle" content="茶点管理办法"><script>alert(1)</script></head><body>
<nav>首页 机构 政务</nav><div class="main"><h1>茶点管理办法</h1><p>第一条 茶要热，凉了要倒掉再沏，不得拿凉茶给客人喝。</p>
<p>第二条 点要甜，但也不要太甜，放糖以两勺为限，超过两勺的应当告诉客人。</p><table><tr><td>绿茶</td><td>五元</td></tr></table>
<p>打印</p></div><footer>版权所有</footer></body></html>"""


def test_web_page_without_its_furniture():
    lines = html.parse(PAGE.encode()).body.split("\n")
    assert lines[0] == "茶点管理办法"
    assert "绿茶 | 五元" in lines
    assert not any(word in "".join(lines) for word in ("首页", "版权", "打印", "alert"))


def test_workbook_rows():
    book = openpyxl.Workbook()
    book.active.append(["案由", "罚款"])
    book.active.append(["卖凉茶", 500])
    stream = io.BytesIO()
    book.save(stream)
    assert "卖凉茶 | 500" in xlsx.parse(stream.getvalue()).body


def test_scanned_pdf_says_what_to_do():
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(Unreadable, match="文字识别"):
        pdf.parse(stream.getvalue())


def test_encrypted_pdf_says_so():
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(Unreadable, match="密码"):
        pdf.parse(stream.getvalue())


def test_wrapped_lines_become_paragraphs():
    lines = ["第一条 茶要热，凉了要倒掉再沏，不得拿凉茶", "给客人喝。", "第二条 点要甜。"]
    assert pdf._paragraphs(lines) == [
        "第一条 茶要热，凉了要倒掉再沏，不得拿凉茶给客人喝。",
        "第二条 点要甜。",
    ]
