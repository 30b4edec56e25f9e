"""책에 나온 글자만 담은 한글 웹 글꼴을 만듭니다.

글에는 Pretendard, 코드에는 한글의 너비가 영문의 꼭 두 배라 표의 줄이 맞는 D2Coding을 씁니다. 둘 다 OFL-1.1입니다. OFL은
고친 글꼴에 예약된 이름을 쓰지 못하게 하므로 이름을 바꿉니다. 글자가 늘지 않으면 지난번에 만든 글꼴을 그대로 씁니다.
"""

import hashlib
import html
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from sphinx.application import Sphinx
from sphinx.util import logging

from course.bootstrap import ROOT
from website import assets

logger = logging.getLogger(__name__)
WEIGHTS = (400, 700)
# 글에 늘 쓰일 수 있는 글자: ASCII와 자주 쓰는 부호.
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + " ·…–—‘’“”×÷±≤≥≠≈→←↑↓↔①②③④⑤⑥⑦⑧⑨✓✗●○°−"
STATIC = assets.WEBSITE / "theme" / "static"
NOTICE = """{family}는 {origin}에서 이 책에 나온 글자만 남기고 이름을 바꾼 글꼴입니다.
{copyright}
이 글꼴은 SIL Open Font License 1.1로 쓸 수 있습니다: https://openfontlicense.org
"""
CODE = re.compile(r"<(pre|code|kbd|samp)\b[^>]*>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True)
class WebFont:
    """만들 글꼴 하나. `texts`는 쪽들의 글에서 이 글꼴로 그릴 글만 고릅니다."""

    name: str
    family: str
    origin: str
    source: str
    texts: Callable[[list[str]], list[str]]


def code_texts(pages: list[str]) -> list[str]:
    """쪽의 코드와 출력."""
    found = (match[2] for page in pages for match in CODE.finditer(page))
    return [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in found]


FONTS = (
    WebFont(
        "dlko-sans", "DLKO Sans", "Pretendard 1.3.9",
        "pretendard/dist/public/variable/PretendardVariable.ttf", list,
    ),
    WebFont("dlko-mono", "DLKO Mono", "D2Coding 1.3.2", "d2coding/fonts/d2coding-full.ttf", code_texts),
)  # fmt: skip


def used_characters(texts: list[str]) -> str:
    """글에 나온 글자를 차례대로. 제어 문자와 사용자 정의 영역은 뺍니다."""
    found = set(ALWAYS).union(*texts)
    return "".join(sorted(char for char in found if char.isprintable() and not 0xE000 <= ord(char) <= 0xF8FF))


def make_font(source: Path, characters: str, family: str) -> tuple[bytes, str]:
    """(woff2, 저작권 글)"""
    font = TTFont(source, lazy=True)
    options = Options()
    options.layout_features = ["kern", "ccmp", "calt", "locl", "mark", "mkmk"]
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["FFTM"]  # 글꼴 편집기가 남긴 시각
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, characters))
    subsetter.subset(font)
    if "fvar" in font:
        font = keep_weights(font)
    notice = rename(font, family)
    font["head"].modified = font["head"].created  # 같은 글자면 같은 파일이 되도록
    font.recalcTimestamp = False
    font.flavor = "woff2"
    result = io.BytesIO()
    font.save(result)
    return result.getvalue(), notice


def keep_weights(font: TTFont) -> TTFont:
    """굵기가 이어지는 글꼴에서 쓰는 굵기만 남기고, 굵기마다의 이름표를 지웁니다."""
    # 줄인 글꼴을 한 번 담았다가 다시 열어야 굵기 축을 깨끗이 자를 수 있습니다.
    small = io.BytesIO()
    font.save(small)
    small.seek(0)
    font = instantiateVariableFont(TTFont(small), {"wght": WEIGHTS})
    if "STAT" in font:
        del font["STAT"]  # 굵기 이름표는 브라우저가 쓰지 않습니다
    font["fvar"].instances = []
    for axis in font["fvar"].axes:
        axis.axisNameID = 2
    return font


def rename(font: TTFont, family: str) -> str:
    """이름표를 새 이름으로 바꾸고, 저작권과 이용 조건은 남깁니다."""
    names = font["name"]
    copyright_text = names.getDebugName(0) or ""
    kept = {0: copyright_text, 13: names.getDebugName(13), 14: names.getDebugName(14)}
    names.names = []
    plain = family.replace(" ", "")
    fresh = {1: family, 2: "Regular", 3: f"{family} subset", 4: family, 5: "Version 1.0", 6: plain}
    for identity, text in {**kept, **fresh}.items():
        if text:
            names.setName(text, identity, 3, 1, 0x409)
    return copyright_text


def write_fonts(app: Sphinx) -> None:
    """다 쓴 쪽들에 나온 글자로 글꼴을 만들어 사이트에 넣습니다."""
    outdir = Path(app.outdir)
    kept = outdir.parent / "fonts"
    files = [*outdir.rglob("*.html"), *STATIC.rglob("*.js"), *STATIC.rglob("*.css")]
    files += ROOT.glob("chapters/*/*/demo.js")
    texts = [re.sub(r"&#x?[0-9a-fA-F]+;", "", path.read_text(encoding="utf-8")) for path in files]
    for font in FONTS:
        make_if_needed(font, used_characters(font.texts(texts)), outdir.parent)
    target, unneeded = outdir / "_static" / "fonts", shutil.ignore_patterns("*.json")
    shutil.copytree(kept, target, ignore=unneeded, dirs_exist_ok=True)


def make_if_needed(font: WebFont, characters: str, build_dir: Path) -> None:
    """글꼴과 저작권 글을 `_build/fonts`에 만듭니다. 지난번의 글꼴에 글자가 다 있으면 그대로 둡니다."""
    folder = build_dir / "fonts"
    path, record_path = folder / f"{font.name}.woff2", folder / f"{font.name}.json"
    source = assets.package_file(build_dir, font.source)
    made_by = hashlib.sha256(Path(__file__).read_bytes() + str(source.stat().st_size).encode()).hexdigest()
    record = json.loads(record_path.read_text(encoding="utf-8")) if record_path.exists() else {}
    if path.exists() and record.get("made_by") == made_by and set(characters) <= set(record["characters"]):
        return
    folder.mkdir(parents=True, exist_ok=True)
    data, copyright_text = make_font(source, characters, font.family)
    path.write_bytes(data)
    notice = NOTICE.format(family=font.family, origin=font.origin, copyright=copyright_text)
    (folder / f"LICENSE-{font.name}.txt").write_text(notice, encoding="utf-8")
    record = {"made_by": made_by, "characters": characters}
    record_path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    logger.info("한글 글꼴 %s: %d자, %.0f KB", font.family, len(characters), len(data) / 1024)
