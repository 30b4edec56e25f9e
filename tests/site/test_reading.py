"""읽는 사람의 손으로: 자판, 퀴즈, 404, 서버 없이 열기, 어두운 화면, 인쇄."""

import json
import re

import pytest
from playwright.sync_api import expect

from course.notebooks import chapters
from tests.site import browser as tools

PAGES = tools.built_pages()
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
HOME = "book/index.html" if "book/index.html" in PAGES else "index.html"


def test_skip_link_is_first_and_works(fresh, server):
    fresh.goto(server.address + HOME)
    fresh.keyboard.press("Tab")
    first = fresh.evaluate(
        "() => ({text: document.activeElement.textContent.trim(), top: document.activeElement.getBoundingClientRect().top})"
    )
    assert "본문" in first["text"], f"첫 Tab은 '본문으로 건너뛰기'에 가야 합니다. 지금: {first['text']!r}"
    assert first["top"] >= 0, "건너뛰기 링크가 초점을 받아도 보이지 않습니다."
    fresh.locator("a:focus").press("Enter")
    fresh.wait_for_function("() => location.hash", timeout=5000)  # 건너뛰기 링크가 본문으로 갑니다.


def test_search_opens_with_the_keyboard(fresh, server):
    fresh.goto(server.address + HOME)
    box = fresh.locator("dialog input[type=search]")
    fresh.keyboard.press("Control+k")
    expect(box, "Ctrl+K가 찾기를 열지 않습니다.").to_be_focused()
    # 대화 상자는 Esc를 누른 다음 조금 뒤에 닫힙니다. 그래서 상태를 한 번 보지 않고 기다립니다.
    fresh.keyboard.press("Escape")
    expect(box, "Esc가 찾기를 닫지 않습니다.").to_be_hidden()
    fresh.keyboard.press("Control+k")
    expect(box).to_be_focused()
    fresh.keyboard.type("합성곱이란")
    fresh.keyboard.press("Enter")
    fresh.wait_for_selector("#search-results li a")
    assert "search.html" in fresh.url


def test_hit_is_highlighted_on_its_page(fresh, server):
    fresh.goto(server.address + "search.html?q=" + "합성곱")
    link = fresh.locator("#search-results li h2 a, #search-results li a").first
    link.click()
    fresh.wait_for_selector("article .highlighted, article mark", timeout=5000)
    assert "합성곱" in fresh.locator("article .highlighted, article mark").first.inner_text()


@pytest.mark.parametrize("name", CHAPTERS)
def test_quiz_opens_with_enter(fresh, server, name):
    fresh.goto(server.address + name)
    summaries = fresh.locator("article details > summary")
    assert summaries.count() >= 6, f"{name}: 퀴즈와 해답이 접힌 칸으로 보여야 합니다."
    quiz = fresh.locator("article details > summary", has_text="①").first
    quiz.focus()
    fresh.keyboard.press("Enter")
    answer = quiz.locator("xpath=..")
    expect(answer, f"{name}: Enter로 보기가 펼쳐지지 않습니다.").to_have_attribute("open", "")
    assert re.search("맞습니다|아닙니다", answer.inner_text()), f"{name}: 보기를 펼쳐도 설명이 없습니다."


def test_print_leaves_the_menus_out(fresh, server):
    fresh.goto(server.address + HOME)
    fresh.emulate_media(media="print")
    hidden = fresh.evaluate("() => getComputedStyle(document.querySelector('.bd-sidebar-primary')).display")
    assert hidden == "none", "인쇄할 때 옆의 차례가 나옵니다."


def test_dark_mode_button(fresh, server):
    fresh.goto(server.address + HOME)
    button = fresh.locator("button.theme-switch-button").first
    before = fresh.evaluate("() => getComputedStyle(document.body).backgroundColor")
    for _ in range(3):
        button.click()
        if fresh.evaluate("() => document.documentElement.dataset.theme") == "dark":
            break
    assert fresh.evaluate("() => getComputedStyle(document.body).backgroundColor") != before, (
        "어두운 화면으로 바뀌지 않습니다."
    )
    fresh.reload()
    assert fresh.evaluate("() => document.documentElement.dataset.theme") == "dark", (
        "고른 밝기를 기억하지 못합니다."
    )


@pytest.mark.parametrize("name", CHAPTERS)
def test_figures_stay_readable_in_the_dark(fresh, server, name):
    """그림의 검은 글자가 어두운 바탕에 묻히지 않도록 그림 뒤의 바탕은 밝아야 합니다."""
    fresh.emulate_media(color_scheme="dark")
    fresh.goto(server.address + name)
    dark = fresh.evaluate(
        r"""async () => {
          const found = [];
          for (const img of document.querySelectorAll("article .cell_output img")) {
            img.loading = "eager";
            await img.decode().catch(() => {});
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 8;
            const brush = canvas.getContext("2d");
            let back = null;
            for (let up = img; up && !back; up = up.parentElement) {
              const color = getComputedStyle(up).backgroundColor;
              if (color !== "rgba(0, 0, 0, 0)" && color !== "transparent") back = color;
            }
            brush.fillStyle = back || "#000";
            brush.fillRect(0, 0, 8, 8);
            brush.drawImage(img, 0, 0, 8, 8);
            const [r, g, b] = brush.getImageData(0, 0, 1, 1).data;
            if (r + g + b < 300 && img.alt) found.push(img.alt);
          }
          return found;
        }"""
    )
    assert not dark, f"{name}: 어두운 화면에서 그림의 바탕이 어둡습니다: {dark[:3]}"


@pytest.mark.parametrize("name", CHAPTERS[:1])
def test_hangul_in_code_is_two_letters_wide(fresh, server, name):
    """글로 찍은 표의 줄이 맞으려면 한글과 전각 빈칸의 너비가 영문의 꼭 두 배여야 합니다."""
    fresh.goto(server.address + name)
    latin, hangul, blank = fresh.evaluate(
        """async () => {
          await document.fonts.ready;
          const brush = document.createElement("canvas").getContext("2d");
          brush.font = getComputedStyle(document.querySelector("article pre")).font;
          return ["aaaa", "가나", "\u3000\u3000"].map((text) => brush.measureText(text).width);
        }"""
    )
    assert hangul == pytest.approx(latin, rel=0.01) and blank == pytest.approx(latin, rel=0.01), (
        f"코드 글꼴에서 글자의 너비가 어긋납니다: 영문 넷 {latin}, 한글 둘 {hangul}, 전각 빈칸 둘 {blank}"
    )


def test_missing_page_is_korean(fresh, server):
    fresh.goto(server.address + "none/of/this.html")
    facts = fresh.evaluate(tools.READ_PAGE)
    assert facts["lang"] == "ko"
    assert "찾" in facts["text"] or "없" in facts["text"], "404 쪽이 무슨 일인지 말하지 않습니다."
    broken = [item for item in fresh.log.failed if "none/of/this.html" not in item]
    assert not broken, f"404 쪽의 자산이 깊은 주소에서 열리지 않습니다: {broken}"
    assert not fresh.log.outside
    home = fresh.locator("a", has_text=re.compile("첫|처음|홈")).first
    with fresh.expect_navigation():
        home.click()
    assert fresh.locator("h1").first.inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_opens_without_a_server(fresh, name):
    fresh.goto((tools.HTML / name).as_uri(), wait_until="load")
    assert not fresh.log.errors, f"{name}: 디스크에서 열면 오류가 납니다: {fresh.log.errors}"
    assert not fresh.log.failed, f"{name}: 디스크에서 열면 받지 못하는 파일이 있습니다: {fresh.log.failed}"
    assert not fresh.log.outside, f"{name}: 바깥에 요청했습니다: {fresh.log.outside}"
    styled = fresh.evaluate(
        "() => document.fonts.ready.then(() => [...document.fonts].some((font) => font.status === 'loaded'))"
    )
    assert styled, f"{name}: 디스크에서 열면 글꼴이 적용되지 않습니다."


def test_search_works_without_a_server(fresh):
    fresh.goto((tools.HTML / "index.html").as_uri())
    fresh.wait_for_url("**/book/index.html", timeout=5000)
    fresh.keyboard.press("Control+k")
    expect(fresh.locator("dialog input[type=search]")).to_be_focused()
    fresh.keyboard.type("과적합을")
    fresh.keyboard.press("Enter")
    fresh.wait_for_selector("#search-results li a")
    assert fresh.locator("#search-results li").count() >= 1
    assert not fresh.log.errors, fresh.log.errors


@pytest.mark.parametrize("chapter", chapters(), ids=lambda c: c.name)
def test_chapter_shows_time_difficulty_and_download(fresh, server, chapter):
    fresh.goto(f"{server.address}notebooks/{chapter.name}.html")
    line = fresh.locator(".dlko-chapter-line").inner_text()
    assert f"약 {chapter.minutes}분" in line
    assert "난이도" in line
    href = fresh.locator(".dlko-chapter-line a[download]").get_attribute("href")
    received = fresh.request.get(fresh.evaluate("(href) => new URL(href, location.href).href", href))
    assert received.ok
    assert json.loads(received.body())["cells"], "내려받은 노트북이 비었습니다."


def test_home_shows_a_card_with_a_figure_for_every_chapter(fresh, server):
    fresh.goto(server.address + HOME)
    cards = fresh.evaluate(
        "() => [...document.querySelectorAll('.dlko-card')].map((c) => ({link: c.querySelector('a').getAttribute('href'), "
        "picture: !!c.querySelector('img')}))"
    )
    links = " ".join(card["link"] for card in cards)
    lacking = [chapter.name for chapter in chapters() if f"{chapter.name}.html" not in links]
    assert not lacking, f"첫 화면에 카드가 없는 장입니다: {lacking}"
    blank = [card["link"] for card in cards if not card["picture"]]
    assert not blank, f"표지 그림이 없는 카드입니다. 노트북에 cover 태그가 있는지 보세요: {blank}"


def test_every_chapter_leads_on(fresh, server):
    """앞뒤 쪽 링크를 따라가면 목차의 모든 쪽을 차례로 지납니다."""
    fresh.goto(server.address + HOME)
    seen = []
    for _ in range(len(PAGES) + 2):
        seen.append(fresh.url.removeprefix(server.address).split("#")[0])
        following = fresh.locator("a.right-next").first
        if not following.count():
            break
        with fresh.expect_navigation():
            following.click()
    lacking = sorted(set(PAGES) - set(seen) - {"search.html"})
    assert not lacking, f"다음 쪽을 따라가도 닿지 않는 쪽입니다: {lacking}"
