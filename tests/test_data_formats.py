"""파일 형식: 상한 파일을 알아보고, 꾸러미가 바깥 폴더를 건드리지 못하게 합니다."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_server import idx_bytes

from dlko.data import formats
from dlko.data.spec import DataError

# --- idx ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 5, 3)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_round_trip(tmp_path: Path, shape: tuple[int, ...], pack) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    path = tmp_path / "a.gz"
    path.write_bytes(pack(idx_bytes(array)))
    read = formats.read_idx(path)
    assert read.dtype == np.uint8 and np.array_equal(read, array)
    read[0] = 0  # 마음대로 고칠 수 있는 배열입니다.


# --- 꾸러미 ------------------------------------------------------------------------------------------------------


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_unpack(tmp_path: Path, make) -> None:
    archive = make(tmp_path / "a", {"꽃/장미/1.txt": b"rose", "./b.txt": b"b", "점..점/c": b"c"})
    folder = formats.unpack(archive, tmp_path / "out" / "flowers")
    assert (folder / "꽃" / "장미" / "1.txt").read_bytes() == b"rose"
    assert (folder / "b.txt").read_bytes() == b"b" and (folder / "점..점" / "c").read_bytes() == b"c"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["flowers"]
    archive.unlink()
    assert formats.unpack(archive, folder) == folder  # 이미 풀었으면 다시 풀지 않습니다.


ESCAPES = [
    "../evil",
    "a/../../evil",
    "/evil",
    "\\evil",
    "..\\evil",
    "C:\\evil",
    "c:evil",
    "\\\\host\\evil",
    "a/b:x",
]


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("name", ESCAPES)
def test_escaping_names_are_refused(tmp_path: Path, make, name: str) -> None:
    inside = tmp_path / "deep" / "er"
    inside.mkdir(parents=True)
    archive = make(inside / "a", {"fine.txt": b"fine", name: b"evil"})
    with pytest.raises(DataError, match="빠져나가는"):
        formats.unpack(archive, inside / "out")
    assert sorted(tmp_path.rglob("*")) == sorted([tmp_path / "deep", inside, archive])
    assert not Path("/evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, "/etc"
        archive.addfile(info)
    with pytest.raises(DataError, match="링크"):
        formats.unpack(tmp_path / "a.tar", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_symbolic_link_in_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc")
        archive.writestr("link/evil", "evil")
    with pytest.raises(DataError, match="링크"):
        formats.unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_limits(tmp_path: Path, make) -> None:
    archive = make(tmp_path / "a", {f"{number}.txt": bytes(1000) for number in range(5)})
    with pytest.raises(DataError, match="너무 커서"):
        formats.unpack(archive, tmp_path / "out", max_bytes=4_999)
    with pytest.raises(DataError, match="너무 많거나"):
        formats.unpack(archive, tmp_path / "out", max_files=4)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    formats.unpack(archive, tmp_path / "out", max_bytes=5_000, max_files=5)


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("cut", [0.3, 0.7])
def test_truncated_archive(tmp_path: Path, make, cut: float) -> None:
    rng = np.random.default_rng(0)
    archive = make(tmp_path / "a", {"1": rng.bytes(5_000), "2": rng.bytes(5_000)})
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * cut)])
    with pytest.raises(DataError, match="풀 수 없습니다"):
        formats.unpack(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_password_is_a_sentence(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.txt": b"secret"})
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(signature) + offset] |= 1  # 암호가 걸렸다는 표시
    archive.write_bytes(content)
    with pytest.raises(DataError, match="암호"):
        formats.unpack(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_damaged_folder_is_unpacked_again(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tgz", {"1.txt": b"one", "2.txt": b"two"})
    folder = formats.unpack(archive, tmp_path / "out")
    (folder / "1.txt").unlink()
    assert (formats.unpack(archive, folder) / "1.txt").read_bytes() == b"one"
