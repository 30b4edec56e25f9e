"""접힌 절(더 깊이)과 탭: 자판, 주소, 찾기, 인쇄, 자바스크립트 없이."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.site import browser as tools

PAGES = [
    name for name in tools.built_pages() if "dlko-deeper" in (tools.HTML / name).read_text(encoding="utf-8")
]
PAGE = "book/speed.html"
ADDRESS = "기록의-출처"
TABS = "book/setup.html"


@pytest.fixture
def fold(fresh, server):
    fresh.goto(server.address + PAGE)
    return fresh.locator("details.dlko-deeper").first


def go(page, server, address):
    """처음 온 사람처럼 주소로 곧장 갑니다."""
    page.goto("about:blank")
    page.goto(f"{server.address}{PAGE}#{quote(address)}")


def shown(page, selector):
    """고른 것이 모두 자리를 차지하고 보이는지."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].map((node) =>
          node.getClientRects().length > 0 && node.checkVisibility({contentVisibilityAuto: true}))""",
        selector,
    )


def test_fold_is_closed_and_its_heading_stays_in_the_outline(fresh, fold):
    expect(fold).not_to_have_attribute("open", "")
    heading = fresh.get_by_role("heading", name="더 깊이: 기록의 출처")
    expect(heading).to_be_visible()
    inside = shown(fresh, "details.dlko-deeper > :not(summary)")
    assert inside and not any(inside)


def test_fold_opens_and_closes_with_the_keyboard(fresh, fold):
    fold.locator("summary").focus()
    fresh.keyboard.press("Enter")
    expect(fold).to_have_attribute("open", "")
    fresh.keyboard.press("Space")
    expect(fold).not_to_have_attribute("open", "")


def test_address_opens_the_fold(fresh, server, fold):
    old = fresh.locator(f"[id='{ADDRESS}'] > span:empty").first.get_attribute("id")
    for address in (old, ADDRESS):
        go(fresh, server, address)
        expect(fold, f"#{address}로 와도 펴지지 않습니다.").to_have_attribute("open", "")
        expect(fold.locator("summary")).to_be_in_viewport()
    # 같은 주소를 다시 눌러도 폅니다.
    fold.locator("summary").click(position={"x": 5, "y": 5})
    expect(fold).not_to_have_attribute("open", "")
    fold.locator("h3").hover()
    fold.locator("a.headerlink").click()
    expect(fold).to_have_attribute("open", "")


def test_address_inside_the_fold_opens_it(fresh, fold):
    fresh.evaluate("""() => document.querySelector("details.dlko-deeper").insertAdjacentHTML("beforeend",
      "<section id='안쪽'><h4>안쪽</h4></section>")""")
    fresh.evaluate("() => { location.hash = '#안쪽' }")
    expect(fold).to_have_attribute("open", "")
    expect(fresh.locator("[id='안쪽']")).to_be_in_viewport()


def test_search_hit_opens_the_fold(fresh, server, fold):
    fresh.goto(server.address + "search.html?q=" + quote("기록의 출처"))
    fresh.locator(f"#search-results a[href*='speed.html'][href$='{quote(ADDRESS)}'], "
                  f"#search-results a[href*='speed.html'][href$='{ADDRESS}']").first.click()  # fmt: skip
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("mark").first).to_be_visible()


def test_quiz_answers_stay_closed_when_the_word_is_seen_elsewhere(fresh, server):
    """'아닙니다'는 퀴즈의 풀이에 있습니다. 다른 곳에도 보이므로 찾다가 답을 보게 되지는 않습니다."""
    fresh.goto(
        f"{server.address}notebooks/cnn/digits.html?highlight={quote('아닙니다')}#{quote('스스로-점검')}"
    )
    fresh.wait_for_selector("mark.highlighted", state="attached")
    assert fresh.locator("article details mark.highlighted").count() > 0
    assert fresh.locator("article details[open]").count() == 0


def test_printing_opens_everything_and_then_restores(fresh, fold):
    fresh.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert fresh.locator("article details:not([open])").count() == 0
    fresh.evaluate("() => dispatchEvent(new Event('afterprint'))")
    expect(fold).not_to_have_attribute("open", "")


@pytest.fixture
def plain(browser):
    """자바스크립트를 끈 창."""
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    yield context.new_page()
    context.close()


def test_fold_opens_without_javascript(plain, server):
    plain.goto(server.address + PAGE)
    fold = plain.locator("details.dlko-deeper").first
    fold.locator("summary").click(position={"x": 5, "y": 5})
    expect(fold.locator(":scope > :not(summary)").first).to_be_visible()


@pytest.mark.parametrize(
    ("name", "inside"), [(PAGE, "details.dlko-deeper > :not(summary)"), (TABS, ".sd-tab-content")]
)
def test_folds_and_tabs_are_printed_without_javascript(plain, server, name, inside):
    plain.goto(server.address + name)
    assert not all(shown(plain, inside)), "화면에서는 접혀 있어야 합니다."
    plain.emulate_media(media="print")
    found = shown(plain, inside)
    assert found and all(found), f"{name}: 인쇄하면 보이지 않는 것이 있습니다."


@pytest.mark.parametrize("name", PAGES)
def test_open_folds_are_accessible(fresh, server, name):
    fresh.goto(server.address + name)
    fresh.add_style_tag(content=tools.CALM)
    fresh.evaluate(
        "() => document.querySelectorAll('article details').forEach((fold) => { fold.open = true })"
    )
    fresh.evaluate(tools.AXE.read_text(encoding="utf-8"))
    assert fresh.evaluate(tools.RUN_AXE) == []
