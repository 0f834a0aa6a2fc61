"""A second look at the leading hits by a cross-encoder, where one is set.

Any model that sentence-transformers' CrossEncoder can load, by name or folder. It reads the question
and the wording together, takes seconds on a plain PC, and only reorders: it finds nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEADING = 30  # hits read again
LONGEST = 512  # characters of a wording that are read


class Reranker:
    """Scores of question and wording by a cross-encoder."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        self.name = name
        self.model = CrossEncoder(name, device="cpu")

    def scores(self, question: str, wordings: Sequence[str]) -> NDArray[np.float32]:
        """float32[n], higher is better."""
        pairs = [(question, wording[:LONGEST]) for wording in wordings]
        found = np.asarray(self.model.predict(pairs, show_progress_bar=False), np.float32)
        return found if found.ndim == 1 else found[:, -1]
