"""Tabs of the page by name; adding a tab is adding a line. A tab is a module with ``build(desk) -> Panel``."""

from __future__ import annotations

from types import ModuleType

from app.tabs import ask, assess, laws

TABS: dict[str, ModuleType] = {"问答": ask, "法规": laws, "评测": assess}
