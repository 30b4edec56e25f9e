"""쪽마다 자기만의 스크립트를 하나 실을 수 있게 합니다. 다른 쪽은 그 스크립트를 받지 않습니다.

노트북은 메타데이터 `{"dlko": {"script": "이름"}}`, book/*.md는 머리말 `page_script: 이름`을 쓰고,
스크립트는 website/static/pages/이름.js 에 둡니다.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from website.chapters import find_chapter

logger = logging.getLogger(__name__)
FOLDER = Path(__file__).resolve().parent.parent / "static" / "pages"


def script_name(app: Sphinx, pagename: str) -> str:
    chapter = find_chapter(Path(app.srcdir), pagename)
    if chapter:
        return chapter.script
    return str(app.env.metadata.get(pagename, {}).get("page_script", ""))


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    name = script_name(app, pagename)
    if not name:
        return
    if not (FOLDER / f"{name}.js").exists():
        logger.warning("쪽 스크립트가 없습니다: website/static/pages/%s.js", name, location=pagename)
        return
    app.add_js_file(f"pages/{name}.js", defer="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_script, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
