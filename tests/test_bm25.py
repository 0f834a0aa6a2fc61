import math

import bm25s
import numpy as np

from index.bm25 import Lexicon, Scorer, best

DOCS = [["茶", "茶", "热"], ["点", "甜"], ["茶", "点", "摊", "摊"]]


def test_score_is_the_formula():
    scores, _ = Scorer(Lexicon.build(enumerate(DOCS)), k1=0.9, b=0.4).scores(["茶"])
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = (3 + 2 + 4) / 3
    assert np.allclose(scores[0], idf * 2 / (2 + 0.9 * (1 - 0.4 + 0.4 * 3 / average)))
    assert scores[1] == 0


def test_ranks_like_bm25s():
    rng = np.random.default_rng(5)
    docs = [[f"w{w}" for w in rng.integers(0, 60, rng.integers(5, 40))] for _ in range(200)]
    reference = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
    reference.index(docs, show_progress=False)
    scorer = Scorer(Lexicon.build(enumerate(docs)), k1=0.9, b=0.4)
    for query in (["w1", "w7"], ["w3", "w3", "w59"]):
        assert np.allclose(scorer.scores(query)[0], reference.get_scores(query), atol=1e-4)


def test_update_equals_rebuild(tmp_path):
    Lexicon.build(enumerate(DOCS)).save(tmp_path)
    base = Lexicon.open(tmp_path)
    updated = Lexicon.build([(7, ["新", "茶"])], base, np.array([True, False, True]))
    rebuilt = Lexicon.build([(0, DOCS[0]), (2, DOCS[2]), (7, ["新", "茶"])])
    assert updated.rows.tolist() == rebuilt.rows.tolist() == [0, 2, 7]
    query = ["茶", "摊", "甜", "新"]
    assert np.allclose(Scorer(updated).scores(query)[0], Scorer(rebuilt).scores(query)[0])


def test_ties_go_to_the_first_document():
    assert best(np.array([0, 2, 3, 2], np.float32), 3).tolist() == [2, 1, 3]
