"""종이와 전자책의 모양: 글꼴, 코드의 색, 표지에 적는 말."""

import io
from datetime import date
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from pygments.formatters import HtmlFormatter

from course.book import HTML
from website.site.fonts import WEIGHTS

ABOUT = "원리를 손으로 계산하고, 노트북에서 훈련하고, 결과를 의심해 보는 한국어 딥러닝 강의"
TERMS = "글은 CC BY 4.0, 코드는 MIT 조건으로 쓸 수 있습니다."
CODE_STYLE = "a11y-high-contrast-light"


def made_on() -> date:
    """책을 만든 날."""
    return date.fromtimestamp((HTML / "index.html").stat().st_mtime)


def write_fonts(folder: Path) -> list[str]:
    """사이트의 글꼴을 굵기마다 한 파일로 나누어 씁니다. 굵기가 이어지는 글꼴은 PDF에 그림으로 들어가고, 모르는 전자책 단말도 많습니다."""
    folder.mkdir(parents=True, exist_ok=True)
    source = HTML / "_static" / "fonts"
    names = ["dlko-mono.woff2"]
    (folder / names[0]).write_bytes((source / names[0]).read_bytes())
    for weight in WEIGHTS:
        font = instantiateVariableFont(TTFont(source / "dlko-sans.woff2"), {"wght": weight})
        font.flavor = "woff2"
        data = io.BytesIO()
        font.save(data)
        names.append(f"dlko-sans-{weight}.woff2")
        (folder / names[-1]).write_bytes(data.getvalue())
    return names


def code_colors() -> str:
    return str(HtmlFormatter(style=CODE_STYLE).get_style_defs(".highlight"))
