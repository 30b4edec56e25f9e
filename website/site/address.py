"""사이트 주소(DLKO_SITE_URL)를 알 때만 하는 일: 정식 주소와 sitemap.xml. 그리고 글에서 만들지 않는 쪽.

404 쪽은 어느 깊이의 주소에서든 열리므로 사이트 주소의 경로를 앞에 붙입니다.
"""

from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config


def url_prefix(site_url: str) -> str:
    """주소의 경로 부분. `https://a.io/book/` → `/book/`, 모르면 `/`."""
    path = urlsplit(site_url).path.strip("/")
    return f"/{path}/" if path else "/"


def use_address(app: Sphinx, config: Config) -> None:
    site_url = config.dlko_site_url
    config.notfound_urls_prefix = url_prefix(site_url)
    if not site_url:
        return
    config.html_baseurl = site_url.rstrip("/") + "/"
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["index.html", "search.html", "404.html"]
    app.setup_extension("sphinx_sitemap")


def extra_pages(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """(주소, 내용, 틀). 맨 앞 주소는 첫 화면으로 보냅니다."""
    about = "책 전체에서 낱말을 찾습니다. 조사나 어미가 붙어 있어도 찾습니다."
    pages = [("search", {"title": "검색", "body": "", "dlko_description": about}, "search.html")]
    return pages if app.config.root_doc == "index" else [*pages, ("index", {"body": ""}, "root.html")]
