"""한국어 검색: 쪽의 글을 절마다 모아 `_static/search-data.js`에 담습니다.

Sphinx의 낱말 색인 대신 글 자체를 담습니다. 브라우저가 글에서 곧바로 찾으므로 어떤 조사나 어미가 붙어도 찾고,
발췌를 만들려고 다른 쪽을 받지 않아도 됩니다(fetch를 쓸 수 없는 file:// 에서도 됩니다). 찾는 일은 static/search.js가 합니다.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from website.chapters import read_parts

logger = logging.getLogger(__name__)
DATA_FILE = "search-data.js"
VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"p", "li", "td", "th", "tr", "dt", "dd", "div", "pre", "summary", "details", "figcaption", "br"}
SKIPPED_TAGS = {"script", "style", "annotation", "button", "svg", "nav"}
SKIPPED_CLASSES = {
    "headerlink",
    "katex-html",
    "dlko-chapter-line",
}


class SectionText(HTMLParser):
    """쪽의 HTML에서 절마다 (id, 제목, 글)을 모읍니다. 용어집의 용어도 하나의 절로 봅니다."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[dict[str, str]] = [{"id": "", "heading": "", "text": ""}]
        self._open: list[tuple[str, bool]] = []  # (태그, 이 태그부터 건너뛰는지)
        self._skipping = 0
        self._section_ids: list[str] = []
        self._heading: str | None = None
        self._glossary = 0
        self._term: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        if tag in BLOCKS:
            self._add("\n")
        if tag == "img" and not self._skipping and values.get("alt"):
            self._add(f" {values['alt']} ")
        if tag in VOID:
            return
        skip = tag in SKIPPED_TAGS or bool(classes & SKIPPED_CLASSES)
        self._open.append((tag, skip))
        self._skipping += skip
        if tag == "section":
            self._section_ids.append(values.get("id") or "")
        elif re.fullmatch(r"h[1-6]", tag) and not self._skipping:
            identity = values.get("id") or (self._section_ids[-1] if self._section_ids else "")
            self._start(identity, tag)
        elif tag == "dl" and "glossary" in classes:
            self._glossary += 1
        elif tag == "dt" and self._glossary and not self._skipping:
            self._start(values.get("id") or "", "dt")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._add("\n")
        if self._heading == tag:
            self._heading = None
        if not any(name == tag for name, _ in self._open):
            return
        while self._open:
            name, skip = self._open.pop()
            self._skipping -= skip
            if name == tag:
                break
        if tag == "section" and self._section_ids:
            self._section_ids.pop()
        elif tag == "dl" and self._glossary:
            self._glossary -= 1

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._add(data)

    def _start(self, identity: str, tag: str) -> None:
        self._heading = tag
        kind = {"term": "1"} if tag == "dt" else {}
        self.sections.append({"id": identity, "heading": "", "text": "", **kind})

    def _add(self, text: str) -> None:
        if self._skipping:
            return
        self.sections[-1]["heading" if self._heading else "text"] += text


def sections_of(body: str) -> list[dict[str, str]]:
    """쪽의 HTML → 비어 있지 않은 절의 목록. 빈칸은 하나로 줄입니다."""
    parser = SectionText()
    parser.feed(body)
    parser.close()
    found = []
    for section in parser.sections:
        cleaned = {name: " ".join(value.split()) for name, value in section.items()}
        if cleaned["heading"] or cleaned["text"]:
            found.append(cleaned)
    return found


def page_record(url: str, title: str, part: str, body: str, description: str = "") -> list[Any]:
    """[주소, 제목, 부분, 설명, [[id, 절 제목, 글, 용어면 1], …]]"""
    sections = [
        [section["id"], section["heading"], section["text"], *([1] if "term" in section else [])]
        for section in sections_of(body)
    ]
    return [url, title, part, description, sections]


def _folder(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "search"


def collect_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """쪽을 쓸 때마다 그 쪽의 글을 남겨 둡니다. 바뀌지 않은 쪽은 지난번에 남긴 것을 씁니다."""
    if doctree is None or "body" not in context or "nosearch" in app.env.metadata.get(pagename, {}):
        return
    parts = read_parts(Path(app.srcdir) / "_toc.yml")
    part = next((part.caption for part in parts if pagename in part.docnames), "")
    record = page_record(
        app.builder.get_target_uri(pagename),
        app.env.titles[pagename].astext(),
        part,
        context["body"],
        context.get("dlko_description", ""),
    )
    path = _folder(app) / f"{pagename}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def write_index(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    order = [name for part in read_parts(Path(app.srcdir) / "_toc.yml") for name in part.docnames]
    names = sorted(app.env.found_docs, key=lambda name: (order.index(name) if name in order else -1, name))
    paths = [_folder(app) / f"{name}.json" for name in names]
    records = ",\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())
    target = Path(app.outdir) / "_static" / DATA_FILE
    text = f"window.DLKO_SEARCH = [\n{records}\n];\n"
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
        logger.info("검색 데이터: %d쪽, %.0f KB", len(paths), len(text.encode()) / 1024)


def search_page(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    return [("search", {"title": "검색", "body": ""}, "search.html")]


def use_own_search(app: Sphinx) -> None:
    """Sphinx의 색인과 검색 쪽은 만들지 않습니다."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", use_own_search)
    app.connect("html-page-context", collect_page, priority=590)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
