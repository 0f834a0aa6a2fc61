import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest.errors import IngestError, Unreadable
from ingest.parsers import parse
from ingest.sources import Skipped, Source, decode, gather

LAW = "茶点条例\n第一条 茶要热。\n第二条 点要甜。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_any_usual_encoding(encoding):
    assert decode((LAW * 20).encode(encoding)).startswith("茶点条例")


def test_binary_is_not_text():
    with pytest.raises(Unreadable, match="编码|不是文字"):
        decode(bytes(range(256)) * 40)


def outcome(path: Path):
    (found,) = list(gather([path]))
    if isinstance(found, Skipped):
        return found.reason
    try:
        return parse(found).body
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("空.txt", b"", "0 字节"),
        ("一.md", b"a", "1 字节"),
        ("旧.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "另存为 .docx"),
        ("坏.docx", b"PK\x03\x04" + b"x" * 200, "损坏"),
        ("假.pdf", b"hello world, not a pdf", "内容却不是"),
        ("程序.exe", b"MZ" + b"\0" * 100, "不认识的格式"),
        ("国标.md", LAW.encode("gb18030"), "茶要热"),
    ],
)
def test_bad_files_get_a_sentence(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    assert words in outcome(path)


def test_a_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "大.txt"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    assert "超过上限" in outcome(path)


def test_zip_members(tmp_path):
    path = tmp_path / "法.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("好/茶.md", LAW)
        archive.writestr("../坏.md", LAW)
        archive.writestr("/绝对.md", LAW)
        archive.writestr("套.zip", b"PK")
    found = {f.path.split("!/")[1]: f for f in gather([path])}
    assert isinstance(found["好/茶.md"], Source)
    assert parse(found["好/茶.md"]).body.startswith("茶点条例")
    assert "包外" in found["../坏.md"].reason
    assert "包外" in found["/绝对.md"].reason
    assert "套着压缩包" in found["套.zip"].reason


def test_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "弹.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * (100 * 1024 * 1024))
    (found,) = gather([path])
    assert "压缩炸弹" in found.reason


def test_links_in_tar_are_refused(tmp_path):
    path = tmp_path / "法.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("茶.md")
        info.size = len(LAW.encode())
        archive.addfile(info, io.BytesIO(LAW.encode()))
        link = tarfile.TarInfo("链.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    kinds = {f.path.split("!/")[1]: type(f) for f in gather([path])}
    assert kinds == {"茶.md": Source, "链.md": Skipped}


def test_a_missing_path_stops_before_anything_changes(tmp_path):
    with pytest.raises(IngestError, match="找不到"):
        list(gather([tmp_path / "没有"]))


@pytest.fixture
def web(tmp_path):
    """A web server over a folder."""
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    (tmp_path / "web").mkdir()
    handler = functools.partial(Quiet, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path / "web", f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_archive_by_url(web):
    folder, address = web
    with zipfile.ZipFile(folder / "laws.zip", "w") as archive:
        archive.writestr("茶点条例.md", LAW)
    (found,) = gather([f"{address}/laws.zip"])
    assert found.path == f"{address}/laws.zip!/茶点条例.md"
    assert parse(found).body.startswith("茶点条例")


@pytest.mark.parametrize("path", ["/no-such.zip", ":99999/x.zip"])
def test_an_address_that_does_not_answer(web, path):
    with pytest.raises(IngestError, match="检查网络和网址"):
        list(gather([web[1] + path]))


def test_encrypted_word_file(tmp_path):
    """An encrypted docx is an OLE container; so is an old .doc: each gets its own advice."""
    path = tmp_path / "密.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "加密" in outcome(path) or "密码" in outcome(path)
