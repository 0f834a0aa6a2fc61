"""What a tab hands back, and the pieces of HTML that tabs share. Everything from documents is escaped here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from app.answer import Quote, version_line

BADGES = {
    "现行有效": "z-live",
    "尚未生效": "z-old",
    "已修改": "z-old",
    "已有新文本，库内未收": "z-gone",
    "已废止": "z-gone",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """``open`` shows the provision with an id and fills ``outputs``; tabs that open nothing leave it out."""

    outputs: Sequence[Any] = field(default=())
    open: Callable[..., Any] | None = None


def badge(status: str) -> str:
    """A status as a small label."""
    return f'<span class="z-badge {BADGES.get(status, "")}">{escape(status)}</span>'


def quote_block(quote: Quote, *, is_open: bool) -> str:
    """A quoted provision that can be folded."""
    gist = '<span class="z-badge z-old">要旨，非原文</span>' if quote.is_gist else ""
    role = f'<span class="z-badge">{escape(quote.role)}</span>' if quote.role else ""
    line = version_line(quote)
    copied = f"{quote.citation}\n{quote.text}\n（{line}）"
    note = f'<div class="z-meta">{escape(quote.changed_since)}</div>' if quote.changed_since else ""
    return (
        f'<details class="z-quote" {"open" if is_open else ""}><summary>{escape(quote.citation)}'
        f"{badge(quote.status)}{role}{gist}</summary>"
        f'<div class="z-text">{escape(quote.text)}</div>{note}<div class="z-meta">{escape(line)}</div>'
        f'<button class="z-button" data-copy="{escape(copied)}">复制引文</button>'
        f'<button class="z-button" data-open="{escape(quote.id)}">打开原文</button></details>'
    )


def difference(old: str, new: str) -> str:
    """Character diff of two wordings; − and + stand beside the colours."""
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape(old[a:b]))
            continue
        if b > a:
            parts.append(f'<del class="z-diff">−{escape(old[a:b])}</del>')
        if d > c:
            parts.append(f'<ins class="z-diff">+{escape(new[c:d])}</ins>')
    return f'<div class="z-text">{"".join(parts)}</div>'
