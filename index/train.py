"""Train the shipped embedding table from a knowledge base: latent semantic analysis of its provisions.

The table is V·idf of the truncated SVD of the log-tf·idf matrix (Deerwester et al., 1990); the
tokenizer is a unigram model over jieba's words, whose best path is jieba's cut without its HMM.
Holds words and numbers, no sentence of any text.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embed import SHIPPED
from index.search import open_index
from index.tokens import RUN, normalise, segmenter

WORDS = 30_000
DIMENSION = 128
SEED = 20_240_501


def train(
    texts: Sequence[str], folder: Path, *, words: int = WORDS, dimension: int = DIMENSION, seed: int = SEED
) -> None:
    """Write a sentence-transformers folder trained on ``texts``."""
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    tokenizer = _tokenizer(texts, words)
    ids = [
        np.array(one.ids, np.int32)
        for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    ]
    pointers = np.cumsum([0, *map(len, ids)])
    flat = np.concatenate(ids)
    counts = csr_matrix(
        (np.ones(len(flat), np.float32), flat, pointers), shape=(len(ids), tokenizer.get_vocab_size())
    )
    counts.sum_duplicates()
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + len(texts)) / (1 + frequency)).astype(np.float32)
    counts.data = np.log1p(counts.data) * idf[counts.indices]
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    counts.data /= np.repeat(np.maximum(length, 1e-9), np.diff(counts.indptr))
    _, values, right = randomized_svd(counts, dimension, n_iter=3, random_state=seed)
    table = (right.T * np.sqrt(values / values[0]) * idf[:, None]).astype(np.float32)
    _write(folder, table, tokenizer)


def _tokenizer(texts: Sequence[str], words: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    cut = segmenter().cut
    counts = Counter(word for text in texts for run in RUN.findall(normalise(text)) for word in cut(run))
    chars = Counter(
        char for word, count in counts.items() for char in set(word) for _ in range(min(count, 5))
    )
    chosen = {word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:words]} | set(
        chars
    )
    total = sum(counts.values())
    ranked = sorted(chosen, key=lambda word: (-counts[word], word))
    vocabulary = [("[UNK]", -40.0)] + [(w, float(np.log(max(counts[w], 0.3) / total))) for w in ranked]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("removed")]
    )
    return tokenizer


def _write(folder: Path, table: np.ndarray, tokenizer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from safetensors.numpy import save_file

    table[0] = 0  # unknown words say nothing
    part, normal = folder / "0_StaticEmbedding", folder / "1_Normalize"
    for place in (part, normal):
        place.mkdir(parents=True, exist_ok=True)
    save_file({"embedding.weight": np.ascontiguousarray(table)}, part / "model.safetensors")
    tokenizer.save(str(part / "tokenizer.json"), pretty=False)
    (normal / "config.json").write_text("{}", encoding="utf-8")
    modules = [
        {"idx": 0, "name": "0", "path": part.name, "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": normal.name, "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1), encoding="utf-8")


def main() -> None:
    """``python -m index.train HOME``: train on everything a knowledge base holds."""
    catalog = open_index(Path(sys.argv[1])).catalog
    rows = catalog.db.execute(
        "select law || ' ' || headings || ' ' || text || ' ' || gist from provisions order by row"
    )
    train([row[0] for row in rows], SHIPPED)


if __name__ == "__main__":
    main()
