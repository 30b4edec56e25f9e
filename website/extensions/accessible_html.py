"""도구들이 만든 HTML에서 접근성에 걸리는 곳을 고칩니다.

pandas 표의 빈 머리칸, 영어 aria-label, 넘치는 표처럼 우리가 쓰지 않은 HTML만 다룹니다.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

RULES: list[tuple[re.Pattern[str], str]] = [
    # 빈 머리칸은 머리칸이 아닙니다.
    (re.compile(r"<th(?:\s[^>]*)?>\s*(?:<p>\s*</p>)?\s*</th>"), "<td></td>"),
    # pandas가 표에 적는 옛 속성.
    (re.compile(r'<table border="1" class="dataframe">'), '<table class="dataframe table">'),
    (re.compile(r'<tr style="text-align: right;">'), "<tr>"),
    # ‘코드 보기’ 줄은 글이 곧 이름입니다. summary 안의 <p>는 글자 줄로 바꿉니다.
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    (
        re.compile(
            r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>(?=\s*(?:<p class|</summary>))'
        ),
        r'<span class="\1 admonition-title">\2</span>',
    ),
    # 절 이름 곁의 # 링크가 무엇인지 말합니다.
    (
        re.compile(r'<a class="headerlink" href="([^"]*)" title="([^"]*)">'),
        r'<a class="headerlink" href="\1" title="\2" aria-label="\2">',
    ),
    # 할 일 목록의 네모는 누르는 것이 아니라 그림입니다.
    (
        re.compile(r'<input class="task-list-item-checkbox"([^>]*)type="checkbox"([^>]*)>'),
        r'<input class="task-list-item-checkbox"\1type="checkbox" aria-label="할 일"\2>',
    ),
]
MATH_HEADING = re.compile(r'<th class="head">(<p><span class="math(?:(?!</th>).)*</span></p>)</th>', re.S)


def make_accessible(body: str) -> str:
    for pattern, replacement in RULES:
        body = pattern.sub(replacement, body)
    return wrap_tables(MATH_HEADING.sub(name_heading, body))


def name_heading(match: re.Match[str]) -> str:
    """수식만 있는 머리칸에 이름을 답니다. 검사 도구와 일부 화면 읽기 프로그램은 수식을 글로 보지 않습니다."""
    inside = match[1]
    latex = re.search(r"<annotation[^>]*>(.*?)</annotation>", inside, re.S)
    if inside.count('class="math') != 1 or not latex:
        return match[0]
    name = f'<span class="visually-hidden">{latex[1].strip()}</span>'
    return '<th class="head">' + name + inside.replace("<p>", '<p aria-hidden="true">', 1) + "</th>"


def wrap_tables(body: str) -> str:
    """테마가 감싸지 않은 표를 옆으로 미는 상자에 넣습니다."""
    return re.sub(
        r'(<table class="dataframe table">.*?</table>)', r'<div class="dlko-table">\1</div>', body, flags=re.S
    )


def fix_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if context.get("body"):
        context["body"] = make_accessible(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", fix_page, priority=550)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
