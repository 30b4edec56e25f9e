"""쪽의 머리: 설명(meta), 공유 미리 보기, 장의 제목 아래 한 줄, 원본과 Colab의 링크."""

import html
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from course.colab import notebook_address, valid_name
from course.notebooks import Chapter
from website.blocks import cards
from website.page import Page, parse

logger = logging.getLogger(__name__)
DESCRIPTION_LENGTH = 150
NEW_TAB = ' target="_blank" rel="noopener"'


def describe(page: Page) -> None:
    """쪽마다의 설명. 틀(layout.html)과 찾기의 데이터가 씁니다."""
    given = page.context.get("dlko_description", "")  # 글에서 만들지 않는 쪽
    page.context["dlko_description"] = page.description = given or page_description(
        page.doctree, page.chapter
    )


def page_description(doctree: nodes.document | None, chapter: Chapter | None) -> str:
    """장은 메타데이터의 설명, 다른 쪽은 머리말의 설명. 없으면 첫 문단입니다."""
    if chapter and chapter.description:
        return chapter.description
    if doctree is None:
        return ""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return str(meta.get("content", ""))
    texts = (" ".join(paragraph.astext().split()) for paragraph in doctree.findall(nodes.paragraph))
    text = next((text for text in texts if len(text) > 20), "")
    return text if len(text) <= DESCRIPTION_LENGTH else text[: DESCRIPTION_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def preview(page: Page) -> None:
    """공유할 때 보이는 그림(Open Graph). 사이트의 주소를 알 때만 틀이 답니다."""
    if page.app.config.dlko_site_url and page.doctree is not None:
        page.context["dlko_preview"] = {"title": page.title, "image": ""}
        if page.chapter and cards.cover(page.chapter).exists():
            page.context["dlko_preview"]["image"] = page.app.config.html_baseurl + cards.picture(page.chapter)


def chapter_line(page: Page) -> None:
    """장의 제목 아래에 걸리는 시간, 난이도, 내려받기, Colab 링크를 둡니다."""
    links = []
    if page.context.get("sourcename"):
        source = page.context["pathto"](f"_sources/{page.context['sourcename']}", 1)
        links.append(("노트북 내려받기(.ipynb)", source, " download"))
    links += source_links(page)
    if page.chapter and page.body.h1:
        page.body.h1.insert_after("\n", parse(line_html(page.chapter, links)))


def line_html(chapter: Chapter, links: list[tuple[str, str, str]]) -> str:
    """`links`는 (글, 주소, 속성)입니다."""
    level = chapter.info.get("difficulty", 0)
    items = [f'<li class="dlko-minutes">읽고 실습하는 데 약 {chapter.minutes}분</li>']
    if chapter.difficulty:
        items.append(
            f'<li class="dlko-difficulty">난이도 {chapter.difficulty} '
            f'<span aria-hidden="true">{"●" * level}{"○" * (3 - level)}</span></li>'
        )
    items += [
        f'<li><a href="{html.escape(address)}"{attributes}>{html.escape(text)}</a></li>'
        for text, address, attributes in links
    ]
    return f'<ul class="dlko-chapter-line">{"".join(items)}</ul>'


# --- 저장소의 링크 ------------------------------------------------------------------------------------------------
# 저장소 주소는 빌드할 때 환경 변수로만 들어옵니다. 모르면 링크를 달지 않고 그 까닭을 한 번 말합니다.


def source_links(page: Page) -> list[tuple[str, str, str]]:
    """원본과 고치기 제안의 주소를 틀에 넘기고, 노트북이면 Colab 링크를 돌려줍니다."""
    config = page.app.config
    if page.doctree is None or not valid_name(config.dlko_repository):
        return []
    path = str(page.app.env.doc2path(page.name, base=False)).replace("\\", "/")
    page.context["dlko_source_url"] = source_url(config.dlko_repository, config.dlko_branch, path)
    if not path.endswith(".ipynb"):
        page.context["dlko_edit_url"] = source_url(config.dlko_repository, config.dlko_branch, path, "edit")
    elif page.chapter and config.dlko_colab_branch:
        address = notebook_address(config.dlko_repository, page.chapter.name, config.dlko_colab_branch)
        return [("Colab에서 열기", address, NEW_TAB)]
    return []


def source_url(repository: str, branch: str, path: str, action: str = "blob") -> str:
    return f"https://github.com/{repository}/{action}/{quote(branch)}/{quote(path)}"


def tell_why_no_links(app: Sphinx) -> None:
    if not app.config.dlko_repository:
        logger.info("Colab 단추 없음: 저장소 주소(DLKO_REPOSITORY)를 모릅니다.")
    elif not valid_name(app.config.dlko_repository):
        logger.warning("DLKO_REPOSITORY는 '주인/이름' 꼴이어야 합니다: %s", app.config.dlko_repository)
    elif not app.config.dlko_colab_branch:
        logger.info("Colab 단추 없음: Colab판 노트북의 가지(DLKO_COLAB_BRANCH)를 모릅니다.")
