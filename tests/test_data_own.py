"""독자가 가져온 파일: 엑셀과 pandas가 저장한 표, 여러 컴퓨터에서 온 사진. 조용히 바꾸거나 빼지 않습니다."""

import gzip
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dlko
from dlko.data import CATALOGUE, load
from dlko.data.own import LETTERS, read_letters, read_reviews
from dlko.data.photos import held_out_fifth, read_photo, read_photos
from dlko.data.spec import DataError
from dlko.provenance import content_hash

TABLE = 'id\tdocument\tlabel\n1\t좋다 "정말"\t1\n2\t별로\t0\n3\t\t0\n'


pytestmark = pytest.mark.usefixtures("own_folders")


# --- 글의 표 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.encode(), ""),
        (("\ufeff" + TABLE).encode(), ""),
        (gzip.compress(TABLE.encode(), mtime=0), ""),
        (TABLE.encode("cp949"), "CP949"),
        (TABLE.encode("utf-16"), "UTF-16"),
        (TABLE.replace("\n", "\r\n").encode(), ""),
        (TABLE.replace("2\t", "\n2\t").encode(), ""),  # 가운데의 빈 줄
        (TABLE.replace("\t1\n", "\t1 \n").replace("\t0\n", "\t0.0\n").encode(), ""),
        (TABLE.replace("\t1\n", "\t１\n").encode(), ""),
        (TABLE.replace('좋다 "정말"', '"좋다 ""정말"""').encode(), ""),  # 엑셀
        (b'"id"\t"document"\t"label"\n1\t"' + '좋다 ""정말"""\t1\n2\t별로\t0\n3\t\t0\n'.encode(), ""),
        (TABLE.replace("\t\t", "\t\u200b\t").encode(), ""),  # 보이지 않는 글자뿐인 글
        ('id,document,label\n1,"좋다 ""정말""",1\n2,별로,0\n3,,0\n'.encode(), ""),
    ],
)
def test_tables_as_people_save_them(content: bytes, said: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "내 글.tsv"
    path.write_bytes(content)
    texts, labels = read_reviews(path)
    assert list(texts) == ['좋다 "정말"', "별로"] and labels.tolist() == [1, 0] and labels.dtype == np.int64
    out = capsys.readouterr().out
    assert "본문이 빈 1줄을 뺐습니다" in out and (not said or f"{said}로 저장한" in out)


def test_line_breaks_and_very_long_reviews(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(
        f'id\tdocument\tlabel\n1\t"첫 줄\n둘째 줄"\t1\n2\t{"가" * 140_000}\t0\n', encoding="utf-8"
    )
    assert [len(text) for text in read_reviews(path)[0]] == [8, 140_000]


def test_lonely_quotes_are_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('id\tdocument\tlabel\n1\t"재미있다\t1\n2\t별로"\t0\n', encoding="utf-8")
    assert list(read_reviews(path)[0]) == ['"재미있다', '별로"']


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("글\t정답\n좋다\t1\n", "document, label.*첫 줄의 열: 글, 정답"),
        ("id\tdocument\tlabel\n1\t좋다\t1\n2\t나쁘다\t5\n", "3째 줄.*'5'"),
        ("id\tdocument\tlabel\n1\t좋다\n", "2째 줄.*3개가 아니라 2개"),
        ("id\tdocument\tlabel\n1\t좋\t다\t1\n", "2째 줄.*3개가 아니라 4개"),
        ("id\tdocument\tlabel\n1\t좋다\t1\n", "모두 있어야"),
        ("id\tdocument\tlabel\n", "모두 있어야"),
        (b"\xff\x00\xff\xfe\x81", "UTF-8로 다시"),
        (gzip.compress(TABLE.encode(), mtime=0)[:-10], "ended before"),
    ],
    ids=["columns", "label", "few cells", "many cells", "one label", "empty", "encoding", "cut"],
)
def test_a_wrong_table_is_a_clear_error(content: str | bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError, match=rf"(?s)x\.tsv.*{reason}"):
        read_reviews(path)


# --- 지문자 사진의 표 --------------------------------------------------------------------------------------------

PIXELS = ",".join(f"pixel{number}" for number in range(1, 785))


def letter_table(*rows: tuple[object, object], head: str = f"label,{PIXELS}") -> str:
    """(label, 모든 픽셀에 넣을 값)의 줄들."""
    return "\n".join([head, *(",".join([str(label), *[str(value)] * 784]) for label, value in rows), ""])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (letter_table((0, 7), (10, 255), (24, 0)).encode(), ""),
        (("\ufeff" + letter_table((0, 7), (10, 255), (24, 0)).replace("\n", "\r\n")).encode(), ""),
        (gzip.compress(letter_table((0, 7), (10, 255), (24, 0)).encode(), mtime=0), ""),
        (letter_table((0, 7 / 255), (10, 1.0), (24, 0.0)).encode(), "255를 곱해"),
    ],
)
def test_letter_tables_as_people_save_them(content: bytes, said: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "sign_mnist_train.csv"
    path.write_bytes(content)
    images, labels = read_letters(path)
    assert (images.shape, images.dtype, labels.dtype) == ((3, 28, 28), np.uint8, np.uint8)
    assert images[:, 5, 9].tolist() == [7, 255, 0]
    assert [LETTERS[label] for label in labels] == ["A", "K", "Y"]  # J(9)가 비어 있으므로 10은 K입니다.
    out = capsys.readouterr().out
    assert said in out and bool(said) == bool(out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (letter_table((9, 0)), r"2째 줄: label은 .*9\(J\)"),
        (letter_table((0, 0), (25, 0)), r"3째 줄: label은"),
        (letter_table((0, 256)), r"2째 줄: 픽셀은 0에서 255까지"),
        (letter_table((0, -1)), r"2째 줄: 픽셀은 0에서 255까지"),
        (letter_table((0, 1.5)), r"2째 줄: .*정수"),
        (letter_table((0, 3), (1, "손")), r"3째 줄: 빈 자리나 수가 아닌 값"),
        (letter_table((0, 3), (1, 4))[:-5], r"3째 줄: 빈 자리.*끝까지 받아졌는지"),
        (letter_table(), r"한 장도 없습니다"),
        (letter_table((0, 3), head=f"label,{PIXELS}".replace(",pixel784", ",p784")), r"없는 열: pixel784"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", r"없는 열: label 등 785개.*git-lfs"),
        ("", r"읽을 수 없습니다"),
    ],
)
def test_letter_tables_that_cannot_be_used(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "sign_mnist_train.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        dlko.load_data((path, path))


def test_letter_tables_open_through_the_one_door(tmp_path: Path, monkeypatch, capsys) -> None:
    train, test = tmp_path / "sign_mnist_train.csv", tmp_path / "sign_mnist_test.csv"
    train.write_text(letter_table((0, 1), (24, 2)), encoding="utf-8")
    test.write_text(letter_table((3, 3)), encoding="utf-8")
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))
    for given in ("signs", (train, test)):
        (_, y_train), (x_test, y_test) = dlko.load_data(given)
        assert y_train.tolist() == [0, 23] and x_test.shape == (1, 28, 28) and y_test.tolist() == [3]
        assert dlko.data_source(given) == "user" and "".join(load.CLASS_NAMES[given]) == LETTERS
        assert "직접 가져온 파일 sign_mnist_train.csv, sign_mnist_test.csv" in capsys.readouterr().out
    # 이름이 달라도 첫 줄을 보고 압니다.
    renamed = train.rename(tmp_path / "내 손.csv")
    assert len(dlko.load_data((renamed, test))[0][0]) == 2
    monkeypatch.setenv("DLKO_DATA", "embedded")
    dlko.load_data("signs")
    assert "진짜 손의 사진이 아닙니다" in capsys.readouterr().out


# --- 사진 --------------------------------------------------------------------------------------------------------


def make_photos(folder: Path, count: int = 5, suffix: str = ".png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([count, *folder.name.encode()])
    for number in range(count):
        pixels = random.integers(0, 256, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}{suffix}")
    return folder


def make_classes(folder: Path, names: tuple[str, ...] = ("rose", "고양이"), count: int = 10) -> Path:
    for name in names:
        make_photos(folder / name, count)
    return folder


class Unflagged(zipfile.ZipInfo):
    """이름이 UTF-8이라는 표시가 없는 zip 항목."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self.encoding = encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(self.encoding), self.flag_bits


def zip_folder(folder: Path, archive: Path, names: str = "utf-8", flag: bool = True) -> Path:
    """폴더를 zip으로 묶습니다. `flag`가 False이면 이름의 인코딩을 알리는 표시를 뺍니다."""
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder.parent).as_posix()
                zipped.writestr(name if flag else Unflagged(name, names), path.read_bytes())
    return archive


def test_a_folder_and_a_zip_are_the_same(tmp_path: Path, capsys) -> None:
    folder = make_classes(tmp_path / "사진")
    archive = zip_folder(folder, tmp_path / "사진.zip")  # 한 겹 더 싸인 꾸러미
    (x_train, _), (x_test, y_test) = dlko.load_data(folder)
    assert x_train.shape == (16, 128, 128, 3) and x_train.dtype == np.uint8 and x_test.shape[0] == 4
    assert load.CLASS_NAMES[folder] == ["장미", "고양이"] and np.bincount(y_test).tolist() == [2, 2]
    assert dlko.data_source(folder) == "user"
    assert capsys.readouterr().out == "데이터: 직접 가져온 파일 사진(훈련 16장, 테스트 4장).\n"
    (again, _), (_, y_again) = dlko.load_data(str(archive))
    assert np.array_equal(again, x_train) and np.array_equal(y_again, y_test)


@pytest.mark.parametrize(("names", "flag"), [("utf-8", True), ("utf-8", False), ("cp949", False)])
def test_korean_names_in_zip_files(names: str, flag: bool, tmp_path: Path) -> None:
    folder = make_classes(tmp_path / "꽃", ("장미", "튤립"), 2)
    own = read_photos(zip_folder(folder, tmp_path / "a.zip", names, flag))
    assert own.class_names == ("장미", "튤립")


def test_names_from_macos_and_windows_are_one_class(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        make_classes(tmp_path / "꽃", tuple(unicodedata.normalize(form, n) for n in ("장미", "튤립")), 3)
    own = read_photos(tmp_path / "꽃")
    assert own.class_names == ("장미", "튤립")
    assert sum(len(labels) for _, labels in own.data) in (
        6,
        12,
    )  # 두 이름을 같은 폴더로 보는 파일 시스템도 있습니다.


def test_what_operating_systems_leave_behind_is_ignored(tmp_path: Path, capsys) -> None:
    folder = make_classes(tmp_path / "꽃", count=3)
    for junk in ("__MACOSX/rose/._0.png", ".DS_Store", "rose/._1.png", "rose/Thumbs.db", "desktop.ini"):
        (folder / junk).parent.mkdir(parents=True, exist_ok=True)
        (folder / junk).write_bytes(b"\0\5\x16\7")
    assert sum(len(labels) for _, labels in read_photos(folder).data) == 6
    assert capsys.readouterr().out == ""


def test_what_cannot_be_read_is_counted(tmp_path: Path, capsys) -> None:
    folder = make_classes(tmp_path / "동물", count=3)
    make_photos(folder / "rose" / "더 깊은 폴더", 2, ".jpg")
    (folder / "rose" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (folder / "rose" / "망가짐.jpg").write_bytes(b"broken")
    (folder / "고양이" / "메모.txt").write_text("그림이 아닙니다.", encoding="utf-8")
    own = read_photos(folder)
    assert sum(len(labels) for _, labels in own.data) == 8
    assert "읽을 수 없는 파일 3개(.heic, .jpg, .txt)를 뺐습니다" in capsys.readouterr().out


def test_a_folder_already_split(tmp_path: Path) -> None:
    make_classes(tmp_path / "train", ("개", "고양이"), 4)
    make_classes(tmp_path / "validation", ("개", "고양이"), 2)
    (x_train, _), (x_test, _) = read_photos(tmp_path).data
    assert len(x_train) == 8 and len(x_test) == 4
    make_photos(tmp_path / "validation" / "토끼")
    with pytest.raises(DataError, match="서로 다릅니다"):
        read_photos(tmp_path)


def test_too_few_photos_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="폴더를 하나씩"):
        read_photos(tmp_path)
    make_photos(tmp_path / "고양이", 3)
    with pytest.raises(DataError, match="클래스가 둘 이상"):
        read_photos(tmp_path)
    make_photos(tmp_path / "개", 1)
    with pytest.raises(DataError, match="모자란 클래스: 개"):
        read_photos(tmp_path)
    (tmp_path / "빈 클래스").mkdir()
    with pytest.raises(DataError, match="하나도"):
        read_photos(tmp_path)


def test_classes_keep_their_colours_and_order(tmp_path: Path) -> None:
    for name, colour in (("튤립", (255, 0, 0)), ("장미", (0, 255, 0))):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (40, 20), colour).save(tmp_path / name / f"{number}.png")
    own = read_photos(tmp_path, side=16)
    (images, labels), _ = own.data
    assert own.class_names == ("장미", "튤립") and labels.tolist() == [0, 0, 1, 1]
    assert images[0, 8, 8].tolist() == [0, 255, 0] and images[3, 8, 8].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("L", (9, 9), 100), 100),
        (Image.new("1", (9, 9), 1), 255),
        (Image.fromarray(np.full((9, 9), 25_700, np.uint16)), 100),  # 16비트 회색
        (Image.new("LA", (9, 9), (0, 0)), 255),  # 투명하면 흰 바탕
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), 255),
        (Image.new("CMYK", (9, 9), (0, 0, 0, 0)), 255),
    ],
    ids=["L", "1", "I;16", "LA", "RGBA", "CMYK"],
)
def test_every_colour_mode_keeps_its_range(image: Image.Image, expected: int, tmp_path: Path) -> None:
    path = tmp_path / ("a.tif" if image.mode == "CMYK" else "a.png")
    image.save(path)
    assert np.unique(read_photo(path, 8)).tolist() == [expected]


def test_photos_are_upright_and_quiet(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:20] = 255  # 위쪽 반이 흽니다.
    exif = Image.Exif()
    exif[0x0112] = 6  # 시계 방향으로 90도 돌려 보라는 표시
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif)
    photo = read_photo(tmp_path / "a.jpg", 20)
    assert photo[:, 15:].mean() > 200 and photo[:, :5].mean() < 50
    Image.new("P", (10, 10)).save(tmp_path / "b.png", transparency=b"\0" * 10)
    Image.new("L", (9_600, 9_600)).save(tmp_path / "c.png")  # 9,200만 픽셀
    for name in ("b.png", "c.png"):
        read_photo(tmp_path / name, 8)
    assert not recwarn.list


def test_split_does_not_depend_on_the_order_or_the_side(tmp_path: Path) -> None:
    hashes, labels = np.array([f"{number * 7919 % 50:02x}" for number in range(50)]), np.arange(50) % 5
    test = held_out_fifth(hashes, labels)
    turned = np.random.default_rng(1).permutation(50)
    assert np.array_equal(held_out_fifth(hashes[turned], labels[turned]), test[turned])
    assert np.bincount(labels[test]).tolist() == [2] * 5
    folder = make_classes(tmp_path / "사진", count=10)
    large, small = (read_photos(folder, side).data[1] for side in (64, 16))
    assert large[0].shape[1:] == (64, 64, 3) and small[0].shape[1:] == (16, 16, 3)
    for one, other in zip(large[0], small[0], strict=True):
        assert abs(one.mean() - other.mean()) < 3


# --- DLKO_DATA와 DLKO_DATA_DIR ------------------------------------------------------------------------------------


def bring_everything(folder: Path) -> Path:
    make_classes(folder / "flowers", count=3)
    for part in ("train", "test"):
        (folder / f"reviews_{part}.tsv").write_text(TABLE, encoding="utf-8")
    return folder


def test_auto_uses_what_was_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    records = []
    monkeypatch.setattr(load, "record", lambda key, entry: records.append(entry))
    monkeypatch.setenv("DLKO_DATA_DIR", str(bring_everything(tmp_path / "mine")))
    (texts, labels), (others, answers) = dlko.load_data("reviews")
    assert len(texts) == 2 and dlko.data_source("reviews") == "user"
    assert len(dlko.load_data("flowers")[0][0]) == 4 and load.CLASS_NAMES["flowers"] == ["장미", "고양이"]
    assert [entry["name"] for entry in records] == ["reviews", "flowers"]
    assert records[0]["sha256"] == content_hash(texts, labels, others, answers)
    out = capsys.readouterr().out
    assert "직접 가져온 파일 reviews_train.tsv, reviews_test.tsv(훈련 2개, 테스트 2개)." in out


def test_embedded_ignores_what_was_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("DLKO_DATA_DIR", str(bring_everything(tmp_path / "mine")))
    monkeypatch.setenv("DLKO_DATA", "embedded")
    assert len(dlko.load_data("reviews")[0][0]) == 6_000 and dlko.data_source("reviews") == "embedded"
    assert "지어낸" in capsys.readouterr().out
    with pytest.raises(DataError, match="들어 있지 않습니다"):
        dlko.load_data("flowers")


def test_official_refuses_what_was_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLKO_DATA_DIR", str(bring_everything(tmp_path / "mine")))
    monkeypatch.setenv("DLKO_DATA", "official")
    for name, file in (("reviews", "reviews_train.tsv"), ("flowers", "flowers")):
        with pytest.raises(DataError, match=rf"가져온 파일\({file}.*auto로 두세요"):
            dlko.load_data(name)


@pytest.mark.parametrize("mode", ["auto", "official", "embedded"])
def test_a_path_in_the_call_is_always_honoured(mode: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DLKO_DATA", mode)
    bring_everything(tmp_path)
    pair = (str(tmp_path / "reviews_train.tsv"), tmp_path / "reviews_test.tsv")
    for given, count in ((pair, 2), (list(pair), 2), (tmp_path / "flowers", 4)):
        assert len(dlko.load_data(given)[0][0]) == count
        assert dlko.data_source(given) == "user"


def test_the_official_archive_is_not_taken_for_brought_photos(tmp_path: Path, monkeypatch) -> None:
    """`make data`가 만든 flowers 폴더에는 사진이 아니라 공식 꾸러미가 있습니다."""
    make_classes(tmp_path / "flowers", count=3)
    (tmp_path / "flowers" / CATALOGUE["flowers"].files[0].filename).write_bytes(b"")
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))
    with pytest.raises(DataError, match="들어 있지 않습니다"):
        dlko.load_data("flowers")


def test_missing_files_and_home_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (("~/a.tsv", "~/b.tsv"), tmp_path / "없는 폴더", ("a", "b", "c")):
        with pytest.raises(DataError, match=r"모르는 데이터입니다.*없는 파일"):
            dlko.load_data(missing)
    monkeypatch.setenv("HOME", str(bring_everything(tmp_path / "집")))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "집"))
    assert len(dlko.load_data(("~/reviews_train.tsv", "~/reviews_test.tsv"))[0][0]) == 2
