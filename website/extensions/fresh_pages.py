"""사이트의 코드나 스타일이 바뀌면 쪽을 다시 만들게 합니다.

Sphinx는 글이 바뀌지 않으면 확장이나 스타일이 바뀐 것을 모릅니다. 여기서 그 지문을 설정값으로 알려 줍니다.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

WEBSITE = Path(__file__).resolve().parent.parent


def fingerprint(folders: list[str], suffixes: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((WEBSITE / folder).rglob("*")):
            if path.suffix in suffixes:
                digest.update(path.relative_to(WEBSITE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def setup(app: Sphinx) -> dict[str, Any]:
    # 읽는 방법이 바뀌면 다시 읽고("env"), 보이는 것만 바뀌면 다시 쓰기만 합니다("html").
    app.add_config_value("dlko_code", fingerprint(["."], (".py",)), "env")
    app.add_config_value(
        "dlko_look",
        fingerprint(["static", "templates", "locale"], (".css", ".js", ".svg", ".html", ".po")),
        "html",
    )
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
