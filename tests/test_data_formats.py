"""파일 형식: 상한 파일을 알아보고, 꾸러미가 바깥 폴더를 건드리지 못하게 합니다."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_server import idx_bytes
from PIL import Image

from dlko.data import formats
from dlko.data.errors import DataError

# --- idx와 npz ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 5, 3)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_round_trip(tmp_path: Path, shape: tuple[int, ...], pack) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    path = tmp_path / "a.gz"
    path.write_bytes(pack(idx_bytes(array)))
    read = formats.read_idx(path)
    assert read.dtype == np.uint8 and np.array_equal(read, array)


def test_idx_of_wide_numbers_is_in_native_order(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes([0, 0, 0x0C, 1, 0, 0, 0, 2]) + np.array([1, -70000], ">i4").tobytes())
    read = formats.read_idx(path)
    assert read.dtype == np.dtype("=i4") and read.tolist() == [1, -70000]


WHOLE = idx_bytes(np.zeros((4, 5), np.uint8))
PACKED = gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 256, (50, 50))))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "idx 형식이 아닙니다"),
        (b"<html>", "idx 형식이 아닙니다"),
        (b"\0\0\x07\x01\0\0\0\x01x", "idx 형식이 아닙니다"),
        (WHOLE[:9], "머리글이 중간에"),
        (WHOLE[:-1], "중간에 잘렸습니다"),
        (WHOLE + b"x", "깁니다"),
        (gzip.compress(WHOLE)[:-10], "상했거나 중간에"),
        (PACKED[:500] + b"\xff" * 500 + PACKED[1000:], "상했거나 중간에"),
        (bytes([0, 0, 8, 2]) + b"\xff" * 8, "너무 큽니다"),
    ],
    ids=["empty", "html", "type", "header", "short", "long", "gzip-cut", "gzip-bad", "huge"],
)
def test_broken_idx(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken-idx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason) as caught:
        formats.read_idx(path)
    assert "broken-idx" in str(caught.value)


def test_npz_with_python_objects_is_refused(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "executed",))

    np.savez(tmp_path / "bad.npz", a=np.array([Bomb()], dtype=object))
    with pytest.raises(DataError, match=r"bad\.npz"):
        formats.read_npz(tmp_path / "bad.npz")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04"])
def test_broken_npz(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.npz"):
        formats.read_npz(tmp_path / "bad.npz")


def test_hash_stops_at_a_decompression_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(5 << 20)))
    with formats.open_plain(path) as stream:
        assert formats.sha256_of(stream, limit=1000) == ""
        assert stream.tell() <= 2 << 20


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
    with pytest.raises(DataError, match="4,999바이트"):
        formats.unpack(archive, tmp_path / "out", max_bytes=4_999)
    with pytest.raises(DataError, match="4개보다"):
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


# --- 독자가 가져온 파일 -------------------------------------------------------------------------------------------


def test_image_folder(tmp_path: Path) -> None:
    for name, colour in (("튤립", (255, 0, 0)), ("장미", (0, 255, 0))):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (40, 20), colour).save(tmp_path / name / f"{number}.png")
    (tmp_path / "장미" / "메모.txt").write_text("그림이 아닌 파일은 지나칩니다.", encoding="utf-8")
    images, labels, names = formats.read_image_folder(tmp_path, (16, 24), limit=2)
    assert images.shape == (4, 16, 24, 3) and images.dtype == np.uint8
    assert names == ["장미", "튤립"] and labels.tolist() == [0, 0, 1, 1]
    assert images[0, 8, 12].tolist() == [0, 255, 0] and images[3, 8, 12].tolist() == [255, 0, 0]
    (tmp_path / "튤립" / "0.png").write_bytes(b"broken")
    with pytest.raises(DataError, match=r"0\.png"):
        formats.read_image_folder(tmp_path, (16, 24))


def test_image_folder_without_classes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="폴더를 하나씩"):
        formats.read_image_folder(tmp_path, (8, 8))
    with pytest.raises(DataError, match="없습니다"):
        formats.read_image_folder(tmp_path / "none", (8, 8))
    (tmp_path / "빈 클래스").mkdir()
    with pytest.raises(DataError, match="하나도"):
        formats.read_image_folder(tmp_path, (8, 8))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_table(tmp_path: Path, pack) -> None:
    text = '\ufeffid\tdocument\tlabel\n1\t"재미있다\t1\n2\t\t0\n'
    (tmp_path / "a.tsv").write_bytes(pack(text.encode()))
    rows = formats.read_table(tmp_path / "a.tsv", ("document", "label"))
    assert rows == [('"재미있다', "1"), ("", "0")]
    with pytest.raises(DataError, match="score"):
        formats.read_table(tmp_path / "a.tsv", ("score",))


def test_broken_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"id\tdocument\n1\n")
    with pytest.raises(DataError, match="2째 줄"):
        formats.read_table(path, ("document",))
    path.write_bytes("id\tdocument\n1\t재미".encode("cp949"))
    with pytest.raises(DataError, match="UTF-8"):
        formats.read_table(path, ("document",))


def test_user_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DLKO_DATA_DIR", raising=False)
    assert formats.user_path("flowers") is None
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))
    assert formats.user_path("flowers") is None
    (tmp_path / "flowers").mkdir()
    assert formats.user_path("flowers") == tmp_path / "flowers"
