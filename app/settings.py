"""The only reader of the environment: one row per setting, read once, passed down as arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.errors import AppError

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "ZHIFA_HOME": ("", "知识库所在的文件夹；不设则放在用户数据目录"),
    "ZHIFA_CORPUS": (str(ROOT / "corpus"), "随程序附带的要旨库所在的文件夹"),
    "ZHIFA_MODEL": ("", "嵌入模型：sentence-transformers 模型名或文件夹；不设则用随程序附带的"),
    "ZHIFA_RERANKER": ("", "再排一遍前几条的交叉编码器：sentence-transformers 模型名或文件夹；不设则不用"),
    "ZHIFA_TODAY": ("", "把某一天当作今天（YYYY-MM-DD），用于核对旧案；不设则用当天"),
}


class WrongSetting(AppError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    home: Path
    corpus: Path | None
    today: date
    model: str = ""
    reranker: str = ""


def read_settings(home: Path | None = None) -> Settings:
    """Settings from the environment; ``home`` from the command line wins."""
    values = {name: os.environ.get(name, default) for name, (default, _) in SETTINGS.items()}
    corpus = Path(values["ZHIFA_CORPUS"])
    return Settings(
        home=home or Path(values["ZHIFA_HOME"] or _data_folder()),
        corpus=corpus if corpus.is_dir() else None,
        today=_today(values["ZHIFA_TODAY"]),
        model=values["ZHIFA_MODEL"],
        reranker=values["ZHIFA_RERANKER"],
    )


def _data_folder() -> str:
    from platformdirs import user_data_dir

    return user_data_dir("zhifa", appauthor=False)


def _today(value: str) -> date:
    if not value:
        return date.today()
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise WrongSetting(f"ZHIFA_TODAY 写作“{value}”，应为 2022-11-15 这样的日期。") from error
