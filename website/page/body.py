"""쪽의 본문: 접히는 절, 도구들이 만든 HTML의 접근성, 그림의 크기."""

import contextlib
import re
from pathlib import Path
from urllib.parse import unquote

from bs4 import Tag
from PIL import Image

from course.notebooks import DEEPER
from website.page import Page

HEADINGS = re.compile(r"^h[1-6]$")


def fold_deeper(page: Page) -> None:
    """`더 깊이:`로 시작하는 절을 접습니다.

    절의 주소는 접힌 상자의 밖에 남으므로 차례와 링크는 그대로입니다. 상자는 브라우저가 스스로 여닫고, 주소로 왔을 때와
    인쇄할 때는 static/site.js가 엽니다.
    """
    for section in page.body("section"):
        heading = section.find(HEADINGS, recursive=False)
        if heading is None or not heading.get_text().strip().startswith(DEEPER):
            continue
        inside = list(heading.next_siblings)
        fold = heading.wrap(Tag(name="summary")).wrap(Tag(name="details", attrs={"class": "dlko-deeper"}))
        fold.extend(inside)


def repair(page: Page) -> None:
    """pandas 표의 빈 머리칸, 영어 이름표, 넘치는 표처럼 우리가 쓰지 않은 HTML에서 접근성에 걸리는 곳을 고칩니다."""
    body = page.body
    for cell in body("th"):
        if not cell.find(["img", "svg"]) and not cell.get_text(strip=True):
            # 빈 머리칸은 머리칸이 아닙니다.
            cell.name, cell.attrs = "td", {}
            cell.clear()
    for cell in body("th", class_="head"):
        name_formula(cell)
    for table in body("table", class_="dataframe"):
        # 테마가 감싸지 않은 표를 옆으로 미는 상자에 넣습니다.
        table.attrs = {"class": "dataframe table"}
        table.wrap(Tag(name="div", attrs={"class": "dlko-table"}))
        for row in table("tr", style=True):
            del row["style"]
    for summary in body("summary", attrs={"aria-label": "Toggle hidden content"}):
        # '코드 보기' 줄은 글이 곧 이름입니다. summary 안의 <p>는 글자 줄로 바꿉니다.
        del summary["aria-label"]
        for paragraph in summary("p"):
            paragraph.name = "span"
    for link in body("a", class_="headerlink"):
        link["aria-label"] = link["title"]
    for box in body("input", class_="task-list-item-checkbox"):
        # 할 일 목록의 네모는 누르는 것이 아니라 그림입니다.
        box["aria-label"] = "할 일"


def name_formula(cell: Tag) -> None:
    """수식 하나만 있는 머리칸에 이름을 답니다. 검사 도구와 일부 화면 읽기 프로그램은 수식을 글로 보지 않습니다."""
    paragraph, latex = cell.p, cell.find("annotation")
    alone = paragraph and [getattr(child, "name", None) for child in paragraph.children] == ["span"]
    if paragraph and alone and latex:
        name = Tag(name="span", attrs={"class": "visually-hidden"})
        name.string = latex.get_text(strip=True)
        paragraph.insert_before(name)
        paragraph["aria-hidden"] = "true"


def size_images(page: Page) -> None:
    """그림이 늦게 와도 글이 밀리지 않게 너비와 높이를 적고, 첫 그림을 뺀 나머지는 화면에 가까워질 때 받게 합니다."""
    files = {name: Path(page.app.srcdir) / uri for uri, name in page.app.builder.images.items()}
    for index, image in enumerate(page.body("img", src=True)):
        path = files.get(unquote(str(image["src"])).rsplit("/", 1)[-1])
        styled = re.search("width|height", f"{' '.join(image.attrs)} {image.get('style', '')}")
        if path and not styled:
            with contextlib.suppress(OSError), Image.open(path) as picture:  # SVG는 읽을 수 없습니다.
                image["width"], image["height"] = map(str, picture.size)
        if index:
            image.attrs.setdefault("loading", "lazy")
        image.attrs.setdefault("decoding", "async")
