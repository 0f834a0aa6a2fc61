"""The lexical index: BM25 over one joint field per provision, saved as arrays and memory-mapped.

score(d, q) = Σ idf(t)·tf/(tf + k1·(1 − b + b·|d|/avg|d|)), idf = ln(1 + (N − n + ½)/(n + ½))
(Robertson and Zaragoza, 2009, in Lucene's form without the constant k1+1). Keeps each document's
own tokens, so that a change of some documents needs no second look at the others.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 0.9
B = 0.4
FILES = (
    "rows",
    "docs_ptr",
    "docs_ids",
    "docs_tf",
    "post_ptr",
    "post_docs",
    "post_tf",
    "terms",
    "order",
    "length",
)


def term_hash(term: str) -> int:
    """64-bit name of a term; the vocabulary is a sorted array of these and needs no loading."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")


class Vocabulary:
    """Terms in order of first appearance, while building."""

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self.by_hash: dict[int, int] = {value: index for index, value in enumerate(hashes)}
        self.by_term: dict[str, int] = {}

    def number(self, term: str) -> int:
        """Number of a term, new or known."""
        found = self.by_term.get(term)
        if found is None:
            found = self.by_hash.setdefault(term_hash(term), len(self.by_hash))
            self.by_term[term] = found
        return found


@dataclass(slots=True)
class Lexicon:
    """Postings of all documents; ``rows`` are the catalogue rows the documents stand for."""

    arrays: dict[str, NDArray[Any]]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Catalogue row of each document."""
        return self.arrays["rows"]

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[int, Sequence[str]]],
        base: Lexicon | None = None,
        keep: NDArray[np.bool_] | None = None,
    ) -> Lexicon:
        """Index of (row, tokens) pairs, added to those documents of ``base`` that ``keep`` marks."""
        from scipy.sparse import csr_matrix, vstack

        vocabulary = Vocabulary(base.arrays["terms"].tolist() if base else ())
        rows, pointers = [], [0]
        ids: list[NDArray[np.int32]] = []
        tfs: list[NDArray[np.uint8]] = []
        number = vocabulary.number
        for row, terms in documents:
            counts = Counter(map(number, terms))
            ids.append(np.fromiter(counts.keys(), np.int32, len(counts)))
            tfs.append(np.minimum(np.fromiter(counts.values(), np.int64, len(counts)), 255).astype(np.uint8))
            rows.append(row)
            pointers.append(pointers[-1] + len(counts))
        width = max(1, len(vocabulary.by_hash))
        empty = np.zeros(0, np.int32)
        matrix = csr_matrix(
            (
                np.concatenate([*tfs, empty.astype(np.uint8)]),
                np.concatenate([*ids, empty]),
                np.array(pointers),
            ),
            shape=(len(rows), width),
        )
        all_rows = np.array(rows, np.int64)
        if base is not None and keep is not None:
            old = base.matrix(width)[np.flatnonzero(keep)]
            matrix = vstack([old, matrix], format="csr")
            all_rows = np.concatenate([base.rows[keep], all_rows])
        hashes = np.fromiter(vocabulary.by_hash.keys(), np.uint64, len(vocabulary.by_hash))
        return cls(_arrays(matrix, all_rows, hashes))

    def matrix(self, width: int) -> Any:
        """Documents × terms counts, for building on."""
        from scipy.sparse import csr_matrix

        a = self.arrays
        return csr_matrix((a["docs_tf"], a["docs_ids"], a["docs_ptr"]), shape=(len(a["rows"]), width))

    def save(self, folder: Path) -> None:
        """Write the arrays; the folder is complete when ``bm25.json`` exists."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            np.save(folder / f"{name}.npy", self.arrays[name])
        (folder / "bm25.json").write_text(json.dumps({"k1": K1, "b": B}), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """Memory-map a saved index."""
        return cls({name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in FILES})


def _arrays(matrix: Any, rows: NDArray[np.int64], hashes: NDArray[np.uint64]) -> dict[str, NDArray[Any]]:
    matrix.sort_indices()
    columns = matrix.tocsc()
    length = np.asarray(matrix.sum(axis=1, dtype=np.int64)).ravel().astype(np.float32)
    return {
        "rows": rows,
        "docs_ptr": matrix.indptr.astype(np.int64),
        "docs_ids": matrix.indices.astype(np.int32),
        "docs_tf": matrix.data.astype(np.uint8),
        "post_ptr": columns.indptr.astype(np.int64),
        "post_docs": columns.indices.astype(np.int32),
        "post_tf": columns.data.astype(np.uint8),
        "terms": hashes,
        "order": np.argsort(hashes, kind="stable").astype(np.int64),
        "length": length,
    }


class Scorer:
    """Scores of a question against all documents."""

    def __init__(self, lexicon: Lexicon, *, k1: float = K1, b: float = B) -> None:
        self.lexicon = lexicon
        length = np.asarray(lexicon.arrays["length"])
        self.count = len(length)
        average = float(length.mean()) if self.count else 1.0
        self.norm = (k1 * (1 - b + b * length / max(average, 1e-9))).astype(np.float32)
        self.pointers = np.asarray(lexicon.arrays["post_ptr"])
        self.sorted_hashes = np.asarray(lexicon.arrays["terms"])[np.asarray(lexicon.arrays["order"])]
        self.order = np.asarray(lexicon.arrays["order"])

    def idf(self, frequency: int) -> float:
        """ln(1 + (N − n + ½)/(n + ½))."""
        return float(np.log1p((self.count - frequency + 0.5) / (frequency + 0.5)))

    def scores(self, terms: Sequence[str]) -> tuple[NDArray[np.float32], float]:
        """Score of every document, and the sum of idf over the question's terms (known or not)."""
        result = np.zeros(self.count, np.float32)
        mass = 0.0
        weights = Counter(terms)
        names = sorted(weights)
        for name, number in zip(names, self._numbers(names), strict=True):
            weight = weights[name]
            if number < 0:
                mass += weight * self.idf(0)
                continue
            low, high = int(self.pointers[number]), int(self.pointers[number + 1])
            idf = self.idf(high - low)
            mass += weight * idf
            documents = self.lexicon.arrays["post_docs"][low:high]
            tf = self.lexicon.arrays["post_tf"][low:high].astype(np.float32)
            result[documents] += np.float32(weight * idf) * tf / (tf + self.norm[documents])
        return result, mass

    def frequency(self, term: str) -> int:
        """Number of documents that hold a term."""
        (number,) = self._numbers([term])
        return 0 if number < 0 else int(self.pointers[number + 1] - self.pointers[number])

    def mass(self, terms: Sequence[str]) -> float:
        """Sum of idf over terms, known or not: what ``scores`` returns beside the scores."""
        numbers = self._numbers(terms)
        ends = [(int(self.pointers[n]), int(self.pointers[n + 1])) if n >= 0 else (0, 0) for n in numbers]
        return float(sum(self.idf(high - low) for low, high in ends))

    def _numbers(self, names: Sequence[str]) -> list[int]:
        if not names or not len(self.order):
            return [-1] * len(names)
        wanted = np.array([term_hash(name) for name in names], np.uint64)
        at = np.minimum(np.searchsorted(self.sorted_hashes, wanted), len(self.order) - 1)
        return [
            int(self.order[i]) if self.sorted_hashes[i] == w else -1 for i, w in zip(at, wanted, strict=True)
        ]


def best(scores: NDArray[np.float32], top: int) -> NDArray[np.int64]:
    """Documents with the highest positive scores, best first, ties by document."""
    positive = int(np.count_nonzero(scores > 0))
    size = min(top, positive)
    if size == 0:
        return np.zeros(0, np.int64)
    threshold = np.partition(scores, -size)[-size]
    found = np.flatnonzero(scores >= threshold)
    return found[np.lexsort((found, -scores[found]))][:size]
