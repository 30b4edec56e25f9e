"""책에 나온 글자만 담은 한글 웹 글꼴을 만듭니다.

Pretendard(OFL-1.1)에서 책에 나온 글자와 쓰는 굵기만 남깁니다. OFL은 고친 글꼴에 예약된 이름을 쓰지 못하게 하므로
이름을 "DLKO Sans"로 바꿉니다. 글자가 늘지 않으면 지난번에 만든 글꼴을 그대로 씁니다.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging as standard_logging
import re
import shutil
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from sphinx.application import Sphinx
from sphinx.util import logging

from website import assets

logger = logging.getLogger(__name__)
FAMILY = "DLKO Sans"
WEIGHTS = (400, 700)
# 글에 늘 쓰일 수 있는 글자: ASCII와 자주 쓰는 부호.
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + " ·…–—‘’“”×÷±≤≥≠≈→←↑↓↔①②③④⑤⑥⑦⑧⑨✓✗●○°−"
STATIC = Path(__file__).resolve().parent.parent / "static"
NOTICE = """DLKO Sans는 Pretendard 1.3.9에서 이 책에 나온 글자만 남기고 이름을 바꾼 글꼴입니다.
{copyright}
이 글꼴은 SIL Open Font License 1.1로 쓸 수 있습니다: https://openfontlicense.org
"""


def used_characters(texts: list[str]) -> str:
    """글에 나온 글자를 차례대로. 제어 문자와 사용자 정의 영역은 뺍니다."""
    found = set(ALWAYS).union(*map(set, texts)) if texts else set(ALWAYS)
    return "".join(sorted(char for char in found if char.isprintable() and not 0xE000 <= ord(char) <= 0xF8FF))


def make_font(source: Path, characters: str) -> tuple[bytes, str]:
    """(woff2, 저작권 글)"""
    font = TTFont(source, lazy=True)
    options = Options()
    options.layout_features = ["kern", "ccmp", "calt", "locl", "mark", "mkmk"]
    options.hinting = False
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, characters))
    subsetter.subset(font)
    # 줄인 글꼴을 한 번 담았다가 다시 열어야 굵기 축을 깨끗이 자를 수 있습니다.
    small = io.BytesIO()
    font.save(small)
    small.seek(0)
    font = instantiateVariableFont(TTFont(small), {"wght": WEIGHTS})
    notice = rename(font)
    font["head"].modified = font["head"].created  # 같은 글자면 같은 파일이 되도록
    font.recalcTimestamp = False
    font.flavor = "woff2"
    result = io.BytesIO()
    font.save(result)
    return result.getvalue(), notice


def rename(font: TTFont) -> str:
    """이름표를 새 이름으로 바꾸고, 저작권과 이용 조건은 남깁니다."""
    names = font["name"]
    copyright_text = names.getDebugName(0) or ""
    kept = {0: copyright_text, 13: names.getDebugName(13), 14: names.getDebugName(14)}
    names.names = []
    fresh = {1: FAMILY, 2: "Regular", 3: f"{FAMILY} subset", 4: FAMILY, 5: "Version 1.0", 6: "DLKOSans"}
    for identity, text in {**kept, **fresh}.items():
        if text:
            names.setName(text, identity, 3, 1, 0x409)
    if "STAT" in font:
        del font["STAT"]  # 굵기 이름표는 브라우저가 쓰지 않습니다
    for instance in font["fvar"].instances:
        instance.subfamilyNameID = 2
        instance.postscriptNameID = 0xFFFF
    font["fvar"].instances = []
    for axis in font["fvar"].axes:
        axis.axisNameID = 2
    return copyright_text


def page_texts(outdir: Path) -> list[str]:
    pages = [path.read_text(encoding="utf-8") for path in sorted(outdir.rglob("*.html"))]
    scripts = [path.read_text(encoding="utf-8") for path in sorted(STATIC.rglob("*.js"))]
    styles = [path.read_text(encoding="utf-8") for path in sorted(STATIC.rglob("*.css"))]
    return [re.sub(r"&#x?[0-9a-fA-F]+;", "", text) for text in pages + scripts + styles]


def write_fonts(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    build_dir = outdir.parent
    cache = build_dir / "fonts"
    font_path, record_path, notice_path = (
        cache / "dlko-sans.woff2",
        cache / "record.json",
        cache / "LICENSE.txt",
    )
    characters = used_characters(page_texts(outdir))
    source = assets.korean_font(build_dir)
    made_by = hashlib.sha256(Path(__file__).read_bytes() + str(source.stat().st_size).encode()).hexdigest()
    record = json.loads(record_path.read_text(encoding="utf-8")) if record_path.exists() else {}
    fresh = record.get("made_by") == made_by and set(characters) <= set(record.get("characters", ""))
    if not fresh or not font_path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        data, copyright_text = make_font(source, characters)
        font_path.write_bytes(data)
        notice_path.write_text(NOTICE.format(copyright=copyright_text), encoding="utf-8")
        saved = {"made_by": made_by, "characters": characters}
        record_path.write_text(json.dumps(saved, ensure_ascii=False), encoding="utf-8")
        logger.info("한글 글꼴: %d자, %.0f KB", len(characters), len(data) / 1024)
    target = outdir / "_static" / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for path in (font_path, notice_path):
        copy = target / path.name
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            shutil.copyfile(path, copy)


def setup(app: Sphinx) -> dict[str, Any]:
    standard_logging.getLogger("fontTools").setLevel(standard_logging.WARNING)
    app.connect("build-finished", write_fonts, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
