"""Text → tokens: jieba words (search mode) and character bigrams; the same for building and asking.

rjieba is jieba's cut in Rust; jieba itself is the reference and the fallback. The only file that
knows a segmenter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:\.[0-9]+)?")


@cache
def segmenter() -> Any:
    """rjieba where it is installed, jieba otherwise; both offer ``cut_for_search``."""
    try:
        import rjieba

        return rjieba
    except ImportError:
        import jieba

        jieba.setLogLevel(60)
        return jieba


def normalise(text: str) -> str:
    """Width, case and the zero of dates made one."""
    return unicodedata.normalize("NFKC", text).lower().replace("〇", "零")


def words(text: str) -> list[str]:
    """Words of a text in search mode: long words and the words inside them."""
    return [word for word in segmenter().cut_for_search(normalise(text)) if WORD.fullmatch(word)]


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of Chinese characters."""
    return [run[i : i + 2] for run in RUN.findall(normalise(text)) for i in range(len(run) - 1)]


def tokens(text: str) -> list[str]:
    """Words, and bigrams marked with ``#`` so that the two never meet."""
    return words(text) + ["#" + pair for pair in bigrams(text)]
