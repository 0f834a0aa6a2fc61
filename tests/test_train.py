import numpy as np

from index.embed import open_embedder
from index.tokens import tokens
from index.train import Text, read_questions, read_texts, train

SUBJECTS = {
    "不得摆放隔夜糕团": ["昨天剩的点心还能卖吗", "前一晚的青团今天接着卖"],
    "应当洗手戴帽": ["摊主手脏", "伙计不戴帽子给客人拿点心"],
    "灯笼应当红色": ["挂绿灯笼行不行", "店门口的灯颜色不对"],
    "学徒减半处罚": ["新来的徒弟犯错怎么算", "学手艺的小孩被罚"],
}


def test_questions_are_drawn_to_their_articles(tmp_path):
    texts = [Text(tokens(body), asks=[tokens(ask) for ask in asks]) for body, asks in SUBJECTS.items()]
    lines = []
    train(texts, tmp_path / "model", dimension=8, epochs=60, say=lines.append)
    embedder = open_embedder(tmp_path / "model")
    bodies = embedder.embed(list(SUBJECTS))
    right = sum(
        int(np.argmax(bodies @ embedder.embed([ask])[0])) == at
        for at, asks in enumerate(SUBJECTS.values())
        for ask in asks
    )
    assert right >= 7  # of eight; guessing would find two
    assert len(lines) == 61


def test_the_same_seed_gives_the_same_table(tmp_path):
    texts = [Text(tokens(body), asks=[tokens(ask) for ask in asks]) for body, asks in SUBJECTS.items()]
    for name in ("a", "b"):
        train(texts, tmp_path / name, dimension=8, epochs=2)
    tables = [open_embedder(tmp_path / name).embed(list(SUBJECTS)) for name in ("a", "b")]
    assert np.array_equal(*tables)


def test_what_is_read_from_a_knowledge_base(desk):
    texts = read_texts(desk.settings.home)
    assert len(texts) == desk.catalog.stats()["provisions"]
    assert any("隔夜" in text.body for text in texts)


def test_pairs_of_a_question_set(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"query": "茶凉了", "gold": ["茶法1"]}\n', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(
        '{"id": "茶法1", "law": "茶法", "chapter": null, "text": "茶要热"}\n', encoding="utf-8"
    )
    ((question, article),) = read_questions(tmp_path / "q.jsonl", tmp_path / "a.jsonl")
    assert "茶" in "".join(question)
    assert "热" in "".join(article)
