"""Provisions in, ranked provisions out. ``open_index(home)`` opens a knowledge base."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["open_index"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that importing a part does not load the whole."""
    places = {"open_index": "index.search"}
    if name in places:
        return getattr(import_module(places[name]), name)
    raise AttributeError(f"module 'index' has no attribute {name!r}")
