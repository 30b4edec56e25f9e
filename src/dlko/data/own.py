"""독자가 가져온 표: 글의 표(TSV, CSV)와 지문자 사진의 표(CSV). 고쳐 읽거나 뺀 것은 몇 개인지 한 줄로 알립니다."""

import csv
import io
import re
import sys
import unicodedata
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from dlko.data.fetch import say
from dlko.data.formats import open_plain
from dlko.data.photos import SIDE, Own, read_photos
from dlko.data.spec import DataError, Part
from dlko.data.tables import read_text, strip_invisible

LETTERS = "ABCDEFGHIKLMNOPQRSTUVWXY"  # 지문자. J와 Z는 손을 움직이는 글자라서 사진 한 장에 담기지 않습니다.
LETTER_SIDE = 28

LABELS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
EXCEL_QUOTED = re.compile(
    r'"(?:[^"]|"")*"'
)  # 엑셀은 따옴표가 든 칸을 따옴표로 싸고 안의 따옴표를 겹쳐 씁니다.


def read_own(paths: Sequence[Path], side: int = SIDE) -> Own:
    """파일이 둘이면 훈련과 테스트의 표, 하나면 사진 폴더나 묶음입니다. `side`는 사진 한 변의 픽셀 수입니다."""
    if len(paths) == 2 and any(_is_letters(path) for path in paths):
        return Own((read_letters(paths[0]), read_letters(paths[1])), tuple(LETTERS))
    if len(paths) == 2:
        train, test = read_reviews(paths[0]), read_reviews(paths[1])
        if shared := len(set(train[0]) & set(test[0])):
            say(
                f"데이터 알림: {paths[1].name}의 글 가운데 {shared:,}가지가 {paths[0].name}에도 있어 점수가 실제보다 좋게 "
                "나옵니다."
            )
        return Own((train, test), counter="개")
    return read_photos(paths[0], side)


# --- 글의 표 -----------------------------------------------------------------------------------------------------


def read_reviews(path: Path) -> Part:
    """NSMC와 같은 꼴의 표를 읽습니다: 탭이나 쉼표로 나눈 열 id, document, label. gzip으로 압축해도 됩니다.

    Returns:
        글 `(개수,)` object와 정답 `(개수,)` int64(0이나 1). 본문이 빈 줄은 뺍니다.

    Raises:
        DataError: 파일이 없거나, 글자를 알아볼 수 없거나, 열이 다르거나, label이 0과 1이 아니거나 한 가지뿐일 때.
    """
    text = read_text(path)
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
        if any(_swallows_a_row(document) for document, _ in rows):
            raise problem from None
    kept = [(document, label) for document, label in rows if strip_invisible(document)]
    if len(kept) < len(rows):
        say(f"데이터 알림: {path.name}에서 본문이 빈 {len(rows) - len(kept):,}줄을 뺐습니다.")
    if len({label for _, label in kept}) < 2:
        raise DataError(f"{path.name}: label이 0인 글과 1인 글이 모두 있어야 합니다.")
    texts, labels = zip(*kept, strict=True)
    return np.array(texts, dtype=object), np.array(labels, dtype=np.int64)


def _swallows_a_row(document: str) -> bool:
    """짝이 없는 따옴표가 다음 줄들을 한 칸으로 삼킨 흔적: 글 속의 한 줄이 정답으로 시작하거나 끝납니다."""
    lines = document.splitlines()
    return any(re.search(r"[\t,]\s*[01](?:\.0)?\s*$", line) for line in lines[:-1])


def _read_rows(name: str, text: str, quoting: Literal[0, 3]) -> list[tuple[str, int]]:
    """줄마다 (글, 정답). 본문이 비어도 남깁니다."""
    csv.field_size_limit(sys.maxsize)
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    rows = []
    try:
        columns = [strip_invisible(column) for column in next(reader, [])]
        missing = [column for column in ("document", "label") if column not in columns]
        if missing:
            raise DataError(
                f"{name}: 열 {', '.join(missing)}이(가) 없습니다. 첫 줄의 열: {', '.join(columns)}"
            )
        for row in reader:
            if not any(strip_invisible(cell) for cell in row):
                continue
            if len(row) != len(columns):
                raise DataError(
                    f"{name} {reader.line_num}째 줄: 칸이 {len(columns)}개가 아니라 {len(row)}개입니다."
                )
            cells = dict(zip(columns, row, strict=True))
            label = LABELS.get(strip_invisible(unicodedata.normalize("NFKC", cells["label"])))
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
