"""표를 담은 글 파일: 압축을 풀고, 글자의 인코딩을 알아내고, 보이지 않는 글자를 가려냅니다."""

import unicodedata
import zlib
from pathlib import Path

from dlko.data.fetch import say
from dlko.data.formats import open_plain
from dlko.data.spec import DataError

# 빈칸처럼 보이는 글자. 나머지(빈칸, 제어 문자, 서식 문자)는 유니코드의 갈래를 보고 압니다.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
SAVE_AS = "엑셀이나 한셀에서 '다른 이름으로 저장'을 골라 'CSV UTF-8' 꼴로 저장해 주세요."
# 앞의 몇 바이트로 알아보는, 글이 아닌 파일
NOT_TEXT = {
    b"\xd0\xcf\x11\xe0": f"엑셀이나 한글의 문서라서 표로 읽을 수 없습니다. {SAVE_AS}",
    b"PK\x03\x04": f"엑셀(xlsx)이나 zip 파일이라서 표로 읽을 수 없습니다. zip이면 풀고, 엑셀이면 이렇게 하세요. {SAVE_AS}",
    b"%PDF": "PDF라서 표로 읽을 수 없습니다. 표를 CSV로 받아 주세요.",
}


def read_text(path: Path) -> str:
    """글 파일을 읽습니다. gzip이어도 됩니다. UTF-8이 아니면 어떻게 읽었는지 알립니다.

    Raises:
        DataError: 파일을 읽을 수 없거나, 글이 아니거나, 글자를 알아볼 수 없을 때.
    """
    try:
        with open_plain(path) as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"글의 표를 읽을 수 없습니다: {path} ({error})") from error
    for magic, reason in NOT_TEXT.items():
        if content.startswith(magic):
            raise DataError(f"{path.name}: {reason}")
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp949" and _nearly_utf8(content):
            break
        if encoding != "utf-8-sig":
            shown = encoding.upper().removesuffix("-LE").removesuffix("-BE")
            say(f"데이터 알림: {path.name}은(는) {shown}로 저장한 표라서 그렇게 읽었습니다.")
        return text
    raise DataError(
        f"{path.name}: 글자를 알아볼 수 없습니다. 표를 UTF-8로 다시 저장해 주세요.{_where(content)}"
    )


def _encodings(content: bytes) -> tuple[str, ...]:
    """차례로 시도할 인코딩. 영어 글자 사이의 0은 UTF-16의 흔적입니다."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if content[:200].count(b"\0") > 5:
        return ("utf-16-le",) if content[1:2] == b"\0" else ("utf-16-be",)
    return ("utf-8-sig", "cp949")


def _nearly_utf8(content: bytes) -> bool:
    """몇 바이트만 깨진 UTF-8인지. 그런 글을 CP949로 읽으면 오류 없이 엉뚱한 글자가 됩니다."""
    letters = [letter for letter in content.decode("utf-8", "replace") if letter > "\x7f"]
    return letters.count("\ufffd") * 5 < len(letters)


def _where(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return f" UTF-8이 아닌 첫 글자는 {line}째 줄에 있습니다."
    return ""


def strip_invisible(text: str) -> str:
    """앞뒤의 빈칸과 보이지 않는 글자를 지웁니다. 가운데의 것(이모지를 잇는 글자 등)은 그대로 둡니다."""
    start, end = 0, len(text)
    while start < end and _invisible(text[start]):
        start += 1
    while end > start and _invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _invisible(letter: str) -> bool:
    return letter.isspace() or letter in BLANKS or unicodedata.category(letter) in ("Cc", "Cf", "Zs")
