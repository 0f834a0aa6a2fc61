import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build, current
from index.errors import Busy, CannotWrite
from index.search import open_index
from tests.conftest import LANTERN, NEW, OLD, write


def laws(folder: Path) -> list[str]:
    return open_index(folder).catalog.laws()


@pytest.fixture
def base(tmp_path):
    texts = write(
        tmp_path / "texts", **{"茶点管理法(2020-05-06).md": NEW, "灯笼条例(2005-01-01).md": LANTERN}
    )
    build(tmp_path / "home", [texts])
    return tmp_path


def test_second_run_does_nothing(base):
    before = current(base / "home")
    report = build(base / "home", [base / "texts"])
    assert (report.changed, report.unchanged, current(base / "home")) == (False, 2, before)


def test_added_changed_and_removed_files(base):
    write(base / "texts", **{"茶点管理法(2010-03-01).md": OLD})
    build(base / "home", [base / "texts"])
    assert len(open_index(base / "home").catalog.versions("茶点管理法")) == 2
    (base / "texts" / "灯笼条例(2005-01-01).md").unlink()
    assert build(base / "home", [base / "texts"]).removed == 1
    assert laws(base / "home") == ["茶点管理法"]
    path = base / "texts" / "茶点管理法(2020-05-06).md"
    path.write_text(NEW.replace("隔夜糕团", "隔夜汤圆"), encoding="utf-8")
    build(base / "home", [base / "texts"])
    index = open_index(base / "home")
    assert "汤圆" in index.catalog.provision("茶点管理法@2020-05-06#3").text


def test_update_scores_like_a_rebuild(base):
    from datetime import date

    write(base / "texts", **{"茶点管理法(2010-03-01).md": OLD})
    build(base / "home", [base / "texts"])
    build(base / "fresh", [base / "texts"])
    runs = [
        [(h.id, h.score) for h in open_index(base / name).search("茶点 罚款", on=date(2026, 1, 1))]
        for name in ("home", "fresh")
    ]
    assert runs[0] == runs[1]


def test_the_same_text_twice_is_one_version_with_two_sources(base):
    write(base / "copy", **{"茶点管理法.md": NEW})
    report = build(base / "home", [base / "copy"])
    (version,) = open_index(base / "home").catalog.versions("茶点管理法")
    assert len(version.sources) == 2
    assert len(report.duplicates) == 1


@pytest.mark.parametrize("moment", ["整理版本", "建立索引"])
def test_killed_in_the_middle_leaves_the_old_base(base, moment):
    write(base / "texts", **{"茶点管理法(2010-03-01).md": OLD})
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom index.build import build\n"
        f"def stop(step, done, total):\n    if step == {moment!r}: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"build(Path({str(base / 'home')!r}), [{str(base / 'texts')!r}], progress=stop)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(open_index(base / "home").catalog.versions("茶点管理法")) == 1
    build(base / "home", [base / "texts"])
    assert len(open_index(base / "home").catalog.versions("茶点管理法")) == 2
    assert len(list((base / "home" / "generations").iterdir())) == 2  # the one in use and the one before


def test_two_writers(base):
    from filelock import FileLock

    with FileLock(base / "home" / "writer.lock"), pytest.raises(Busy, match="另一个进程"):
        build(base / "home", [base / "texts"])


def test_a_disk_that_refuses(tmp_path, base, monkeypatch):
    import shutil

    def full(*paths):
        raise OSError(28, "No space left on device")

    write(base / "texts", **{"茶点管理法(2010-03-01).md": OLD})
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(CannotWrite, match="磁盘空间"):
        build(base / "home", [base / "texts"])
    assert len(open_index(base / "home").catalog.versions("茶点管理法")) == 1


def test_hostile_file_name(tmp_path):
    write(tmp_path / "texts", **{"<script>{{x}}'; drop table versions;--.md": NEW})
    build(tmp_path / "home", [tmp_path / "texts"])
    assert laws(tmp_path / "home") == ["茶点管理法"]


def test_only_gists(tmp_path):
    corpus = Path(__file__).resolve().parents[1] / "corpus"
    build(tmp_path / "home", [], corpus=corpus)
    index = open_index(tmp_path / "home")
    assert index.catalog.stats()["gists"] >= 7
    assert os.path.exists(tmp_path / "home" / "CURRENT")
