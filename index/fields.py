"""A provision as the indexes see it: its lexical terms, its wording, and the texts that lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from index.dense import Words
from index.tokens import tokens


@dataclass(frozen=True, slots=True)
class Fields:
    """``terms`` for the lexical index; ``body`` and ``asks`` (questions, everyday words, gist) for the vectors."""

    terms: list[str]
    body: Words
    asks: list[Words]


def fields(
    law: str, body: str, *, gist: str = "", asks: Sequence[str] = (), everyday: Sequence[str] = ()
) -> Fields:
    """The title twice, headings and wording, gist, questions, everyday words twice: one joint field."""
    title, cut = _title(law), tokens(body)
    leads = [Words(ask, tokens(ask)) for ask in asks]
    own, words = tokens(gist), [Words(word, tokens(word)) for word in everyday]
    spoken = [token for word in words for token in word.tokens]
    summary = Words(f"{gist}\n{' '.join(everyday)}", own + spoken)
    lexical = title * 2 + cut + own + [token for ask in leads for token in ask.tokens] + spoken * 2
    return Fields(lexical, Words(f"{law} {body}", title + cut), [*leads, *words, summary] if leads else [])


@cache
def _title(law: str) -> list[str]:
    return tokens(law)
