import re
from pathlib import Path

import index
from app.cli import zhifa
from app.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_has_help_and_stands_in_the_readme():
    for name, command in zhifa.commands.items():
        assert command.help, name
        assert f"`{name}`" in README, name


def test_every_setting_stands_in_the_readme():
    assert set(re.findall(r"`(ZHIFA_\w+)`", README)) == set(SETTINGS)


def test_every_module_stands_in_the_map():
    tree = README.split("## 地图")[1]
    for folder in ("ingest", "index", "app"):
        for path in (ROOT / folder).glob("*.py"):
            assert path.stem == "__init__" or path.stem in tree, path


def test_what_is_exported_exists():
    assert all(callable(getattr(index, name)) for name in index.__all__)
