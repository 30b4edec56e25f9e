"""만든 책을 시스템의 Chromium으로 여는 도구. 쪽마다 한 번만 열어 필요한 사실을 모두 모읍니다."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from course.book import HTML as BUILT
from course.book import site_settings
from course.bootstrap import BUILD
from course.chromium import LOCAL
from website.site.address import url_prefix

HTML = Path(os.environ.get("DLKO_SITE_FOLDER", BUILT)).resolve()
AXE = BUILD / "npm" / "node_modules" / "axe-core" / "axe.min.js"

WATCH_LAYOUT = """
window.__shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""

READ_PAGE = r"""
() => {
  const shown = (node) => !!(node && node.getClientRects().length);
  const article = document.querySelector("article.bd-article, article, main") || document.body;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent.trim();
    if (!text || parent.closest("script, style, noscript, template")) continue;
    texts.push({
      text,
      inside: article.contains(node),
      code: !!parent.closest("pre, code, kbd, samp"),
      math: !!parent.closest(".katex, .katex-display, math, mjx-container"),
    });
  }
  const labels = [];
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [data-bs-title]"))
    for (const name of ["aria-label", "title", "placeholder", "data-bs-title"])
      if (element.hasAttribute(name) && element.getAttribute(name).trim() && !element.closest(".katex"))
        labels.push({name, text: element.getAttribute(name).trim(), inside: article.contains(element)});
  return {
    lang: document.documentElement.lang,
    title: document.title,
    description: document.querySelector("meta[name=description]")?.content || "",
    texts, labels,
    images: [...document.images].map((img) => ({
      src: decodeURI(img.getAttribute("src") || "").slice(0, 120), alt: img.getAttribute("alt"),
      hidden: !!img.closest("[aria-hidden=true]"), logo: !!img.closest(".navbar-brand, .logo, header"),
      loaded: img.complete && img.naturalWidth > 0,
      sized: img.hasAttribute("width") && img.hasAttribute("height"),
    })),
    formulas: document.querySelectorAll(".katex").length,
    broken_formulas: [...document.querySelectorAll(".katex-error, .math")].filter((node) =>
      node.matches(".katex-error") || !node.querySelector(".katex")).map((node) => node.textContent.trim().slice(0, 60)),
    shift: window.__shift,
    text: document.body.innerText,
  };
}
"""

SIDEWAYS = r"""
() => {
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth - width;
  if (wide <= 1) return {wide, culprits: []};
  const culprits = [];
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (box.right <= width + 1 || !box.width) continue;
    let held = false;
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) { held = true; break; }
    if (!held) culprits.push(element.tagName.toLowerCase() + (element.className && element.className.baseVal === undefined
      ? "." + String(element.className).trim().split(/\s+/).slice(0, 2).join(".") : "") + ": "
      + (element.textContent || "").trim().slice(0, 30));
  }
  return {wide, culprits: culprits.slice(0, 5)};
}
"""

RUN_AXE = """
async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"], iframes: false});
  return violations.map((v) => v.id + " (" + v.impact + ") " + v.nodes.length + "곳: "
    + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + (n.any[0]?.message || n.none[0]?.message || v.help)).join(" / "));
}
"""
CALM = "*, *::before, *::after { transition: none !important; animation: none !important; }"


def built_pages() -> list[str]:
    """읽는 사람이 여는 모든 쪽. 첫 화면으로 보내기만 하는 index.html과 404.html은 뺍니다."""
    found = (path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html"))
    return sorted(
        name for name in found if not name.startswith("_") and name not in ("index.html", "404.html")
    )


class Handler(http.server.SimpleHTTPRequestHandler):
    """정적 사이트처럼, 없는 쪽에는 404.html을 돌려주는 조용한 서버. 책의 주소에 경로가 있으면 그 아래에서 보여 줍니다."""

    prefix = url_prefix(site_settings().get("DLKO_SITE_URL", ""))

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(self.prefix).lstrip("/"))

    def log_message(self, *arguments: object) -> None:
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = HTML / "404.html"
        if code != 404 or not page.exists():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


class Server:
    """만든 책을 이 컴퓨터 안에서만 보여 주는 서버."""

    def __init__(self) -> None:
        handler = functools.partial(Handler, directory=str(HTML))
        self._server = http.server.ThreadingHTTPServer((LOCAL, 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://{LOCAL}:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Log:
    """쪽을 여는 동안 일어난 일."""

    requests: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        page.on("request", self._request)
        page.on("requestfailed", lambda request: self.failed.append(f"{request.url} ({request.failure})"))
        page.on("response", self._response)
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _request(self, request: Any) -> None:
        if request.url.startswith(("data:", "blob:", "about:")):
            return
        self.requests.append(request.url)
        if request.resource_type == "font":
            self.fonts.append(request.url)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.url} ({response.status})")

    @property
    def outside(self) -> list[str]:
        """이 컴퓨터 밖으로 나간 요청들."""
        return [
            url for url in self.requests if urlsplit(url).scheme != "file" and urlsplit(url).hostname != LOCAL
        ]


def local_file(url: str) -> Path:
    """서버 주소나 file 주소에 해당하는 파일."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    return Path(path) if parts.scheme == "file" else HTML / path.lstrip("/")


def size_of(urls: list[str]) -> int:
    """압축하지 않은 크기의 합."""
    return sum(path.stat().st_size for url in set(urls) if (path := local_file(url)).is_file())


@dataclass
class Visit:
    """쪽 하나를 열어 알게 된 것."""

    name: str
    log: Log
    facts: dict[str, Any]
    axe_light: list[str]
    axe_dark: list[str]
    sideways: dict[str, Any]
    weight: int
    font_weight: int


def scroll_through(page: Any) -> None:
    """아래까지 훑어, 나중에 불러오는 그림도 모두 불러오게 합니다."""
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.body.scrollHeight; y += 2500) {
            scrollTo(0, y);
            await new Promise((done) => setTimeout(done, 15));
          }
          scrollTo(0, 0);
          for (const image of document.images) image.loading = "eager";
          await Promise.all([...document.images].map((image) =>
            image.complete || new Promise((done) => { image.onload = image.onerror = done; })));
          await document.fonts.ready;
        }"""
    )


def visit(browser: Any, server: Server, name: str) -> Visit:
    """처음 온 사람처럼 빈 캐시로 쪽을 열고, 밝은 화면·어두운 화면·휴대전화 폭에서 차례로 잽니다."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", locale="ko-KR"
    )
    context.add_init_script(WATCH_LAYOUT)
    page = context.new_page()
    log = Log()
    log.watch(page)
    try:
        page.goto(server.address + name, wait_until="load")
        scroll_through(page)
        facts = page.evaluate(READ_PAGE)
        requests = list(log.requests)
        page.add_style_tag(content=CALM)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        axe_light = page.evaluate(RUN_AXE)
        page.emulate_media(color_scheme="dark")
        page.evaluate(
            "() => { document.documentElement.dataset.mode = document.documentElement.dataset.theme = 'dark' }"
        )
        axe_dark = page.evaluate(RUN_AXE)
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(60)
        sideways = page.evaluate(SIDEWAYS)
        return Visit(name, log, facts, axe_light, axe_dark, sideways, size_of(requests), size_of(log.fonts))
    finally:
        context.close()
