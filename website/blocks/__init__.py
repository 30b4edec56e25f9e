"""다른 파일의 내용을 보이는 지시문. 파일 하나가 한 가지를 보입니다."""

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from course.bootstrap import BUILD, ROOT
from course.notebooks import NOTEBOOKS, Chapter
from course.provenance import RECORDS, read_record
from dlko.records import command

SHOWN = (ROOT / "_toc.yml", NOTEBOOKS, BUILD / "artifacts", RECORDS)


class Block(SphinxDirective):
    """지시문의 바탕. `html()`이나 `markdown()` 가운데 하나를 씁니다."""

    wide = False  # 표가 넓어서 오른쪽 차례를 두지 않는지

    def run(self) -> list[nodes.Node]:
        about = self.env.metadata[self.env.docname]
        about["dlko_block"] = "true"
        if self.wide:
            about["html_theme.sidebar_secondary.remove"] = "true"
        if text := self.markdown():
            parsed = nodes.container()
            self.state.nested_parse(StringList(text.splitlines(), self.name), 0, parsed)
            return parsed.children
        return [nodes.raw("", self.html(), format="html")]

    def html(self) -> str:
        return ""

    def markdown(self) -> str:
        return ""

    def link(self, chapter: Chapter, text: str = "") -> str:
        """장의 제목이나 주어진 글. 목차에 있는 장이면 링크입니다."""
        title = html.escape(text or chapter.title)
        if chapter.docname not in self.env.found_docs:
            return title
        address = self.env.app.builder.get_relative_uri(self.env.docname, chapter.docname)
        return f'<a href="{html.escape(address)}">{title}</a>'


def pages_to_read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """지시문이 보이는 것(장, 실행이 남긴 것, 기록)이 하나라도 바뀌거나 없어졌으면 지시문이 있는 쪽을 다시 읽습니다."""
    files = [path for top in SHOWN if top.exists() for path in (top, *top.rglob("*"))]
    newest = max(path.stat().st_mtime for path in files) * 1e6
    pages = [name for name, about in env.metadata.items() if "dlko_block" in about]
    return [name for name in pages if env.all_docs.get(name, 0) < newest]


def left_by_run(chapter: Chapter, name: str) -> Path:
    """책이 보여 주는 실행이 남긴 파일(course/cache.py)."""
    return BUILD / "artifacts" / chapter.name / name


def record(kind: str, chapter: Chapter) -> dict[str, Any]:
    """장의 기록(full, bench)과 다시 재는 명령. 없으면 빈 사전입니다."""
    found = read_record(kind, chapter.name)
    return found | {"command": command(f"{kind}/{chapter.name}", found)} if found else {}


def read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


# --- 표와 글 ------------------------------------------------------------------------------------------------------


def table_html(caption: str, headings: Iterable[str], rows: Iterable[list[str]]) -> str:
    """줄의 첫 칸이 그 줄의 이름인 표."""
    head = "".join(f'<th scope="col">{text}</th>' for text in headings)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    name = html.escape(caption)
    return (
        f'<div class="dlko-table" role="region" aria-label="{name}" tabindex="0">'
        f'<table class="table dlko-report"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def table_markdown(headings: list[str], rows: Iterable[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def seconds_text(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f}초"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}분 {rest}초" if minutes < 60 else f"{minutes // 60}시간 {minutes % 60}분"


def number_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)


def versions_text(versions: dict[str, str]) -> str:
    return ", ".join(f"{html.escape(name)} {html.escape(str(version))}" for name, version in versions.items())
