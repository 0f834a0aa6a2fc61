from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.dense import Builder, Dense, Words, single
from index.embed import StaticTable, open_embedder, write_table
from index.errors import Outdated
from index.search import open_index
from index.tokens import tokens
from tests.conftest import NEW, OLD, write


@pytest.fixture
def table(tmp_path) -> Path:
    """Four words, two dimensions: 茶 and 糕 stand at right angles, 点 between them."""
    rows = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    write_table(tmp_path / "model", ["[UNK]", "茶", "糕", "点"], rows)
    return tmp_path / "model"


def words(text: str) -> Words:
    return Words(text, tokens(text))


def test_the_mean_of_the_rows_of_a_text(table):
    embedder = open_embedder(table)
    assert isinstance(embedder, StaticTable)
    vectors = embedder.embed(["茶", "茶 糕", "没有", ""])
    assert np.allclose(vectors, [[1, 0], [2**-0.5, 2**-0.5], [0, 0], [0, 0]])


def test_likeness_to_the_wording_and_to_the_best_question(table, tmp_path):
    builder = Builder(open_embedder(table))
    builder.add(words("茶"), [words("糕"), words("点")])
    builder.add(words("糕"), [])
    builder.finish(None, None).save(tmp_path / "dense")
    dense = Dense.open(tmp_path / "dense")
    body, ask = dense.likeness(np.array([1, 0], np.float32), np.array([1, 0]))
    assert np.allclose(body, [0, 1], atol=1e-3)
    assert np.allclose(ask, [0, 2**-0.5], atol=1e-3)  # no question: 0; the better of two: 点


def test_half_precision_is_widened_bit_for_bit():
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert np.array_equal(single(finite).view(np.int32), finite.astype(np.float32).view(np.int32))


def test_kept_documents_come_first(table):
    embedder = open_embedder(table)
    old = Builder(embedder)
    for text in ("茶", "糕", "点"):
        old.add(words(text), [words(text)])
    new = Builder(embedder)
    new.add(words("茶 糕"), [])
    dense = new.finish(old.finish(None, None), np.array([True, False, True]))
    assert dense.pointers.tolist() == [0, 1, 2, 2]
    assert np.allclose(dense.bodies[:, 0], [1, 2**-0.5, 2**-0.5], atol=1e-3)


def test_an_update_has_the_vectors_of_a_rebuild(tmp_path):
    write(tmp_path / "texts", **{"茶点管理法(2020-05-06).md": NEW})
    build(tmp_path / "home", [tmp_path / "texts"])
    write(tmp_path / "texts", **{"茶点管理法(2010-03-01).md": OLD})
    for home in ("home", "fresh"):
        build(tmp_path / home, [tmp_path / "texts"])
    found = []
    for home in ("home", "fresh"):
        index = open_index(tmp_path / home)
        ids = [p.id for p in index.catalog.by_rows(index.lexicon.rows.tolist())]
        found.append({name: vector.tolist() for name, vector in zip(ids, index.dense.bodies, strict=True)})
    assert found[0] == found[1]


def test_another_model_than_the_one_that_built(tmp_path, table):
    from datetime import date

    write(tmp_path / "texts", **{"茶点管理法(2020-05-06).md": NEW})
    build(tmp_path / "home", [tmp_path / "texts"])
    index = open_index(tmp_path / "home", model=str(table))
    with pytest.raises(Outdated, match="zhifa ingest"):
        index.search("茶点", on=date(2026, 1, 1))
    assert build(tmp_path / "home", [tmp_path / "texts"], model=str(table)).changed
    assert open_index(tmp_path / "home", model=str(table)).search("茶点", on=date(2026, 1, 1))
