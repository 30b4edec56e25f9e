"""장의 카드: `chapter-cards`와 `showcase` 지시문.

`chapter-cards`는 목차 순서대로 부마다 묶어 표지 그림, 제목, 한 줄 설명, 시간, 난이도를 보입니다. 표지 그림은 노트북을
실행할 때 남은 것입니다. 옵션 `:part:`에 부의 이름을 적으면 그 부만 보입니다.
`showcase`는 한 줄에 하나씩 적은 `장의 이름: 만드는 것`을 같은 그림과 함께 보입니다.
"""

import html
from pathlib import Path
from typing import Any, ClassVar

from docutils.parsers.rst import directives
from PIL import Image
from sphinx.application import Sphinx

from course.notebooks import Chapter, chapters, parts
from website.blocks import Block, left_by_run

WIDTH, HEIGHT = 640, 400
BLANK = '<span class="dlko-card-blank" aria-hidden="true"></span>'  # 아직 실행하지 않은 장


class ChapterCards(Block):
    option_spec: ClassVar[dict[str, Any]] = {"part": directives.unchanged}

    def html(self) -> str:
        wanted = self.options.get("part")
        blocks = []
        for part in parts():
            if part.chapters and wanted in (None, part.caption):
                cards = [self.card(chapter) for chapter in part.chapters]
                heading = "" if wanted else heading_html(part.caption, part.chapters)
                blocks.append(f'{heading}<ul class="dlko-cards">{"".join(cards)}</ul>')
        return "\n".join(blocks)

    def card(self, chapter: Chapter) -> str:
        up = "../" * self.env.docname.count("/")
        return card_html(
            chapter, self.link(chapter), up + picture(chapter) if cover(chapter).exists() else ""
        )


class Showcase(Block):
    has_content = True

    def html(self) -> str:
        up = "../" * self.env.docname.count("/")
        items = []
        for line in self.content:
            name, _, words = line.partition(": ")
            chapter = Chapter(name)
            image = image_html(chapter, up + picture(chapter)) if cover(chapter).exists() else BLANK
            items.append(f"<li>{image}{self.link(chapter, words)}</li>")
        return f'<ul class="dlko-showcase">{"".join(items)}</ul>'


def heading_html(caption: str, known: list[Chapter]) -> str:
    about = f"{len(known)}개 장, 모두 약 {sum(chapter.minutes for chapter in known)}분"
    return f'<h3 class="dlko-cards-part">{html.escape(caption)} <span class="dlko-cards-about">{about}</span></h3>'


def card_html(chapter: Chapter, link: str, image: str) -> str:
    """카드 하나. 제목의 링크가 카드 전체를 덮으므로 그림은 링크 밖에 둡니다."""
    shown = image_html(chapter, image) if image else BLANK
    difficulty = f"<li>난이도 {chapter.difficulty}</li>" if chapter.difficulty else ""
    return (
        f'<li class="dlko-card"><div class="dlko-card-picture">{shown}</div>'
        f'<div class="dlko-card-text"><p class="dlko-card-title">{link}</p>'
        f"<p>{html.escape(chapter.description)}</p>"
        f'<ul class="dlko-card-facts"><li>약 {chapter.minutes}분</li>{difficulty}</ul></div></li>'
    )


def image_html(chapter: Chapter, image: str) -> str:
    return (
        f'<img src="{html.escape(image)}" alt="{html.escape(chapter.cover_alt)}" '
        f'width="{WIDTH}" height="{HEIGHT}" decoding="async" />'
    )


def cover(chapter: Chapter) -> Path:
    return left_by_run(chapter, "cover.png")


def picture(chapter: Chapter) -> str:
    """사이트 안에서 카드의 그림이 놓이는 자리."""
    return f"_images/cards/{chapter.name.replace('/', '-')}.webp"


def draw_pictures(app: Sphinx) -> None:
    """표지를 카드 크기로 줄여 사이트에 넣습니다. 공유 미리 보기도 이 그림을 씁니다."""
    for chapter in chapters():
        if cover(chapter).exists():
            shrink(cover(chapter), Path(app.outdir) / picture(chapter))


def shrink(source: Path, target: Path) -> None:
    """비율이 다르면 흰 바탕을 덧댑니다."""
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as opened:
        small = opened.convert("RGBA")
        small.thumbnail((WIDTH - 24, HEIGHT - 24), Image.Resampling.LANCZOS)
        canvas = Image.new("RGBA", (WIDTH, HEIGHT), "white")
        canvas.alpha_composite(small, ((WIDTH - small.width) // 2, (HEIGHT - small.height) // 2))
        canvas.convert("RGB").save(target, "WEBP", quality=82, method=6)
