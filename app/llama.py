"""LlamaIndex: our search as a retriever, our articles as nodes. The only file that knows LlamaIndex."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.node_parser import NodeParser
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import BaseNode, NodeWithScore, QueryBundle, TextNode

from app.desk import Desk
from index.embed import SHIPPED, open_embedder
from ingest.parsers import plain
from ingest.structure import outline


class ZhifaRetriever(BaseRetriever):
    """Hits of our search as nodes with scores."""

    def __init__(self, desk: Desk, *, top: int = 10) -> None:
        super().__init__()
        self._desk = desk
        self._top = top

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._desk.search(query_bundle.query_str, top=self._top)
        return [
            NodeWithScore(
                node=TextNode(
                    id_=hit.id,
                    text=hit.provision.text or hit.provision.gist,
                    metadata={
                        "law": hit.provision.law,
                        "article": hit.provision.label,
                        "version": hit.version.date,
                    },
                ),
                score=hit.score,
            )
            for hit in hits
        ]


class TableEmbedding(BaseEmbedding):
    """Our embedder for any LlamaIndex pipeline; ``model`` as in ``index.embed.open_embedder``."""

    def __init__(self, model: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._embedder = open_embedder(model or SHIPPED)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self._embedder.embed(texts)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class ArticleNodeParser(NodeParser):
    """Documents of statute text → one node for each article or section; never two articles in one node."""

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any
    ) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        for node in nodes:
            text = plain.parse(node.get_content().encode("utf-8"))
            for provision in outline(text)[0]:
                metadata = {
                    **node.metadata,
                    "article": provision.label,
                    "headings": provision.heading_path,
                    "start": provision.span.start,
                    "end": provision.span.end,
                }
                parsed.append(
                    TextNode(
                        id_=f"{node.node_id}#{provision.key}",
                        text=provision.span.of(text.body),
                        metadata=metadata,
                    )
                )
        return parsed
