"""Folders, archives and single files → sources with a content hash, and their text decoded.

Does not interpret formats (parsers/). A source is picklable and loads its bytes when asked, so
that worker processes read the files themselves.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.errors import IngestError, Unreadable

MAX_FILE = 64 * 1024 * 1024  # bytes
MAX_MEMBERS = 50_000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024  # bytes of all members of an archive
MAX_RATIO = 200  # unpacked : packed, above it an archive is taken for a bomb
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
NOT_CONTENT = {"README.md", "metadata.tsv", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file: ``path`` is shown to people, ``location`` is where its bytes lie (member of an archive)."""

    path: str
    sha256: str
    size: int
    location: str
    member: str = ""

    @property
    def name(self) -> str:
        """File name without folders."""
        return PurePosixPath(self.path.replace("\\", "/").split("!/")[-1]).name

    @property
    def suffix(self) -> str:
        """Lower-case ending, dot included."""
        return PurePosixPath(self.name).suffix.lower()

    def data(self) -> bytes:
        """The bytes of the file."""
        return _member(Path(self.location), self.member) if self.member else Path(self.location).read_bytes()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not taken in, and why; ``sha256`` where only another content can help."""

    path: str
    reason: str
    sha256: str = ""


def gather(paths: Sequence[str | Path]) -> Iterator[Source | Skipped]:
    """Every file under ``paths``, in sorted order; raises ``IngestError`` for a path that is not there."""
    for given in paths:
        if str(given).startswith(("http://", "https://")):
            yield from _archive(fetch(str(given)), str(given))
            continue
        path = Path(given)
        if not path.exists():
            raise IngestError(f"找不到“{given}”：请检查路径。没有改动知识库。")
        yield from _walk(path, str(given).rstrip("/\\"))


def _walk(path: Path, shown: str) -> Iterator[Source | Skipped]:
    if path.is_dir():
        for child in sorted(path.iterdir()):
            if child.name.startswith(".") or child.name in NOT_CONTENT or child.is_symlink():
                continue
            yield from _walk(child, f"{shown}/{child.name}")
    elif path.name.lower().endswith(ARCHIVES):
        yield from _archive(path, shown)
    else:
        yield _file(path, shown)


def _file(path: Path, shown: str) -> Source | Skipped:
    try:
        size = path.stat().st_size
        if reason := _size_problem(size):
            return Skipped(shown, reason)
        return Source(shown, hashlib.sha256(path.read_bytes()).hexdigest(), size, str(path.resolve()))
    except OSError as error:
        return Skipped(shown, f"读不出文件：{error.strerror or error}。请检查权限或磁盘。")


def _size_problem(size: int) -> str:
    if size < 4:
        return f"文件只有 {size} 字节，没有内容。"
    if size > MAX_FILE:
        return f"文件有 {size // 2**20} MB，超过上限 {MAX_FILE // 2**20} MB；请拆分后再导入。"
    return ""


def _archive(path: Path, shown: str) -> Iterator[Source | Skipped]:
    try:
        members = _zip_members(path) if zipfile.is_zipfile(path) else _tar_members(path)
        _refuse_bomb(path, members)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, Unreadable) as error:
        reason = str(error) if isinstance(error, Unreadable) else "压缩包损坏，无法打开；请重新打包。"
        yield Skipped(shown, reason)
        return
    for name, size, regular in sorted(members):
        base = PurePosixPath(name).name
        if base.startswith(".") or base in NOT_CONTENT:
            continue
        label = f"{shown}!/{name}"
        if not regular:
            yield Skipped(label, "压缩包里的链接或特殊文件不导入。")
        elif name.startswith(("/", "\\")) or ":" in name[:3] or ".." in PurePosixPath(name).parts:
            yield Skipped(label, "压缩包里的路径指向包外，已拒绝。")
        elif base.lower().endswith(ARCHIVES):
            yield Skipped(label, "压缩包里套着压缩包；请先解开一层。")
        elif reason := _size_problem(size):
            yield Skipped(label, reason)
        else:
            data = _member(path, name)
            yield Source(label, hashlib.sha256(data).hexdigest(), len(data), str(path.resolve()), name)


def _refuse_bomb(path: Path, members: list[tuple[str, int, bool]]) -> None:
    total = sum(size for _, size, _ in members)
    if (
        len(members) > MAX_MEMBERS
        or total > MAX_UNPACKED
        or total > MAX_RATIO * max(path.stat().st_size, 2**16)
    ):
        raise Unreadable(f"压缩包展开后有 {len(members)} 个文件、{total // 2**20} MB，疑为压缩炸弹，已拒绝。")


def _zip_members(path: Path) -> list[tuple[str, int, bool]]:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.flag_bits & 1 for info in infos):
            raise Unreadable("压缩包有密码；请解密后再导入。")
        return [(_zip_name(info), info.file_size, (info.external_attr >> 28) != 0xA) for info in infos]


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Member name; names that Windows wrote as GBK are read as such."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return info.filename


def _tar_members(path: Path) -> list[tuple[str, int, bool]]:
    with tarfile.open(path) as archive:
        members = []
        for member in archive:
            if not member.isdir():
                members.append((member.name, member.size, member.isreg()))
            if len(members) > MAX_MEMBERS:
                break
        return members


def _member(path: Path, name: str) -> bytes:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            info = next(info for info in archive.infolist() if _zip_name(info) == name)
            with archive.open(info) as stream:
                return stream.read(MAX_FILE)
    with tarfile.open(path) as archive:
        stream_or_none = archive.extractfile(name)
        return stream_or_none.read(MAX_FILE) if stream_or_none else b""


def fetch(url: str) -> Path:
    """Download an archive to a temporary file; ``IngestError`` says what went wrong."""
    import httpx

    folder = Path(tempfile.mkdtemp(prefix="zhifa-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # the parsers read it until the run ends
    try:
        target = folder / (PurePosixPath(httpx.URL(url).path).name or "archive.zip")
        with (
            httpx.stream("GET", url, timeout=30, follow_redirects=True) as response,
            target.open("wb") as out,
        ):
            response.raise_for_status()
            for block in response.iter_bytes():
                out.write(block)
                if out.tell() > MAX_UNPACKED:
                    raise IngestError(f"“{url}”超过 {MAX_UNPACKED // 2**30} GB，已停止下载。")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise IngestError(f"下载“{url}”失败：{error}。请检查网络和网址，或先存成文件再导入。") from error
    return target


BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes) -> str:
    """Text of a file in UTF-8, UTF-16 or GB18030; ``Unreadable`` when it is none of them."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    sample = data[:4096]
    if sample.count(0) > len(sample) // 8:
        little = sample[1::2].count(0) >= sample[0::2].count(0)
        return _decoded(data, "utf-16-le" if little else "utf-16-be")
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if _is_text(text):
            return text
    raise Unreadable("看不出文字编码（试过 UTF-8、GB18030、UTF-16）；请另存为 UTF-8 文本。")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        raise Unreadable(f"文件自称是 {encoding}，但内容不是；请另存为 UTF-8 文本。") from error
    if not _is_text(text):
        raise Unreadable("内容不是文字（可能是程序或图片）；已跳过。")
    return text


def _is_text(text: str) -> bool:
    sample = text[:4000]
    odd = sum(
        1
        for c in sample
        if (ord(c) < 32 and c not in "\t\r\n\f") or c == "\ufffd" or "\ue000" <= c <= "\uf8ff"
    )
    return odd * 50 <= len(sample)
