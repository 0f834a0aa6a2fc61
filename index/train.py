"""Train the shipped embedding table: questions and the articles that answer them are drawn together.

The table starts as latent semantic analysis of the provisions (Deerwester et al., 1990) and is
trained with a symmetric contrastive loss over in-batch negatives (InfoNCE, van den Oord et al., 2018)
on pairs from the shipped corpus (question–article, question–gist, question–question of one article),
question sets given by file, and random halves of articles. Seeded; ``make model`` runs it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from index.build import current
from index.catalog import Catalog
from index.embed import SHIPPED, write_table
from index.errors import NotBuilt
from index.tokens import tokens

WORDS = 72_000
DIMENSION = 256
EPOCHS = 10
BATCH = 768
RATE = 6e-3
TEMPERATURE = 0.05
HALVES = 12_000  # articles a pass that are cut into random halves
LONGEST = 400  # tokens of an article that are read
SEED = 20_240_501

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """An article as it is learned: its tokens, and those of its gist and of each question."""

    body: Sequence[str]
    gist: Sequence[str] = ()
    asks: Sequence[Sequence[str]] = ()


def train(
    texts: Sequence[Text],
    folder: Path,
    *,
    pairs: Iterable[tuple[Sequence[str], Sequence[str]]] = (),
    words: int = WORDS,
    dimension: int = DIMENSION,
    epochs: int = EPOCHS,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Write a sentence-transformers folder trained on ``texts`` and further question–answer ``pairs``."""
    further = [(list(a), list(b)) for a, b in pairs]
    vocabulary = _vocabulary(texts, further, words)
    number = {word: at for at, word in enumerate(vocabulary)}

    def ids(cut: Sequence[str]) -> Ids:
        return np.array([number[word] for word in cut if word in number], np.int64)

    bodies = [ids(text.body)[:LONGEST] for text in texts]
    say(f"{len(texts)} 条，词表 {len(vocabulary)}；奇异值分解……")
    table = _start(bodies, len(vocabulary), dimension)
    examples = _examples(texts, bodies, ids) + [
        (ids(a), ids(b)[:LONGEST], -at - 1) for at, (a, b) in enumerate(further)
    ]
    table = _contrast(table, examples, bodies, epochs=epochs, say=say)
    table[0] = 0  # the row of unknown words
    write_table(folder, vocabulary, table)


def _vocabulary(texts: Sequence[Text], pairs: Sequence[tuple[Any, Any]], size: int) -> list[str]:
    """The tokens met in most articles and questions, a question's counting three times."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(text.body))
        for ask in text.asks:
            counts.update({word: 3 for word in set(ask)})
    for question, _ in pairs:
        counts.update({word: 3 for word in set(question)})
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return ["[UNK]", *(word for word in ranked[:size] if counts[word] > 2 or len(counts) < size)]


def _start(bodies: Sequence[Ids], size: int, dimension: int) -> NDArray[np.float32]:
    """Latent semantic analysis: V·idf of the truncated SVD of the log-tf·idf matrix, mean row of length 1."""
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    pointers = np.cumsum([0, *map(len, bodies)])
    flat = np.concatenate([*bodies, np.zeros(0, np.int64)])
    counts = csr_matrix((np.ones(len(flat), np.float32), flat, pointers), shape=(len(bodies), size))
    counts.sum_duplicates()
    frequency = np.bincount(counts.indices, minlength=size)
    idf = np.log((1 + len(bodies)) / (0.5 + frequency)).astype(np.float32)
    counts.data = np.log1p(counts.data) * idf[counts.indices]
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    counts.data /= np.repeat(np.maximum(length, 1e-9), np.diff(counts.indptr))
    rank = min(dimension, min(counts.shape) - 1)
    _, values, right = randomized_svd(counts, rank, n_iter=2, random_state=SEED)
    table = np.zeros((size, dimension), np.float32)
    table[:, :rank] = right.T * np.sqrt(values / values[0]) * idf[:, None]
    return table / float(np.linalg.norm(table, axis=1).mean())


def _examples(
    texts: Sequence[Text], bodies: Sequence[Ids], ids: Callable[[Sequence[str]], Ids]
) -> list[tuple[Ids, Ids, int]]:
    """(question, what it should meet, article): the article, its gist, the next question of the article."""
    found = []
    for at, text in enumerate(texts):
        asks = [ids(ask) for ask in text.asks]
        gist = ids(text.gist)
        for n, ask in enumerate(asks):
            found.append((ask, bodies[at], at))
            if len(gist):
                found.append((ask, gist, at))
            if len(asks) > 1:
                found.append((ask, asks[(n + 1) % len(asks)], at))
    return found


def _contrast(
    table: NDArray[np.float32],
    examples: Sequence[tuple[Ids, Ids, int]],
    bodies: Sequence[Ids],
    *,
    epochs: int,
    say: Callable[[str], None],
) -> NDArray[np.float32]:
    """The table after ``epochs`` passes of contrastive training."""
    import torch

    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    rows = torch.nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(table), freeze=False, mode="mean", sparse=True
    )
    optimiser = torch.optim.SparseAdam(rows.parameters(), lr=RATE)
    long = [at for at, body in enumerate(bodies) if len(body) > 30]

    def embed(cut: Sequence[Ids]) -> Any:
        filled = [one if len(one) else np.zeros(1, np.int64) for one in cut]
        offsets = np.cumsum([0, *map(len, filled[:-1])])
        vectors = rows(torch.from_numpy(np.concatenate(filled)), torch.from_numpy(offsets))
        return torch.nn.functional.normalize(vectors, dim=1)

    for epoch in range(epochs):
        batch_of = [*examples, *_halves(bodies, long, random)]
        order = random.permutation(len(batch_of))
        losses = []
        for start in range(0, max(1, len(order) - BATCH + 1), BATCH):
            batch = [batch_of[at] for at in order[start : start + BATCH]]
            scores = embed([b[0] for b in batch]) @ embed([b[1] for b in batch]).T / TEMPERATURE
            owner = np.array([b[2] for b in batch])
            same = (owner[:, None] == owner[None]) & ~np.eye(len(batch), dtype=bool)
            scores = scores.masked_fill(torch.from_numpy(same), -1e4)
            wanted = torch.arange(len(batch))
            loss = torch.nn.functional.cross_entropy(scores, wanted)
            loss = loss + torch.nn.functional.cross_entropy(scores.T, wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()  # type: ignore[no-untyped-call]
            losses.append(float(loss.detach()))
        say(f"第 {epoch + 1}/{epochs} 遍，损失 {np.mean(losses):.3f}")
    return np.asarray(rows.weight.detach())


def _halves(
    bodies: Sequence[Ids], long: Sequence[int], random: np.random.Generator
) -> list[tuple[Ids, Ids, int]]:
    """Random articles cut into two random halves that should find each other."""
    found = []
    for at in random.choice(long, min(HALVES, len(long)), replace=False) if long else ():
        mask = random.random(len(bodies[at])) < 0.5
        found.append((bodies[at][mask], bodies[at][~mask], int(at)))
    return found


def read_texts(home: Path) -> list[Text]:
    """Every provision of a knowledge base with what the shipped corpus says of it."""
    folder = current(home)
    if folder is None:
        raise NotBuilt(f"“{home}”里还没有知识库；请先运行 zhifa --home {home} ingest 文件或文件夹。")
    titles: dict[str, list[str]] = {}
    texts = []
    for p in Catalog(folder / "catalog.sqlite").every_provision():
        title = titles.setdefault(p.law, tokens(p.law))
        body = title + tokens(f"{p.headings}\n{p.text}")
        gist = tokens(f"{p.gist}\n{' '.join(p.terms)}") if p.gist else []
        texts.append(Text(body, gist, [tokens(ask) for ask in p.asks] if p.gist else []))
    return texts


def read_questions(questions: Path, articles: Path) -> list[tuple[list[str], list[str]]]:
    """Question–article pairs of a question set whose gold are ids of lines {id, law, chapter, text}."""
    held: dict[str, Mapping[str, Any]] = {}
    for line in articles.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            row = json.loads(line)
            held[row["id"]] = row
    pairs = []
    for line in questions.read_text(encoding="utf-8").split("\n"):
        row = json.loads(line) if line.strip() else {"gold": []}
        for gold in row["gold"]:
            article = held[gold]
            body = f"{article['law']}\n{article.get('chapter') or ''}\n{article['text']}"
            pairs.append((tokens(row["query"]), tokens(body)))
    return pairs


def main() -> None:
    """``python -m index.train HOME [QUESTIONS ARTICLES]``: train on all that a knowledge base holds."""
    home, *extra = (Path(word) for word in sys.argv[1:])
    pairs = read_questions(extra[0], extra[1]) if len(extra) == 2 else []
    train(read_texts(home), SHIPPED, pairs=pairs, say=lambda line: click.echo(line, err=True))


if __name__ == "__main__":
    main()
