"""속도 비교의 표: `speed-table` 지시문과 `speed-steps` 지시문.

`make bench`가 남긴 기록(`book/_records/bench.json`)을 표로 보입니다. 글에는 숫자를 적지 않고 모두 기록에서 가져옵니다.

    speed-table          모든 장의 표와 기록의 출처
    speed-steps :chapter: cnn/digits
                         그 장의 흔한 방법, 한 군데씩 고친 것, 이 책의 시간을 차례로
"""

from __future__ import annotations

import hashlib
import html
import json
import math
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from benchmarks.table import reached
from website.chapters import find_chapter
from website.extensions.run_report import number_text, seconds_text, table_html, versions_text

RECORD = Path("book") / "_records" / "bench.json"
EMPTY = '<p class="dlko-empty">아직 기록이 없습니다. <code>make bench</code>를 실행하면 이 자리에 표가 생깁니다.</p>'
EMPTY_CHAPTER = '<p class="dlko-empty">이 장은 아직 재지 않았습니다.</p>'
NOT_REACHED = "닿지 못함"


class SpeedNode(nodes.General, nodes.Element):
    """쓰기 단계에서 표로 바뀌는 자리."""


class _SpeedDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.__dict__.setdefault("dlko_speed_pages", set()).add(self.env.docname)
        # 표가 넓으므로 오른쪽 차례를 두지 않습니다.
        self.env.metadata[self.env.docname]["html_theme.sidebar_secondary.remove"] = "true"
        return [SpeedNode(chapter=self.options.get("chapter", ""))]


class SpeedTable(_SpeedDirective):
    """모든 장의 표."""


class SpeedSteps(_SpeedDirective):
    """한 장에서 무엇이 얼마나 빠르게 했는지."""

    option_spec: ClassVar[dict[str, Any]] = {"chapter": directives.unchanged_required}


def time_text(values: dict[str, float] | None) -> str:
    """가운데 값과 (가장 작은 값–가장 큰 값)."""
    if not values:
        return NOT_REACHED
    middle = seconds_text(values["median"])
    if values["low"] == values["high"]:
        return f"<b>{middle}</b>"
    return f"<b>{middle}</b> <small>({values['low']:.1f}–{values['high']:.1f}초)</small>"


def missed_text(row: dict[str, Any], side: str) -> str:
    """끝까지 한 실행 가운데 기준에 닿지 못한 것의 수. 없으면 빈 글입니다."""
    whole = [run for run in row["runs"] if run["side"] == side and run["complete"]]
    hits = [reached(run["curve"], row["threshold"], row["lower_is_better"]) for run in whole]
    missed = hits.count(None)
    return f" <small>{len(whole)}번 가운데 {missed}번은 닿지 못함</small>" if missed else ""


def quality_text(values: dict[str, float] | None) -> str:
    if not values:
        return "–"
    middle = number_text(float(values["median"]))
    if values["low"] == values["high"]:
        return middle
    return (
        f"{middle} <small>({number_text(float(values['low']))}–{number_text(float(values['high']))})</small>"
    )


def ratio_text(before: float | None, after: float | None) -> str:
    return f"{before / after:.1f}배" if before and after else "–"


def complete(rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """두 쪽을 다 잰 줄만."""
    return [row for row in rows.values() if row.get("threshold") is not None]


def speed_html(entries: list[tuple[str, str, dict[str, Any]]]) -> str:
    """모든 장의 표. `entries`는 (제목, 링크, 기록)의 목록입니다."""
    if not entries:
        return EMPTY
    rows = [
        [
            _link(title, link),
            f"<b>{ratio_text(row['recipe_seconds'], row['chapter_seconds'])}</b>",
            time_text(row["seconds_spread"]["recipe"]) + missed_text(row, "recipe"),
            time_text(row["seconds_spread"]["chapter"]) + missed_text(row, "chapter"),
            html.escape(row["measure"]),
            f"{number_text(float(row['threshold']))} {'이하' if row['lower_is_better'] else '이상'}",
            quality_text(row["recipe_quality"]),
            quality_text(row["chapter_quality"]),
        ]
        for title, link, row in entries
    ]
    headings = ["장", "배수", "흔한 방법", "이 책", "품질", "기준", "흔한 방법의 품질", "이 책의 품질"]
    blocks = [table_html("기준에 닿기까지 훈련한 시간 (따로 기록해 둔 값)", headings, rows)]
    ratios = [row["ratio"] for _, _, row in entries if row["ratio"]]
    if len(ratios) > 1:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        blocks.append(
            f"<p>배수의 기하평균은 <b>{mean:.1f}배</b>, 가장 작은 것은 {min(ratios):.1f}배, "
            f"가장 큰 것은 {max(ratios):.1f}배입니다.</p>"
        )
    return "\n".join(blocks)


def source_html(entries: list[tuple[str, str, dict[str, Any]]]) -> str:
    """기록이 어디서 왔는지: 데이터, 컴퓨터, 버전, 날짜, 커밋, 다시 하는 명령."""
    headings = ["장", "흔한 방법", "데이터", "실행", "컴퓨터", "버전", "날짜와 커밋", "다시 하는 명령"]
    rows = []
    for title, link, row in entries:
        counts = row["counts"]
        runs = f"흔한 방법 {counts['recipe']}번, 이 책 {counts['chapter']}번({row['profile']} 프로필)"
        if row["recipe_timed_in_part"]:
            runs += ". 흔한 방법은 한 번만 끝까지 하고 나머지는 몇 스텝의 시간만 쟀습니다"
        rows.append(
            [
                _link(title, link),
                html.escape(row["recipe"]),
                f"{html.escape(row['data']['title'])} <small>SHA-256 {row['data']['sha256'][:16]}…</small>",
                runs,
                html.escape(row["machine"]),
                versions_text(row["versions"]),
                f"{row['date']} <small>{html.escape(row['commit'])}</small>",
                f"<code>{html.escape(row['command'])}</code>",
            ]
        )
    return table_html("기록의 출처", headings, rows)


def steps_html(title: str, row: dict[str, Any] | None) -> str:
    """흔한 방법에서 한 가지씩 고치면 기준에 닿는 시간이 어떻게 되는지."""
    if row is None:
        return EMPTY_CHAPTER
    slow = row["recipe_seconds"]
    lines = [("흔한 방법 그대로", slow, row["recipe_quality"])]
    for entry in row["variants"].values():
        note = " (몇 스텝의 시간으로 셈한 값)" if entry["estimated"] else ""
        lines.append((entry["label"] + note, entry["seconds"], entry["quality"]))
    lines.append(("이 책의 장", row["chapter_seconds"], row["chapter_quality"]))
    cells = [
        [
            html.escape(label),
            NOT_REACHED if seconds is None else seconds_text(seconds),
            "1배" if index == 0 else ratio_text(slow, seconds),
            quality_text(quality),
        ]
        for index, (label, seconds, quality) in enumerate(lines)
    ]
    headings = ["방법", "기준에 닿은 시간", "흔한 방법의 몇 배 빠르기", row["measure"]]
    return table_html(f"{title}: 무엇이 얼마나 빠르게 했나 (기록)", headings, cells)


def _link(title: str, link: str) -> str:
    return f'<a href="{html.escape(link)}">{html.escape(title)}</a>' if link else html.escape(title)


def read_record(source_dir: Path) -> dict[str, dict[str, Any]]:
    path = source_dir / RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def render(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    found = list(doctree.findall(SpeedNode))
    if not found:
        return
    rows = complete(read_record(Path(app.srcdir)))
    entries = []
    for row in rows:
        target = f"notebooks/{row['chapter']}"
        chapter = find_chapter(Path(app.srcdir), target)
        link = app.builder.get_relative_uri(docname, target) if target in app.env.all_docs else ""
        entries.append((chapter.title if chapter else row["chapter"], link, row))
    chapters: dict[str, tuple[str, dict[str, Any] | None]] = {
        row["chapter"]: (title, row) for title, _, row in entries
    }
    for node in found:
        if node["chapter"]:
            text = steps_html(*chapters.get(node["chapter"], ("", None)))
        else:
            text = speed_html(entries) + (source_html(entries) if entries else "")
        node.replace_self(nodes.raw("", text, format="html"))


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """기록이 바뀌면 그 쪽만 다시 씁니다."""
    path = Path(app.srcdir) / RECORD
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    before = env.__dict__.get("dlko_speed_digest")
    env.__dict__["dlko_speed_digest"] = now
    return sorted(env.__dict__.get("dlko_speed_pages", set()) & set(env.all_docs)) if before != now else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(SpeedNode)
    app.add_directive("speed-table", SpeedTable)
    app.add_directive("speed-steps", SpeedSteps)
    app.connect("doctree-resolved", render)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
