"""만든 책의 HTML에 든 모든 안쪽 링크, 그림, 스크립트와 자리표(#…)가 실제로 있는지. 브라우저 없이 봅니다."""

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from tests.site import browser as tools
from website.page.markdown import slug

PAGES = [*tools.built_pages(), "index.html"]
REFERENCES = (
    ("a", "href"),
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("source", "src"),
    ("form", "action"),
)


@functools.cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(
        tag.get("id") or tag.get("name")
        for tag in soup(path).find_all(lambda t: t.get("id") or t.get("name"))
    )


def broken_links(path: Path) -> list[str]:
    found = []
    for tag, attribute in REFERENCES:
        for element in soup(path).find_all(tag, attrs={attribute: True}):
            address = element[attribute]
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address.startswith("data:"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                found.append(f"{address}: 파일이 없습니다")
            elif (
                parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in anchors(target)
            ):
                found.append(f"{address}: 그 자리(#{unquote(parts.fragment)})가 없습니다")
    return sorted(set(found))


@pytest.mark.parametrize("name", PAGES)
def test_links_and_anchors_resolve(name):
    found = broken_links(tools.HTML / name)
    assert not found, f"{name}: 끊어진 링크입니다.\n" + "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_no_identity_is_used_twice(name):
    seen, twice = set(), set()
    for tag in soup(tools.HTML / name).find_all(id=True):
        (twice if tag["id"] in seen else seen).add(tag["id"])
    assert not twice, f"{name}: id가 겹칩니다: {sorted(twice)}"


@pytest.mark.parametrize("name", PAGES)
def test_addresses_of_sections_come_from_their_headings(name):
    """차례, 제목 곁의 #, 절이 모두 제목에서 만든 같은 주소를 씁니다."""
    page = soup(tools.HTML / name)
    wrong = []
    for section in page.select("article section[id]"):
        heading = section.find(re.compile("^h[1-6]$"))
        link = heading.find("a", class_="headerlink")
        address = slug(clean_text(heading))
        if (
            not re.fullmatch(rf"{re.escape(address)}(-\d+)?", section["id"])
            or link["href"] != f"#{section['id']}"
        ):
            wrong.append(f"{section['id']} / {link['href']}: {address}여야 합니다.")
    assert not wrong, f"{name}: 제목과 주소가 다릅니다.\n" + "\n".join(wrong)
    known = {section["id"] for section in page.select("article section[id]")}
    listed = {unquote(link["href"][1:]) for link in page.select(".bd-toc-nav a[href^='#']")}
    assert listed <= known, f"{name}: 차례가 옛 주소를 씁니다: {listed - known}"


def clean_text(heading: Tag) -> str:
    return "".join(
        text for text in heading.find_all(string=True) if not text.find_parent("a", class_="headerlink")
    )


@pytest.mark.parametrize("name", PAGES)
def test_new_windows_are_safe(name):
    unsafe = [
        a["href"]
        for a in soup(tools.HTML / name).select("a[target=_blank]")
        if "noopener" not in a.get("rel", [])
    ]
    assert not unsafe, f"{name}: rel=noopener가 없습니다: {unsafe}"


def test_built_folder_holds_no_other_host():
    """스크립트와 스타일이 나중에라도 부를 수 있는 바깥 주소가 없어야 합니다."""
    wanted = re.compile(
        r"(?:src|href)=\\?[\"']https?://[^\"']+\.(?:js|css|woff2?)|url\([\"']?https?://|@import\s+[\"']https?:|fetch\([\"']https?:"
    )
    found = [
        f"{path.relative_to(tools.HTML)}: {match[0]}"
        for path in tools.HTML.rglob("*")
        if path.suffix in (".html", ".js", ".css")
        and (match := wanted.search(path.read_text(encoding="utf-8")))
    ]
    assert not found, f"바깥의 자산을 부릅니다: {found}"
