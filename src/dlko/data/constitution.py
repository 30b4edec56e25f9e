"""대한민국헌법: 사람이 쓴 한국어 글. 저작권의 보호를 받지 않아 이 책에 넣었습니다."""

from dlko.checks import note_data
from dlko.data.spec import EMBEDDED_FOLDER

TABLE = EMBEDDED_FOLDER / "constitution.tsv"  # scripts/make_constitution.py가 만듭니다.


def load_constitution() -> list[tuple[str, str]]:
    """대한민국헌법(1987년)을 항마다 나누어 돌려줍니다.

    헌법은 저작권법 제7조에 따라 저작권의 보호를 받지 않습니다.

    Returns:
        (조, 글)의 목록. 조는 `"전문"`, `"제1조"`, `"부칙 제1조"` 같은 글입니다. 한 조에 항이 여럿이면 줄이 여럿입니다.
    """
    note_data("대한민국헌법(1987년 개정). 저작권법 제7조에 따라 저작권의 보호를 받지 않는 글입니다.")
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [(article, text) for article, text in (line.split("\t") for line in lines)]
