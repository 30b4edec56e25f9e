"""쪽마다 쓰지 않는 스크립트와 스타일을 빼고, 복사된 테마 파일을 줄입니다.

테마와 확장은 모든 쪽에 같은 파일을 싣습니다. 쪽에 그 기능이 없으면 받을 까닭이 없습니다.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from website.page import Page

# 어느 쪽에서도 쓰지 않는 것: 움직이는 부분은 theme/static/site.js 하나가 맡고, Thebe(실행 서버)는 쓰지 않습니다.
NEVER = re.compile(
    r"thebe|doctools\.js|sphinx_highlight|searchtools|language_data|searchindex|documentation_options"
    r"|translations\.js|copybutton|clipboard\.min|sphinx-book-theme\.js|bootstrap\.js|pydata-sphinx-theme\.js"
)
# 파일 이름이나 짧은 스크립트에 든 말 → 쪽에 이렇게 시작하는 class가 있을 때만 싣습니다.
ONLY_WITH = {
    "design-tabs": ("sd-tab",),
    "sphinx-design": ("sd-",),
    "mystnb": ("cell",),
    "toggle": ("toggle", "dropdown"),
    "katex": ("math",),
}
ICON = r"\.fa[a-z]?-[\w-]+(?:::?[a-z-]+)?"
UNUSED_CSS = re.compile(
    r"@font-face\{[^}]*font-family:\"?(?:Font ?Awesome|fontawesome)[^}]*\}"
    + rf"|{ICON}(?:,{ICON})*\{{(?:--fa:|content:)[^}}]*\}}"
)
UNUSED_FILES = ("scripts/*.map", "styles/*.map", "scripts/fontawesome.js*", "vendor/fontawesome", "*.map")


def is_needed(name: str, classes: set[str]) -> bool:
    """이 파일(이나 `<script>` 안에 적힌 짧은 설정)이 그런 class들이 있는 쪽에 필요한지."""
    name = name.lower()
    if NEVER.search(name):
        return False
    wanted = next((starts for part, starts in ONLY_WITH.items() if part in name), ("",))
    return any(one.startswith(wanted) for one in classes | {""})


def keep_needed(page: Page) -> None:
    classes = {one for tag in page.body(class_=True) for one in tag["class"]}
    for kind in ("script_files", "css_files"):
        kept: dict[str, Any] = {}
        for item in page.context.get(kind, []):
            name = os.fspath(getattr(item, "filename", item) or item.attributes.get("body") or "")
            if is_needed(name, classes):
                kept.setdefault(name, item)
        page.context[kind] = list(kept.values())


def slim_css(css: str) -> str:
    """테마의 스타일에서 쓰지 않는 아이콘 글꼴 규칙과 소스맵 주소를 뺍니다."""
    return re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", UNUSED_CSS.sub("", css))


def slim_output(app: Sphinx) -> None:
    """복사된 테마 파일을 줄이고, 아무도 받지 않는 큰 파일을 지웁니다."""
    static = Path(app.outdir) / "_static"
    for path in (static / "styles" / "pydata-sphinx-theme.css", static / "styles" / "sphinx-book-theme.css"):
        if path.exists():
            path.write_text(slim_css(path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in (path for pattern in UNUSED_FILES for path in static.glob(pattern)):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
