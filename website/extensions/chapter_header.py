"""장의 제목 아래에 걸리는 시간과 난이도를 보이고, 모든 쪽에 설명(meta description)을 답니다."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from website.chapters import DIFFICULTY, Chapter, find_chapter

DESCRIPTION_LENGTH = 150
# 글에서 만들지 않는 쪽의 설명.
EXTRA_PAGES = {
    "search": "책 전체에서 낱말을 찾습니다. 조사나 어미가 붙어 있어도 찾습니다.",
    "404": "찾으시는 쪽이 없습니다. 차례에서 고르거나 검색해 보세요.",
}


def header_html(chapter: Chapter, links: list[tuple[str, str, str]]) -> str:
    """제목 아래 한 줄. `links`는 (글, 주소, 속성)입니다."""
    items = []
    if chapter.minutes:
        items.append(f'<li class="dlko-minutes">읽고 실습하는 데 약 {chapter.minutes}분</li>')
    if chapter.difficulty in DIFFICULTY:
        filled = "●" * chapter.difficulty + "○" * (3 - chapter.difficulty)
        items.append(
            f'<li class="dlko-difficulty">난이도 {chapter.difficulty_name} '
            f'<span aria-hidden="true">{filled}</span></li>'
        )
    items += [
        f'<li><a href="{html.escape(address)}"{attributes}>{html.escape(text)}</a></li>'
        for text, address, attributes in links
    ]
    return f'<ul class="dlko-chapter-line">{"".join(items)}</ul>' if items else ""


def insert_after_title(body: str, line: str) -> str:
    return re.sub(r"(</h1>)", lambda match: match[1] + "\n" + line, body, count=1)


def first_sentences(doctree: nodes.document, limit: int = DESCRIPTION_LENGTH) -> str:
    """설명이 따로 없는 쪽은 첫 문단을 씁니다."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 20:
            return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"
    return ""


def page_description(doctree: nodes.document | None, chapter: Chapter | None) -> str:
    if chapter and chapter.description:
        return chapter.description
    if doctree is None:
        return ""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return str(meta.get("content", ""))
    return first_sentences(doctree)


def add_header(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    chapter = find_chapter(Path(app.srcdir), pagename)
    description = page_description(doctree, chapter) or EXTRA_PAGES.get(pagename, "")
    metatags = context.get("metatags") or ""
    if description and 'name="description"' not in metatags:
        metatags += f'\n<meta name="description" content="{html.escape(description)}" />'
    context["metatags"] = metatags
    context["dlko_description"] = description
    if chapter is None or "body" not in context:
        return
    links: list[tuple[str, str, str]] = []
    if context.get("sourcename"):
        source = context["pathto"](f"_sources/{context['sourcename']}", 1)
        links.append(("노트북 내려받기(.ipynb)", source, " download"))
    links += context.get("dlko_chapter_links", [])
    context["body"] = insert_after_title(context["body"], header_html(chapter, links))


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_header, priority=580)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
