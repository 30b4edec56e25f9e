"""첫 화면의 장 카드: `chapter-cards` 지시문.

목차 순서대로 부분마다 묶어 표지 그림, 제목, 한 줄 설명, 시간, 난이도를 보입니다. 표지 그림은 노트북을 실행할 때
`_build/artifacts/<부분>/<장>/cover.png`에 남은 것입니다. 옵션 `:part:`에 부분 이름을 적으면 그 부분만 보입니다.
"""

from __future__ import annotations

import hashlib
import html
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from PIL import Image
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from website.chapters import Chapter, Part, find_chapter, read_parts

WIDTH, HEIGHT = 640, 400


class CardsNode(nodes.General, nodes.Element):
    """쓰기 단계에서 카드로 바뀌는 자리."""


class ChapterCards(SphinxDirective):
    option_spec: ClassVar[dict[str, Any]] = {
        "part": directives.unchanged,
        "heading-level": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        pages = self.env.__dict__.setdefault("dlko_card_pages", set())
        pages.add(self.env.docname)
        return [CardsNode(part=self.options.get("part", ""), level=self.options.get("heading-level", 3))]


def cover_path(build_dir: Path, chapter: Chapter) -> Path:
    return build_dir / "artifacts" / chapter.key / "cover.png"


def card_html(chapter: Chapter, link: str, image: str) -> str:
    """카드 하나. 제목의 링크가 카드 전체를 덮으므로 그림은 링크 밖에 둡니다."""
    facts = []
    if chapter.minutes:
        facts.append(f"<li>약 {chapter.minutes}분</li>")
    if chapter.difficulty_name:
        facts.append(f"<li>난이도 {chapter.difficulty_name}</li>")
    if image:
        picture = (
            f'<img src="{html.escape(image)}" alt="{html.escape(chapter.cover_alt)}" '
            f'width="{WIDTH}" height="{HEIGHT}" decoding="async" />'
        )
    else:
        picture = '<span class="dlko-card-blank" aria-hidden="true"></span>'
    return (
        f'<li class="dlko-card"><div class="dlko-card-picture">{picture}</div>'
        f'<div class="dlko-card-text"><p class="dlko-card-title">'
        f'<a href="{html.escape(link)}">{html.escape(chapter.title)}</a></p>'
        f"<p>{html.escape(chapter.description)}</p>"
        f'<ul class="dlko-card-facts">{"".join(facts)}</ul></div></li>'
    )


def part_html(part: Part, cards: list[str], level: int, total_minutes: int) -> str:
    about = f"{len(cards)}개 장" + (f", 모두 약 {total_minutes}분" if total_minutes else "")
    heading = ""
    if level:
        heading = (
            f'<h{level} class="dlko-cards-part">{html.escape(part.caption)} '
            f'<span class="dlko-cards-about">{about}</span></h{level}>'
        )
    return f'{heading}<ul class="dlko-cards">{"".join(cards)}</ul>'


def make_thumbnail(source: Path, target: Path) -> None:
    """표지를 카드 크기의 WebP로 줄입니다. 비율이 다르면 흰 바탕을 덧댑니다."""
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as opened:
        picture = opened.convert("RGBA")
        picture.thumbnail((WIDTH - 24, HEIGHT - 24), Image.Resampling.LANCZOS)
        canvas = Image.new("RGBA", (WIDTH, HEIGHT), "white")
        corner = ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2)
        canvas.alpha_composite(picture, corner)
        canvas.convert("RGB").save(target, "WEBP", quality=82, method=6)


def render_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    build_dir = Path(app.outdir).parent
    for node in list(doctree.findall(CardsNode)):
        blocks = []
        for part in read_parts(Path(app.srcdir) / "_toc.yml"):
            if node["part"] and node["part"] != part.caption:
                continue
            chapters = [find_chapter(Path(app.srcdir), name) for name in part.docnames]
            known = [chapter for chapter in chapters if chapter and chapter.docname in app.env.all_docs]
            if not known:
                continue
            cards = [_card(app, build_dir, docname, chapter) for chapter in known]
            level = 0 if node["part"] else node["level"]
            blocks.append(part_html(part, cards, level, sum(chapter.minutes for chapter in known)))
        node.replace_self(nodes.raw("", "\n".join(blocks), format="html"))


def _card(app: Sphinx, build_dir: Path, docname: str, chapter: Chapter) -> str:
    link = app.builder.get_relative_uri(docname, chapter.docname)
    cover = cover_path(build_dir, chapter)
    image = ""
    if cover.exists():
        name = chapter.key.replace("/", "-") + ".webp"
        make_thumbnail(cover, Path(app.outdir) / "_images" / "cards" / name)
        image = "../" * docname.count("/") + f"_images/cards/{name}"
    return card_html(chapter, link, image)


def inputs_digest(source_dir: Path, build_dir: Path) -> str:
    """카드에 보이는 모든 것의 지문. 바뀌면 카드가 있는 쪽을 다시 씁니다."""
    digest = hashlib.sha256()
    for part in read_parts(source_dir / "_toc.yml"):
        for name in part.docnames:
            chapter = find_chapter(source_dir, name)
            if chapter is None:
                continue
            cover = cover_path(build_dir, chapter)
            when = cover.stat().st_mtime_ns if cover.exists() else 0
            digest.update(repr((part.caption, chapter, when)).encode())
    return digest.hexdigest()


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    now = inputs_digest(Path(app.srcdir), Path(app.outdir).parent)
    before = env.__dict__.get("dlko_cards_digest")
    env.__dict__["dlko_cards_digest"] = now
    pages = env.__dict__.get("dlko_card_pages", set())
    return sorted(pages & set(env.all_docs)) if before != now else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(CardsNode)
    app.add_directive("chapter-cards", ChapterCards)
    app.connect("doctree-resolved", render_cards)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
