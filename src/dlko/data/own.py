"""독자가 가져온 파일: 글의 표(TSV, CSV), 지문자 사진의 표(CSV), 사진 폴더. 고쳐 읽거나 뺀 것은 몇 개인지 한 줄로 알립니다."""

import csv
import hashlib
import io
import re
import sys
import unicodedata
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from dlko.data.fetch import say, unpack_to_cache
from dlko.data.formats import open_plain
from dlko.data.spec import Data, DataError, Part

SIDE = 128  # 사진을 불러올 때의 한 변. 더 작게 쓰려면 노트북에서 줄입니다.
FLOWER_NAMES = dict(daisy="데이지", dandelion="민들레", roses="장미", sunflowers="해바라기", tulips="튤립")
# 폴더 이름이 단수인 것도 알아봅니다.
KOREAN = FLOWER_NAMES | {name.removesuffix("s"): korean for name, korean in FLOWER_NAMES.items()}

LETTERS = "ABCDEFGHIKLMNOPQRSTUVWXY"  # 지문자. J와 Z는 손을 움직이는 글자라서 사진 한 장에 담기지 않습니다.
LETTER_SIDE = 28

INVISIBLE = " \t\r\n\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff"
LABELS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
EXCEL_QUOTED = re.compile(
    r'"(?:[^"]|"")*"'
)  # 엑셀은 따옴표가 든 칸을 따옴표로 싸고 안의 따옴표를 겹쳐 씁니다.

JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")
TRAIN_FOLDERS = ("train", "training", "훈련")
TEST_FOLDERS = ("test", "testing", "테스트", "validation", "valid", "val", "검증")


@dataclass(frozen=True)
class Own:
    """가져온 파일을 읽은 것. 표에는 클래스 이름이 없습니다."""

    data: Data
    class_names: tuple[str, ...] = ()
    counter: str = "장"


def read_own(paths: Sequence[Path], side: int = SIDE) -> Own:
    """파일이 둘이면 훈련과 테스트의 표, 하나면 사진 폴더나 묶음입니다. `side`는 사진 한 변의 픽셀 수입니다."""
    if len(paths) == 2 and any(_is_letters(path) for path in paths):
        return Own((read_letters(paths[0]), read_letters(paths[1])), tuple(LETTERS))
    if len(paths) == 2:
        return Own((read_reviews(paths[0]), read_reviews(paths[1])), counter="개")
    return read_photos(paths[0], side)


# --- 글의 표 -----------------------------------------------------------------------------------------------------


def read_reviews(path: Path) -> Part:
    """NSMC와 같은 꼴의 표를 읽습니다: 탭이나 쉼표로 나눈 열 id, document, label. gzip으로 압축해도 됩니다.

    Returns:
        글 `(개수,)` object와 정답 `(개수,)` int64(0이나 1). 본문이 빈 줄은 뺍니다.

    Raises:
        DataError: 파일이 없거나, 글자를 알아볼 수 없거나, 열이 다르거나, label이 0과 1이 아니거나 한 가지뿐일 때.
    """
    text = _decode(path)
    try:
        rows = _read_rows(path.name, text, csv.QUOTE_NONE)
        quoted = [document for document, _ in rows if '"' in document]
        if quoted and all(EXCEL_QUOTED.fullmatch(document) for document in quoted):
            rows = _read_rows(path.name, text, csv.QUOTE_MINIMAL)
    except DataError as problem:
        try:  # 따옴표로 싼 칸 안에서 줄을 바꾼 표
            rows = _read_rows(path.name, text, csv.QUOTE_MINIMAL)
        except DataError:
            raise problem from None
    kept = [(document, label) for document, label in rows if document.strip(INVISIBLE)]
    if len(kept) < len(rows):
        say(f"데이터 알림: {path.name}에서 본문이 빈 {len(rows) - len(kept):,}줄을 뺐습니다.")
    if len({label for _, label in kept}) < 2:
        raise DataError(f"{path.name}: label이 0인 글과 1인 글이 모두 있어야 합니다.")
    texts, labels = zip(*kept, strict=True)
    return np.array(texts, dtype=object), np.array(labels, dtype=np.int64)


def _decode(path: Path) -> str:
    try:
        with open_plain(path) as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"글의 표를 읽을 수 없습니다: {path} ({error})") from error
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            say(f"데이터 알림: {path.name}은(는) {encoding.upper()}로 저장한 표라서 그렇게 읽었습니다.")
        return text
    raise DataError(f"{path.name}: 글자를 알아볼 수 없습니다. 표를 UTF-8로 다시 저장해 주세요.")


def _read_rows(name: str, text: str, quoting: Literal[0, 3]) -> list[tuple[str, int]]:
    """줄마다 (글, 정답). 본문이 비어도 남깁니다."""
    csv.field_size_limit(sys.maxsize)
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    rows = []
    try:
        columns = [column.strip(INVISIBLE) for column in next(reader, [])]
        missing = [column for column in ("document", "label") if column not in columns]
        if missing:
            raise DataError(
                f"{name}: 열 {', '.join(missing)}이(가) 없습니다. 첫 줄의 열: {', '.join(columns)}"
            )
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(columns):
                raise DataError(
                    f"{name} {reader.line_num}째 줄: 칸이 {len(columns)}개가 아니라 {len(row)}개입니다."
                )
            cells = dict(zip(columns, row, strict=True))
            label = LABELS.get(unicodedata.normalize("NFKC", cells["label"]).strip(INVISIBLE))
            if label is None:
                wrong = f"label은 0(부정)이나 1(긍정)이어야 하는데 {cells['label']!r}입니다."
                raise DataError(f"{name} {reader.line_num}째 줄: {wrong}")
            rows.append((cells["document"].strip(), label))
    except csv.Error as error:
        raise DataError(f"{name} {reader.line_num}째 줄을 읽을 수 없습니다. ({error})") from error
    return rows


# --- 지문자 사진의 표 --------------------------------------------------------------------------------------------


def _is_letters(path: Path) -> bool:
    """Sign Language MNIST의 표인지. 이름이나 첫 줄을 보고 압니다."""
    try:
        with open_plain(path) as file:
            first = file.read(16)
    except (OSError, EOFError, zlib.error):
        first = b""
    return path.name.startswith("sign_mnist") or first.lstrip(b"\xef\xbb\xbf").startswith(b"label,pixel")


def read_letters(path: Path) -> Part:
    """Sign Language MNIST와 같은 꼴의 표를 읽습니다: 쉼표로 나눈 열 label, pixel1, …, pixel784. gzip으로 압축해도 됩니다.

    Returns:
        사진 `(장수, 28, 28)` uint8과 정답 `(장수,)` uint8. 표의 label은 A를 0, Z를 25로 적어 9(J)와 25(Z)가 비어 있습니다.
        정답은 빈 번호가 없도록 당겨 0에서 23까지이고, 차례는 `LETTERS`입니다.

    Raises:
        DataError: 표를 읽을 수 없거나, 열이 다르거나, 빈 자리나 수가 아닌 값이 있거나, 값이 0에서 255를 벗어나거나, label이
            지문자의 번호가 아닐 때.
    """
    import pandas as pd  # 불러오는 데 오래 걸려 필요할 때 불러옵니다.

    wanted = ["label", *(f"pixel{number}" for number in range(1, LETTER_SIDE**2 + 1))]
    try:
        with open_plain(path) as file:
            table = pd.read_csv(file, encoding="utf-8-sig", low_memory=False)
    except (OSError, EOFError, zlib.error, ValueError) as error:  # pandas의 오류는 ValueError입니다.
        raise DataError(f"지문자 사진의 표를 읽을 수 없습니다: {path} ({error})") from error
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        shown = f"{missing[0]} 등 {len(missing)}개" if len(missing) > 1 else missing[0]
        seen = ", ".join(map(str, table.columns[:3]))
        rule = "지문자 사진의 표에는 열 label과 pixel1, …, pixel784가 있어야 합니다."
        raise DataError(f"{path.name}: {rule} 없는 열: {shown}. 첫 줄의 앞부분: {seen}")
    if table.empty:
        raise DataError(f"{path.name}: 사진이 한 장도 없습니다.")
    numbers = table[wanted].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if 0 < numbers[:, 1:].max(initial=0) <= 1:
        say(f"데이터 알림: {path.name}은(는) 픽셀을 0에서 1로 적은 표라서 255를 곱해 읽었습니다.")
        numbers[:, 1:] = np.round(numbers[:, 1:] * 255)
    labels = numbers[:, 0]
    for wrong, rule in (
        (
            ~np.isfinite(numbers).all(axis=1),
            "빈 자리나 수가 아닌 값이 있습니다. 파일이 끝까지 받아졌는지 보세요.",
        ),
        ((numbers != np.round(numbers)).any(axis=1), "픽셀과 label은 정수여야 합니다."),
        (((numbers < 0) | (numbers > 255)).any(axis=1), "픽셀은 0에서 255까지여야 합니다."),
        ((labels > 24) | (labels == 9), "label은 0(A)에서 24(Y)까지이고, 9(J)와 25(Z)는 없어야 합니다."),
    ):
        if wrong.any():
            raise DataError(f"{path.name} {wrong.argmax() + 2}째 줄: {rule}")
    images = numbers[:, 1:].astype(np.uint8).reshape(-1, LETTER_SIDE, LETTER_SIDE)
    return images, (labels - (labels > 9)).astype(np.uint8)


# --- 사진 --------------------------------------------------------------------------------------------------------


def read_photos(path: Path, side: int = SIDE) -> Own:
    """클래스마다 폴더를 하나씩 둔 사진 폴더나, 그것을 묶은 zip이나 tar를 읽습니다.

    클래스마다 다섯에 하나를 테스트 세트로 뗍니다. 폴더가 `train`과 `test`(나 `validation`)로 나뉘어 있으면 그대로 씁니다.

    Returns:
        사진은 `(장수, side, side, 3)` uint8, 정답은 `(장수,)` int64. 클래스의 차례는 폴더 이름의 가나다 차례입니다.

    Raises:
        DataError: 사진 폴더가 아니거나, 클래스가 하나뿐이거나, 사진이 두 장이 안 되는 클래스가 있을 때.
    """
    folder = path
    if path.is_file():
        folder = unpack_to_cache(path, f"photos/{path.name.split('.')[0]}")
    if not folder.is_dir():
        raise DataError(f"사진 폴더도, 사진을 묶은 zip 파일도 아닙니다: {path}")
    while len(inside := _folders(folder)) == 1 and _folders(only := next(iter(inside.values()))[0]):
        folder = only  # 한 겹 더 싸인 꾸러미
    skipped: list[Path] = []
    split = _folder_named(inside, TRAIN_FOLDERS), _folder_named(inside, TEST_FOLDERS)
    if split[0] and split[1]:
        (images, labels, names, _), (x_test, y_test, others, _) = (
            _read_classes(p, side, skipped) for p in split if p
        )
        if names != others:
            raise DataError(f"{path}: {split[0].name}과 {split[1].name}의 클래스 폴더가 서로 다릅니다.")
        data = (images, labels), (x_test, y_test)
    else:
        images, labels, names, files = _read_classes(folder, side, skipped)
        test = held_out_fifth([hashlib.sha256(file.read_bytes()).hexdigest() for file in files], labels)
        data = (images[~test], labels[~test]), (images[test], labels[test])
    few = [name for label, name in enumerate(names) if np.sum(labels == label) < 2]
    if few or len(names) < 2:
        raise DataError(
            f"{path}: 클래스가 둘 이상이고 클래스마다 읽을 수 있는 사진이 두 장 이상이어야 합니다. "
            f"클래스: {', '.join(names)}. 사진이 모자란 클래스: {', '.join(few) or '없음'}."
        )
    if skipped:
        kinds = ", ".join(sorted({file.suffix.lower() or file.name for file in skipped}))
        say(
            f"데이터 알림: 그림으로 읽을 수 없는 파일 {len(skipped):,}개({kinds})를 뺐습니다. 예: {skipped[0]}"
        )
    return Own(data, tuple(KOREAN.get(name, name) for name in names))


def _visible(folder: Path) -> list[Path]:
    """운영체제가 남긴 파일을 뺀 것."""
    return [entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.name not in JUNK]


def _folders(folder: Path) -> dict[str, list[Path]]:
    """아래 폴더를 이름의 차례로. macOS는 한글을 자모로 풀어 적으므로 모아 적은 이름으로 합칩니다."""
    found: dict[str, list[Path]] = {}
    for entry in _visible(folder):
        if entry.is_dir():
            found.setdefault(unicodedata.normalize("NFC", entry.name), []).append(entry)
    return dict(sorted(found.items()))


def _folder_named(folders: dict[str, list[Path]], names: tuple[str, ...]) -> Path | None:
    lower = {name.lower(): paths[0] for name, paths in folders.items()}
    return next((lower[name] for name in names if name in lower), None)


def _read_classes(
    folder: Path, side: int, skipped: list[Path]
) -> tuple[np.ndarray, np.ndarray, list[str], list[Path]]:
    """클래스 폴더들의 (사진, 정답, 이름, 파일). 더 깊은 폴더의 사진도 읽고, 읽을 수 없는 파일은 `skipped`에 넣습니다."""
    images, labels, read, classes = [], [], [], _folders(folder)
    for label, (name, places) in enumerate(classes.items()):
        files = sorted(file for place in places for file in _files(place))
        for file in files:
            try:
                images.append(read_photo(file, side))
                labels.append(label)
                read.append(file)
            except DataError:
                skipped.append(file)
        if label not in labels:
            raise DataError(f"{folder / name}: 읽을 수 있는 그림이 하나도 없습니다.")
    if not images:
        raise DataError(f"{folder}: 클래스마다 폴더를 하나씩 두고 그 안에 그림을 넣으세요.")
    return np.stack(images), np.array(labels, np.int64), list(classes), read


def _files(folder: Path) -> list[Path]:
    return [p for e in _visible(folder) for p in (_files(e) if e.is_dir() else [e])]


def read_photo(path: Path, side: int) -> np.ndarray:
    """사진 한 장을 바로 세우고, 투명한 곳은 흰 바탕에 놓고, 가운데를 정사각형으로 잘라 줄입니다.

    Returns:
        `(side, side, 3)` uint8.

    Raises:
        DataError: 그림으로 읽을 수 없을 때.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 아주 큰 사진이나 팔레트의 투명도를 두고 Pillow가 하는 말
            with Image.open(path) as opened:
                image = ImageOps.exif_transpose(opened)
                if image.mode.startswith(
                    ("I", "F")
                ):  # 16비트나 실수인 회색. 값의 실제 범위를 0…255로 옮깁니다.
                    values = np.asarray(image, float)
                    top = next(t for t in (1, 255, 65535, values.max()) if values.max() <= t)
                    top = 65535 if image.mode.startswith("I;16") else top
                    image = Image.fromarray((values * (255 / top)).round().clip(0, 255).astype(np.uint8))
                if image.has_transparency_data:
                    image = image.convert("RGBA")
                    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
                return np.asarray(ImageOps.fit(image.convert("RGB"), (side, side)))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: 그림을 읽을 수 없습니다. ({error})") from error


def held_out_fifth(hashes: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """클래스마다 다섯에 하나를 테스트 세트로 고릅니다. 사진 **파일**의 해시로 정하므로 크기를 바꾸어 읽어도 같은 사진입니다.

    Args:
        hashes: 사진 파일마다의 SHA-256(16진수).
        labels: 정답 `(장수,)`.

    Returns:
        테스트 세트면 True인 `(장수,)`.
    """
    keys, test = np.array(hashes), np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        test[members[np.argsort(keys[members], kind="stable")[: max(1, round(len(members) / 5))]]] = True
    return test
