"""만든 책의 쪽들을 차례대로 읽어, 누를 수 없는 곳에서도 읽히게 고칩니다. PDF와 EPUB이 함께 씁니다.

접힌 것과 탭은 모두 펴고, 시연의 자리에는 어디서 볼 수 있는지를 적습니다. 쪽들이 한 파일에 모이므로 id 앞에 쪽의 이름을 붙이고,
다른 쪽으로 가는 링크도 그 이름을 따라가게 바꿉니다.
"""

import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

from course.bootstrap import ROOT, Stop
from course.notebooks import parts

HOME = "book/index"
HOME_TITLE = "들어가며"  # 첫 화면의 제목은 책의 이름입니다. 책 안에서는 이렇게 부릅니다.
NOT_BUILT = "아직 책이 없습니다. 먼저 `make book`을 하세요."
DEMO = "이 자리의 시연은 책을 브라우저로 열면 움직입니다."
# 화면에서만 쓰는 것: 태그의 이름과 class
SCREEN_TAGS = {"script", "style", "noscript", "button"}
SCREEN_CLASSES = {"headerlink", "d-print-none", "visually-hidden"}
# 모양이나 움직임을 위한 속성은 버리고 뜻이 있는 것만 남깁니다.
KEPT = {
    "id",
    "class",
    "href",
    "src",
    "alt",
    "width",
    "height",
    "colspan",
    "rowspan",
    "scope",
    "start",
    "lang",
    "style",
}
DRAWN = ("svg", "math")  # 속성이 곧 그림인 것


@dataclass
class Leaf:
    """종이에 맞게 고친 쪽 하나. `key`는 책 안에서 부르는 짧은 이름(`p03`)이고, 쪽의 맨 앞 id이기도 합니다."""

    key: str
    name: str
    part: str
    title: str
    body: Tag


# 다른 쪽의 (key, id)를 그리로 가는 주소로. PDF와 EPUB이 다릅니다.
Address = Callable[[str, str], str]


def contents() -> list[tuple[str, str]]:
    """목차의 순서대로 (부, 문서 이름). 첫 화면이 맨 앞입니다."""
    return [("", HOME), *((part.caption, name) for part in parts() for name in part.docnames)]


def about_book() -> dict[str, str]:
    """책의 이름(title)과 지은이(author)."""
    return dict(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")))


def by_part(leaves: list[Leaf]) -> list[tuple[str, list[Leaf]]]:
    """(부, 그 부의 쪽들)을 차례대로."""
    return [(part, list(inside)) for part, inside in groupby(leaves, key=lambda leaf: leaf.part)]


def read(site: Path, address: Address, only: tuple[str, ...] = ()) -> list[Leaf]:
    """책의 모든 쪽. `only`를 적으면 그 쪽들만 읽습니다.

    Raises:
        Stop: 책이 없거나 목차에 있는 쪽이 빠졌을 때.
    """
    if not (site / "index.html").exists():
        raise Stop(NOT_BUILT)
    wanted = [(part, name) for part, name in contents() if not only or name in only]
    lacking = [name for _, name in wanted if not (site / f"{name}.html").exists()]
    if lacking:
        raise Stop(f"책에 없는 쪽이 있습니다: {', '.join(lacking)}. `make book`을 다시 하세요.")
    keys = {name: f"p{number:02d}" for number, (_, name) in enumerate(wanted)}
    return [leaf(site, part, name, keys, address) for part, name in wanted]


def leaf(site: Path, part: str, name: str, keys: dict[str, str], address: Address) -> Leaf:
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    body = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article")).find("article")
    if not isinstance(body, Tag) or not isinstance(body.h1, Tag):
        raise Stop(f"쪽의 본문을 찾지 못했습니다: {name}.html. `make book`을 다시 하세요.")
    drop_screen_only(body)
    if name == HOME:
        body.h1.string = HOME_TITLE
    tell_demos(body, name)
    open_tabs(body)
    open_folds(body)
    find_pictures(body, site, name)
    follow_links(body, name, keys, address)
    name_places(body, keys[name])
    drop_attributes(body)
    body.name, body.attrs = "section", {"id": keys[name], "class": "leaf"}
    return Leaf(keys[name], name, part, body.h1.get_text().strip(), body.extract())


def drop_screen_only(body: Tag) -> None:
    for tag in body(
        lambda tag: tag.name in SCREEN_TAGS or not SCREEN_CLASSES.isdisjoint(tag.get("class") or ())
    ):
        tag.decompose()
    for line in body("ul", class_="dlko-chapter-line"):
        for item in line("li"):
            if item.a:  # 내려받기와 Colab
                item.decompose()


def tell_demos(body: Tag, name: str) -> None:
    """시연 대신 그것을 볼 수 있는 곳을 적습니다. 사이트의 주소를 알면 링크도 답니다."""
    site = os.environ.get("DLKO_SITE_URL", "").rstrip("/")
    for demo in body.select(".dlko-demo"):
        note = Tag(name="p", attrs={"class": "demo"})
        note.append(f"{DEMO} ")
        if site:
            note.append(Tag(name="a", attrs={"href": f"{site}/{name}.html"}))
            note.a.string = f"{site}/{name}.html"  # type: ignore[union-attr]
        demo.replace_with(note)


def open_tabs(body: Tag) -> None:
    """탭을 이름과 내용이 차례로 이어지는 글로 폅니다."""
    for tabs in body.select(".sd-tab-set"):
        tabs["class"] = "tabs"
        for button in tabs("input", recursive=False):
            button.decompose()
        for label in tabs("label", recursive=False):
            label.name, label.attrs = "p", {"class": "tab-name"}
        for inside in tabs("div", recursive=False):
            inside.attrs = {"class": "tab"}


def open_folds(body: Tag) -> None:
    """접힌 것을 모두 폅니다: 더 깊이의 절, 그리기만 하는 코드, 퀴즈와 해답."""
    for fold in body("details"):
        kinds = fold.get("class") or ()
        fold.name = "div"
        summary = fold.find("summary", recursive=False)
        if "hide" in kinds:
            fold.attrs = {"class": "drawing"}
            if isinstance(summary, Tag):
                summary.decompose()
        elif "dlko-deeper" in kinds:
            fold.attrs = {"class": "deeper"}
            if isinstance(summary, Tag):
                summary.unwrap()
        else:
            fold.attrs = {"class": "answer"}
            if isinstance(summary, Tag):
                summary.name, summary.attrs = "p", {"class": "answer-title"}


def find_pictures(body: Tag, site: Path, name: str) -> None:
    """그림의 주소를 이 컴퓨터의 파일 위치로 바꿉니다."""
    for image in body("img", src=True):
        source = str(image["src"])
        if not urlsplit(source).scheme:
            image["src"] = ((site / name).parent / unquote(source)).resolve().as_uri()


def follow_links(body: Tag, name: str, keys: dict[str, str], address: Address) -> None:
    """책 안의 링크는 책 안에서 이어지게 하고, 내려받기처럼 종이에서 갈 수 없는 링크는 글만 남깁니다."""
    for link in body("a", href=True):
        target = urlsplit(str(link["href"]))
        if target.scheme or target.netloc:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(target.path)))
        page = path.removesuffix(".html") if target.path else name
        if page not in keys:
            link.unwrap()
            continue
        place = unquote(target.fragment)
        link["href"] = address(keys[page], f"{keys[page]}-{place}" if place else keys[page])


def name_places(body: Tag, key: str) -> None:
    for tag in body(id=True):
        tag["id"] = f"{key}-{tag['id']}"


def drop_attributes(tag: Tag) -> None:
    for child in tag.children:
        if isinstance(child, Tag) and child.name not in DRAWN:
            child.attrs = {name: value for name, value in child.attrs.items() if name in KEPT}
            drop_attributes(child)
