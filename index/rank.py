"""Question → documents by joint score: words, likeness, punishment, wording quoted, cross-references.

The lexical score, as a share of the best, plus the likeness of the question to the wording and to the
best question of an article. Ranks documents of the indexes; which of them are in force is told by a
factor for each (search.py). Ties by document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Scorer, best
from index.dense import Dense
from index.everyday import Everyday
from index.tokens import tokens

CANDIDATES = 1000  # of the lexical index, ranked again with the vectors
BEHIND = 0.999  # share of a hit's score that an article it raises reaches at most
LEADING = 10  # hits that raise others
READ = 50  # hits whose wording is read for quoted words
# likeness below which a question says nothing, so that an article without questions loses nothing
ALIKE = 0.2
# words that ask and say nothing of the matter; they do not count against a match
ASKING = re.compile(
    r"请问|是指|指的是|指什么|是什么|什么是|什么|怎么办|怎么|怎样|如何|多少|哪些|哪个|哪一条|第几条|吗|呢|一下|能不能|可不可以|算不算"
)
HALF = 0.5  # share of a question that a paraphrase seldom holds; a match with more holds it word for word
PUNISHMENT = re.compile(r"罚|几倍|吊销|没收|后果|责任|判几年|坐牢")
QUOTE = re.compile(r"[“‘「\"']([^“”‘’「」\"']{2,12})[”’」\"']")
MEANING = re.compile(
    r"含义|定义|解释|是指|指的?是|什么意思|指什么|(?:什么|啥|咋)叫|叫(?:什么|啥)|(?:什么|啥)是"
)

Numbers = NDArray[np.float32]
Documents = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part counts beside the lexical score, whose best is 1; 0 leaves a part out."""

    words: float = 4.0  # of the lexical score once more, as far as a match covers more than HALF
    body: float = 1.5  # likeness to the wording
    ask: float = 1.5  # likeness to the best question, above ALIKE
    punishes: float = 0.1  # of an article that punishes, where a punishment is asked for
    quoted: float = 0.5  # of the words in quotation marks, and again where the article defines them
    cited: float = 0.25  # share of a hit's score that the articles it cites, or that cite it, gain
    everyday: float = 0.5  # of the statutory words put beside an everyday word


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents, best first, with their joint scores and the lexical ones before any factor."""

    documents: Documents
    scores: Numbers
    lexical: Numbers


@dataclass(frozen=True, slots=True)
class Ranker:
    """What a ranking is made of; ``partners`` and ``wording`` ask the catalogue about a document."""

    scorer: Scorer
    dense: Dense
    everyday: Everyday
    punishes: Numbers  # 1 for documents that set a punishment
    partners: Callable[[int], list[int]]
    wording: Callable[[Sequence[int]], list[str]]
    weights: Weights = Weights()

    def rank(self, question: str, vector: Numbers, factor: Numbers) -> Ranking:
        """Rank the documents of a factor above 0; ``vector`` is the question's, ``factor`` [documents]."""
        weights = self.weights
        plain = self._lexical(question)
        scores = plain * factor
        documents = best(scores, CANDIDATES)
        if not len(documents):
            return Ranking(documents, np.zeros(0, np.float32), np.zeros(0, np.float32))
        top = float(scores[documents].max())
        mass = self.scorer.mass(tokens(ASKING.sub(" ", question)))
        covered = float(plain[documents].max()) / mass if mass else 0.0
        trust = 1 + weights.words * max(0.0, min(1.0, covered) - HALF)

        def joint(some: Documents) -> Numbers:
            body, ask = self.dense.likeness(vector, some)
            likeness = weights.body * np.maximum(body, 0) + weights.ask * np.maximum(ask - ALIKE, 0)
            if PUNISHMENT.search(question):
                likeness = likeness + weights.punishes * self.punishes[some]
            result: Numbers = (trust * scores[some] / top + likeness * factor[some]).astype(np.float32)
            return result

        values = self._with_quotes(question, documents, joint(documents), factor)
        documents, values = self._with_partners(documents, values, joint, factor)
        order = np.lexsort((documents, -values))
        return Ranking(documents[order], values[order], plain[documents[order]])

    def _lexical(self, question: str) -> Numbers:
        scores, _ = self.scorer.scores(tokens(question))
        statutory = tokens(" ".join(self.everyday.statutory(question)))
        if statutory and self.weights.everyday:
            scores += np.float32(self.weights.everyday) * self.scorer.scores(statutory)[0]
        return scores

    def _with_quotes(self, question: str, documents: Documents, values: Numbers, factor: Numbers) -> Numbers:
        """Words in quotation marks are meant literally; where their meaning is asked, a definition is."""
        phrases = QUOTE.findall(question)
        if not phrases or not self.weights.quoted:
            return values
        meaning = bool(MEANING.search(question))
        leading = np.lexsort((documents, -values))[:READ]
        raised = values.copy()
        for at, text in zip(leading, self.wording(documents[leading].tolist()), strict=True):
            for phrase in phrases:
                times = (phrase in text) + (meaning and _defines(text, phrase))
                raised[at] += self.weights.quoted * times * factor[documents[at]]
        return raised

    def _with_partners(
        self,
        documents: Documents,
        values: Numbers,
        joint: Callable[[Documents], Numbers],
        factor: Numbers,
    ) -> tuple[Documents, Numbers]:
        """Duty and penalty belong together: what the leading hits cite, or what cites them, gains."""
        if not self.weights.cited:
            return documents, values
        leading = np.lexsort((documents, -values))[:LEADING]
        partners = {
            int(at): [d for d in self.partners(int(documents[at])) if factor[d] > 0] for at in leading
        }
        more = sorted({d for found in partners.values() for d in found} - set(documents.tolist()))
        if more:
            values = np.concatenate([values, joint(np.array(more, np.int64))])
            documents = np.concatenate([documents, np.array(more, np.int64)])
        place = {document: at for at, document in enumerate(documents.tolist())}
        raised = values.copy()
        for at, found in partners.items():
            for partner in map(place.__getitem__, found):
                gained = min(values[partner] + self.weights.cited * values[at], BEHIND * values[at])
                raised[partner] = max(raised[partner], gained)
        return documents, raised


def _defines(text: str, phrase: str) -> bool:
    """Whether a text says what a phrase means: “…”，是指 …, 本法所称…是指 …"""
    return bool(
        re.search(rf"{re.escape(phrase)}[^。；;\n]{{0,8}}[，,]?(?:是)?指|所称{re.escape(phrase)}", text)
    )
