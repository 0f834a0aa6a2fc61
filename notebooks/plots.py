"""What the notebooks share: where the corpus lies, and a font that has Chinese characters."""

from __future__ import annotations

from pathlib import Path

from matplotlib import font_manager, rcParams

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"
FILES = ("NotoSansCJK-Regular", "NotoSansSC", "msyh", "PingFang", "simhei", "wqy-zenhei", "wqy-microhei")


def use_chinese_font() -> str:
    """Plot with the first font of ``FILES`` that this machine has; returns its name, or "" for none."""
    found = {Path(path).stem.lower(): path for path in font_manager.findSystemFonts()}
    for wanted in FILES:
        for stem in sorted(found):
            if stem.startswith(wanted.lower()):
                font_manager.fontManager.addfont(found[stem])
                name = font_manager.FontProperties(fname=found[stem]).get_name()
                rcParams["font.sans-serif"] = [name, "DejaVu Sans"]
                rcParams["axes.unicode_minus"] = False
                return str(name)
    return ""
