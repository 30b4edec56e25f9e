"""그림의 너비와 높이를 HTML에 적습니다. 그림이 늦게 와도 글이 밀리지 않습니다.

첫 그림을 뺀 나머지는 화면에 가까워질 때 받게 합니다(loading="lazy").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from PIL import Image, UnidentifiedImageError
from sphinx.application import Sphinx

IMG = re.compile(r"<img\b[^>]*?/?>")
_sizes: dict[tuple[str, int], tuple[int, int] | None] = {}


def image_size(path: Path) -> tuple[int, int] | None:
    """그림 파일의 (너비, 높이). 읽을 수 없으면(SVG 등) None입니다."""
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _sizes:
            with Image.open(path) as picture:
                _sizes[key] = picture.size
        return _sizes[key]
    except (OSError, UnidentifiedImageError):
        return None


def add_sizes(body: str, find: Any) -> str:
    """`find(src)`가 파일 경로를 돌려주는 모든 img에 크기를 적습니다."""
    seen = 0

    def complete(match: re.Match[str]) -> str:
        nonlocal seen
        tag = match[0]
        source = re.search(r'\bsrc="([^"]*)"', tag)
        if not source:
            return tag
        seen += 1
        extra = ""
        if not re.search(r'\b(?:width|height)=|style="[^"]*(?:width|height)', tag):
            path = find(unquote(source[1]))
            size = image_size(path) if path else None
            if size:
                extra += f' width="{size[0]}" height="{size[1]}"'
        if seen > 1 and "loading=" not in tag:
            extra += ' loading="lazy"'
        if "decoding=" not in tag:
            extra += ' decoding="async"'
        return tag[:4] + extra + tag[4:]

    return IMG.sub(complete, body)


def complete_images(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if not context.get("body"):
        return
    originals = {name: Path(app.srcdir) / uri for uri, name in app.builder.images.items()}

    def find(source: str) -> Path | None:
        name = source.rsplit("/", 1)[-1]
        return originals.get(name) if "_images/" in source else None

    context["body"] = add_sizes(context["body"], find)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", complete_images, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
