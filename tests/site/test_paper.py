"""종이: 두 쪽을 `make pdf`와 같은 길로 인쇄해 봅니다. 책 전체를 인쇄하지는 않습니다."""

import re

import pytest
from fontTools.ttLib import TTFont

from course.paper import leaves, pdf
from tests.site import browser as tools

SETUP, CHAPTER = "book/setup", "notebooks/cnn/digits"
# 종이의 오른쪽 끝을 넘는 것. 수식 속의 조각은 수식으로 봅니다.
CUT = """
() => [...document.querySelectorAll("section.leaf *")].filter((node) =>
  node.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !node.closest(".katex *, svg *")
).map((node) => node.tagName + "." + node.className + ": " + node.textContent.trim().slice(0, 40))
"""


@pytest.fixture(scope="module")
def paper(browser, tmp_path_factory):
    """두 쪽을 종이의 너비로 연 것과 인쇄한 파일."""
    folder = tmp_path_factory.mktemp("paper")
    found = leaves.read(tools.HTML, lambda key, place: f"#{place}", (SETUP, CHAPTER))
    page = pdf.laid_out(browser, pdf.write_source(found, folder))
    pdf.print_page(page, folder / "book.pdf")
    yield page, (folder / "book.pdf").read_bytes(), found
    page.close()


def test_every_tab_is_printed(paper):
    page, _, _ = paper
    tabs = page.locator(".tab-name")
    assert {"Windows", "macOS", "Linux"} <= set(tabs.all_inner_texts())
    for number in range(tabs.count()):
        inside = tabs.nth(number).locator("xpath=following-sibling::*[1]")
        assert inside.is_visible() and inside.inner_text().strip()


def test_nothing_is_folded_or_cut(paper):
    page, _, _ = paper
    assert page.locator("details, summary").count() == 0
    assert page.evaluate(CUT) == []
    assert page.evaluate("() => [...document.images].filter((image) => !image.naturalWidth).length") == 0
    code = page.locator(".drawing pre")
    assert code.count() and all(code.nth(number).is_visible() for number in range(code.count()))


def test_the_file_has_a_cover_contents_and_every_page(paper):
    page, data, found = paper
    assert data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF")
    sheets = pdf.page_numbers(data)
    shown = page.locator(".contents a").evaluate_all(
        "(links) => links.map((link) => Number(link.dataset.page))"
    )
    assert shown == [sheets[leaf.key] for leaf in found], "차례의 쪽 번호가 어긋납니다."
    assert [sheets[leaf.key] for leaf in found] == sorted({sheets[leaf.key] for leaf in found})
    assert sheets[found[0].key] == 3, "표지와 차례 다음에 첫 쪽이 옵니다."
    assert b"/Outlines" in data


def test_the_words_of_the_paper_are_in_the_font(paper):
    """글꼴에는 책에 나온 글자만 있습니다. 종이에서 더한 말도 그 글자로 적어야 합니다."""
    letters = set(TTFont(tools.HTML / "_static" / "fonts" / "dlko-sans.woff2").getBestCmap())
    said = leaves.DEMO + leaves.HOME_TITLE + pdf.STILL + pdf.cover_html() + "차례"
    lacking = {letter for letter in re.findall("[가-힣]", said) if ord(letter) not in letters}
    assert not lacking, f"글꼴에 없는 글자입니다: {lacking}"
