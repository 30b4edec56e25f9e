"""쪽마다 쓰지 않는 스크립트와 스타일을 뺍니다.

테마와 확장은 모든 쪽에 같은 파일을 싣습니다. 쪽에 그 기능이 없으면 받을 까닭이 없습니다.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# 어느 쪽에서도 쓰지 않는 것: 움직이는 부분은 static/site.js 하나가 맡고, Thebe(실행 서버)는 쓰지 않습니다.
NEVER = (
    "sphinx-thebe",
    "doctools.js",
    "sphinx_highlight.js",
    "searchtools.js",
    "language_data.js",
    "searchindex.js",
    "documentation_options.js",
    "translations.js",
    "copybutton",
    "clipboard.min",
    "sphinx-book-theme.js",
    "bootstrap.js",
    "pydata-sphinx-theme.js",
)
# 파일 이름의 일부 → 쪽에 이것이 있을 때만 싣습니다.
ONLY_WITH = {
    "design-tabs": "sd-tab",
    "sphinx-design": 'class="sd-',
    "mystnb": 'class="cell',
    "togglebutton": 'class="toggle|dropdown admonition|admonition dropdown|toggle-',
    "katex": 'class="math',
}
INLINE_ONLY_WITH = {
    "toggleHint": "togglebutton",
    "toggleOpen": "togglebutton",
    "togglebutton": "togglebutton",
}
ICON = r"\.fa[a-z]?-[\w-]+(?:::?[a-z-]+)?"
UNUSED_CSS = re.compile(
    r"@font-face\{[^}]*font-family:\"?(?:Font ?Awesome|fontawesome)[^}]*\}"
    + rf"|{ICON}(?:,{ICON})*\{{(?:--fa:|content:)[^}}]*\}}"
)


def is_needed(name: str, body: str) -> bool:
    """이 파일이 이 쪽에 필요한지."""
    if any(part in name for part in NEVER):
        return False
    wanted = next((marks for part, marks in ONLY_WITH.items() if part in name), None)
    return wanted is None or any(mark in body for mark in wanted.split("|"))


def inline_needed(script: str, body: str) -> bool:
    """`<script>` 안에 적힌 짧은 설정이 이 쪽에 필요한지."""
    if "thebe" in script.lower() or "DOCUMENTATION_OPTIONS" in script:
        return False
    part = next((part for start, part in INLINE_ONLY_WITH.items() if start in script), None)
    return part is None or is_needed(part, body)


def keep_needed(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    body = context.get("body") or ""
    for kind in ("script_files", "css_files"):
        kept, seen = [], set()
        for item in context.get(kind, []):
            name = os.fspath(getattr(item, "filename", None) or "") if not isinstance(item, str) else item
            inline = "" if isinstance(item, str) else str(item.attributes.get("body") or "")
            key = name or inline
            needed = is_needed(name, body) if name else inline_needed(inline, body)
            if needed and key not in seen:
                kept.append(item)
                seen.add(key)
        context[kind] = kept


def slim_css(css: str) -> str:
    """테마의 스타일에서 쓰지 않는 아이콘 글꼴 규칙과 소스맵 주소를 뺍니다."""
    return re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", UNUSED_CSS.sub("", css))


def slim_output(app: Sphinx, exception: Exception | None) -> None:
    """복사된 테마 파일을 줄이고, 아무도 받지 않는 큰 파일을 지웁니다."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in ("styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css"):
        path = static / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            slim = slim_css(text)
            if slim != text:
                path.write_text(slim, encoding="utf-8")
    for pattern in (
        "scripts/*.map",
        "styles/*.map",
        "scripts/fontawesome.js*",
        "vendor/fontawesome",
        "*.map",
    ):
        for path in static.glob(pattern):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", keep_needed, priority=900)
    app.connect("build-finished", slim_output, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
