"""사이트 주소(DLKO_SITE_URL)를 알 때만 하는 일: 정식 주소, 공유 미리 보기(Open Graph), sitemap.xml.

404 쪽은 어느 깊이의 주소에서든 열리므로 사이트 주소의 경로를 앞에 붙입니다.
"""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from website.chapters import find_chapter

ROOT_PAGE = """<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="refresh" content="0; url={target}" />
<meta name="description" content="{title}: 첫 화면으로 갑니다." />
<link rel="icon" href="_static/favicon.svg" />
<title>{title}</title>
</head>
<body><main><h1>{title}</h1><p><a href="{target}">첫 화면으로 가기</a></p></main></body>
</html>
"""


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
    config.sitemap_excludes = ["search.html", "404.html"]
    app.setup_extension("sphinx_sitemap")


def open_graph(title: str, description: str, url: str, image: str) -> str:
    """공유할 때 보이는 제목, 설명, 그림."""
    values = {
        "og:type": "article",
        "og:locale": "ko_KR",
        "og:title": title,
        "og:description": description,
        "og:url": url,
        "og:image": image,
    }
    return "".join(
        f'\n<meta property="{name}" content="{html.escape(value)}" />'
        for name, value in values.items()
        if value
    )


def add_open_graph(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if not app.config.dlko_site_url or doctree is None:
        return
    base = app.config.html_baseurl
    chapter = find_chapter(Path(app.srcdir), pagename)
    card = f"_images/cards/{chapter.key.replace('/', '-')}.webp" if chapter else ""
    image = base + card if card and (Path(app.outdir) / card).exists() else ""
    title = nodes.Text(app.env.titles[pagename].astext())
    context["metatags"] = (context.get("metatags") or "") + open_graph(
        str(title), context.get("dlko_description", ""), f"{base}{pagename}.html", image
    )


def write_root_page(app: Sphinx, exception: Exception | None) -> None:
    """맨 앞 주소(index.html)는 첫 화면으로 보냅니다."""
    root = app.config.root_doc
    path = Path(app.outdir) / "index.html"
    if exception is None and app.builder.format == "html" and root != "index":
        page = ROOT_PAGE.format(target=f"{root}.html", title=html.escape(app.config.html_title))
        path.write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("dlko_site_url", os.environ.get("DLKO_SITE_URL", ""), "html")
    app.connect("config-inited", use_address, priority=400)
    app.connect("html-page-context", add_open_graph, priority=650)
    app.connect("build-finished", write_root_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
