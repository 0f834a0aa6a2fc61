"""Everyday words → the words statutes use, for those that no provision nor question of the base uses.

A word that the base knows leads to its provisions by itself; replacing it would only blur the
question. Which words are known is settled once, when the base is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from index.bm25 import Scorer
from index.tokens import tokens

RARE = 3  # provisions that use a word, below which the base does not know it


class Everyday:
    """A table of everyday words and what to search for in their place."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.words = dict(pairs)
        self.longest = max(map(len, self.words), default=0)

    def statutory(self, question: str) -> list[str]:
        """Statutory words for the everyday words of a question, the longest word at each place.

        >>> Everyday([("僵尸肉", "超过保质期 冷冻 肉类"), ("肉", "肉类")]).statutory("卖僵尸肉")
        ['超过保质期', '冷冻', '肉类']
        """
        found: list[str] = []
        at = 0
        while at < len(question):
            sizes = range(min(self.longest, len(question) - at), 0, -1)
            size = next((n for n in sizes if question[at : at + n] in self.words), 0)
            if size:
                found += self.words[question[at : at + size]].split()
            at += max(1, size)
        return found

    def save(self, path: Path) -> None:
        """Write the table."""
        path.write_text(json.dumps(list(self.words.items()), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def open(cls, path: Path) -> Everyday:
        """Read a saved table."""
        return cls(tuple(pair) for pair in json.loads(path.read_text(encoding="utf-8")))


def unknown(pairs: Iterable[tuple[str, str]], scorer: Scorer) -> Everyday:
    """The table without the words that a lexical index knows."""
    return Everyday(pair for pair in pairs if _frequency(pair[0], scorer) < RARE)


def _frequency(word: str, scorer: Scorer) -> int:
    """Provisions that can hold a word: those of its rarest token."""
    return min((scorer.frequency(token) for token in tokens(word)), default=0)
