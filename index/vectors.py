"""Vectors of provisions in Chroma: a local folder, or a server by URL. The only file that knows Chroma."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLLECTION = "zhifa"
BATCH = 5000


def text_hash(text: str) -> str:
    """Short hash by which a changed text is told."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entry:
    """A provision as it is stored: id, wording, and what a stock reader needs to name it."""

    id: str
    text: str
    law: str
    article: str
    since: int  # yyyymmdd, 0 where unknown
    until: int  # yyyymmdd, 99991231 where open


class Vectors:
    """One collection."""

    def __init__(self, location: str | Path, *, name: str = COLLECTION) -> None:
        import chromadb
        from chromadb.config import Settings

        quiet = Settings(anonymized_telemetry=False)
        if str(location).startswith(("http://", "https://")):
            from urllib.parse import urlsplit

            url = urlsplit(str(location))
            self.client: Any = chromadb.HttpClient(
                host=url.hostname or "localhost",
                port=url.port or 8000,
                ssl=url.scheme == "https",
                settings=quiet,
            )
        else:
            self.client = chromadb.PersistentClient(path=str(location), settings=quiet)
        # the graph is written after every batch: what is not written is replayed at each opening
        hnsw = {
            "space": "cosine",
            "ef_construction": 60,
            "max_neighbors": 16,
            "ef_search": 200,
            "sync_threshold": BATCH,
        }
        self.collection: Any = self.client.get_or_create_collection(
            name, configuration={"hnsw": hnsw}, embedding_function=None
        )

    def hashes(self) -> dict[str, str]:
        """Hash of the text of every id."""
        stored = self.collection.get(include=["metadatas"])
        return {i: str(m["hash"]) for i, m in zip(stored["ids"], stored["metadatas"], strict=True)}

    def update(
        self,
        entries: Sequence[Entry],
        embed: Callable[[Sequence[str]], NDArray[np.float32]],
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Make the collection hold exactly ``entries``; only what changed is embedded again."""
        known = self.hashes() if self.collection.count() else {}
        fresh = [e for e in entries if known.get(e.id) != _mark(e)]
        gone = sorted(set(known) - {e.id for e in entries})
        for ids in _batches(gone):
            self.collection.delete(ids=list(ids))
        for start in range(0, len(fresh), BATCH):
            part = fresh[start : start + BATCH]
            self.collection.upsert(
                ids=[e.id for e in part],
                embeddings=embed([e.text for e in part]),
                documents=[e.text for e in part],
                metadatas=[
                    {"law": e.law, "article": e.article, "since": e.since, "until": e.until, "hash": _mark(e)}
                    for e in part
                ],
            )
            progress(min(start + BATCH, len(fresh)), len(fresh))

    def nearest(self, vector: NDArray[np.float32], top: int) -> list[tuple[str, float]]:
        """(id, cosine) of the nearest provisions, best first, ties by id."""
        if not vector.any():
            return []
        found = self.collection.query(query_embeddings=[vector], n_results=top, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return sorted(((i, 1.0 - float(d)) for i, d in pairs), key=lambda pair: (-pair[1], pair[0]))


def _mark(entry: Entry) -> str:
    return text_hash(f"{entry.since}|{entry.until}|{entry.text}")


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
