"""시연: 쪽에서 움직이는, 방금 훈련한 신경망.

장의 방에 `demo.js`가 있으면 시연이 있는 장입니다. 노트북의 `> **직접 해 보기.** …`(둘이면 차례로)와 첫 화면의 `demo` 지시문이 그 자리를
정하고, 노트북의 `dlko.hand_over`가 남긴 신경망과 함께 스크립트 하나로 실립니다. 디스크에서 연 쪽에서도 움직입니다.
"""

from pathlib import Path

from sphinx.application import Sphinx

from course.notebooks import Chapter, chapters
from website.assets import WEBSITE
from website.blocks import Block, left_by_run
from website.page import Page, parse

FOLDER = "_static/demos"
SOURCES = WEBSITE / "theme" / "static" / "demos"
SHARED = [SOURCES / name for name in ("net.js", "parts.js")]  # 모든 시연이 함께 쓰는 것


def source(chapter: Chapter) -> Path:
    return chapter.room / "demo.js"


def script(chapter: Chapter) -> str:
    return f"{FOLDER}/{chapter.name.replace('/', '-')}.js"


def place_html(chapter: Chapter, up: str, number: int = 1) -> str:
    """장의 몇째 시연이 들어설 자리. 스크립트가 꺼져 있으면 그 까닭을 말합니다."""
    name = chapter.name if number == 1 else f"{chapter.name}/{number}"
    return (
        f'<div class="dlko-demo" data-demo="{name}" data-script="{up}{script(chapter)}">'
        '<p class="dlko-demo-wait">시연을 불러오는 중입니다.</p>'
        "<noscript><p>이 시연은 자바스크립트를 켜야 움직입니다.</p></noscript></div>"
    )


class Demo(Block):
    """다른 장의 시연을 이 쪽에도 둡니다: `demo` 지시문에 장의 이름을 적습니다."""

    required_arguments = 1

    def html(self) -> str:
        chapter = next(one for one in chapters() if one.name == self.arguments[0])
        return place_html(chapter, "../" * self.env.docname.count("/"))


def place_demos(page: Page) -> None:
    """장의 `직접 해 보기` 상자마다 바로 뒤에 시연을 둡니다."""
    if page.chapter and source(page.chapter).exists():
        up = "../" * page.name.count("/")
        for number, box in enumerate(page.body(class_="dlko-try"), start=1):
            box.insert_after(parse(place_html(page.chapter, up, number)))


def write_demos(app: Sphinx) -> None:
    """장마다 함께 쓰는 것, 신경망, 시연을 이은 스크립트를 하나씩 씁니다. 받는 파일의 수를 줄이려는 것입니다."""
    for chapter in chapters():
        if source(chapter).exists():
            parts = [*SHARED, left_by_run(chapter, "demo.js"), source(chapter)]
            target = Path(app.outdir) / script(chapter)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(b"".join(part.read_bytes() for part in parts if part.exists()))
