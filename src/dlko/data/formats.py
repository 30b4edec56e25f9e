"""파일 형식: idx, 바둑판 그림, 압축 꾸러미.

파일 안의 코드는 절대로 실행하지 않습니다. 꾸러미는 바깥 폴더로 빠져나가는 이름이 있으면 통째로 거절합니다.
"""

import gzip
import lzma
import re
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import numpy as np
from PIL import Image

from dlko.data.spec import DataError

GZIP_MAGIC = b"\x1f\x8b"
MAX_ARCHIVE_BYTES = 4 * 1024**3
MAX_ARCHIVE_FILES = 200_000
UNPACKED_SIZE = ".unpacked-bytes"  # 푼 폴더에, 풀었을 때의 크기를 적어 두는 파일
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, EOFError, FileExistsError
)  # fmt: skip
# 파이썬이 풀지 못하는 꾸러미의 첫 바이트들
OTHER_ARCHIVES = {b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"ALZ\x01": "alz", b"EGGA": "egg"}


def open_plain(path: Path) -> IO[bytes]:
    """gzip이면 풀면서, 아니면 그대로 읽는 파일을 엽니다. 파일 이름이 아니라 첫 두 바이트를 보고 정합니다."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def read_idx(path: Path) -> np.ndarray:
    """MNIST의 idx 파일(gzip이어도 됩니다)을 머리글에 적힌 모양의 uint8 배열로 읽습니다."""
    with open_plain(path) as file:
        content = file.read()
    rank = content[3]
    shape = np.frombuffer(content, ">u4", rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape).copy()


def read_mosaic(path: Path, count: int, side: int = 28) -> np.ndarray:
    """작은 회색 사진을 바둑판처럼 붙여 손실 없이 압축한 그림 한 장을 다시 낱장으로 나눕니다.

    Returns:
        왼쪽 위부터 가로로 센 `count`장. `(count, side, side)` uint8.
    """
    with Image.open(path) as image:
        mosaic = np.asarray(image.convert("L"))
    rows, columns = mosaic.shape[0] // side, mosaic.shape[1] // side
    return mosaic.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)[:count].copy()


# --- 압축 꾸러미 -------------------------------------------------------------------------------------------------


def unpack(
    archive: Path, folder: Path, *, max_bytes: int = MAX_ARCHIVE_BYTES, max_files: int = MAX_ARCHIVE_FILES
) -> Path:
    """zip이나 tar 꾸러미를 `folder`에 풉니다. 다 풀린 뒤에야 그 이름이 생기므로 반쪽 폴더는 남지 않습니다.

    Args:
        archive: zip, tar, tar.gz, tar.bz2, tar.xz 파일.
        folder: 새로 만들 폴더. 이미 있으면 다시 풀지 않고 그대로 씁니다. 푼 뒤에 크기가 달라졌으면 다시 풉니다.
        max_bytes: 푼 파일의 크기를 모두 더한 한계.
        max_files: 파일 수의 한계.

    Returns:
        `folder`.

    Raises:
        DataError: 꾸러미가 상했거나, 암호가 걸렸거나, 바깥으로 빠져나가는 이름이나 링크가 있거나, 한계를 넘을 때.
            이때는 아무 파일도 남지 않습니다.
    """
    note = folder / UNPACKED_SIZE
    if note.exists() and note.read_text(encoding="ascii") == str(_bytes_in(folder)):
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # 누가 지우거나 고쳤습니다.
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    inside = scratch / folder.name
    inside.mkdir()
    try:
        for number, (name, size, opened) in enumerate(_members(archive), start=1):
            max_bytes -= size
            if number > max_files or max_bytes < 0:
                raise DataError(f"{archive.name}: 파일이 너무 많거나 풀면 너무 커서 풀지 않습니다.")
            target = inside.joinpath(*_safe_parts(name, archive))
            if opened is None:
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as source, target.open("xb") as output:
                shutil.copyfileobj(source, output)
        (inside / UNPACKED_SIZE).write_text(str(_bytes_in(inside)), encoding="ascii")
        try:
            inside.rename(folder)
        except OSError:
            if not folder.is_dir():  # 다른 프로그램이 먼저 풀어 놓았으면 그것을 씁니다.
                raise
    except DataError:
        raise
    except RuntimeError as error:  # zipfile은 암호가 걸렸거나 모르는 압축 방식일 때 이 오류를 냅니다.
        reason = (
            "암호가 걸렸거나 이 파이썬이 모르는 방식으로 압축해서 풀 수 없습니다. 암호 없이 다시 묶어 주세요."
        )
        raise DataError(f"{archive.name}: {reason}") from error
    except BROKEN as error:
        raise DataError(f"{archive.name}: 압축 꾸러미를 풀 수 없습니다. ({error})") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _bytes_in(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.name != UNPACKED_SIZE)
    return sum(path.stat().st_size for path in files if path.is_file())


def _open_zip(archive: Path) -> zipfile.ZipFile:
    """UTF-8이라는 표시가 없는 이름의 인코딩을 알아내어 엽니다."""
    with zipfile.ZipFile(archive) as zipped:
        unmarked = [i.orig_filename.encode("cp437") for i in zipped.infolist() if not i.flag_bits & 0x800]
    encoding = name_encoding(unmarked)
    if encoding == "cp437":
        print(
            f"데이터 알림: {archive.name} 속의 파일 이름이 UTF-8도 CP949도 아니라서 글자가 깨질 수 있습니다.",
            flush=True,
        )
    return zipfile.ZipFile(archive, metadata_encoding=encoding)


def name_encoding(names: list[bytes]) -> str:
    """꾸러미 속 이름들의 인코딩: macOS의 Finder(utf-8), 한국어 Windows의 탐색기(cp949), 그 밖의 것(cp437)."""
    read = {}
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            read[encoding] = "/".join(name.decode(encoding) for name in names)
    mixed = re.search(r"[a-z][^\0-\x7f]|[^\0-\x7f][a-z]", read.get("utf-8", ""), re.IGNORECASE)  # café
    if (
        len(read) == 2 and not mixed
    ):  # CP949의 "책"은 UTF-8의 "å"와 같은 바이트입니다. 한글로 읽히는 쪽을 고릅니다.
        letters, korean = (
            {c for c in unicodedata.normalize("NFC", text) if c > "\x7f"} for text in read.values()
        )
        if letters and not any(map(_hangul, letters)) and all(map(_hangul, korean)):
            return "cp949"
    return next(iter(read), "cp437")


def _hangul(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("HANGUL")


def _members(archive: Path) -> Iterator[tuple[str, int, Callable[[], IO[bytes]] | None]]:
    """꾸러미의 (이름, 풀었을 때의 크기, 여는 함수. 폴더이면 None)을 차례로 냅니다. 링크와 장치 파일은 거절합니다."""
    with archive.open("rb") as file:
        kind = OTHER_ARCHIVES.get(file.read(4))
    if kind:
        raise DataError(
            f"{archive.name}: {kind} 꾸러미는 풀 수 없습니다. 풀어서 폴더로 두거나 zip으로 다시 묶어 주세요."
        )
    if zipfile.is_zipfile(archive):
        with _open_zip(archive) as zipped:
            for info in zipped.infolist():
                if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise DataError(f"{archive.name}: 링크가 들어 있어서 풀지 않습니다. ({info.filename})")
                yield info.filename, info.file_size, None if info.is_dir() else partial(zipped.open, info)
        return
    with tarfile.open(archive, "r:*", encoding="utf-8", errors="surrogateescape") as tarred:
        for member in tarred:
            if not (member.isfile() or member.isdir()):
                raise DataError(
                    f"{archive.name}: 링크나 장치 파일이 들어 있어서 풀지 않습니다. ({member.name})"
                )
            opened = None if member.isdir() else partial(tarred.extractfile, member)
            raw = member.name.encode("utf-8", "surrogateescape")
            yield raw.decode(name_encoding([raw])), member.size, opened  # type: ignore[misc]


def _safe_parts(name: str, archive: Path) -> tuple[str, ...]:
    """꾸러미 안의 이름을 폴더 이름들로 나눕니다. 어느 운영체제에서든 바깥을 가리킬 수 있으면 거절합니다."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or ".." in parts or set(name) & {":", "\0"}:
        raise DataError(f"{archive.name}: 바깥 폴더로 빠져나가는 이름이 있어서 풀지 않습니다. ({name!r})")
    return parts
