"""독자가 가져온 사진과 꾸러미, 내려받아 둔 공식 파일. 조용히 바꾸거나 빼거나 이름을 잘못 붙이지 않습니다."""

import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from data_server import IMAGES, tiny_dataset, tiny_files
from PIL import Image

from dlko.data import fetch, load
from dlko.data.formats import name_encoding, unpack
from dlko.data.photos import my_photos, open_photo, read_photo, read_photos
from dlko.data.sets.mnist_format import other_names
from dlko.data.spec import DataError

pytestmark = pytest.mark.usefixtures("own_folders")


def put(*paths: Path) -> None:
    """서로 다른 작은 사진을 그 자리에 둡니다."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(list(str(path).encode()))
        Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(path)


def classes(folder: Path, *names: str, count: int = 3, suffix: str = ".png") -> Path:
    put(*(folder / name / f"{number}{suffix}" for name in names for number in range(count)))
    return folder


def total(own) -> int:
    return sum(len(labels) for _, labels in own.data)


# --- 폴더의 꼴 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("Training", "Test"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("train", "validation"),
        ("train", "val"),
        ("훈련", "검증"),
        ("꽃 학습", "꽃 시험"),
        ("dataset/train_set", "dataset/test_set"),
    ],
)
def test_folders_already_split(train: str, test: str, tmp_path: Path, capsys) -> None:
    classes(tmp_path / train, "개", "고양이", count=4)
    classes(tmp_path / test, "개", "고양이", count=2)
    own = read_photos(tmp_path, 8)
    assert own.class_names == ("개", "고양이")
    assert [len(labels) for _, labels in own.data] == [8, 4] and not capsys.readouterr().out


def test_a_folder_that_is_not_used_is_said(tmp_path: Path, capsys) -> None:
    for part in ("train", "valid", "test"):
        classes(tmp_path / part, "개", "고양이")
    put(tmp_path / "seg_pred" / "1.png")
    assert total(read_photos(tmp_path, 8)) == 12
    assert "쓰지 않은 폴더: seg_pred(1개), valid(6개)" in capsys.readouterr().out


def test_an_unlabelled_test_folder(tmp_path: Path) -> None:
    """Kaggle의 test 폴더에는 정답이 없습니다."""
    classes(tmp_path / "train", "개", "고양이")
    put(tmp_path / "test" / "1.png")
    with pytest.raises(DataError, match=r"클래스가 둘 이상|하나도 없습니다"):
        read_photos(tmp_path, 8)


def test_classes_hidden_one_level_deeper_are_not_mislabelled(tmp_path: Path) -> None:
    for year in ("2023년", "2024년"):
        classes(tmp_path / year, "개", "고양이")
    with pytest.raises(DataError, match=r"2023년, 2024년 폴더마다 같은 이름의 폴더\(개, 고양이\)"):
        read_photos(tmp_path, 8)


def test_photos_one_folder_deeper_belong_to_the_class(tmp_path: Path, capsys) -> None:
    classes(tmp_path, "개", "고양이")
    put(tmp_path / "개" / "여름" / "a.png", tmp_path / "개" / "겨울" / "더 안쪽" / "b.png")
    own = read_photos(tmp_path, 8)
    assert total(own) == 8 and own.class_names == ("개", "고양이") and not capsys.readouterr().out


def test_one_class_with_folders_inside_is_not_two_classes(tmp_path: Path) -> None:
    put(tmp_path / "고양이" / "1.png")
    classes(tmp_path / "고양이", "낮", "밤")
    with pytest.raises(DataError, match="클래스가 둘 이상"):
        read_photos(tmp_path, 8)


def test_photos_outside_the_classes_are_counted(tmp_path: Path, capsys) -> None:
    classes(tmp_path, "개", "고양이")
    put(tmp_path / "a.jpg", tmp_path / "b.png")
    (tmp_path / "읽어 주세요.txt").write_text("글")
    assert total(read_photos(tmp_path, 8)) == 6
    assert "클래스 폴더 밖에 있는 사진 2장" in capsys.readouterr().out


def test_copies_across_classes_and_parts_are_said(tmp_path: Path, capsys) -> None:
    classes(tmp_path / "train", "개", "고양이")
    classes(tmp_path / "test", "개", "고양이")
    for target in ("train/고양이/개.png", "test/개/베낀 것.png"):
        (tmp_path / target).write_bytes((tmp_path / "train/개/0.png").read_bytes())
    read_photos(tmp_path, 8)
    out = capsys.readouterr().out
    assert "서로 다른 클래스에 있습니다(1장). 예: 개/0.png, 고양이/개.png" in out
    assert "훈련과 테스트에 함께 있어" in out


@pytest.mark.parametrize(
    "junk", ["Thumbs.db", "THUMBS.DB", "desktop.ini", "@eaDir/x.jpg", "._0.png", "__macosx/a.png"]
)
def test_system_files_in_any_case(junk: str, tmp_path: Path, capsys) -> None:
    classes(tmp_path, "개", "고양이")
    for place in (tmp_path / junk, tmp_path / "개" / junk):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"\0\5\x16\7")
    assert total(read_photos(tmp_path, 8)) == 6 and not capsys.readouterr().out


def test_phone_photos_that_cannot_be_read_say_what_to_do(tmp_path: Path, capsys) -> None:
    classes(tmp_path, "개", "고양이")
    for number in range(7):
        (tmp_path / "개" / f"IMG_{number}.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    read_photos(tmp_path, 8)
    assert "7개(.heic)를 뺐습니다. 폴더마다: 개 7개. 예: IMG_0.HEIC. HEIC 사진은" in capsys.readouterr().out
    for path in (tmp_path / "개").glob("*.png"):
        path.unlink()
    with pytest.raises(DataError, match=r"개: 읽을 수 있는 그림이 하나도 없습니다. HEIC 사진은 .*JPG로"):
        read_photos(tmp_path, 8)


@pytest.mark.parametrize("suffix", [".jfif", ".avif", ".webp", ".bmp", ".JPG", ".tiff", ".jp2", ".gif"])
def test_kinds_of_files_that_phones_and_the_web_make(suffix: str, tmp_path: Path, capsys) -> None:
    classes(tmp_path, "개", "고양이", suffix=suffix)
    assert total(read_photos(tmp_path, 8)) == 6 and not capsys.readouterr().out


# --- 사진 한 장 --------------------------------------------------------------------------------------------------

GRAY16 = np.full((9, 9), 25_700, np.uint16)  # 25,700 / 65,535는 100 / 255입니다.


@pytest.mark.parametrize(
    ("name", "image", "options", "expected"),
    [
        ("16비트.tif", Image.fromarray(GRAY16), {}, 100),
        ("흰색이 0.tif", Image.fromarray(GRAY16), {"tiffinfo": {262: 0}}, 155),
        ("어두운 16비트.png", Image.fromarray(GRAY16 // 257), {}, 0),
        ("16비트.pgm", Image.fromarray(GRAY16), {}, 100),
        ("실수.tif", Image.fromarray(np.full((9, 9), 0.5, np.float32)), {}, 128),
        ("실수 255.tif", Image.fromarray(np.full((9, 9), 100, np.float32)), {}, 100),
        ("32비트.tif", Image.fromarray(np.full((9, 9), 25_700, np.int32)), {}, 100),
        ("LAB.tif", Image.new("LAB", (9, 9), (0, 128, 128)), {}, 0),
        ("YCbCr.tif", Image.new("YCbCr", (9, 9), (100, 128, 128)), {}, 100),
        ("CMYK.jpg", Image.new("CMYK", (9, 9), (0, 0, 0, 155)), {"quality": 100}, 100),
        ("팔레트.png", Image.new("P", (9, 9), 0), {"transparency": 0}, 255),
        ("팔레트.gif", Image.new("P", (9, 9), 0), {"transparency": 0}, 255),
        ("투명한 색.png", Image.new("RGB", (9, 9), (1, 2, 3)), {"transparency": (1, 2, 3)}, 255),
        ("반투명.png", Image.new("RGBA", (9, 9), (0, 0, 0, 128)), {}, 127),
        ("흑백.png", Image.new("1", (9, 9), 1), {}, 255),
        ("회색 투명.webp", Image.new("LA", (9, 9), (0, 0)).convert("RGBA"), {"lossless": True}, 255),
    ],
)  # fmt: skip
def test_every_mode_by_its_true_range(name, image, options, expected: int, tmp_path: Path, recwarn) -> None:
    image.save(tmp_path / name, **options)
    photo = read_photo(tmp_path / name, 8)
    assert photo.shape == (8, 8, 3) and np.abs(photo.astype(int) - expected).max() <= 1 and not recwarn.list


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_upright(orientation: int, tmp_path: Path) -> None:
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:20, :20] = 255  # 왼쪽 위만 흽니다.
    turns = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1), 7: np.rot90(upright.swapaxes(0, 1), 2), 8: np.rot90(upright, -1),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(turns[orientation]).save(tmp_path / "a.png", exif=exif)
    photo = read_photo(tmp_path / "a.png", 4)[..., 0]
    assert photo[0, 0] == 255 and photo[3, 3] == photo[0, 3] == photo[3, 0] == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"broken",
        b"\xff\xd8\xff\xe0" + bytes(60),
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 60,
        b"II*\0" + b"\xff" * 60,
    ],
)
def test_damaged_files_are_one_kind_of_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.jpg: 그림을 읽을 수 없습니다"):
        read_photo(tmp_path / "a.jpg", 8)


def test_values_without_a_range_are_not_guessed(tmp_path: Path) -> None:
    for value in (np.nan, -1.0):
        Image.fromarray(np.full((9, 9), value, np.float32)).save(tmp_path / "a.tif")
        with pytest.raises(DataError, match="범위를 알 수 없습니다"):
            read_photo(tmp_path / "a.tif", 8)


def test_damaged_exif_does_not_lose_the_photo(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "white").save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_photo(tmp_path / "a.jpg", 8).min() > 250


def test_a_photo_of_two_hundred_megapixels(tmp_path: Path, recwarn) -> None:
    Image.new("L", (16_320, 12_240), 90).save(tmp_path / "a.jpg", quality=30)
    assert abs(int(read_photo(tmp_path / "a.jpg", 8).mean()) - 90) < 5 and not recwarn.list
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)  # 압축 폭탄
    check = struct.pack(">I", zlib.crc32(header))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + check + data)
    with pytest.raises(DataError, match="exceeds limit"):
        read_photo(tmp_path / "b.png", 8)


def test_a_photo_to_draw_on_keeps_what_is_transparent(tmp_path: Path) -> None:
    """손글씨 장은 투명한 바탕에 흰 획을 그은 그림도 읽습니다. 흰 바탕을 깔면 획이 사라집니다."""
    picture = Image.new("RGBA", (9, 9), (0, 0, 0, 0))
    picture.putpixel((4, 4), (255, 255, 255, 255))
    picture.save(tmp_path / "a.png")
    opened = open_photo(str(tmp_path / "a.png"))
    assert opened.mode == "RGBA" and opened.getpixel((4, 4)) == (255, 255, 255, 255)
    (tmp_path / "a.heic").write_bytes(b"x")
    for wrong, reason in (("a.heic", "JPG로 바꾸어"), ("b.png", "No such file")):
        with pytest.raises(DataError, match=reason):
            open_photo(tmp_path / wrong)


def test_my_photos(tmp_path: Path, capsys) -> None:
    put(*(tmp_path / f"{number}.png" for number in range(8)))
    (tmp_path / "0.HEIC").write_bytes(b"x")
    assert list(my_photos(tmp_path, 8)) == [f"{number}.png" for number in range(6)]
    out = capsys.readouterr().out
    assert "읽을 수 없는 파일 1개(.heic)" in out and "쓰지 않은 사진: 2장" in out
    [photo] = my_photos(f' "{tmp_path / "1.png"}" ', 8).values()
    assert np.array_equal(photo, read_photo(tmp_path / "1.png", 8))
    for wrong, reason in (("없음.jpg", "없습니다"), ("0.HEIC", "읽을 수 없습니다")):
        with pytest.raises(DataError, match=reason):
            my_photos(tmp_path / wrong, 8)
    (tmp_path / "빈 폴더").mkdir()
    with pytest.raises(DataError, match="한 장도 없습니다"):
        my_photos(tmp_path / "빈 폴더")


# --- 꾸러미 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "encoding", "expected"),
    [
        (["장미", "튤립"], "utf-8", "utf-8"),
        (["장미", "튤립"], "cp949", "cp949"),
        (["책", "칼"], "cp949", "cp949"),  # UTF-8로도 읽히지만 "å"와 "Į"가 됩니다.
        (["뷁", "똠방각하"], "cp949", "cp949"),
        (["café"], "utf-8", "utf-8"),
        (["cafe\u0301"], "utf-8", "utf-8"),  # macOS
        (["rose", "tulip"], "ascii", "utf-8"),
        (["\xff\xfe"], "latin-1", "cp437"),
    ],
)
def test_the_encoding_of_names(names: list[str], encoding: str, expected: str) -> None:
    assert name_encoding([name.encode(encoding) for name in names]) == expected


def test_korean_names_in_old_tar_files(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "꽃.tar", "w", format=tarfile.GNU_FORMAT, encoding="cp949") as archive:
        for name in ("장미", "튤립"):
            for number in range(3):
                picture = io.BytesIO()
                Image.new("L", (8, 8), 40 * number).save(picture, "PNG")
                info = tarfile.TarInfo(f"{name}/{number}.png")
                info.size = len(picture.getvalue())
                archive.addfile(info, io.BytesIO(picture.getvalue()))
    assert read_photos(tmp_path / "꽃.tar", 8).class_names == ("장미", "튤립")


@pytest.mark.parametrize(("magic", "kind"), [(b"7z\xbc\xaf'\x1c", "7z"), (b"Rar!\x1a\7", "rar"), (b"ALZ\1", "alz"), (b"EGGA", "egg")])  # fmt: skip
def test_other_archives_are_named(magic: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "사진.zip").write_bytes(magic + bytes(40))
    with pytest.raises(DataError, match=rf"사진\.zip: {kind} 꾸러미는 풀 수 없습니다.*zip으로"):
        read_photos(tmp_path / "사진.zip", 8)


@pytest.mark.parametrize("method", [9, 97, 99])  # Deflate64, WavPack, AES
def test_methods_that_python_does_not_know(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.txt", b"secret")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        content[content.index(signature) + offset] = method
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DataError, match="다시 묶어 주세요"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


# --- 내려받아 둔 공식 파일 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("rename", ["plain", "dotted", "nested", "top", "official"])
def test_official_files_as_kaggle_holds_them(
    rename: str, packed: bool, tmp_path: Path, monkeypatch, capsys
) -> None:
    dataset = tiny_dataset(["http://127.0.0.1:9/"])
    contents = {name: gzip.decompress(content) for name, content in tiny_files().items()}
    files = tuple(replace(f, content_sha256=fetch.hashlib.sha256(contents[f.filename]).hexdigest(),
                          content_size=len(contents[f.filename]), other_names=other_names(f.filename))
                  for f in dataset.files)  # fmt: skip
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": replace(dataset, files=files)})
    for file in files:
        plain, dotted, _ = file.other_names
        place = {
            "plain": f"fashion/{plain}",
            "dotted": f"fashion/{dotted}{'.gz' * packed}",
            "nested": f"fashion/{plain}/{plain}",
            "top": plain,
            "official": f"fashion/{file.filename}",
        }[rename]
        path = tmp_path / "받은 것" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(contents[file.filename]) if packed else contents[file.filename])
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path / "받은 것"))
    load.load_data("fashion")
    out = capsys.readouterr().out
    assert load.data_source("fashion") == "official" and "DLKO_DATA_DIR 폴더" in out and "알림" not in out


def test_files_that_are_not_understood_are_named(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": tiny_dataset([])})
    folder = tmp_path / "받은 것" / "fashion"
    folder.mkdir(parents=True)
    (folder / "archive.zip").write_bytes(b"PK")
    (folder / IMAGES).write_bytes(b"wrong")
    monkeypatch.setenv("DLKO_DATA_DIR", f' "{tmp_path / "받은 것"}" ')
    load.load_data("fashion")
    out = capsys.readouterr().out
    assert "알아보지 못해 쓰지 않은 파일이 1개" in out and "archive.zip" in out and "해시가 다름" in out


def test_half_a_pair_and_rivals_are_said(tmp_path: Path, monkeypatch, capsys) -> None:
    table = "id\tdocument\tlabel\n1\t좋다\t1\n2\t별로\t0\n"
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))
    (tmp_path / "reviews_train.tsv").write_text(table, encoding="utf-8")
    load.load_data("reviews")
    assert "짝이 맞지 않아 쓰지 않은 파일이 있습니다: reviews_train.tsv" in capsys.readouterr().out
    (tmp_path / "reviews_test.tsv").write_text(table, encoding="utf-8")
    (tmp_path / "새_reviews_test.csv").write_text(table, encoding="utf-8")
    load.load_data("reviews")
    assert "여럿이라 쓰지 않은 파일이 있습니다: 새_reviews_test.csv" in capsys.readouterr().out


def test_links_to_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "받은 것"
    folder.mkdir()
    (folder / "없는 곳").symlink_to(tmp_path / "지운 폴더")
    (folder / "digits").symlink_to(tmp_path / "지운 폴더")
    monkeypatch.setenv("DLKO_DATA_DIR", str(folder))
    assert load.resolve_all()["digits"].source == "embedded"
    load.load_data("digits")
    monkeypatch.setenv("DLKO_DATA_DIR", str(folder / "없는 곳"))
    assert json.dumps(load.resolve_all()["DLKO_DATA_DIR"].digest)
