"""그림에 쓸 한글 글꼴(src/dlko/fonts)을 만듭니다.

npm 패키지 pretendard(SIL OFL 1.1)에서 KS X 1001의 한글 2,350자와 그림에 쓰는 기호만 남깁니다.
OFL의 예약 이름(Reserved Font Name) 조항을 지키려고 이름을 "DLKO Sans"로 바꿉니다.

    npm pack pretendard@1.3.9 && tar xzf pretendard-1.3.9.tgz
    python scripts/make_figure_font.py package/dist
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "DLKO Sans"
OUT = Path(__file__).parents[1] / "src" / "dlko" / "fonts"


def ks_x_1001_hangul() -> list[int]:
    """KS X 1001에 든 한글 완성형 2,350자의 유니코드 번호."""
    rows = (bytes([high, low]) for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF))
    return [ord(code.decode("euc-kr")) for code in rows]


def rename(font: TTFont, family: str, copyright_note: str) -> None:
    """글꼴의 이름표를 바꿉니다. 저작권과 사용 허가는 남깁니다."""
    names = font["name"]
    names.names = [n for n in names.names if n.nameID in (0, 13, 14)]
    postscript = family.replace(" ", "") + "-Regular"
    entries = {
        1: family,
        2: "Regular",
        3: postscript,
        4: family,
        5: "Version 1.0",
        6: postscript,
        10: copyright_note,
    }
    for name_id, text in entries.items():
        names.setName(text, name_id, 3, 1, 0x409)


def main(dist: Path) -> None:
    ascii_and_latin = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x391, 0x3CA)]
    jamo_and_punctuation = [*range(0x3131, 0x3164), *range(0x2010, 0x2028), *range(0x3000, 0x3020)]
    symbols = [ord(c) for c in "′″←↑→↓↔⇒∂∆∇∈∑−∓√∞∫≈≠≤≥×÷·•①②③④⑤⑥⑦⑧⑨⑩■□▲△▼▽◆◇○●★☆✓✗₩€"]
    options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp"], hinting=False, name_IDs=["*"])
    font = TTFont(dist / "public/static/alternative/Pretendard-Regular.ttf")
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=ks_x_1001_hangul() + ascii_and_latin + jamo_and_punctuation + symbols)
    subsetter.subset(font)
    rename(font, FAMILY, "Pretendard 1.3.9의 부분 글꼴. scripts/make_figure_font.py로 만들었습니다.")
    OUT.mkdir(parents=True, exist_ok=True)
    font.save(OUT / "DLKOSans-Regular.ttf")
    (OUT / "OFL.txt").write_text((dist / "LICENSE.txt").read_text(encoding="utf-8"), encoding="utf-8")
    size = (OUT / "DLKOSans-Regular.ttf").stat().st_size
    print(f"{OUT / 'DLKOSans-Regular.ttf'}: {size / 1000:.0f} KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
