import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from index.embed import SHIPPED, StaticTable, open_embedder
from index.vectors import Entry, Vectors

ENTRIES = [
    Entry("茶法@#1", "茶法 总则\n第一条 卖茶点的应当洗手。", "茶法", "第一条", 20200901, 99991231),
    Entry("茶法@#2", "茶法 罚则\n第二条 隔夜糕团处二千元罚款。", "茶法", "第二条", 20200901, 99991231),
]


class Lengths:
    """Vector of a text: its length and its count of 罚; numbers to be done by hand."""

    name, dimension = "lengths", 2

    def embed(self, texts):
        return np.array([[1.0, text.count("罚")] for text in texts], np.float32)


@pytest.fixture(params=["folder", "server"])
def location(request, tmp_path):
    if request.param == "folder":
        yield tmp_path / "chroma"
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(__import__("pathlib").Path(sys.executable).parent / "chroma"),
        "run",
        "--path",
        str(tmp_path / "s"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


def test_holds_what_it_is_given_and_follows_changes(location):
    vectors = Vectors(location)
    vectors.update(ENTRIES, Lengths().embed)
    assert [i for i, _ in vectors.nearest(np.array([0.0, 1.0], np.float32), 2)] == ["茶法@#2", "茶法@#1"]
    embedded = []

    def embed(texts):
        embedded.extend(texts)
        return Lengths().embed(texts)

    changed = Entry("茶法@#1", "茶法 总则\n第一条 改了。", "茶法", "第一条", 20200901, 99991231)
    vectors.update([changed], embed)
    assert embedded == [changed.text]
    assert set(vectors.hashes()) == {"茶法@#1"}


def test_a_stock_llama_index_opens_the_collection(tmp_path):
    from llama_index.core import VectorStoreIndex
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from app.llama import TableEmbedding

    table = open_embedder()
    vectors = Vectors(tmp_path / "chroma")
    vectors.update(ENTRIES, table.embed)
    store = ChromaVectorStore(chroma_collection=vectors.collection)
    nodes = (
        VectorStoreIndex.from_vector_store(store, embed_model=TableEmbedding())
        .as_retriever(similarity_top_k=2)
        .retrieve("罚款")
    )
    mine = vectors.nearest(table.embed(["罚款"])[0], 2)
    assert [n.node.node_id for n in nodes] == [i for i, _ in mine]
    assert nodes[0].node.get_content() == ENTRIES[1].text
    assert nodes[0].node.metadata["article"] == "第二条"


TEXTS = ["小超市卖过期饼干", "特种设备使用登记 2021年", "", "GB/T 7714"]


def test_the_fast_reading_of_the_shipped_table_is_sentence_transformers_own():
    from sentence_transformers import SentenceTransformer

    fast = open_embedder()
    assert isinstance(fast, StaticTable)
    reference = SentenceTransformer(str(SHIPPED), device="cpu", trust_remote_code=True).encode(
        TEXTS[:2] + TEXTS[3:], normalize_embeddings=True
    )
    assert np.allclose(fast.embed(TEXTS[:2] + TEXTS[3:]), reference, atol=1e-4)
    assert not fast.embed([""]).any()


def small_bert(folder, letters, model, *, seed=0, **more):
    """A BERT of one layer with random weights and a tokenizer of single letters, saved in a folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    words = {word: at for at, word in enumerate([*special.values(), *sorted(set(letters))])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **special)
    fast.save_pretrained(folder)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(words), max_position_embeddings=128, **sizes, **more)
    model(config).eval().save_pretrained(folder)


def test_any_sentence_transformers_folder(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling
    from sentence_transformers.models import Transformer as Layer
    from transformers import BertModel

    small_bert(tmp_path / "bert", "卖茶点罚款", BertModel)
    layer = Layer(str(tmp_path / "bert"))
    SentenceTransformer(modules=[layer, Pooling(16)], device="cpu").save(str(tmp_path / "model"))
    embedder = open_embedder(tmp_path / "model")
    vectors = embedder.embed(["卖茶点", "罚款"])
    assert vectors.shape == (2, embedder.dimension) == (2, 16)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_retriever_and_node_parser(desk):
    from llama_index.core import Document

    from app.llama import ArticleNodeParser, ZhifaRetriever

    nodes = ZhifaRetriever(desk, top=3).retrieve("隔夜糕团")
    assert nodes[0].node.node_id == "茶点管理法@2020-05-06#3"
    parsed = ArticleNodeParser().get_nodes_from_documents(
        [Document(text="茶法\n第一条 甲。\n第二条 乙。", doc_id="茶法")]
    )
    assert [node.metadata["article"] for node in parsed] == ["第一条", "第二条"]
    assert [node.get_content() for node in parsed] == ["第一条 甲。", "第二条 乙。"]


def test_any_cross_encoder_reads_the_leading_hits_again(tmp_path, desk):
    """A small BERT with random weights through the real class: the same hits, in the order of its scores."""
    from datetime import date

    from transformers import BertForSequenceClassification

    from index.rerank import Reranker
    from index.search import open_index

    letters = "".join(p.text for p in desk.catalog.every_provision())
    small_bert(tmp_path, letters, BertForSequenceClassification, seed=1, num_labels=1)
    day, question = date(2026, 1, 1), "隔夜糕团怎么罚"
    plain = open_index(desk.settings.home).search(question, on=day, top=5)
    again = open_index(desk.settings.home, reranker=str(tmp_path)).search(question, on=day, top=5)
    texts = [f"{hit.provision.law} {hit.provision.text or hit.provision.gist}" for hit in again]
    scores = Reranker(str(tmp_path)).scores(question, texts).tolist()
    assert {hit.id for hit in again} <= {
        hit.id for hit in open_index(desk.settings.home).search(question, on=day, top=30)
    }
    assert scores == sorted(scores, reverse=True)
    assert [hit.id for hit in plain] != [hit.id for hit in again]
