import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = {"ingest": {"index", "app"}, "index": {"app"}}
FILES = [(layer, path) for layer in FORBIDDEN for path in sorted((ROOT / layer).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("layer, path", FILES, ids=lambda value: getattr(value, "name", value))
def test_layers_point_one_way(layer, path):
    assert not FORBIDDEN[layer] & imports(path)


def test_a_framework_is_met_in_one_place():
    met = {
        "gradio": "app",
        "jieba": "index/tokens.py",
        "rjieba": "index/tokens.py",
        "docx": "ingest/parsers/docx.py",
    }
    for framework, place in met.items():
        users = [
            p.relative_to(ROOT).as_posix()
            for d in ("ingest", "index", "app")
            for p in (ROOT / d).rglob("*.py")
            if framework in imports(p)
        ]
        assert all(user.startswith(place) for user in users), (framework, users)
