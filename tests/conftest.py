"""Fixtures: two invented laws in three versions, a speech and a knowledge base built from them."""

from datetime import date
from pathlib import Path

import pytest

from app.desk import Desk, ingest, open_desk
from app.settings import Settings

OLD = """# 中华人民共和国茶点管理法

2010年3月1日 第十一届全国人民代表大会常务委员会第二次会议通过

<!-- INFO END -->

## 第一章 总则

第一条 为了管理茶点，制定本法。

第二条 卖茶点的，应当洗手。

## 第二章 罚则

第三条 违反本法第二条规定的，处一百元罚款。

第四条 本法自2010年6月1日起施行。
"""
NEW = """# 中华人民共和国茶点管理法

2010年3月1日 第十一届全国人民代表大会常务委员会第二次会议通过

2020年5月6日 第十三届全国人民代表大会常务委员会第三次会议修订

<!-- INFO END -->

## 第一章 总则

第一条 为了管理茶点，制定本法。

第二条 卖茶点的，应当遵守下列规定：

（一）洗手；

（二）戴帽子：

1.布帽；

2.纸帽。

学徒参照前款执行。

第三条 茶点摊不得摆放隔夜糕团。

## 第二章 罚则

第四条 违反本法第三条规定，摆放隔夜糕团的，由茶点部门处二千元以上五千元以下罚款。

第四条之一 对学徒，可以减半。

第五条 本法自2020年9月1日起施行。《灯笼条例》同时废止。
"""
LANTERN = """# 灯笼条例

2005年1月1日 国务院令第9号公布

<!-- INFO END -->

第一条 灯笼应当红。

第二条 违反《中华人民共和国茶点管理法》第二条的，灯笼没收。

第三条 本条例自2005年2月1日起施行。
"""
SPEECH = """季度工作讲话
今天开会，谈两点意见。
一、茶点监管开局良好
主要有两个方面：
一是巡查有力有效。全市检查茶摊三百二十家，退还多收的茶钱八万八千元。
二是宣传有声有色。编写“三净两红”顺口溜，“三净”指手净、台净、碗净。
二、下一步任务
一是抓学徒培训。每月一次。
"""


def write(folder: Path, **files: str) -> Path:
    """Write files (name → text) and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "laws").is_dir():
        pytest.skip("旁边没有 ../shared，跳过要用真实法规的测试。")
    return folder


@pytest.fixture(scope="session")
def texts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    files = {
        "茶点管理法(2010-03-01).md": OLD,
        "茶点管理法(2020-05-06).md": NEW,
        "灯笼条例(2005-01-01).md": LANTERN,
        "讲话.txt": SPEECH,
    }
    return write(folder, **files)


@pytest.fixture(scope="session")
def desk(texts, tmp_path_factory) -> Desk:
    settings = Settings(tmp_path_factory.mktemp("home"), None, date(2026, 11, 24))
    ingest(settings, [str(texts)], lambda *step: None)
    return open_desk(settings)
