"""Vectors beside the lexical index: one for each provision, one for each question and gist it has.

Documents stand in the order of the lexical index. ``Search`` asks only for the likeness of the
candidates that the lexical index brings; nothing here scans the whole base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder, StaticTable

BATCH = 4096
KEPT = np.uint32(0x8FFFE000).astype(np.int32)  # sign, 5 bits of exponent, 10 of fraction, after the shift
FILES = ("bodies", "asks", "pointers")


@dataclass(frozen=True, slots=True)
class Words:
    """A text and its tokens, so that nothing is cut twice."""

    text: str
    tokens: Sequence[str]


@dataclass(slots=True)
class Dense:
    """``bodies`` [documents, dimension]; document d owns ``asks[pointers[d]:pointers[d + 1]]``; float16."""

    bodies: NDArray[np.float16]
    asks: NDArray[np.float16]
    pointers: NDArray[np.int64]

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> Dense:
        """Memory-map saved arrays."""
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in FILES))

    def likeness(
        self, question: NDArray[np.float32], documents: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cosine of a question with each document's body, and with the best of its questions (0 without any)."""
        bodies = single(self.bodies[documents]) @ question
        starts, ends = self.pointers[documents], self.pointers[documents + 1]
        counts = ends - starts
        best = np.zeros(len(documents), np.float32)
        total = int(counts.sum())
        if total:
            owner = np.repeat(np.arange(len(documents)), counts)
            within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
            scores = single(self.asks[np.repeat(starts, counts) + within]) @ question
            np.maximum.at(best, owner, scores)
        return bodies, best


def single(half: NDArray[np.float16]) -> NDArray[np.float32]:
    """``half.astype(np.float32)`` of finite numbers, bit for bit, several times as fast.

    Sign, exponent and fraction move to their places; the product with 2^112 sets the exponent's bias right.
    """
    bits = half.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= KEPT
    numbers: NDArray[np.float32] = bits.view(np.float32)
    numbers *= np.float32(2.0**112)
    return numbers


@dataclass(slots=True)
class Builder:
    """Collects documents in order; ``finish`` joins them to those kept from an older index."""

    embedder: Embedder
    bodies: list[Words] = field(default_factory=list)
    asks: list[Words] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    done: list[NDArray[np.float16]] = field(default_factory=list)
    done_asks: list[NDArray[np.float16]] = field(default_factory=list)

    def add(self, body: Words, asks: Sequence[Words]) -> None:
        """One more document."""
        self.bodies.append(body)
        self.asks.extend(asks)
        self.counts.append(len(asks))
        if len(self.bodies) == BATCH:
            self._flush()

    def _flush(self) -> None:
        self.done.append(self._embed(self.bodies))
        self.done_asks.append(self._embed(self.asks))
        self.bodies, self.asks = [], []

    def _embed(self, words: Sequence[Words]) -> NDArray[np.float16]:
        if not words:
            return np.zeros((0, self.embedder.dimension), np.float16)
        if isinstance(self.embedder, StaticTable):
            return self.embedder.embed_tokens(w.tokens for w in words).astype(np.float16)
        return self.embedder.embed([w.text for w in words]).astype(np.float16)

    def finish(self, base: Dense | None, keep: NDArray[np.bool_] | None) -> Dense:
        """All documents: those of ``base`` that ``keep`` marks, then the new ones."""
        self._flush()
        counts = np.array(self.counts, np.int64)
        if base is not None and keep is not None:
            old = np.diff(base.pointers)
            self.done.insert(0, base.bodies[np.flatnonzero(keep)])
            self.done_asks.insert(0, base.asks[np.flatnonzero(np.repeat(keep, old))])
            counts = np.concatenate([old[keep], counts])
        pointers = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        return Dense(np.concatenate(self.done), np.concatenate(self.done_asks), pointers)
