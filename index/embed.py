"""Text → vectors: the shipped embedding table by default, or any sentence-transformers model.

One format for all: a folder in sentence-transformers form. A folder that holds nothing but a word
table is read directly, without torch; every other name or folder goes through SentenceTransformer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.tokens import tokens

SHIPPED = Path(__file__).resolve().parent / "model"
BATCH = 2048
TABLE = "index.wordtable.WordTable"


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

        part = folder / _modules(folder)[0]["path"]
        weights = part / "model.safetensors"
        self.table: NDArray[np.float32] = load_file(weights)["embedding.weight"].astype(np.float32)
        vocabulary = json.loads((part / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        self.rows: dict[str, int] = vocabulary
        self.name = f"{folder.name}-{hashlib.sha256(weights.read_bytes()).hexdigest()[:12]}"
        self.dimension = int(self.table.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32[n, dimension]."""
        return self.embed_tokens(tokens(text) for text in texts)

    def embed_tokens(self, cut: Iterable[Sequence[str]]) -> NDArray[np.float32]:
        """The same for texts that are already cut into tokens: float32[n, dimension]."""
        from scipy.sparse import csr_matrix

        known = self.rows
        parts = [np.zeros((0, self.dimension), np.float32)]
        batch: list[NDArray[np.int32]] = []

        def flush() -> None:
            pointers = np.cumsum([0, *map(len, batch)])
            flat = np.concatenate([*batch, np.zeros(0, np.int32)])
            ones = np.ones(len(flat), np.float32)
            counts = csr_matrix((ones, flat, pointers), shape=(len(batch), len(self.table)))
            parts.append(counts @ self.table)
            batch.clear()

        for words in cut:
            batch.append(np.array([known[word] for word in words if word in known], np.int32))
            if len(batch) == BATCH:
                flush()
        if batch:
            flush()
        vectors = np.concatenate(parts)
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
    if any(module["type"] == TABLE for module in _modules(folder)):
        return StaticTable(folder)
    return Transformer(str(name))


def write_table(folder: Path, words: Sequence[str], table: NDArray[np.float32]) -> None:
    """Store a table (words × dimension) as a sentence-transformers folder, in half precision."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token=words[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    part, normal = folder / "0_WordTable", folder / "1_Normalize"
    for place in (part, normal):
        place.mkdir(parents=True, exist_ok=True)
    save_file({"embedding.weight": table.astype(np.float16)}, part / "model.safetensors")
    tokenizer.save(str(part / "tokenizer.json"), pretty=False)
    (normal / "config.json").write_text("{}", encoding="utf-8")
    normalize = "sentence_transformers.models.Normalize"
    modules = [
        {"idx": 0, "name": "0", "path": part.name, "type": TABLE},
        {"idx": 1, "name": "1", "path": normal.name, "type": normalize},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1), encoding="utf-8")
