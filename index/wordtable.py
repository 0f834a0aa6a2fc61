"""The shipped embedding table as a sentence-transformers module: our tokens, one row each, their mean.

A stock ``StaticEmbedding`` whose tokenizer sees the words and character pairs of tokens.py instead of
raw text. Needs torch; the program itself reads the same files without it (embed.py).
"""

from __future__ import annotations

from typing import Any

from sentence_transformers.sentence_transformer.modules import StaticEmbedding

from index.tokens import tokens


class WordTable(StaticEmbedding):
    """Mean of the rows of a text's tokens; tokens without a row say nothing."""

    def preprocess(  # type: ignore[override]
        self, inputs: list[str], prompt: str | None = None, **kwargs: Any
    ) -> Any:
        """Token ids of texts that are cut as the index cuts them."""
        known = self.tokenizer.get_vocab()
        cut = [" ".join(token for token in tokens(text) if token in known) for text in inputs]
        return super().preprocess(cut, prompt=prompt, **kwargs)

    @classmethod
    def load(cls, model_name_or_path: str, **kwargs: Any) -> WordTable:  # type: ignore[override]
        """The table of a folder, in single precision."""
        stock = super().load(model_name_or_path, **kwargs)
        return cls(stock.tokenizer, embedding_weights=stock.embedding.weight.detach().float())
