"""Chinese numerals ↔ integers, article labels and amounts of money.

第一千二百六十条之一 ↔ ArticleNumber(1260, 1); 五万元 ↔ 50000. Looks at numbers only; finding
citations in running text is citations.py.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from ingest.norms import ArticleNumber

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
}
UNITS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10_000, "亿": 100_000_000}
NUMERAL = "0-9０-９零〇○一二两三四五六七八九十百千"  # characters of a number, for use in [...]
ARTICLE = re.compile(rf"第\s*([{NUMERAL}]+)\s*条(?:\s*之\s*([{NUMERAL}]+))?")


def to_int(text: str) -> int:
    """Value of a Chinese, arabic or full-width integer; ``ValueError`` for anything else.

    >>> to_int("一千二百六十"), to_int("二〇二一"), to_int("１２４"), to_int("十"), to_int("五万")
    (1260, 2021, 124, 10, 50000)
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if text.isascii() and text.isdigit():
        return int(text)
    if not text:
        raise ValueError("空白不是数字。")
    if all(character in DIGITS or character.isdigit() for character in text):
        return int("".join(str(DIGITS.get(character, character)) for character in text))
    total = section = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character.isascii() and character.isdigit():
            digit = digit * 10 + int(character)
        elif character in UNITS:
            section += (digit or 1) * UNITS[character]
            digit = 0
        elif character in MYRIADS:
            total = (total + section + digit) * MYRIADS[character]
            section = digit = 0
        else:
            raise ValueError(f"“{text}”不是数字。")
    return total + section + digit


def to_chinese(value: int) -> str:
    """Inverse of ``to_int`` in the form statutes use, below one 亿.

    >>> to_chinese(124), to_chinese(10), to_chinese(1005), to_chinese(110)
    ('一百二十四', '十', '一千零五', '一百一十')
    """
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return to_chinese(high) + "万" + (gap + to_chinese(low) if low else "")
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    words, pending = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            words += ("零" if pending else "") + digits[digit] + name
            pending = False
        elif words and value:
            pending = True
    return words.removeprefix("一") if words.startswith("一十") else words


def article_number(label: str) -> ArticleNumber | None:
    """Number in a label such as 第一百二十四条之一, or ``None`` where there is none.

    >>> article_number("第一百二十四条之一")
    ArticleNumber(main=124, sub=1)
    """
    match = ARTICLE.match(label.strip())
    if match is None:
        return None
    return ArticleNumber(to_int(match[1]), to_int(match[2]) if match[2] else 0)


def article_label(number: ArticleNumber) -> str:
    """第一百二十四条之一 for ``ArticleNumber(124, 1)``."""
    return f"第{to_chinese(number.main)}条" + (f"之{to_chinese(number.sub)}" if number.sub else "")


AMOUNT = re.compile(rf"([{NUMERAL}][{NUMERAL},，.．]*)\s*([百千万亿]*)\s*元")


def amount(text: str) -> Decimal | None:
    """Yuan in the first amount of a text: 五万元, 2.5万元, 10,000元; ``None`` where there is none.

    >>> amount("处五万元以上"), amount("2.5万元"), amount("10,000元")
    (Decimal('50000'), Decimal('25000.0'), Decimal('10000'))
    """
    match = AMOUNT.search(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    figure = re.sub("[,，]", "", match[1])
    factor = 1
    for unit in match[2]:
        factor *= (UNITS | MYRIADS)[unit]
    if re.fullmatch(r"\d+(\.\d+)?", figure):
        return Decimal(figure) * factor
    return Decimal(to_int(figure.replace(".", ""))) * factor
