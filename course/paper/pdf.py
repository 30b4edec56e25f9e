"""만든 책을 Chromium으로 인쇄해 PDF 하나로 묶습니다.

모든 쪽을 HTML 하나에 이어 한 번에 인쇄하므로 쪽 번호와 책 안의 링크가 그대로 이어집니다.
"""

import html
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bs4 import Tag
from PIL import Image

from course import chromium
from course.book import HTML
from course.bootstrap import BUILD, Stop
from course.paper import style
from course.paper.leaves import Leaf, about_book, by_part, read
from website.site import paper

FOLDER = BUILD / "paper"
HERE = Path(__file__).parent
WIDTH = 658  # print.css의 A4에서 여백을 뺀 너비(174 mm)를 화면의 점으로 센 것
TIMEOUT = 300  # 초

STILL = "움직이는 그림의 마지막 장면입니다."

# 종이보다 넓은 표와 수식을 줄여 잘리지 않게 합니다.
FIT = """
() => {
  for (const wide of document.querySelectorAll("table, .katex-display > .katex")) {
    const room = wide.parentElement.clientWidth;
    if (wide.scrollWidth > room + 1) wide.style.zoom = room / wide.scrollWidth;
  }
}
"""
# 차례의 링크에 쪽 번호를 적습니다. 보이는 것은 print.css가 맡습니다.
NUMBER = """
(numbers) => {
  for (const link of document.querySelectorAll(".contents a")) link.dataset.page = numbers[link.hash.slice(1)];
}
"""


def pdf() -> int:
    """`make pdf`: 만든 책을 PDF 하나로 뽑아 사이트 폴더에 두고, 첫 화면에 링크를 답니다."""
    start = time.monotonic()
    program = find_chromium()
    leaves = read(HTML, lambda key, place: f"#{place}")
    target = HTML / paper.FILES["PDF"]
    unfinished = FOLDER / target.name
    print(f"[PDF] 쪽 {len(leaves)}개를 이어 인쇄합니다. 몇 분 걸립니다.", flush=True)
    source = write_source(leaves, FOLDER)
    with opened(program) as browser:
        count = print_page(laid_out(browser, source), unfinished)
    unfinished.replace(target)
    paper.offer(HTML)
    size, seconds = target.stat().st_size / 1e6, time.monotonic() - start
    print(f"[PDF] 종이 {count}장, {size:.1f} MB, {seconds:.0f}초 걸렸습니다: {target}")
    return 0


def find_chromium() -> str:
    program = chromium.find()
    if not program:
        raise Stop(chromium.NOT_FOUND)
    return program


@contextmanager
def opened(program: str) -> Iterator[Any]:
    """띄운 Chromium. 나가면 끝냅니다.

    Raises:
        Stop: Chromium이 뜨지 않거나 하던 일을 마치지 못했을 때.
    """
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
            try:
                yield browser
            finally:
                browser.close()
    except Error as error:
        raise Stop(f"Chromium이 인쇄를 마치지 못했습니다({program}).\n{str(error).strip()[:600]}") from None


def laid_out(browser: Any, source: Path) -> Any:
    """HTML 파일을 종이의 너비로 연 쪽. 글꼴과 그림이 모두 온 다음 넘치는 것을 줄입니다."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900}, locale="ko-KR")
    page.set_default_timeout(TIMEOUT * 1000)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(source.as_uri(), wait_until="load")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.evaluate(FIT)
    return page


def print_page(page: Any, target: Path) -> int:
    """A4로 인쇄하고 종이가 몇 장인지 돌려줍니다. 제목들은 PDF의 책갈피가 됩니다.

    차례에 적을 쪽 번호는 인쇄해 보아야 알 수 있으므로 두 번 인쇄합니다.
    """
    page.pdf(path=target, prefer_css_page_size=True)
    numbers = page_numbers(target.read_bytes())
    page.evaluate(NUMBER, numbers)
    page.pdf(path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return len(sheets(target.read_bytes()))


def sheets(pdf: bytes) -> list[int]:
    """종이마다의 PDF 번호. Chromium은 앞의 종이부터 차례로 적습니다."""
    return [
        int(number) for number in re.findall(rb"^(\d+) 0 obj\s*<<\s*/Type /Page\b(?!s)", pdf, re.MULTILINE)
    ]


def page_numbers(pdf: bytes) -> dict[str, int]:
    """쪽의 맨 앞 id(`p03`) → 그것이 놓인 종이의 번호."""
    order = {number: place for place, number in enumerate(sheets(pdf), 1)}
    found = re.findall(rb"/(p\d\d) \[(\d+) 0 R /XYZ", pdf)
    return {key.decode(): order[int(number)] for key, number in found}


def write_source(leaves: list[Leaf], folder: Path) -> Path:
    """표지, 차례, 모든 쪽을 이은 HTML. 스타일과 글꼴은 곁에 둡니다."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("book.css", "print.css"):
        shutil.copyfile(HERE / name, folder / name)
    style.write_fonts(folder / "fonts")
    for leaf in leaves:
        stop_moving(leaf.body, folder)
    source = folder / "book.html"
    source.write_text(source_html(leaves), encoding="utf-8")
    return source


def stop_moving(body: Tag, folder: Path) -> None:
    """움직이는 그림은 다 움직인 마지막 장면을 찍습니다."""
    for image in body("img", src=True):
        path = Path(url2pathname(urlsplit(str(image["src"])).path))
        if path.suffix == ".gif":
            with Image.open(path) as moving:
                moving.seek(getattr(moving, "n_frames", 1) - 1)
                moving.convert("RGB").save(folder / f"{path.stem}.png")
            image["src"] = f"{path.stem}.png"
            note = Tag(name="p", attrs={"class": "still"})
            note.string = STILL
            image.insert_after(note)


def source_html(leaves: list[Leaf]) -> str:
    for leaf in leaves:
        # 화면 읽기 프로그램을 위해 숨겨 둔 수식의 사본은 종이에 두 번 찍히지 않게 뺍니다.
        for copy in leaf.body.select(".katex-mathml"):
            copy.decompose()
    katex = (HTML / "_static" / "katex" / "katex.min.css").as_uri()
    return f"""<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8" />
<title>{html.escape(about_book()["title"])}</title>
<link rel="stylesheet" href="{katex}" />
<link rel="stylesheet" href="book.css" />
<link rel="stylesheet" href="print.css" />
<style>
{style.code_colors()}
{"".join(running_head(leaf) for leaf in leaves)}
</style>
</head>
<body>
{cover_html()}
{contents_html(leaves)}
{"".join(str(leaf.body) for leaf in leaves)}
</body>
</html>
"""


def running_head(leaf: Leaf) -> str:
    """쪽 위에 되풀이되는 제목."""
    title = leaf.title.replace("\\", r"\\").replace('"', r"\"")
    return (
        f'@page {leaf.key} {{ @top-left {{ content: "{title}"; }} }}\n#{leaf.key} {{ page: {leaf.key}; }}\n'
    )


def cover_html() -> str:
    logo = (HTML / "_static" / "logo.svg").read_text(encoding="utf-8")
    return (
        f'<div class="cover">{logo}<p class="cover-title">{html.escape(about_book()["title"])}</p>'
        f'<p>{style.ABOUT}</p><p class="cover-terms">{style.TERMS}<br />책을 만든 날: {style.made_on()}</p></div>'
    )


def contents_html(leaves: list[Leaf]) -> str:
    """차례. 쪽 번호는 인쇄해 본 다음에 적습니다."""
    parts = [
        (f'<p class="part">{html.escape(part)}</p>' if part else "")
        + "<ol>"
        + "".join(
            f'<li><a href="#{leaf.key}"><span>{html.escape(leaf.title)}</span><span class="dots"></span></a></li>'
            for leaf in inside
        )
        + "</ol>"
        for part, inside in by_part(leaves)
    ]
    return f'<nav class="contents"><h1>차례</h1>{"".join(parts)}</nav>'
