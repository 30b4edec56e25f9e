"""코드 칸의 `# NBVAL_CHECK_OUTPUT` 줄을 사이트에서는 보이지 않게 합니다.

그 줄은 출력이 바뀌지 않았는지 검사하라는 표시일 뿐, 배울 것이 없습니다. 노트북에는 그대로 있습니다.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

MARK = re.compile(r'<span class="c1"># NBVAL_CHECK_OUTPUT</span>\n')


def hide_marks(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if context.get("body"):
        context["body"] = MARK.sub("", context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", hide_marks, priority=540)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
