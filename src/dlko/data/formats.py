"""파일 형식을 읽는 함수: idx, npz, 압축 꾸러미, 그림 폴더, 표.

파일 안의 코드는 절대로 실행하지 않습니다. 꾸러미는 바깥 폴더로 빠져나가는 이름이 있으면 통째로 거절합니다.
"""

import csv
import gzip
import hashlib
import io
import os
import secrets
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import numpy as np

from dlko.data.errors import DataError

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}

MAX_ARCHIVE_BYTES = 4 * 1024**3
MAX_ARCHIVE_FILES = 200_000
UNPACKED_SIZE = ".unpacked-bytes"  # 푼 폴더에, 풀었을 때의 크기를 적어 두는 파일


def open_plain(path: Path) -> IO[bytes]:
    """gzip이면 풀면서, 아니면 그대로 읽는 파일을 엽니다. 파일 이름이 아니라 첫 두 바이트를 보고 정합니다."""
    file = path.open("rb")
    magic = file.read(2)
    file.seek(0)
    if magic != GZIP_MAGIC:
        return file
    file.close()
    return gzip.open(path, "rb")  # type: ignore[return-value]


def sha256_of(stream: IO[bytes], limit: int | None = None) -> str:
    """흐름 전체의 SHA-256. `limit` 바이트를 넘으면 더 읽지 않고 빈 문자열을 돌려줍니다(압축 폭탄을 막습니다)."""
    digest, total = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if limit is not None and total > limit:
            return ""
        digest.update(chunk)
    return digest.hexdigest()


def read_idx(path: Path, limit: int = 1 << 30) -> np.ndarray:
    """MNIST가 쓰는 idx 파일을 읽습니다. gzip으로 압축한 것도, 푼 것도 읽습니다.

    Args:
        path: idx 파일.
        limit: 이보다 큰 데이터는 거절합니다(바이트).

    Returns:
        머리글에 적힌 모양과 자료형의 배열. MNIST의 사진은 `(장수, 28, 28)` uint8, 정답은 `(장수,)` uint8입니다.

    Raises:
        DataError: idx 형식이 아니거나, 중간에 잘렸거나, 머리글보다 길 때.
    """
    try:
        with open_plain(path) as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or head[3] == 0:
                raise DataError(f"{path.name}: idx 형식이 아닙니다.")
            dtype, rank = np.dtype(IDX_TYPES[head[2]]), head[3]
            sizes = file.read(4 * rank)
            if len(sizes) < 4 * rank:
                raise DataError(f"{path.name}: 머리글이 중간에 잘렸습니다.")
            shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
            expected = dtype.itemsize
            for size in shape:
                expected *= size
            if expected > limit:
                raise DataError(f"{path.name}: 머리글에 적힌 크기({expected:,}바이트)가 너무 큽니다.")
            body = file.read(expected + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: 압축 파일이 상했거나 중간에 잘렸습니다. ({error})") from error
    if len(body) != expected:
        what = "중간에 잘렸습니다" if len(body) < expected else "머리글에 적힌 것보다 깁니다"
        raise DataError(f"{path.name}: {what}. 데이터가 {expected:,}바이트여야 합니다.")
    # 기계의 바이트 순서로 바꾸면서 복사하므로 마음대로 고칠 수 있는 배열이 됩니다.
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """npz 파일의 배열을 모두 읽습니다. 파이썬 객체가 든 파일은 코드를 실행할 수 있으므로 읽지 않습니다.

    Raises:
        DataError: npz가 아니거나, 상했거나, 파이썬 객체가 들어 있을 때.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        raise DataError(f"{path.name}: npz로 읽을 수 없습니다. ({error})") from error


def read_mosaic(path: Path, count: int, size: int = 28) -> np.ndarray:
    """작은 회색 사진을 바둑판처럼 붙여 놓은 그림 한 장을 다시 낱장으로 나눕니다.

    Args:
        path: 손실 없이 압축한 그림(webp나 png).
        count: 낱장의 수. 왼쪽 위부터 가로로 셉니다.
        size: 낱장 한 변의 픽셀 수.

    Returns:
        `(count, size, size)` uint8.
    """
    from PIL import Image

    with Image.open(path) as image:
        mosaic = np.asarray(image.convert("RGB"))[:, :, 0]
    rows, columns = mosaic.shape[0] // size, mosaic.shape[1] // size
    if rows * columns < count or mosaic.shape != (rows * size, columns * size):
        raise DataError(
            f"{path.name}: 그림 크기 {mosaic.shape}에서 {size}×{size} 사진 {count:,}장을 꺼낼 수 없습니다."
        )
    tiles = mosaic.reshape(rows, size, columns, size).swapaxes(1, 2).reshape(-1, size, size)
    return np.ascontiguousarray(tiles[:count])


# --- 압축 꾸러미 -------------------------------------------------------------------------------------------------


def unpack(
    archive: Path, folder: Path, *, max_bytes: int = MAX_ARCHIVE_BYTES, max_files: int = MAX_ARCHIVE_FILES
) -> Path:
    """zip이나 tar 꾸러미를 `folder`에 풉니다. 다 풀린 뒤에야 그 이름이 생기므로 반쪽 폴더는 남지 않습니다.

    Args:
        archive: zip, tar, tar.gz, tar.bz2, tar.xz 파일.
        folder: 새로 만들 폴더. 이미 있으면 다시 풀지 않고 그대로 씁니다. 푼 뒤에 크기가 달라졌으면 다시 풉니다.
        max_bytes: 푼 파일의 크기를 모두 더한 한계. 머리글이 아니라 실제로 나온 바이트를 셉니다.
        max_files: 파일 수의 한계.

    Returns:
        `folder`.

    Raises:
        DataError: 꾸러미가 상했거나, 바깥으로 빠져나가는 이름이나 링크가 있거나, 한계를 넘을 때.
            이때는 아무 파일도 남지 않습니다.
    """
    if folder.is_dir():
        size = folder / UNPACKED_SIZE
        if not size.exists() or size.read_text(encoding="ascii") == str(_bytes_in(folder)):
            return folder
        shutil.rmtree(folder)  # 누가 지우거나 고쳤습니다.
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(4)}")
    scratch.mkdir()
    try:
        left = max_bytes
        for number, (name, is_folder, opened) in enumerate(_members(archive), start=1):
            if number > max_files:
                raise DataError(f"{archive.name}: 파일이 {max_files:,}개보다 많아서 풀지 않습니다.")
            target = scratch.joinpath(*_safe_parts(name, archive))
            if is_folder:
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as source, target.open("xb") as output:
                while chunk := source.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise DataError(f"{archive.name}: 풀면 {max_bytes:,}바이트가 넘어서 풀지 않습니다.")
                    output.write(chunk)
        # 폴더와 함께 제자리에 나타나므로, 다른 프로그램이 쓰다 만 크기를 읽는 일은 없습니다.
        (scratch / UNPACKED_SIZE).write_text(str(_bytes_in(scratch)), encoding="ascii")
        try:
            scratch.rename(folder)
        except OSError:
            if not folder.is_dir():  # 다른 프로그램이 먼저 풀어 놓았으면 그것을 씁니다.
                raise
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        FileExistsError,
    ) as error:
        raise DataError(f"{archive.name}: 압축 꾸러미를 풀 수 없습니다. ({error})") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _bytes_in(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.name != UNPACKED_SIZE)
    return sum(path.stat().st_size for path in files if path.is_file())


Member = tuple[str, bool, Callable[[], IO[bytes]]]


def _members(archive: Path) -> Iterator[Member]:
    """꾸러미의 (이름, 폴더인지, 여는 함수)를 차례로 냅니다. 링크와 장치 파일은 거절합니다."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise DataError(f"{archive.name}: 링크가 들어 있어서 풀지 않습니다. ({info.filename})")
                yield info.filename, info.is_dir(), lambda info=info: zipped.open(info)  # type: ignore[misc]
        return
    with tarfile.open(archive, "r:*") as tarred:
        for member in tarred:
            if not (member.isfile() or member.isdir()):
                raise DataError(
                    f"{archive.name}: 링크나 장치 파일이 들어 있어서 풀지 않습니다. ({member.name})"
                )
            yield member.name, member.isdir(), lambda member=member: tarred.extractfile(member)  # type: ignore[misc]


def _safe_parts(name: str, archive: Path) -> tuple[str, ...]:
    """꾸러미 안의 이름을 폴더 이름들로 나눕니다. 어느 운영체제에서든 바깥을 가리킬 수 있으면 거절합니다."""
    windows = PureWindowsPath(name)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if (
        windows.drive
        or windows.root
        or ":" in name
        or "\0" in name
        or ".." in parts
        or not name.strip("./\\")
    ):
        if PurePosixPath(name) == PurePosixPath("."):
            return ()
        raise DataError(f"{archive.name}: 바깥 폴더로 빠져나가는 이름이 있어서 풀지 않습니다. ({name!r})")
    return parts


# --- 독자가 가져온 파일 -------------------------------------------------------------------------------------------


def read_image_folder(
    folder: Path, size: tuple[int, int], *, limit: int | None = None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """그림 폴더를 읽습니다. 아래 폴더 하나가 클래스 하나입니다: `꽃/장미/001.jpg`, `꽃/튤립/001.jpg`.

    Args:
        folder: 클래스 폴더들이 든 폴더. 클래스의 차례는 폴더 이름의 가나다(유니코드) 차례입니다.
        size: (높이, 너비). 사진의 가운데를 이 비율로 잘라 낸 다음 줄입니다.
        limit: 클래스마다 이름 차례로 이만큼만 읽습니다. 없으면 모두 읽습니다.

    Returns:
        사진 `(장수, 높이, 너비, 3)` uint8, 정답 `(장수,)` int64, 클래스 이름.

    Raises:
        DataError: 클래스 폴더가 없거나, 빈 클래스가 있거나, 읽을 수 없는 그림이 있을 때.
    """
    from PIL import Image, ImageOps

    if not folder.is_dir():
        raise DataError(f"그림 폴더가 없습니다: {folder}")
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not classes:
        raise DataError(f"{folder}: 클래스마다 폴더를 하나씩 두고 그 안에 그림을 넣으세요.")
    images, labels = [], []
    for label, entry in enumerate(classes):
        paths = sorted(path for path in entry.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)[:limit]
        if not paths:
            raise DataError(f"{entry}: 그림이 하나도 없습니다.")
        for path in paths:
            try:
                with Image.open(path) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
                    images.append(np.asarray(ImageOps.fit(upright, (size[1], size[0]))))
            except (OSError, SyntaxError, Image.DecompressionBombError) as error:
                raise DataError(f"{path}: 그림을 읽을 수 없습니다. ({error})") from error
            labels.append(label)
    return np.stack(images), np.array(labels, np.int64), [entry.name for entry in classes]


def read_table(path: Path, columns: tuple[str, ...], *, delimiter: str = "\t") -> list[tuple[str, ...]]:
    """첫 줄에 열 이름이 있는 표에서 몇 열만 꺼냅니다. gzip으로 압축한 것도 읽습니다.

    Args:
        path: UTF-8로 저장한 표. 따옴표를 특별히 다루지 않습니다.
        columns: 꺼낼 열의 이름.
        delimiter: 칸을 나누는 글자.

    Returns:
        줄마다 `columns` 차례의 글자 묶음.

    Raises:
        DataError: 열이 없거나, 칸이 모자란 줄이 있거나, UTF-8이 아닐 때.
    """
    try:
        with open_plain(path) as file:
            text = file.read().decode("utf-8-sig")
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: UTF-8로 저장한 표가 아니거나 파일이 상했습니다. ({error})") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    names = next(reader, [])
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(
            f"{path.name}: 열 {', '.join(missing)}이(가) 없습니다. 첫 줄의 열: {', '.join(names)}"
        )
    places = [names.index(name) for name in columns]
    rows = []
    for number, row in enumerate(reader, start=2):
        if len(row) <= max(places):
            raise DataError(f"{path.name} {number}째 줄: 칸이 모자랍니다.")
        rows.append(tuple(row[place] for place in places))
    return rows


def user_path(*parts: str) -> Path | None:
    """독자가 `DLKO_DATA_DIR` 폴더에 가져다 둔 파일이나 폴더. 없으면 None입니다.

    예: `user_path("flowers")`는 `DLKO_DATA_DIR`이 가리키는 폴더의 `flowers`입니다.
    """
    root = os.environ.get("DLKO_DATA_DIR")
    if not root:
        return None
    path = Path(root).expanduser().joinpath(*parts)
    return path if path.exists() else None
