"""한국어 찾기: 쪽의 글을 절마다 모아 `_static/search-data.js`에 담습니다.

Sphinx의 낱말 색인 대신 글 자체를 담습니다. 브라우저가 글에서 곧바로 찾으므로 어떤 조사나 어미가 붙어도 찾고,
발췌를 만들려고 다른 쪽을 받지 않아도 됩니다(fetch를 쓸 수 없는 file:// 에서도 됩니다). 찾는 일은 theme/static/search.js가 합니다.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from sphinx.application import Sphinx
from sphinx.util import logging

from course.notebooks import parts
from website.page import Page

logger = logging.getLogger(__name__)
DATA_FILE = "search-data.js"
BLOCKS = {"p", "li", "td", "th", "tr", "dt", "dd", "div", "pre", "summary", "details", "figcaption", "br"}
SKIPPED_TAGS = {"script", "style", "annotation", "button", "svg", "nav"}
SKIPPED_CLASSES = {"headerlink", "katex-html", "dlko-chapter-line"}
HEADING = re.compile(r"^h[1-6]$")
Section = list[Any]  # [id, 제목, 글]. 용어집의 용어면 뒤에 1을 붙입니다.


def sections_of(body: BeautifulSoup) -> list[Section]:
    """쪽의 절들. 용어집의 용어도 하나의 절로 봅니다. 빈칸은 하나로 줄이고, 빈 절은 뺍니다."""
    found: list[tuple[str, list[str], list[str], list[int]]] = [("", [], [], [])]
    for piece in pieces(body):
        if isinstance(piece, str):
            found[-1][2].append(piece)
        else:
            section = piece.find_parent("section")
            address = str(piece.get("id") or (section and section.get("id")) or "")
            found.append((address, list(map(str, pieces(piece))), [], [1] if piece.name == "dt" else []))
    sections = [[address, squeeze(heading), squeeze(text), *term] for address, heading, text, term in found]
    return [section for section in sections if section[1] or section[2]]


def squeeze(texts: list[str]) -> str:
    return " ".join("".join(texts).split())


def pieces(tag: Tag) -> Iterator[str | Tag]:
    """읽는 사람에게 보이는 글 조각들을 차례로. 제목과 용어는 속을 보지 않고 그대로 내놓습니다."""
    for child in tag.children:
        if type(child) is NavigableString:
            yield str(child)
        if not isinstance(child, Tag) or is_skipped(child):
            continue
        if is_heading(child):
            yield child
        elif child.name == "img":
            yield f" {child.get('alt', '')} "
        else:
            gap = "\n" if child.name in BLOCKS else ""
            yield gap
            yield from pieces(child)
            yield gap


def is_skipped(tag: Tag) -> bool:
    return tag.name in SKIPPED_TAGS or not SKIPPED_CLASSES.isdisjoint(tag.get("class") or ())


def is_heading(tag: Tag) -> bool:
    return bool(HEADING.match(tag.name)) or (
        tag.name == "dt" and bool(tag.find_parent("dl", class_="glossary"))
    )


def collect(page: Page) -> None:
    """쪽을 쓸 때마다 그 쪽의 글을 남겨 둡니다. 바뀌지 않은 쪽은 지난번에 남긴 것을 씁니다."""
    if page.doctree is None or "nosearch" in page.app.env.metadata[page.name]:
        return
    record = [
        page.app.builder.get_target_uri(page.name),
        page.title,
        part_of(page.name),
        page.description,
        sections_of(page.body),
    ]
    path = kept(page.app, page.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def part_of(name: str) -> str:
    return next((part.caption for part in parts() if name in part.docnames), "")


def kept(app: Sphinx, name: str) -> Path:
    return Path(app.doctreedir) / "search" / f"{name}.json"


def write_index(app: Sphinx) -> None:
    """쪽들의 글을 목차의 순서로 이어 브라우저가 읽을 파일 하나로 씁니다."""
    order = [app.config.root_doc, *(name for part in parts() for name in part.docnames)]
    paths = [kept(app, name) for name in order if name in app.env.found_docs]
    records = ",\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())
    text = f"window.DLKO_SEARCH = [\n{records}\n];\n"
    target = Path(app.outdir) / "_static" / DATA_FILE
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
        logger.info("검색 데이터: %d쪽, %.0f KB", len(paths), len(text.encode()) / 1024)


def use_own_search(app: Sphinx) -> None:
    """Sphinx의 색인과 찾기 쪽은 만들지 않습니다."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]
