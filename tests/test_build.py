import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from index.build import build, current
from index.errors import Busy, CannotWrite, Outdated
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


def test_a_bad_record_of_the_corpus_is_reported_every_time(tmp_path):
    bad = "law: 茶法\nlevel: 法律\ndomains: [食品]\narticles:\n  - {article: 第一条, role: 规定, gist: 热}\n"
    write(tmp_path / "corpus" / "norms", **{"茶法.yaml": bad, "坏.yaml": "law: [未完"})
    for _ in range(2):  # the second run changes nothing and still says so
        report = build(tmp_path / "home", [], corpus=tmp_path / "corpus")
        assert len(report.corpus) == 3
        assert any("第一条" in fault and "role" in fault for fault in report.corpus)
        assert any("坏.yaml" in fault and "YAML" in fault for fault in report.corpus)


def test_older_texts_inherit_questions_but_no_gist(tmp_path):
    """The gist speaks of the new article's figures; only the questions lead to the old one too."""
    old = OLD.replace(
        "第三条 违反本法第二条规定的，处一百元罚款。", "第三条 摆放隔夜糕团的，由茶点部门处二百元罚款。"
    )
    write(tmp_path / "texts", **{"茶点管理法(2010-03-01).md": old, "茶点管理法(2020-05-06).md": NEW})
    record = (
        "law: 茶点管理法\nversion: 2020-05-06\nlevel: 法律\ndomains: [食品]\narticles:\n"
        "  - article: 第四条\n    role: 罚则\n    gist: 摆隔夜糕团罚二千至五千元\n"
        "    asks: [青团放了一夜还卖, 隔夜点心罚几千]\n    terms: [隔夜青团]\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶点管理法.yaml": record})
    build(tmp_path / "home", [tmp_path / "texts"], corpus=tmp_path / "corpus")
    catalog = open_index(tmp_path / "home").catalog
    then, now = catalog.provision("茶点管理法@2010-03-01#3"), catalog.provision("茶点管理法@2020-05-06#4")
    assert (now.gist, len(now.asks)) == ("摆隔夜糕团罚二千至五千元", 2)
    assert (then.gist, then.penalties, then.asks) == ("", (), now.asks)


def test_only_gists(tmp_path):
    corpus = Path(__file__).resolve().parents[1] / "corpus"
    build(tmp_path / "home", [], corpus=corpus)
    index = open_index(tmp_path / "home")
    assert index.catalog.stats()["gists"] >= 7
    assert os.path.exists(tmp_path / "home" / "CURRENT")


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("没有挂载文件系统的权限，跳过磁盘写满和只读的测试。")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full(small_disk, texts, tmp_path):
    build(small_disk / "home", [texts])
    before = laws(small_disk / "home")
    body = "\n".join(f"第{n}条 " + f"{n:05d}茶点摊的第{n}种规矩。" * 60 for n in range(1, 900))
    write(tmp_path / "large", **{"大条例(2020-01-01).md": "# 大条例\n" + body})
    with pytest.raises(CannotWrite, match="磁盘空间"):
        build(small_disk / "home", [tmp_path / "large"])
    assert laws(small_disk / "home") == before
    assert open_index(small_disk / "home").search("隔夜糕团", on=date(2026, 1, 1))


def test_a_home_that_cannot_be_written(small_disk, texts):
    build(small_disk / "home", [texts])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(CannotWrite, match="写权限"):
        build(small_disk / "home", [texts / "讲话.txt"])
    assert open_index(small_disk / "home").search("隔夜糕团", on=date(2026, 1, 1))
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)


def test_a_base_of_an_older_program(base):
    import json

    manifest = current(base / "home") / "manifest.json"
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**facts, "format": 0}))
    with pytest.raises(Outdated, match="重建"):
        open_index(base / "home")
    build(base / "home", [])  # what was taken in before is read again
    assert laws(base / "home") == ["灯笼条例", "茶点管理法"]


STAGED = """# 茶水办法

2022年1月4日 茶点部令第3号公布

第一条 茶要热。

第二条 摊主每年报告一次。

第三条 本办法自2022年3月1日起施行。第二条自2023年1月1日起施行。
"""


def test_an_article_that_begins_later_than_its_law(tmp_path):
    from index.resolve import Reason, Resolved

    write(tmp_path / "texts", **{"茶水办法(2022-01-04).md": STAGED})
    build(tmp_path / "home", [tmp_path / "texts"])
    index = open_index(tmp_path / "home")

    def second(on):
        query = index.understand("茶水办法第二条", today=on)
        found = index.resolve(query, on=on)[0][1]
        return found, [h.provision.key for h in index.search("摊主报告", on=on)]

    early, found_early = second(date(2022, 6, 1))
    assert (early.reason, "2" in found_early) == (Reason.NO_TEXT_ON_DATE, False)
    late, found_late = second(date(2023, 6, 1))
    assert isinstance(late, Resolved)
    assert "2" in found_late
    assert index.catalog.versions("茶水办法")[0].since == date(2022, 3, 1)


def test_since_when_an_article_reads_so(tmp_path):
    """修正 leaves most articles alone: their wording is as old as the first version that has it."""
    later = OLD.replace("<!-- INFO END -->", "2015年4月1日 第十二届第三次会议修正\n\n<!-- INFO END -->")
    later = later.replace("一百元", "三百元")
    write(tmp_path / "texts", **{"茶点管理法(2010-03-01).md": OLD, "茶点管理法(2015-04-01).md": later})
    build(tmp_path / "home", [tmp_path / "texts"])
    catalog = open_index(tmp_path / "home").catalog
    days = [catalog.wording_since(catalog.provision(f"茶点管理法@2015-04-01#{key}")) for key in "23"]
    assert days == [date(2010, 6, 1), date(2015, 4, 1)]


def test_a_law_that_was_replaced_inherits_the_questions_of_its_successor(tmp_path):
    """信访条例 → 信访工作条例: another title, the same subject."""
    old = "# 茶摊条例\n\n2005年1月1日 国务院令第9号公布\n\n第一条 摊主收到投诉的，应当在十五日内答复。\n\n第二条 本条例自2005年5月1日起施行。\n"
    new = "# 茶摊工作条例\n\n2022年1月1日 国务院令第99号公布\n\n第一条 摊主收到投诉的，应当在七日内书面答复。\n\n第二条 本条例自2022年5月1日起施行。《茶摊条例》同时废止。\n"
    write(tmp_path / "texts", **{"茶摊条例(2005-01-01).md": old, "茶摊工作条例(2022-01-01).md": new})
    record = (
        "law: 茶摊工作条例\nversion: 2022-01-01\nlevel: 行政法规\ndomains: [食品]\narticles:\n"
        "  - article: 第一条\n    role: 程序\n    gist: 投诉七日内书面答复\n"
        "    asks: [客人嫌茶凉几天给回话, 提意见没人理]\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶摊工作条例.yaml": record})
    build(tmp_path / "home", [tmp_path / "texts"], corpus=tmp_path / "corpus")
    index = open_index(tmp_path / "home")
    then = index.search("客人嫌茶凉几天给回话", on=date(2010, 1, 1))[0].provision
    assert (then.id, then.gist) == ("茶摊条例@2005-01-01#1", "")


def test_gists_alone_are_in_force_from_their_version_on(tmp_path):
    """The day in ``effective`` may be the law's first; a gist of a later version does not reach back."""
    record = (
        "law: 茶摊条例\nversion: 2022-09-29\neffective: 2019-10-01\nlevel: 行政法规\ndomains: [食品]\narticles:\n"
        "  - {article: 第一条, role: 程序, gist: 要热, asks: [茶要多热, 茶凉了行不行]}\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶摊条例.yaml": record})
    build(tmp_path / "home", [], corpus=tmp_path / "corpus")
    index = open_index(tmp_path / "home")
    assert not index.search("茶要多热", on=date(2020, 1, 1))
    assert index.search("茶要多热", on=date(2023, 1, 1))


def test_a_copy_that_breaks_off_is_no_version_of_its_own(base):
    write(base / "texts", **{"茶点管理法(2020-05-06).md": NEW[: NEW.index("第三条")]})
    write(base / "whole", **{"茶点管理法.md": NEW})
    build(base / "home", [base / "texts", base / "whole"])
    catalog = open_index(base / "home").catalog
    (version,) = catalog.versions("茶点管理法")
    assert version.file_date == "2020-05-06"
    assert [p.key for p in catalog.provisions(version.id)][-1] == "5"


def test_the_same_wording_under_two_file_dates_stays_two_versions(base):
    write(base / "texts", **{"茶点管理法(2021-07-08).md": NEW})
    build(base / "home", [base / "texts"])
    versions = open_index(base / "home").catalog.versions("茶点管理法")
    assert [v.file_date for v in versions] == ["2020-05-06", "2021-07-08"]


def test_a_gist_of_a_text_not_held_leads_by_its_own_words(tmp_path):
    """Only the older text is held: the questions lead to it, the gist's figures do not reach it."""
    write(tmp_path / "texts", **{"茶点管理法(2010-03-01).md": OLD.replace("处一百元", "由茶点部门处一百元")})
    record = (
        "law: 茶点管理法\nversion: 2020-05-06\nlevel: 法律\ndomains: [食品]\narticles:\n"
        "  - article: 第四条\n    role: 罚则\n    gist: 违反第二条，由茶点部门处罚款\n"
        "    asks: [没洗手就捏青团罚几块, 手脏还捏团子]\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶点管理法.yaml": record})
    build(tmp_path / "home", [tmp_path / "texts"], corpus=tmp_path / "corpus")
    found = open_index(tmp_path / "home").search("没洗手就捏青团罚几块", on=date(2012, 1, 1))[0].provision
    assert (found.key, found.gist, len(found.asks)) == ("3", "", 2)


def test_an_old_article_that_punishes_the_same_duty_inherits_its_questions(tmp_path):
    """The penalty was written anew in other words; the duty it names is the link."""
    old = OLD.replace(
        "第二条 卖茶点的，应当洗手。", "第二条 卖茶点的，应当洗手、剪指甲，并且不得戴戒指。"
    ).replace(
        "第三条 违反本法第二条规定的，处一百元罚款。",
        "第三条 违反本法第二条规定，情节轻微的给予警告；屡教不改的，罚款一百元，停止出摊三日。",
    )
    new = NEW.replace("（一）洗手；", "（一）洗手、剪指甲，并且不得戴戒指；").replace(
        "第四条 违反本法第三条规定，摆放隔夜糕团的", "第四条 违反本法第二条第一款第一项规定，手上不干净的"
    )
    write(tmp_path / "texts", **{"茶点管理法(2010-03-01).md": old, "茶点管理法(2020-05-06).md": new})
    record = (
        "law: 茶点管理法\nversion: 2020-05-06\nlevel: 法律\ndomains: [食品]\narticles:\n"
        "  - {article: 第二条, role: 义务, gist: 手要干净, asks: [戴戒指捏团子行吗, 指甲长能揉面吗]}\n"
        "  - article: 第四条\n    role: 罚则\n    gist: 手不干净罚二千至五千元\n    breaches: [第二条]\n"
        "    asks: [戴着戒指捏青团罚几千, 指甲里有泥罚不罚]\n"
    )
    write(tmp_path / "corpus" / "norms", **{"茶点管理法.yaml": record})
    build(tmp_path / "home", [tmp_path / "texts"], corpus=tmp_path / "corpus")
    then = open_index(tmp_path / "home").catalog.provision("茶点管理法@2010-03-01#3")
    assert (then.gist, then.penalties) == ("", ())
    assert then.asks == ("戴着戒指捏青团罚几千", "指甲里有泥罚不罚")
