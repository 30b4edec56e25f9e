"""책을 통째로 담은 파일(PDF, EPUB)의 링크. 파일이 있을 때만 첫 화면에 보입니다.

파일은 책을 만든 다음에 `make pdf`, `make epub`이 사이트 폴더에 둡니다. 그때와 책을 다시 그릴 때 첫 화면의 링크를 고칩니다.
"""

import html
import re
from datetime import date
from pathlib import Path

from sphinx.application import Sphinx

HOME = "book/index.html"
FILES = {"PDF": "dlko-book.pdf", "EPUB": "dlko-book.epub"}
# 첫 화면의 틀(site-footer.html)에 있는 빈자리
PLACE = re.compile(r'<p class="dlko-paper"[^>]*>.*?</p>', re.DOTALL)


def place_html(site: Path) -> str:
    """있는 파일들의 링크. 하나도 없으면 보이지 않는 빈자리입니다."""
    links = [
        link_html(kind, site / name, "../" * HOME.count("/") + name)
        for kind, name in FILES.items()
        if (site / name).exists()
    ]
    if not links:
        return '<p class="dlko-paper" hidden></p>'
    return f'<p class="dlko-paper">책을 통째로 받기: {", ".join(links)}</p>'


def link_html(kind: str, path: Path, address: str) -> str:
    """글꼴은 책에 나온 글자만 담으므로 링크의 글도 그 글자로 적습니다."""
    about = path.stat()
    text = f"{kind}({date.fromtimestamp(about.st_mtime)}, {about.st_size / 1e6:.0f} MB)"
    return f'<a href="{html.escape(address)}" download>{text}</a>'


def offer(site: Path) -> None:
    """첫 화면의 링크를 지금 있는 파일에 맞춥니다."""
    home = site / HOME
    text = home.read_text(encoding="utf-8")
    shown = PLACE.sub(lambda _: place_html(site), text)
    if shown != text:
        home.write_text(shown, encoding="utf-8")


def offer_files(app: Sphinx) -> None:
    offer(Path(app.outdir))
