"""Text → vectors: the shipped embedding table by default, or any sentence-transformers model.

One format for all: a folder in sentence-transformers form. A folder that holds nothing but a static
table is read directly, without torch; every other name or folder goes through SentenceTransformer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).resolve().parent / "model"
BATCH = 2048


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    name: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32[n, dimension], rows of length 1 (or 0 where no word is known)."""
        ...


class StaticTable:
    """Mean of the table's rows for the tokens of a text, made length 1."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        part = folder / _modules(folder)[0]["path"]
        self.table: NDArray[np.float32] = load_file(part / "model.safetensors")["embedding.weight"].astype(
            np.float32
        )
        self.tokenizer = Tokenizer.from_file(str(part / "tokenizer.json"))
        self.name = (
            f"{folder.name}-{hashlib.sha256((part / 'model.safetensors').read_bytes()).hexdigest()[:12]}"
        )
        self.dimension = int(self.table.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32[n, dimension]."""
        from scipy.sparse import csr_matrix

        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            encoded = self.tokenizer.encode_batch_fast(
                list(texts[start : start + BATCH]), add_special_tokens=False
            )
            ids = [np.array(one.ids, np.int32) for one in encoded]
            pointers = np.cumsum([0, *map(len, ids)])
            flat = np.concatenate([*ids, np.zeros(0, np.int32)])
            counts = csr_matrix(
                (np.ones(len(flat), np.float32), flat, pointers), shape=(len(ids), len(self.table))
            )
            vectors[start : start + len(ids)] = counts @ self.table
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(length, 1e-12)
        return unit


class Transformer:
    """Any model that sentence-transformers can load, by name or folder."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.model: Any = SentenceTransformer(name, device="cpu")
        self.name = Path(name).name
        self.dimension = len(self.embed(["维数"])[0])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32[n, dimension]."""
        vectors = self.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def _modules(folder: Path) -> list[dict[str, str]]:
    path = folder / "modules.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def open_embedder(name: str | Path = SHIPPED) -> Embedder:
    """The embedder of a folder or model name."""
    folder = Path(name)
    kinds = [module["type"].rsplit(".", 1)[-1] for module in _modules(folder)]
    if kinds and set(kinds) <= {"StaticEmbedding", "Normalize"}:
        return StaticTable(folder)
    return Transformer(str(name))
