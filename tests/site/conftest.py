"""브라우저 검사의 준비: 서버 하나, 브라우저 하나, 쪽마다 한 번의 방문."""

import pytest

from course import chromium
from tests.site import browser as tools


@pytest.fixture(scope="session")
def server():
    running = tools.Server()
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    program = chromium.find()
    if not program:
        pytest.exit(chromium.NOT_FOUND, returncode=1)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        yield running
        running.close()


@pytest.fixture(scope="session")
def visits(browser, server):
    """쪽 이름 → 방문. 처음 물을 때 열고 그다음부터는 기억한 것을 줍니다."""
    if not tools.AXE.exists():
        pytest.exit(f"axe-core가 없습니다({tools.AXE}). `make book`을 다시 하면 받아 옵니다.", returncode=1)
    known: dict[str, tools.Visit] = {}

    def look(name: str) -> tools.Visit:
        if name not in known:
            known[name] = tools.visit(browser, server, name)
        return known[name]

    return look


@pytest.fixture
def fresh(browser):
    """빈 캐시의 새 창. 끝나면 닫힙니다."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
    page = context.new_page()
    page.set_default_timeout(8000)
    page.log = tools.Log()
    page.log.watch(page)
    yield page
    context.close()
